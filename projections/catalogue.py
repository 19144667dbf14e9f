"""Every projection once. What is not named here is not folded, not rebuilt and not in the documents."""

from typing import Any, Final

from projections.assignment_intervals import ASSIGNMENT_INTERVALS
from projections.base import Projection
from projections.clocks import SLA_CLOCKS
from projections.contacts import CONTACTS
from projections.messages import MESSAGES
from projections.runs import BLUEPRINT_RUNS
from projections.status_intervals import STATUS_INTERVALS
from projections.tickets import TICKETS
from projections.tickets_history import TICKETS_HISTORY
from projections.transitions import TRANSITIONS
from projections.visits import STATE_VISITS

PROJECTIONS: Final[tuple[Projection[Any], ...]] = (
    TICKETS,
    TICKETS_HISTORY,
    CONTACTS,
    STATUS_INTERVALS,
    ASSIGNMENT_INTERVALS,
    MESSAGES,
    STATE_VISITS,
    BLUEPRINT_RUNS,
    TRANSITIONS,
    SLA_CLOCKS,
)


def projection_named(name: str) -> Projection[Any]:
    """The projection of a table; LookupError that names those there are."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    raise LookupError(f"{name!r} is no projection; there are {', '.join(known.name for known in PROJECTIONS)}")
