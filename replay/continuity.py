"""Whether each event follows on those before it in its stream: the fold of a verification.

Every event tells old and new value, so a history that was stitched together contradicts itself where it was. Only what
events contradict is kept of a stream, and personal text is not, so a million events fold in little memory. It accepts
whatever the decisions of `domain` can have recorded, and changes with them.
"""

from collections.abc import Callable
from sys import intern
from typing import Any, Final, TypeAlias

from domain.statuses import BUILT_IN
from domain.values import FieldValue, StatusType, Visibility


class Course:
    """What one stream has come to, as far as its next event can contradict it."""

    __slots__ = (
        "agent",
        "blueprint",
        "comments",
        "contact_id",
        "department",
        "drafts",
        "due_at",
        "fields",
        "is_archived",
        "is_deleted",
        "is_imported",
        "is_registered",
        "kind",
        "messages",
        "priority",
        "sla",
        "source_sla_met",
        "status",
        "status_type",
        "statuses",
        "tags",
        "team",
        "version",
    )

    agent: str | None
    blueprint: tuple[str, int, str] | None
    """Blueprint, version and state that a ticket is in."""
    comments: dict[int, Visibility] | None
    contact_id: str | None
    department: str
    due_at: str | None
    fields: tuple[tuple[str, FieldValue], ...]
    """Pairs, which take a third of what a mapping takes."""
    is_archived: bool
    is_deleted: bool
    is_imported: bool
    """Whether it came from a source and was not adopted."""
    messages: int
    priority: str | None
    sla: tuple[str, int] | None
    """Policy and version that a ticket's clocks run under."""
    source_sla_met: bool | None
    status: str
    status_type: StatusType
    tags: tuple[str, ...]
    team: str | None

    def __init__(self) -> None:
        self.version = 0
        self.kind: str | None = None
        """What the names of its streams begin with; None before its first event."""
        self.is_registered = False
        self.statuses: dict[str, StatusType] | None = None
        self.drafts = 0
        """How many versions of a definition there are."""


Step: TypeAlias = Callable[[Course, Any], str | None]
"""Takes one event into a course; says what contradicts, or None."""


def _shared(text: str | None) -> str | None:
    return None if text is None else intern(text)


def _begin(course: Course, event: Any) -> str | None:
    again = course.version > 1
    course.contact_id = event.contact_id
    course.department = intern(event.department)
    course.priority = _shared(event.priority)
    course.status = intern(event.status)
    course.status_type = event.status_type
    course.fields = tuple(event.fields.items()) if event.fields else ()
    course.tags = tuple(map(intern, event.tags)) if event.tags else ()
    course.source_sla_met = course.agent = course.team = course.due_at = course.comments = None
    course.blueprint = course.sla = None
    course.messages = 0
    course.is_deleted = course.is_archived = course.is_imported = False
    return "a ticket is opened or imported once, at the beginning of its stream" if again else None


def _imported(course: Course, event: Any) -> str | None:
    fault = _begin(course, event)
    course.agent, course.team = _shared(event.agent), _shared(event.team)
    course.source_sla_met = event.source_sla_met
    course.is_imported = True
    return fault


def _moves(slot: str, word: str) -> Step:
    def step(course: Course, event: Any) -> str | None:
        before, new = getattr(course, slot), event.new
        setattr(course, slot, intern(new) if new.__class__ is str else new)
        return None if event.old == before else f"it changes the {word} {event.old!r}, which was {before!r}"

    return step


def _status_changed(course: Course, event: Any) -> str | None:
    before = (course.status, course.status_type)
    course.status, course.status_type = intern(event.new_status), event.new_status_type
    old = (event.old_status, event.old_status_type)
    return None if old == before else f"it changes the status {old[0]!r}, which was {before[0]!r}"


def _field_changed(course: Course, event: Any) -> str | None:
    before = next((value for name, value in course.fields if name == event.field), None)
    kept = tuple(pair for pair in course.fields if pair[0] != event.field)
    course.fields = kept if event.new is None else (*kept, (event.field, event.new))
    return None if event.old == before else f"it changes {event.field} from {event.old!r}, and it was {before!r}"


