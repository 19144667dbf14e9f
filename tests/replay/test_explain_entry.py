"""Why no blueprint took a ticket in, and which SLA policy applies (F-91, F-105, F-115)."""

import pytest

from replay.explain_entry import Candidate
from tests.examples import ARCHIVE_ROOM, CONTACT, moment, row
from tests.replay.explain_desk import BILLING, POLICY, REFUND, Desk, target


@pytest.fixture
def desk(ledger, clock) -> Desk:
    """Nothing is defined yet; the clock stands at Monday nine."""
    return Desk(ledger, clock)


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """With an SLA policy since nine; now it is ten."""
    desk.define(POLICY)
    desk.clock.advance(hours=1)
    return desk


@pytest.fixture
def inside(desk: Desk) -> Desk:
    """With a ticket in the refund blueprint, assigned to Ana."""
    desk.define(REFUND)
    desk.open(**BILLING, fields={"amount": ["decimal", "649.00"]})
    desk.act("AssignTicket", agent="ana")
    return desk


def only(candidates: tuple[Candidate, ...]) -> Candidate:
    (candidate,) = candidates
    return candidate


# Why none took it in


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"department": "Support", "tags": ["refund"]}, ["it is in department Support, not in Billing"]),
        ({**BILLING, "status": "On Hold"}, ["status On Hold is no state of it"]),
        ({**BILLING, "status": "Closed"}, ["status Closed is its end state Paid"]),
        ({"department": "Billing"}, ['tags is empty, with none of "refund"']),
        ({"department": "Billing", "tags": ["hot"]}, ['tags is "hot", with none of "refund"']),
        (
            {"department": "Support", "status": "On Hold", "tags": ["hot"]},
            [
                "it is in department Support, not in Billing",
                "status On Hold is no state of it",
                'tags is "hot", with none of "refund"',
            ],
        ),
    ],
    ids=["department", "status", "end", "empty", "condition", "all of them"],
)
def test_every_reason_why_a_blueprint_did_not_take_it_in(desk, fields, reasons):
    """F-105, F-106, pain "blueprint not entered for some tickets"."""
    desk.define(REFUND)
    desk.open(**fields)
    refused = only(desk.why().blueprints)
    assert (refused.key, refused.version, refused.name, refused.answer) == ("refund", 1, "Refunds", "refuses")
    assert list(refused.reasons) == reasons
    assert desk.why().inside is None


def test_a_revoked_blueprint_says_that_somebody_took_the_ticket_out(inside):
    """F-115."""
    inside.clock.advance(hours=1)
    inside.act("RevokeBlueprint", reason="Opened by mistake")
    found = inside.why()
    assert only(found.blueprints).reasons == ("it was taken out of this blueprint by hand",)
    (run,) = found.past_runs
    assert (run.blueprint, run.version, run.ended_at, run.ended_by) == ("refund", 1, moment(hours=1), "revoked")


def test_a_completed_run_is_why_a_ticket_is_inside_no_longer(inside):
    inside.act("PerformTransition", transition="Dispute")
    inside.act("PerformTransition", transition="Settle")
    found = inside.why()
    assert [run.ended_by for run in found.past_runs] == ["completed"]
    assert only(found.blueprints).reasons == ("status Closed is its end state Paid",)


def test_an_import_that_was_not_adopted_is_under_no_rule_of_ours(desk):
    desk.define(POLICY)
    desk.define(REFUND, department="IT")
    desk.act(row(1, tags=["refund"]), ARCHIVE_ROOM)
    found = desk.why()
    said = "it is an import of old_desk@1 that was not adopted"
    assert only(found.blueprints).reasons == (said, "status New is no state of it")
    assert only(found.policies).reasons == (said,)
    assert found.summary == (f"{said}, so no clock of ours counts",)
    desk.act("AdoptTicket", status="Open")
    adopted = desk.why()
    assert adopted.inside is not None
    assert only(adopted.policies).answer == "applies"


def test_a_blueprint_that_came_later_takes_it_in_with_the_next_change(desk):
    """Rules ask at a change, so a publication alone moves no ticket."""
    desk.open(**BILLING, command_id="first")
    desk.clock.advance(hours=1)
    desk.define(REFUND)
    desk.define(REFUND, key="second", order=20)
    first, second = desk.why().blueprints
    assert (first.answer, first.reasons) == ("enters", ())
    assert first.notes == (
        "nothing is in the way; it takes the ticket in with the next change",
        "it is in force since 2026-06-01 10:00:00Z, after the last change, command first at 2026-06-01 09:00:00Z",
    )
    assert (second.key, second.answer, second.notes) == ("second", "not_asked", ("refund comes before it in order",))
    desk.act("AddTags", tags=["hot"])
    assert desk.why().inside is not None


def test_why_it_did_not_enter_is_asked_as_of_the_instant(desk):
    """Design 5: later publications and retirements are not of that past."""
    desk.open(**BILLING)
    desk.clock.advance(hours=1)
    desk.define(REFUND)
    assert desk.why(until=moment()).blueprints == ()
    assert only(desk.why().blueprints).answer == "enters"


CHANGED = {"field": "priority", "operator": "changed_to", "value": "urgent"}


