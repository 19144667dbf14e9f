"""How each ticket stood and when: one row a time in which none of the properties that reports slice by changed.

Every event that changes one of them ends a row and begins the next, also where one command made several of them at the
same instant: such a row lasts no time, its positions tell where it stood, and no reader has to know commands.

As of T, a ticket stood as the row of greatest `seq` among those with `valid_from` <= T says. A row holds for the log's
positions from `first_position` up to, and without, `last_position`.
"""

from collections.abc import Callable, Mapping, Sequence
from json import JSONEncoder, loads
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket import events as e
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS


class TicketHistoryRow(NamedTuple):
    """One row a time in which none of the properties that reports slice by changed; a ticket's last one has no end."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    seq: Annotated[int, Column("Counts the ticket's rows from 1.")]
    valid_from: Annotated[Instant, Column("When the ticket came to stand so.")]
    valid_to: Annotated[Instant | None, Column("When that ended; null while it lasts.")]
    status: Annotated[str, Column("Label of the status.")]
    status_type: Annotated[str, Column("What the status means to a clock: open, on_hold or closed.")]
    priority: Annotated[str | None, Column("low, medium, high or urgent; an imported ticket keeps its source's word.")]
    agent: Annotated[str | None, Column("Agent who owned the ticket; null: nobody.")]
    team: Annotated[str | None, Column("Team the ticket was with; null: none.")]
    department: Annotated[str, Column("Department that answered for the ticket.")]
    contact_id: Annotated[str | None, Column("The contact who asked.")]
    channel: Annotated[str, Column("How the request came in; it never changes.")]
    tags: Annotated[str, Column("JSON array of the tags, sorted.")]
    is_deleted: Annotated[bool, Column("Whether it was deleted.")]
    is_archived: Annotated[bool, Column("Whether it was archived.")]
    is_backward: Annotated[bool, Column("Whether valid_to lies before valid_from: the source's clock ran backwards.")]
    first_position: Annotated[int, Column("Position in the log of the event that began the row.")]
    last_position: Annotated[int | None, Column("Position in the log of the event that ended it; null while it lasts.")]


Changed: TypeAlias = Callable[[TicketHistoryRow, Any], dict[str, Any]]
"""The properties that an event changes, given the row before it."""

_quoted: Final = JSONEncoder(ensure_ascii=False).encode


def _tags_text(tags: Sequence[str]) -> str:
    return f"[{','.join(map(_quoted, sorted(tags)))}]"


def _begun(recorded: Recorded) -> TicketHistoryRow:
    event = recorded.event
    if not isinstance(event, e.TicketOpened | e.TicketImported):
        raise Unfoldable(f"{recorded.name} stands before the ticket's opening")
    agent, team = (event.agent, event.team) if isinstance(event, e.TicketImported) else (None, None)
    return TicketHistoryRow(
        recorded.stream.partition(":")[2],
        1,
        recorded.occurred_at,
        None,
        event.status,
        event.status_type.value,
        None if event.priority is None else str(event.priority),
        agent,
        team,
        event.department,
        event.contact_id,
        event.channel,
        _tags_text(event.tags),
        False,
        False,
        False,
        recorded.position,
        None,
    )


def _status(row: TicketHistoryRow, event: e.TicketStatusChanged) -> dict[str, Any]:
    return {"status": event.new_status, "status_type": event.new_status_type.value}


def _priority(row: TicketHistoryRow, event: e.TicketPriorityChanged) -> dict[str, Any]:
    return {"priority": str(event.new)}


def _tags_added(row: TicketHistoryRow, event: e.TicketTagsAdded) -> dict[str, Any]:
    return {"tags": _tags_text([*{*loads(row.tags), *event.tags}])}


def _tags_removed(row: TicketHistoryRow, event: e.TicketTagsRemoved) -> dict[str, Any]:
    return {"tags": _tags_text([*{*loads(row.tags)}.difference(event.tags)])}


def _takes_new(column: str) -> Changed:
    return lambda row, event: {column: event.new}


def _becomes(column: str, value: bool) -> Changed:
    return lambda row, event: {column: value}


_CHANGES: Final[dict[type, Changed]] = {
    e.TicketStatusChanged: _status,
    e.TicketPriorityChanged: _priority,
    e.TicketAgentChanged: _takes_new("agent"),
    e.TicketTeamChanged: _takes_new("team"),
    e.TicketDepartmentChanged: _takes_new("department"),
    e.TicketContactChanged: _takes_new("contact_id"),
    e.TicketTagsAdded: _tags_added,
    e.TicketTagsRemoved: _tags_removed,
    e.TicketDeleted: _becomes("is_deleted", True),
    e.TicketRestored: _becomes("is_deleted", False),
    e.TicketArchived: _becomes("is_archived", True),
    e.TicketUnarchived: _becomes("is_archived", False),
}


def fold(rows: Mapping[Key, TicketHistoryRow], events: Sequence[Recorded]) -> Sequence[TicketHistoryRow]:
    """The rows that the events ended and began; an event that leaves all as it was makes none."""
    row = next(reversed(list(rows.values())), None) if rows else None
    made: list[TicketHistoryRow] = []
    for recorded in events:
        change = _CHANGES.get(type(recorded.event))
        if row is None:
            row = _begun(recorded)
            made.append(row)
            continue
        if change is None:
            raise Unfoldable(f"{recorded.name} stands inside a ticket's stream, where it cannot")
        changed = change(row, recorded.event)
        if all(getattr(row, name) == value for name, value in changed.items()):
            continue
        at, position = recorded.occurred_at, recorded.position
        ended = row._replace(valid_to=at, is_backward=at < row.valid_from, last_position=position)
        if made:
            made[-1] = ended
        else:
            made.append(ended)
        row = row._replace(seq=row.seq + 1, valid_from=at, first_position=position, **changed)
        made.append(row)
    return made


_FOLDS: Final = frozenset({e.TicketOpened, e.TicketImported, *_CHANGES})

TICKETS_HISTORY: Final = Projection(
    name="dim_tickets_history",
    version=1,
    row=TicketHistoryRow,
    key=("ticket_id", "seq"),
    fold=fold,
    folds=_FOLDS,
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
            e.TicketFieldChanged,
            e.TicketDueDateOverridden,
            e.TicketDueDateOverrideRemoved,
            e.TicketReplySent,
            e.TicketCustomerReplied,
            e.TicketCommentAdded,
            e.TicketCommentVisibilityChanged,
            e.TicketForwarded,
        }
    ),
)
