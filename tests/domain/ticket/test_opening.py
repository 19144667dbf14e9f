"""A ticket is opened (F-01, F-02, F-42, F-54)."""

import pytest

from commands.union import CommandUnreadable
from domain.refusals import MessageKeyTaken, StatusUnknown, TicketIdTaken
from domain.statuses import StatusDefined
from domain.ticket.events import TicketAgentChanged, TicketDeleted, TicketTeamChanged
from domain.values import FieldType, StatusType
from tests.examples import CONTACT, TICKET, imported, moment, opened, opening
from tests.given import given

KNOWN = "Open, On Hold, Escalated, Closed"


def test_a_plain_opening_takes_the_next_number_and_the_first_open_status():
    """F-42, F-54."""
    given(next_number=7).when(opening()).then(opened(number=7))


def test_everything_that_was_asked_for_is_in_the_opening_event():
    """F-42: the properties of a ticket."""
    asked = opening(
        channel="phone",
        description="Smoke too",
        contact_id=CONTACT,
        priority="high",
        fields={"floor": ["integer", "3"]},
        tags=["hot"],
        message_key="<1@mail>",
    )
    expected = opened(
        channel="phone",
        description="Smoke too",
        contact_id=CONTACT,
        priority="high",
        fields={"floor": (FieldType.INTEGER, "3")},
        tags=("hot",),
        message_key="<1@mail>",
    )
    given(next_number=1).when(asked).then(expected)


@pytest.mark.parametrize("channel", ["email", "web", "phone", "chat", "social", "forum", "other:fax"])
def test_every_channel_is_kept_as_given(channel):
    """F-01."""
    assert given(next_number=1).when(opening(channel=channel)).then(opened(channel=channel)).ticket.channel == channel


@pytest.mark.parametrize("channel", ["fax", "Email", "other:", "other", "", "other:" + "x" * 123])
def test_an_unknown_channel_is_no_command(channel):
    """F-01."""
    with pytest.raises(CommandUnreadable, match="channel: "):
        opening(channel=channel)


@pytest.mark.parametrize("status", ["On Hold", "Escalated", "Closed"])
def test_a_ticket_may_be_opened_in_any_status_of_the_catalogue(status):
    """F-46: a phone call may be over when its ticket is written."""
    status_type = {"On Hold": StatusType.ON_HOLD, "Escalated": StatusType.OPEN, "Closed": StatusType.CLOSED}[status]
    expected = opened(status=status, status_type=status_type)
    given(next_number=1).when(opening(status=status)).then(expected)


def test_a_status_of_our_own_can_be_opened_in():
    """F-46."""
    expected = opened(status="Waiting for parts", status_type=StatusType.ON_HOLD)
    given(StatusDefined("Waiting for parts", StatusType.ON_HOLD), next_number=1).when(
        opening(status="Waiting for parts")
    ).then(expected)


def test_team_and_agent_are_events_of_their_own_team_first():
    """F-53, F-67: so that every assignment is found in one kind of event."""
    given(next_number=1).when(opening(agent="ana", team="Tier 1")).then(
        opened(), TicketTeamChanged(None, "Tier 1"), TicketAgentChanged(None, "ana")
    )


def test_tags_and_fields_are_kept_in_one_order():
    """F-43: a set has no order, so a ticket has one."""
    asked = opening(tags=["b", "a", "b"], fields={"z": ["text", "1"], "a": ["text", "2"]})
    ticket = given(next_number=1).when(asked).ticket
    assert ticket.tags == ("a", "b")
    assert list(ticket.fields) == ["a", "z"]


def test_an_opened_ticket_was_created_when_it_was_opened():
    """F-42: created time."""
    ticket = given(next_number=1, at=moment(hours=3)).when(opening()).ticket
    assert (ticket.opened_at, ticket.created_at, ticket.closed_at) == (moment(hours=3), moment(hours=3), None)


def test_a_ticket_opened_closed_was_closed_when_it_was_opened():
    """F-50."""
    ticket = given(next_number=1, at=moment(hours=3)).when(opening(status="Closed")).ticket
    assert (ticket.closed_at, ticket.reopen_count) == (moment(hours=3), 0)


@pytest.mark.parametrize(
    "past",
    [(opened(),), (opened(), TicketDeleted(moment(days=60))), (imported(),)],
    ids=["opened", "deleted", "imported"],
)
def test_an_id_is_used_once(past):
    """F-54: also where the ticket is deleted or a foreign history."""
    given(*past, next_number=2).when(opening()).then_refused(TicketIdTaken(TICKET))


def test_an_unknown_status_is_refused_with_those_there_are():
    """F-46."""
    given(next_number=1).when(opening(status="Nowhere")).then_refused(StatusUnknown("Nowhere", KNOWN))


def test_a_message_that_was_taken_in_before_opens_no_ticket():
    """F-02."""
    taken = given(next_number=1, message_taken_by="ticket:T-0")
    taken.when(opening(message_key="<1@mail>")).then_refused(MessageKeyTaken("<1@mail>", "ticket:T-0"))


def test_without_a_message_key_nothing_is_taken():
    """F-02."""
    given(next_number=1, message_taken_by="ticket:T-0").when(opening()).then(opened())


def test_all_failed_checks_are_said_together():
    """Design section 4."""
    given(opened(), next_number=2, message_taken_by="ticket:T-0").when(
        opening(status="Nowhere", message_key="<1@mail>")
    ).then_refused(TicketIdTaken(TICKET), MessageKeyTaken("<1@mail>", "ticket:T-0"), StatusUnknown("Nowhere", KNOWN))
