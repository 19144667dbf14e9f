"""SLA violations by type, by what was promised, and the tickets behind them, as of T (F-94, F-100, features 2.2).

A clock's verdict falls when its target is met, or at the due instant when that passes first; a target that went away or
still runs in time has none. A window (a, b] counts the verdicts that fell in it, so the violations of windows that
follow each other add up; a ticket is in a window's report if a verdict of its fell there, and its type tells which of
its clocks were violated there. Without a window, every ticket that ever had a target is in the report.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    ScalarSelect,
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
)

from adapters.read_db.figures.rows import SlaGroupRow, SlaSummary, SlaTicketRow
from adapters.read_db.figures.tables import CLOCK_ROWS, STATUS_ROWS, TICKET_ROWS
from adapters.read_db.figures.time import EVER, At, Window, bound, microseconds, of
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


def _clocks(at: At, window: Window) -> Subquery:
    """Each target with its violation as of T, whether it is in the window, and how late it is."""
    clocks = CLOCK_ROWS.c
    lapsed = and_(clocks.outcome == RUNNING, clocks.due_at <= at.text)
    violated = case((clocks.violated_at.is_not(None), clocks.violated_at), (lapsed, clocks.due_at))
    verdict = case((violated.is_not(None), violated), (clocks.outcome == "met", clocks.ended_at))
    is_in = literal(1) if window.is_open else case((window.holds(verdict), 1), else_=0)
    told = select(CLOCK_ROWS, violated.label("violation_at"), is_in.label("is_in")).subquery("told")
    is_violated = told.c.violation_at.is_not(None)
    late = case(
        (~is_violated, cast(null(), Integer)),
        (told.c.late_seconds.is_not(None), told.c.late_seconds),
        (told.c.ended_at.is_not(None), _late(told, of(told.c.violation_at), of(told.c.ended_at))),
        else_=_late(told, of(told.c.violation_at), at),
    )
    return select(
        *(told.c[name] for name in ("ticket_id", "clock", "seq", "policy", "policy_version", "priority", "due_at")),
        *(told.c[name] for name in ("outcome", "ended_at", "violation_at")),
        case((told.c.is_in == 1, 1), else_=0).label("is_in"),
        late.label("late"),
    ).subquery("clocks")


def _late(told: Subquery, start: At, end: At) -> ColumnElement[int]:
    """Whole seconds from start to end, without those in which the ticket's status type was not open."""
    stays = STATUS_ROWS.c
    left_at = func.coalesce(stays.left_at, end.text)
    from_ = case((stays.entered_at > start.text, stays.entered_at), else_=start.text)
    until = case((left_at < end.text, left_at), else_=end.text)
    off: ScalarSelect[Any] = (
        select(func.sum(microseconds(of(from_), of(until))))
        .where(stays.ticket_id == told.c.ticket_id, stays.status_type != StatusType.OPEN.value, from_ < until)
        .scalar_subquery()
        .correlate(told)
    )
    return (microseconds(start, end) - func.coalesce(off, 0)) // 1_000_000


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


def _runs() -> ColumnElement[bool]:
    tickets = TICKET_ROWS.c
    return and_(tickets.status_type == StatusType.OPEN.value, ~tickets.is_deleted, ~tickets.is_archived)


def sla_query(at: At, window: Window = EVER) -> Select[Any]:
    """One row a ticket, in the columns of SlaTicketRow."""
    ranked = _ranked(_clocks(at, window))
    row, tickets = ranked.c, TICKET_ROWS.c
    waits = and_(row.outcome == RUNNING, row.ended_at.is_(None), row.violation_at.is_not(None))

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

    overdue = and_(func.max(case((waits, 1), else_=0)) == 1, func.max(case((_runs(), 1), else_=0)) == 1)
    return (
        select(
            row.ticket_id,
            func.max(tickets.department).label("department"),
            _type(_violated(row, RESPONSE), _violated(row, RESOLUTION)).label("violation"),
            case((overdue, True), else_=False).label("is_overdue"),
            *shown(RESPONSE),
            *shown(RESOLUTION),
        )
        .select_from(ranked.join(TICKET_ROWS, tickets.ticket_id == row.ticket_id))
        .group_by(row.ticket_id)
        .having(func.max(row.is_in) == 1)
    )


def _groups(at: At, window: Window) -> Select[Any]:
    clocks = _clocks(at, window).c
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
    """Ids of the tickets with a due instant that passed, whose clock runs (F-100)."""
    clocks, tickets = CLOCK_ROWS.c, TICKET_ROWS.c
    is_late = or_(clocks.violated_at.is_not(None), clocks.due_at <= at)
    late = select(clocks.ticket_id).where(clocks.outcome == RUNNING, is_late).distinct()
    found = select(tickets.ticket_id).where(tickets.ticket_id.in_(late), _runs()).order_by(tickets.ticket_id)
    return list(connection.scalars(found))


def sla_tickets(connection: Connection, violation: Violation, at: Instant, window: Window = EVER) -> list[SlaTicketRow]:
    """The tickets behind a figure of the report, by id; overdue ones whatever the window."""
    wanted = EVER if violation is Violation.OVERDUE else window
    tickets = sla_query(bound(at), wanted).subquery("tickets")
    query = select(tickets).order_by(tickets.c.ticket_id)
    match violation:
        case Violation.ALL:
            pass
        case Violation.OVERDUE:
            query = query.where(tickets.c.is_overdue)
        case Violation.VIOLATED:
            query = query.where(tickets.c.violation != Violation.NONE.value)
        case _:
            query = query.where(tickets.c.violation == violation.value)
    return [SlaTicketRow(*row) for row in connection.execute(query)]