def test_a_condition_on_what_changed_is_judged_at_the_last_change_and_says_so(desk):
    desk.define(REFUND, entry=CHANGED)
    desk.open(department="Billing", priority="low")
    desk.act("ChangePriority", priority="high", command_id="to-high")
    desk.clock.advance(hours=9)
    refused = only(desk.why().blueprints)
    assert refused.reasons == ('priority changed from "low" to "high", not to "urgent"',)
    assert refused.notes == (
        "its condition asks what changed, so it is judged at the last change, command to-high at 2026-06-01 09:00:00Z",
    )
    desk.act("AddTags", tags=["hot"])
    assert only(desk.why().blueprints).reasons == ('priority is "high" as before',)


def test_what_time_alone_caused_is_no_change(desk):
    desk.define(POLICY)
    desk.define(REFUND, entry=CHANGED)
    desk.open(department="Billing", priority="high", command_id="opened")
    desk.clock.advance(hours=9)
    desk.act("LapseTicket", actor="system", command_id="ticked")
    assert "command opened" in only(desk.why().blueprints).notes[0]
    assert "ticked" not in str(desk.why().blueprints)


def test_erased_text_that_a_condition_looked_at_is_told_as_erased(desk):
    """E-14."""
    desk.define(REFUND, entry={"field": "subject", "operator": "contains", "value": "refund"})
    desk.open(department="Billing", subject="Carla Roth wants a reFund", contact_id=CONTACT, status="On Hold")
    assert only(desk.why().blueprints).reasons == ("status On Hold is no state of it",)
    desk.act("EraseContact", contact_id=CONTACT)
    refused = only(desk.why().blueprints)
    assert refused.reasons[1:] == ('subject does not contain "refund"',)
    assert refused.notes == ("the subject is erased, so what its condition found in it before cannot be told",)
    assert "Roth" not in str(desk.why())


def test_no_explanation_repeats_personal_text(desk):
    """E-14: neither a condition's sentence nor any other."""
    desk.define(REFUND, entry={"field": "subject", "operator": "contains", "value": "refund"})
    desk.define(POLICY, applies={"field": "description", "operator": "is_empty"})
    desk.open(department="Billing", subject="Carla Roth", description="Carla Roth lives here")
    assert "Roth" not in str(desk.why())


# Which policy


def test_policies_are_told_in_order_up_to_the_one_that_applied(desk):
    """F-91: the first in order, as of when it came to apply."""
    desk.define(POLICY, key="billing", name="Billing", order=10, department="Billing")
    desk.define(
        POLICY, key="forum", name="Forum", order=20, applies={"field": "channel", "operator": "is", "value": "forum"}
    )
    desk.define(POLICY)
    desk.define(POLICY, key="rest", name="Rest", order=90)
    desk.open(priority="high", command_id="opened")
    desk.clock.advance(hours=1)
    desk.define(POLICY, key="newer", name="Newer", order=1)
    found = desk.why()
    assert [(one.key, one.answer) for one in found.policies] == [
        ("billing", "refuses"),
        ("forum", "refuses"),
        ("standard", "applies"),
        ("rest", "not_asked"),
    ]
    assert found.policies[0].reasons == ("it is in department Support, not in Billing",)
    assert found.policies[1].reasons == ('channel is "email", not "forum"',)
    assert found.policies[3].notes == ("standard comes before it in order",)
    assert (found.policy_applied_at, found.policy_applied_with) == (moment(), "opened")


def test_a_policy_is_told_as_the_ticket_was_when_it_came_to_apply(timed):
    timed.open(channel="email", priority="high")
    timed.act("CloseTicket")
    assert only(timed.why().policies).answer == "applies"


def test_no_policy_applies_to_a_closed_ticket(timed):
    timed.open(status="Closed")
    found = timed.why()
    assert only(found.policies).reasons == ("it is closed, in status Closed",)
    assert found.summary == ("no SLA policy applies to it, so no clock runs",)
    assert found.policy_applied_at is None


def test_a_ticket_in_another_department_says_why_its_policy_is_gone(desk):
    desk.define(POLICY, department="Support")
    desk.open(priority="high")
    desk.clock.advance(minutes=5)
    desk.act("ChangeTicket", department="Billing")
    found = desk.why()
    assert only(found.policies).reasons == ("it is in department Billing, not in Support",)
    assert target(found, "response").said == "ended: the policy applies to the ticket no longer"


def test_a_policy_that_came_later_applies_with_the_next_change(desk):
    desk.open(priority="high")
    desk.clock.advance(hours=1)
    desk.define(POLICY)
    waiting = only(desk.why().policies)
    assert (waiting.answer, waiting.notes[1][:41]) == ("enters", "it is in force since 2026-06-01 10:00:00Z")
    desk.act("AddTags", tags=["hot"])
    assert only(desk.why().policies).answer == "applies"


def test_a_policy_of_what_changed_that_applied_is_judged_at_its_own_change(desk):
    desk.define(POLICY, key="urgent", name="Urgent", order=1, applies=CHANGED)
    desk.define(POLICY, applies={"field": "tags", "operator": "changed"})
    desk.open(priority="low")
    desk.act("AddTags", tags=["hot"], command_id="tagged")
    found = desk.why()
    assert [(one.key, one.answer) for one in found.policies] == [("urgent", "refuses"), ("standard", "applies")]
    assert found.policy_applied_with == "tagged"
