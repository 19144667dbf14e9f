"""The blueprint dashboard: six metrics by blueprint and version, as of T over (a, b] (features 2.1, F-119 to F-124).

Each metric is one query for the facts behind it; the figure counts them and the drill-down lists them, so that the two
cannot differ. What time alone caused up to T is in them whether or not anything recorded it.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Integer,
    Select,
    Subquery,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)

from adapters.read_db.figures.rows import BlueprintFact, DashboardRow
from adapters.read_db.figures.spells import seconds_there
from adapters.read_db.figures.tables import MOVE_ROWS, RUN_ROWS, VISIT_ROWS
from adapters.read_db.figures.time import EVER, At, Window, bound, of, whole_seconds
from domain.instant import Instant
from projections.transitions import FORCED, PERFORMED
from projections.visits import COMPLETED

ARROW: Final = " → "
"""Stands between the two states of a move without a transition."""
NO_SUCH_TRANSITION: Final = "no_such_transition"
"""Kind of a move that a blueprint does not have, where a history is read through one it never entered."""
_Facts: TypeAlias = Select[Any]


class Metric(StrEnum):
    """What can be counted, and listed ticket by ticket."""

    ACTIVE = "active"
    OVERSTAYING = "overstaying"
    OVERSTAYS = "overstays"
    RUN_TIME = "run_time"
    DWELL = "dwell"
    DWELL_OPEN = "dwell_open"
    TRANSITIONS = "transitions"
    FORCED = "forced"
    NO_SUCH_TRANSITION = NO_SUCH_TRANSITION
    SLA_VIOLATING = "sla_violating"
    TRANSITIONS_BY_ACTOR = "transitions_by_actor"


_ORDER: Final[dict[str, int]] = {name: place for place, name in enumerate(Metric)}
_NO_TEXT: Final = cast(null(), Text)
_NO_NUMBER: Final = cast(null(), Integer)


def _facts(source: Any, item: Any, at: Any, seconds: Any, actor: Any = _NO_TEXT) -> _Facts:
    return select(
        source.c.ticket_id,
        source.c.blueprint,
        source.c.blueprint_version,
        item.label("item"),
        actor.label("actor"),
        at.label("at"),
        seconds.label("seconds"),
    )


# The facts behind each metric


def _active(at: At, window: Window) -> _Facts:
    runs = RUN_ROWS.c
    inside = whole_seconds(runs.entered_at, at)
    return _facts(RUN_ROWS, _NO_TEXT, runs.entered_at, inside).where(runs.ended_at.is_(None))


def _overstaying(at: At, window: Window) -> _Facts:
    visits = VISIT_ROWS.c
    late = seconds_there(visits.ticket_id, of(visits.limit_due_at), at)
    is_over = visits.limit_due_at <= at.text
    return _facts(VISIT_ROWS, visits.state, visits.limit_due_at, late).where(visits.left_at.is_(None), is_over)


def _recorded(at: At, window: Window) -> _Facts:
    """The violations on record; a visit that ended behind its due instant has it on record always."""
    visits = VISIT_ROWS.c
    violated = visits.limit_violated_at
    until_left = seconds_there(visits.ticket_id, of(violated), of(visits.left_at))
    until_now = seconds_there(visits.ticket_id, of(violated), at)
    late = case((visits.left_at.is_(None), until_now), else_=until_left)
    return _facts(VISIT_ROWS, visits.state, violated, late).where(violated.is_not(None), window.holds(violated))


def _unrecorded(at: At, window: Window) -> _Facts:
    """The violations that time alone caused and nothing recorded: of visits that last."""
    visits = VISIT_ROWS.c
    due = visits.limit_due_at
    lapsed = (visits.left_at.is_(None), visits.limit_violated_at.is_(None), due <= at.text, window.holds(due))
    return _facts(VISIT_ROWS, visits.state, due, seconds_there(visits.ticket_id, of(due), at)).where(*lapsed)


def _overstays(at: At, window: Window) -> _Facts:
    return select(union_all(_recorded(at, window), _unrecorded(at, window)).subquery("violations"))


def _run_time(at: At, window: Window) -> _Facts:
    runs = RUN_ROWS.c
    ended = _facts(RUN_ROWS, runs.ended_by, runs.ended_at, runs.duration_seconds)
    return ended.where(runs.ended_by.is_not(None), window.holds(runs.ended_at))


def _dwell(at: At, window: Window) -> _Facts:
    visits = VISIT_ROWS.c
    closed = _facts(VISIT_ROWS, visits.state, visits.left_at, visits.duration_seconds)
    return closed.where(visits.left_at.is_not(None), visits.left_by != COMPLETED, window.holds(visits.left_at))


def _dwell_open(at: At, window: Window) -> _Facts:
    visits = VISIT_ROWS.c
    lasting = _facts(VISIT_ROWS, visits.state, visits.entered_at, whole_seconds(visits.entered_at, at))
    return lasting.where(visits.left_at.is_(None))


def _moves(kind: str) -> Callable[[At, Window], _Facts]:
    moves = MOVE_ROWS.c
    item = moves.transition if kind == PERFORMED else moves.from_state.concat(ARROW).concat(moves.to_state)

    def facts(at: At, window: Window) -> _Facts:
        moved = _facts(MOVE_ROWS, item, moves.performed_at, moves.duration_seconds, moves.actor)
        return moved.where(moves.kind == kind, window.holds(moves.performed_at))

    return facts


_FACTS: Final[dict[Metric, Callable[[At, Window], _Facts]]] = {
    Metric.ACTIVE: _active,
    Metric.OVERSTAYING: _overstaying,
    Metric.OVERSTAYS: _overstays,
    Metric.RUN_TIME: _run_time,
    Metric.DWELL: _dwell,
    Metric.DWELL_OPEN: _dwell_open,
    Metric.TRANSITIONS: _moves(PERFORMED),
    Metric.FORCED: _moves(FORCED),
    Metric.NO_SUCH_TRANSITION: _moves(NO_SUCH_TRANSITION),
    Metric.SLA_VIOLATING: _overstays,
    Metric.TRANSITIONS_BY_ACTOR: _moves(PERFORMED),
}


# The figures over them


def _figure(
    metric: str, facts: Any, item: Any, *grouped: Any, number: Any = None, seconds: Any = None, **more: Any
) -> Select[Any]:
    number = func.count() if number is None else number
    total = _NO_NUMBER if seconds is None else cast(func.sum(seconds), Integer)
    return select(
        facts.c.blueprint,
        facts.c.blueprint_version,
        literal(str(metric), Text()).label("metric"),
        item.label("item"),
        more.get("actor", _NO_TEXT).label("actor"),
        number.label("occurrences"),
        total.label("total_seconds"),
        (_NO_NUMBER if seconds is None else total // number).label("mean_seconds"),
        more.get("median", _NO_NUMBER).label("median_seconds"),
        more.get("p90", _NO_NUMBER).label("p90_seconds"),
    ).group_by(facts.c.blueprint, facts.c.blueprint_version, *grouped)


def _by_item(metric: Metric, at: At, window: Window) -> Select[Any]:
    facts = _FACTS[metric](at, window).subquery(metric.value)
    return _figure(metric, facts, facts.c.item, facts.c.item, seconds=facts.c.seconds)


def _run_times(at: At, window: Window) -> Select[Any]:
    """Of n runs in order of their duration, the median is number ceil(n / 2) and the p90 number ceil(9 n / 10)."""
    ended = _run_time(at, window).subquery("ended")
    alike = [ended.c.blueprint, ended.c.blueprint_version, ended.c.item]
    place = func.row_number().over(partition_by=alike, order_by=ended.c.seconds)
    number = func.count().over(partition_by=alike)
    ranked = select(ended, place.label("place"), number.label("number")).subquery("ranked")
    median = func.max(case((ranked.c.place == (ranked.c.number + 1) // 2, ranked.c.seconds)))
    p90 = func.max(case((ranked.c.place == (9 * ranked.c.number + 9) // 10, ranked.c.seconds)))
    item = ranked.c.item
    return _figure(Metric.RUN_TIME, ranked, item, item, seconds=ranked.c.seconds, median=median, p90=p90)


def _transitions(at: At, window: Window) -> list[Select[Any]]:
    moved = _FACTS[Metric.TRANSITIONS](at, window).subquery("moved")
    who = [moved.c.blueprint, moved.c.blueprint_version, moved.c.item, moved.c.actor]
    counted = select(*who, func.count().label("number"), func.sum(moved.c.seconds).label("seconds"))
    by_actor = counted.group_by(*who).cte("moves")
    number, item = cast(func.sum(by_actor.c.number), Integer), by_actor.c.item
    given = {"number": number, "seconds": by_actor.c.seconds}
    return [
        _figure(Metric.TRANSITIONS, by_actor, item, item, **given),
        _figure(Metric.TRANSITIONS_BY_ACTOR, by_actor, item, item, by_actor.c.actor, actor=by_actor.c.actor, **given),
    ]


def _overstays_by_state(at: At, window: Window) -> Select[Any]:
    """Counted before they are put together, so that each half is read in the order of its index."""
    halves = []
    for place, facts in enumerate((_recorded(at, window), _unrecorded(at, window))):
        half = facts.subquery(f"half_{place}")
        alike = [half.c.blueprint, half.c.blueprint_version, half.c.item]
        counted = select(*alike, func.count().label("number"), func.sum(half.c.seconds).label("seconds"))
        halves.append(counted.group_by(*alike))
    counts = union_all(*halves).subquery("halves")
    number, item = cast(func.sum(counts.c.number), Integer), counts.c.item
    return _figure(Metric.OVERSTAYS, counts, item, item, number=number, seconds=counts.c.seconds)


def _sla_violating(at: At, window: Window) -> Select[Any]:
    """Distinct tickets: those with a violation on record, and those whose visit that lasts has their only one.

    A ticket has one such visit at most, so only those on record must be told apart, in the order of their index.
    """
    recorded, unrecorded = _recorded(at, window).subquery("recorded"), _unrecorded(at, window).subquery("unrecorded")
    other = VISIT_ROWS.alias("other")
    is_known = exists().where(
        other.c.ticket_id == unrecorded.c.ticket_id,
        other.c.blueprint == unrecorded.c.blueprint,
        other.c.blueprint_version == unrecorded.c.blueprint_version,
        other.c.limit_violated_at.is_not(None),
        window.holds(other.c.limit_violated_at),
    )
    mine, only = ([half.c.blueprint, half.c.blueprint_version] for half in (recorded, unrecorded))
    counts = union_all(
        select(*mine, func.count(recorded.c.ticket_id.distinct()).label("number")).group_by(*mine),
        select(*only, func.count().label("number")).where(~is_known).group_by(*only),
    ).subquery("halves")
    return _figure(Metric.SLA_VIOLATING, counts, _NO_TEXT, number=cast(func.sum(counts.c.number), Integer))


def dashboard_query(at: At, window: Window = EVER) -> CompoundSelect[Any]:
    """All figures in the columns of DashboardRow."""
    active = _active(at, window).subquery("active")
    return union_all(
        _figure(Metric.ACTIVE, active, _NO_TEXT),
        *(_by_item(metric, at, window) for metric in (Metric.OVERSTAYING, Metric.DWELL, Metric.DWELL_OPEN)),
        _overstays_by_state(at, window),
        _sla_violating(at, window),
        _run_times(at, window),
        *_transitions(at, window),
        *(_by_item(metric, at, window) for metric in (Metric.FORCED, Metric.NO_SUCH_TRANSITION)),
    )


def blueprint_dashboard(
    connection: Connection,
    at: Instant,
    window: Window = EVER,
    *,
    blueprint: str | None = None,
    version: int | None = None,
) -> list[DashboardRow]:
    """The dashboard as of `at`: by blueprint, version and metric, the most frequent first."""
    figures = dashboard_query(bound(at), window).subquery("figures")
    rows = [DashboardRow(*row) for row in connection.execute(_of(select(figures), figures, blueprint, version))]
    return sorted(
        rows,
        key=lambda row: (
            row.blueprint,
            row.blueprint_version,
            _ORDER[row.metric],
            -row.occurrences,
            row.item or "",
            row.actor or "",
        ),
    )


def blueprint_tickets(
    connection: Connection,
    metric: Metric,
    at: Instant,
    window: Window = EVER,
    *,
    item: str | None = None,
    actor: str | None = None,
    blueprint: str | None = None,
    version: int | None = None,
) -> list[BlueprintFact]:
    """What a figure of the dashboard counts, in time order; of `sla_violating`, each violation of its tickets.

    `item` is the state, the transition or how the run ended; `actor` is who moved.
    """
    facts = _FACTS[metric](bound(at), window).subquery("facts")
    query = _of(select(facts), facts, blueprint, version)
    if item is not None:
        query = query.where(facts.c.item == item)
    if actor is not None:
        query = query.where(facts.c.actor == actor)
    found = connection.execute(query.order_by(facts.c.at, facts.c.ticket_id))
    return [BlueprintFact(*row) for row in found]


def _of(query: Select[Any], source: Subquery, blueprint: str | None, version: int | None) -> Select[Any]:
    if blueprint is not None:
        query = query.where(source.c.blueprint == blueprint)
    return query if version is None else query.where(source.c.blueprint_version == version)
