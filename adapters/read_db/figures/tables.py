"""The tables that figures read, by their row classes; without the schema, which makes views of the figures itself."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Connection, Integer, TableClause, Text, column, func, select, table
from sqlalchemy.types import TypeEngine

from projections.base import Projection, columns
from projections.clocks import SLA_CLOCKS
from projections.runs import BLUEPRINT_RUNS
from projections.tickets import TICKETS
from projections.tickets_history import TICKETS_HISTORY
from projections.transitions import TRANSITIONS
from projections.visits import STATE_VISITS

_TYPES: Final[dict[type, TypeEngine[Any]]] = {str: Text(), int: Integer(), bool: Boolean()}


def _table(projection: Projection[Any]) -> TableClause:
    return table(projection.name, *(column(about.name, _TYPES[about.type]) for about in columns(projection.row)))


TICKET_ROWS: Final = _table(TICKETS)
HISTORY_ROWS: Final = _table(TICKETS_HISTORY)
VISIT_ROWS: Final = _table(STATE_VISITS)
RUN_ROWS: Final = _table(BLUEPRINT_RUNS)
MOVE_ROWS: Final = _table(TRANSITIONS)
CLOCK_ROWS: Final = _table(SLA_CLOCKS)

READ: Final[tuple[Projection[Any], ...]] = (
    TICKETS,
    TICKETS_HISTORY,
    STATE_VISITS,
    BLUEPRINT_RUNS,
    TRANSITIONS,
    SLA_CLOCKS,
)
"""The projections that figures read."""

VIEWED: Final = (TICKETS, STATE_VISITS, SLA_CLOCKS)
"""Those that `adapters.saved_views` reads."""
OF_SLA: Final = (TICKETS, TICKETS_HISTORY, SLA_CLOCKS)
OF_BLUEPRINTS: Final = (TICKETS_HISTORY, STATE_VISITS, BLUEPRINT_RUNS, TRANSITIONS)
_PARKED_ROWS: Final = table("meta_parked", column("projection", Text()), column("ticket_id", Text()))


def parked_tickets(connection: Connection, read: Sequence[Projection[Any]]) -> int:
    """How many tickets are parked in one of these projections: what is counted of them may be behind."""
    parked = _PARKED_ROWS.c
    names = [projection.name for projection in read]
    found = connection.scalar(select(func.count(parked.ticket_id.distinct())).where(parked.projection.in_(names)))
    return int(found or 0)
