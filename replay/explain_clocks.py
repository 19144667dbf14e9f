"""Why a ticket is late or not: every target and every state's limit with the time that did not count, and why.

The targets and the visits are the rows of the projections; what time alone caused by the instant that is asked for
stands beside them, on record or not (design section 4).
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from domain.blueprint import Blueprint
from domain.definitions import Definitions, Kind
from domain.durations import written
from domain.instant import Instant, micros_between
from domain.recorded import Recorded
from domain.rules.lapse import lapse
from domain.ticket.blueprint_events import StateLimitViolated
from domain.ticket.sla_events import ResolutionViolated, ResponseViolated
from domain.ticket.state import Ticket, evolve
from domain.values import StatusType
from projections.clocks import SLA_CLOCKS, SlaClock
from projections.visits import STATE_VISITS, StateVisit
from replay.explain_words import plain
from replay.time_travel import rows_at, ticket_at

Why: TypeAlias = Callable[[Ticket], str | None]
"""Why no time counts for a ticket as it stands; None where it does."""

_SECOND: Final = 1_000_000
WITHOUT_VERDICT: Final = {
    "cleared": "its priority has no target any more",
    "released": "the policy applies to the ticket no longer",
    "superseded": "another target took its place",
}
"""Why a target ended without one, by its outcome."""
_CAME: Final = {"response": "answered", "resolution": "closed"}


@dataclass(frozen=True, slots=True)
class Held:
    """A period that did not count."""

    began_at: Instant
    ended_at: Instant | None
    """None: it lasts at the instant that is asked for, or the clock ended in it."""
    seconds: int
    """Whole seconds of it that lie between the start of what is held and its end, or the instant asked for."""
    why: str
    """`status On Hold is on_hold`, `archived`, `deleted`; several joined by `and`."""


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of an SLA policy, and what became of it (F-92, F-93)."""

    clock: str
    """`response` or `resolution`."""
    policy: str
    version: int
    policy_name: str | None
    priority: str
    """`none` for a ticket without one."""
    target_seconds: int
    started_at: Instant
    due_at: Instant | None
    """None while it is paused, and where it ended without one."""
    outcome: str
    """`running`, `paused`, `met`, `late`, `cleared`, `released` or `superseded`."""
    is_violated: bool
    violated_at: Instant | None
    """When it became violated: its due instant, or later where it was over already when it was set (T9)."""
    is_on_record: bool
    """Whether the violation is an event of the log; where it is violated and not, time alone caused it by then."""
    ended_at: Instant | None
    late_seconds: int | None
    """Counted seconds behind the due instant, up to the end or the instant asked for; None where it is not late."""
    left_seconds: int | None
    """Counted seconds to go, while it runs or is paused and is not violated."""
    held: tuple[Held, ...]
    is_contested: bool
    set_position: int
    said: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The time allowed in one visit of a state, and what became of it (F-110)."""

    blueprint: str
    version: int
    blueprint_name: str | None
    state: str
    limit_seconds: int | None
    """None where the log does not hold the version."""
    entered_at: Instant
    left_at: Instant | None
    due_at: Instant | None
    """None while it stands still."""
    is_violated: bool
    is_on_record: bool
    late_seconds: int | None
    """Counted seconds behind the due instant, up to the end of the visit or the instant asked for."""
    held: tuple[Held, ...]
    entered_position: int
    said: str


def targets_of(
    history: Sequence[Recorded], definitions: Definitions, until: Instant, skipped: Set[int] = frozenset()
) -> tuple[Target, ...]:
    """Every target of a ticket's clocks in the order in which they were set, as of an instant.

    `skipped` are the positions that the projection of the clocks passes over.
    """
    off = list(_periods(history, why_off))
    ticket = ticket_at(history)
    lapsed = [] if ticket is None else lapse(ticket, until)
    late = {
        clock
        for clock, violated in (("response", ResponseViolated), ("resolution", ResolutionViolated))
        if any(isinstance(one, violated) for one in lapsed)
    }
    rows = sorted(rows_at(SLA_CLOCKS, history, skipped), key=lambda row: (row.set_position, row.clock))
    last = {row.clock: row.seq for row in rows}
    return tuple(
        _target(row, off, definitions, until, is_lapsed=row.clock in late and row.seq == last[row.clock])
        for row in rows
    )


def limits_of(
    history: Sequence[Recorded], definitions: Definitions, until: Instant, skipped: Set[int] = frozenset()
) -> tuple[Limit, ...]:
    """Every visit of a state with a time limit, in order, as of an instant.

    `skipped` are the positions that the projection of the visits passes over.
    """
    away = list(_periods(history, why_away))
    ticket = ticket_at(history)
    lapsed = [] if ticket is None else lapse(ticket, until)
    is_over = any(isinstance(one, StateLimitViolated) for one in lapsed)
    found = []
    for row in rows_at(STATE_VISITS, history, skipped):
        blueprint = definitions.version(Kind.BLUEPRINT, row.blueprint, row.blueprint_version)
        state = blueprint.states_by_name.get(row.state) if isinstance(blueprint, Blueprint) else None
        if row.limit_due_at is None and (state is None or state.limit_seconds is None or row.left_by == "completed"):
            continue
        seconds = None if state is None else state.limit_seconds
        name = None if blueprint is None else blueprint.name
        found.append(_limit(row, seconds, name, away, until, is_lapsed=is_over and row.left_at is None))
    return tuple(found)


# The time that does not count


def why_off(ticket: Ticket) -> str | None:
    """Why the SLA clocks of a ticket do not run (features 2.2)."""
    reasons = [] if (away := why_away(ticket)) is None else [away]
    if ticket.status_type is not StatusType.OPEN:
        reasons.append(f"status {ticket.status} is {ticket.status_type.value}")
    return " and ".join(reasons) or None


def why_away(ticket: Ticket) -> str | None:
    """Why no time passes for a ticket in its state (F-52)."""
    reasons = [word for word, is_so in (("deleted", ticket.is_deleted), ("archived", ticket.is_archived)) if is_so]
    return " and ".join(reasons) or None


def _periods(history: Sequence[Recorded], why: Why) -> Iterator[tuple[Instant, Instant | None, str]]:
    """The periods in which a reason held, one a reason; the last one may have no end."""
    ticket: Ticket | None = None
    reason: str | None = None
    since: Instant | None = None
    for recorded in history:
        event: Any = recorded.event
        at = recorded.occurred_at
        ticket = evolve(ticket, event, at, recorded.version, recorded.actor)
        if (found := why(ticket)) == reason:
            continue
        if reason is not None and since is not None:
            yield since, at, reason
        reason, since = found, at
    if reason is not None and since is not None:
        yield since, None, reason


def _held(
    periods: Sequence[tuple[Instant, Instant | None, str]], start: Instant, end: Instant
) -> tuple[tuple[Held, ...], int]:
    """The periods as far as they lie between two instants, and their microseconds."""
    found: list[Held] = []
    total = 0
    for began_at, ended_at, why in periods:
        first, last = max(began_at, start), end if ended_at is None else min(ended_at, end)
        if last <= first:
            continue
        micros = micros_between(first, last)
        total += micros
        is_over = ended_at is not None and ended_at <= end
        found.append(Held(first, ended_at if is_over else None, micros // _SECOND, why))
    return tuple(found), total


# Targets


def _target(
    row: SlaClock,
    off: Sequence[tuple[Instant, Instant | None, str]],
    definitions: Definitions,
    until: Instant,
    *,
    is_lapsed: bool,
) -> Target:
    end = until if row.ended_at is None else row.ended_at
    held, micros = _held(off, row.started_at, end)
    is_violated = is_lapsed or row.violated_at is not None
    left = late = None
    if is_violated and row.outcome not in WITHOUT_VERDICT and row.due_at is not None:
        behind = micros_between(row.due_at, end) - _held(off, row.due_at, end)[1]
        late = row.late_seconds if row.late_seconds is not None else max(0, behind) // _SECOND
    elif not is_violated and row.ended_at is None:
        ran = micros_between(row.started_at, until) - micros
        left = (row.target_seconds * _SECOND - ran) // _SECOND
    policy = definitions.version(Kind.SLA_POLICY, row.policy, row.policy_version)
    violated_at = row.due_at if is_lapsed else row.violated_at
    return Target(
        clock=row.clock,
        policy=row.policy,
        version=row.policy_version,
        policy_name=None if policy is None else policy.name,
        priority=row.priority,
        target_seconds=row.target_seconds,
        started_at=row.started_at,
        due_at=row.due_at,
        outcome=row.outcome,
        is_violated=is_violated,
        violated_at=violated_at,
        is_on_record=is_violated and not is_lapsed,
        ended_at=row.ended_at,
        late_seconds=late,
        left_seconds=left,
        held=held,
        is_contested=row.is_contested,
        set_position=row.set_position,
        said=_of_target(row, held, violated_at, late, left, is_lapsed=is_lapsed),
    )


def _of_target(
    row: SlaClock,
    held: Sequence[Held],
    violated_at: Instant | None,
    late: int | None,
    left: int | None,
    *,
    is_lapsed: bool,
) -> str:
    came, said = _CAME[row.clock], list[str]()
    if violated_at is not None:
        at_once = row.due_at is not None and row.due_at < violated_at
        when = "when it was set, for it was over then already" if at_once else "when it was due"
        said.append(f"violated {when}" + (", by time alone and not on record yet" if is_lapsed else ""))
    if row.outcome == "met" and row.ended_at is not None and row.due_at is not None:
        early = micros_between(row.ended_at, row.due_at) // _SECOND
        said.append(f"{came} in time, {written(early)} before it was due")
    elif row.outcome == "late":
        said.append(f"{came} {written(late or 0)} late")
    elif row.outcome in WITHOUT_VERDICT:
        said.append(f"ended: {WITHOUT_VERDICT[row.outcome]}")
    elif violated_at is not None:
        said.append(f"not {came} yet, {written(late or 0)} late so far")
    elif row.outcome == "paused":
        why = held[-1].why if held else "it does not run"
        said.append(f"stands still because {why}, {written(left or 0)} to go")
    elif left is not None and left < 0:
        said.append(f"due {written(-left)} ago, and no verdict of it is on record")
    else:
        said.append(f"runs, {written(left or 0)} to go")
    if row.is_contested:
        said.append("somebody claims that it was in time; the verdict stands")
    return "; ".join(said)


# Limits


def _limit(
    row: StateVisit,
    seconds: int | None,
    name: str | None,
    away: Sequence[tuple[Instant, Instant | None, str]],
    until: Instant,
    *,
    is_lapsed: bool,
) -> Limit:
    end = until if row.left_at is None else row.left_at
    held, _ = _held(away, row.entered_at, end)
    is_violated = is_lapsed or row.limit_violated_at is not None
    due_at = row.limit_due_at or row.limit_violated_at
    late = None
    if is_violated and due_at is not None:
        late = max(0, micros_between(due_at, end) - _held(away, due_at, end)[1]) // _SECOND
    if late is not None:
        by_time = ", by time alone and not on record yet" if is_lapsed else ""
        said = f"violated when it was over{by_time}; " + (
            f"still in the state, {written(late)} late so far"
            if row.left_at is None
            else f"the state was left {written(late)} late"
        )
    elif row.left_at is not None:
        said = f"left in time, {row.left_by}"
    elif due_at is None:
        said = f"stands still because {held[-1].why if held else 'the ticket is away'}"
    elif due_at < until:
        ago = written(micros_between(due_at, until) // _SECOND)
        said = f"due {ago} ago, at {plain(due_at)}, and no violation is on record"
    else:
        said = f"runs, {written(micros_between(until, due_at) // _SECOND)} to go, until {plain(due_at)}"
    return Limit(
        blueprint=row.blueprint,
        version=row.blueprint_version,
        blueprint_name=name,
        state=row.state,
        limit_seconds=seconds,
        entered_at=row.entered_at,
        left_at=row.left_at,
        due_at=due_at,
        is_violated=is_violated,
        is_on_record=is_violated and not is_lapsed,
        late_seconds=late,
        held=held,
        entered_position=row.entered_position,
        said=said,
    )
