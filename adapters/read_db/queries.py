"""Reading the read database through SQLAlchemy Core.

An answer holds up to the projection's checkpoint, which `projection_status` tells; whoever wants it as of the log's end
catches up first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, literal, select, true

from adapters.read_db.schema import BACKLOG, CHECKPOINTS, PARKED, TABLES, TICKETS
from projections.backlog import BacklogRow
from projections.tickets import TicketRow

LIMIT: Final = 100
"""How many tickets a list holds unless another number is asked for."""


def list_tickets(
    connection: Connection,
    *,
    status: str | None = None,
    status_type: str | None = None,
    agent: str | None = None,
    team: str | None = None,
    department: str | None = None,
    priority: str | None = None,
    with_hidden: bool = False,
    limit: int | None = LIMIT,
) -> list[TicketRow]:
    """Tickets that meet all conditions given, latest event first; None asks for any, and as a limit for all.

    Deleted and archived tickets are left out unless asked for `with_hidden` (F-51, F-52).
    """
    wanted = {
        "status": status,
        "status_type": status_type,
        "agent": agent,
        "team": team,
        "department": department,
        "priority": priority,
    }
    query = select(TICKETS).where(
        true(), *(TICKETS.c[name] == value for name, value in wanted.items() if value is not None)
    )
    if not with_hidden:
        query = query.where(~TICKETS.c.is_deleted, ~TICKETS.c.is_archived)
    query = query.order_by(TICKETS.c.position.desc()).limit(limit)
    return [TicketRow(*row) for row in connection.execute(query)]


def find_ticket(connection: Connection, ticket_id: str) -> TicketRow | None:
    """One ticket, hidden or not; None where there is none."""
    row = connection.execute(select(TICKETS).where(TICKETS.c.ticket_id == ticket_id)).first()
    return None if row is None else TicketRow(*row)


def backlog(connection: Connection) -> list[BacklogRow]:
    """How many tickets there are by department, team, status type and status, in the order of projections.backlog."""
    team = func.coalesce(BACKLOG.c.team, "")
    query = select(BACKLOG).order_by(BACKLOG.c.department, team, BACKLOG.c.status_type, BACKLOG.c.status)
    return [BacklogRow(*row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """How far one projection has come."""

    name: str
    version: int
    """Version of the fold that made the rows; 0 where it was never run."""
    position: int
    events_folded: int
    behind: int
    """How many events of the log it has not passed yet."""
    parked: int
    """How many tickets stand still in it."""


def projection_status(connection: Connection, last_position: int) -> list[ProjectionStatus]:
    """Every projection, by name; `last_position` is the log's."""
    counted = select(PARKED.c.projection, func.count().label("parked")).group_by(PARKED.c.projection).subquery()
    parked = func.coalesce(counted.c.parked, literal(0))
    query = select(CHECKPOINTS, parked).outerjoin(counted, counted.c.projection == CHECKPOINTS.c.name)
    known = {row[0]: row for row in connection.execute(query)}
    return [
        ProjectionStatus(name, version, position, folded, last_position - position, tickets)
        for name, version, position, folded, tickets in (known.get(name, (name, 0, 0, 0, 0)) for name in sorted(TABLES))
    ]


def parked_tickets(connection: Connection) -> Sequence[tuple[str, str, int, str]]:
    """Every parked ticket: projection, ticket, position of the event it waits behind, reason."""
    query = select(PARKED).order_by(PARKED.c.projection, PARKED.c.position)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]
