"""Each stay of a ticket in a state of a blueprint: one row a visit, re-visits singly (F-110, F-119 to F-124, design 5).

A limit runs in elapsed time and stands still while the ticket is deleted or archived. As of T, a visit is over its
limit from `limit_due_at` on, whether or not anything recorded the violation: whoever asks compares it with T.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple, TypeAlias

from domain.instant import Instant, seconds_between
from domain.recorded import Recorded
from domain.ticket import blueprint_events as b
from domain.ticket import events as e
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS, TICKET_EVENTS

COMPLETED: Final = "completed"
"""How the visit of an end state ends, at the instant at which it began."""

_Moved: TypeAlias = b.TransitionPerformed | b.StateForced
_ENDINGS: Final[dict[type, str]] = {
    b.TransitionPerformed: "transition",
    b.StateForced: "force",
    b.BlueprintCompleted: COMPLETED,
    b.BlueprintLeft: "left",
    b.BlueprintRevoked: "revoked",
}


class StateVisit(NamedTuple):
    """One row a visit of a state of a blueprint; the last one of a ticket that is inside has no end."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    seq: Annotated[int, Column("Counts the ticket's visits from 1, over all blueprints.")]
    blueprint: Annotated[str, Column("Key of the blueprint.")]
    blueprint_version: Annotated[int, Column("Version of the blueprint that the ticket entered with.")]
    department: Annotated[str, Column("Department the ticket was in when it entered.")]
    state: Annotated[str, Column("Name of the state.")]
    entered_by: Annotated[str, Column("What led into it: entry, transition or force.")]
    entered_at: Annotated[Instant, Column("When the visit began.")]
    left_at: Annotated[Instant | None, Column("When it ended; null while it lasts.")]
    left_by: Annotated[
        str | None,
        Column(
            "What ended it: transition, force, completed (it was an end state), left (the ticket moved) or revoked."
        ),
    ]
    duration_seconds: Annotated[
        int | None,
        Column("Whole seconds from entered_at to left_at, rounded down; null while it lasts, negative if backward."),
    ]
    limit_due_at: Annotated[
        Instant | None,
        Column("When the time allowed is over; null where the state has no limit, and while the limit stands still."),
    ]
    limit_violated_at: Annotated[
        Instant | None,
        Column("The due instant, once it passed on record or the visit ended behind it; null before and otherwise."),
    ]
    is_backward: Annotated[bool, Column("Whether left_at lies before entered_at: the source's clock ran backwards.")]
    entered_position: Annotated[int, Column("Position in the log of the event that began the visit.")]
    left_position: Annotated[int | None, Column("Position in the log of the event that ended it.")]


def _entered(
    ticket_id: str, seq: int, event: b.BlueprintEntered | _Moved, last: StateVisit | None, recorded: Recorded
) -> StateVisit:
    if isinstance(event, b.BlueprintEntered):
        department, state, entered_by = event.department, event.state, "entry"
    elif last is None:
        raise Unfoldable(f"{recorded.name} is of a ticket that never entered a blueprint")
    else:
        department, state, entered_by = last.department, event.to_state, _ENDINGS[type(event)]
    return StateVisit(
        ticket_id=ticket_id,
        seq=seq,
        blueprint=event.blueprint,
        blueprint_version=event.version,
        department=department,
        state=state,
        entered_by=entered_by,
        entered_at=recorded.occurred_at,
        left_at=None,
        left_by=None,
        duration_seconds=None,
        limit_due_at=event.limit_due_at,
        limit_violated_at=None,
        is_backward=False,
        entered_position=recorded.position,
        left_position=None,
    )


def _left(visit: StateVisit, recorded: Recorded) -> StateVisit:
    due, violated = visit.limit_due_at, visit.limit_violated_at
    is_over = violated is None and due is not None and due <= recorded.occurred_at
    return visit._replace(
        limit_violated_at=due if is_over else violated,
        left_at=recorded.occurred_at,
        left_by=_ENDINGS[type(recorded.event)],
        duration_seconds=seconds_between(visit.entered_at, recorded.occurred_at),
        is_backward=recorded.occurred_at < visit.entered_at,
        left_position=recorded.position,
    )


def _inside(visit: StateVisit | None, state: str, recorded: Recorded) -> StateVisit:
    if visit is None or visit.left_at is not None:
        raise Unfoldable(f"{recorded.name} is of a ticket that is in no blueprint")
    if visit.state != state:
        raise Unfoldable(f"{recorded.name} is about state {state} of a ticket that is in state {visit.state}")
    return visit


def _away(visit: StateVisit, recorded: Recorded) -> StateVisit:
    """The limit stands still from here on, unless it was over before; StateLimitDueSet sets it again."""
    due = visit.limit_due_at
    if visit.left_at is not None or visit.limit_violated_at is not None or due is None or due <= recorded.occurred_at:
        return visit
    return visit._replace(limit_due_at=None)


def fold(rows: Mapping[Key, StateVisit], events: Sequence[Recorded]) -> Sequence[StateVisit]:
    """The visits that the events began, changed and ended."""
    last = next(reversed(list(rows.values())), None) if rows else None
    changed: dict[int, StateVisit] = {}
    for recorded in events:
        event = recorded.event
        match event:
            case b.BlueprintEntered():
                if last is not None and last.left_at is None:
                    raise Unfoldable(f"{recorded.name} is of a ticket that is in blueprint {last.blueprint} already")
                seq = 1 if last is None else last.seq + 1
                last = _entered(recorded.stream.partition(":")[2], seq, event, last, recorded)
            case b.TransitionPerformed() | b.StateForced():
                last = _left(_inside(last, event.from_state, recorded), recorded)
                changed[last.seq] = last
                last = _entered(last.ticket_id, last.seq + 1, event, last, recorded)
            case b.BlueprintCompleted() | b.BlueprintLeft() | b.BlueprintRevoked():
                last = _left(_inside(last, event.state, recorded), recorded)
            case b.StateLimitDueSet():
                last = _inside(last, event.state, recorded)._replace(limit_due_at=event.due_at)
            case b.StateLimitViolated():
                last = _inside(last, event.state, recorded)._replace(limit_violated_at=event.due_at)
            case e.TicketDeleted() | e.TicketArchived():
                if last is None or (stopped := _away(last, recorded)) is last:
                    continue
                last = stopped
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the visits of states")
        changed[last.seq] = last
    return list(changed.values())


_GOES_AWAY: Final = frozenset({e.TicketDeleted, e.TicketArchived})

STATE_VISITS: Final = Projection(
    name="fct_state_visits",
    version=1,
    row=StateVisit,
    key=("ticket_id", "seq"),
    fold=fold,
    folds=BLUEPRINT_EVENTS | _GOES_AWAY,
    ignores=(TICKET_EVENTS - _GOES_AWAY) | SLA_EVENTS | OTHER_STREAMS,
)
