"""What is recorded cannot be changed, removed or replaced, whoever opens the file, whatever statement is tried (E-01).

Each attempt uses a plain connection without any setting of ours, and afterwards every table must read as before.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.sqlite.rows import Row
from adapters.sqlite.schema import COMMENTS
from adapters.wiring import Ledger
from domain.receipts import Outcome
from tests.examples import CONTACT, TICKET, command, opening, send

COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(columns) for table, (_, columns) in COMMENTS.items() if table != "v_log"
}

UNIQUE: dict[str, list[tuple[str, ...]]] = {
    "log": [("position",), ("stream", "version")],
    "streams": [("id",), ("text",)],
    "texts": [("id",), ("text",)],
    "receipts": [("number",), ("command_id",)],
    "claims": [("kind", "key")],
    "sequences": [("name",)],
    "subject_keys": [("key",)],
    "tracking": [("application", "notification_id")],
    "ledger": [("name",)],
}
"""Every key that a second row may not have."""

FRESH: dict[str, dict[str, str]] = {
    "log": {
        "position": "(SELECT max(position) + 1 FROM log)",
        "version": "(SELECT max(version) + 1 FROM log WHERE stream = old.stream)",
        "data": "x'00'",
    },
    "streams": {"id": "(SELECT max(id) + 1 FROM streams)", "text": "'ticket:new'"},
    "texts": {"id": "(SELECT max(id) + 1 FROM texts)", "text": "'new'"},
    "receipts": {"number": "(SELECT max(number) + 1 FROM receipts)", "command_id": "'new'", "outcome": "'changed'"},
    "claims": {"kind": "'new'", "key": "'new'", "stream": "'ticket:new'"},
    "sequences": {"name": "'new'", "value": "1"},
    "subject_keys": {"key": "'new'", "subject": "'contact:new'", "secret": "x'00'"},
    "tracking": {"application": "'new'", "notification_id": "1"},
    "ledger": {"name": "'new'", "value": "'new'"},
}
"""What a row may hold that has never been there; for the columns left out, what the old row holds."""


@pytest.fixture
def file(ledger: Ledger, path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger with rows in every table, opened as anyone can open it."""
    receipts = send(
        ledger,
        command("RegisterContact", contact_id=CONTACT, address="carla@example.org"),
        opening(contact_id=CONTACT, message_key="<m1@example.org>"),
        command("AddComment", body="Called back"),
        opening(),
    )
    assert [receipt.outcome for receipt in receipts] == [*[Outcome.ACCEPTED] * 3, Outcome.REFUSED]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO tracking VALUES ('upstream', 7)")
        yield connection


def everything(file: sqlite3.Connection) -> dict[str, list[Any]]:
    return {table: file.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in COLUMNS}


def refused(file: sqlite3.Connection, statement: str) -> str:
    """The database's reason, after proof that nothing has changed."""
    before = everything(file)
    with pytest.raises((sqlite3.IntegrityError, sqlite3.OperationalError)) as raised:
        file.execute(statement)
    assert everything(file) == before
    return str(raised.value)


def insertion(verb: str, table: str, kept: tuple[str, ...] = ()) -> str:
    """A row that is new but for the columns of `kept`, which it has from the last row there is."""
    values = ", ".join(
        FRESH[table].get(column, f"old.{column}") if column not in kept else f"old.{column}"
        for column in COLUMNS[table]
    )
    # SQLite needs the WHERE to tell an upsert's ON from a join's.
    return f"{verb} INTO {table} SELECT {values} FROM {table} AS old WHERE true ORDER BY 1 DESC LIMIT 1"


KEYS = [pytest.param(table, key, id=f"{table}-{'-'.join(key)}") for table, keys in UNIQUE.items() for key in keys]


def test_the_table_of_attempts_names_every_table_column_and_unique_key(file: sqlite3.Connection) -> None:
    for table, columns in COLUMNS.items():
        assert [row[1] for row in file.execute(f"PRAGMA table_info({table})")] == list(columns)
        keys = {
            tuple(
                row[1] for row in sorted(file.execute(f"PRAGMA table_info({table})"), key=lambda row: row[5]) if row[5]
            )
        }
        for _, index, unique, *_ in file.execute(f"PRAGMA index_list({table})").fetchall():
            if unique:
                keys.add(tuple(row[2] for row in file.execute(f"PRAGMA index_info({index})")))
        assert keys == set(UNIQUE[table]), table


@pytest.mark.parametrize("table", COLUMNS)
def test_every_table_has_a_row_to_defend_and_takes_a_new_one(file: sqlite3.Connection, table: str) -> None:
    before = len(everything(file)[table])
    assert before
    file.execute(insertion("INSERT", table))
    assert len(everything(file)[table]) == before + 1


