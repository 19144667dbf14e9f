"""Every projection once. What is not named here is not folded, not rebuilt and not in the documents."""

from typing import Any, Final

from projections.assignment_intervals import ASSIGNMENT_INTERVALS
from projections.base import Projection
from projections.messages import MESSAGES
from projections.status_intervals import STATUS_INTERVALS
from projections.tickets import TICKETS

PROJECTIONS: Final[tuple[Projection[Any], ...]] = (TICKETS, STATUS_INTERVALS, ASSIGNMENT_INTERVALS, MESSAGES)


def projection_named(name: str) -> Projection[Any]:
    """The projection of a table; LookupError that names those there are."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    raise LookupError(f"{name!r} is no projection; there are {', '.join(known.name for known in PROJECTIONS)}")
