"""State(live) = state(full replay) = state(cache) = state(rebuilt projection), after every step of a random run.

Design section 9, promise 1 (E-01, E-02, E-05, E-08, E-09, E-14). Two buses on one file take random commands; an oracle
that knows no code of ours (`oracle.py`) says how each must be answered and what every row must be. The run is the same
every time; DESKLEDGER_SEED names another one.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from commands.aggregates import folded
from tests.commands.test_interleaving import interrupted
from tests.end_to_end import asked
from tests.end_to_end.oracle import Desk
from tests.end_to_end.oracle_tickets import Json
from tests.end_to_end.two_buses import (
    DOORS,
    OF_RULES,
    OFFICES,
    PLACES,
    REFUSALS,
    SEED,
    Answer,
    TwoBuses,
    as_objects,
    rebuilt,
    stored,
)

STEPS_WANTED = 10_000
EXAMPLES = 250
COUNTED: Counter[str] = Counter()
CODES: Counter[str] = Counter()


def batches(*commands: st.SearchStrategy[Json]) -> st.SearchStrategy[list[Json]]:
    return st.lists(st.one_of(*commands), min_size=1, max_size=3)


class DeskWithAnOracle(TwoBuses):
    """A desk without definitions, beside what it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.sent: list[tuple[Json, str]] = []

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

    # What must be so after each of it

    def send(self, place: int, office: str, batch: list[Json]) -> None:
        self.check(office, self.submit(place, office, batch))

    def check(self, office: str, answers: Sequence[Answer]) -> None:
        door = DOORS[office]
        for place, one, receipt in answers:
            COUNTED["commands"] += 1
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
        from_tables, from_log = stored(reader), rebuilt(reader.journal.read())
        assert from_tables == from_log
        for table, rows in self.desk.rows().items():
            assert as_objects(table, from_tables[table]) == rows

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


PLAIN = {
    *("number", "source", "channel", "contact_id", "department", "priority", "status", "status_type", "agent", "team"),
    *("due_at", "created_at", "opened_at", "closed_at", "restorable_until", "is_archived"),
    *("exchanges", "reopen_count", "team_change_count"),
}
"""What a ticket's state and the oracle's ticket have under the same name."""


def test_every_way_to_the_state_gives_the_same_state(capsys):
    """Promise 1."""
    COUNTED.clear()
    CODES.clear()
    run_state_machine_as_test(
        seed(SEED)(DeskWithAnOracle),
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
    assert REFUSALS - OF_RULES - CODES.keys() == set()
