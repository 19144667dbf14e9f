"""The ticker: puts on record what time alone caused, so that readers of the log hear of a violation when it is due.

Nothing depends on it: every decision and every reading asks for what time caused by itself, so figures are the same
whether anything ticked, how often and when (design section 4). Two tickers at once do no harm; a ticket that one has
dealt with gives the other nothing to record.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, func, or_, select, union_all

from adapters.read_db.schema import TABLES
from commands.access import Door
from commands.submission import Submission
from commands.ticket import LapseTicket
from domain.instant import Instant
from domain.receipts import Outcome, Receipt

DOOR: Final = Door("ticker")
_BATCH: Final = 500


class Due(NamedTuple):
    """An instant at which time has caused something in a ticket that is not on record."""

    ticket_id: str
    due_at: Instant
    position: int
    """The last position at which what is due was set; with it a command id is made that no other due has."""


class Ticked(NamedTuple):
    """What a tick recorded; what another one recorded meanwhile is not in it."""

    tickets: int
    violations: int
    refused: int


def dues(connection: Connection, until: Instant) -> list[Due]:
    """What is due by `until` and not on record of clocks and states' limits, the earliest first."""
    clocks, visits, tickets = TABLES["fct_sla_clocks"], TABLES["fct_state_visits"], TABLES["dim_tickets"]
    running = select(clocks.c.ticket_id, clocks.c.due_at, clocks.c.set_position.label("position")).where(
        clocks.c.outcome == "running", clocks.c.violated_at.is_(None), clocks.c.due_at <= until
    )
    staying = select(visits.c.ticket_id, visits.c.limit_due_at, visits.c.entered_position).where(
        visits.c.left_at.is_(None), visits.c.limit_violated_at.is_(None), visits.c.limit_due_at <= until
    )
    due = union_all(running, staying).subquery()
    found = connection.execute(
        select(due.c.ticket_id, due.c.due_at, func.max(due.c.position))
        .join(tickets, tickets.c.ticket_id == due.c.ticket_id)
        # A limit stands still while the ticket is deleted or archived; a clock is paused then anyway.
        .where(~or_(tickets.c.is_deleted, tickets.c.is_archived))
        .group_by(due.c.ticket_id, due.c.due_at)
        .order_by(due.c.due_at, due.c.ticket_id)
    )
    return [Due(*row) for row in found]


Submit: TypeAlias = Callable[[Sequence[Submission]], Sequence[Receipt]]
"""Sends commands through the bus, each as if it had come in at an instant."""


def tick(due: Sequence[Due], submit: Submit, last_receipt: Callable[[], int]) -> Ticked:
    """Ask for the record of what is due, in due order over all tickets (E-15).

    Each is asked for as of its own instant, so that the log has a ticket's later dues behind the earlier ones of
    others. `last_receipt` is the number of the log's last receipt: one up to it answers what another tick asked for.
    """
    tickets = set[str]()
    violations = refused = 0
    for part in (due[begin : begin + _BATCH] for begin in range(0, len(due), _BATCH)):
        before = last_receipt()
        for one, receipt in zip(part, submit([_asked(one) for one in part]), strict=True):
            if receipt.number <= before:
                continue
            refused += receipt.outcome is not Outcome.ACCEPTED
            if receipt.answer.positions:
                tickets.add(one.ticket_id)
                violations += len(receipt.answer.positions)
    return Ticked(len(tickets), violations, refused)


def _asked(due: Due) -> Submission:
    lapse = LapseTicket(command_id=_command_id(due), actor="system", ticket_id=due.ticket_id)
    return Submission(lapse, DOOR, due.due_at)


def _command_id(due: Due) -> str:
    """The same for the same due of the same ticket, so that two tickers ask for one command."""
    return str(uuid5(NAMESPACE_URL, f"deskledger:tick:{due.ticket_id}:{due.due_at}:{due.position}"))
