"""A ticket in a blueprint: entering, moving on, being forced, leaving (F-103 to F-106, F-110, F-113 to F-115)."""

import pytest

from domain.definitions import Kind
from domain.recorded import Consequence
from domain.refusals import (
    StateUnknown,
    TicketInBlueprint,
    TicketNotInBlueprint,
    TransitionNotAllowed,
    TransitionUnknown,
)
from domain.rules.blueprint import available_transitions, eligibility, entering
from domain.rules.lapse import lapse
from domain.statuses import BUILT_IN
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintRevoked,
    StateForced,
    TransitionPerformed,
)
from domain.ticket.events import (
    TicketAgentChanged,
    TicketArchived,
    TicketCustomerReplied,
    TicketDeleted,
    TicketPriorityChanged,
    TicketUnarchived,
)
from domain.values import StatusType
from tests.domain.rules.refund import REFUND, changed, published
from tests.examples import TICKET, command, imported, moment, moved, opened
from tests.given import given

REFUNDS = published(REFUND)
RULE = "blueprint:refund@1"
REQUEST = opened(department="Billing", tags=("refund",))
ENTERED = BlueprintEntered("refund", 1, "Billing", "Requested", moment(hours=4))


def inside(*more):
    """A ticket in state Requested, and what happened since."""
    return given(REQUEST, ENTERED, *more, definitions=REFUNDS)


def entry(ticket_events, definitions=REFUNDS):
    """What a ticket with these events would enter."""
    return entering(None, ticket_of(*ticket_events), definitions, moment())


def ticket_of(*events):
    """The ticket after these events."""
    ticket = given(*events).ticket
    assert ticket is not None
    return ticket


def state_after(situation, transition):
    """Where the ticket stands after a transition."""
    visit = situation.when(command("PerformTransition", transition=transition)).ticket.visit
    return visit and visit.state


class TestEntering:
    def test_is_into_the_state_of_the_status_with_the_version_and_the_limit(self):
        """F-105."""
        assert entry([REQUEST]) == [Consequence(ENTERED, RULE)]

    @pytest.mark.parametrize(
        ("events", "reason"),
        [
            ([opened(department="Sales", tags=("refund",))], "it is in department Sales, not in Billing"),
            ([opened(department="Billing", tags=("refund",), status="Parts")], "status Parts is no state of it"),
            (
                [opened(department="Billing", tags=("refund",), status="Closed", status_type=StatusType.CLOSED)],
                "status Closed is its end state Done",
            ),
            ([REQUEST, ENTERED, BlueprintRevoked("refund", 1, "Requested", "no")], "taken out of this blueprint"),
            ([imported(department="Billing", tags=("refund",), status="Open")], "an import of old_desk@1"),
            ([REQUEST, TicketArchived()], "it is archived"),
            ([REQUEST, TicketDeleted(moment(days=9))], "it is deleted"),
            ([REQUEST, ENTERED], "it is in blueprint refund already"),
            ([opened(department="Billing")], "tags"),
        ],
        ids=["department", "status", "end", "revoked", "import", "archived", "deleted", "inside", "condition"],
    )
    def test_is_refused_with_every_reason(self, events, reason):
        """F-105, F-106: an auditor can see why not."""
        [blueprint] = REFUNDS.in_force(Kind.BLUEPRINT, moment())
        found = eligibility(None, ticket_of(*events), blueprint, moment())
        assert any(reason in one for one in found.reasons)

    def test_is_into_the_first_in_order(self):
        """F-105: first in order wins, then by key."""
        second = changed(key="refund_fast", order=5)
        [entered] = entry([REQUEST], published(REFUND, second))
        assert entered.event.blueprint == "refund_fast"

    def test_is_by_the_version_in_force(self):
        later = changed(states=[{**one, "limit": "1h"} if one.get("start") else one for one in REFUND["states"]])
        [entered] = entry([REQUEST], published(REFUND, later))
        assert entered == Consequence(
            BlueprintEntered("refund", 2, "Billing", "Requested", moment(hours=1)), "blueprint:refund@2"
        )


