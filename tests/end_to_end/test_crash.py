"""One command id, one effect, one answer, also under kill -9 at any point (design section 9, promise 2; E-08, F-165).

A child process works through a list; it is killed at random moments and started again until it is done. What is then in
the file is what an uninterrupted run leaves, but for keys and what was sealed with them.
"""

import csv
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from adapters.importers.csv_log import import_csv
from adapters.importers.mapping import SourceMapping
from adapters.importers.source_log import Imported
from commands.access import Door
from commands.importing import ImportRevision
from commands.message import Message
from domain.contacts import ContactErased
from domain.receipts import Receipt
from tests.examples import ARCHIVE_ROOM, Clock, command, ledger_at, moment, opening, row, send
from tests.whole import assert_caught_up, assert_whole

SEED = 20_260_601
BATCHES = 420
KILLS_WANTED = 25
TICKETS = [f"T-{n}" for n in range(12)]
PEOPLE = ("carla", "dora", "emil")
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.end_to_end.test_crash"])

Tell = Callable[[], None]
Work = Callable[[Path, Tell], object]


def some_command(chance: Random) -> Message:
    """One of everything that can happen to a handful of tickets, people and statuses."""
    ticket_id, person, text = chance.choice(TICKETS), chance.choice(PEOPLE), f"text {chance.random()}"
    key = f"<{chance.randrange(200)}@mail>"
    made: list[Callable[[], Message]] = [
        lambda: opening(ticket_id, contact_id=person, message_key=key, subject=text),
        lambda: command("ChangeTicket", ticket_id=ticket_id, subject=text, contact_id=person),
        lambda: command("ReceiveReply", ticket_id=ticket_id, body=text, message_key=key),
        lambda: command("SendReply", ticket_id=ticket_id, body=text, status=chance.choice(["Open", "Closed", "Parts"])),
        lambda: command("AddComment", ticket_id=ticket_id, body=text),
        lambda: command("AssignTicket", ticket_id=ticket_id, agent=chance.choice(["ana", "bo", None])),
        lambda: command("AddTags", ticket_id=ticket_id, tags=[chance.choice("abc")], expected_version=999),
        lambda: command(chance.choice(["HoldTicket", "ReopenTicket", "RestoreTicket"]), ticket_id=ticket_id),
        lambda: command(chance.choice(["DeleteTicket", "RestoreTicket"]), ticket_id=ticket_id),
        lambda: command("RegisterContact", contact_id=person, name=text),
        lambda: command("EraseContact", contact_id=person),
        lambda: command("DefineStatus", status="Parts", status_type="on_hold"),
        lambda: command("RetireStatus", status="Parts"),
        lambda: row(chance.randrange(1, 50), ticket_id=f"I-{person}", subject=text, occurred_at=moment(days=-1)),
    ]
    weights = [6, 3, 5, 5, 3, 3, 1, 3, 1, 1, 1, 1, 1, 2]
    return chance.choices(made, weights)[0]()


def batches() -> Iterator[list[Message]]:
    """The same list in every process."""
    chance, ids = Random(SEED), count(1)
    for _ in range(BATCHES):
        batch = [some_command(chance) for _ in range(chance.randrange(1, 5))]
        yield [one.model_copy(update={"command_id": f"crash-{next(ids)}"}) for one in batch]


def work_through_the_list(path: Path, tell: Tell) -> None:
    clock = Clock()
    with ledger_at(path, clock) as ledger:
        for batch in batches():
            clock.advance(minutes=1)
            send(ledger, *batch, door=ARCHIVE_ROOM)
            tell()
        ledger.runner.catch_up()


def killed_until_done(path: Path, work: Work, stride: int) -> int:
    """How often the child was killed before it came to its end; each time it came a little further, or not at all."""
    chance, kills, furthest = Random(SEED), 0, 0
    while True:
        ours, theirs = PROCESSES.Pipe(duplex=False)
        child = PROCESSES.Process(target=telling, args=(path, work, theirs))
        child.start()
        theirs.close()
        told = heard(ours, furthest + chance.randrange(stride))
        furthest = max(furthest, told)
        child.join(timeout=chance.random() * 0.006)
        child.kill()
        child.join()
        ours.close()
        if child.exitcode == 0:
            return kills
        assert child.exitcode == -SIGKILL
        kills += 1


