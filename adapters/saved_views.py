"""Running a view: exactly the tickets for which its condition holds at an instant (F-69 to F-72, F-76).

The rows come from a read database, that of now or one filled for a past instant; the condition has the last word on
each ticket. What only time decides, such as whether a target is overdue, is decided for the instant of the question.

A deleted or archived ticket is out of every view (F-51, F-52), but for a condition that asks for just that by naming
`is_deleted` or `is_archived`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.read_db.figures.tables import CLOCK_ROWS, TICKET_ROWS, VISIT_ROWS
from domain.conditions import TicketFacts, kind_of
from domain.conditions.fields import CUSTOM
from domain.conditions.values import custom_number, emptiness
from domain.instant import Instant
from domain.values import Priority, StatusType
from domain.views import View

_HIDDEN: Final = ("is_deleted", "is_archived")
_URGENCY: Final = [priority.value for priority in Priority]


class _Sources:
    """What a ticket's values come from: its row, its visit of a state, its clocks."""

    def __init__(self, ticket: Any, visit: Any, clocks: Sequence[Any], at: Instant) -> None:
        self.ticket = ticket
        self.visit = visit
        self.clocks = clocks
        self.at = at

    def clock(self, kind: str) -> Any:
        """The last clock of a kind; None where there was none."""
        return next((clock for clock in reversed(self.clocks) if clock.clock == kind), None)

    def due_at(self, kind: str) -> Instant | None:
        """When a running clock is due."""
        clock = self.clock(kind)
        return clock.due_at if clock is not None and clock.outcome == "running" else None

    def is_violated(self, kind: str) -> bool:
        """Whether a target of the kind was ever violated, on record or by time alone."""
        return any(
            clock.violated_at is not None or (clock.outcome == "running" and clock.due_at <= self.at)
            for clock in self.clocks
            if clock.clock == kind
        )

    def lapsed(self) -> list[Instant]:
        """When each violation happened that time alone caused and that is not on record (design section 4)."""
        dues = [one.due_at for one in self.clocks if one.outcome == "running" and one.violated_at is None]
        if self.visit and self.visit["limit_violated_at"] is None:
            dues.append(self.visit["limit_due_at"])
        return [due_at for due_at in dues if due_at is not None and due_at <= self.at]

    def is_overdue(self) -> bool:
        """Whether it is due, as the SLA report counts it: by the date that a person set, else by a running clock.

        Nothing that is closed, deleted or archived is (F-47, F-49, F-100; `adapters.read_db.figures.sla`).
        """
        ticket = self.ticket
        if ticket["status_type"] == StatusType.CLOSED or any(ticket[name] for name in _HIDDEN):
            return False
        dues: tuple[Instant | None, ...] = (ticket["due_at"],)
        if ticket["due_at"] is None and ticket["status_type"] == StatusType.OPEN:
            dues = (self.due_at("response"), self.due_at("resolution"))
        return any(due_at is not None and due_at <= self.at for due_at in dues)


_DERIVED: Final[Mapping[str, Callable[[_Sources], object]]] = {
    "blueprint": lambda of: of.visit.get("blueprint"),
    "state": lambda of: of.visit.get("state"),
    "state_entered_at": lambda of: of.visit.get("entered_at"),
    "state_limit_due_at": lambda of: of.visit.get("limit_due_at"),
    "response_due_at": lambda of: of.due_at("response"),
    "resolution_due_at": lambda of: of.due_at("resolution"),
    "is_response_violated": lambda of: of.is_violated("response"),
    "is_resolution_violated": lambda of: of.is_violated("resolution"),
    "is_overdue": _Sources.is_overdue,
    "version": lambda of: of.ticket["version"] + len(of.lapsed()),
    "last_event_at": lambda of: max([of.ticket["last_event_at"], *of.lapsed()]),
    "is_imported": lambda of: of.ticket["source"] is not None,
    "tags": lambda of: tuple(json.loads(of.ticket["tags"])),
}


def _value(of: _Sources, field: str) -> object:
    if field.startswith(CUSTOM):
        return json.loads(of.ticket["fields"]).get(field.removeprefix(CUSTOM))
    derived = _DERIVED.get(field)
    return of.ticket[field] if derived is None else derived(of)


def run_view(connection: Connection, view: View, at: Instant) -> list[dict[str, object]]:
    """The view's columns of each ticket in it, sorted; `connection` shows the rows as of `at`."""
    rows = [
        ({column: _value(of, column) for column in view.columns}, of)
        for of in _sources(connection, at)
        if _is_in(view, of)
    ]
    # Sorting keeps the order of what is equal, so the least deciding column comes first.
    rows.sort(key=lambda row: row[1].ticket["ticket_id"])
    for sorting in reversed(view.sort):
        column = sorting.column
        rows.sort(key=lambda row: _rank(column, _value(row[1], column)), reverse=sorting.is_descending)
        rows.sort(key=lambda row: _is_empty(column, _value(row[1], column)))
    return [shown for shown, _ in rows]


def _is_in(view: View, of: _Sources) -> bool:
    asked = view.condition.fields
    if any(of.ticket[name] and name not in asked for name in _HIDDEN):
        return False
    return view.condition.holds(TicketFacts(lambda field: _value(of, field), lambda _: None, of.at))


def _is_empty(column: str, value: object) -> bool:
    kind = kind_of(column)
    return value is None if kind is None else emptiness(kind)(value)


def _rank(column: str, value: object) -> tuple[Any, ...]:
    """Values of one column in order: numbers by size, a priority by how urgent it is, all else by its text.

    What is empty is all the same, and comes last anyway. Numbers come before texts where a custom field holds both.
    """
    if _is_empty(column, value):
        return (1, 0, "")
    if column.startswith(CUSTOM) and isinstance(value, list):
        number = custom_number(value)
        return (1, 0, str(value[1])) if number is None else (0, number, "")
    if column == "priority" and value in _URGENCY:
        return (0, _URGENCY.index(str(value)), "")
    if isinstance(value, bool | int):
        return (0, value, "")
    return (1, 0, json.dumps(value) if isinstance(value, tuple) else str(value))


def _sources(connection: Connection, at: Instant) -> Iterator[_Sources]:
    visits = {
        row.ticket_id: row._mapping
        for row in connection.execute(select(VISIT_ROWS).where(VISIT_ROWS.c.left_at.is_(None)))
    }
    clocks: dict[str, list[Any]] = {}
    ordered = select(CLOCK_ROWS).order_by(CLOCK_ROWS.c.ticket_id, CLOCK_ROWS.c.last_position, CLOCK_ROWS.c.seq)
    for row in connection.execute(ordered):
        clocks.setdefault(row.ticket_id, []).append(row)
    for ticket in connection.execute(select(TICKET_ROWS)).mappings():
        ticket_id = ticket["ticket_id"]
        yield _Sources(ticket, visits.get(ticket_id, {}), clocks.get(ticket_id, ()), at)
