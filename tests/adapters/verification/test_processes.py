"""A verification by several processes: the answer of one, whatever is wrong, or none at all (E-07, S8)."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from adapters.cli.exits import Exit, ending
from adapters.verification import ledger as verification
from adapters.verification import verify_ledger, views, workers
from adapters.verification.answers import read, written
from adapters.verification.snapshot import begin, begin_together, opened
from adapters.verification.texts import SideTexts
from adapters.verification.workers import Worker, WorkerLost
from adapters.wiring import Ledger
from domain.integrity import Frontier
from replay.evidence import Compared
from replay.findings import Finding, Findings, Pin, Unreadable
from tests.end_to_end.tampered import Attacker, Desk, build
from tests.examples import Clock, command, opening, send


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The untouched ledger."""
    return build(tmp_path_factory.mktemp("desk") / "desk.db")


@pytest.fixture(autouse=True)
def _many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts, so that even a small ledger has several."""
    monkeypatch.setattr(views, "_SMALLEST_PART", 2)


def _drop(table: str, row: str) -> Callable[[sqlite3.Connection], None]:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute(f"DELETE FROM {table} WHERE {row}")

    return tamper


def _set(table: str, what: str, row: str = "TRUE") -> Callable[[sqlite3.Connection], None]:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute(f"UPDATE {table} SET {what} WHERE {row}")

    return tamper


TAMPERINGS: dict[str, Callable[[sqlite3.Connection], object]] = {
    "nothing": lambda connection: None,
    "an event is missing": _drop("log", "position = 40"),
    "the last events are missing": _drop("log", "position > 100"),
    "an event is no JSON": _set("log", "data = x'7b'", "position % 50 = 7"),
    "a name is missing": _drop("texts", "id = 3"),
    "all streams but one are missing": _drop("streams", "id > 1"),
    "every actor is another": _set("log", "actor = actor % 5 + 1"),
    "every row of a projection is gone": _drop("fct_messages", "TRUE"),
    "every ticket has another status": _set("dim_tickets", "status = 'Lost', subject = 'x'"),
    "stays have other ends": _set("fct_status_intervals", "left_at = entered_at", "seq = 2"),
    "rows are of a ticket that is not there": _set("fct_assignment_intervals", "ticket_id = 'T-x'", "ticket_id='T-3'"),
    "a checkpoint is ahead": _set("meta_projections", "position = 1000000"),
    "a checkpoint is of another version": _set("meta_projections", "version = 99", "name = 'dim_tickets'"),
    "the tree is of other leaves": _set("meta_tree", "peaks = '[]'"),
    "a key is gone": _drop("subject_keys", "TRUE"),
    "secrets are swapped": _set("subject_keys", "secret = randomblob(32)"),
    "tickets are parked": lambda connection: connection.executemany(
        "INSERT INTO meta_parked VALUES ('fct_messages', ?, 7, 'why')", [(f"T-{number}",) for number in range(9)]
    ),
    "a text is no UTF-8": _set("dim_tickets", "status = CAST(x'ff' AS TEXT)", "ticket_id = 'T-5'"),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_several_processes_give_the_answer_of_one(how: str, desk: Desk, tmp_path: Path) -> None:
    """Findings, their order, counts, first_bad, head and anchor, all of it."""
    attacker = Attacker(desk, Random(7), tmp_path)
    with attacker.at_work() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        TAMPERINGS[how](connection)
    pin = Pin(3, Frontier().head)
    alone = verify_ledger(attacker.path, pin=pin)
    assert alone.ok is False
    assert alone.findings > 1 or how == "nothing"
    assert verify_ledger(attacker.path, pin=pin, processes=3) == alone


def test_damaged_pages_give_several_processes_the_answer_of_one(desk: Desk, tmp_path: Path) -> None:
    chance = Random(20260601)
    attacker = Attacker(desk, chance, tmp_path)
    with attacker.at_work():
        pass
    whole = attacker.path.read_bytes()
    told = 0
    for _ in range(12):
        place = chance.randrange(8192, len(whole) - 4096)
        attacker.path.write_bytes(whole[:place] + chance.randbytes(4096) + whole[place + 4096 :])
        alone = verify_ledger(attacker.path)
        assert verify_ledger(attacker.path, processes=2) == alone
        told += not alone.ok
    assert told > 6


def test_the_parts_hold_every_stream_once(desk: Desk) -> None:
    with opened(desk.path) as connection:
        begin(connection, desk.path)
        texts = SideTexts(connection)
        stored = views.StoredRows(connection, texts)
        parts = stored.parts()
        seen = [one.position for part in parts for some in stored.histories(part) for one in some.events]
        assert len(parts) > 5
        assert sorted(seen) == [*range(1, len(seen) + 1)]
        assert len(seen) == connection.execute("SELECT count(*) FROM log").fetchone()[0]


def test_what_a_process_found_comes_over_whole() -> None:
    damage = Unreadable("log cannot be read: no", 7)
    findings = Findings()
    for number in range(50):
        findings.add("bad \udcff", position=number or None, table="log", key=number)
    sent = Compared(findings, 9, {("dim_tickets", "T-1", 3, "why")}, damage)
    came = read(written(sent))
    assert (came.findings.count, came.findings.first()) == (50, findings.first())
    assert (came.events, came.parked) == (sent.events, sent.parked)
    assert came.damage is not None
    assert (str(came.damage), came.damage.position) == (str(damage), 7)
    assert read(written(Compared())).damage is None


def test_findings_that_are_put_together_are_those_of_one_collection() -> None:
    whole, parts = Findings(), [Findings() for _ in range(9)]
    for number in range(900):
        one = Finding((number * 37) % 900 or None, "log", str(number), "bad")
        whole.take(one)
    for number in range(900):
        parts[number // 100].take(Finding((number * 37) % 900 or None, "log", str(number), "bad"))
    joined = Findings()
    for part in parts:
        joined.join(part)
    assert (joined.count, joined.first()) == (whole.count, whole.first())


# A process that is lost


class _Killed(Worker):
    """Dies when it is asked for its second part."""

    asked = 0

    def compared(self, part):
        self.asked += 1
        if self.asked == 2:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        return super().compared(part)


class _Confused(Worker):
    """Is asked for what is no part."""

    def compared(self, part):
        return super().compared(("a", "b"))  # type: ignore[arg-type] # it is no part


@pytest.mark.parametrize(("lost", "said"), [(_Killed, "signal 9"), (_Confused, "failed: ")])
def test_a_process_that_dies_or_fails_leaves_no_answer(
    lost: type[Worker], said: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never "ok", and exit code 1 with one line."""
    monkeypatch.setattr(workers, "Worker", lost)
    with pytest.raises(WorkerLost, match=said) as raised:
        verify_ledger(desk.path, processes=2)
    assert ending(raised.value) == (Exit.FAILURE, str(raised.value))
    assert "nothing was proven" in str(raised.value)


