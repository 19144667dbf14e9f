"""Who moved which ticket when along which transition, after how long: the report on blueprint actions (F-123, F-126).

A ticket's entry is its first row: it is an action too, and the next one is timed from it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from domain.instant import Instant, seconds_between
from domain.recorded import Recorded
from domain.ticket import blueprint_events as b
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS, TICKET_EVENTS

ENTERED: Final = "entered"
PERFORMED: Final = "performed"
FORCED: Final = "forced"


class TransitionRow(NamedTuple):
    """One row an entry into a blueprint or a move from state to state."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    seq: Annotated[int, Column("Counts the ticket's entries and moves from 1, over all blueprints.")]
    blueprint: Annotated[str, Column("Key of the blueprint.")]
    blueprint_version: Annotated[int, Column("Version of the blueprint that the ticket entered with.")]
    department: Annotated[str, Column("Department the ticket was in when it entered.")]
    transition: Annotated[str | None, Column("Name of the transition; null for an entry and for a forced state.")]
    kind: Annotated[
        str, Column("entered (into the blueprint), performed (along a transition) or forced (without one).")
    ]
    from_state: Annotated[str | None, Column("State the ticket was in; null for an entry.")]
    to_state: Annotated[str, Column("State it came into.")]
    actor: Annotated[str, Column("Who did it.")]
    performed_at: Annotated[Instant, Column("When it happened.")]
    duration_seconds: Annotated[
        int | None,
        Column("Whole seconds the ticket was in from_state, rounded down; null for an entry, negative if backward."),
    ]
    position: Annotated[int, Column("Position in the log of the event.")]


def fold(rows: Mapping[Key, TransitionRow], events: Sequence[Recorded]) -> Sequence[TransitionRow]:
    """A row for each entry and each move."""
    last = next(reversed(list(rows.values())), None) if rows else None
    made: list[TransitionRow] = []
    for recorded in events:
        event, at, position = recorded.event, recorded.occurred_at, recorded.position
        match event:
            case b.BlueprintEntered():
                ticket_id, seq = recorded.stream.partition(":")[2], 1 if last is None else last.seq + 1
                last = TransitionRow(
                    ticket_id=ticket_id,
                    seq=seq,
                    blueprint=event.blueprint,
                    blueprint_version=event.version,
                    department=event.department,
                    transition=None,
                    kind=ENTERED,
                    from_state=None,
                    to_state=event.state,
                    actor=recorded.actor,
                    performed_at=at,
                    duration_seconds=None,
                    position=position,
                )
            case b.TransitionPerformed() | b.StateForced():
                if last is None or (last.blueprint, last.to_state) != (event.blueprint, event.from_state):
                    where = "in no blueprint" if last is None else f"in state {last.to_state} of {last.blueprint}"
                    raise Unfoldable(f"{recorded.name} leaves {event.from_state} of a ticket that is {where}")
                transition = event.transition if isinstance(event, b.TransitionPerformed) else None
                last = last._replace(
                    seq=last.seq + 1,
                    transition=transition,
                    kind=FORCED if transition is None else PERFORMED,
                    from_state=event.from_state,
                    to_state=event.to_state,
                    actor=recorded.actor,
                    performed_at=at,
                    duration_seconds=seconds_between(last.performed_at, at),
                    position=position,
                )
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the transitions")
        made.append(last)
    return made


_FOLDED: Final = frozenset({b.BlueprintEntered, b.TransitionPerformed, b.StateForced})

TRANSITIONS: Final = Projection(
    name="fct_transitions",
    version=1,
    row=TransitionRow,
    key=("ticket_id", "seq"),
    fold=fold,
    folds=_FOLDED,
    ignores=(BLUEPRINT_EVENTS - _FOLDED) | TICKET_EVENTS | SLA_EVENTS | OTHER_STREAMS,
)
