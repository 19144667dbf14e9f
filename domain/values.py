"""The small words every module shares: channels, status types, priorities, field values, personal text, streams."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, TypeAlias


class StatusType(StrEnum):
    """What a status means to a clock, whatever its label says (features 2.1)."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Priority(StrEnum):
    """How urgent a ticket is, lowest first (F-48)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Visibility(StrEnum):
    """Who may read a message: the customer too, or colleagues only (F-58)."""

    PUBLIC = "public"
    PRIVATE = "private"


class FieldType(StrEnum):
    """The type beside a custom field's text; the text is what is stored."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    INSTANT = "instant"


class PersonalMark:
    """Marks an event field whose text belongs to a person and is sealed before it is stored (E-14)."""


Personal: TypeAlias = Annotated[str, PersonalMark()]
FieldValue: TypeAlias = tuple[FieldType, str]
Fields: TypeAlias = Mapping[str, FieldValue]

CHANNELS: Final = ("email", "web", "phone", "chat", "social", "forum")
"""The intake channels (F-01); any other is written `other:name`."""

ERASED: Final = "erased"
"""What a personal field reads after the person was erased (E-14)."""
SEALED: Final = "sealed"
"""What a personal field reads for whoever does not hold the key."""


def is_channel(text: str) -> bool:
    """Whether the text names an intake channel (F-01)."""
    return text in CHANNELS or (text.startswith("other:") and len(text) > len("other:"))


def ticket_stream(ticket_id: str) -> str:
    """The stream of a ticket."""
    return "ticket:" + ticket_id


def contact_stream(contact_id: str) -> str:
    """The stream of a contact, also the subject that the contact's personal text is sealed under."""
    return "contact:" + contact_id


def id_in(stream: str) -> str:
    """The id behind a stream's kind."""
    return stream.partition(":")[2]
