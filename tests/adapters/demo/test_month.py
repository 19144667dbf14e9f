"""The simulated month: repeatable, in time order, and mostly valid when the domain decides on it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import pytest

from adapters.demo.desk import AGENT, AGENTS, TEAMS
from adapters.demo.month import Step, month
from commands.aggregates import evolved, initial
from commands.contact import RegisterContact
from commands.message import World
from commands.status import RetireStatus
from commands.ticket import OpenTicket
from commands.union import parse_command
from domain.contacts import Contact
from domain.instant import Instant, moment_of, seconds_between
from domain.recorded import Consequence
from domain.refusals import Refused
from domain.statuses import BUILT_IN, STATUSES_STREAM
from domain.ticket.events import TicketEvent, TicketOpened, TicketStatusChanged
from domain.ticket.state import Ticket
from domain.values import StatusType, id_in, ticket_stream

TICKETS = 4500


@dataclass
class Ledger:
    """The smallest engine that can run a month: decisions, folds and receipts, all in memory."""

    states: dict[str, Any] = field(default_factory=dict)
    message_keys: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    histories: dict[str, list[tuple[Instant, Any]]] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    reused: int = 0
    repeated: int = 0

    @property
    def tickets(self) -> dict[str, Ticket]:
        return {stream: state for stream, state in self.states.items() if isinstance(state, Ticket)}

    def run(self, steps: Iterable[Step]) -> "Ledger":
        for step in steps:
            digest = step.command.digest()
            known = self.receipts.get(step.command.command_id)
            if known is not None:
                self.repeated += known == digest
                self.reused += known != digest
                continue
            self.receipts[step.command.command_id] = digest
            try:
                self.fold(step, step.command.decide(self.world(step)))
            except Refused as refused:
                self.refused += 1
                self.refusals.update(reason.code for reason in refused.reasons)
        return self

    def world(self, step: Step) -> World:
        command = step.command
        return World(
            ticket=self.states.get(command.stream) if command.KIND == "ticket" else None,
            contact=self.states.get(command.stream, Contact()) if command.KIND == "contact" else Contact(),
            statuses=self.states.get(STATUSES_STREAM, BUILT_IN),
            at=step.at,
            next_number=self.events["TicketOpened"] + 1,
            message_taken_by=self.message_keys.get(getattr(command, "message_key", None) or ""),
            tickets_in_status=sum(ticket.status == command.status for ticket in self.tickets.values())
            if isinstance(command, RetireStatus)
            else 0,
        )

    def fold(self, step: Step, decided: Iterable[Any]) -> None:
        stream = step.command.stream
        for item in decided:
            event = item.event if isinstance(item, Consequence) else item
            before = self.states.get(stream, initial(stream).state)
            self.states[stream] = evolved(stream, before, event, step.at)
            self.histories.setdefault(stream, []).append((step.at, event))
            self.events[type(event).__name__] += 1
            if key := getattr(event, "message_key", None):
                self.message_keys[key] = stream


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return list(month(seed=2026, tickets=TICKETS))


@pytest.fixture(scope="module")
def ledger(steps) -> Ledger:
    return Ledger().run(steps)


def openings(steps):
    """The opening of every ticket, each once although some were sent twice."""
    return {step.command.ticket_id: step for step in steps if isinstance(step.command, OpenTicket)}


def hours_in_status(ledger, status_type):
    """How long every completed stay in a status of this type took."""
    for history in ledger.histories.values():
        changes = [
            (at, event.new_status_type if isinstance(event, TicketStatusChanged) else event.status_type)
            for at, event in history
            if isinstance(event, TicketOpened | TicketStatusChanged)
        ]
        yield from (
            seconds_between(entered, left) / 3600
            for (entered, of_type), (left, _) in pairwise(changes)
            if of_type is status_type
        )


def test_the_same_seed_gives_the_same_steps(steps):
    assert list(month()) == steps


def test_another_seed_gives_other_commands():
    ours, others = ({step.command.command_id for step in month(seed, 50)} for seed in (1, 2))
    assert not ours & others


def test_steps_come_in_time_order(steps):
    assert all(one.at <= next_.at for one, next_ in pairwise(steps))


def test_everything_happens_in_june(steps):
    assert steps[0].at >= "2026-06-01T00:00:00.000000Z"
    assert steps[-1].at < "2026-07-01T00:00:00.000000Z"


def test_a_month_opens_4500_tickets_by_default(steps, ledger):
    assert len(openings(steps)) == 4500
    assert ledger.events["TicketOpened"] == 4500


def test_a_month_without_tickets_is_an_error():
    with pytest.raises(ValueError, match="at least one ticket"):
        month(tickets=0)


def test_tickets_arrive_by_mail_phone_and_form(steps):
    doors = Counter((step.command.channel, step.via) for step in openings(steps).values())
    assert set(doors) == {("email", "mail:inbox"), ("phone", "phone:desk"), ("web", "form:website")}
    assert min(doors.values()) > TICKETS / 10


def test_the_phone_is_silent_at_night_and_on_weekends_and_mail_is_not(steps):
    def is_outside(step):
        moment = moment_of(step.at)
        return moment.weekday() > 4 or not 6 <= moment.hour < 19

    outside = Counter(step.via for step in openings(steps).values() if is_outside(step))
    assert outside["phone:desk"] == 0
    assert outside["mail:inbox"] > 300


def test_a_ticket_is_opened_after_its_contact_was_registered(steps):
    registered = set()
    for step in steps:
        if isinstance(step.command, RegisterContact):
            registered.add(step.command.contact_id)
        elif isinstance(step.command, OpenTicket):
            assert step.command.contact_id in registered


def test_some_contacts_come_again(ledger):
    assert 2_400 < ledger.events["ContactRegistered"] < 2_800


def test_every_address_is_one_that_reaches_nobody(steps):
    addresses = {step.command.address or "" for step in steps if isinstance(step.command, RegisterContact)}
    assert {address.partition("@")[2] for address in addresses} == {"example.org"}


def test_agents_work_within_their_shifts(steps):
    late = [
        step
        for step in steps
        if step.command.actor.startswith("agent:")
        and not AGENT[id_in(step.command.actor)].is_working(moment_of(step.at))
        # A command that is sent again arrives up to 90 seconds after the first time.
        and not AGENT[id_in(step.command.actor)].is_working(moment_of(step.at) - timedelta(seconds=90))
    ]
    assert late == []


def test_twenty_agents_in_four_teams_share_the_work(steps):
    work = Counter(step.command.actor for step in steps)
    assert all(500 < work[agent.actor] < 4_000 for agent in AGENTS)
    assert len(AGENTS) == 20
    assert {agent.team for agent in AGENTS} == set(TEAMS.values())


def test_every_actor_is_of_a_kind_that_may_send_the_command(steps):
    assert all(step.command.actor.partition(":")[0] in step.command.senders for step in steps)


def test_a_ticket_takes_eight_to_ten_commands(steps):
    assert 8 <= len(steps) / TICKETS <= 10


def test_commands_survive_the_way_over_the_wire(steps):
    for command in (step.command for step in steps[:500]):
        content = command.model_dump(mode="json", exclude_unset=True)
        assert parse_command(json.dumps({"command": command.command_name, **content})) == command


def test_about_one_command_in_a_hundred_is_refused(ledger):
    assert 0.003 < ledger.refused / len(ledger.receipts) < 0.02


@pytest.mark.parametrize(("seed", "tickets"), [(2026, 100), (7, 100), (7, 500)])
def test_a_smaller_month_is_like_the_whole(seed, tickets):
    ledger = Ledger().run(month(seed, tickets))
    assert ledger.events["TicketOpened"] == tickets
    assert 0.003 < ledger.refused / len(ledger.receipts) < 0.02
    assert 8 <= len(ledger.receipts) / tickets <= 11


def test_refusals_are_of_many_kinds(ledger):
    assert set(ledger.refusals) == {
        "contact_id_taken",
        "message_key_taken",
        "status_already_defined",
        "status_type_mismatch",
        "status_unknown",
        "ticket_already_closed",
        "ticket_is_archived",
        "ticket_is_deleted",
        "ticket_not_closed",
        "ticket_not_found",
        "ticket_not_on_hold",
    }


def test_what_is_sent_again_is_the_identical_command(ledger):
    assert 20 < ledger.repeated < 400
    assert ledger.reused == 0


def test_even_a_month_of_one_ticket_sends_a_command_twice():
    assert Ledger().run(month(tickets=1)).repeated == 1


def test_everything_that_can_happen_to_a_ticket_of_our_own_happens(ledger):
    imported = {"TicketImported", "TicketRevisionNoted", "TicketSourceSlaChanged"}
    never = {"TicketDescriptionChanged", "TicketContactChanged", "TicketDueDateOverrideRemoved"}
    assert {event.__name__ for event in TicketEvent.__args__} - set(ledger.events) == imported | never


def test_time_in_status_is_that_of_a_desk(ledger):
    for status_type in (StatusType.OPEN, StatusType.ON_HOLD):
        assert 0.5 < median(hours_in_status(ledger, status_type)) < 24


def test_some_tickets_are_not_closed_at_the_end_of_the_month(ledger):
    kinds = Counter(ticket.status_type for ticket in ledger.tickets.values())
    assert 50 < kinds[StatusType.OPEN] + kinds[StatusType.ON_HOLD] < 500
    assert kinds[StatusType.ON_HOLD] > 5


def test_customers_reopen_closed_tickets(ledger):
    assert sum(ticket.reopen_count > 0 for ticket in ledger.tickets.values()) > TICKETS / 20


def test_a_tickets_number_is_the_one_in_its_id(ledger):
    assert all(
        ticket.number == int(stream.rpartition("-")[2])
        for stream, ticket in ledger.tickets.items()
        if stream != ticket_stream("SHOW-1")
    )


def test_the_showcase_is_one_conversation_with_a_whole_life(steps, ledger):
    own = [step.command for step in steps if getattr(step.command, "ticket_id", "") == "SHOW-1"]
    assert {command.correlation_id for command in own} == {"conversation:SHOW-1"}
    history = [type(event).__name__.removeprefix("Ticket") for _, event in ledger.histories["ticket:SHOW-1"]]
    assert [name for name, _ in groupby(history)] == [
        "Opened",
        "DepartmentChanged",
        "TeamChanged",
        "AgentChanged",
        "PriorityChanged",
        "TagsAdded",
        "FieldChanged",
        "ReplySent",
        "StatusChanged",
        "CommentAdded",
        "CustomerReplied",
        "StatusChanged",
        "PriorityChanged",
        "Forwarded",
        "CommentAdded",
        "ReplySent",
        "StatusChanged",
        "CustomerReplied",
        "StatusChanged",
        "CommentAdded",
        "TeamChanged",
        "AgentChanged",
        "DepartmentChanged",
        "TagsAdded",
        "ReplySent",
        "CustomerReplied",
        "StatusChanged",
    ]
    assert ledger.tickets["ticket:SHOW-1"].status == "Closed"


def test_the_showcase_is_the_same_in_every_month():
    def told(tickets):
        steps = month(tickets=tickets)
        return [step for step in steps if step.command.correlation_id == "conversation:SHOW-1"]

    assert told(1) == told(200)