def _tags_added(course: Course, event: Any) -> str | None:
    twice = [tag for tag in event.tags if tag in course.tags]
    course.tags = (*course.tags, *event.tags)
    return f"it adds the tag {twice[0]!r}, which was there" if twice else None


def _tags_removed(course: Course, event: Any) -> str | None:
    absent = [tag for tag in event.tags if tag not in course.tags]
    course.tags = tuple(tag for tag in course.tags if tag not in event.tags)
    return f"it removes the tag {absent[0]!r}, which was not there" if absent else None


def _due_date_removed(course: Course, event: Any) -> str | None:
    before, course.due_at = course.due_at, None
    return None if event.old == before else f"it removes the due date {event.old}, which was {before}"


def _message(course: Course, event: Any) -> str | None:
    following = course.messages + 1
    course.messages = event.message
    return None if event.message == following else f"it is message {event.message} where {following} follows"


def _commented(course: Course, event: Any) -> str | None:
    if course.comments is None:
        course.comments = {}
    course.comments[event.message] = event.visibility
    return _message(course, event)


def _comment_shown(course: Course, event: Any) -> str | None:
    before = None if course.comments is None else course.comments.get(event.message)
    if before is None or course.comments is None:
        return f"message {event.message} is no comment"
    course.comments[event.message] = event.new
    return None if event.old is before else f"comment {event.message} was {before} already"


def _becomes(slot: str, value: bool, word: str) -> Step:
    def step(course: Course, event: Any) -> str | None:
        before = getattr(course, slot)
        setattr(course, slot, value)
        return f"the ticket {'was' if value else 'was not'} {word}" if before is value else None

    return step


def _nothing(course: Course, event: Any) -> str | None:
    return None


# Blueprints and clocks


def _entered(course: Course, event: Any) -> str | None:
    before, course.blueprint = course.blueprint, (intern(event.blueprint), event.version, intern(event.state))
    return None if before is None else f"the ticket was in the blueprint {before[0]}@{before[1]} already"


def _in_state(course: Course, blueprint: str, version: int, state: str) -> str | None:
    before = course.blueprint
    if before == (blueprint, version, state):
        return None
    was = "in no blueprint" if before is None else f"in {before[2]!r} of {before[0]}@{before[1]}"
    return f"it is about {state!r} of {blueprint}@{version}, and the ticket was {was}"


def _moved_on(course: Course, event: Any) -> str | None:
    fault = _in_state(course, event.blueprint, event.version, event.from_state)
    course.blueprint = (intern(event.blueprint), event.version, intern(event.to_state))
    return fault


def _stayed(course: Course, event: Any) -> str | None:
    return _in_state(course, event.blueprint, event.version, event.state)


def _left(course: Course, event: Any) -> str | None:
    fault, course.blueprint = _stayed(course, event), None
    return fault


def _sla_applied(course: Course, event: Any) -> str | None:
    course.sla = (intern(event.policy), event.version)
    return None


def _clock(course: Course, event: Any) -> str | None:
    before = course.sla
    if before == (event.policy, event.version):
        return None
    was = "none" if before is None else f"{before[0]}@{before[1]}"
    return f"it is of the policy {event.policy}@{event.version}, and the ticket's was {was}"


def _sla_released(course: Course, event: Any) -> str | None:
    fault, course.sla = _clock(course, event), None
    return fault


# Other streams


def _adopted(course: Course, event: Any) -> str | None:
    could, course.is_imported = course.is_imported, False
    return None if could else "the ticket was not imported, or was adopted already"


def _drafted(course: Course, event: Any) -> str | None:
    following = course.drafts + 1
    course.drafts = event.version
    return None if event.version == following else f"it is version {event.version} where {following} follows"


def _published(course: Course, event: Any) -> str | None:
    return None if 1 <= event.version <= course.drafts else f"there was no version {event.version} to publish"


