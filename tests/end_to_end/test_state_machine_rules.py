"""A desk under random blueprints and policies, in two processes at once, whatever is published in the middle of it.

Design section 9, promise 1 (E-01, E-02, E-04, E-05, E-06, E-08, E-09; F-103 to F-106, F-110, F-113 to F-115, F-91 to
F-94). After every step all ways to the state give the same state, and the log alone shows that the rules held
(`rules_account`). The run is the same every time; DESKLEDGER_SEED names another one, DESKLEDGER_EXAMPLES its length.
A failure is told as it was met: making it smaller takes many times the run.
"""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from commands.aggregates import folded
from domain.instant import Instant, later
from domain.recorded import EVENT_CLASSES, Recorded
from domain.rules.lapse import lapse
from domain.ticket.state import Ticket, evolve
from tests.commands.test_interleaving import interrupted
from tests.end_to_end.asked_rules import (
    AGENTS,
    BLUEPRINTS,
    STATUSES,
    TICKETS,
    TRANSITION_NAMES,
    Json,
    drafting,
    random_act,
    random_blueprint,
    random_defining,
    random_opening,
    random_policy,
    random_publication,
    random_row,
)
from tests.end_to_end.rules_account import VIOLATIONS, Account
from tests.end_to_end.two_buses import OF_RULES, PLACES, SEED, Answer, TwoBuses, rebuilt, stored
from tests.examples import MONDAY

STEPS_WANTED = 3_000
EXAMPLES = int(os.environ.get("DESKLEDGER_EXAMPLES", "120"))
COUNTED: Counter[str] = Counter()
CODES: Counter[str] = Counter()
NAMES: Counter[str] = Counter()
RULE_EVENTS = {
    name
    for name, _ in EVENT_CLASSES
    if name.partition(".")[0]
    in {"blueprint", "transition", "state", "sla", "response", "resolution", "verdict", "definition"}
} | {"ticket.adopted"}
"""What the run must bring, by stored name."""
DRAWS = st.integers(0, 2**32 - 1)


