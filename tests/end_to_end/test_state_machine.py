"""State(live) = state(full replay) = state(cache) = state(rebuilt projection), after every step of a random run.

Design section 9, promise 1 (E-01, E-02, E-05, E-08, E-09, E-14). Two buses on one file take random commands; an oracle
that knows no code of ours (`oracle.py`) says how each must be answered and what every row must be. The run is the same
every time; DESKLEDGER_SEED names another one.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from adapters.wiring import Ledger
from commands.access import Door
from commands.aggregates import folded
from commands.union import parse_command
from domain.receipts import Receipt
from domain.refusals import Refusal
from projections.base import columns
from projections.catalogue import PROJECTIONS
from projections.folding import advance
from projections.memory import MemoryRows
from tests.commands.test_interleaving import interrupted
from tests.end_to_end import asked
from tests.end_to_end.oracle import Desk
from tests.end_to_end.oracle_tickets import Json
from tests.examples import Clock, ledger_at
from tests.whole import assert_whole

STEPS_WANTED = 10_000
SEED = int(os.environ.get("DESKLEDGER_SEED", "0"))
EXAMPLES = 250
COUNTED: Counter[str] = Counter()
CODES: Counter[str] = Counter()
REFUSALS = {made.code for made in Refusal.__subclasses__()} - {"source_rewritten"}
"""Every reason that the run must meet; a source that was rewritten is seen by its importer alone."""
DOORS = {
    "office": Door("cli:office", frozenset({"act_for", "backdate"})),
    "ana": Door("cli:ana"),
    "mail": Door("kafka:mail"),
}
PLACES = st.sampled_from([0, 1])
OFFICES = st.sampled_from(["office", "office", "office", "office", "ana", "mail"])


class Answer(NamedTuple):
    """What one of the two buses answered."""

    place: int
    asked: Json
    receipt: Receipt


def batches(*commands: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(st.one_of(*commands), min_size=1, max_size=3)


class TwoBuses(RuleBasedStateMachine):
    """A desk with two processes' worth of buses on one file."""

    def __init__(self) -> None:
        super().__init__()
        self.files = TemporaryDirectory()
        self.path = Path(self.files.name) / "desk.db"
        self.clock = Clock()
        self.desk = Desk()
        self.sent: list[tuple[Json, str]] = []
        self.named_so_far = 0
        self.open_ledgers = [ExitStack(), ExitStack()]
        self.ledgers = [self.opened(0), self.opened(1)]
        self.erased_since = [False, False]

    def opened(self, place: int) -> Ledger:
        ledger = self.open_ledgers[place].enter_context(ledger_at(self.path, self.clock))
        ledger.journal.connection.execute("PRAGMA synchronous = OFF")
        return ledger

    def teardown(self) -> None:
        assert self.ledgers[0].runner.compare() == []
        for ledgers in self.open_ledgers:
            ledgers.close()
        assert_whole(self.path)
        self.files.cleanup()

    # What can happen

    @initialize(first=asked.opening, second=asked.opening, third=asked.importing)
    def a_desk_has_tickets(self, first: Json, second: Json, third: Json) -> None:
        batch = [{**first, "ticket_id": "T-1"}, {**second, "ticket_id": "T-2"}, {**third, "ticket_id": "I-1"}]
        batch = [{**one, "status": "Open"} if "subject" in one else one for one in batch]
        self.send(0, "office", [self.named(one, "agent:ana") for one in batch])

    @rule(place=PLACES, office=OFFICES, actor=asked.actors, batch=batches(asked.commands))
    def commands_are_sent(self, place: int, office: str, actor: str, batch: list[Json]) -> None:
        self.send(place, office, [self.named(one, actor) for one in batch])

    @rule(place=PLACES, batch=batches(asked.opening, asked.changing))
    def tickets_are_worked_on(self, place: int, batch: list[Json]) -> None:
        self.send(place, "office", [self.named(one, "agent:ana") for one in batch])

    @rule(place=PLACES, batch=batches(asked.moving, asked.talking, asked.catalogue))
    def tickets_change_their_status(self, place: int, batch: list[Json]) -> None:
        self.send(place, "office", [self.named(one, "agent:bo") for one in batch])

    @rule(place=PLACES, batch=batches(asked.talking, asked.contacts, asked.changing))
    def people_write_and_are_erased(self, place: int, batch: list[Json]) -> None:
        self.send(place, "office", [self.named(one, "service:mail") for one in batch])

    @rule(place=PLACES, actor=asked.actors, one=asked.commands, ahead=st.integers(-1, 1))
    def a_version_is_expected(self, place: int, actor: str, one: Json, ahead: int) -> None:
        expected = max(0, self.desk.version(self.desk.stream_of(one)) + ahead)
        self.send(place, "office", [{**self.named(one, actor), "expected_version": expected}])

    @precondition(lambda self: self.sent)
    @rule(place=PLACES, data=st.data(), office=OFFICES, changed=st.booleans())
    def a_command_is_sent_again(self, place: int, data: st.DataObject, office: str, changed: bool) -> None:
        one, before = data.draw(st.sampled_from(self.sent))
        again = {**one, "issued_at": self.clock(), "correlation_id": "again"}
        if changed:
            again = {**again, "actor": "agent:someone"}
        self.send(place, data.draw(st.sampled_from([before, office])), [again, again])

    @rule(place=PLACES, at=st.integers(0, 6), actor=asked.actors, one=asked.commands, other=asked.commands)
    def one_acts_in_the_middle_of_the_other(self, place: int, at: int, actor: str, one: Json, other: Json) -> None:
        ours, theirs = self.named(one, actor), self.named(other, actor)
        answers: list[Answer] = []

        def act() -> None:
            answers.extend(self.submit(1 - place, "office", [theirs]))

        with interrupted(self.ledgers[place], at, act):
            answers.extend(self.submit(place, "office", [ours]))
        self.check("office", sorted(answers, key=lambda answer: answer.receipt.number))

    @rule(place=PLACES, late=st.sampled_from([0, 0, 1]))
    def a_deletion_is_taken_back(self, place: int, late: int) -> None:
        both = [{"command": name, "ticket_id": "T-1"} for name in ("DeleteTicket", "RestoreTicket")]
        self.send(place, "office", [self.named(both[0], "agent:ana")])
        self.clock.advance(days=60 * late, microseconds=late)
        self.send(1 - place, "office", [self.named(both[1], "agent:bo")])

    @rule(hours=st.sampled_from([-1.0, 0.001, 1.0, 30.0, 24.0 * 60]))
    def time_passes(self, hours: float) -> None:
        self.clock.advance(hours=hours)
        COUNTED["steps"] += 1

    @rule(place=PLACES)
    def a_process_starts_again(self, place: int) -> None:
        self.open_ledgers[place].close()
        self.ledgers[place] = self.opened(place)
        self.erased_since[place] = False
        self.compare(place)

    @rule(place=PLACES, which=st.sampled_from(PROJECTIONS))
    def a_projection_is_rebuilt(self, place: int, which: Any) -> None:
        self.ledgers[place].runner.rebuild(which.name)
        self.compare(1 - place)

    # What must be so after each of it

    def named(self, one: Json, actor: str) -> Json:
        COUNTED["commands"] += 1
        self.named_so_far += 1
        return {"command_id": f"c-{self.named_so_far}", "actor": actor, **one}

    def submit(self, place: int, office: str, batch: list[Json]) -> list[Answer]:
        parsed = [parse_command(json.dumps(one)) for one in batch]
        receipts = self.ledgers[place].submit(parsed, DOORS[office])
        return [Answer(place, one, receipt) for one, receipt in zip(batch, receipts, strict=True)]

    def send(self, place: int, office: str, batch: list[Json]) -> None:
        self.check(office, self.submit(place, office, batch))

    def check(self, office: str, answers: Sequence[Answer]) -> None:
        door = DOORS[office]
        for place, one, receipt in answers:
            answered, erasures = len(self.desk.receipts), self.desk.erasures
            expected = self.desk.answer(one, door.via, set(door.rights), self.clock())
            COUNTED[expected["outcome"]] += 1
            CODES.update(expected["codes"])
            assert {
                "outcome": receipt.outcome,
                "codes": [reason.code for reason in receipt.answer.reasons],
                "positions": list(receipt.answer.positions),
                "versions": list(receipt.answer.versions),
                "number": receipt.number,
            } == {name: expected[name] for name in ("outcome", "codes", "positions", "versions", "number")}
            self.sent.append((one, office))
            if len(self.desk.receipts) > answered:
                self.erased_since[place] = False
            if self.desk.erasures > erasures:
                self.erased_since[1 - place] = True
        self.compare(answers[-1].place)

    def compare(self, place: int) -> None:
        COUNTED["steps"] += 1
        reader = self.ledgers[1 - place]
        streams = [f"ticket:{one}" for one in self.desk.tickets] + [f"contact:{one}" for one in self.desk.contacts]
        streams.append("definition:status:catalogue")
        histories = reader.journal.load(streams)
        replayed = {stream: folded(stream, events) for stream, events in histories.items()}
        for stream, aggregate in replayed.items():
            assert aggregate.version == self.desk.version(stream)
            self.compare_state(stream, aggregate.state)
        self.compare_cache(replayed)
        reader.runner.catch_up()
        rebuilt = self.rebuilt(reader)
        for table, rows in self.desk.rows().items():
            assert self.stored(reader, table) == rows
            assert rebuilt[table] == rows

    def compare_cache(self, replayed: dict[str, Any]) -> None:
        """A bus may lag behind the other until its next look, but what it keeps of a version is that version."""
        for ledger, lags in zip(self.ledgers, self.erased_since, strict=True):
            for stream, kept in ledger.bus.cached:
                assert kept.version <= self.desk.version(stream)
                if kept.version == self.desk.version(stream) and stream in replayed and not lags:
                    assert kept == replayed[stream]

    def compare_state(self, stream: str, state: Any) -> None:
        kind, _, key = stream.partition(":")
        if kind == "contact":
            kept = self.desk.contacts[key]
            expected = (kept["registered"], kept["name"], kept["address"], kept["erasures"])
            assert (state.is_registered, state.name, state.address, state.erasures) == expected
        elif kind == "definition":
            assert [(label, str(of_type)) for label, of_type in state.types] == self.desk.statuses
        else:
            kept = self.desk.tickets[key]
            assert (state.subject, state.description) == (kept["subject"][0], kept["description"][0])
            assert set(state.tags) == kept["tags"]
            assert {name: list(value) for name, value in state.fields.items()} == kept["fields"]
            assert (state.messages, state.source_sla_met) == (len(kept["messages"]), kept["is_source_sla_met"])
            shown = {one["message"]: one["visibility"] for one in kept["messages"] if one["kind"] == "comment"}
            assert dict(state.comments) == shown
            assert {name: getattr(state, name) for name in PLAIN} == {name: kept[name] for name in PLAIN}

    def rebuilt(self, reader: Ledger) -> dict[str, list[Json]]:
        """Every row as the log alone gives it."""
        fresh, events = MemoryRows(), reader.journal.read()
        for projection in PROJECTIONS if events else ():
            advance(projection, fresh, events)
        return {
            one.name: [{name: getattr(row, name) for name in COLUMNS[one.name]} for row in fresh.all_rows(one)]
            for one in PROJECTIONS
        }

    def stored(self, reader: Ledger, table: str) -> list[Json]:
        keys = {"fct_assignment_intervals": "1, 2, 3"}.get(table, "1, 2")
        found = reader.journal.connection.execute(f"SELECT * FROM {table} ORDER BY {keys}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]


PLAIN = {
    *("number", "source", "channel", "contact_id", "department", "priority", "status", "status_type", "agent", "team"),
    *("due_at", "created_at", "opened_at", "closed_at", "restorable_until", "is_archived"),
    *("exchanges", "reopen_count", "team_change_count"),
}
"""What a ticket's state and the oracle's ticket have under the same name."""


COLUMNS = {one.name: [column.name for column in columns(one.row)] for one in PROJECTIONS}


def test_every_way_to_the_state_gives_the_same_state(capsys):
    """Promise 1."""
    COUNTED.clear()
    CODES.clear()
    run_state_machine_as_test(
        seed(SEED)(TwoBuses),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with capsys.disabled():
        counts = ", ".join(f"{count} {name}" for name, count in COUNTED.most_common())
        sys.stdout.write(f" [seed {SEED}: {counts}] ")
    assert COUNTED["steps"] >= STEPS_WANTED
    assert min(COUNTED["accepted"], COUNTED["refused"], 10 * COUNTED["conflict"]) > STEPS_WANTED // 5
    assert REFUSALS - CODES.keys() == set()
