"""Foreign histories: one source row after another becomes events of a ticket that no rule of ours touches (F-165).

The source's order is the truth; its instants are data. A row is compared with the ticket as imported so far, so only
what changed becomes an event, and a row that changed nothing is noted.
"""

from dataclasses import dataclass

from domain.instant import Instant
from domain.recorded import Consequence
from domain.refusals import (
    Refusal,
    Refused,
    SourceMismatch,
    TicketAlreadyAdopted,
    TicketAlreadyClosed,
    TicketIsArchived,
    TicketIsDeleted,
    TicketNotImported,
    refuse_if_any,
)
from domain.statuses import Statuses
from domain.ticket.events import (
    TicketAdopted,
    TicketAgentChanged,
    TicketContactChanged,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketEvent,
    TicketImported,
    TicketPriorityChanged,
    TicketRevisionNoted,
    TicketSourceSlaChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
    TicketTeamChanged,
)
from domain.ticket.lifecycle import must_exist, to_status
from domain.ticket.properties import changed_fields
from domain.ticket.state import Ticket
from domain.values import Fields, StatusType


@dataclass(frozen=True, slots=True)
class Facts:
    """What one source row says of the ticket, after the mapping: a whole picture, not a difference."""

    channel: str
    subject: str | None
    description: str | None
    contact_id: str | None
    department: str
    priority: str | None
    status: str
    status_type: StatusType
    agent: str | None
    team: str | None
    fields: Fields
    tags: tuple[str, ...]
    created_at: Instant | None
    source_sla_met: bool | None


def import_revision(
    ticket: Ticket | None, ticket_id: str, source: str, ordinal: int, facts: Facts
) -> list[TicketEvent]:
    """The events of one source row, at least one; refused where the id belongs to another source or to us."""
    if ticket is None:
        return [_first(source, facts)]
    if ticket.source != source:
        raise Refused(SourceMismatch(ticket_id, source, ticket.source or "a ticket of our own"))
    if ticket.is_live:
        raise Refused(TicketAlreadyAdopted(ticket_id, source))
    events = _texts_changed(ticket, facts) + _assignment_changed(ticket, facts)
    if facts.priority is not None and facts.priority != ticket.priority:
        events.append(TicketPriorityChanged(ticket.priority, facts.priority))
    cleared = dict.fromkeys(ticket.fields.keys() - facts.fields.keys())
    events += changed_fields(ticket, {**cleared, **facts.fields})
    if facts.source_sla_met is not None and facts.source_sla_met is not ticket.source_sla_met:
        events.append(TicketSourceSlaChanged(ticket.source_sla_met, facts.source_sla_met))
    events += to_status(ticket, ticket_id, facts.status, facts.status_type)
    return events or [TicketRevisionNoted(source, ordinal)]


def _first(source: str, facts: Facts) -> TicketEvent:
    return TicketImported(
        source=source,
        channel=facts.channel,
        subject=facts.subject,
        description=facts.description,
        contact_id=facts.contact_id,
        department=facts.department,
        priority=facts.priority,
        status=facts.status,
        status_type=facts.status_type,
        agent=facts.agent,
        team=facts.team,
        fields=dict(sorted(facts.fields.items())),
        tags=tuple(sorted(facts.tags)),
        created_at=facts.created_at,
        source_sla_met=facts.source_sla_met,
    )


def _texts_changed(ticket: Ticket, facts: Facts) -> list[TicketEvent]:
    events: list[TicketEvent] = []
    # The contact comes first: what is written with it is sealed under the new contact's key.
    if facts.contact_id != ticket.contact_id:
        events.append(TicketContactChanged(ticket.contact_id, facts.contact_id))
    if facts.subject is not None and facts.subject != ticket.subject:
        events.append(TicketSubjectChanged(ticket.subject, facts.subject))
    if facts.description != ticket.description:
        events.append(TicketDescriptionChanged(ticket.description, facts.description))
    if facts.department != ticket.department:
        events.append(TicketDepartmentChanged(ticket.department, facts.department))
    if added := tuple(sorted(set(facts.tags).difference(ticket.tags))):
        events.append(TicketTagsAdded(added))
    if removed := tuple(sorted(set(ticket.tags).difference(facts.tags))):
        events.append(TicketTagsRemoved(removed))
    return events


def _assignment_changed(ticket: Ticket, facts: Facts) -> list[TicketEvent]:
    events: list[TicketEvent] = []
    if facts.team != ticket.team:
        events.append(TicketTeamChanged(ticket.team, facts.team))
    if facts.agent != ticket.agent:
        events.append(TicketAgentChanged(ticket.agent, facts.agent))
    return events


def adopt_ticket(
    ticket: Ticket | None, ticket_id: str, status: str | None, statuses: Statuses, number: int
) -> list[TicketEvent | Consequence]:
    """An imported open ticket comes under live rules from this moment on, with the sequence's next number.

    Its status may be a label that the catalogue does not have; `status` sets one of ours in the same step.
    """
    ticket = must_exist(ticket, ticket_id)
    if ticket.source is None:
        raise Refused(TicketNotImported(ticket_id))
    reasons: list[Refusal] = []
    if ticket.is_live:
        reasons.append(TicketAlreadyAdopted(ticket_id, ticket.source))
    if ticket.is_deleted:
        reasons.append(TicketIsDeleted(ticket_id))
    if ticket.is_archived:
        reasons.append(TicketIsArchived(ticket_id))
    if ticket.status_type is StatusType.CLOSED:
        reasons.append(TicketAlreadyClosed(ticket_id, ticket.status))
    refuse_if_any(reasons)
    moved: list[TicketEvent] = [] if status is None else to_status(ticket, ticket_id, status, statuses.type_of(status))
    return [TicketAdopted(number), *moved]
