"""Parked tickets that people look after: which positions are passed over, and folding again (`domain.projecting`).

Nothing of it is kept beside the log. What is passed over is read from the stream `projection:NAME` when an event cannot
be folded, which is rare, so the common path pays nothing and there is no second copy to go wrong. Rows as of a position
know the skips up to that position and no later one: until a skip is passed, its ticket is parked for every reader, live
or of the past. When it is passed, the ticket is folded again from its own stream, the events that waited included.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from domain.projecting import ProjectionEvent, ProjectionPositionSkipped, ProjectionRetryRequested, projection_stream
from domain.recorded import Recorded
from projections.base import Projection
from projections.folding import Folded, Skips, advance, by_ticket, up_to_poison
from projections.memory import MemoryRows
from projections.store import LogSource, RowStore, Step


def requests(events: Iterable[Recorded]) -> list[ProjectionEvent]:
    """What the events ask to fold again, in order."""
    return [
        recorded.event
        for recorded in events
        if isinstance(recorded.event, ProjectionRetryRequested | ProjectionPositionSkipped)
    ]


def skips_of(log: LogSource, projection: Projection[Any]) -> Skips:
    """What the log lets the projection pass over, up to the position that is asked for."""
    return partial(_skipped, log, projection_stream(projection.name))


def _skipped(log: LogSource, stream: str, upto: int) -> Set[int]:
    return skipped_by(log.load([stream]).get(stream, ()), upto)


def skipped_by(decisions: Iterable[Recorded], upto: int | None = None) -> frozenset[int]:
    """The positions that these events of a projection's stream let it pass over, up to a position of theirs.

    Only what had happened can be signed: a skip of a position behind its own is void.
    """
    return frozenset(
        one.event.position
        for one in decisions
        if isinstance(one.event, ProjectionPositionSkipped)
        and one.event.position < one.position
        and (upto is None or one.position <= upto)
    )


def rows_of_cut(
    projection: Projection[Any], batches: Iterable[Sequence[Recorded]], skipped: Set[int] = frozenset()
) -> MemoryRows:
    """The rows that a cut of the log folds to, in one pass and without a log to look things up in (E-03).

    Skips that stand in the cut count, wherever they stand; a cut that lacks the projection's own stream, such as one
    ticket's history, brings them in `skipped`.
    """
    rows, name, passed_over = MemoryRows(), projection.name, {*skipped}
    waiting: dict[str, list[Recorded]] = {}
    for batch in batches:
        advance(projection, rows, batch, lambda _: passed_over)
        passed_over.update(skipped_by(one for one in batch if one.stream == projection_stream(name)))
        standing = rows.progress().parked.get(name)
        if standing:
            own = by_ticket(batch, ignores=projection.ignores, stream=projection.stream)
            for ticket_id in standing.keys() & own.keys():
                behind = [one for one in own[ticket_id] if one.position >= standing[ticket_id]]
                waiting.setdefault(ticket_id, []).extend(behind)
    chosen = [ticket_id for ticket_id, events in waiting.items() if events[0].position in passed_over]
    if chosen:
        _write_again(projection, rows, {ticket_id: waiting[ticket_id] for ticket_id in chosen}, passed_over)
    return rows


def advance_with(log: LogSource, projection: Projection[Any], views: RowStore, events: Sequence[Recorded]) -> None:
    """As `folding.advance`, with what the log lets the projection pass over, and what it asks to fold again."""
    advance(projection, views, events, skips_of(log, projection))
    if asked := [one for one in requests(events) if one.projection == projection.name]:
        fold_again(log, projection, views, asked, events[-1].position)


def fold_again(
    log: LogSource, projection: Projection[Any], views: RowStore, asked: Sequence[ProjectionEvent], upto: int
) -> None:
    """Fold parked tickets again from the events they stand behind up to a position of the log; within a transaction.

    A request finds its ticket by the position, which is of one event only, and does nothing where none stands there.
    One whose next event cannot be folded either is parked anew, with the reason there is now. Events are read with the
    keys there are now, so whoever was erased while they waited reads `erased`, as in the rows that did not wait.
    """
    standing = views.progress().parked.get(projection.name, {})
    positions = {one.position for one in asked}
    chosen = {ticket_id: behind for ticket_id, behind in standing.items() if behind in positions}
    if not chosen:
        return
    streams = {ticket_id: f"{projection.stream}:{ticket_id}" for ticket_id in chosen}
    histories = log.load([*streams.values()])
    waiting = {
        ticket_id: [
            one
            for one in histories.get(streams[ticket_id], ())
            if behind <= one.position <= upto and type(one.event) not in projection.ignores
        ]
        for ticket_id, behind in chosen.items()
    }
    _write_again(projection, views, waiting, skips_of(log, projection)(upto))


def _write_again(
    projection: Projection[Any], views: RowStore, waiting: Mapping[str, Sequence[Recorded]], skipped: Set[int]
) -> None:
    """Fold the events that waited into the rows of their tickets, which were parked."""
    held, folded = views.rows(projection, list(waiting)), Folded([], [])
    for ticket_id, events in waiting.items():
        some = up_to_poison(projection, ticket_id, held.get(ticket_id, {}), events, skipped)
        folded.rows.extend(some.rows)
        folded.parked.extend(some.parked)
    here = views.progress().of(projection)
    views.write(Step(projection, here, here, folded.rows, folded.parked, list(waiting)))
