"""What a condition may ask about: the fields of a ticket by name and kind, and the subject that holds their values."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from domain.instant import Instant


class FieldKind(StrEnum):
    """What kind of value a field holds; it decides which operators there are."""

    LABEL = "label"
    """A word that stands for something: str."""
    TEXT = "text"
    """What people wrote: str. It belongs to a person, so no sentence repeats it: refusals are kept for ever (E-14)."""
    NUMBER = "number"
    """int, or a finite Decimal."""
    INSTANT = "instant"
    """An Instant."""
    BOOLEAN = "boolean"
    """bool."""
    SET = "set"
    """A tuple, list, set or frozenset of str."""
    CUSTOM = "custom"
    """A custom field: a pair of its type and its text, FieldValue or the list that JSON makes of it."""


FIELDS: Final[Mapping[str, FieldKind]] = MappingProxyType(
    dict.fromkeys(
        (
            "channel",
            "contact_id",
            "department",
            "priority",
            "status",
            "status_type",
            "agent",
            "team",
            "source",
            "blueprint",
            "state",
            "sla_policy",
        ),
        FieldKind.LABEL,
    )
    | dict.fromkeys(("subject", "description"), FieldKind.TEXT)
    | dict.fromkeys(("number", "exchanges", "reopen_count", "team_change_count", "version"), FieldKind.NUMBER)
    | dict.fromkeys(
        (
            "opened_at",
            "created_at",
            "closed_at",
            "due_at",
            "last_event_at",
            "last_action_at",
            "response_due_at",
            "resolution_due_at",
            "state_entered_at",
            "state_limit_due_at",
        ),
        FieldKind.INSTANT,
    )
    | dict.fromkeys(
        ("is_deleted", "is_archived", "is_imported", "is_overdue", "is_response_violated", "is_resolution_violated"),
        FieldKind.BOOLEAN,
    )
    | {"tags": FieldKind.SET}
)
"""The fields of a ticket, and the kind of each. Custom fields come beside them as `fields.NAME`."""

CUSTOM: Final = "fields."
"""What the name of a custom field begins with in a condition."""

_LONGEST_NAME: Final = 128


def kind_of(field: str) -> FieldKind | None:
    """The kind of a field, `FieldKind.CUSTOM` for `fields.NAME`; None where there is no such field."""
    if field.startswith(CUSTOM):
        name = field.removeprefix(CUSTOM)
        return FieldKind.CUSTOM if 0 < len(name) <= _LONGEST_NAME and name.isprintable() else None
    return FIELDS.get(field)


class Subject(Protocol):
    """What a condition is asked about: the values of a ticket at one instant.

    Values have the Python types that FieldKind names; a value of any other type is none that a condition matches, and
    no error. Only the fields in `Condition.fields` are asked for, any number of times.
    """

    @property
    def at(self) -> Instant:
        """Now: what `older_than` and `newer_than` count back from."""

    @property
    def value(self) -> Callable[[str], object]:
        """The value of a field now; None where it has none."""

    @property
    def before(self) -> Callable[[str], object]:
        """The value of a field before the change; None for every field at the opening."""


def _nothing(_: str) -> None:
    return None


class TicketFacts(NamedTuple):
    """A subject whose values come from two functions, the `get` of a mapping for one.

    A named tuple of functions, because a view makes one a ticket and asks it a few times: `holds` calls the mapping's
    own `get` without a step between. Only the fields in `Condition.fields` need be there.
    """

    value: Callable[[str], object]
    before: Callable[[str], object]
    at: Instant

    @classmethod
    def of(cls, now: Mapping[str, object], before: Mapping[str, object] | None, at: Instant) -> "TicketFacts":
        """The subject of plain mappings; a field that is missing is empty. `before` None: nothing was before."""
        return cls(now.get, _nothing if before is None else before.get, at)
