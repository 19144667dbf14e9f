"""The two clocks of a ticket, independent of each other: what they are, and the fold that follows them (features 2.2).

`domain.rules.sla` decides what happens to them; an event carries the outcome, so the fold adds nothing of its own.
"""

from typing import NamedTuple, assert_never

from domain.instant import Instant
from domain.ticket.sla_events import (
    ResolutionCameLate,
    ResolutionDueCleared,
    ResolutionDueSet,
    ResolutionMet,
    ResolutionPaused,
    ResolutionViolated,
    ResponseCameLate,
    ResponseDueCleared,
    ResponseDueSet,
    ResponseMet,
    ResponsePaused,
    ResponseViolated,
    SlaApplied,
    SlaEvent,
    SlaReleased,
    VerdictContested,
)


class Clock(NamedTuple):
    """One target as it stands."""

    priority: str
    target_seconds: int
    started_at: Instant
    due_at: Instant | None
    """None while it is paused."""
    set_by: int
    """Version in the ticket's stream of the event that set `due_at`."""
    is_violated: bool = False
    is_ended: bool = False
    """Whether what it waited for came, in time or late, or its target went away."""


class Sla(NamedTuple):
    """The policy that took the ticket in, at the version it keeps, and its clocks; None where one was never set."""

    policy: str
    version: int
    started_at: Instant
    response: Clock | None = None
    resolution: Clock | None = None

    @property
    def rule(self) -> str:
        """The policy version, as the log names what produced an event."""
        return f"sla_policy:{self.policy}@{self.version}"


def _changed(clock: Clock | None, event: SlaEvent, version: int) -> Clock | None:
    match event:
        case ResponseDueSet() | ResolutionDueSet():
            return Clock(event.priority, event.target_seconds, event.started_at, event.due_at, version)
        case ResponsePaused() | ResolutionPaused():
            return clock and clock._replace(due_at=None)
        case ResponseViolated() | ResolutionViolated():
            return clock and clock._replace(is_violated=True)
        case (
            ResponseMet()
            | ResolutionMet()
            | ResponseCameLate()
            | ResolutionCameLate()
            | ResponseDueCleared()
            | ResolutionDueCleared()
            | VerdictContested()
        ):
            return clock and clock._replace(is_ended=True)
        case SlaApplied() | SlaReleased():
            return clock
        case _:
            assert_never(event)


def evolve(sla: Sla | None, event: SlaEvent, version: int) -> Sla | None:
    """What applies after one more event of the clocks, which has this version in the ticket's stream."""
    match event:
        case SlaApplied():
            return Sla(event.policy, event.version, event.started_at)
        case SlaReleased():
            return None
        case (
            ResponseDueSet()
            | ResponsePaused()
            | ResponseDueCleared()
            | ResponseMet()
            | ResponseViolated()
            | ResponseCameLate()
        ):
            return sla and sla._replace(response=_changed(sla.response, event, version))
        case VerdictContested():
            if sla is None:
                return None
            if event.clock == "response":
                return sla._replace(response=_changed(sla.response, event, version))
            return sla._replace(resolution=_changed(sla.resolution, event, version))
        case _:
            return sla and sla._replace(resolution=_changed(sla.resolution, event, version))
