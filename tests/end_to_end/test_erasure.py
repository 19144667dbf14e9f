"""E-14: after an erasure no file of the database holds the person's text or a key, and the log still verifies."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.keyring import key_id
from adapters.verification import verify_ledger
from domain.recorded import Recorded
from domain.values import ERASED
from replay.history import history, lines
from tests.end_to_end.tampered import SECRET_TEXT, Desk, build
from tests.examples import ledger_at


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A ledger whose contacts carla and dora were erased."""
    return build(tmp_path / "desk.db")


def _files(path: Path) -> Iterator[Path]:
    """Every file of the database: the file itself, -wal, -shm."""
    yield from path.parent.glob(f"{path.name}*")


def _bytes(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in _files(path))


def test_the_log_verifies_after_an_erasure(desk: Desk) -> None:
    found = verify_ledger(desk.path)
    assert (found.kept, found.ok) == ((), True)


def test_no_file_of_the_database_holds_the_text_of_an_erased_person(desk: Desk) -> None:
    raw = _bytes(desk.path)
    for text in (SECRET_TEXT, SECRET_TEXT.split()[0], json.dumps(SECRET_TEXT)):
        assert text.encode() not in raw
        assert text.encode("utf-16-le") not in raw
        assert b64encode(text.encode()) not in raw


def test_no_file_of_the_database_holds_a_key_that_was_destroyed(desk: Desk) -> None:
    raw = _bytes(desk.path)
    assert len(desk.erased_keys) >= 2
    for key, _, secret in desk.erased_keys:
        assert key_id(secret) == key
        for form in (secret, secret.hex().encode(), secret.hex().upper().encode(), b64encode(secret)):
            assert form not in raw


def test_nothing_is_left_while_the_ledger_is_still_open(tmp_path: Path) -> None:
    """Also the write-ahead log, which a process keeps as long as it runs."""
    path = tmp_path / "open.db"
    desk = build(path)
    with ledger_at(path) as ledger:
        assert ledger.scrub()
        assert (path.parent / f"{path.name}-wal").exists()
        raw = _bytes(path)
        assert SECRET_TEXT.encode() not in raw
        assert all(secret not in raw for _, _, secret in desk.erased_keys)


def test_numbers_times_and_order_stay_and_personal_fields_read_erased(desk: Desk) -> None:
    with ledger_at(desk.path) as ledger:
        told = history(ledger.journal.load(["ticket:T-0"])["ticket:T-0"])
    opened = told[0]
    assert (opened.name, opened.data["number"], opened.data["subject"]) == ("ticket.opened", 1, ERASED)
    assert [one.data["body"] for one in told if "body" in one.data] == [ERASED] * 4
    assert [one.version for one in told] == [*range(1, len(told) + 1)]


def test_the_rows_of_an_erased_person_read_erased_and_others_do_not(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.path)) as connection:
        found: dict[str, list[Any]] = {
            ticket_id: texts
            for ticket_id, *texts in connection.execute("SELECT ticket_id, subject, description FROM dim_tickets")
        }
        bodies = connection.execute("SELECT DISTINCT body FROM fct_messages WHERE ticket_id = 'T-1'").fetchall()
    assert found["T-0"] == [ERASED, ERASED]
    assert found["T-1"] == [ERASED, ERASED]
    assert found["T-2"] == ["It smells of smoke 2!", "It smells of smoke 2"]
    assert bodies == [(ERASED,)]


def test_who_writes_again_after_the_erasure_is_sealed_under_a_new_key(desk: Desk) -> None:
    with ledger_at(desk.path) as ledger:
        stream = "ticket:T-99"
        again: list[Recorded] = ledger.journal.load([stream])[stream]
        keys = ledger.journal.keys_of(["contact:carla"])["contact:carla"]
    assert "She came back" in "\n".join(lines(history(again)))
    assert set(keys).isdisjoint(key for key, _, _ in desk.erased_keys)
    assert len(keys) == 1
