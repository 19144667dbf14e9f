"""The floor: the very rows that our side wrote, through the bare store call.

Our side runs once and, after every transaction, the rows it added or changed are read back by another connection. The
same rows are then written, a transaction for a transaction, into a fresh file of the same layout, guards included.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adapters.sqlite.store import connect
from adapters.wiring import Ledger
from benchmarks import ours

_INSERTED: Final = ("streams", "texts", "subject_keys", "log", "receipts", "claims")
_KEPT: Final = {"sequences": "name", "dim_tickets": "ticket_id", "meta_projections": "name"}
"""Tables whose rows change, with their keys."""

Writes = list[tuple[str, list[tuple[Any, ...]]]]
"""One transaction: statements, each with the rows it is run for."""


@dataclass(slots=True)
class _Table:
    name: str
    ordered: str = ""
    """The column that only rises, where there is one; else rows are told by their content."""
    last: int = 0
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def added(self, reader: sqlite3.Connection) -> list[tuple[Any, ...]]:
        """What was added or changed since the last call."""
        if self.ordered:
            rows = reader.execute(
                f"SELECT * FROM {self.name} WHERE {self.ordered} > ? ORDER BY {self.ordered}", (self.last,)
            ).fetchall()
            self.last = rows[-1][0] if rows else self.last
            return rows
        rows = [row for row in reader.execute(f"SELECT * FROM {self.name}") if row not in self.seen]
        self.seen.update(rows)
        return rows


class _Tape:
    """What each transaction wrote."""

    def __init__(self, path: Path) -> None:
        self._reader = connect(path)
        there = {name for (name,) in self._reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rising = {"streams": "id", "texts": "id", "log": "position", "receipts": "number"}
        self._tables = [_Table(name, rising.get(name, "")) for name in (*_INSERTED, *_KEPT) if name in there]
        self._begun: set[tuple[str, Any]] = set()
        self.next()

    def next(self) -> Writes:
        """What was written since the last call, as statements."""
        writes: Writes = []
        for table in self._tables:
            rows = table.added(self._reader)
            if not rows:
                continue
            if table.name == "sequences":
                writes += self._risen(rows)
            else:
                writes.append((self._statement(table.name, len(rows[0])), rows))
        return writes

    def close(self) -> None:
        self._reader.close()

    def _risen(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        # The guard allows a sequence to begin once and then to rise, so an upsert would be refused.
        for name, value in rows:
            if ("sequences", name) in self._begun:
                yield "UPDATE sequences SET value = ?2 WHERE name = ?1", [(name, value)]
            else:
                self._begun.add(("sequences", name))
                yield "INSERT INTO sequences VALUES (?, ?)", [(name, value)]

    def _statement(self, table: str, width: int) -> str:
        insert = f"INSERT INTO {table} VALUES ({', '.join('?' * width)})"
        if table in _INSERTED:
            return insert
        names = [row[1] for row in self._reader.execute(f"PRAGMA table_info({table})")]
        kept = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != _KEPT[table])
        return f"{insert} ON CONFLICT ({_KEPT[table]}) DO UPDATE SET {kept}"


def recorded(
    path: Path, slices: Sequence[Sequence[bytes]], cut: Callable[[Sequence[bytes]], Iterator[Sequence[bytes]]]
) -> list[list[Writes]]:
    """Send the slices on a ledger of their own, `cut` into transactions, and keep what each transaction wrote."""
    with ours.ledger(path) as ledger:
        return _played(ledger, slices, cut)


def _played(
    ledger: Ledger, slices: Sequence[Sequence[bytes]], cut: Callable[[Sequence[bytes]], Iterator[Sequence[bytes]]]
) -> list[list[Writes]]:
    tape = _Tape(ledger.path)
    try:
        played = []
        for part in slices:
            transactions = []
            for batch in cut(part):
                ours.accepted(ours.send(ledger, batch))
                transactions.append(tape.next())
            played.append(transactions)
        return played
    finally:
        tape.close()


@contextmanager
def store(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection, as ours, to a fresh file of our layout."""
    with ours.ledger(path):
        pass
    connection = connect(path)
    try:
        yield connection
    finally:
        connection.close()


def write_singly(connection: sqlite3.Connection, transactions: Sequence[Writes]) -> None:
    """A prepared statement a row."""
    execute = connection.execute
    for writes in transactions:
        execute("BEGIN IMMEDIATE")
        for statement, rows in writes:
            for row in rows:
                execute(statement, row)
        execute("COMMIT")


def write_in_bulk(connection: sqlite3.Connection, transactions: Sequence[Writes]) -> None:
    """A bulk call a table."""
    for writes in transactions:
        connection.execute("BEGIN IMMEDIATE")
        for statement, rows in writes:
            connection.executemany(statement, rows)
        connection.execute("COMMIT")