class TestTransitions:
    def test_change_state_and_status_in_one_step(self):
        """F-114."""
        inside().when(command("PerformTransition", transition="Ask")).then(
            TransitionPerformed("refund", 1, "Ask", "Requested", "Waiting", None),
            Consequence(moved("Open", "On Hold"), RULE, of=0),
        )

    def test_to_an_end_complete_the_blueprint(self):
        """F-114, features 2.1: completed is not left and not revoked."""
        inside().when(command("PerformTransition", transition="Drop")).then(
            TransitionPerformed("refund", 1, "Drop", "Requested", "Done", None),
            Consequence(moved("Open", "Closed"), RULE, of=0),
            Consequence(BlueprintCompleted("refund", 1, "Done"), RULE, of=0),
        )

    def test_are_refused_with_all_failing_guards_together(self):
        """F-104, F-113."""
        inside().when(command("PerformTransition", transition="Pay")).then_refused(
            TransitionNotAllowed("Pay", "state", "the ticket is in state Requested, and it leads from Checked"),
            TransitionNotAllowed("Pay", "owner", "agent:ana is none of its owners agent:bo, service:bank"),
            TransitionNotAllowed("Pay", "condition", 'priority is empty, not one of "high", "urgent"'),
        )

    def test_belong_to_the_agent_of_the_ticket_where_they_say_so(self):
        mine = inside(TicketAgentChanged(None, "ana"))
        assert state_after(mine, "Check") == "Checked"
        inside(TicketAgentChanged(None, "bo")).when(command("PerformTransition", transition="Check")).then_refused(
            TransitionNotAllowed("Check", "owner", "agent:ana is none of its owners ticket_agent, system")
        )

    def test_that_are_not_there_are_named_with_those_that_are(self):
        inside().when(command("PerformTransition", transition="Fly")).then_refused(
            TransitionUnknown("Fly", "refund", 1, "Ask, Check, Pay, Drop")
        )

    def test_need_a_ticket_inside(self):
        given(REQUEST, definitions=REFUNDS).when(command("PerformTransition", transition="Ask")).then_refused(
            TicketNotInBlueprint(TICKET)
        )

    def test_are_shown_with_the_reason_for_each_that_is_not_offered(self):
        """F-113."""
        ticket = inside(TicketPriorityChanged(None, "high")).ticket
        offers = available_transitions(ticket, TICKET, REFUNDS, "agent:ana", moment())
        assert {offer.transition: [failing.guard for failing in offer.failing] for offer in offers} == {
            "Ask": [],
            "Check": ["owner"],
            "Pay": ["state", "owner"],
            "Drop": [],
        }

    def test_are_judged_by_the_version_the_ticket_entered_with(self):
        """E-04: a later version does not reach who is inside."""
        later = changed(transitions=[one for one in REFUND["transitions"] if one["name"] != "Ask"] + [
            {"name": "Wait", "from": "Requested", "to": "Waiting", "owners": "any_agent"}
        ])  # fmt: skip
        both = published(REFUND, later)
        situation = given(REQUEST, ENTERED, definitions=both)
        situation.when(command("PerformTransition", transition="Wait")).then_refused(
            TransitionUnknown("Wait", "refund", 1, "Ask, Check, Pay, Drop")
        )
        assert state_after(situation, "Ask") == "Waiting"


class TestTheStatusInside:
    LOCKED = TicketInBlueprint(TICKET, "refund", "Requested")

    @pytest.mark.parametrize("actor", ["agent:ana", "service:billing", "system"])
    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("ChangeStatus", {"status": "Closed"}),
            ("HoldTicket", {}),
            ("CloseTicket", {}),
            ("SendReply", {"body": "Done", "status": "Closed"}),
        ],
    )
    def test_is_changed_by_no_command_of_anybody(self, name, fields, actor):
        """F-115: for every actor and door; send and close is all or nothing."""
        inside().when(command(name, actor=actor, **fields)).then_refused(self.LOCKED)

    def test_is_changed_by_no_rule_of_ours(self):
        """F-115: the customer's reply is recorded, and the ticket stays on hold."""
        waiting = inside(
            TransitionPerformed("refund", 1, "Ask", "Requested", "Waiting", None), moved("Open", "On Hold")
        )
        waiting.when(command("ReceiveReply", actor="contact:carla", body="Well?")).then(
            TicketCustomerReplied(1, "Well?", None)
        )

    def test_may_be_asked_to_be_what_it_is(self):
        inside().when(command("ChangeStatus", status="Open")).then_nothing()


class TestTheWayOut:
    def test_by_hand_is_on_record_with_its_reason(self):
        """F-115."""
        revoked = inside().when(command("RevokeBlueprint", reason="Opened by mistake"))
        revoked.then(BlueprintRevoked("refund", 1, "Requested", "Opened by mistake"))
        assert (revoked.ticket.visit, revoked.ticket.revoked) == (None, ("refund",))

    def test_by_force_is_on_record_with_its_reason_and_apart_from_transitions(self):
        """F-115, F-123."""
        inside().when(command("ForceState", state="Checked", reason="The system was down")).then(
            StateForced("refund", 1, "Requested", "Checked", "The system was down", moment(days=1, hours=1)),
            Consequence(moved("Open", "Escalated"), RULE, of=0),
        )

    def test_by_force_leads_to_states_there_are(self):
        inside().when(command("ForceState", state="Gone", reason="why not")).then_refused(
            StateUnknown("Gone", "refund", 1, "Requested, Waiting, Checked, Done")
        )
        inside().when(command("ForceState", state="Requested", reason="again")).then_nothing()


class TestTheLimitOfAState:
    """F-110."""

    def test_is_violated_at_its_due_instant_once_a_visit(self):
        ticket = inside().ticket
        assert lapse(ticket, moment(hours=3, minutes=59)) == []
        [violated] = lapse(ticket, moment(hours=4))
        assert violated.due_at == moment(hours=4)
        assert lapse(inside(violated).ticket, moment(days=9)) == []

    def test_stands_still_while_the_ticket_is_archived(self):
        """F-52."""
        archived = inside(TicketArchived())
        assert lapse(archived.ticket, moment(days=9)) == []
        assert inside(TicketArchived(), TicketUnarchived()).ticket.away_since is None


def test_statuses_of_the_examples_are_those_of_a_new_desk():
    assert {state["status"] for state in REFUND["states"]} == {label for label, _ in BUILT_IN.types}
