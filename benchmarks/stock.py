"""The other side: the eventsourcing library used as its documentation shows, with the same content.

An application over SQLite with an aggregate of decorated events; a projection whose view is a tracking recorder, so
that view row and position are one transaction, a second one after the save. Its projection runner needs subscriptions,
which its SQLite recorder has not, so each event is handed to the projection at once: less work than a runner would do.
It seals nothing, keeps no receipts and hashes nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteDatastore, SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment

SECTION: Final = 1_000


class Ticket(Aggregate):
    """The same five facts as ours."""

    class Opened(Aggregate.Created):
        """A request became a ticket."""

        ticket_id: str
        channel: str
        subject: str
        description: str
        contact_id: str
        department: str
        priority: str
        fields: dict[str, list[str]]
        tags: list[str]
        actor: str
        command_id: str

    class AgentChanged(Aggregate.Event):
        agent: str
        actor: str
        command_id: str

    class ReplySent(Aggregate.Event):
        body: str
        recipients: list[str]
        actor: str
        command_id: str

    class CommentAdded(Aggregate.Event):
        visibility: str
        body: str
        actor: str
        command_id: str

    class StatusChanged(Aggregate.Event):
        status: str
        actor: str
        command_id: str

    @event(Opened)
    def __init__(
        self,
        ticket_id: str,
        channel: str,
        subject: str,
        description: str,
        contact_id: str,
        department: str,
        priority: str,
        fields: dict[str, list[str]],
        tags: list[str],
        actor: str,
        command_id: str,
    ) -> None:
        self.ticket_id = ticket_id
        self.channel = channel
        self.subject = subject
        self.description = description
        self.contact_id = contact_id
        self.department = department
        self.priority = priority
        self.fields = fields
        self.tags = tags
        self.status = "Open"
        self.agent: str | None = None
        self.messages = 0

    @staticmethod
    def create_id(ticket_id: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"/tickets/{ticket_id}")

    @event(AgentChanged)
    def assign(self, agent: str, actor: str, command_id: str) -> None:
        self.agent = agent

    @event(ReplySent)
    def reply(self, body: str, recipients: list[str], actor: str, command_id: str) -> None:
        self.messages += 1

    @event(CommentAdded)
    def comment(self, visibility: str, body: str, actor: str, command_id: str) -> None:
        self.messages += 1

    @event(StatusChanged)
    def close(self, status: str, actor: str, command_id: str) -> None:
        if self.status == status:
            raise ValueError("the ticket is closed already")
        self.status = status


_CHANGES: Final[dict[str, Callable[..., None]]] = {
    "AssignTicket": Ticket.assign,
    "SendReply": Ticket.reply,
    "AddComment": Ticket.comment,
    "CloseTicket": Ticket.close,
}


class Desk(Application[UUID]):
    """The application: load, call, save."""

    log_section_size = SECTION

    def open_ticket(self, **content: Any):
        return self.save(Ticket(**content))

    def change_ticket(self, change: Callable[..., None], ticket_id: str, **content: Any):
        ticket: Ticket = self.repository.get(Ticket.create_id(ticket_id))
        change(ticket, **content)
        return self.save(ticket)


class TicketRows(SQLiteTrackingRecorder):
    """The view: a row a ticket, indexed as ours is, written with the position of the event that changed it."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore)
        self.create_table_statements += [
            (
                "CREATE TABLE IF NOT EXISTS tickets (id TEXT PRIMARY KEY, ticket_id TEXT, channel TEXT, subject TEXT, "
                "description TEXT, contact_id TEXT, department TEXT, priority TEXT, fields TEXT, tags TEXT, "
                "status TEXT, agent TEXT, exchanges INTEGER, opened_at TEXT, closed_at TEXT, "
                "last_event_at TEXT, version INTEGER)"
            ),
            "CREATE INDEX IF NOT EXISTS tickets_status ON tickets (status)",
            "CREATE INDEX IF NOT EXISTS tickets_agent ON tickets (agent)",
            "CREATE INDEX IF NOT EXISTS tickets_contact ON tickets (contact_id)",
        ]

    def write(self, statement: str, values: Sequence[Any], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(statement, values)


class TicketView(Projection[TicketRows]):
    """What each event means to the row."""

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        raise NotImplementedError(type(domain_event))

    @process_event.register
    def opened(self, e: Ticket.Opened, tracking: Tracking) -> None:
        at = e.timestamp.isoformat()
        row = (
            *(e.originator_id.hex, e.ticket_id, e.channel, e.subject, e.description, e.contact_id, e.department),
            *(e.priority, json.dumps(e.fields), json.dumps(e.tags), "Open", None, 0, at, None, at),
            e.originator_version,
        )
        self.view.write(f"INSERT INTO tickets VALUES ({', '.join('?' * len(row))})", row, tracking)

    @process_event.register
    def assigned(self, e: Ticket.AgentChanged, tracking: Tracking) -> None:
        self._update("agent = ?", (e.agent,), e, tracking)

    @process_event.register
    def replied(self, e: Ticket.ReplySent, tracking: Tracking) -> None:
        self._update("exchanges = exchanges + 1", (), e, tracking)

    @process_event.register
    def commented(self, e: Ticket.CommentAdded, tracking: Tracking) -> None:
        self._update("status = status", (), e, tracking)

    @process_event.register
    def closed(self, e: Ticket.StatusChanged, tracking: Tracking) -> None:
        self._update("status = ?, closed_at = ?", (e.status, e.timestamp.isoformat()), e, tracking)

    def _update(self, what: str, values: tuple[Any, ...], e: Any, tracking: Tracking) -> None:
        self.view.write(
            f"UPDATE tickets SET {what}, last_event_at = ?, version = ? WHERE id = ?",
            (*values, e.timestamp.isoformat(), e.originator_version, e.originator_id.hex),
            tracking,
        )


class Stock:
    """The application and its view on one file, each with connections of its own, as its projection runner has it."""

    def __init__(self, path: Path) -> None:
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
        self.app = Desk(env=env)
        factory = SQLiteFactory(Environment(TicketView.name, env))
        with factory.datastore.transaction(commit=False) as cursor:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone()[0] == 2, "both sides must be synchronous=FULL"
        rows = factory.tracking_recorder(TicketRows)
        assert isinstance(rows, TicketRows)
        self._rows = rows
        self._view = TicketView(rows)

    def send(self, raw: bytes) -> None:
        """One command, durable with its view row when this returns."""
        command, content = _content(raw)
        if command == "OpenTicket":
            recordings = self.app.open_ticket(**content)
        else:
            recordings = self.app.change_ticket(_CHANGES[command], **content)
        for recording in recordings:
            self._view.process_event(recording.domain_event, Tracking(self.app.name, recording.notification.id))

    def send_all(self, commands: Sequence[bytes]) -> None:
        """Commands one at a time."""
        for raw in commands:
            self.send(raw)

    def fill(self, commands: Sequence[bytes]) -> None:
        """The events of these commands in one transaction and without the view: content to be replayed, not timed."""
        tickets: dict[str, Ticket] = {}
        for raw in commands:
            command, content = _content(raw)
            if command == "OpenTicket":
                tickets[content["ticket_id"]] = Ticket(**content)
            else:
                _CHANGES[command](tickets[content.pop("ticket_id")], **content)
        self.app.save(*tickets.values())

    def close(self) -> None:
        """Let go of the file."""
        self.app.close()
        self._rows.datastore.close()

    def replay(self) -> int:
        """Every event of the notification log as a typed object, in sections; how many there were."""
        count, start = 0, 1
        to_event = self.app.mapper.to_domain_event
        while section := self.app.notification_log.select(start, SECTION):
            events = [to_event(notification) for notification in section]
            count += len(events)
            start = section[-1].id + 1
        return count


def _content(raw: bytes) -> tuple[str, dict[str, Any]]:
    """The command's name and what the application's method takes."""
    content = json.loads(raw)
    command = content.pop("command")
    if command == "CloseTicket":
        content["status"] = "Closed"
    return command, content


@contextmanager
def stock(path: Path) -> Iterator[Stock]:
    """The library at work on this file."""
    opened = Stock(path)
    try:
        yield opened
    finally:
        opened.close()
