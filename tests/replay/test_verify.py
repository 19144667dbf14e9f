"""The parts of a verification: pins, the order of findings, and that no event was forgotten (E-07)."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sqlite.store import NotALedger
from adapters.verification import verify_ledger
from adapters.wiring import Ledger
from domain.instant import instant, parse_instant
from domain.integrity import Frontier
from domain.recorded import EVENT_CLASSES
from replay.continuity import BEGINNINGS, KINDS, STEPS
from replay.findings import KEPT, Finding, Findings, Pin, parse_pin
from replay.instants import is_instant
from tests.examples import Clock, command, opening, send

HEAD = "9f" * 32


def test_every_stored_name_has_a_step_and_a_kind_of_stream() -> None:
    names = {name for name, _ in EVENT_CLASSES}
    assert set(STEPS) == names
    assert {name.partition(".")[0] for name in names} == set(KINDS)
    assert names >= BEGINNINGS


def test_a_pin_is_a_position_and_a_head() -> None:
    assert parse_pin(f"1200:{HEAD}") == Pin(1200, HEAD)
    assert parse_pin(f"0:{HEAD.upper()}") == Pin(0, HEAD)
    assert str(parse_pin(f"7:{HEAD}")) == f"7:{HEAD}"


@pytest.mark.parametrize("text", ["", "7", HEAD, f"-1:{HEAD}", f"x:{HEAD}", "7:9f", f"7:{'g' * 64}", f"\u0663:{HEAD}"])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"POSITION:HEAD|64 hex digits"):
        parse_pin(text)


def test_the_finding_of_the_lowest_position_comes_first_and_those_without_one_last() -> None:
    findings = Findings()
    findings.add("beside", table="claims", key="k")
    for position in range(1_000, 0, -1):
        findings.add("bad", position=position)
    first = findings.first()
    assert findings.count == 1_001
    assert [one.position for one in first] == [*range(1, KEPT + 1)]
    few = Findings()
    few.take(Finding(None, "claims", "k", "beside"))
    few.add("bad", position=3)
    assert [one.position for one in few.first()] == [3, None]


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 - hypothesis wants them naive
def test_an_instant_as_the_log_writes_it_is_told(naive: datetime) -> None:
    assert is_instant(instant(naive.replace(tzinfo=UTC)))


@given(st.text("0123456789-:.TZWé ", min_size=26, max_size=28))
def test_what_is_no_instant_is_told(text: str) -> None:
    try:
        wanted = parse_instant(text) == text
    except ValueError:
        wanted = False
    assert is_instant(text) is wanted


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T09:00:00.000000Z",
        "2026-06-01T24:00:00.000000Z",
        "2026-06-01 09:00:00.000000Z",
        "2026-W23-1T09:00:00.000000Z",
        "2026-06-01T09:00:00,000000Z",
        "0000-06-01T09:00:00.000000Z",
        b"2026-06-01T09:00:00.000000Z",
        None,
        7,
    ],
)
def test_days_and_forms_that_do_not_exist_are_no_instants(text: object) -> None:
    assert not is_instant(text)


def test_an_empty_ledger_is_consistent_and_has_the_head_of_nothing(ledger: Ledger) -> None:
    found = verify_ledger(ledger.path)
    assert (found.kept, found.ok, found.events) == ((), True, 0)
    assert found.head == Frontier().head
    assert verify_ledger(ledger.path, pin=Pin(0, Frontier().head)).anchored == "pinned"


def test_the_head_is_that_of_the_leaves_and_progress_is_told(ledger: Ledger) -> None:
    send(ledger, opening(), command("CloseTicket"))
    ledger.runner.catch_up()
    told: list[tuple[int, int]] = []
    found = verify_ledger(ledger.path, on_progress=lambda done, total: told.append((done, total)))
    assert found.head == Frontier().extended(ledger.journal.leaves()).head
    assert (told[0], told[-1]) == ((2, 4), (4, 4))
    assert verify_ledger(ledger.path, projections=False).ok


def test_a_pin_of_more_events_than_there_are_is_not_met(ledger: Ledger) -> None:
    send(ledger, opening())
    found = verify_ledger(ledger.path, pin=Pin(2, HEAD))
    assert found.first_bad is not None
    assert (found.ok, found.first_bad.position) == (False, 2)
    assert f"2:{HEAD}" in found.first_bad.reason


def test_a_ledger_whose_projections_are_behind_is_consistent(ledger: Ledger) -> None:
    send(ledger, opening())
    ledger.runner.catch_up()
    send(ledger, command("AddComment", body="later"), command("CloseTicket"))
    assert verify_ledger(ledger.path).kept == ()


def test_a_file_that_is_not_there_is_not_a_ledger(tmp_path: Path) -> None:
    with pytest.raises(NotALedger):
        verify_ledger(tmp_path / "none.db")


def test_applications_that_are_followed_may_be_tracked(ledger: Ledger) -> None:
    ledger.journal.connection.execute("INSERT INTO tracking VALUES ('billing', 12)")
    assert verify_ledger(ledger.path, followed={"billing"}).ok
    (found,) = verify_ledger(ledger.path).kept
    assert (found.table, found.key) == ("tracking", "billing 12")


def test_a_verification_sees_one_state_while_others_write(ledger: Ledger, clock: Clock) -> None:
    """Readers and writers go on; what is appended meanwhile is not part of it."""
    send(ledger, *[opening(f"T-{number}") for number in range(300)])
    ledger.runner.catch_up()
    ends = threading.Event()
    faults: list[Finding] = []

    def verify() -> None:
        while not ends.is_set():
            faults.extend(verify_ledger(ledger.path).kept)

    watcher = threading.Thread(target=verify)
    watcher.start()
    try:
        for number in range(60):
            clock.passed += timedelta(seconds=1)
            send(ledger, command("CloseTicket", ticket_id=f"T-{number}"))
            ledger.runner.catch_up()
    finally:
        ends.set()
        watcher.join()
    assert faults == []


def test_a_row_whose_text_is_missing_is_found_and_not_a_traceback(ledger: Ledger, path: Path) -> None:
    send(ledger, opening(), command("CloseTicket"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER texts_no_delete")
        connection.execute("DELETE FROM texts WHERE id = (SELECT name FROM log WHERE position = 2)")
        connection.commit()
    found = verify_ledger(path)
    assert found.first_bad is not None
    assert found.first_bad.position == 2
    assert "name is no text" in {one.reason for one in found.kept}


def test_a_ledger_whose_projections_were_only_rebuilt_is_consistent(ledger: Ledger) -> None:
    send(ledger, opening(), command("CloseTicket"))
    ledger.runner.rebuild()
    assert verify_ledger(ledger.path).kept == ()
