"""The time of a ticket that does not count, taken off what passed between two instants (features 2.2, F-52, F-93).

A row of `dim_tickets_history` holds all that a ticket was at once, so spells of several reasons never overlap.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, case, func, or_, select

from adapters.read_db.figures.tables import HISTORY_ROWS
from adapters.read_db.figures.time import At, microseconds, of, whole_seconds
from domain.values import StatusType

_MILLION: Final = 1_000_000


def _is_away() -> ColumnElement[bool]:
    spells = HISTORY_ROWS.c
    return or_(spells.is_deleted, spells.is_archived)


def _counted(ticket_id: Any, start: At, end: At, is_off: ColumnElement[bool]) -> ColumnElement[int]:
    spells = HISTORY_ROWS.c
    ended = func.coalesce(spells.valid_to, end.text)
    from_ = case((spells.valid_from > start.text, spells.valid_from), else_=start.text)
    until = case((ended < end.text, ended), else_=end.text)
    off: ScalarSelect[Any] = (
        select(func.sum(microseconds(of(from_), of(until))))
        .where(spells.ticket_id == ticket_id, is_off, from_ < until)
        .scalar_subquery()
        .correlate(ticket_id.table)
    )
    return (microseconds(start, end) - func.coalesce(off, 0)) // _MILLION


def seconds_running(ticket_id: Any, start: At, end: At) -> ColumnElement[int]:
    """Whole seconds from start to end in which the SLA clocks of a ticket ran: open, not deleted and not archived."""
    return _counted(ticket_id, start, end, or_(HISTORY_ROWS.c.status_type != StatusType.OPEN.value, _is_away()))


def seconds_there(ticket_id: Any, start: At, end: At) -> ColumnElement[int]:
    """Whole seconds from start to end in which a ticket was neither deleted nor archived.

    Few tickets ever were, and the others are told apart before anything is looked up for them.
    """
    ever_away = select(HISTORY_ROWS.c.ticket_id).where(_is_away())
    plain = whole_seconds(start.text, end)
    return case((ticket_id.in_(ever_away), _counted(ticket_id, start, end, _is_away())), else_=plain)
