"""One row a ticket: the ticket as it stands, for lists, views and figures (F-42, F-43, F-51, F-52, F-60)."""

from collections.abc import Callable, Mapping, Sequence
from json import JSONEncoder, loads
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket import events as e
from domain.ticket import sla_events as s
from domain.values import Fields, StatusType
from projections.base import SEVERAL_PEOPLE, Column, Key, Projection, Skipped, Unfoldable, joined_people
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS


class TicketRow(NamedTuple):
    """One row a ticket, as it stands after its last event; deleted and archived tickets are kept and marked."""

    ticket_id: Annotated[str, Column("The ticket's id, as given when it was opened.")]
    number: Annotated[int | None, Column("Dense number of the ticket; null for an imported history.")]
    source: Annotated[str | None, Column("Mapping an imported history came from; null for a ticket of our own.")]
    channel: Annotated[str, Column("How the request came in: email, web, phone, chat, social, forum or other:NAME.")]
    subject: Annotated[str | None, Column("What it is about.", personal=True)]
    description: Annotated[str | None, Column("The request in full.", personal=True)]
    contact_id: Annotated[str | None, Column("The contact who asked.")]
    department: Annotated[str, Column("Department that answers for the ticket.")]
    priority: Annotated[str | None, Column("low, medium, high or urgent; an imported ticket keeps its source's word.")]
    status: Annotated[str, Column("Label of the status.")]
    status_type: Annotated[str, Column("What the status means to a clock: open, on_hold or closed.")]
    agent: Annotated[str | None, Column("Agent who owns the ticket; null: nobody.")]
    team: Annotated[str | None, Column("Team the ticket is with; null: none.")]
    due_at: Annotated[Instant | None, Column("Due date that a person set by hand.")]
    sla_policy: Annotated[str | None, Column("Key of the SLA policy that applies; null: none.")]
    tags: Annotated[str, Column("JSON array of the tags, sorted.")]
    fields: Annotated[str, Column("JSON object of the custom fields by name, each [type, text].")]
    created_at: Annotated[
        Instant | None, Column("When it was created: the source's word for an import, else opened_at.")
    ]
    opened_at: Annotated[Instant, Column("When its first event happened.")]
    closed_at: Annotated[Instant | None, Column("When it last became closed; null while it is not.")]
    last_event_at: Annotated[Instant, Column("When its last event happened.")]
    last_action_at: Annotated[
        Instant | None,
        Column(
            "When an agent, contact or service last did something that no rule made, a row of an import included; null "
            "where nobody has."
        ),
    ]
    exchanges: Annotated[int, Column("Replies sent and received; comments and forwards do not count.")]
    reopen_count: Annotated[int, Column("How often it went from a closed status to one that is not.")]
    team_change_count: Annotated[int, Column("How often the team changed, the first assignment included.")]
    is_source_sla_met: Annotated[bool | None, Column("The source's own word on its SLA; null where it has none.")]
    is_deleted: Annotated[bool, Column("Whether it is deleted; it can be restored for a while.")]
    is_archived: Annotated[bool, Column("Whether it is archived: read-only and out of views.")]
    person: Annotated[
        str | None,
        Column(
            "Subject key of the person whose text the row holds; two lines, of the subject and of the description, "
            "where they are of two people."
        ),
    ]
    version: Annotated[int, Column("Version of the ticket's stream that the row shows.")]
    position: Annotated[int, Column("Position in the log of the ticket's last event.")]


_PLACES: Final = {name: place for place, name in enumerate(TicketRow._fields)}
_NO_ROW: Final = (None,) * len(_PLACES)


class Draft(dict[str, Any]):
    """A row while events are folded into it: the columns that changed over the row before. It stays in this module."""

    __slots__ = ("_row",)

    def __init__(self, row: Sequence[Any] = _NO_ROW) -> None:
        self._row = row

    def __missing__(self, name: str) -> Any:
        return self._row[_PLACES[name]]

    def row(self) -> TicketRow:
        """The row with what changed."""
        values = list(self._row)
        for name, value in self.items():
            values[_PLACES[name]] = value
        return tuple.__new__(TicketRow, values)


Change: TypeAlias = Callable[[Draft, Any, Recorded], None]

# Written piece by piece: an encoder is made anew for each whole document, and costs more than the document.
_quoted: Final = JSONEncoder(ensure_ascii=False).encode


