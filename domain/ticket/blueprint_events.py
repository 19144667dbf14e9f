"""What happens to a ticket on its way through a blueprint. Each event names the version that judged it (E-04)."""

from dataclasses import dataclass
from typing import TypeAlias

from domain.instant import Instant
from domain.recorded import stored


@stored("blueprint.entered", 1)
@dataclass(frozen=True, slots=True)
class BlueprintEntered:
    """The ticket met the entry condition and came into the state of its status (F-105)."""

    blueprint: str
    version: int
    department: str
    """The department it belongs to, which is the ticket's."""
    state: str
    limit_due_at: Instant | None
    """When the time allowed in the state is over; None where the state has no limit."""


@stored("blueprint.completed", 1)
@dataclass(frozen=True, slots=True)
class BlueprintCompleted:
    """The ticket reached an end state and is free again."""

    blueprint: str
    version: int
    state: str


@stored("blueprint.left", 1)
@dataclass(frozen=True, slots=True)
class BlueprintLeft:
    """The ticket left before the end because the blueprint is not for it any more (F-106)."""

    blueprint: str
    version: int
    state: str
    reason: str
    """`moved`: it went to another department."""


@stored("blueprint.revoked", 1)
@dataclass(frozen=True, slots=True)
class BlueprintRevoked:
    """Somebody took the ticket out of the blueprint, and said why (F-115)."""

    blueprint: str
    version: int
    state: str
    reason: str


@stored("transition.performed", 1)
@dataclass(frozen=True, slots=True)
class TransitionPerformed:
    """A named move from state to state (F-104, F-114)."""

    blueprint: str
    version: int
    transition: str
    from_state: str
    to_state: str
    limit_due_at: Instant | None


@stored("state.forced", 1)
@dataclass(frozen=True, slots=True)
class StateForced:
    """Somebody put the ticket into a state without a transition, and said why (F-115)."""

    blueprint: str
    version: int
    from_state: str
    to_state: str
    reason: str
    limit_due_at: Instant | None


@stored("state.limit_due_set", 1)
@dataclass(frozen=True, slots=True)
class StateLimitDueSet:
    """The time limit of the visit ends at another instant: the ticket was deleted or archived in between."""

    blueprint: str
    version: int
    state: str
    due_at: Instant


@stored("state.limit_violated", 1)
@dataclass(frozen=True, slots=True)
class StateLimitViolated:
    """The ticket stayed in the state until its limit; once a visit (F-110)."""

    blueprint: str
    version: int
    state: str
    due_at: Instant


BlueprintEvent: TypeAlias = (
    BlueprintEntered
    | BlueprintCompleted
    | BlueprintLeft
    | BlueprintRevoked
    | TransitionPerformed
    | StateForced
    | StateLimitDueSet
    | StateLimitViolated
)
