"""What is said on a ticket: replies in both directions, comments, forwards (F-50, F-57, F-58, F-60)."""

import pytest

from domain.recorded import Consequence
from domain.refusals import CommentNotFound, MessageKeyTaken, StatusUnknown, TicketIsArchived
from domain.statuses import StatusDefined, StatusRetired
from domain.ticket.events import (
    TicketArchived,
    TicketCommentAdded,
    TicketCommentVisibilityChanged,
    TicketCustomerReplied,
    TicketForwarded,
    TicketReplySent,
)
from domain.values import StatusType, Visibility
from tests.examples import TICKET, command, moved, opened
from tests.given import given

REPLY = TicketReplySent(1, "On our way", None, False)
HURRY = TicketCustomerReplied(1, "Hurry", None)
NOTE = TicketCommentAdded(1, Visibility.PRIVATE, "Took the red one")
REOPENS = "built_in:customer_reply_reopens@1"


class TestAReply:
    """F-57."""

    def test_keeps_body_recipients_and_whether_it_went_to_all(self):
        asked = command("SendReply", body="On our way", recipients=["a@b", "c@d"], is_reply_all=True)
        given(opened()).when(asked).then(TicketReplySent(1, "On our way", "a@b, c@d", True))

    def test_to_nobody_named_goes_to_nobody_named(self):
        given(opened()).when(command("SendReply", body="On our way")).then(REPLY)

    def test_does_not_change_the_status_by_itself(self):
        given(opened(), moved("Open", "Closed")).when(command("SendReply", body="On our way")).then(REPLY)

    def test_and_closing_are_one_step(self):
        """F-50: both events, in this order."""
        given(opened()).when(command("SendReply", body="On our way", status="Closed")).then(
            REPLY, moved("Open", "Closed")
        )

    def test_with_the_status_there_is_already_is_the_reply_alone(self):
        given(opened()).when(command("SendReply", body="On our way", status="Open")).then(REPLY)

    def test_with_a_status_that_is_not_there_is_not_sent(self):
        """F-50: or none of the two."""
        given(opened()).when(command("SendReply", body="On our way", status="Lost")).then_refused(
            StatusUnknown("Lost", "Open, On Hold, Escalated, Closed")
        )


class TestACustomersReply:
    """Features 2.2: it puts the ticket back to open."""

    def test_on_an_open_ticket_is_just_that(self):
        given(opened(), moved("Open", "Escalated")).when(command("ReceiveReply", body="Hurry")).then(HURRY)

    @pytest.mark.parametrize("status", ["On Hold", "Closed"])
    def test_opens_a_ticket_that_is_not_open_and_says_which_rule_did(self, status):
        """E-06: the status change is caused, not asked for."""
        given(opened(), moved("Open", status)).when(command("ReceiveReply", body="Hurry")).then(
            HURRY, Consequence(moved(status, "Open"), REOPENS)
        )

    def test_opens_it_in_the_first_open_status_there_is(self):
        past = (opened(), moved("Open", "Closed"), StatusRetired("Open"))
        given(*past).when(command("ReceiveReply", body="Hurry")).then(
            HURRY, Consequence(moved("Closed", "Escalated"), REOPENS)
        )

    def test_opens_a_ticket_in_a_hold_status_of_our_own(self):
        parts = {"Waiting for parts": StatusType.ON_HOLD}
        past = (
            opened(),
            StatusDefined("Waiting for parts", StatusType.ON_HOLD),
            moved("Open", "Waiting for parts", **parts),
        )
        given(*past).when(command("ReceiveReply", body="Hurry")).then(
            HURRY, Consequence(moved("Waiting for parts", "Open", **parts), REOPENS)
        )

    def test_counts_as_a_reopening_of_a_closed_ticket_only(self):
        held, closed = (given(opened(), moved("Open", to)) for to in ("On Hold", "Closed"))
        assert held.when(command("ReceiveReply", body="Hurry")).ticket.reopen_count == 0
        assert closed.when(command("ReceiveReply", body="Hurry")).ticket.reopen_count == 1

    def test_that_was_taken_in_before_is_refused(self):
        """F-02."""
        given(opened(), message_taken_by="ticket:T-9").when(
            command("ReceiveReply", body="Hurry", message_key="<2@mail>")
        ).then_refused(MessageKeyTaken("<2@mail>", "ticket:T-9"))

    def test_keeps_its_message_key(self):
        """F-02."""
        given(opened()).when(command("ReceiveReply", body="Hurry", message_key="<2@mail>")).then(
            TicketCustomerReplied(1, "Hurry", "<2@mail>")
        )

    def test_does_not_open_an_archived_ticket(self):
        """F-52: read-only, for customers too."""
        given(opened(), moved("Open", "Closed"), TicketArchived()).when(
            command("ReceiveReply", body="Hurry")
        ).then_refused(TicketIsArchived(TICKET))


