"""Rows, checkpoints and the Merkle frontier in SQLite, written in bulk over the connection that is handed in.

The connection runs without transactions of its own (`isolation_level=None`). Whoever has begun one gets his writes into
it; else every step is a transaction.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from sqlalchemy import MetaData
from sqlalchemy.schema import DropTable

from adapters.read_db.rows import RowTable, sql
from adapters.read_db.schema import TABLES, create, has_own_shape, joined, remake
from adapters.read_db.shapes import erase_in_other_shape
from domain.integrity import Frontier
from projections.base import Key, Projection
from projections.catalogue import PROJECTIONS
from projections.memory import MemoryRows
from projections.store import Checkpoint, Difference, Parked, Progress, ProjectionMoved, Rebuilt, Step

HELD_ROWS: Final = 75_000
"""How many rows, of all projections together, a rebuild keeps in memory before some go into a temporary table."""

_MOVE: Final = (
    "UPDATE meta_projections SET position = ?, events_folded = ? WHERE name = ? AND version = ? AND position = ?"
)
_BEGIN: Final = "INSERT OR IGNORE INTO meta_projections (name, version, position, events_folded) VALUES (?, ?, ?, ?)"
_PARK: Final = "INSERT OR IGNORE INTO meta_parked (projection, ticket_id, position, reason) VALUES (?, ?, ?, ?)"
_FREE: Final = "DELETE FROM meta_parked WHERE projection = ? AND ticket_id = ?"


def live_rows(projection: Projection[Any]) -> RowTable:
    """The live table of a projection."""
    return RowTable(projection, TABLES[projection.name])


def erase_person(connection: sqlite3.Connection, person: str) -> None:
    """Take a person's texts out of every projection (E-14): what is not null reads `erased` from now on.

    `person` is the subject key, such as `contact:7`. To be called in the transaction of the erasure and before events
    of the same append are folded, because the person may have written again since. The rows are then those that a fold
    of the erased log gives.
    """
    for projection in PROJECTIONS:
        if projection.personal:
            _erase(connection, live_rows(projection), person)


def _erase(connection: sqlite3.Connection, live: RowTable, person: str) -> None:
    if has_own_shape(connection, live.projection):
        live.erase(connection, person)
    else:
        erase_in_other_shape(connection, live.projection, person)


def _park(connection: sqlite3.Connection, parked: Iterable[Parked]) -> None:
    connection.executemany(_PARK, [(one.projection, one.ticket_id, one.position, one.reason) for one in parked])


class SqliteViews:
    """The live rows in SQLite (port `projections.store.ViewStore`); the tables must be there (`schema.create`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables: dict[str, RowTable] = {}

    def _table(self, projection: Projection[Any]) -> RowTable:
        table = self._tables.get(projection.name)
        if table is None:
            table = self._tables[projection.name] = live_rows(projection)
        return table

    def transaction(self) -> AbstractContextManager[None]:
        """A write transaction; one that is open already is joined, and its owner ends it."""
        return joined(self._connection)

    def progress(self) -> Progress:
        """How far everything has come."""
        found = self._connection.execute("SELECT name, version, position, events_folded FROM meta_projections")
        progress = Progress({row[0]: Checkpoint(*row) for row in found})
        for projection, ticket_id, position in self._connection.execute(
            "SELECT projection, ticket_id, position FROM meta_parked"
        ):
            progress.parked.setdefault(projection, {})[ticket_id] = position
        tree = self._connection.execute("SELECT size, peaks FROM meta_tree").fetchone()
        if tree is not None:
            progress.frontier = Frontier(tree[0], tuple(map(bytes.fromhex, json.loads(tree[1]))))
        return progress

    def rows(self, projection: Projection[Any], ticket_ids: Iterable[str]) -> Mapping[str, Mapping[Key, Any]]:
        """The rows of these tickets by key, in key order; one query."""
        return self._table(projection).find(self._connection, ticket_ids)

    def write(self, step: Step) -> None:
        """Write rows and checkpoint; ProjectionMoved, and nothing written, where another one moved the projection."""
        if self._connection.in_transaction:
            self._write(step)
        else:
            with self.transaction():
                self._write(step)

    def _write(self, step: Step) -> None:
        before, after, execute = step.before, step.after, self._connection.execute
        move = (after.position, after.events_folded, before.name, before.version, before.position)
        if not execute(_MOVE, move).rowcount:
            begin = (after.name, after.version, after.position, after.events_folded)
            if before.position or not execute(_BEGIN, begin).rowcount:
                raise ProjectionMoved(f"{before.name} is no longer at position {before.position}")
        self._table(step.projection).write(self._connection, step.rows)
        if step.freed:
            self._connection.executemany(_FREE, [(step.projection.name, ticket_id) for ticket_id in step.freed])
        if step.parked:
            _park(self._connection, step.parked)

    def erase(self, projection: Projection[Any], person: str) -> None:
        """Take a person's texts out of all rows of a projection (E-14)."""
        _erase(self._connection, self._table(projection), person)

    def keep(self, frontier: Frontier) -> None:
        """Keep the frontier in the place of the one before."""
        peaks = json.dumps([peak.hex() for peak in frontier.peaks], separators=(",", ":"))
        with self.transaction():
            self._connection.execute("DELETE FROM meta_tree")
            self._connection.execute("INSERT INTO meta_tree (size, peaks) VALUES (?, ?)", (frontier.size, peaks))

    @contextmanager
    def rebuilt(self) -> Iterator[Rebuilt]:
        """An empty place for fresh rows: memory, and temporary tables for what is too much for it."""
        fresh = SpillingRows(self._connection)
        try:
            yield fresh
        finally:
            fresh.drop()


class SpillingRows(MemoryRows):
    """Fresh rows in memory up to `held` in all, the rest in temporary tables that only this connection sees."""

    def __init__(self, connection: sqlite3.Connection, held: int = HELD_ROWS) -> None:
        super().__init__()
        self._connection = connection
        self._held = held
        self._spilled: dict[str, RowTable] = {}
        self._last: dict[str, Step] = {}

    def rows(self, projection: Projection[Any], ticket_ids: Iterable[str]) -> Mapping[str, Mapping[Key, Any]]:
        """The rows of these tickets by key; those that were spilled come back into memory."""
        wanted = list(ticket_ids)
        held = super().rows(projection, wanted)
        spilled = self._spilled.get(projection.name)
        if spilled is None:
            return held
        # What is not read before it is written may be here in part only.
        partial = [one for one in wanted if one not in held] if projection.reads is None else wanted
        for ticket_id, rows in spilled.find(self._connection, partial).items():
            self.hold(projection, ticket_id, {**rows, **held.get(ticket_id, {})})
        return super().rows(projection, wanted)

    def write(self, step: Step) -> None:
        """Take in rows and checkpoint; beyond the limit, rows of the projection with most of them are spilled."""
        super().write(step)
        self._last[step.projection.name] = step
        while self.total() > self._held:
            fullest = max((one.projection for one in self._last.values()), key=self.count)
            before = self.count(fullest)
            if fullest.reads is None:
                # Tickets that something just happened to are the ones that will be asked for next.
                id_of = fullest.id_of
                self._spill(fullest, {id_of(row) for row in self._last[fullest.name].rows})
            if self.count(fullest) > before // 2:
                self._spill(fullest)

    def erase(self, projection: Projection[Any], person: str) -> None:
        """Take a person's texts out of all rows, spilled ones too."""
        super().erase(projection, person)
        if projection.name in self._spilled:
            self._spilled[projection.name].erase(self._connection, person)

    def adopt(self, projection: Projection[Any]) -> None:
        """Put the fresh rows, checkpoint and parked tickets in the place of the live ones; within a transaction."""
        live, execute = live_rows(projection), self._connection.execute
        remake(self._connection, projection)
        if projection.name in self._spilled:
            live.copied_from(self._connection, self._spill(projection))
        else:
            live.replaced_by(self._connection, self.all_rows(projection))
        execute("DELETE FROM meta_projections WHERE name = ?", (projection.name,))
        checkpoint = self.progress().of(projection)
        execute(_BEGIN, (checkpoint.name, checkpoint.version, checkpoint.position, checkpoint.events_folded))
        execute("DELETE FROM meta_parked WHERE projection = ?", (projection.name,))
        _park(self._connection, [one for one in self.parked if one.projection == projection.name])
        # The table's indexes, and the views that waited for its new shape.
        create(self._connection)

    def differences(self, projection: Projection[Any]) -> Sequence[Difference]:
        """Rows in which fresh and live differ, by key."""
        live, fresh = live_rows(projection), self._spill(projection)
        before = live.without(self._connection, fresh)
        after = fresh.without(self._connection, live)
        keys: list[Any] = sorted({*before, *after})
        return [Difference(projection.name, key, before.get(key), after.get(key)) for key in keys]

    def drop(self) -> None:
        """Forget everything, the temporary tables too."""
        for spilled in self._spilled.values():
            self._connection.execute(sql(DropTable(spilled.table)))
        self._spilled.clear()

    def _spill(self, projection: Projection[Any], but: Set[str] = frozenset()) -> RowTable:
        spilled = self._spilled.get(projection.name)
        if spilled is None:
            # Another name than the live one's, which a temporary table would hide from this connection.
            copy = TABLES[projection.name].to_metadata(MetaData(), schema="temp", name=f"fresh_{projection.name}")
            spilled = self._spilled[projection.name] = RowTable(projection, copy)
            spilled.create(self._connection)
        with _deferred(self._connection):
            spilled.put(self._connection, self.take_rows(projection, but))
        return spilled


@contextmanager
def _deferred(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction for temporary tables alone: it locks nobody out, so it is not begun as `joined` would."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
