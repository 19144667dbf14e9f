"""One batch of events into one projection: by ticket, poison apart, erasures in their place."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from domain.contacts import ContactErased
from domain.recorded import Recorded
from projections.base import Key, Projection
from projections.store import Checkpoint, Parked, RowStore, Step

TICKET_STREAM: Final = "ticket:"
_ID: Final = len(TICKET_STREAM)
_NO_ROWS: Final[Mapping[Key, Any]] = {}


@dataclass(frozen=True, slots=True)
class _Folded:
    rows: list[Any]
    parked: list[Parked]


def by_ticket(
    events: Sequence[Recorded], *, ignores: Set[type] = frozenset(), waiting: Set[str] = frozenset()
) -> dict[str, list[Recorded]]:
    """The events of each ticket in order, without the classes ignored and the tickets that wait."""
    groups: dict[str, list[Recorded]] = {}
    for recorded in events:
        _, stream, _, event, *_ = recorded
        if type(event) in ignores:
            continue
        group = groups.get(stream)
        if group is not None:
            group.append(recorded)
        elif stream.startswith(TICKET_STREAM) and (not waiting or stream[_ID:] not in waiting):
            groups[stream] = [recorded]
    return {stream[_ID:]: group for stream, group in groups.items()}


def _up_to_poison(
    projection: Projection[Any], ticket_id: str, rows: Mapping[Key, Any], events: Sequence[Recorded]
) -> _Folded:
    held, changed = dict(rows), dict[Key, Any]()
    for recorded in events:
        try:
            made = {projection.key_of(row): row for row in projection.fold(held, [recorded])}
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, an event stops its own ticket only
            reason = f"{recorded.name}: {type(fault).__name__}: {fault}"
            parked = Parked(projection.name, ticket_id, recorded.position, reason)
            return _Folded(list(changed.values()), [parked])
        held |= made
        changed |= made
    return _Folded(list(changed.values()), [])


def _fold(projection: Projection[Any], views: RowStore, events: Sequence[Recorded]) -> _Folded:
    waiting = views.progress().parked_in(projection)
    tickets = by_ticket(events, ignores=projection.ignores, waiting=waiting)
    reads = projection.reads
    wanted = list(tickets)
    if reads is not None:
        wanted = [one for one, own in tickets.items() if any(type(recorded.event) in reads for recorded in own)]
    held = views.rows(projection, wanted) if wanted else {}
    folded = _Folded([], [])
    for ticket_id, own in tickets.items():
        rows = held.get(ticket_id, _NO_ROWS)
        try:
            folded.rows.extend(projection.fold(rows, own))
        except Exception:  # noqa: BLE001 - whatever is wrong with them, events stop their own ticket only
            some = _up_to_poison(projection, ticket_id, rows, own)
            folded.rows.extend(some.rows)
            folded.parked.extend(some.parked)
    return folded


def erasures(events: Sequence[Recorded]) -> list[str]:
    """The persons who were erased, as subject keys."""
    return [recorded.stream for recorded in events if type(recorded.event) is ContactErased]


def _between_erasures(events: Sequence[Recorded]) -> Iterator[tuple[Sequence[Recorded], str | None]]:
    begin = 0
    for end in [place for place, recorded in enumerate(events, start=1) if type(recorded.event) is ContactErased]:
        yield events[begin:end], events[end - 1].stream
        begin = end
    if begin < len(events):
        yield events[begin:], None


def advance(projection: Projection[Any], views: RowStore, events: Sequence[Recorded]) -> None:
    """Fold the events that follow on the projection's checkpoint and write rows and checkpoint; within a transaction.

    Events are read with the keys there are now, so a text may still be clear in an event from before its person was
    erased; at the erasure's own position the rows lose it, whoever reads when.
    """
    if not events:
        return
    segments = _between_erasures(events) if projection.personal else [(events, None)]
    for segment, person in segments:
        before = views.progress().of(projection)
        folded = _fold(projection, views, segment)
        passed = before.events_folded + len(segment)
        after = Checkpoint(projection.name, projection.version, segment[-1].position, passed)
        views.write(Step(projection, before, after, folded.rows, folded.parked))
        if person is not None:
            views.erase(projection, person)