class TestAComment:
    """F-58."""

    def test_is_for_colleagues_unless_said_otherwise(self):
        given(opened()).when(command("AddComment", body="Took the red one")).then(NOTE)

    def test_may_be_public(self):
        given(opened()).when(command("AddComment", body="Hello", visibility="public")).then(
            TicketCommentAdded(1, Visibility.PUBLIC, "Hello")
        )

    def test_is_shown_and_hidden_by_an_event_of_its_own(self):
        shown = TicketCommentVisibilityChanged(1, Visibility.PRIVATE, Visibility.PUBLIC)
        hidden = TicketCommentVisibilityChanged(1, Visibility.PUBLIC, Visibility.PRIVATE)
        show = command("ChangeCommentVisibility", message=1, visibility="public")
        hide = command("ChangeCommentVisibility", message=1, visibility="private")
        given(opened(), NOTE).when(show).then(shown)
        given(opened(), NOTE, shown).when(hide).then(hidden)

    def test_that_is_shown_already_is_shown_in_silence(self):
        given(opened(), NOTE).when(command("ChangeCommentVisibility", message=1, visibility="private")).then_nothing()

    @pytest.mark.parametrize("message", [1, 2, 4])
    def test_that_is_not_there_cannot_be_shown(self, message):
        """A reply and a forward are no comments, whatever their number."""
        past = (
            opened(),
            REPLY,
            TicketForwarded(2, "Please", "fire@brigade"),
            TicketCommentAdded(3, Visibility.PRIVATE, "x"),
        )
        given(*past).when(command("ChangeCommentVisibility", message=message, visibility="public")).then_refused(
            CommentNotFound(TICKET, message)
        )

    def test_changes_alone_when_another_is_shown(self):
        past = (opened(), NOTE, TicketCommentAdded(2, Visibility.PRIVATE, "Second"))
        ticket = given(*past).when(command("ChangeCommentVisibility", message=2, visibility="public")).ticket
        assert ticket.comments == ((1, Visibility.PRIVATE), (2, Visibility.PUBLIC))


def test_a_forward_keeps_body_and_recipients():
    """F-57."""
    asked = command("ForwardTicket", recipients=["fire@brigade", "boss@desk"], body="Please")
    given(opened()).when(asked).then(TicketForwarded(1, "Please", "fire@brigade, boss@desk"))


def test_messages_of_every_kind_share_one_numbering():
    """F-57, F-58."""
    past = (opened(), REPLY, TicketCustomerReplied(2, "Hurry", None), TicketCommentAdded(3, Visibility.PUBLIC, "x"))
    given(*past).when(command("ForwardTicket", recipients=["fire@brigade"], body="Please")).then(
        TicketForwarded(4, "Please", "fire@brigade")
    )
    given(*past, TicketForwarded(4, "Please", "fire@brigade")).when(command("AddComment", body="y")).then(
        TicketCommentAdded(5, Visibility.PRIVATE, "y")
    )


def test_replies_sent_and_received_are_exchanges_and_nothing_else_is():
    """F-60."""
    past = (
        opened(),
        REPLY,
        TicketCustomerReplied(2, "Hurry", None),
        TicketCommentAdded(3, Visibility.PUBLIC, "x"),
        TicketForwarded(4, "Please", "fire@brigade"),
        TicketReplySent(5, "There", None, False),
    )
    ticket = given(*past).when(command("AddComment", body="y")).ticket
    assert (ticket.exchanges, ticket.messages) == (3, 6)