def heard(ours: Connection, enough: int) -> int:
    """How many steps the child told of when they were enough, or when it came to its end."""
    for told in count():
        if told >= enough:
            return told
        assert ours.poll(timeout=60)
        try:
            ours.recv_bytes()
        except EOFError:
            return told
    raise AssertionError


def telling(path: Path, work: Work, theirs: Connection) -> None:
    work(path, lambda: theirs.send_bytes(b"."))
    theirs.close()


def content(path: Path) -> dict[str, list[Any]]:
    """What two runs must have in common, table by table."""
    with ledger_at(path) as ledger:
        ledger.runner.catch_up()
        assert ledger.runner.compare() == []
        read = ledger.journal.read()
    # Which keys were destroyed is chance; that they were is not.
    events = [one._replace(event="erased") if isinstance(one.event, ContactErased) else one for one in read]
    with closing(sqlite3.connect(path)) as connection:
        tables = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in COMPARED}
        digests = connection.execute("SELECT number, digest, answer FROM receipts ORDER BY number").fetchall()
        subjects = connection.execute("SELECT subject FROM subject_keys ORDER BY subject").fetchall()
    return {**tables, "log": events, "receipts": digests, "subject_keys": subjects}


COMPARED = (
    *("dim_tickets", "fct_messages", "fct_status_intervals", "fct_assignment_intervals", "rpt_backlog"),
    *("fct_commands", "meta_projections", "claims", "sequences"),
)


def assert_same(path: Path, other: Path) -> None:
    for one in (path, other):
        assert_whole(one)
        assert_caught_up(one)
    killed, calm = content(path), content(other)
    for name, rows in calm.items():
        assert killed[name] == rows, name
    assert len(calm["log"]) > 300


def test_a_process_that_is_killed_at_any_moment_leaves_what_an_uninterrupted_one_does(tmp_path):
    kills = killed_until_done(tmp_path / "killed", work_through_the_list, stride=18)
    work_through_the_list(tmp_path / "calm", lambda: None)
    assert kills >= KILLS_WANTED
    assert_same(tmp_path / "killed", tmp_path / "calm")
    outcomes = {one[4] for one in content(tmp_path / "calm")["fct_commands"]}
    assert outcomes == {"accepted", "refused"}


# The same for an import

MAPPING = SourceMapping.model_validate(
    {
        "source": "old_desk",
        "version": 1,
        "ticket": {
            "case": "id",
            "instant": "at",
            "actor": {"column": "by", "prefix": "agent:"},
            "channel": {"column": "channel"},
            "department": {"constant": "IT"},
            "status": {"column": "status", "types": {"New": "open", "Done": "closed"}},
            "subject": "subject",
            "contact": "contact",
            "team": "team",
        },
    }
)
IMPORTER = Door("import:old_desk@1", frozenset({"act_for", "backdate"}))


def written(path: Path) -> Path:
    """A log of 40 cases, their rows mixed."""
    chance = Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "at", "by", "channel", "status", "subject", "contact", "team"])
        for line in range(400):
            at = moment(days=-30, minutes=line + chance.randrange(-5, 5))
            told = [f"subject {chance.randrange(9)}", chance.choice(PEOPLE), chance.choice(["Tier 1", "Tier 2"])]
            rows.writerow([f"case-{chance.randrange(40)}", at, "ana", "web", chance.choice(["New", "Done"]), *told])
    return path


def import_the_file(source: Path, path: Path, tell: Tell) -> Imported:
    with ledger_at(path) as ledger:

        def send_rows(rows: Sequence[ImportRevision]) -> Sequence[Receipt]:
            receipts = ledger.submit(rows, IMPORTER)
            tell()
            return receipts

        tip = ledger.journal.tip().receipt
        done = import_csv(source, MAPPING, send_rows, tip_before=tip, batch_size=3)
        ledger.runner.catch_up()
    return done


def test_an_import_that_is_killed_at_any_moment_leaves_what_an_uninterrupted_one_does(tmp_path):
    """F-165."""
    importing = partial(import_the_file, written(tmp_path / "log.csv"))
    kills = killed_until_done(tmp_path / "killed", importing, stride=16)
    done = importing(tmp_path / "calm", lambda: None)
    assert kills >= 10
    assert (done.tickets, done.rows, done.rows_added, done.rows_skipped) == (40, 400, 400, [])
    assert_same(tmp_path / "killed", tmp_path / "calm")
    again = importing(tmp_path / "killed", lambda: None)
    assert (again.rows_added, again.rows_known, again.events_added) == (0, 400, 0)
