"""SLA violations by type, by what was promised, and the tickets behind them, as of T (F-94, F-100, features 2.2).

A clock's verdict falls when its target is met, or at the due instant when that passes first; a target that went away or
still runs in time has none. A window (a, b] counts the verdicts that fell in it, so the violations of windows that
follow each other add up; a ticket is in a window's report if a verdict of its fell there, and its type tells which of
its clocks were violated there. Without a window, every ticket that ever had a target is in the report.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from adapters.read_db.figures.rows import SlaGroupRow, SlaSummary, SlaTicketRow
from adapters.read_db.figures.spells import seconds_running
from adapters.read_db.figures.tables import CLOCK_ROWS, TICKET_ROWS
from adapters.read_db.figures.time import EVER, At, Window, bound, of
from domain.instant import Instant
from domain.values import StatusType
from projections.clocks import RESOLUTION, RESPONSE, RUNNING

_FOUR: Final = ("none", "response", "resolution", "both")


class Violation(StrEnum):
    """The four violation types, and what else tickets of the report can be listed by."""

    NONE = "none"
    RESPONSE = "response"
    RESOLUTION = "resolution"
    BOTH = "both"
    VIOLATED = "violated"
    """Any of the three."""
    OVERDUE = "overdue"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Promise:
    """Which promises and tickets are asked for; what is None does not limit."""

    policy: str | None = None
    version: int | None = None
    priority: str | None = None
    department: str | None = None

    @property
    def is_any(self) -> bool:
        """Whether every promise is."""
        return self.policy is None and self.version is None and self.priority is None

    def of_clocks(self) -> ColumnElement[bool]:
        """Of the targets, those of these promises."""
        clocks = CLOCK_ROWS.c
        asked = ((clocks.policy, self.policy), (clocks.policy_version, self.version), (clocks.priority, self.priority))
        return and_(true(), *(column == value for column, value in asked if value is not None))


ANY: Final = Promise()


def _clocks(at: At, window: Window, promise: Promise) -> Subquery:
    """Each target of these promises with its violation as of T, whether it is in the window, and how late it is."""
    clocks = CLOCK_ROWS.c
    lapsed = and_(clocks.outcome == RUNNING, clocks.due_at <= at.text)
    violated = case((clocks.violated_at.is_not(None), clocks.violated_at), (lapsed, clocks.due_at))
    verdict = case((violated.is_not(None), violated), (clocks.outcome == "met", clocks.ended_at))
    is_in = literal(1) if window.is_open else case((window.holds(verdict), 1), else_=0)
    told = (
        select(CLOCK_ROWS, violated.label("violation_at"), is_in.label("is_in"))
        .where(promise.of_clocks())
        .subquery("told")
    )
    is_violated = told.c.violation_at.is_not(None)
    # A target that was over when it was set was violated then, and is late since it was due (T9).
    due_at = of(func.coalesce(told.c.due_at, told.c.violation_at))
    late = case(
        (~is_violated, cast(null(), Integer)),
        (told.c.late_seconds.is_not(None), told.c.late_seconds),
        (told.c.ended_at.is_not(None), seconds_running(told.c.ticket_id, due_at, of(told.c.ended_at))),
        else_=seconds_running(told.c.ticket_id, due_at, at),
    )
    return select(
        *(told.c[name] for name in ("ticket_id", "clock", "seq", "policy", "policy_version", "priority", "due_at")),
        *(told.c[name] for name in ("outcome", "ended_at", "violation_at")),
        case((told.c.is_in == 1, 1), else_=0).label("is_in"),
        late.label("late"),
    ).subquery("clocks")


def _ranked(clocks: Subquery) -> Subquery:
    """The targets with their places: 1 is the one that stands for the ticket's clock."""
    rank = case((clocks.c.violation_at.is_not(None), 0), (clocks.c.outcome == "met", 1), else_=2)
    place = func.row_number().over(
        partition_by=[clocks.c.ticket_id, clocks.c.clock],
        order_by=[clocks.c.is_in.desc(), rank, clocks.c.seq.desc()],
    )
    return select(clocks, place.label("place")).subquery("ranked")


def _type(response: ColumnElement[Any], resolution: ColumnElement[Any]) -> ColumnElement[Any]:
    """The violation type, of how often each clock was violated."""
    return case(
        (and_(response > 0, resolution > 0), "both"),
        (response > 0, "response"),
        (resolution > 0, "resolution"),
        else_="none",
    )


def _violated(clocks: Any, clock: str) -> ColumnElement[Any]:
    counts = and_(clocks.clock == clock, clocks.is_in == 1, clocks.violation_at.is_not(None))
    return func.sum(case((counts, 1), else_=0))


def _stands_overdue(is_due: ColumnElement[Any], at: At) -> ColumnElement[bool]:
    """Whether a ticket is overdue, given whether a clock of its that runs is due (F-47, F-49, F-100).

    A due date that a person set takes the place of the clocks', and goes on while the ticket is on hold, as the clocks
    do not.
    """
    tickets = TICKET_ROWS.c
    by_clock = and_(tickets.status_type == StatusType.OPEN.value, is_due)
    return and_(
        tickets.status_type != StatusType.CLOSED.value,
        ~tickets.is_deleted,
        ~tickets.is_archived,
        or_(and_(tickets.due_at.is_not(None), tickets.due_at <= at.text), and_(tickets.due_at.is_(None), by_clock)),
    )


