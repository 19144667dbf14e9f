"""What was promised for each ticket and what became of it: one row a target of a clock (F-92 to F-94, F-100).

A target ends by its own verdict (met or late), or because another one takes its place, its priority has none, or its
policy is not for the ticket any more; a violation on record stays whatever follows (E-04). As of T, a running clock is
violated from `due_at` on, whether or not anything recorded it: whoever asks compares `due_at` with T.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket import sla_events as s
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS, TICKET_EVENTS

RESPONSE: Final = "response"
RESOLUTION: Final = "resolution"
RUNNING: Final = "running"
PAUSED: Final = "paused"

_DueSet: TypeAlias = s.ResponseDueSet | s.ResolutionDueSet
_CLOCKS: Final[dict[type, str]] = {
    **dict.fromkeys(
        (
            s.ResponseDueSet,
            s.ResponsePaused,
            s.ResponseDueCleared,
            s.ResponseMet,
            s.ResponseViolated,
            s.ResponseCameLate,
        ),
        RESPONSE,
    ),
    **dict.fromkeys(
        (
            s.ResolutionDueSet,
            s.ResolutionPaused,
            s.ResolutionDueCleared,
            s.ResolutionMet,
            s.ResolutionViolated,
            s.ResolutionCameLate,
        ),
        RESOLUTION,
    ),
}


class SlaClock(NamedTuple):
    """One row a target that a policy set for a ticket's response or resolution."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    clock: Annotated[str, Column("response or resolution.")]
    seq: Annotated[int, Column("Counts the targets of the ticket's clock from 1.")]
    policy: Annotated[str, Column("Key of the SLA policy.")]
    policy_version: Annotated[int, Column("Version of the policy; it keeps its verdicts whatever is published later.")]
    priority: Annotated[str, Column("Priority the target is for; none for a ticket without one.")]
    target_seconds: Annotated[int, Column("The time promised.")]
    started_at: Annotated[Instant, Column("What the clock counts from.")]
    held_seconds: Annotated[
        int, Column("Whole seconds since started_at in which it did not run, up to its last start.")
    ]
    due_at: Annotated[
        Instant | None, Column("When it is due, periods off included; null while paused or ended without one.")
    ]
    outcome: Annotated[
        str,
        Column(
            "running, paused, met, late (it came after the violation), cleared (the priority has no target), "
            "released (the policy is for the ticket no longer) or superseded (another target took its place)."
        ),
    ]
    violated_at: Annotated[
        Instant | None,
        Column(
            "When the violation happened, once it is on record or the target ended behind its due instant: then, or "
            "later where the target was over when it was set; null before and otherwise."
        ),
    ]
    ended_at: Annotated[Instant | None, Column("When the target was met, came late or went away; null until then.")]
    late_seconds: Annotated[
        int | None, Column("Whole seconds behind the due instant in which the clock ran, where it came late.")
    ]
    is_contested: Annotated[bool, Column("Whether somebody claims that it was in time; the verdict stands.")]
    set_position: Annotated[int, Column("Position in the log of the event that set the target.")]
    last_position: Annotated[int, Column("Position in the log of the last event about it.")]


