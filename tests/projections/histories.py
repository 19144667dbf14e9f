"""Logs to fold: a builder that records events as the log would, and random histories for property tests."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.contacts import ContactErased, ContactRegistered
from domain.instant import Instant, instant
from domain.recorded import Recorded
from domain.statuses import STATUSES_STREAM, StatusDefined
from domain.ticket import events as e
from domain.ticket.state import Ticket, evolve
from domain.values import ERASED, FieldType, PersonalMark, StatusType, Visibility

NINE = datetime(2026, 6, 2, 9, tzinfo=UTC)
"""A Tuesday at nine."""
STATUSES = (
    ("Open", StatusType.OPEN),
    ("Waiting", StatusType.ON_HOLD),
    ("Closed", StatusType.CLOSED),
    ("Open", StatusType.ON_HOLD),
)


def at(minutes: float) -> Instant:
    """So many minutes after nine."""
    return instant(NINE + timedelta(minutes=minutes))


def _is_personal(hint: object) -> bool:
    if get_origin(hint) is Annotated:
        return any(isinstance(mark, PersonalMark) for mark in get_args(hint)[1:])
    return any(_is_personal(part) for part in get_args(hint))


PERSONAL = {
    kind: [name for name, hint in get_type_hints(kind, include_extras=True).items() if _is_personal(hint)]
    for kind in (*get_args(e.TicketEvent), ContactRegistered)
}


def opened(**changes) -> e.TicketOpened:
    """The opening of a ticket about a printer."""
    event = e.TicketOpened(
        number=1,
        channel="email",
        subject="Printer on fire",
        description=None,
        contact_id=None,
        department="support",
        priority=None,
        status="Open",
        status_type=StatusType.OPEN,
        fields={},
        tags=(),
        message_key=None,
    )
    return replace(event, **changes)


def imported(**changes) -> e.TicketImported:
    """The first row of a foreign history."""
    event = e.TicketImported(
        source="uci_incident@1",
        channel="phone",
        subject=None,
        description=None,
        contact_id=None,
        department="it",
        priority="3 - Moderate",
        status="New",
        status_type=StatusType.OPEN,
        agent=None,
        team=None,
        fields={},
        tags=(),
        created_at=None,
        source_sla_met=None,
    )
    return replace(event, **changes)


class Log:
    """A log in memory, also the source that a runner reads: texts of an erased person read `erased` from then on."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.versions: dict[str, int] = {}

    def record(self, stream: str, event: object, minutes: float | None = None, **envelope) -> Recorded:
        position = len(self.events) + 1
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        occurred_at = at(position if minutes is None else minutes)
        given = {"actor": "agent:ana", "via": "cli:ops", "judged_by": "", "cause": "", "rule": "", **envelope}
        given |= {"command_id": str(position), "correlation_id": str(position)}
        recorded = Recorded(position, stream, version, event, occurred_at, at(position), **given)
        if isinstance(event, ContactErased):
            self.events = [without(one, stream) for one in self.events]
        self.events.append(recorded)
        return recorded

    def ticket(self, ticket_id: str, *events: object, **envelope) -> list[Recorded]:
        return [self.record(f"ticket:{ticket_id}", event, **envelope) for event in events]

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return self.events[after : after + limit]

    def load(self, streams: Sequence[str]) -> dict[str, list[Recorded]]:
        return {stream: [one for one in self.events if one.stream == stream] for stream in streams}

    def leaves(self, after: int, limit: int) -> Sequence[bytes]:
        return [sha256(str(one.position).encode()).digest() for one in self.read(after, limit)]


def without(recorded: Recorded, person: str) -> Recorded:
    """The event as it reads after the person was erased."""
    names = PERSONAL.get(type(recorded.event), ())
    if recorded.person != person or not names:
        return recorded
    gone = {name: ERASED for name in names if getattr(recorded.event, name) is not None}
    event = recorded.event
    kept = {one.name: getattr(event, one.name) for one in fields(event)}  # type: ignore[arg-type]
    return recorded._replace(event=type(event)(**{**kept, **gone}))