def sla_query(at: At, window: Window = EVER, promise: Promise = ANY, *, is_overdue: bool = False) -> Select[Any]:
    """One row a ticket, in the columns of SlaTicketRow; with `is_overdue` those that are, with a target or without."""
    ranked = _ranked(_clocks(at, window, promise))
    row, tickets = ranked.c, TICKET_ROWS.c
    is_due = and_(row.outcome == RUNNING, row.due_at <= at.text)
    overdue = func.max(case((_stands_overdue(func.coalesce(is_due, False), at), 1), else_=0)) == 1
    is_wanted = overdue if is_overdue else func.max(row.is_in) == 1
    joined = TICKET_ROWS.outerjoin(ranked, tickets.ticket_id == row.ticket_id)
    if not is_overdue or not promise.is_any:
        joined = ranked.join(TICKET_ROWS, tickets.ticket_id == row.ticket_id)
    ticket_id = tickets.ticket_id if is_overdue else row.ticket_id

    def shown(clock: str) -> list[ColumnElement[Any]]:
        mine = and_(row.clock == clock, row.place == 1, row.is_in == 1)
        columns = {
            "policy": row.policy,
            "policy_version": row.policy_version,
            "priority": row.priority,
            "due_at": row.due_at,
            "outcome": row.outcome,
            "violated_at": row.violation_at,
            "late_seconds": case((row.violation_at.is_not(None), row.late)),
        }
        return [func.max(case((mine, column))).label(f"{clock}_{name}") for name, column in columns.items()]

    query = (
        select(
            ticket_id.label("ticket_id"),
            func.max(tickets.department).label("department"),
            _type(_violated(row, RESPONSE), _violated(row, RESOLUTION)).label("violation"),
            case((overdue, True), else_=False).label("is_overdue"),
            *shown(RESPONSE),
            *shown(RESOLUTION),
        )
        .select_from(joined)
        .group_by(ticket_id)
        .having(is_wanted)
    )
    return query if promise.department is None else query.where(tickets.department == promise.department)


def _groups(at: At, window: Window) -> Select[Any]:
    clocks = _clocks(at, window, ANY).c
    promised = [clocks.ticket_id, clocks.policy, clocks.policy_version, clocks.priority]
    kind = _type(_violated(clocks, RESPONSE), _violated(clocks, RESOLUTION)).label("violation")
    each = select(*promised, kind).group_by(*promised).having(func.max(clocks.is_in) == 1).subquery("each")
    by = [each.c.policy, each.c.policy_version, each.c.priority, TICKET_ROWS.c.department]
    counts = [
        func.sum(case((each.c.violation == one, 1), else_=0)) for one in ("none", "response", "resolution", "both")
    ]
    joined = select(*by, *counts, func.count()).join(TICKET_ROWS, TICKET_ROWS.c.ticket_id == each.c.ticket_id)
    return joined.group_by(*by).order_by(*by)


def sla_violations(connection: Connection, at: Instant, window: Window = EVER) -> SlaSummary:
    """The report as of `at`: tickets by violation type, and by policy, version, priority and department."""
    tickets = sla_query(bound(at), window).subquery("tickets")
    counted = select(tickets.c.violation, func.count()).group_by(tickets.c.violation)
    types = {row[0]: row[1] for row in connection.execute(counted)}
    groups = tuple(SlaGroupRow(*row) for row in connection.execute(_groups(bound(at), window)))
    none, response, resolution, both = (types.get(one, 0) for one in _FOUR)
    return SlaSummary(none, response, resolution, both, len(overdue_tickets(connection, at)), groups)


def overdue_tickets(connection: Connection, at: Instant) -> list[str]:
    """Ids of the tickets that are overdue, those without a target too (F-47, F-49, F-100)."""
    clocks, tickets = CLOCK_ROWS.c, TICKET_ROWS.c
    due = select(clocks.ticket_id).where(clocks.outcome == RUNNING, clocks.due_at <= at).distinct()
    is_overdue = _stands_overdue(tickets.ticket_id.in_(due), bound(at))
    return list(connection.scalars(select(tickets.ticket_id).where(is_overdue).order_by(tickets.ticket_id)))


def sla_tickets(
    connection: Connection, violation: Violation, at: Instant, window: Window = EVER, promise: Promise = ANY
) -> list[SlaTicketRow]:
    """The tickets behind a figure of the report, by id; overdue ones whatever the window.

    With a promise, those that its group counts: what was violated is told of its targets only.
    """
    is_overdue = violation is Violation.OVERDUE
    asked = sla_query(bound(at), EVER if is_overdue else window, promise, is_overdue=is_overdue)
    tickets = asked.subquery("tickets")
    query = select(tickets).order_by(tickets.c.ticket_id)
    match violation:
        case Violation.ALL | Violation.OVERDUE:
            pass
        case Violation.VIOLATED:
            query = query.where(tickets.c.violation != Violation.NONE.value)
        case _:
            query = query.where(tickets.c.violation == violation.value)
    return [SlaTicketRow(*row) for row in connection.execute(query)]
