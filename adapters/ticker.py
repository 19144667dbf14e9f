"""The ticker: puts on record what time alone caused, so that readers of the log hear of a violation when it is due.

Nothing depends on it: every decision and every reading asks for what time caused by itself, so figures are the same
whether anything ticked, how often and when (design section 4). Two tickers at once do no harm; a ticket that one has
dealt with gives the other nothing to record.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, func, or_, select, union_all

from adapters.read_db.schema import TABLES
from commands.access import Door
from commands.ticket import LapseTicket
from domain.instant import Instant
from domain.receipts import Outcome, Receipt

DOOR: Final = Door("ticker")
_BATCH: Final = 500


class Due(NamedTuple):
    """A ticket in which time has caused something that is not on record."""

    ticket_id: str
    due_at: Instant
    """The earliest of what is due."""
    position: int
    """The last position at which what is due was set; with it a command id is made that no other due has."""


class Ticked(NamedTuple):
    """What a tick did."""

    tickets: int
    violations: int
    refused: int


def due_tickets(connection: Connection, until: Instant) -> list[Due]:
    """The tickets in which a clock or a state's limit is due by `until` and not on record, the earliest first."""
    clocks, visits, tickets = TABLES["fct_sla_clocks"], TABLES["fct_state_visits"], TABLES["dim_tickets"]
    running = select(clocks.c.ticket_id, clocks.c.due_at, clocks.c.set_position.label("position")).where(
        clocks.c.outcome == "running", clocks.c.violated_at.is_(None), clocks.c.due_at <= until
    )
    staying = select(visits.c.ticket_id, visits.c.limit_due_at, visits.c.entered_position).where(
        visits.c.left_at.is_(None), visits.c.limit_violated_at.is_(None), visits.c.limit_due_at <= until
    )
    due = union_all(running, staying).subquery()
    found = connection.execute(
        select(due.c.ticket_id, func.min(due.c.due_at).label("due_at"), func.max(due.c.position))
        .join(tickets, tickets.c.ticket_id == due.c.ticket_id)
        # A limit stands still while the ticket is deleted or archived; a clock is paused then anyway.
        .where(~or_(tickets.c.is_deleted, tickets.c.is_archived))
        .group_by(due.c.ticket_id)
        .order_by("due_at", due.c.ticket_id)
    )
    return [Due(*row) for row in found]


Submit: TypeAlias = Callable[[Sequence[LapseTicket], Door, Instant], Sequence[Receipt]]
"""Sends commands through the bus as if they had come in at an instant."""


def tick(due: Sequence[Due], submit: Submit, until: Instant) -> Ticked:
    """Ask for the record of what is due, the earliest first."""
    tickets = violations = refused = 0
    for part in _parts(due):
        commands = [LapseTicket(command_id=_command_id(one), actor="system", ticket_id=one.ticket_id) for one in part]
        receipts = submit(commands, DOOR, until)
        tickets += len(receipts)
        violations += sum(len(receipt.answer.positions) for receipt in receipts)
        refused += sum(receipt.outcome is not Outcome.ACCEPTED for receipt in receipts)
    return Ticked(tickets, violations, refused)


def _parts(due: Sequence[Due]) -> Iterator[Sequence[Due]]:
    return (due[begin : begin + _BATCH] for begin in range(0, len(due), _BATCH))


def _command_id(due: Due) -> str:
    """The same for the same due of the same ticket, so that two tickers ask for one command."""
    return str(uuid5(NAMESPACE_URL, f"deskledger:tick:{due.ticket_id}:{due.due_at}:{due.position}"))
