"""What people decide about a projection in which a ticket stands still: fold it again, or pass over one event (F-80).

Both are facts of the stream `projection:NAME`, so actor and reason of a skip stand in the log as long as anything does.
A skip lets a fold pass over an event that it cannot fold; an event that can be folded is folded, skip or not. So nobody
takes a sound event out of a figure by a skip, and a skip of what was repaired since does no harm.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from domain.recorded import stored

PROJECTION_STREAM: Final = "projection:"


def projection_stream(projection: str) -> str:
    """The stream of a projection's decisions, by the name of its table."""
    return PROJECTION_STREAM + projection


# Events


@stored("projection.retry_requested", 1)
@dataclass(frozen=True, slots=True)
class ProjectionRetryRequested:
    """A parked ticket is to be folded again from the event it stands behind."""

    projection: str
    ticket_id: str
    """Id of the parked ticket; of the contact, in a projection of contacts."""
    position: int
    """Position in the log of the event it stands behind; the request is void once it stands elsewhere."""


@stored("projection.position_skipped", 1)
@dataclass(frozen=True, slots=True)
class ProjectionPositionSkipped:
    """Where the event at this position cannot be folded, this projection passes over it."""

    projection: str
    ticket_id: str
    """Id of the parked ticket; of the contact, in a projection of contacts."""
    position: int
    """Position in the log of the event that is passed over."""
    reason: str


ProjectionEvent: TypeAlias = ProjectionRetryRequested | ProjectionPositionSkipped


# State


@dataclass(frozen=True, slots=True)
class Projecting:
    """What was decided about one projection."""

    skipped: frozenset[int] = frozenset()
    """The positions that it passes over where it cannot fold them."""


def evolve(projecting: Projecting, event: ProjectionEvent) -> Projecting:
    """The decisions after one more event."""
    match event:
        case ProjectionPositionSkipped():
            return Projecting(projecting.skipped | {event.position})
        case ProjectionRetryRequested():
            return projecting
        case _:
            assert_never(event)


# Decisions


def retry(projection: str, ticket_id: str, position: int) -> list[ProjectionEvent]:
    """Fold a parked ticket again. Whoever asks has seen it parked; where it is not, the request does nothing."""
    return [ProjectionRetryRequested(projection, ticket_id, position)]


def skip(projection: str, ticket_id: str, position: int, reason: str) -> list[ProjectionEvent]:
    """Pass over one event; whoever signs the same again is on record beside the first."""
    return [ProjectionPositionSkipped(projection, ticket_id, position, reason)]
