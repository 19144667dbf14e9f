"""How many tickets there are by status, department and team: a figure over rows, as of whenever they are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from projections.base import Column
from projections.tickets import TicketRow


@dataclass(frozen=True, slots=True)
class BacklogRow:
    """One row a combination that occurs. Closed tickets count, so figures add up; deleted and archived ones do not."""

    status: Annotated[str, Column("Label of the status.")]
    status_type: Annotated[str, Column("What the status means to a clock: open, on_hold or closed.")]
    department: Annotated[str, Column("Department that answers for the tickets.")]
    team: Annotated[str | None, Column("Team the tickets are with; null: none.")]
    tickets: Annotated[int, Column("How many tickets there are.")]


def backlog(tickets: Iterable[TicketRow]) -> list[BacklogRow]:
    """The backlog of these tickets, ordered by department, team (none first), status type and status."""
    counts = Counter(
        (ticket.status, ticket.status_type, ticket.department, ticket.team)
        for ticket in tickets
        if not ticket.is_deleted and not ticket.is_archived
    )
    rows = [BacklogRow(*group, count) for group, count in counts.items()]
    return sorted(rows, key=lambda row: (row.department, row.team or "", row.status_type, row.status))
