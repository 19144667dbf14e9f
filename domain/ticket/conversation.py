"""Decisions about what is said on a ticket: replies in both directions, comments, forwards (F-57, F-58, F-60).

Messages are numbered per ticket from 1. Exchanges are replies sent and received; comments, public ones too, and
forwards are not exchanges.
"""

from typing import Final

from domain.recorded import Consequence
from domain.refusals import CommentNotFound, MessageKeyTaken, Refused
from domain.statuses import Statuses
from domain.ticket.events import (
    TicketCommentAdded,
    TicketCommentVisibilityChanged,
    TicketCustomerReplied,
    TicketEvent,
    TicketForwarded,
    TicketReplySent,
)
from domain.ticket.lifecycle import to_status, writable
from domain.ticket.state import Ticket
from domain.values import StatusType, Visibility

REPLY_REOPENS: Final = "built_in:customer_reply_reopens@1"


def send_reply(
    ticket: Ticket | None,
    ticket_id: str,
    *,
    body: str,
    recipients: str | None,
    is_reply_all: bool,
    status: str | None,
    statuses: Statuses,
) -> list[TicketEvent]:
    """A public answer, with a status change in the same step where one is named: send and close (F-50, F-57)."""
    ticket = writable(ticket, ticket_id)
    sent = TicketReplySent(ticket.messages + 1, body, recipients, is_reply_all)
    return [sent] if status is None else [sent, *to_status(ticket, ticket_id, status, statuses.type_of(status))]


def receive_reply(
    ticket: Ticket | None,
    ticket_id: str,
    *,
    body: str,
    message_key: str | None,
    message_taken_by: str | None,
    statuses: Statuses,
) -> list[TicketEvent | Consequence]:
    """The customer wrote again: a ticket on hold or closed returns to the first open status (features 2.2).

    In a blueprint the status stays: it moves by a transition only, also for a rule of ours (F-115).
    """
    ticket = writable(ticket, ticket_id)
    if message_key is not None and message_taken_by is not None:
        raise Refused(MessageKeyTaken(message_key, message_taken_by))
    reply = TicketCustomerReplied(ticket.messages + 1, body, message_key)
    if ticket.status_type is StatusType.OPEN or ticket.visit is not None:
        return [reply]
    opened = to_status(ticket, ticket_id, statuses.first_of(StatusType.OPEN), StatusType.OPEN)
    return [reply, *(Consequence(event, REPLY_REOPENS) for event in opened)]


def add_comment(ticket: Ticket | None, ticket_id: str, visibility: Visibility, body: str) -> list[TicketEvent]:
    """A note for colleagues, or a public one (F-58)."""
    ticket = writable(ticket, ticket_id)
    return [TicketCommentAdded(ticket.messages + 1, visibility, body)]


def change_comment_visibility(
    ticket: Ticket | None, ticket_id: str, message: int, visibility: Visibility
) -> list[TicketEvent]:
    """Show a comment to the customer, or hide it; the change is an event of its own (F-58)."""
    ticket = writable(ticket, ticket_id)
    seen_by = dict(ticket.comments).get(message)
    if seen_by is None:
        raise Refused(CommentNotFound(ticket_id, message))
    return [] if seen_by is visibility else [TicketCommentVisibilityChanged(message, seen_by, visibility)]


def forward(ticket: Ticket | None, ticket_id: str, recipients: str, body: str) -> list[TicketEvent]:
    """To somebody outside the conversation; not an answer to the customer (F-57)."""
    ticket = writable(ticket, ticket_id)
    return [TicketForwarded(ticket.messages + 1, body, recipients)]
