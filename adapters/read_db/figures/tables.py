"""The tables that figures read, by their row classes; without the schema, which makes views of the figures itself."""

from typing import Any, Final

from sqlalchemy import Boolean, Integer, TableClause, Text, column, table
from sqlalchemy.types import TypeEngine

from projections.base import Projection, columns
from projections.clocks import SLA_CLOCKS
from projections.runs import BLUEPRINT_RUNS
from projections.status_intervals import STATUS_INTERVALS
from projections.tickets import TICKETS
from projections.transitions import TRANSITIONS
from projections.visits import STATE_VISITS

_TYPES: Final[dict[type, TypeEngine[Any]]] = {str: Text(), int: Integer(), bool: Boolean()}


def _table(projection: Projection[Any]) -> TableClause:
    return table(projection.name, *(column(about.name, _TYPES[about.type]) for about in columns(projection.row)))


TICKET_ROWS: Final = _table(TICKETS)
STATUS_ROWS: Final = _table(STATUS_INTERVALS)
VISIT_ROWS: Final = _table(STATE_VISITS)
RUN_ROWS: Final = _table(BLUEPRINT_RUNS)
MOVE_ROWS: Final = _table(TRANSITIONS)
CLOCK_ROWS: Final = _table(SLA_CLOCKS)

READ: Final[tuple[Projection[Any], ...]] = (
    TICKETS,
    STATUS_INTERVALS,
    STATE_VISITS,
    BLUEPRINT_RUNS,
    TRANSITIONS,
    SLA_CLOCKS,
)
"""The projections that figures read."""