def _retired(course: Course, event: Any) -> str | None:
    return None if course.drafts else "there was no version to retire"


def _registered(course: Course, event: Any) -> str | None:
    again, course.is_registered = course.is_registered, True
    return "a contact is registered once" if again else None


def _status_defined(course: Course, event: Any) -> str | None:
    statuses = course.statuses = course.statuses or dict(BUILT_IN.types)
    known = event.status in statuses
    statuses[event.status] = event.status_type
    return f"the status {event.status!r} was defined already" if known else None


def _status_retired(course: Course, event: Any) -> str | None:
    statuses = course.statuses = course.statuses or dict(BUILT_IN.types)
    known = statuses.pop(event.status, None)
    return None if known else f"there was no status {event.status!r} to retire"


BEGINNINGS: Final = frozenset({"ticket.opened", "ticket.imported"})
"""What a ticket's stream begins with; other kinds of streams begin with any of their events."""

STEPS: Final[dict[str, Step]] = {
    "ticket.opened": _begin,
    "ticket.imported": _imported,
    "ticket.revision_noted": _nothing,
    "ticket.source_sla_changed": _moves("source_sla_met", "source's word"),
    "ticket.subject_changed": _nothing,
    "ticket.description_changed": _nothing,
    "ticket.contact_changed": _moves("contact_id", "contact"),
    "ticket.department_changed": _moves("department", "department"),
    "ticket.field_changed": _field_changed,
    "ticket.tags_added": _tags_added,
    "ticket.tags_removed": _tags_removed,
    "ticket.due_date_overridden": _moves("due_at", "due date"),
    "ticket.due_date_override_removed": _due_date_removed,
    "ticket.priority_changed": _moves("priority", "priority"),
    "ticket.status_changed": _status_changed,
    "ticket.agent_changed": _moves("agent", "agent"),
    "ticket.team_changed": _moves("team", "team"),
    "ticket.reply_sent": _message,
    "ticket.customer_replied": _message,
    "ticket.comment_added": _commented,
    "ticket.comment_visibility_changed": _comment_shown,
    "ticket.forwarded": _message,
    "ticket.deleted": _becomes("is_deleted", True, "deleted"),
    "ticket.restored": _becomes("is_deleted", False, "deleted"),
    "ticket.archived": _becomes("is_archived", True, "archived"),
    "ticket.unarchived": _becomes("is_archived", False, "archived"),
    "ticket.adopted": _adopted,
    "blueprint.entered": _entered,
    "blueprint.completed": _left,
    "blueprint.left": _left,
    "blueprint.revoked": _left,
    "transition.performed": _moved_on,
    "state.forced": _moved_on,
    "state.limit_due_set": _stayed,
    "state.limit_violated": _stayed,
    "sla.applied": _sla_applied,
    "sla.released": _sla_released,
    "response.due_set": _clock,
    "response.paused": _clock,
    "response.due_cleared": _clock,
    "response.met": _clock,
    "response.violated": _clock,
    "response.came_late": _clock,
    "resolution.due_set": _clock,
    "resolution.paused": _clock,
    "resolution.due_cleared": _clock,
    "resolution.met": _clock,
    "resolution.violated": _clock,
    "resolution.came_late": _clock,
    "verdict.contested": _nothing,
    "contact.registered": _registered,
    "contact.erased": _nothing,
    "status.defined": _status_defined,
    "status.retired": _status_retired,
    "definition.drafted": _drafted,
    "definition.published": _published,
    "definition.retired": _retired,
    "projection.retry_requested": _nothing,
    "projection.position_skipped": _nothing,
}
"""What each stored name does to the course of its stream."""

_OF_TICKETS: Final = ("ticket", "blueprint", "transition", "state", "sla", "response", "resolution", "verdict")
KINDS: Final = {
    **dict.fromkeys(_OF_TICKETS, "ticket:"),
    "contact": "contact:",
    "status": "definition:status:",
    "definition": "definition:",
    "projection": "projection:",
}
"""What the name of a stream begins with, by the first word of the names of its events."""
