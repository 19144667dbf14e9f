"""The rows of a part of the streams against a fresh fold of the same events, a few tickets at a time (E-05).

Rows hold clear text, so the fresh fold opens what is sealed, and what does not open with its key is found on the way.
A part needs nothing of the others, so whoever verifies may have the parts compared by several processes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from domain.recorded import Recorded
from domain.values import id_in
from projections.base import Projection, columns
from projections.folding import advance
from projections.memory import MemoryRows
from replay.evidence import Compared, Histories, Part, StoredViews, Values
from replay.findings import Findings, Unreadable


class Table:
    """One projection, and how its stored rows are compared with fresh ones."""

    def __init__(self, projection: Projection[Any], position: int) -> None:
        self.projection = projection
        self.position = position
        """The rows show the log up to this position."""
        self.names = tuple(about.name for about in columns(projection.row))
        self.personal = {*projection.personal}
        self.values: Callable[[Any], Values] = attrgetter(*self.names)
        places = [self.names.index(name) for name in projection.key]
        self.key: Callable[[Values], Any] = itemgetter(*places)

        self.stream = f"{projection.stream}:"
        """What the names of the streams it folds by begin with."""

    def folded(self, events: Sequence[Recorded], views: StoredViews) -> MemoryRows:
        """The rows of these tickets or contacts, each stream in order; what the log skips is passed over."""
        fresh, upto, name = MemoryRows(), self.position, self.projection.name
        seen = [one for one in events if one.position <= upto and one.stream.startswith(self.stream)]
        if seen:
            # Streams follow on each other here, so what counts is what the rows show, and not the last event's place.
            advance(self.projection, fresh, seen, lambda _: views.skipped(name, upto))
        return fresh


def checkpoint_of(projection: Projection[Any], checkpoints: Sequence[Values]) -> Values:
    """The stored checkpoint of a projection; that of the empty log where there is none."""
    stored = {row[0]: row for row in checkpoints}
    return stored.get(projection.name, (projection.name, projection.version, 0, 0))


def can_be_compared(projection: Projection[Any], checkpoint: Values) -> bool:
    """Whether this program folds what the rows show, and they show the log up to a position."""
    _, version, position, _ = checkpoint
    return version == projection.version and isinstance(position, int) and position >= 0


def tables_of(projections: Sequence[Projection[Any]], checkpoints: Sequence[Values]) -> list[Table]:
    """The projections that can be compared."""
    pairs = [(one, checkpoint_of(one, checkpoints)) for one in projections]
    return [Table(one, checkpoint[2]) for one, checkpoint in pairs if can_be_compared(one, checkpoint)]


class RowCheck:
    """Compares parts (`Comparisons`, one after the other)."""

    def __init__(self, views: StoredViews, projections: Sequence[Projection[Any]]) -> None:
        self._views = views
        self._projections = projections
        self._tables: list[Table] | None = None
        self._done = 0

    def done(self) -> int:
        """How many events were folded so far."""
        return self._done

    def results(self) -> Iterator[Compared]:
        """What each part was found to be, compared when it is asked for."""
        return map(self.compared, self._views.parts())

    def compared(self, part: Part) -> Compared:
        """Fold the events of a part and compare; damage is told in the answer."""
        findings, parked, events = Findings(), set[Values](), 0
        try:
            if self._tables is None:
                self._tables = tables_of(self._projections, self._views.checkpoints())
            for some in self._views.histories(part):
                for finding in some.faults:
                    findings.take(finding)
                for table in self._tables:
                    parked |= self._compare(table, some, findings)
                events += len(some.events)
                self._done += len(some.events)
        except Unreadable as damage:
            return Compared(findings, events, parked, damage)
        return Compared(findings, events, parked)

    def _compare(self, table: Table, some: Histories, findings: Findings) -> set[Values]:
        """Compare the rows of these tickets or contacts; the tickets that a fresh fold parks."""
        streams = {one.stream for one in some.events} | some.broken
        ticket_ids = {id_in(stream) for stream in streams if stream.startswith(table.stream)}
        if not ticket_ids:
            return set()
        broken = {id_in(stream) for stream in some.broken if stream.startswith(table.stream)}
        fresh = table.folded(some.events, self._views)
        wanted = fresh.rows(table.projection, ticket_ids)
        stored = self._views.rows(table.projection, ticket_ids)
        key, values = table.key, table.values
        for ticket_id in sorted(ticket_ids - broken):
            live = {key(row): row for row in stored.get(ticket_id, ())}
            folded = {at: values(row) for at, row in wanted.get(ticket_id, {}).items()}
            if live != folded:
                _differs(table, live, folded, findings)
        return {(one.projection, one.ticket_id, one.position, one.reason) for one in fresh.parked}


def _differs(table: Table, live: Mapping[Any, Values], folded: Mapping[Any, Values], findings: Findings) -> None:
    name = table.projection.name
    for key in sorted({*live, *folded}, key=str):
        stored, fresh = live.get(key), folded.get(key)
        if stored is None:
            findings.add("the row is missing, and a fresh fold has it", table=name, key=_key(key))
        elif fresh is None:
            findings.add("the row is there, and a fresh fold has none", table=name, key=_key(key))
        elif stored != fresh:
            findings.add(_difference(table, stored, fresh), table=name, key=_key(key))


def _key(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _difference(table: Table, stored: Values, fresh: Values) -> str:
    for name, live, folded in zip(table.names, stored, fresh, strict=True):
        if live != folded:
            if name in table.personal:
                return f"the column {name} is not what a fresh fold gives"
            return f"the column {name} is {live!r}, and a fresh fold gives {folded!r}"
    return "the row is not what a fresh fold gives"
