"""A ticket as conditions see it while a command is decided (design section 4)."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.conditions import TicketFacts
from domain.conditions.fields import CUSTOM
from domain.instant import Instant
from domain.ticket.state import Ticket

_VALUES: Final[Mapping[str, Callable[[Ticket], object]]] = {
    "channel": lambda ticket: ticket.channel,
    "contact_id": lambda ticket: ticket.contact_id,
    "department": lambda ticket: ticket.department,
    "priority": lambda ticket: ticket.priority,
    "status": lambda ticket: ticket.status,
    "status_type": lambda ticket: ticket.status_type.value,
    "agent": lambda ticket: ticket.agent,
    "team": lambda ticket: ticket.team,
    "source": lambda ticket: ticket.source,
    "blueprint": lambda ticket: None if ticket.visit is None else ticket.visit.blueprint,
    "state": lambda ticket: None if ticket.visit is None else ticket.visit.state,
    "sla_policy": lambda ticket: None if ticket.sla is None else ticket.sla.policy,
    "subject": lambda ticket: ticket.subject,
    "description": lambda ticket: ticket.description,
    "number": lambda ticket: ticket.number,
    "exchanges": lambda ticket: ticket.exchanges,
    "reopen_count": lambda ticket: ticket.reopen_count,
    "team_change_count": lambda ticket: ticket.team_change_count,
    "opened_at": lambda ticket: ticket.opened_at,
    "created_at": lambda ticket: ticket.created_at,
    "closed_at": lambda ticket: ticket.closed_at,
    "due_at": lambda ticket: ticket.due_at,
    "is_deleted": lambda ticket: ticket.is_deleted,
    "is_archived": lambda ticket: ticket.is_archived,
    "is_imported": lambda ticket: ticket.source is not None,
    "tags": lambda ticket: ticket.tags,
}

TICKET_FIELDS: Final = frozenset(_VALUES)
"""What a condition may look at while a command is decided; custom fields, `fields.NAME`, beside them."""


def _getter(ticket: Ticket | None) -> Callable[[str], object]:
    def value(field: str) -> object:
        if ticket is None:
            return None
        if field.startswith(CUSTOM):
            return ticket.fields.get(field.removeprefix(CUSTOM))
        return _VALUES[field](ticket)

    return value


def subject_of(before: Ticket | None, ticket: Ticket, at: Instant) -> TicketFacts:
    """The ticket as a command at `at` made it of `before`; None: there was nothing before."""
    return TicketFacts(_getter(ticket), _getter(before), at)
