"""The rows of the projections against a fresh fold of the same events, a few tickets at a time (E-05).

Rows hold clear text, so the fresh fold opens what is sealed, and what does not open with its key is found on the way.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final

from domain.integrity import Frontier
from domain.recorded import Recorded
from domain.values import id_in
from projections.base import Projection, columns
from projections.folding import TICKET_STREAM, advance
from projections.memory import MemoryRows
from replay.evidence import Histories, StoredViews, Values
from replay.findings import Findings, Unreadable

CHECKPOINTS: Final = "meta_projections"
PARKED: Final = "meta_parked"
TREE: Final = "meta_tree"


class _Table:
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

    def folded(self, events: Sequence[Recorded]) -> MemoryRows:
        """The rows of these tickets, each stream in order."""
        fresh = MemoryRows()
        upto = self.position
        seen = [one for one in events if one.position <= upto and one.stream.startswith(TICKET_STREAM)]
        if seen:
            advance(self.projection, fresh, seen)
        return fresh


class ViewCheck:
    """The projections, their checkpoints, what is parked, and the Merkle frontier kept beside them."""

    def __init__(self, views: StoredViews, projections: Sequence[Projection[Any]], findings: Findings) -> None:
        self._views = views
        self._projections = projections
        self._findings = findings
        self._seen: set[int] = set()
        self._parked: set[Values] = set()
        self._moved = False
        self._tree: Sequence[Values] = ()
        self._tree_is_readable = True
        try:
            self._tree = views.tree()
        except Unreadable as damage:
            self._tree_is_readable = False
            findings.add(str(damage), table=TREE)

    def sizes(self) -> list[int]:
        """The sizes of the tree whose frontier is to be compared."""
        return [size for size, _ in self._tree if isinstance(size, int)]

    def run(self, events: int, frontiers: Mapping[int, Frontier], on_progress: Callable[[int], None]) -> None:
        """Check all against a log of so many events; says every so often how many of them are folded."""
        try:
            tables = [_Table(one, position) for one, position in self._checkpoints(events)]
            done = 0
            for some in self._views.histories():
                for finding in some.faults:
                    self._findings.take(finding)
                for table in tables:
                    self._compare(table, some)
                done += len(some.events)
                on_progress(done)
            for table in tables:
                self._unexpected(table)
            self._compare_parked()
        except Unreadable as damage:
            self._findings.add(str(damage), position=damage.position, table="the projections")
        self._check_tree(events, frontiers)

    def _checkpoints(self, events: int) -> list[tuple[Projection[Any], int]]:
        stored = {row[0]: row for row in self._views.checkpoints()}
        found = []
        for projection in self._projections:
            name, version, position, folded = stored.pop(projection.name, (projection.name, projection.version, 0, 0))
            if version != projection.version:
                self._checkpoint_fault(name, f"is of version {version}, and this program folds {projection.version}")
            elif not isinstance(position, int) or position < 0:
                self._checkpoint_fault(name, f"has come to {position!r}, which is no position")
            else:
                if position > events:
                    reason = f"{name} shows the log up to position {position}, and it ends at {events}"
                    self._findings.add(reason, position=events + 1)
                if folded != position:
                    self._checkpoint_fault(name, f"has passed {folded!r} events up to position {position}")
                found.append((projection, position))
                self._moved |= position > 0 and not projection.inline
        for name in stored:
            self._checkpoint_fault(name, "is no projection")
        return found

    def _checkpoint_fault(self, name: object, said: str) -> None:
        self._findings.add(f"{name} {said}", table=CHECKPOINTS, key=name)

    # Rows

    def _compare(self, table: _Table, some: Histories) -> None:
        streams = {one.stream for one in some.events} | some.broken
        ticket_ids = {id_in(stream) for stream in streams if stream.startswith(TICKET_STREAM)}
        self._seen.update(map(hash, ticket_ids))
        broken = {id_in(stream) for stream in some.broken}
        fresh = table.folded(some.events)
        self._parked.update((one.projection, one.ticket_id, one.position, one.reason) for one in fresh.parked)
        wanted = fresh.rows(table.projection, ticket_ids)
        stored = self._views.rows(table.projection, ticket_ids)
        key, values = table.key, table.values
        for ticket_id in sorted(ticket_ids - broken):
            live = {key(row): row for row in stored.get(ticket_id, ())}
            folded = {at: values(row) for at, row in wanted.get(ticket_id, {}).items()}
            if live != folded:
                self._differs(table, live, folded)

    def _differs(self, table: _Table, live: Mapping[Any, Values], folded: Mapping[Any, Values]) -> None:
        name = table.projection.name
        for key in sorted({*live, *folded}, key=str):
            stored, fresh = live.get(key), folded.get(key)
            if stored is None:
                self._findings.add("the row is missing, and a fresh fold has it", table=name, key=_key(key))
            elif fresh is None:
                self._findings.add("the row is there, and a fresh fold has none", table=name, key=_key(key))
            elif stored != fresh:
                self._findings.add(_difference(table, stored, fresh), table=name, key=_key(key))

    def _unexpected(self, table: _Table) -> None:
        """Rows of tickets that the log does not have."""
        for ticket_id in self._views.ticket_ids(table.projection):
            if not isinstance(ticket_id, str) or hash(ticket_id) not in self._seen:
                reason = "the row is there, and the log has no such ticket"
                self._findings.add(reason, table=table.projection.name, key=ticket_id)

    def _compare_parked(self) -> None:
        stored = {*self._views.parked()}
        for row in stored ^ self._parked:
            said = "is parked, and by a fresh fold not" if row in stored else "is not parked, and by a fresh fold it is"
            self._findings.add(f"the ticket {said}", table=PARKED, key=f"{row[0]} {row[1]}")

    # The tree

    def _check_tree(self, events: int, frontiers: Mapping[int, Frontier]) -> None:
        if not self._tree_is_readable:
            return
        if len(self._tree) > 1 or (not self._tree and self._moved):
            self._findings.add(f"it has {len(self._tree)} rows instead of one", table=TREE)
        for size, peaks in self._tree:
            if not isinstance(size, int) or size < 0:
                self._findings.add(f"{size!r} is no size of a tree", table=TREE, key=size)
            elif size > events:
                reason = f"the tree was built over {size} events, and the log ends at {events}"
                self._findings.add(reason, position=events + 1)
            elif peaks != _peaks(frontiers[size]):
                reason = f"the tree over the first {size} events is not that of their leaves"
                self._findings.add(reason, table=TREE, key=size)


def _peaks(frontier: Frontier) -> str:
    return json.dumps([peak.hex() for peak in frontier.peaks], separators=(",", ":"))


def _key(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _difference(table: _Table, stored: Values, fresh: Values) -> str:
    for name, live, folded in zip(table.names, stored, fresh, strict=True):
        if live != folded:
            if name in table.personal:
                return f"the column {name} is not what a fresh fold gives"
            return f"the column {name} is {live!r}, and a fresh fold gives {folded!r}"
    return "the row is not what a fresh fold gives"