class _Ticket:
    """The targets of one ticket while events are folded in; it does not outlive a fold."""

    __slots__ = ("changed", "last")

    def __init__(self, rows: Mapping[Key, SlaClock]) -> None:
        self.last = {row.clock: row for row in rows.values()}
        self.changed: dict[Key, SlaClock] = {}

    def keep(self, row: SlaClock) -> None:
        self.last[row.clock] = self.changed[row.clock, row.seq] = row

    def change(self, clock: str, recorded: Recorded, **columns: Any) -> None:
        """Change the clock's last target."""
        row = self.last.get(clock)
        if row is None:
            raise Unfoldable(f"{recorded.name} is of a ticket that has no {clock} target")
        self.keep(row._replace(**columns, last_position=recorded.position))

    def end(self, clock: str, recorded: Recorded, outcome: str, **columns: Any) -> None:
        """End the clock's last target; the due instant of a paused one is gone unless the event tells it."""
        row = self.last.get(clock)
        at = recorded.occurred_at
        if row is not None and row.ended_at is not None:
            raise Unfoldable(f"{recorded.name} ends a {clock} target that was {row.outcome} already")
        if row is not None and row.violated_at is None and row.due_at is not None and row.due_at <= at:
            columns["violated_at"] = row.due_at
        self.change(clock, recorded, **{"outcome": outcome, "ended_at": at, **columns})

    def set(self, clock: str, event: _DueSet, recorded: Recorded) -> None:
        """Set a target, or set the clock of the last one going again where it is the same."""
        counting = {
            "held_seconds": event.held_seconds,
            "due_at": event.due_at,
            "outcome": PAUSED if event.due_at is None else RUNNING,
        }
        asked = (event.policy, event.version, event.priority, event.started_at)
        row = self.last.get(clock)
        if row is not None and row.ended_at is None:
            if (row.policy, row.policy_version, row.priority, row.started_at) == asked:
                self.change(clock, recorded, **counting, target_seconds=event.target_seconds)
                return
            self.end(clock, recorded, "superseded")
        self.keep(
            SlaClock(
                ticket_id=recorded.stream.partition(":")[2],
                clock=clock,
                seq=1 if row is None else row.seq + 1,
                policy=event.policy,
                policy_version=event.version,
                priority=event.priority,
                target_seconds=event.target_seconds,
                started_at=event.started_at,
                **counting,  # type: ignore[arg-type]  # the three columns by their names
                violated_at=None,
                ended_at=None,
                late_seconds=None,
                is_contested=False,
                set_position=recorded.position,
                last_position=recorded.position,
            )
        )

    def release(self, recorded: Recorded) -> None:
        """End what still counts."""
        for row in list(self.last.values()):
            if row.ended_at is None:
                self.end(row.clock, recorded, "released")

    def contest(self, event: s.VerdictContested, recorded: Recorded) -> None:
        """What the clock waited for is there, in time as is claimed; it was violated when that came in."""
        row = self.last.get(event.clock)
        came = {} if row is None or row.ended_at is not None else {"outcome": "late", "late_seconds": 0}
        ended = {"ended_at": event.claimed_at} if came else {}
        self.change(event.clock, recorded, is_contested=True, **came, **ended)


def fold(rows: Mapping[Key, SlaClock], events: Sequence[Recorded]) -> Sequence[SlaClock]:
    """The targets that the events set, changed and ended."""
    ticket = _Ticket(rows)
    for recorded in events:
        event = recorded.event
        clock = _CLOCKS.get(type(event), "")
        match event:
            case s.ResponseDueSet() | s.ResolutionDueSet():
                ticket.set(clock, event, recorded)
            case s.ResponsePaused() | s.ResolutionPaused():
                ticket.change(clock, recorded, due_at=None, outcome=PAUSED)
            case s.ResponseDueCleared() | s.ResolutionDueCleared():
                ticket.end(clock, recorded, "cleared")
            case s.ResponseMet() | s.ResolutionMet():
                ticket.end(clock, recorded, "met", due_at=event.due_at)
            case s.ResponseViolated() | s.ResolutionViolated():
                ticket.change(clock, recorded, due_at=event.due_at, violated_at=max(event.due_at, recorded.occurred_at))
            case s.ResponseCameLate() | s.ResolutionCameLate():
                ticket.end(clock, recorded, "late", due_at=event.due_at, late_seconds=event.late_seconds)
            case s.SlaReleased():
                ticket.release(recorded)
            case s.VerdictContested():
                ticket.contest(event, recorded)
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the clocks")
    return list(ticket.changed.values())


_FOLDED: Final = SLA_EVENTS - {s.SlaApplied}

SLA_CLOCKS: Final = Projection(
    name="fct_sla_clocks",
    version=2,
    row=SlaClock,
    key=("ticket_id", "clock", "seq"),
    fold=fold,
    folds=_FOLDED,
    ignores=frozenset({s.SlaApplied}) | BLUEPRINT_EVENTS | TICKET_EVENTS | OTHER_STREAMS,
)
