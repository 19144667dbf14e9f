"""Who had each ticket and for how long: one row an assignment, of agents and of teams apart (F-53, design section 5).

Only assignments have rows; the time between two of a kind, the ticket lay with nobody. As of T, the assignee is that of
the row of greatest `seq` among those of the kind with `assigned_at` <= T, unless it was released by then.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from domain.instant import Instant, seconds_between
from domain.recorded import Recorded
from domain.ticket import events as e
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS

AGENT: Final = "agent"
TEAM: Final = "team"


class AssignmentInterval(NamedTuple):
    """One row a time that a ticket was with one agent or with one team."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    kind: Annotated[str, Column("agent or team.")]
    seq: Annotated[int, Column("Counts the ticket's assignments of the kind from 1.")]
    assignee: Annotated[str, Column("The agent or the team.")]
    previous_assignee: Annotated[str | None, Column("Whose the ticket was by the row before; null in the first.")]
    assigned_at: Annotated[Instant, Column("When the assignment began.")]
    released_at: Annotated[Instant | None, Column("When it ended; null while it lasts.")]
    duration_seconds: Annotated[
        int | None,
        Column(
            "Whole seconds from assigned_at to released_at, rounded down; null while it lasts, negative if backward."
        ),
    ]
    assigned_position: Annotated[int, Column("Position in the log of the event that began it.")]
    released_position: Annotated[int | None, Column("Position in the log of the event that ended it.")]
    is_backward: Annotated[
        bool, Column("Whether released_at lies before assigned_at: the source's clock ran backwards.")
    ]


def _released(had: AssignmentInterval, recorded: Recorded) -> AssignmentInterval:
    return AssignmentInterval(
        had.ticket_id,
        had.kind,
        had.seq,
        had.assignee,
        had.previous_assignee,
        had.assigned_at,
        recorded.occurred_at,
        seconds_between(had.assigned_at, recorded.occurred_at),
        had.assigned_position,
        recorded.position,
        recorded.occurred_at < had.assigned_at,
    )


class _Ticket:
    """The assignments of one ticket while events are folded in; it does not outlive a fold."""

    __slots__ = ("changed", "last")

    def __init__(self, rows: Mapping[Key, AssignmentInterval]) -> None:
        self.last = {row.kind: row for row in rows.values()}
        self.changed: dict[Key, AssignmentInterval] = {}

    def keep(self, row: AssignmentInterval) -> None:
        self.last[row.kind] = self.changed[row.kind, row.seq] = row

    def assign(self, kind: str, assignee: str | None, recorded: Recorded) -> None:
        had = self.last.get(kind)
        if had is not None and had.released_at is None:
            if had.assignee == assignee:
                return
            had = _released(had, recorded)
            self.keep(had)
        if assignee is not None:
            seq, previous = (1, None) if had is None else (had.seq + 1, had.assignee)
            at, position = recorded.occurred_at, recorded.position
            ticket_id = recorded.stream.partition(":")[2]
            self.keep(
                AssignmentInterval(ticket_id, kind, seq, assignee, previous, at, None, None, position, None, False)
            )


def fold(rows: Mapping[Key, AssignmentInterval], events: Sequence[Recorded]) -> Sequence[AssignmentInterval]:
    """The assignments that the events ended and began."""
    ticket = _Ticket(rows)
    for recorded in events:
        event = recorded.event
        match event:
            case e.TicketAgentChanged():
                ticket.assign(AGENT, event.new, recorded)
            case e.TicketTeamChanged():
                ticket.assign(TEAM, event.new, recorded)
            case e.TicketImported():
                ticket.assign(TEAM, event.team, recorded)
                ticket.assign(AGENT, event.agent, recorded)
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the assignments")
    return list(ticket.changed.values())


ASSIGNMENT_INTERVALS: Final = Projection(
    name="fct_assignment_intervals",
    version=1,
    row=AssignmentInterval,
    key=("ticket_id", "kind", "seq"),
    fold=fold,
    folds=frozenset({e.TicketImported, e.TicketAgentChanged, e.TicketTeamChanged}),
    ignores=frozenset(
        {
            *OTHER_STREAMS,
            *BLUEPRINT_EVENTS,
            *SLA_EVENTS,
            e.TicketAdopted,
            e.TicketOpened,
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
            e.TicketStatusChanged,
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