@pytest.mark.parametrize("verb", ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"])
@pytest.mark.parametrize(("table", "column"), [(table, column) for table in COLUMNS for column in COLUMNS[table]])
def test_no_column_is_updated(file: sqlite3.Connection, table: str, column: str, verb: str) -> None:
    assert table in refused(file, f"{verb} {table} SET {column} = {column}")


@pytest.mark.parametrize("table", [table for table in COLUMNS if table != "subject_keys"])
def test_no_row_is_deleted(file: sqlite3.Connection, table: str) -> None:
    assert table in refused(file, f"DELETE FROM {table}")


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
@pytest.mark.parametrize(("table", "key"), KEYS)
def test_no_row_is_replaced_through_a_unique_key(
    file: sqlite3.Connection, table: str, key: tuple[str, ...], verb: str
) -> None:
    assert table in refused(file, insertion(verb, table, key))


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_no_row_is_changed_by_an_upsert(file: sqlite3.Connection, table: str, key: tuple[str, ...]) -> None:
    column = COLUMNS[table][-1]
    assert table in refused(
        file,
        f"INSERT INTO {table} SELECT * FROM ({insertion('', table, key).removeprefix(f' INTO {table} ')}) WHERE true "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {column} = excluded.{column}",
    )


@pytest.mark.parametrize("position", ["0", "-1", "NULL", "max(position) + 2", "max(position)", "1"])
def test_a_position_is_the_next_one(file: sqlite3.Connection, position: str) -> None:
    values = [f"(SELECT {position} FROM log)", "stream", FRESH["log"]["version"], *Row._fields[3:]]
    assert "next one" in refused(file, f"INSERT INTO log SELECT {', '.join(values)} FROM log AS old WHERE position = 1")


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_a_version_is_above_the_last_of_its_stream(file: sqlite3.Connection, version: str) -> None:
    (stream,) = file.execute("SELECT id FROM streams WHERE text = ?", (f"ticket:{TICKET}",)).fetchone()
    assert file.execute("SELECT max(version) FROM log WHERE stream = ?", (stream,)).fetchone() == (2,)
    values = [FRESH["log"]["position"], str(stream), version, *Row._fields[3:]]
    assert "above the last" in refused(file, f"INSERT INTO log SELECT {', '.join(values)} FROM log WHERE position = 1")


@pytest.mark.parametrize("table", ["streams", "texts"])
def test_a_text_gets_the_next_id(file: sqlite3.Connection, table: str) -> None:
    assert "next id" in refused(file, f"INSERT INTO {table} SELECT max(id) + 2, 'new' FROM {table}")


def test_a_receipt_gets_the_next_number(file: sqlite3.Connection) -> None:
    values = ["number + 2", "'new'", *COLUMNS["receipts"][2:]]
    assert "next number" in refused(
        file, f"INSERT INTO receipts SELECT {', '.join(values)} FROM receipts ORDER BY number DESC LIMIT 1"
    )


@pytest.mark.parametrize("value", ["value - 1", "value", "0"])
def test_a_sequence_never_falls(file: sqlite3.Connection, value: str) -> None:
    assert "only rises" in refused(file, f"UPDATE sequences SET value = {value}")


def test_a_sequence_rises(file: sqlite3.Connection) -> None:
    file.execute("UPDATE sequences SET value = value + 1")
    assert file.execute("SELECT value FROM sequences").fetchall() == [(2,)]


def test_an_upstream_position_is_tracked_in_order(file: sqlite3.Connection) -> None:
    assert "in order" in refused(file, "INSERT INTO tracking VALUES ('upstream', 6)")


def test_keys_of_sealed_text_are_the_only_rows_that_can_be_destroyed(file: sqlite3.Connection) -> None:
    before = everything(file)
    file.execute("DELETE FROM subject_keys")
    assert everything(file) == {**before, "subject_keys": []}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE v_log SET version = 9", "DELETE FROM v_log", "INSERT INTO v_log SELECT * FROM v_log"],
)
def test_the_readable_log_is_read_only(file: sqlite3.Connection, statement: str) -> None:
    assert "view" in refused(file, statement)


def test_the_journal_writes_no_row_in_the_place_of_another(ledger: Ledger, file: sqlite3.Connection) -> None:
    (first, *_) = ledger.journal.rows()
    before = everything(file)
    with pytest.raises(sqlite3.IntegrityError), ledger.journal.exclusive():
        ledger.journal.write_rows([first._replace(data=b"{}")])
    assert everything(file) == before