def _begun(event: e.TicketOpened | e.TicketImported, recorded: Recorded, **origin: object) -> Draft:
    at = recorded.occurred_at
    begun = Draft()
    begun.update(
        ticket_id=recorded.stream.partition(":")[2],
        channel=event.channel,
        subject=event.subject,
        description=event.description,
        contact_id=event.contact_id,
        department=event.department,
        priority=None if event.priority is None else str(event.priority),
        status=event.status,
        status_type=event.status_type.value,
        tags=_tags_text(event.tags),
        fields=_fields_text(event.fields),
        opened_at=at,
        closed_at=at if event.status_type is StatusType.CLOSED else None,
        exchanges=0,
        reopen_count=0,
        team_change_count=0,
        is_deleted=False,
        is_archived=False,
        version=0,
        **origin,
    )
    _own_texts(begun, recorded.person, recorded.person)
    return begun


def _begin(recorded: Recorded) -> Draft:
    event = recorded.event
    match event:
        case e.TicketOpened():
            return _begun(event, recorded, number=event.number, created_at=recorded.occurred_at)
        case e.TicketImported():
            return _begun(
                event,
                recorded,
                source=event.source,
                created_at=event.created_at,
                agent=event.agent,
                team=event.team,
                is_source_sla_met=event.source_sla_met,
            )
        case Skipped():
            raise Unfoldable("a ticket has no row without the event that its stream begins with")
        case _:
            raise Unfoldable(f"a ticket's stream begins with its opening or its import, not with {recorded.name}")


def _tags_text(tags: Sequence[str]) -> str:
    return f"[{','.join(map(_quoted, sorted(tags)))}]"


def _fields_text(fields: Fields) -> str:
    pairs = [f"{_quoted(name)}:[{_quoted(kind)},{_quoted(text)}]" for name, (kind, text) in sorted(fields.items())]
    return f"{{{','.join(pairs)}}}"


def _own_texts(draft: Draft, of_subject: str | None, of_description: str | None) -> None:
    texts = ((draft["subject"], of_subject), (draft["description"], of_description))
    draft["person"] = joined_people([person or "" for text, person in texts if text is not None])


def _people(draft: Draft) -> tuple[str | None, str | None]:
    first, parted, second = (draft["person"] or "").partition(SEVERAL_PEOPLE)
    return first, second if parted else first


def _subject_changed(draft: Draft, event: e.TicketSubjectChanged, recorded: Recorded) -> None:
    draft["subject"] = event.new
    _own_texts(draft, recorded.person, _people(draft)[1])


def _description_changed(draft: Draft, event: e.TicketDescriptionChanged, recorded: Recorded) -> None:
    draft["description"] = event.new
    _own_texts(draft, _people(draft)[0], recorded.person)


def _status_changed(draft: Draft, event: e.TicketStatusChanged, recorded: Recorded) -> None:
    was_closed = draft["status_type"] == StatusType.CLOSED
    is_closed = event.new_status_type is StatusType.CLOSED
    draft["status"] = event.new_status
    draft["status_type"] = event.new_status_type.value
    if not is_closed:
        draft["closed_at"] = None
        draft["reopen_count"] += was_closed
    elif not was_closed:
        draft["closed_at"] = recorded.occurred_at


def _priority_changed(draft: Draft, event: e.TicketPriorityChanged, recorded: Recorded) -> None:
    draft["priority"] = str(event.new)


def _team_changed(draft: Draft, event: e.TicketTeamChanged, recorded: Recorded) -> None:
    draft["team"] = event.new
    draft["team_change_count"] += 1


def _field_changed(draft: Draft, event: e.TicketFieldChanged, recorded: Recorded) -> None:
    fields = loads(draft["fields"])
    if event.new is None:
        fields.pop(event.field, None)
    else:
        fields[event.field] = event.new
    draft["fields"] = _fields_text(fields)


def _tags_added(draft: Draft, event: e.TicketTagsAdded, recorded: Recorded) -> None:
    draft["tags"] = _tags_text([*{*loads(draft["tags"]), *event.tags}])


def _tags_removed(draft: Draft, event: e.TicketTagsRemoved, recorded: Recorded) -> None:
    draft["tags"] = _tags_text([*{*loads(draft["tags"])}.difference(event.tags)])


def _adopted(draft: Draft, event: e.TicketAdopted, recorded: Recorded) -> None:
    draft["number"] = event.number


