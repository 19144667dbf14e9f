"""Where a ticket stands in a blueprint: one visit of one state, and the fold that follows it."""

from typing import NamedTuple, assert_never

from domain.instant import Instant
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintEvent,
    BlueprintLeft,
    BlueprintRevoked,
    StateForced,
    StateLimitDueSet,
    StateLimitViolated,
    TransitionPerformed,
)


class Visit(NamedTuple):
    """A ticket's stay in a state. The version is the one it entered the blueprint with, until it leaves."""

    blueprint: str
    version: int
    state: str
    entered_at: Instant
    limit_due_at: Instant | None
    """When the time allowed is over; None where the state has no limit."""
    limit_set_by: int
    """Version in the ticket's stream of the event that set `limit_due_at`."""
    is_limit_violated: bool = False

    @property
    def rule(self) -> str:
        """The blueprint version, as the log names what produced an event."""
        return f"blueprint:{self.blueprint}@{self.version}"


def evolve(visit: Visit | None, event: BlueprintEvent, at: Instant, version: int) -> Visit | None:
    """The visit after one more event of the blueprint's, which has this version in the ticket's stream."""
    match event:
        case BlueprintEntered():
            return Visit(event.blueprint, event.version, event.state, at, event.limit_due_at, version)
        case TransitionPerformed() | StateForced():
            return Visit(event.blueprint, event.version, event.to_state, at, event.limit_due_at, version)
        case BlueprintCompleted() | BlueprintLeft() | BlueprintRevoked():
            return None
        case StateLimitDueSet():
            return visit and visit._replace(limit_due_at=event.due_at, limit_set_by=version)
        case StateLimitViolated():
            return visit and visit._replace(is_limit_violated=True)
        case _:
            assert_never(event)
