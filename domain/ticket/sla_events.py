"""What happens to a ticket's two clocks. A verdict carries the policy version it was reached under and stands (E-04).

Response and resolution are separate classes with the same fields, because readers ask for one of them by its name.
"""

from dataclasses import dataclass
from typing import TypeAlias

from domain.instant import Instant
from domain.recorded import stored


@stored("sla.applied", 1)
@dataclass(frozen=True, slots=True)
class SlaApplied:
    """The first policy in order whose condition holds took the ticket in (F-91)."""

    policy: str
    version: int
    started_at: Instant
    """What its clocks count from: the opening, the adoption or the last move to another department."""


@stored("sla.released", 1)
@dataclass(frozen=True, slots=True)
class SlaReleased:
    """The policy is not for the ticket any more; its clocks end without a verdict."""

    policy: str
    version: int
    reason: str
    """`moved`: the ticket went to another department."""


@stored("response.due_set", 1)
@dataclass(frozen=True, slots=True)
class ResponseDueSet:
    """The target of the priority of this moment, and when it is due (F-48, F-92)."""

    policy: str
    version: int
    priority: str
    target_seconds: int
    started_at: Instant
    held_seconds: int
    """Whole seconds since `started_at` in which the clock did not run."""
    due_at: Instant | None
    """None while the clock is paused."""


@stored("response.paused", 1)
@dataclass(frozen=True, slots=True)
class ResponsePaused:
    """The clock stands still: the ticket is on hold, closed, deleted or archived."""

    policy: str
    version: int
    due_at: Instant
    """What was due when it stopped; the time that is left counts on from the resumption."""


@stored("response.due_cleared", 1)
@dataclass(frozen=True, slots=True)
class ResponseDueCleared:
    """The ticket's new priority has no target; the clock ends without a verdict."""

    policy: str
    version: int


@stored("response.met", 1)
@dataclass(frozen=True, slots=True)
class ResponseMet:
    """The first public answer of an agent came before the due instant (F-92)."""

    policy: str
    version: int
    due_at: Instant


@stored("response.violated", 1)
@dataclass(frozen=True, slots=True)
class ResponseViolated:
    """The due instant came first; the verdict stands whatever happens later (E-04)."""

    policy: str
    version: int
    priority: str
    due_at: Instant


@stored("response.came_late", 1)
@dataclass(frozen=True, slots=True)
class ResponseCameLate:
    """The first public answer of an agent came, after the violation."""

    policy: str
    version: int
    due_at: Instant
    late_seconds: int
    """Whole seconds behind the due instant in which the clock ran, rounded down."""


@stored("resolution.due_set", 1)
@dataclass(frozen=True, slots=True)
class ResolutionDueSet:
    """The target of the priority of this moment, and when it is due (F-48, F-93)."""

    policy: str
    version: int
    priority: str
    target_seconds: int
    started_at: Instant
    held_seconds: int
    """Whole seconds since `started_at` in which the clock did not run."""
    due_at: Instant | None
    """None while the clock is paused."""


@stored("resolution.paused", 1)
@dataclass(frozen=True, slots=True)
class ResolutionPaused:
    """The clock stands still: the ticket is on hold, deleted or archived."""

    policy: str
    version: int
    due_at: Instant
    """What was due when it stopped; the time that is left counts on from the resumption."""


@stored("resolution.due_cleared", 1)
@dataclass(frozen=True, slots=True)
class ResolutionDueCleared:
    """The ticket's new priority has no target; the clock ends without a verdict."""

    policy: str
    version: int


@stored("resolution.met", 1)
@dataclass(frozen=True, slots=True)
class ResolutionMet:
    """The ticket was closed before the due instant (F-93)."""

    policy: str
    version: int
    due_at: Instant


@stored("resolution.violated", 1)
@dataclass(frozen=True, slots=True)
class ResolutionViolated:
    """The due instant came first; the verdict stands whatever happens later (E-04)."""

    policy: str
    version: int
    priority: str
    due_at: Instant


@stored("resolution.came_late", 1)
@dataclass(frozen=True, slots=True)
class ResolutionCameLate:
    """The ticket was closed, after the violation."""

    policy: str
    version: int
    due_at: Instant
    late_seconds: int
    """Whole seconds behind the due instant in which the clock ran, rounded down."""


@stored("verdict.contested", 1)
@dataclass(frozen=True, slots=True)
class VerdictContested:
    """Somebody claims that what a violated clock waited for happened in time; the verdict stands (design section 4)."""

    policy: str
    version: int
    clock: str
    """`response` or `resolution`."""
    due_at: Instant
    claimed_at: Instant


SlaEvent: TypeAlias = (
    SlaApplied
    | SlaReleased
    | ResponseDueSet
    | ResponsePaused
    | ResponseDueCleared
    | ResponseMet
    | ResponseViolated
    | ResponseCameLate
    | ResolutionDueSet
    | ResolutionPaused
    | ResolutionDueCleared
    | ResolutionMet
    | ResolutionViolated
    | ResolutionCameLate
    | VerdictContested
)
