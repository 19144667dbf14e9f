"""Decisions about a ticket's course: opening, status, assignment, deletion, archive.

Each is a pure function from the ticket as it stands to the events that follow, or Refused with every failed check.
"""

from typing import Final, NamedTuple

from domain.instant import Instant, later
from domain.refusals import (
    MessageKeyTaken,
    Refusal,
    Refused,
    RestoreWindowPassed,
    TicketAlreadyClosed,
    TicketIdTaken,
    TicketInBlueprint,
    TicketIsArchived,
    TicketIsDeleted,
    TicketNotAdopted,
    TicketNotArchived,
    TicketNotClosed,
    TicketNotDeleted,
    TicketNotFound,
    TicketNotOnHold,
    refuse_if_any,
)
from domain.statuses import Statuses
from domain.ticket.events import (
    TicketAgentChanged,
    TicketArchived,
    TicketDeleted,
    TicketEvent,
    TicketOpened,
    TicketRestored,
    TicketStatusChanged,
    TicketTeamChanged,
    TicketUnarchived,
)
from domain.ticket.state import Ticket
from domain.values import Fields, StatusType

RESTORE_WINDOW_DAYS: Final = 60
"""How long a deleted ticket can be restored (Zoho Desk's recycle bin, features 2.5)."""


class Kept:
    """Marks an argument that was left out: the value stays as it is, where None would clear it."""


KEPT: Final = Kept()


class Request(NamedTuple):
    """What a ticket is opened with (F-42)."""

    channel: str
    subject: str
    description: str | None
    contact_id: str | None
    department: str
    priority: str | None
    status: str | None
    agent: str | None
    team: str | None
    fields: Fields
    tags: tuple[str, ...]
    message_key: str | None


def must_exist(ticket: Ticket | None, ticket_id: str) -> Ticket:
    """The ticket, or Refused where there is none."""
    if ticket is None:
        raise Refused(TicketNotFound(ticket_id))
    return ticket


def writable(ticket: Ticket | None, ticket_id: str) -> Ticket:
    """The ticket where it can be worked on: it exists and is ours, not deleted and not archived (F-51, F-52)."""
    ticket = must_exist(ticket, ticket_id)
    reasons: list[Refusal] = []
    if ticket.source is not None and not ticket.is_live:
        reasons.append(TicketNotAdopted(ticket_id, ticket.source))
    if ticket.is_deleted:
        reasons.append(TicketIsDeleted(ticket_id))
    if ticket.is_archived:
        reasons.append(TicketIsArchived(ticket_id))
    refuse_if_any(reasons)
    return ticket


def open_ticket(
    ticket: Ticket | None,
    ticket_id: str,
    request: Request,
    statuses: Statuses,
    number: int,
    message_taken_by: str | None,
) -> list[TicketEvent]:
    """A new ticket in the named or the first open status, with the sequence's next number (F-02, F-42, F-54)."""
    reasons: list[Refusal] = []
    if ticket is not None:
        reasons.append(TicketIdTaken(ticket_id))
    if request.message_key is not None and message_taken_by is not None:
        reasons.append(MessageKeyTaken(request.message_key, message_taken_by))
    status = request.status if request.status is not None else statuses.first_of(StatusType.OPEN)
    try:
        status_type = statuses.type_of(status)
    except Refused as refused:
        raise Refused(*reasons, *refused.reasons) from None
    refuse_if_any(reasons)
    opened = TicketOpened(
        number=number,
        channel=request.channel,
        subject=request.subject,
        description=request.description,
        contact_id=request.contact_id,
        department=request.department,
        priority=request.priority,
        status=status,
        status_type=status_type,
        fields=dict(sorted(request.fields.items())),
        tags=tuple(sorted(set(request.tags))),
        message_key=request.message_key,
    )
    events: list[TicketEvent] = [opened]
    if request.team is not None:
        events.append(TicketTeamChanged(None, request.team))
    if request.agent is not None:
        events.append(TicketAgentChanged(None, request.agent))
    return events


def to_status(ticket: Ticket, ticket_id: str, status: str, status_type: StatusType) -> list[TicketEvent]:
    """The event of a status change; none where the ticket is in that status.

    Refused while the ticket is in a blueprint: the status follows its state, for every actor and cause (F-115).
    """
    if ticket.status == status and ticket.status_type is status_type:
        return []
    if ticket.visit is not None:
        raise Refused(TicketInBlueprint(ticket_id, ticket.visit.blueprint, ticket.visit.state))
    return [TicketStatusChanged(ticket.status, ticket.status_type, status, status_type)]


