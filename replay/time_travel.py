"""The past as it was: cuts of the log in which any fold gives what it would have given then (E-02, E-03, design 5).

Three words, everywhere the same: `as_of` goes by when things happened, `known_at` by when the log took them, and
`at_position` by their place. Where they combine, the last two cut the log first.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, Final, TypeVar

from domain.instant import Instant
from domain.recorded import Recorded
from domain.rules.lapse import SYSTEM, lapse
from domain.ticket.state import Ticket, evolve
from projections.backlog import BacklogRow, backlog
from projections.base import Projection
from projections.parking import rows_of_cut
from projections.tickets import TICKETS

Row = TypeVar("Row")

_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """From where the past is looked at; what is None does not limit."""

    as_of: Instant | None = None
    """What had happened by this instant."""
    known_at: Instant | None = None
    """What the log had taken by this instant: the report as it was produced then."""
    at_position: int | None = None
    """The log's first events."""


NOW: Final = Viewpoint()
"""The whole log."""


def at_position(events: Iterable[Recorded], position: int) -> Iterator[Recorded]:
    """The log's events up to a position; reading ends there. Events come in position order."""
    return takewhile(lambda recorded: recorded.position <= position, events)


def known_at(events: Iterable[Recorded], instant: Instant) -> Iterator[Recorded]:
    """What the log had taken by an instant; `recorded_at` never decreases, so reading ends there."""
    return takewhile(lambda recorded: recorded.recorded_at <= instant, events)


def as_of(events: Iterable[Recorded], instant: Instant) -> Iterator[Recorded]:
    """Of each stream the prefix that ends at its last event, by position, with `occurred_at` up to the instant.

    Foreign clocks run backwards, so an event that claims a later time is part of the past where one behind it is. What
    lies behind a stream's last such event is held back until one comes, and no more is kept in memory. Each stream's
    events come in order; an event that was held back comes behind later ones of other streams.
    """
    held: dict[str, list[Recorded]] = {}
    for recorded in events:
        if recorded.occurred_at > instant:
            held.setdefault(recorded.stream, []).append(recorded)
            continue
        if recorded.stream in held:
            yield from held.pop(recorded.stream)
        yield recorded


def seen_from(events: Iterable[Recorded], viewpoint: Viewpoint) -> Iterator[Recorded]:
    """The events that a viewpoint sees, of a log or of one stream in position order."""
    if viewpoint.at_position is not None:
        events = at_position(events, viewpoint.at_position)
    if viewpoint.known_at is not None:
        events = known_at(events, viewpoint.known_at)
    if viewpoint.as_of is not None:
        events = as_of(events, viewpoint.as_of)
    return iter(events)


def rows_at(projection: Projection[Row], events: Iterable[Recorded], skipped: Set[int] = frozenset()) -> list[Row]:
    """The rows that these events fold to, by key: the fold of the live view, over any cut of the log (E-03).

    A ticket with an event that cannot be folded has the rows before it, as in the live view. `skipped` are positions
    that are passed over where they cannot be folded; what the events themselves say of that need not be repeated.
    """
    following = iter(events)
    batches = iter(lambda: list(islice(following, _BATCH)), [])
    return rows_of_cut(projection, batches, skipped).all_rows(projection)


def ticket_at(history: Iterable[Recorded], until: Instant | None = None) -> Ticket | None:
    """The ticket after these events of its stream; None before its first. ValueError where they are no ticket's.

    With `until` also after what time alone caused by then, on record or not.
    """
    ticket: Ticket | None = None
    version = 0
    for recorded in history:
        event: Any = recorded.event
        version = recorded.version
        ticket = evolve(ticket, event, recorded.occurred_at, version, recorded.actor)
    if ticket is not None and until is not None:
        for number, lapsed in enumerate(lapse(ticket, until), version + 1):
            ticket = evolve(ticket, lapsed, lapsed.due_at, number, SYSTEM)
    return ticket


def backlog_at(events: Iterable[Recorded]) -> Sequence[BacklogRow]:
    """The backlog that these events left."""
    return backlog(rows_at(TICKETS, events))
