"""A small ledger with a bit of everything, and an attacker who knows the layout and gets around the guards."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from adapters.sqlite.rows import leaf_of, receipt_leaf_of
from adapters.sqlite.schema import GUARDS
from tests.examples import ARCHIVE_ROOM, Clock, codes, command, ledger_at, moment, opening, row, send

SECRET_TEXT = "Kaspar Hauser lives at Unschlittplatz 8"
"""Stands in every kind of personal field of the contacts that are erased."""
KEYS = {
    "log": ("position",),
    "streams": ("id",),
    "texts": ("id",),
    "receipts": ("number",),
    "claims": ("kind", "key"),
    "sequences": ("name",),
    "subject_keys": ("key",),
    "ledger": ("name",),
    "tracking": ("application", "notification_id"),
    "dim_tickets": ("ticket_id",),
    "fct_status_intervals": ("ticket_id", "seq"),
    "fct_assignment_intervals": ("ticket_id", "kind", "seq"),
    "fct_messages": ("ticket_id", "message"),
    "meta_projections": ("name",),
    "meta_parked": ("projection", "ticket_id"),
    "meta_tree": ("size",),
}
"""Every table of the file with its key."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test needs of the ledger that was built."""

    path: Path
    erased_keys: tuple[tuple[str, str, bytes], ...]
    """The rows of subject_keys that the erasures destroyed."""


def build(path: Path) -> Desk:
    """About three hundred events: refusals, claims, statuses, imports whose clock runs backwards, two erased people."""
    clock = Clock()
    with ledger_at(path, clock) as ledger:
        send(ledger, command("DefineStatus", status="Parts", status_type="on_hold"))
        send(ledger, command("DefineStatus", status="Attic", status_type="closed"))
        for number in range(12):
            contact = ("carla", "dora", "emil", None)[number % 4]
            text = SECRET_TEXT if number % 4 < 2 else f"It smells of smoke {number}"
            clock.advance(minutes=7)
            _live(ledger, f"T-{number}", contact, text)
            clock.advance(minutes=3)
            _refused(ledger, f"T-{number}")
        for case in range(4):
            _imported(ledger, f"I-{case}")
        send(ledger, command("RegisterContact", contact_id="carla", name=SECRET_TEXT, address=SECRET_TEXT))
        before = ledger.journal.connection.execute("SELECT key, subject, secret FROM subject_keys").fetchall()
        for contact in ("carla", "dora"):
            send(ledger, command("EraseContact", contact_id=contact))
        after = {key for (key,) in ledger.journal.connection.execute("SELECT key FROM subject_keys")}
        clock.advance(hours=1)
        _live(ledger, "T-99", "carla", "She came back")
        send(ledger, command("RetireStatus", status="Attic"), command("AddTags", ticket_id="T-99", tags=["last"]))
        ledger.runner.catch_up()
    return Desk(path, tuple(one for one in before if one[0] not in after))


def _live(ledger: Any, ticket_id: str, contact: str | None, text: str) -> None:
    about = {"ticket_id": ticket_id}
    receipts = send(
        ledger,
        opening(
            ticket_id,
            contact_id=contact,
            subject=text,
            description=text,
            message_key=f"<{ticket_id}@mail>",
            tags=["fire", "red"],
            fields={"floor": ["integer", "3"]},
            team="Tier 1",
        ),
        command("AssignTicket", **about, agent="ana"),
        command("AddComment", **about, body=text, visibility="private"),
        command("ChangeCommentVisibility", **about, message=1, visibility="public"),
        command("SendReply", **about, body=text, recipients=["a@example.org"], status="On Hold"),
        command("ReceiveReply", **about, body=text, message_key=f"<{ticket_id}.2@mail>"),
        command("ChangeTicket", **about, subject=f"{text}!", fields={"floor": ["integer", "4"], "wing": ["text", "B"]}),
        command("ChangePriority", **about, priority="high", actor="service:router"),
        command("RemoveTags", **about, tags=["red"]),
        command("HoldTicket", **about, status="Parts"),
        command("AddTags", **about, tags=["fire", "hot"], actor="agent:bo"),
        command("ForwardTicket", **about, recipients=["fire@brigade"], body=text),
        command("CloseTicket", **about),
        command("DeleteTicket", **about),
        command("RestoreTicket", **about),
        command("ArchiveTicket", **about),
        command("UnarchiveTicket", **about),
    )
    assert [codes(one) for one in receipts if one.answer.reasons] == []


