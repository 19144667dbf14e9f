"""What a blueprint offers a ticket, and to whom (E-06, F-113)."""

import pytest

from replay.explain_ticket import TicketExplained, explain_ticket
from tests.examples import ANA, TICKET, moment
from tests.replay.explain_desk import BILLING, REFUND, Desk


@pytest.fixture
def desk(ledger, clock) -> Desk:
    """Nothing is defined yet; the clock stands at Monday nine."""
    return Desk(ledger, clock)


@pytest.fixture
def inside(desk: Desk) -> Desk:
    """With a ticket in the refund blueprint, assigned to Ana."""
    desk.define(REFUND)
    desk.open(**BILLING, fields={"amount": ["decimal", "649.00"]})
    desk.act("AssignTicket", agent="ana")
    return desk


def guards(found: TicketExplained) -> dict[str, list[str]]:
    assert found.inside is not None
    return {move.transition: [one.guard for one in move.reasons] for move in found.inside.moves}


def test_each_transition_is_offered_or_has_every_reason_why_not(inside):
    """F-113: state, owner and condition."""
    assert guards(inside.why()) == {"Pay": ["condition"], "Dispute": [], "Settle": ["state"]}
    assert guards(inside.why(actor="agent:bo")) == {"Pay": ["owner", "condition"], "Dispute": [], "Settle": ["state"]}
    assert guards(inside.why(actor="contact:carla"))["Settle"] == ["state", "owner"]
    found = inside.why(actor="agent:bo").inside
    assert found is not None
    assert (found.blueprint, found.version, found.name, found.state) == ("refund", 1, "Refunds", "Requested")
    assert [one.reason for one in found.moves[0].reasons] == [
        "agent:bo is none of its owners ticket_agent, agent:tom",
        "fields.amount is 649.00, not at most 500.00",
    ]
    assert found.moves[1].is_offered


def test_a_ticket_inside_is_judged_by_the_version_it_entered_with(inside):
    """E-04."""
    inside.clock.advance(hours=1)
    inside.define(
        REFUND, 2, transitions=[*REFUND["transitions"][1:], {**REFUND["transitions"][0], "owners": "any_agent"}]
    )
    assert guards(inside.why(actor="agent:bo"))["Pay"] == ["owner", "condition"]
    assert inside.why().blueprints == ()


def test_a_deleted_ticket_is_offered_nothing_and_says_why(inside):
    inside.act("DeleteTicket")
    found = inside.why().inside
    assert found is not None
    assert (found.moves, found.refused) == ((), ("Ticket T-1 is deleted; restore it first.",))


def test_without_an_event_there_is_nothing_to_explain():
    with pytest.raises(LookupError, match=TICKET):
        explain_ticket(TICKET, [], [], moment(), ANA)