class DeskUnderRules(TwoBuses):
    """A desk whose blueprints and policies change while it works."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()
        self.log: list[Recorded] = []
        self.receipts = 0

    def teardown(self) -> None:
        NAMES.update(self.account.names)
        super().teardown()

    def chance(self, draw: int) -> Random:
        """Another chance for each step, also where the same number is drawn again."""
        return Random(f"{draw} {self.named_so_far}")

    # What can happen

    @initialize(draw=DRAWS)
    def a_desk_has_rules_and_tickets(self, draw: int) -> None:
        chance = self.chance(draw)
        batch: list[Json] = [
            {"command": "DefineStatus", "status": status, "status_type": status_type}
            for status, status_type in STATUSES
        ]
        for document in (*(random_blueprint(chance, key) for key in BLUEPRINTS[:2]), random_policy(chance, "gold")):
            drafted = drafting(document)
            named = {"kind": drafted["kind"], "key": drafted["key"]}
            batch += [drafted, {"command": "PublishDefinition", **named, "version": 1}]
        batch += [*(random_opening(chance, ticket_id) for ticket_id in TICKETS[:3]), random_row(chance, "I-1")]
        self.send(0, [{**one, "status": "Open"} if one["command"] == "OpenTicket" else one for one in batch])

    @rule(place=PLACES, draw=DRAWS)
    def tickets_are_worked_on(self, place: int, draw: int) -> None:
        chance = self.chance(draw)
        self.send(place, [random_act(chance) for _ in range(chance.randint(3, 8))])

    @rule(place=PLACES, draw=DRAWS)
    def tickets_are_worked_on_one_by_one(self, place: int, draw: int) -> None:
        chance = self.chance(draw)
        for _ in range(4):
            self.send(place, [random_act(chance)])

    @rule(place=PLACES, draw=DRAWS)
    def definitions_change(self, place: int, draw: int) -> None:
        chance = self.chance(draw)
        self.send(place, random_defining(chance))

    @rule(place=PLACES, draw=DRAWS)
    def a_publication_stands_inside_a_batch(self, place: int, draw: int) -> None:
        chance = self.chance(draw)
        before, after = ([random_act(chance) for _ in range(2)] for _ in range(2))
        self.send(place, [*before, *random_publication(chance, chance.choice((None, None, 1))), *after])

    @rule(place=PLACES, draw=DRAWS, at=st.integers(0, 3))
    def the_other_publishes_in_the_middle(self, place: int, draw: int, at: int) -> None:
        chance = self.chance(draw)
        ours = [random_act(chance) for _ in range(chance.randint(1, 3))]
        self.send_in_the_middle(place, at, ours, random_defining(chance))

    @rule(place=PLACES, draw=DRAWS, at=st.integers(0, 3))
    def the_other_works_in_the_middle(self, place: int, draw: int, at: int) -> None:
        chance = self.chance(draw)
        ours = random_defining(chance) if chance.random() < 0.5 else [random_act(chance)]
        self.send_in_the_middle(place, at, ours, [random_act(chance)])

    @rule(seconds=st.sampled_from([1, 61, 601, 7_201, 90_000, 300_000, 61 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        self.compare(0)

    @rule(place=PLACES, micros=st.sampled_from([-1, 0, 0, 1]))
    def something_falls_due(self, place: int, micros: int) -> None:
        dues = {due.at for ticket in self.account.tickets.values() for due in ticket.dues.values() if due.at}
        ahead = sorted(due for due in dues if due > self.clock())
        if ahead:
            self.clock.passed = max(
                self.clock.passed, datetime.fromisoformat(later(Instant(ahead[0]), microseconds=micros)) - MONDAY
            )
        self.compare(place)

    @rule(place=PLACES)
    def a_ticker_comes_round(self, place: int) -> None:
        tick = {"command": "LapseTicket", "actor": "system"}
        self.send(place, [{**tick, "ticket_id": name.partition(":")[2]} for name in self.account.tickets])

    @rule(place=PLACES)
    def what_is_away_comes_back(self, place: int) -> None:
        back: list[Json] = []
        for name, ticket in self.account.tickets.items():
            if ticket.is_deleted:
                back.append({"command": "RestoreTicket", "ticket_id": name.partition(":")[2]})
            if ticket.is_archived:
                back.append({"command": "UnarchiveTicket", "ticket_id": name.partition(":")[2]})
        self.send(place, back)

    @rule(place=PLACES, draw=DRAWS)
    def a_ticket_is_away_for_a_while(self, place: int, draw: int) -> None:
        chance = self.chance(draw)
        timed = [name for name, ticket in self.account.tickets.items() if ticket.dues]
        ticket_id = chance.choice(timed or ["ticket:T-1"]).partition(":")[2]
        away, back = chance.choice((("DeleteTicket", "RestoreTicket"), ("ArchiveTicket", "UnarchiveTicket")))
        self.send(place, [random_act(chance), {"command": away, "ticket_id": ticket_id}])
        self.clock.advance(seconds=chance.choice((1, 29, 601, 7_201)))
        self.send(1 - place, [{"command": back, "ticket_id": ticket_id}, random_act(chance)])

    @rule(
        place=PLACES,
        name=st.sampled_from(["SendReply", "CloseTicket", "ForceState"]),
        early=st.booleans(),
        ticked=st.booleans(),
    )
    def somebody_tells_late_what_was_in_time(self, place: int, name: str, early: bool, ticked: bool) -> None:
        """A claimed instant before something fell due, on record already or not."""
        if ticked:
            self.a_ticker_comes_round(place)
        told: dict[str, Json] = {"SendReply": {"body": "Seen"}, "ForceState": {"state": 1, "reason": "Told to"}}
        claims: list[Json] = []
        for stream, ticket in self.account.tickets.items():
            for due in ticket.dues.values():
                if due.at is not None and due.at <= self.clock():
                    at = later(Instant(due.at), seconds=-1) if early else due.at
                    claim = {"command": name, "ticket_id": stream.partition(":")[2], "occurred_at": at}
                    claims.append({**claim, **told.get(name, {})})
        self.send(place, claims)

    # What must be so after each of it

    def resolved(self, asked: Json, drafted: Counter[str]) -> Json:
        """The command as a person would send it: what stood for something that there is named, instants claimed."""
        one = dict(asked)
        if one["command"] == "DraftDefinition":
            drafted[one["key"]] += 1
        if one["command"] == "PublishDefinition" and one["version"] <= 0:
            known = self.account.definitions.get((one["kind"], one["key"]))
            latest = len(known.documents) if known else 0
            one["version"] = max(1, latest + drafted[one["key"]] + one["version"])
        ticket = self.account.tickets.get(f"ticket:{one.get('ticket_id')}")
        if ticket is not None and ticket.visit is not None:
            blueprint, version, state = ticket.visit
            document = self.account.definitions["blueprint", blueprint].documents[version]
            if isinstance(number := one.get("transition"), int):
                onward = [move["name"] for move in document["transitions"] if move["from"] in (state, "*")]
                one["transition"] = (onward or TRANSITION_NAMES)[number % len(onward or TRANSITION_NAMES)]
            if isinstance(number := one.get("state"), int):
                one["state"] = document["states"][number % len(document["states"])]["name"]
        for name, kept in (("transition", "go"), ("state", "Asked")):
            if isinstance(one.get(name), int):
                one[name] = kept
        if (ago := one.pop("ago", None)) is not None:
            instant = "valid_from" if one["command"] == "PublishDefinition" else "occurred_at"
            one[instant] = later(self.clock(), seconds=-ago)
        return one

    def prepared(self, batch: Sequence[Json]) -> list[Json]:
        drafted: Counter[str] = Counter()
        return [self.named(self.resolved(one, drafted), AGENTS[0]) for one in batch]

    def send(self, place: int, batch: Sequence[Json]) -> None:
        if batch:
            self.check(self.submit(place, "office", self.prepared(batch)))
        self.compare(place)

    def send_in_the_middle(self, place: int, at: int, ours: Sequence[Json], theirs: Sequence[Json]) -> None:
        first, second = self.prepared(ours), self.prepared(theirs)
        answers: list[Answer] = []

        def act() -> None:
            answers.extend(self.submit(1 - place, "office", second))
            COUNTED["interleaved"] += 1

        with interrupted(self.ledgers[place], at, act):
            answers.extend(self.submit(place, "office", first))
        self.check(answers)
        self.compare(place)

    def check(self, answers: Sequence[Answer]) -> None:
        """(e) What was refused left nothing in the log."""
        events = self.ledgers[0].journal.read(self.account.position)
        for _, _, receipt in answers:
            COUNTED[receipt.outcome] += 1
            CODES.update(reason.code for reason in receipt.answer.reasons)
            found = tuple(one.position for one in events if one.command_id == receipt.command_id)
            assert found == receipt.answer.positions
            assert not (found and receipt.answer.reasons)

    def compare(self, place: int) -> None:
        COUNTED["steps"] += 1
        reader = self.ledgers[1 - place]
        self.log = list(reader.journal.read())
        self.account.follow(self.log[self.account.position :])
        streams: dict[str, list[Recorded]] = {}
        for recorded in self.log:
            streams.setdefault(recorded.stream, []).append(recorded)
        self.compare_cache({stream: folded(stream, events) for stream, events in streams.items()})
        assert stored(reader) == rebuilt(self.log)
        self.compare_with_reading(streams)

    def compare_with_reading(self, streams: dict[str, list[Recorded]]) -> None:
        """(d) What nobody put on record is found on reading, so that ticking changes no verdict."""
        ticks = {
            row[0]
            for row in self.ledgers[0].journal.connection.execute(
                "SELECT command_id FROM receipts WHERE command = 'LapseTicket'"
            )
        }
        until = self.clock()
        for stream, events in streams.items():
            if not stream.startswith("ticket:"):
                continue
            recorded = lapsed_to(folded(stream, events).state, until)
            on_record = [(one.name, one.event.due_at) for one in events if isinstance(one.event, VIOLATIONS)]
            read, found = read_without(events, ticks, until)
            assert read == recorded[0]
            assert Counter(found) == Counter(on_record + recorded[1])


def lapsed_to(ticket: Any, until: Instant) -> tuple[Ticket, list[tuple[str, str]]]:
    """The ticket with what time alone caused by then, and that by stored name and due instant."""
    found = []
    for event in lapse(ticket, until):
        found.append((named(event), str(event.due_at)))
        ticket = evolve(ticket, event, event.due_at)
    return ticket, found


def named(event: object) -> str:
    return next(name for (name, _), made in EVENT_CLASSES.items() if made is type(event))


def read_without(
    events: Sequence[Recorded], ticks: set[str], until: Instant
) -> tuple[Ticket | None, list[tuple[str, str]]]:
    """The ticket and its violations by the log without what ticks and time brought, and the lapse of reading."""
    ticket: Ticket | None = None
    found: list[tuple[str, str]] = []
    command_id = ""
    for recorded in events:
        event: Any = recorded.event
        if recorded.command_id in ticks:
            continue
        if isinstance(event, VIOLATIONS) and recorded.actor == "system" and recorded.occurred_at == event.due_at:
            continue
        if ticket is not None and recorded.command_id != command_id:
            ticket, more = lapsed_to(ticket, recorded.recorded_at)
            found += more
        command_id = recorded.command_id
        if isinstance(event, VIOLATIONS):
            found.append((recorded.name, event.due_at))
        ticket = evolve(ticket, event, recorded.occurred_at, recorded.version, recorded.actor)
    if ticket is not None:
        ticket, more = lapsed_to(ticket, until)
        found += more
    return ticket, found


def test_whatever_is_published_in_the_middle_each_command_is_judged_by_one_version(capsys):
    """Promise 1, under rules."""
    for counter in (COUNTED, CODES, NAMES):
        counter.clear()
    run_state_machine_as_test(
        seed(SEED)(DeskUnderRules),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    with capsys.disabled():
        for told in (COUNTED, {code: CODES[code] for code in sorted(OF_RULES)}, Counter(NAMES)):
            counts = ", ".join(f"{count} {name}" for name, count in told.items())
            sys.stdout.write(f" [seed {SEED}: {counts}]\n")
    assert COUNTED["steps"] >= STEPS_WANTED
    assert min(COUNTED["accepted"], COUNTED["refused"]) > STEPS_WANTED // 3
    assert COUNTED["interleaved"] > STEPS_WANTED // 30
    assert OF_RULES - CODES.keys() == set()
    assert RULE_EVENTS - NAMES.keys() == set()