def _refused(ledger: Any, ticket_id: str) -> None:
    send(ledger, command("CloseTicket", ticket_id=ticket_id))
    send(
        ledger, command("ReopenTicket", ticket_id="nowhere"), command("ChangePriority", ticket_id="T-0", priority="low")
    )


def _imported(ledger: Any, ticket_id: str) -> None:
    days = {1: -9, 2: -7, 3: -8, 4: -6}
    for ordinal, status in enumerate(("New", "Busy", "Busy", "Gone"), start=1):
        one = row(
            ordinal,
            ticket_id=ticket_id,
            subject="Old",
            status=status,
            agent="bo" if ordinal > 1 else None,
            team="Second",
            command_id=f"{ticket_id}/{ordinal}",
            occurred_at=moment(days=days[ordinal]),
        )
        send(ledger, one, door=ARCHIVE_ROOM)


class Attacker:
    """Writes into a copy of the file past the guards, which are all there again afterwards."""

    def __init__(self, desk: Desk, chance: Random, folder: Path) -> None:
        self.path = folder / "copy.db"
        self._desk = desk
        self._chance = chance

    @contextmanager
    def at_work(self) -> Iterator[sqlite3.Connection]:
        """A connection to a fresh copy, without guards."""
        shutil.copyfile(self._desk.path, self.path)
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            yield connection
            for guard in GUARDS:
                connection.execute(guard)
            connection.execute("COMMIT")

    def some(self, connection: sqlite3.Connection, table: str, count: int = 1) -> list[sqlite3.Row] | None:
        """Some rows of a table by chance; None where it has too few."""
        cursor = connection.execute(f"SELECT * FROM {table}")
        cursor.row_factory = sqlite3.Row
        rows = cursor.fetchall()
        return self._chance.sample(rows, count) if len(rows) >= count else None

    def one(self, connection: sqlite3.Connection, table: str) -> sqlite3.Row | None:
        """One row of a table by chance; None where it has none."""
        found = self.some(connection, table)
        return found[0] if found else None

    def other(self, value: Any) -> Any:
        """Another value of the same type, one byte or one step away."""
        match value:
            case None:
                return "x"
            case int():
                return value + self._chance.choice((-1, 1, 7))
            case str() if value:
                place = self._chance.randrange(len(value))
                sign = self._chance.choice([one for one in "aZ0-\u00e9" if one != value[place]])
                return value[:place] + sign + value[place + 1 :]
            case bytes() if value:
                place = self._chance.randrange(len(value))
                flipped = value[place] ^ (1 << self._chance.randrange(8))
                return value[:place] + bytes([flipped]) + value[place + 1 :]
            case str():
                return "x"
            case _:
                return b"x"


def where(table: str, one: sqlite3.Row) -> tuple[str, list[Any]]:
    """The condition that finds a row by its key."""
    return " AND ".join(f'"{name}" = ?' for name in KEYS[table]), [one[name] for name in KEYS[table]]


def update(connection: sqlite3.Connection, table: str, one: sqlite3.Row, values: dict[str, Any]) -> None:
    """Put values into a row."""
    condition, key = where(table, one)
    columns = ", ".join(f'"{name}" = ?' for name in values)
    done = connection.execute(f"UPDATE {table} SET {columns} WHERE {condition}", [*values.values(), *key])
    assert done.rowcount == 1


def readable(connection: sqlite3.Connection, position: int) -> tuple[Any, ...]:
    """A row of the log as it is framed."""
    found: tuple[Any, ...] = connection.execute("SELECT * FROM v_log WHERE position = ?", (position,)).fetchone()
    return found


def framed(connection: sqlite3.Connection, position: int) -> None:
    """Give a row of the log the leaf of what it now says."""
    leaf = leaf_of(readable(connection, position))
    connection.execute("UPDATE log SET leaf = ? WHERE position = ?", (leaf, position))


def receipt_framed(connection: sqlite3.Connection, number: int) -> None:
    """Give a receipt the leaf of what it now says."""
    one = connection.execute("SELECT * FROM receipts WHERE number = ?", (number,)).fetchone()
    connection.execute("UPDATE receipts SET leaf = ? WHERE number = ?", (receipt_leaf_of(one), number))


Tampering = Callable[[Attacker, sqlite3.Connection, Random], "Done | None"]


@dataclass(frozen=True, slots=True)
class Done:
    """What was tampered with."""

    what: str
    position: int | None = None
    """The first position of the log that is bad now; None where the fault is elsewhere."""
