"""One batch of events into one projection: by ticket or contact, poison apart, erasures in their place."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from domain.contacts import ContactErased
from domain.recorded import Recorded
from projections.base import SKIPPED, Key, Projection, Unfoldable
from projections.store import Checkpoint, Parked, RowStore, Step

_NO_ROWS: Final[Mapping[Key, Any]] = {}

Skips: TypeAlias = Callable[[int], Set[int]]
"""The positions that the projection passes over where it cannot fold them, as the log up to a position says; asked only
when something cannot be folded."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What events made of the rows, and which tickets they left parked."""

    rows: list[Any]
    parked: list[Parked]


def no_skips(_upto: int) -> Set[int]:
    """Nothing is passed over."""
    return frozenset()


class Batch(list[Recorded]):
    """Events that several projections take in: what they all ask of them is found out once."""

    __slots__ = ("_classes", "_groups")

    def __init__(self, events: Sequence[Recorded]) -> None:
        super().__init__(events)
        self._classes: frozenset[type] | None = None
        self._groups: dict[str, dict[str, list[Recorded]]] = {}

    @property
    def classes(self) -> frozenset[type]:
        """The event classes among them."""
        if self._classes is None:
            self._classes = frozenset([type(recorded[3]) for recorded in self])
        return self._classes

    def of(self, stream: str) -> Mapping[str, list[Recorded]]:
        """All events of each ticket, or of each contact, in order."""
        groups = self._groups.get(stream)
        if groups is None:
            groups = self._groups[stream] = by_ticket(list(self), stream=stream)
        return groups


def by_ticket(
    events: Sequence[Recorded],
    *,
    ignores: Set[type] = frozenset(),
    waiting: Set[str] = frozenset(),
    stream: str = "ticket",
) -> dict[str, list[Recorded]]:
    """The events of each ticket in order, without the classes ignored and the tickets that wait; or of each contact."""
    if isinstance(events, Batch):
        return _of_batch(events, ignores, waiting, stream)
    kind = f"{stream}:"
    groups: dict[str, list[Recorded]] = {}
    begin = len(kind)
    for recorded in events:
        if type(recorded[3]) in ignores:
            continue
        name = recorded[1]
        group = groups.get(name)
        if group is not None:
            group.append(recorded)
        elif name.startswith(kind) and (not waiting or name[begin:] not in waiting):
            groups[name] = [recorded]
    return {name[begin:]: group for name, group in groups.items()}


def _of_batch(batch: Batch, ignores: Set[type], waiting: Set[str], stream: str) -> dict[str, list[Recorded]]:
    ignored = batch.classes & ignores
    if len(ignored) == len(batch.classes):
        return {}
    groups = {}
    for ticket_id, own in batch.of(stream).items():
        kept = [recorded for recorded in own if type(recorded[3]) not in ignored] if ignored else own
        if kept and ticket_id not in waiting:
            groups[ticket_id] = kept
    return groups


def _one(projection: Projection[Any], rows: Mapping[Key, Any], recorded: Recorded, skipped: Set[int]) -> Sequence[Any]:
    try:
        return projection.fold(rows, [recorded])
    except Exception as fault:
        if recorded.position not in skipped:
            raise
        if not projection.marks_skipped:
            return ()
        try:
            return projection.fold(rows, [recorded._replace(event=SKIPPED)])
        except Exception:  # noqa: BLE001 - what the event itself raised says more
            raise Unfoldable(f"it cannot be passed over, for the rows need it: {fault}") from None


def up_to_poison(
    projection: Projection[Any],
    ticket_id: str,
    rows: Mapping[Key, Any],
    events: Sequence[Recorded],
    skipped: Set[int],
) -> Folded:
    """Fold one ticket's events one by one up to the first that cannot be folded; those skipped are passed over."""
    held, changed = dict(rows), dict[Key, Any]()
    for recorded in events:
        try:
            made = {projection.key_of(row): row for row in _one(projection, held, recorded, skipped)}
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, an event stops its own ticket only
            reason = f"{recorded.name}: {type(fault).__name__}: {fault}"
            parked = Parked(projection.name, ticket_id, recorded.position, reason)
            return Folded(list(changed.values()), [parked])
        held |= made
        changed |= made
    return Folded(list(changed.values()), [])


def _fold(projection: Projection[Any], views: RowStore, events: Sequence[Recorded], skips: Skips) -> Folded:
    waiting = views.progress().parked_in(projection)
    tickets = by_ticket(events, ignores=projection.ignores, waiting=waiting, stream=projection.stream)
    reads = projection.reads
    wanted = list(tickets)
    if reads is not None:
        wanted = [one for one, own in tickets.items() if any(type(recorded.event) in reads for recorded in own)]
    held = views.rows(projection, wanted) if wanted else {}
    folded = Folded([], [])
    for ticket_id, own in tickets.items():
        rows = held.get(ticket_id, _NO_ROWS)
        try:
            folded.rows.extend(projection.fold(rows, own))
        except Exception:  # noqa: BLE001 - whatever is wrong with them, events stop their own ticket only
            some = up_to_poison(projection, ticket_id, rows, own, skips(events[-1].position))
            folded.rows.extend(some.rows)
            folded.parked.extend(some.parked)
    return folded


def erasures(events: Sequence[Recorded]) -> list[str]:
    """The persons who were erased, as subject keys."""
    if isinstance(events, Batch) and ContactErased not in events.classes:
        return []
    return [recorded.stream for recorded in events if type(recorded.event) is ContactErased]


def _between_erasures(events: Sequence[Recorded]) -> Iterator[tuple[Sequence[Recorded], str | None]]:
    if isinstance(events, Batch) and ContactErased not in events.classes:
        yield events, None
        return
    begin = 0
    for end in [place for place, recorded in enumerate(events, start=1) if type(recorded.event) is ContactErased]:
        yield events[begin:end], events[end - 1].stream
        begin = end
    if begin < len(events):
        yield events[begin:], None


def advance(projection: Projection[Any], views: RowStore, events: Sequence[Recorded], skips: Skips = no_skips) -> None:
    """Fold the events that follow on the projection's checkpoint and write rows and checkpoint; within a transaction.

    Events are read with the keys there are now, so a text may still be clear in an event from before its person was
    erased; at the erasure's own position the rows lose it, whoever reads when.
    """
    if not events:
        return
    segments = _between_erasures(events) if projection.personal else [(events, None)]
    for segment, person in segments:
        before = views.progress().of(projection)
        folded = _fold(projection, views, segment, skips)
        passed = before.events_folded + len(segment)
        after = Checkpoint(projection.name, projection.version, segment[-1].position, passed)
        views.write(Step(projection, before, after, folded.rows, folded.parked))
        if person is not None:
            views.erase(projection, person)