def test_a_process_that_cannot_start_leaves_no_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_WORKER", "adapters.verification.nowhere")
    with pytest.raises(WorkerLost, match=r"exit code 1, .*nowhere"):
        verify_ledger(desk.path, processes=2)


def test_no_process_is_left_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Worker] = []

    class _Known(Worker):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            made.append(self)

    monkeypatch.setattr(workers, "Worker", _Known)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify_ledger(desk.path, processes=3, on_progress=interrupt)
    assert [one._process.poll() is not None for one in made] == [True, True]


# One state for all


def test_all_processes_see_one_state_while_others_write(ledger: Ledger, clock: Clock) -> None:
    """Readers and writers go on; what is appended meanwhile is part of no process's work."""
    send(ledger, *[opening(f"T-{number}") for number in range(200)])
    ledger.runner.catch_up()
    ends = threading.Event()
    faults: list[Finding] = []
    rounds: list[int] = []

    def verify() -> None:
        while not ends.is_set():
            found = verify_ledger(ledger.path, processes=2)
            faults.extend(found.kept)
            rounds.append(found.events)

    watcher = threading.Thread(target=verify)
    watcher.start()
    try:
        number = 0
        while len(rounds) < 3 and watcher.is_alive():
            clock.passed += timedelta(seconds=1)
            send(ledger, command("AddComment", ticket_id=f"T-{number % 200}", body="more"))
            ledger.runner.catch_up()
            number += 1
    finally:
        ends.set()
        watcher.join()
    assert faults == []
    assert len(rounds) >= 3


def test_a_commit_between_two_beginnings_is_noticed(ledger: Ledger, path: Path) -> None:
    commits = iter([True, True, False])

    def commit() -> None:
        if next(commits):
            send(ledger, opening(f"T-{ledger.journal.tip().position}"))

    begun: list[str] = []
    assert begin_together(path, [lambda: begun.append("first"), commit, lambda: begun.append("last")])
    assert begun == ["first", "last"] * 3


def test_where_no_common_state_is_to_be_had_one_process_does_it_all(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ledger, *[opening(f"T-{number}") for number in range(20)])
    ledger.runner.catch_up()
    monkeypatch.setattr(verification, "begin_together", lambda path, begins: [each() for each in begins] == [])
    monkeypatch.setattr(verification, "SharedComparisons", None)
    assert verify_ledger(path, processes=2).ok


# How many


def test_a_second_process_is_taken_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    assert verification.processes_for(verification.LARGE) == 2
    assert verification.processes_for(verification.LARGE - 1) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert verification.processes_for(10**7) == 1


def test_without_projections_there_is_nothing_to_share(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Worker", None)
    assert verify_ledger(desk.path, projections=False, processes=2).ok


def test_the_command_line_takes_the_number_of_processes(desk: Desk) -> None:
    from typer.testing import CliRunner

    from adapters.cli.main import app

    said = CliRunner().invoke(app, ["replay", "verify", "--processes", "2", "--db", str(desk.path)])
    assert said.exit_code == 0
    with closing(sqlite3.connect(desk.path)) as connection:
        events = connection.execute("SELECT count(*) FROM log").fetchone()[0]
    assert f"{events:,} events" in said.output
    refused = CliRunner().invoke(app, ["replay", "verify", "--processes", "0", "--db", str(desk.path)])
    assert refused.exit_code == 2
