"""What an event says, in one line for a person who asks why something happened.

No line repeats personal text (E-14): whoever may read it finds it in the history. Instants are shown to the second.
"""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from domain.durations import written
from domain.recorded import STORED_AS
from domain.values import FieldType, PersonalMark
from replay.instants import is_instant

_LONGEST: Final = 60

_WORDS: Final[Mapping[str, str]] = {
    "ticket.opened": "opened by {channel} in {department}, status {status} ({status_type}), priority {priority}",
    "ticket.imported": "imported from {source}: in {department}, status {status} ({status_type}), priority {priority}",
    "ticket.revision_noted": "row {ordinal} of {source} changed nothing that is tracked",
    "ticket.source_sla_changed": "the source says that its SLA is met: {new}",
    "ticket.subject_changed": "the subject became another",
    "ticket.description_changed": "the description became another",
    "ticket.contact_changed": "contact from {old} to {new}",
    "ticket.department_changed": "department from {old} to {new}",
    "ticket.field_changed": "field {field} from {old} to {new}",
    "ticket.tags_added": "tags added: {tags}",
    "ticket.tags_removed": "tags removed: {tags}",
    "ticket.due_date_overridden": "due date set by hand from {old} to {new}",
    "ticket.due_date_override_removed": "due date set by hand, {old}, taken back",
    "ticket.priority_changed": "priority from {old} to {new}",
    "ticket.status_changed": "status from {old_status} ({old_status_type}) to {new_status} ({new_status_type})",
    "ticket.agent_changed": "agent from {old} to {new}",
    "ticket.team_changed": "team from {old} to {new}",
    "ticket.reply_sent": "public reply sent, message {message}",
    "ticket.customer_replied": "customer replied, message {message}",
    "ticket.comment_added": "{visibility} comment added, message {message}",
    "ticket.comment_visibility_changed": "message {message} from {old} to {new}",
    "ticket.forwarded": "forwarded, message {message}",
    "ticket.deleted": "deleted, restorable until {restorable_until}",
    "ticket.restored": "restored",
    "ticket.archived": "archived",
    "ticket.unarchived": "taken out of the archive",
    "ticket.adopted": "came under our rules as number {number}",
    "blueprint.entered": "entered {blueprint}@{version} in state {state}, its limit ends {limit_due_at}",
    "blueprint.completed": "completed {blueprint}@{version} in state {state}",
    "blueprint.left": "left {blueprint}@{version} from state {state}: {reason}",
    "blueprint.revoked": "taken out of {blueprint}@{version} in state {state}: {reason}",
    "transition.performed": "{transition}: from state {from_state} to {to_state}, its limit ends {limit_due_at}",
    "state.forced": "forced from state {from_state} to {to_state}: {reason}",
    "state.limit_due_set": "the limit of state {state} ends {due_at}",
    "state.limit_violated": "the time allowed in state {state} was over at {due_at}",
    "sla.applied": "SLA policy {policy}@{version} applies, clocks count from {started_at}",
    "sla.released": "SLA policy {policy}@{version} applies no longer: {reason}",
    "verdict.contested": "claimed to be in time at {claimed_at}; the {clock} due {due_at} stays violated",
    "contact.registered": "contact registered",
    "contact.erased": "personal text erased, keys destroyed: {keys}",
    "status.defined": "status {status} defined, type {status_type}",
    "status.retired": "status {status} retired",
    "definition.drafted": "version {version} of {kind} {key} drafted",
    "definition.published": "version {version} of {kind} {key} published, valid from {valid_from}",
    "definition.retired": "{kind} {key} retired",
    "projection.retry_requested": "{ticket_id} to be folded again into {projection} from position {position}",
    "projection.position_skipped": "{projection} passes over position {position} of {ticket_id}: {reason}",
}
_OF_CLOCKS: Final[Mapping[str, str]] = {
    "due_set": "{clock} target {target_seconds} for priority {priority} from {started_at}, due {due_at}",
    "paused": "{clock} clock stopped, due {due_at} until then",
    "due_cleared": "the priority has no {clock} target",
    "met": "{clock} in time, before {due_at}",
    "violated": "{clock} target for priority {priority} violated, due {due_at}",
    "came_late": "{clock} came {late_seconds} late, due {due_at}",
}
"""The two clocks say the same of themselves."""
_NOTHING: Final[Mapping[str, str]] = {"limit_due_at": "never", "due_at": "never while it is paused"}
"""What stands for a field that has no value, where `none` would not do."""


def said(event: object) -> str:
    """What the event says."""
    event_class: Any = type(event)
    name = STORED_AS[event_class][0]
    values = {field: _plain(field, getattr(event, field)) for field in _open_fields(event_class)}
    subject, _, happened = name.partition(".")
    template = _WORDS.get(name)
    if template is None and subject in ("response", "resolution"):
        template, values["clock"] = _OF_CLOCKS.get(happened), subject
    if template is None:
        return ", ".join(f"{field} {value}" for field, value in values.items())
    return template.format(**values)


def plain(at: str) -> str:
    """An instant as people read it: UTC to the second."""
    return f"{at[:10]} {at[11:19]}Z"


@cache
def _open_fields(event_class: Any) -> tuple[str, ...]:
    """The fields that hold no personal text, and no whole document."""
    hints = get_type_hints(event_class, include_extras=True)
    names = (field.name for field in fields(event_class))
    return tuple(name for name in names if name != "document" and not _is_personal(hints[name]))


def _is_personal(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return any(isinstance(mark, PersonalMark) for mark in hint.__metadata__)
    return any(_is_personal(part) for part in get_args(hint))


def _plain(field: str, value: Any) -> str:
    match value:
        case None:
            return _NOTHING.get(field, "none")
        case bool():
            return "yes" if value else "no"
        case int() if field.endswith("_seconds"):
            return written(value)
        case Enum():
            return str(value.value)
        case (FieldType(), str() as text):
            return _cut(text)
        case Mapping():
            return ", ".join(value) or "none"
        case tuple() | list():
            return _cut(", ".join(str(one) for one in value)) or "none"
        case str() if is_instant(value):
            return plain(value)
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
