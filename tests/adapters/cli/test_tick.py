"""`deskledger tick`: what time alone caused is put on record once, in due order, whoever ticks and how often (E-15)."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from adapters import wiring
from tests.adapters.cli.conftest import line, opening
from tests.examples import Clock, moment
from tests.whole import assert_whole

ROOT = Path(__file__).resolve().parents[3]
POLICY = """\
kind: sla_policy
key: standard
name: Standard
targets:
  none: {response: 1h, resolution: 4h}
  high: {response: 2h, resolution: 3h}
"""
BLUEPRINT = """\
kind: blueprint
key: refund
name: Refunds
department: Billing
states:
  - {name: Asked, status: Open, start: true, limit: 150m}
  - {name: Paid, status: Closed, end: true}
transitions:
  - {name: Pay, from: Asked, to: Paid, owners: any_agent}
"""
CALL = "from adapters.cli.main import main; main()"


@pytest.fixture
def clock(monkeypatch):
    """The command line's clock, which stands still until the test moves it."""
    clock, opened = Clock(), wiring.open_ledger
    monkeypatch.setattr(wiring, "open_ledger", lambda url, *, create=False: opened(url, create=create, now=clock))
    return clock


@pytest.fixture
def desk(cli, folder, clock):
    """A desk with a policy and a limit, and three tickets opened at nine, half past nine and ten."""
    defined(cli, folder, POLICY, BLUEPRINT)
    for ticket_id, fields in (("T-1", {}), ("T-2", {"priority": "high"}), ("T-3", {"department": "Billing"})):
        assert cli("command", "send", "-", stdin=opening(ticket_id, f"open {ticket_id}", **fields)).code == 0
        clock.advance(minutes=30)
    return cli


def defined(cli, folder, *documents):
    for place, text in enumerate(documents):
        (folder / f"{place}.yaml").write_text(text)
        kind, key = (text.split("\n")[line].partition(": ")[2] for line in (0, 1))
        assert cli("definition", "draft", f"{place}.yaml").code == 0
        assert cli("definition", "publish", kind, key, "1").code == 0


def asked(cli, name, command_id, ticket_id, **fields):
    said = cli("command", "send", "-", stdin=line(name, command_id, ticket_id=ticket_id, **fields))
    assert said.code == 0, said


def on_record(path="deskledger.db"):
    """Every violation in the log's order: stream, name, occurred and recorded when, by whom, via what."""
    query = (
        "SELECT stream, name, occurred_at, recorded_at, actor, via FROM v_log "
        "WHERE name LIKE '%violated' ORDER BY position"
    )
    with closing(connect(path)) as connection:
        return connection.execute(query).fetchall()


DUE = [
    ("ticket:T-1", "response.violated", moment(hours=1)),
    ("ticket:T-3", "response.violated", moment(hours=2)),
    ("ticket:T-2", "response.violated", moment(hours=2.5)),
    ("ticket:T-2", "resolution.violated", moment(hours=3.5)),
    ("ticket:T-3", "state.limit_violated", moment(hours=3.5)),
    ("ticket:T-1", "resolution.violated", moment(hours=4)),
    ("ticket:T-3", "resolution.violated", moment(hours=5)),
]
"""What time causes on the desk."""


def test_after_an_outage_each_violation_is_recorded_once_and_in_due_order(desk, clock):
    """E-15: also between the dues of one ticket lie those of others; when it was due and when it came are both told."""
    at = clock.advance(days=2)
    said = desk("tick", "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json == {"tickets": 3, "violations": 7, "refused": 0, "until": at}
    assert [found[:3] for found in on_record()] == DUE
    assert {found[3:] for found in on_record()} == {(at, "system", "ticker")}
    assert_whole(Path("deskledger.db"))


def test_a_second_tick_adds_nothing(desk, clock):
    clock.advance(days=2)
    assert desk("tick").out == "7 violations in 3 tickets due by 2026-06-03 10:30:00Z\n"
    before = desk("db", "info", "--json").json
    clock.advance(days=1)
    assert desk("tick", "--json").json["violations"] == 0
    assert desk("tick").out == "0 violations in 0 tickets due by 2026-06-04 10:30:00Z\n"
    after = desk("db", "info", "--json").json
    assert {name: after[name] for name in ("events", "receipts")} == {
        name: before[name] for name in ("events", "receipts")
    }
    assert desk("replay", "verify").code == 0


def test_until_takes_what_was_due_by_then_and_no_more(desk, clock):
    """The instant itself is included; the rest is left to the next tick."""
    clock.advance(days=2)
    assert desk("tick", "--until", moment(hours=3.499999)).out.startswith("3 violations in 3 tickets ")
    assert [found[:3] for found in on_record()] == DUE[:3]
    assert desk("tick", "--until", moment(hours=3.5)).out.startswith("2 violations in 2 tickets ")
    assert [found[:3] for found in on_record()] == DUE[:5]
    assert desk("tick", "--until", moment(hours=1)).out.startswith("0 violations ")
    assert desk("tick").code == 0
    assert [found[:3] for found in on_record()] == DUE


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--until", "2026-06-01T10:30:01Z"), "lies in the future"),
        (("--until", "2026-06-01T09:00:00"), "--until"),
        (("--until", "2026-06-01T09:00:00Z", "--follow"), "--follow"),
        (("--follow", "--every", "0s"), "length of time"),
        (("--every", "soon"), "length of time"),
    ],
)
def test_a_wrong_use_records_nothing(desk, words, named):
    """A future --until ends with exit code 2: nothing is recorded before it happened."""
    said = desk("tick", *words)
    assert (said.code, said.out) == (2, "")
    assert named in said.err
    assert len(said.err.splitlines()) == 1
    assert on_record() == []