def change_status(ticket: Ticket | None, ticket_id: str, status: str, statuses: Statuses) -> list[TicketEvent]:
    """Any status of the catalogue (F-46)."""
    ticket = writable(ticket, ticket_id)
    return to_status(ticket, ticket_id, status, statuses.type_of(status))


def hold(ticket: Ticket | None, ticket_id: str, status: str | None, statuses: Statuses) -> list[TicketEvent]:
    """Into a status of the type on hold; a ticket on hold already stays where no status is named."""
    ticket = writable(ticket, ticket_id)
    if ticket.status_type is StatusType.CLOSED:
        raise Refused(TicketAlreadyClosed(ticket_id, ticket.status))
    if status is None and ticket.status_type is StatusType.ON_HOLD:
        return []
    return to_status(ticket, ticket_id, statuses.choose(status, StatusType.ON_HOLD), StatusType.ON_HOLD)


def resume(ticket: Ticket | None, ticket_id: str, status: str | None, statuses: Statuses) -> list[TicketEvent]:
    """From a status of the type on hold into an open one."""
    ticket = writable(ticket, ticket_id)
    if ticket.status_type is not StatusType.ON_HOLD:
        raise Refused(TicketNotOnHold(ticket_id, ticket.status))
    return to_status(ticket, ticket_id, statuses.choose(status, StatusType.OPEN), StatusType.OPEN)


def close(ticket: Ticket | None, ticket_id: str, status: str | None, statuses: Statuses) -> list[TicketEvent]:
    """Into a closed status; a closed ticket is refused."""
    ticket = writable(ticket, ticket_id)
    if ticket.status_type is StatusType.CLOSED:
        raise Refused(TicketAlreadyClosed(ticket_id, ticket.status))
    return to_status(ticket, ticket_id, statuses.choose(status, StatusType.CLOSED), StatusType.CLOSED)


def reopen(ticket: Ticket | None, ticket_id: str, status: str | None, statuses: Statuses) -> list[TicketEvent]:
    """From a closed status into an open one; the ticket counts its reopenings."""
    ticket = writable(ticket, ticket_id)
    if ticket.status_type is not StatusType.CLOSED:
        raise Refused(TicketNotClosed(ticket_id, ticket.status))
    return to_status(ticket, ticket_id, statuses.choose(status, StatusType.OPEN), StatusType.OPEN)


def assign(
    ticket: Ticket | None, ticket_id: str, agent: str | Kept | None, team: str | Kept | None
) -> list[TicketEvent]:
    """To an agent, a team or both; None clears, KEPT leaves as it is (F-53). The team is recorded first."""
    ticket = writable(ticket, ticket_id)
    events: list[TicketEvent] = []
    if not isinstance(team, Kept) and team != ticket.team:
        events.append(TicketTeamChanged(ticket.team, team))
    if not isinstance(agent, Kept) and agent != ticket.agent:
        events.append(TicketAgentChanged(ticket.agent, agent))
    return events


def delete(ticket: Ticket | None, ticket_id: str, at: Instant) -> list[TicketEvent]:
    """Hidden everywhere but in the audit; an imported or archived ticket may be deleted too (F-51)."""
    if must_exist(ticket, ticket_id).is_deleted:
        return []
    return [TicketDeleted(later(at, days=RESTORE_WINDOW_DAYS))]


def restore(ticket: Ticket | None, ticket_id: str, at: Instant) -> list[TicketEvent]:
    """Back from deletion, up to and including the last instant of the window (F-51)."""
    ticket = must_exist(ticket, ticket_id)
    if ticket.restorable_until is None:
        raise Refused(TicketNotDeleted(ticket_id))
    if at > ticket.restorable_until:
        raise Refused(RestoreWindowPassed(ticket_id, ticket.restorable_until))
    return [TicketRestored()]


def archive(ticket: Ticket | None, ticket_id: str) -> list[TicketEvent]:
    """Read-only and out of views; an archived ticket stays as it is (F-52)."""
    ticket = must_exist(ticket, ticket_id)
    if ticket.is_deleted:
        raise Refused(TicketIsDeleted(ticket_id))
    return [] if ticket.is_archived else [TicketArchived()]


def unarchive(ticket: Ticket | None, ticket_id: str) -> list[TicketEvent]:
    """Back among the tickets that can be worked on, with its whole history (F-52)."""
    ticket = must_exist(ticket, ticket_id)
    reasons: list[Refusal] = []
    if ticket.is_deleted:
        reasons.append(TicketIsDeleted(ticket_id))
    if not ticket.is_archived:
        reasons.append(TicketNotArchived(ticket_id))
    refuse_if_any(reasons)
    return [TicketUnarchived()]