def _next_event(kind: str, n: int, ticket: Ticket, text: str) -> object | None:
    label, status_type = STATUSES[n % 4]
    person, name = (None, "ana", "bob")[n % 3], f"t{n % 3}"
    comments = dict(ticket.comments)
    match kind:
        case "status" if (label, status_type) != (ticket.status, ticket.status_type):
            return e.TicketStatusChanged(ticket.status, ticket.status_type, label, status_type)
        case "agent" if person != ticket.agent:
            return e.TicketAgentChanged(ticket.agent, person)
        case "team" if person != ticket.team:
            return e.TicketTeamChanged(ticket.team, person)
        case "priority" if ticket.priority != name:
            return e.TicketPriorityChanged(ticket.priority, name)
        case "subject":
            return e.TicketSubjectChanged(ticket.subject, text)
        case "description":
            return e.TicketDescriptionChanged(ticket.description, text if n % 3 else None)
        case "contact":
            return e.TicketContactChanged(ticket.contact_id, (None, "1", "2")[n % 3])
        case "department":
            return e.TicketDepartmentChanged(ticket.department, name)
        case "field":
            value = None if n % 4 == 0 else (FieldType.TEXT, f'"{n}"\\ ü')
            return e.TicketFieldChanged(name, ticket.fields.get(name), value)
        case "tag" if name not in ticket.tags:
            return e.TicketTagsAdded((name,))
        case "untag" if name in ticket.tags:
            return e.TicketTagsRemoved((name,))
        case "due":
            return e.TicketDueDateOverridden(ticket.due_at, at(n))
        case "undue" if ticket.due_at is not None:
            return e.TicketDueDateOverrideRemoved(ticket.due_at)
        case "sla":
            return e.TicketSourceSlaChanged(ticket.source_sla_met, n % 2 == 0)
        case "reply":
            return e.TicketReplySent(ticket.messages + 1, text, text if n % 2 else None, False)
        case "answer":
            return e.TicketCustomerReplied(ticket.messages + 1, text, None)
        case "comment":
            return e.TicketCommentAdded(ticket.messages + 1, list(Visibility)[n % 2], text)
        case "show" if comments:
            message, seen_by = list(comments.items())[n % len(comments)]
            other = Visibility.PUBLIC if seen_by is Visibility.PRIVATE else Visibility.PRIVATE
            return e.TicketCommentVisibilityChanged(message, seen_by, other)
        case "forward":
            return e.TicketForwarded(ticket.messages + 1, text, text)
        case "delete":
            return e.TicketRestored() if ticket.is_deleted else e.TicketDeleted(at(n + 86_400))
        case "archive":
            return e.TicketUnarchived() if ticket.is_archived else e.TicketArchived()
        case "note":
            return e.TicketRevisionNoted("uci_incident@1", n + 1)
    return None


KINDS = [
    *("status", "status", "status", "agent", "agent", "team", "priority", "department", "note"),
    *("subject", "subject", "description", "contact", "contact", "erase", "define", "register"),
    *("field", "tag", "untag", "due", "undue", "sla", "delete", "archive"),
    *("reply", "answer", "comment", "show", "forward"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(KINDS), st.integers(0, 11), st.integers(-300, 60)), max_size=60
)
"""What a history is made of: ticket, kind of event, choice, and how many seconds the source's clock is ahead."""


def write_history(log: Log, steps: Sequence[tuple[str, str, int, int]], states: dict[str, Ticket]) -> None:
    """Record the events that the steps ask for, on tickets as they then are; a ticket's first step begins it."""
    for ticket_id, kind, n, ahead in steps:
        ticket = states.get(ticket_id)
        place = len(log.events) + 1
        text = f"text {place}"
        if kind == "erase":
            log.record(f"contact:{n % 2 + 1}", ContactErased((f"key {place}",)))
            continue
        if kind == "register":
            stream = f"contact:{n % 4 + 1}"
            if not any(isinstance(one.event, ContactRegistered) for one in log.load([stream])[stream]):
                log.record(stream, ContactRegistered(text, text if n % 3 else None), person=stream)
            continue
        if kind == "define":
            log.record(STATUSES_STREAM, StatusDefined(text, StatusType.OPEN))
            continue
        contact = (None, "1", "2")[n % 3] if ticket is None else ticket.contact_id
        if ticket is not None:
            event = _next_event(kind, n, ticket, text)
        elif n % 2:
            event = imported(
                contact_id=contact, agent=(None, "ana")[n % 4 // 2], team="x", subject=text, created_at=at(-n)
            )
        else:
            event = opened(contact_id=contact, number=place, subject=text, description=text, tags=("t1",))
        if event is None:
            continue
        subject = f"ticket:{ticket_id}" if contact is None else f"contact:{contact}"
        has_text = any(getattr(event, name) is not None for name in PERSONAL[type(event)])
        minutes = place + ahead / 60
        recorded = log.record(f"ticket:{ticket_id}", event, minutes, person=subject if has_text else None)
        states[ticket_id] = evolve(ticket, event, recorded.occurred_at)  # type: ignore[arg-type]


def history(steps: Sequence[tuple[str, str, int, int]]) -> tuple[Log, dict[str, Ticket]]:
    """A log with these steps, and the tickets as the domain has them afterwards."""
    log, states = Log(), dict[str, Ticket]()
    write_history(log, steps, states)
    return log, states