def test_a_missing_database_is_not_made(cli, folder):
    assert cli("tick").code == 6
    assert not (folder / "deskledger.db").exists()


def test_deleted_and_archived_tickets_are_left_alone(desk, clock):
    """F-51, F-52: their clocks and limits stand still; back again, what is left of the target still counts."""
    asked(desk, "DeleteTicket", "d-1", "T-3")
    asked(desk, "ArchiveTicket", "d-2", "T-2")
    clock.advance(days=2)
    assert desk("tick", "--json").json["tickets"] == 1
    assert [found[0] for found in on_record()] == ["ticket:T-1"] * 2
    asked(desk, "RestoreTicket", "d-3", "T-3")
    assert desk("tick", "--json").json["violations"] == 0
    clock.advance(hours=10)
    assert desk("tick", "--json").json["violations"] == 3
    opened, away = 1.0, 48.0
    assert [found[1:3] for found in on_record()[2:]] == [
        ("response.violated", moment(hours=opened + 1 + away)),
        ("state.limit_violated", moment(hours=opened + 2.5 + away)),
        ("resolution.violated", moment(hours=opened + 4 + away)),
    ]
    assert_whole(Path("deskledger.db"))


def test_on_hold_a_clock_stands_still(desk, clock):
    asked(desk, "HoldTicket", "h-1", "T-2")
    clock.advance(days=2)
    desk("tick")
    assert "ticket:T-2" not in {found[0] for found in on_record()}


def test_what_a_command_recorded_first_is_not_recorded_again(desk, clock):
    """A decision takes note of what time caused before it; the ticker finds the rest."""
    clock.advance(days=2)
    asked(desk, "AddComment", "k-1", "T-1", body="Late")
    assert [found[4:] for found in on_record()] == [("system", on_record()[0][5])] * 2
    assert on_record()[0][5] != "ticker"
    assert desk("tick", "--json").json["violations"] == 5
    assert sorted(found[:3] for found in on_record()) == sorted(DUE)


def test_two_tickers_at_once_record_each_violation_once(desk, clock, folder):
    """Each in a process of its own, over tickets of which many are due at the same instant."""
    many = [opening(f"M-{number}", f"m-{number}") for number in range(120)]
    assert desk("command", "send", "-", stdin="\n".join(many)).code == 0
    with ThreadPoolExecutor() as pool:  # the processes go by the real clock, by which all was due long ago
        done = list(pool.map(lambda _: process("tick", "--json"), range(2)))
    assert [one.returncode for one in done] == [0] * 2, [one.stderr for one in done]
    found = [one[:3] for one in on_record()]
    assert len(found) == len(set(found)) == 7 + 2 * 120
    assert [one[2] for one in found] == sorted(one[2] for one in found)
    assert sum(json.loads(one.stdout)["violations"] for one in done) >= len(found)
    assert_whole(folder / "deskledger.db")
    assert desk("replay", "verify").code == 0


def process(*words):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", CALL, *words], env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_follower_records_what_falls_due_and_stops_at_a_signal(cli, folder, number):
    """A process of its own under the real clock: a target of one second, missed while it follows."""
    defined(cli, folder, POLICY.replace("1h", "1s").replace("4h", "1d"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    follower = subprocess.Popen(
        [sys.executable, "-c", CALL, "tick", "--follow", "--every", "1s"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert follower.stdout is not None
        assert follower.stdout.readline().startswith("0 violations in 0 tickets ")
        assert cli("command", "send", "-", stdin=opening("T-1", "c-1")).code == 0
        # Printed at once, not at the end: whoever reads a pipe hears of it.
        assert follower.stdout.readline().startswith("1 violation in 1 ticket ")
        follower.send_signal(number)
        begun = time.monotonic()
        out, err = follower.communicate(timeout=20)
        assert time.monotonic() - begun < 5
    finally:
        follower.kill()
        follower.wait()
    assert (follower.returncode, out, err) == (0, "", "")
    [(stream, name, occurred_at, recorded_at, actor, via)] = on_record()
    assert (stream, name, actor, via) == ("ticket:T-1", "response.violated", "system", "ticker")
    assert occurred_at <= recorded_at
    assert cli("tick", "--json").json["violations"] == 0
    assert cli("replay", "verify").code == 0
