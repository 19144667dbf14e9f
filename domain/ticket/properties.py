"""Decisions about what a ticket says of itself: subject, description, due date, fields, tags, priority."""

from collections.abc import Mapping

from domain.instant import Instant
from domain.ticket.events import (
    TicketContactChanged,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketDueDateOverridden,
    TicketDueDateOverrideRemoved,
    TicketEvent,
    TicketFieldChanged,
    TicketPriorityChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
)
from domain.ticket.lifecycle import Kept, writable
from domain.ticket.state import Ticket
from domain.values import FieldValue


def changed_fields(ticket: Ticket, fields: Mapping[str, FieldValue | None]) -> list[TicketEvent]:
    """One event a custom field that differs, by field name; None clears a field (F-45)."""
    return [
        TicketFieldChanged(name, ticket.fields.get(name), value)
        for name, value in sorted(fields.items())
        if ticket.fields.get(name) != value
    ]


def change(
    ticket: Ticket | None,
    ticket_id: str,
    *,
    subject: str | Kept,
    description: str | Kept | None,
    contact_id: str | Kept | None,
    department: str | Kept,
    due_at: Instant | Kept | None,
    fields: Mapping[str, FieldValue | None],
) -> list[TicketEvent]:
    """Any of the properties at once; what keeps its value yields no event (F-42, F-45)."""
    ticket = writable(ticket, ticket_id)
    events: list[TicketEvent] = []
    # The contact comes first: what is written with it is sealed under the new contact's key.
    if not isinstance(contact_id, Kept) and contact_id != ticket.contact_id:
        events.append(TicketContactChanged(ticket.contact_id, contact_id))
    if not isinstance(subject, Kept) and subject != ticket.subject:
        events.append(TicketSubjectChanged(ticket.subject, subject))
    if not isinstance(description, Kept) and description != ticket.description:
        events.append(TicketDescriptionChanged(ticket.description, description))
    if not isinstance(department, Kept) and department != ticket.department:
        events.append(TicketDepartmentChanged(ticket.department, department))
    if not isinstance(due_at, Kept) and due_at != ticket.due_at:
        if due_at is not None:
            events.append(TicketDueDateOverridden(ticket.due_at, due_at))
        elif ticket.due_at is not None:
            events.append(TicketDueDateOverrideRemoved(ticket.due_at))
    return events + changed_fields(ticket, fields)


def add_tags(ticket: Ticket | None, ticket_id: str, tags: frozenset[str]) -> list[TicketEvent]:
    """The tags that the ticket lacks, in one event (F-43)."""
    ticket = writable(ticket, ticket_id)
    missing = tuple(sorted(tags.difference(ticket.tags)))
    return [TicketTagsAdded(missing)] if missing else []


def remove_tags(ticket: Ticket | None, ticket_id: str, tags: frozenset[str]) -> list[TicketEvent]:
    """The tags that the ticket has, in one event (F-43)."""
    ticket = writable(ticket, ticket_id)
    present = tuple(sorted(tags.intersection(ticket.tags)))
    return [TicketTagsRemoved(present)] if present else []


def change_priority(ticket: Ticket | None, ticket_id: str, priority: str) -> list[TicketEvent]:
    """Another priority; a priority never returns to none (F-48, features 2.4)."""
    ticket = writable(ticket, ticket_id)
    return [] if ticket.priority == priority else [TicketPriorityChanged(ticket.priority, priority)]
