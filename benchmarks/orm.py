"""The other side of S9: a projector on SQLAlchemy's ORM as its documentation shows it, filling the same tables.

The classes are declared on the very tables of the read database. For each event of the log, in order, the rows that it
touches are asked for (`session.get` by primary key, `select(...).where(...)` for the stay or the assignment that is
open), their attributes are changed or new objects are added, and the unit of work writes them: at the autoflush before
the next query and at the commit. It commits every 1,000 events, with the checkpoints of all tables in the same
transaction, so it too goes on where it stopped. Nothing is tuned and nothing is spoilt: the session is the default one
(autoflush, expiry on commit), and events come typed and opened from the same `journal.read` as ours.

The file has the pragmas of ours (write-ahead log, `synchronous=FULL`) and the tables have their indexes. It knows the
events of the benchmark's log and no others, parks nothing and keeps no Merkle frontier.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, select
from sqlalchemy.event import listens_for
from sqlalchemy.orm import DeclarativeBase, Mapped, Session

from adapters.read_db.schema import CHECKPOINTS, TABLES
from domain.instant import seconds_between
from domain.recorded import Recorded
from domain.ticket import events as e
from domain.values import StatusType
from projections.assignment_intervals import AGENT, ASSIGNMENT_INTERVALS, TEAM
from projections.base import Projection
from projections.messages import COMMENT, CUSTOMER_REPLY, MESSAGES, PUBLIC, REPLY
from projections.status_intervals import STATUS_INTERVALS
from projections.tickets import TICKETS

COMMIT_EVERY: Final = 1_000
FILLED: Final[tuple[Projection[Any], ...]] = (TICKETS, STATUS_INTERVALS, ASSIGNMENT_INTERVALS, MESSAGES)
"""The tables that are filled."""


class Base(DeclarativeBase):
    """What the mapped classes have in common."""


def _table(projection: Projection[Any]) -> Any:
    return TABLES[projection.name].to_metadata(Base.metadata)


class Ticket(Base):
    """A row of dim_tickets."""

    __table__ = _table(TICKETS)


class Stay(Base):
    """A row of fct_status_intervals."""

    __table__ = _table(STATUS_INTERVALS)
    ticket_id: Mapped[str]
    left_at: Mapped[str | None]


class Assignment(Base):
    """A row of fct_assignment_intervals."""

    __table__ = _table(ASSIGNMENT_INTERVALS)
    ticket_id: Mapped[str]
    kind: Mapped[str]
    seq: Mapped[int]


class Message(Base):
    """A row of fct_messages."""

    __table__ = _table(MESSAGES)


class Checkpoint(Base):
    """A row of meta_projections."""

    __table__ = CHECKPOINTS.to_metadata(Base.metadata)


class Projector:
    """One session over the log."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.position = 0

    def project(self, events: Sequence[Recorded]) -> None:
        """Take in the next events; a commit every 1,000 of them and at the end."""
        for number, recorded in enumerate(events, start=1):
            self._take(recorded)
            self.position = recorded.position
            if number % COMMIT_EVERY == 0 or number == len(events):
                self._commit()

    def _commit(self) -> None:
        for projection in FILLED:
            checkpoint: Any = self._session.get(Checkpoint, projection.name)
            if checkpoint is None:
                checkpoint = Checkpoint(name=projection.name, version=projection.version)
                self._session.add(checkpoint)
            checkpoint.position = checkpoint.events_folded = self.position
        self._session.commit()

    def _take(self, recorded: Recorded) -> None:
        ticket_id = recorded.stream.partition(":")[2]
        match recorded.event:
            case e.TicketOpened() as opening:
                ticket = self._open(ticket_id, opening, recorded)
            case _:
                found = self._session.get(Ticket, ticket_id)
                assert found is not None
                ticket = found
        match recorded.event:
            case e.TicketStatusChanged() as change:
                self._change_status(ticket, change, recorded)
            case e.TicketAgentChanged() as change:
                ticket.agent = change.new
                self._assign(ticket_id, AGENT, change.new, recorded)
            case e.TicketTeamChanged() as change:
                ticket.team = change.new
                ticket.team_change_count += 1
                self._assign(ticket_id, TEAM, change.new, recorded)
            case e.TicketReplySent() as said:
                ticket.exchanges += 1
                self._say(ticket_id, said.message, REPLY, PUBLIC, said.recipients, said.body, recorded)
            case e.TicketCustomerReplied() as said:
                ticket.exchanges += 1
                self._say(ticket_id, said.message, CUSTOMER_REPLY, PUBLIC, None, said.body, recorded)
            case e.TicketCommentAdded() as said:
                self._say(ticket_id, said.message, COMMENT, said.visibility.value, None, said.body, recorded)
        ticket.last_event_at = ticket.last_action_at = recorded.occurred_at
        ticket.version, ticket.position = recorded.version, recorded.position

    def _open(self, ticket_id: str, opening: e.TicketOpened, recorded: Recorded) -> Any:
        ticket: Any = Ticket(
            ticket_id=ticket_id,
            number=opening.number,
            channel=opening.channel,
            subject=opening.subject,
            description=opening.description,
            contact_id=opening.contact_id,
            department=opening.department,
            priority=opening.priority,
            status=opening.status,
            status_type=opening.status_type.value,
            tags=_json(sorted(opening.tags)),
            fields=_json(dict(sorted(opening.fields.items()))),
            created_at=recorded.occurred_at,
            opened_at=recorded.occurred_at,
            exchanges=0,
            reopen_count=0,
            team_change_count=0,
            is_deleted=False,
            is_archived=False,
            person=recorded.person,
        )
        self._session.add(ticket)
        self._enter(ticket_id, 1, opening.status, opening.status_type.value, recorded)
        return ticket

    def _enter(self, ticket_id: str, seq: int, status: str, status_type: str, recorded: Recorded) -> None:
        self._session.add(
            Stay(
                ticket_id=ticket_id,
                seq=seq,
                status=status,
                status_type=status_type,
                entered_at=recorded.occurred_at,
                entered_position=recorded.position,
                is_backward=False,
            )
        )

    def _change_status(self, ticket: Any, change: e.TicketStatusChanged, recorded: Recorded) -> None:
        was_closed, is_closed = ticket.status_type == "closed", change.new_status_type is StatusType.CLOSED
        ticket.status, ticket.status_type = change.new_status, change.new_status_type.value
        ticket.reopen_count += was_closed and not is_closed
        if was_closed != is_closed:
            ticket.closed_at = recorded.occurred_at if is_closed else None
        stay: Any = self._session.scalars(
            select(Stay).where(Stay.ticket_id == ticket.ticket_id, Stay.left_at.is_(None))
        ).one()
        stay.left_at, stay.left_position = recorded.occurred_at, recorded.position
        stay.duration_seconds = seconds_between(stay.entered_at, stay.left_at)
        stay.is_backward = stay.left_at < stay.entered_at
        self._enter(ticket.ticket_id, stay.seq + 1, change.new_status, change.new_status_type.value, recorded)

    def _assign(self, ticket_id: str, kind: str, assignee: str | None, recorded: Recorded) -> None:
        had: Any = self._session.scalars(
            select(Assignment)
            .where(Assignment.ticket_id == ticket_id, Assignment.kind == kind)
            .order_by(Assignment.seq.desc())
            .limit(1)
        ).one_or_none()
        if had is not None and had.released_at is None:
            had.released_at, had.released_position = recorded.occurred_at, recorded.position
            had.duration_seconds = seconds_between(had.assigned_at, had.released_at)
            had.is_backward = had.released_at < had.assigned_at
        if assignee is not None:
            self._session.add(
                Assignment(
                    ticket_id=ticket_id,
                    kind=kind,
                    seq=1 if had is None else had.seq + 1,
                    assignee=assignee,
                    previous_assignee=None if had is None else had.assignee,
                    assigned_at=recorded.occurred_at,
                    assigned_position=recorded.position,
                    is_backward=False,
                )
            )

    def _say(
        self,
        ticket_id: str,
        message: int,
        kind: str,
        visibility: str,
        recipients: str | None,
        body: str,
        recorded: Recorded,
    ) -> None:
        self._session.add(
            Message(
                ticket_id=ticket_id,
                message=message,
                kind=kind,
                visibility=visibility,
                author=recorded.actor,
                recipients=recipients,
                body=body,
                body_digest=sha256(body.encode()).hexdigest(),
                sent_at=recorded.occurred_at,
                position=recorded.position,
                person=recorded.person,
            )
        )


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def projector(path: Path) -> Iterator[Projector]:
    """A projector on a fresh file with the tables it fills."""
    engine = create_engine(f"sqlite:///{path}")

    @listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -16384")

    try:
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            yield Projector(session)
    finally:
        engine.dispose()
