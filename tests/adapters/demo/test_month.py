"""The simulated month: repeatable, in time order, and mostly valid when the domain decides on it."""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import groupby, pairwise
from statistics import median

import pytest

from adapters.demo.desk import AGENT, AGENTS, TEAMS
from adapters.demo.month import Step, month
from adapters.demo.refunds import BANK
from adapters.demo.rules import DOCUMENTS, FIRST, STRICTER, read
from commands.contact import RegisterContact
from commands.definition import DraftDefinition, PublishDefinition
from commands.status import DefineStatus
from commands.ticket import OpenTicket
from commands.union import parse_command
from domain.definitions import Kind
from domain.instant import moment_of, seconds_between
from domain.ticket.events import TicketEvent, TicketOpened, TicketStatusChanged
from domain.ticket.sla_events import ResolutionViolated, ResponseViolated, SlaApplied
from domain.values import StatusType, id_in, ticket_stream
from tests.adapters.demo.ledger import Ledger

TICKETS = 4500


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
            (fact.occurred_at, event.new_status_type if isinstance(event, TicketStatusChanged) else event.status_type)
            for fact in history
            if isinstance(event := fact.event, TicketOpened | TicketStatusChanged)
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


def test_the_desk_is_set_up_on_the_evening_before_and_all_else_happens_in_june(steps):
    before = [step for step in steps if step.at < "2026-06-01T00:00:00.000000Z"]
    assert {type(step.command) for step in before} == {DefineStatus, DraftDefinition, PublishDefinition}
    assert before[0].at >= "2026-05-31T18:00:00.000000Z"
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
        "status_in_definition",
        "status_type_mismatch",
        "status_unknown",
        "ticket_already_closed",
        "ticket_in_blueprint",
        "ticket_is_archived",
        "ticket_is_deleted",
        "ticket_not_closed",
        "ticket_not_found",
        "ticket_not_on_hold",
        "transition_not_allowed",
        "transition_unknown",
    }


def test_what_is_sent_again_is_the_identical_command(ledger):
    assert 20 < ledger.repeated < 400
    assert ledger.reused == 0


def test_even_a_month_of_one_ticket_sends_a_command_twice():
    assert Ledger().run(month(tickets=1)).repeated == 1


def test_everything_that_can_happen_to_a_ticket_of_our_own_happens(ledger):
    imported = {"TicketImported", "TicketAdopted", "TicketRevisionNoted", "TicketSourceSlaChanged"}
    never = {"TicketDescriptionChanged", "TicketContactChanged", "TicketDueDateOverrideRemoved"}
    # Every priority has both targets, and nobody claims another time than now.
    untold = {"ResponseDueCleared", "ResolutionDueCleared", "VerdictContested"}
    assert {event.__name__ for event in TicketEvent.__args__} - set(ledger.events) == imported | never | untold


def test_every_document_beside_the_demo_is_used_and_without_mistake():
    for file in sorted(DOCUMENTS.glob("*.yaml")):
        kind, key, document = read(file.name)
        assert (document["kind"], document["key"]) == (kind, key)
    assert {file.name for file in DOCUMENTS.iterdir()} == {*FIRST, STRICTER}


def test_the_rules_are_in_force_before_the_first_ticket_and_the_stricter_promise_from_the_12th(steps, ledger):
    first = min(step.at for step in openings(steps).values())
    in_force = [(one.key, one.version) for kind in Kind for one in ledger.definitions.in_force(kind, first)]
    assert in_force == [("refund", 1), ("standard", 1), ("refunds_for_approval", 1), ("no_answer_yet", 1)]
    (policy,) = ledger.definitions.in_force(Kind.SLA_POLICY, "2026-06-12T06:00:00.000000Z")
    assert policy.version == 2


def test_a_ticket_keeps_the_version_of_the_policy_that_took_it_in(ledger):
    """T9: what was published later judges only who comes later."""
    for history in ledger.histories.values():
        version = 0
        for fact in history:
            if isinstance(fact.event, SlaApplied):
                version = fact.event.version
                assert version == (2 if fact.occurred_at >= "2026-06-12T06:00:00.000000Z" else 1)
            elif fact.rule.startswith("sla_policy:"):
                assert fact.rule == f"sla_policy:standard@{version}"
    worked_later = [
        fact
        for history in ledger.histories.values()
        for fact in history
        if fact.rule == "sla_policy:standard@1" and fact.occurred_at >= "2026-06-15T00:00:00.000000Z"
    ]
    assert len(worked_later) > 100


def test_four_of_five_promises_are_kept_and_not_all(ledger):
    violated = {
        stream
        for stream, history in ledger.histories.items()
        for fact in history
        if isinstance(fact.event, ResponseViolated | ResolutionViolated)
    }
    assert 0.05 < len(violated) / len(ledger.tickets) < 0.2


def test_refunds_go_through_the_blueprint_and_few_leave_it_otherwise(ledger):
    entered = ledger.events["BlueprintEntered"]
    assert entered > TICKETS / 12
    assert ledger.events["BlueprintCompleted"] > 0.8 * entered
    assert 5 < ledger.events["BlueprintRevoked"] < entered / 10
    assert 5 < ledger.events["BlueprintLeft"] < entered / 10
    assert 1 < ledger.events["StateForced"] < entered / 20
    assert 20 < ledger.events["StateLimitViolated"] < entered / 3


def test_the_bank_pays_on_its_own_days_only(steps):
    paid = [moment_of(step.at) for step in steps if step.command.actor == BANK]
    assert len(paid) > 200
    assert {moment.weekday() for moment in paid} == {0, 1, 2, 3, 4}
    assert all(7 <= moment.hour < 16 for moment in paid)


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
    facts = ledger.histories["ticket:SHOW-1"]
    done = [type(fact.event).__name__.removeprefix("Ticket") for fact in facts if not fact.rule]
    assert [name for name, _ in groupby(done)] == [
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
        "CommentAdded",
        "TeamChanged",
        "AgentChanged",
        "DepartmentChanged",
        "TagsAdded",
        "FieldChanged",
        "TransitionPerformed",
        "ReplySent",
        "TransitionPerformed",
        "CustomerReplied",
        "TransitionPerformed",
    ]
    assert ledger.tickets["ticket:SHOW-1"].status == "Resolved"


def test_the_showcase_tells_what_the_rules_did_and_why(ledger):
    """E-06: blueprint, SLA policy and built-in rule each name themselves and the event that caused what they did."""
    by_rule = defaultdict(set)
    for fact in ledger.histories["ticket:SHOW-1"]:
        assert bool(fact.rule) == bool(fact.cause)
        by_rule[fact.rule].add(type(fact.event).__name__)
    assert set(by_rule) == {"", "blueprint:refund@1", "sla_policy:standard@1", "built_in:customer_reply_reopens@1"}
    assert by_rule["blueprint:refund@1"] == {"BlueprintEntered", "TicketStatusChanged", "BlueprintCompleted"}
    assert {"ResponseMet", "ResolutionPaused", "ResolutionViolated", "ResolutionCameLate", "ResolutionMet"} < by_rule[
        "sla_policy:standard@1"
    ]
    violations = [fact for fact in ledger.histories["ticket:SHOW-1"] if isinstance(fact.event, ResolutionViolated)]
    assert [fact.actor for fact in violations] == ["system"]


def test_the_showcase_is_the_same_in_every_month():
    def told(tickets):
        steps = month(tickets=tickets)
        return [step for step in steps if step.command.correlation_id == "conversation:SHOW-1"]

    assert told(1) == told(200)