def _exchanged(draft: Draft, event: e.TicketReplySent | e.TicketCustomerReplied, recorded: Recorded) -> None:
    draft["exchanges"] += 1


def _takes_new(column: str) -> Change:
    def change(draft: Draft, event: Any, recorded: Recorded) -> None:
        draft[column] = event.new

    return change


def _becomes(column: str, value: bool | None) -> Change:
    def change(draft: Draft, event: Any, recorded: Recorded) -> None:
        draft[column] = value

    return change


def _only_passes(draft: Draft, event: Any, recorded: Recorded) -> None:
    """The row tells its last event, so an event that changes nothing else is folded too."""


def _policy_applied(draft: Draft, event: s.SlaApplied, recorded: Recorded) -> None:
    draft["sla_policy"] = event.policy


_CHANGES: Final[dict[type, Change]] = {
    **dict.fromkeys({*BLUEPRINT_EVENTS, *SLA_EVENTS, Skipped}, _only_passes),
    s.SlaApplied: _policy_applied,
    s.SlaReleased: _becomes("sla_policy", None),
    e.TicketAdopted: _adopted,
    e.TicketRevisionNoted: _only_passes,
    e.TicketSourceSlaChanged: _takes_new("is_source_sla_met"),
    e.TicketSubjectChanged: _subject_changed,
    e.TicketDescriptionChanged: _description_changed,
    e.TicketContactChanged: _takes_new("contact_id"),
    e.TicketDepartmentChanged: _takes_new("department"),
    e.TicketFieldChanged: _field_changed,
    e.TicketTagsAdded: _tags_added,
    e.TicketTagsRemoved: _tags_removed,
    e.TicketDueDateOverridden: _takes_new("due_at"),
    e.TicketDueDateOverrideRemoved: _becomes("due_at", None),
    e.TicketPriorityChanged: _priority_changed,
    e.TicketStatusChanged: _status_changed,
    e.TicketAgentChanged: _takes_new("agent"),
    e.TicketTeamChanged: _team_changed,
    e.TicketReplySent: _exchanged,
    e.TicketCustomerReplied: _exchanged,
    e.TicketCommentAdded: _only_passes,
    e.TicketCommentVisibilityChanged: _only_passes,
    e.TicketForwarded: _only_passes,
    e.TicketDeleted: _becomes("is_deleted", True),
    e.TicketRestored: _becomes("is_deleted", False),
    e.TicketArchived: _becomes("is_archived", True),
    e.TicketUnarchived: _becomes("is_archived", False),
}


def _last_action_at(events: Sequence[Recorded], before: Instant | None) -> Instant | None:
    """When somebody last did something: no rule, and not the system, but for what it tells of a source (F-70)."""
    for recorded in reversed(events):
        if not recorded.rule and (recorded.actor != "system" or recorded.via.startswith("import:")):
            return recorded.occurred_at
    return before


def fold(rows: Mapping[Key, TicketRow], events: Sequence[Recorded]) -> Sequence[TicketRow]:
    """The ticket's row after its next events; Unfoldable where they do not follow on what the row shows."""
    row = next(iter(rows.values()), None)
    following = iter(events)
    if row is None:
        first = next(following)
        draft, version = _begin(first), first.version
        if version != 1:
            raise Unfoldable(f"{first.name} begins the ticket and has version {version}, not 1")
        last = first
    else:
        draft, version, last = Draft(row), row.version, events[-1]
    for recorded in following:
        version += 1
        change = _CHANGES.get(type(recorded.event))
        if change is None:
            raise Unfoldable(f"{recorded.name} stands inside a ticket's stream, where it cannot")
        if recorded.version != version:
            raise Unfoldable(f"{recorded.name} has version {recorded.version} where {version} follows")
        change(draft, recorded.event, recorded)
        last = recorded
    draft["last_action_at"] = _last_action_at(events, draft["last_action_at"])
    draft["last_event_at"], draft["version"], draft["position"] = last.occurred_at, version, last.position
    return [draft.row()]


TICKETS: Final = Projection(
    name="dim_tickets",
    version=3,
    row=TicketRow,
    key=("ticket_id",),
    fold=fold,
    folds=frozenset({e.TicketOpened, e.TicketImported, *_CHANGES} - {Skipped}),
    ignores=OTHER_STREAMS,
    inline=True,
    marks_skipped=True,
)
