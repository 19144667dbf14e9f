"""How long each ticket was in each status: one row a stay, both ends with instant and position (F-46, design 5).

As of T, the status is the row of greatest `seq` among those with `entered_at` <= T. Clocks of foreign sources run
backwards at times; such a stay keeps its negative duration and is marked.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from domain.instant import Instant, seconds_between
from domain.recorded import Recorded
from domain.ticket import events as e
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS


class StatusInterval(NamedTuple):
    """One row a stay of a ticket in a status; the last one of a ticket has no end."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    seq: Annotated[int, Column("Counts the ticket's stays from 1.")]
    status: Annotated[str, Column("Label of the status.")]
    status_type: Annotated[str, Column("What the status means to a clock: open, on_hold or closed.")]
    entered_at: Annotated[Instant, Column("When the ticket came into the status.")]
    left_at: Annotated[Instant | None, Column("When it left; null while it is in it.")]
    duration_seconds: Annotated[
        int | None,
        Column("Whole seconds from entered_at to left_at, rounded down; null while open, negative if backward."),
    ]
    entered_position: Annotated[int, Column("Position in the log of the event that began the stay.")]
    left_position: Annotated[int | None, Column("Position in the log of the event that ended it.")]
    is_backward: Annotated[bool, Column("Whether left_at lies before entered_at: the source's clock ran backwards.")]


def _entered(ticket_id: str, seq: int, status: str, status_type: str, recorded: Recorded) -> StatusInterval:
    return StatusInterval(
        ticket_id, seq, status, status_type, recorded.occurred_at, None, None, recorded.position, None, False
    )


def _left(stay: StatusInterval, recorded: Recorded) -> StatusInterval:
    return StatusInterval(
        stay.ticket_id,
        stay.seq,
        stay.status,
        stay.status_type,
        stay.entered_at,
        recorded.occurred_at,
        seconds_between(stay.entered_at, recorded.occurred_at),
        stay.entered_position,
        recorded.position,
        recorded.occurred_at < stay.entered_at,
    )


def fold(rows: Mapping[Key, StatusInterval], events: Sequence[Recorded]) -> Sequence[StatusInterval]:
    """The stays that the events ended and began."""
    stay = next(reversed(list(rows.values())), None) if rows else None
    changed: list[StatusInterval] = []
    for recorded in events:
        event = recorded.event
        match event:
            case e.TicketStatusChanged():
                if stay is None:
                    raise Unfoldable(f"{recorded.name} stands before the ticket's opening")
                if (event.new_status, event.new_status_type) == (stay.status, stay.status_type):
                    continue
                if changed and changed[-1] is stay:
                    changed.pop()
                changed.append(_left(stay, recorded))
                stay = _entered(stay.ticket_id, stay.seq + 1, event.new_status, event.new_status_type.value, recorded)
            case e.TicketOpened() | e.TicketImported():
                if stay is not None:
                    raise Unfoldable(f"{recorded.name} stands inside a ticket's stream, where it cannot")
                stay = _entered(recorded.stream.partition(":")[2], 1, event.status, event.status_type.value, recorded)
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the stays in a status")
        changed.append(stay)
    return changed


STATUS_INTERVALS: Final = Projection(
    name="fct_status_intervals",
    version=1,
    row=StatusInterval,
    key=("ticket_id", "seq"),
    fold=fold,
    folds=frozenset({e.TicketOpened, e.TicketImported, e.TicketStatusChanged}),
    ignores=frozenset(
        {
            *OTHER_STREAMS,
            *BLUEPRINT_EVENTS,
            *SLA_EVENTS,
            e.TicketAdopted,
            e.TicketRevisionNoted,
            e.TicketSourceSlaChanged,
            e.TicketSubjectChanged,
            e.TicketDescriptionChanged,
            e.TicketContactChanged,
            e.TicketDepartmentChanged,
            e.TicketFieldChanged,
            e.TicketTagsAdded,
            e.TicketTagsRemoved,
            e.TicketDueDateOverridden,
            e.TicketDueDateOverrideRemoved,
            e.TicketPriorityChanged,
            e.TicketAgentChanged,
            e.TicketTeamChanged,
            e.TicketReplySent,
            e.TicketCustomerReplied,
            e.TicketCommentAdded,
            e.TicketCommentVisibilityChanged,
            e.TicketForwarded,
            e.TicketDeleted,
            e.TicketRestored,
            e.TicketArchived,
            e.TicketUnarchived,
        }
    ),
)
