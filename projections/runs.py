"""Each way of a ticket through a blueprint, from entry to exit: one row a run (F-105, F-119, F-121).

Completed, left and revoked runs are told apart, because only a completed one says how long the whole blueprint takes.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from domain.instant import Instant, seconds_between
from domain.recorded import Recorded
from domain.ticket import blueprint_events as b
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS, TICKET_EVENTS

_ENDINGS: Final[dict[type, str]] = {
    b.BlueprintCompleted: "completed",
    b.BlueprintLeft: "left",
    b.BlueprintRevoked: "revoked",
}


class BlueprintRun(NamedTuple):
    """One row a time that a ticket was in a blueprint; the last one of a ticket that is inside has no end."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    seq: Annotated[int, Column("Counts the ticket's runs from 1, over all blueprints.")]
    blueprint: Annotated[str, Column("Key of the blueprint.")]
    blueprint_version: Annotated[int, Column("Version of the blueprint that the ticket entered with.")]
    department: Annotated[str, Column("Department the ticket was in when it entered.")]
    entered_at: Annotated[Instant, Column("When the ticket entered.")]
    ended_at: Annotated[Instant | None, Column("When it was outside again; null while it is inside.")]
    ended_by: Annotated[
        str | None,
        Column("completed (it reached an end state), left (it moved away) or revoked; null while it is inside."),
    ]
    duration_seconds: Annotated[
        int | None,
        Column("Whole seconds from entered_at to ended_at, rounded down; null while inside, negative if backward."),
    ]
    entered_position: Annotated[int, Column("Position in the log of the entry.")]
    ended_position: Annotated[int | None, Column("Position in the log of the event that ended the run.")]


def fold(rows: Mapping[Key, BlueprintRun], events: Sequence[Recorded]) -> Sequence[BlueprintRun]:
    """The runs that the events began and ended."""
    last = next(reversed(list(rows.values())), None) if rows else None
    changed: dict[int, BlueprintRun] = {}
    for recorded in events:
        event, at, position = recorded.event, recorded.occurred_at, recorded.position
        match event:
            case b.BlueprintEntered():
                if last is not None and last.ended_at is None:
                    raise Unfoldable(f"{recorded.name} is of a ticket that is in blueprint {last.blueprint} already")
                ticket_id, seq = recorded.stream.partition(":")[2], 1 if last is None else last.seq + 1
                blueprint = (event.blueprint, event.version, event.department)
                last = BlueprintRun(ticket_id, seq, *blueprint, at, None, None, None, position, None)
            case b.BlueprintCompleted() | b.BlueprintLeft() | b.BlueprintRevoked():
                if last is None or last.ended_at is not None:
                    raise Unfoldable(f"{recorded.name} is of a ticket that is in no blueprint")
                last = last._replace(
                    ended_at=at,
                    ended_by=_ENDINGS[type(event)],
                    duration_seconds=seconds_between(last.entered_at, at),
                    ended_position=position,
                )
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the runs of blueprints")
        changed[last.seq] = last
    return list(changed.values())


_FOLDED: Final = frozenset({b.BlueprintEntered, *_ENDINGS})

BLUEPRINT_RUNS: Final = Projection(
    name="fct_blueprint_runs",
    version=1,
    row=BlueprintRun,
    key=("ticket_id", "seq"),
    fold=fold,
    folds=_FOLDED,
    ignores=(BLUEPRINT_EVENTS - _FOLDED) | TICKET_EVENTS | SLA_EVENTS | OTHER_STREAMS,
)
