"""The shape every command shares: frozen, nothing unknown, ids and texts that are safe to keep for ever.

A command is a message plus one line that names the decision it asks for (`decide`); there are no handler classes.
"""

from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from domain.contacts import Contact
from domain.definitions import NO_DEFINITIONS, Definitions, History
from domain.instant import Instant, parse_instant
from domain.statuses import Statuses
from domain.ticket.state import Ticket
from domain.values import CHANNELS


def _instant(text: str) -> Instant:
    return parse_instant(text)


def _of_an_id(actor: str) -> str:
    if len(actor) - actor.find(":") > 129:
        raise ValueError("an actor's id has at most 128 characters")
    return actor


def storable(text: str) -> str:
    """The text where the log can keep it; ValueError for a NUL or an unpaired surrogate (design section 4)."""
    if "\x00" in text:
        raise ValueError("a text must not hold a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text must not hold an unpaired surrogate") from None
    return text


# Patterns run inside pydantic; a function of ours for each of five ids would cost more than parsing does.
_PRINTABLE: Final = r"^(?:[^\p{C}\p{Z}]| )*$"
_ACTOR: Final = r"^(?:system|(?:agent|contact|service):(?:[^\p{C}\p{Z}]| )+)$"
_CHANNEL: Final = rf"^(?:{'|'.join(CHANNELS)}|other:(?:[^\p{{C}}\p{{Z}}]| )+)$"
EXPECTED: Final = {
    _PRINTABLE: "an id or a name holds printable characters only",
    _ACTOR: "an actor is system, agent:ID, contact:ID or service:ID",
    _CHANNEL: f"a channel is one of {', '.join(CHANNELS)}, or other:NAME",
}
"""What a person reads where a text does not match one of the patterns."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_PRINTABLE)]
"""1 to 128 printable characters, kept as given."""
Label = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_PRINTABLE)]
"""A name that people gave: a department, a team, a status, a tag, a field."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(storable)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000_000), AfterValidator(storable)]
Actor = Annotated[str, StringConstraints(max_length=136, pattern=_ACTOR), AfterValidator(_of_an_id)]
"""`agent:ID`, `contact:ID`, `service:ID` or `system`."""
Moment = Annotated[str, AfterValidator(_instant)]
"""ISO 8601 with an offset or `Z`; kept as UTC."""
ChannelName = Annotated[str, StringConstraints(max_length=128, pattern=_CHANNEL)]


_NOT_CONTENT: Final = {"issued_at", "correlation_id"}


class World(NamedTuple):
    """What a decision may look at beside the command: the aggregate it is about and what the bus looked up for it."""

    ticket: Ticket | None
    contact: Contact
    statuses: Statuses
    at: Instant
    """When the command happens."""
    next_number: int = 0
    """The number a ticket opened now would get; only for a command that `opens`."""
    message_taken_by: str | None = None
    """The stream that took the command's message key in before."""
    tickets_in_status: int = 0
    """How many tickets are in the command's status, its `counted_status`, or can come into it by their blueprint."""
    keys: tuple[str, ...] = ()
    """The keys that exist for the contact; only for a command that `erases`."""
    definition: History | None = None
    """The definition that the command is about."""
    definitions: Definitions = NO_DEFINITIONS
    """Every definition, as it stands for this command from its first check to its last consequence."""


class Message(BaseModel):
    """What every command carries."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, hide_input_in_errors=True)

    KIND: ClassVar[str] = "ticket"
    """The kind of stream it is decided on: ticket, contact, definition or projection."""
    senders: ClassVar[frozenset[str]] = frozenset({"agent", "service", "system"})
    """The kinds of actor that may send it (F-36)."""
    clearable: ClassVar[tuple[str, ...]] = ()
    """Fields in which a null is not the same as leaving the field out."""
    opens: ClassVar[bool] = False
    """Whether it draws a ticket number."""
    may_claim: ClassVar[bool] = True
    """Whether it may claim an instant in the past, with the right to; what judges others may not."""
    lapses: ClassVar[bool] = False
    """Whether it records what time alone caused though it asks for nothing else."""
    erases: ClassVar[bool] = False

    command_id: Id
    actor: Actor
    issued_at: Moment | None = None
    expected_version: Annotated[int, Field(ge=0)] | None = None
    correlation_id: Id | None = None
    occurred_at: Moment | None = None

    @property
    def command_name(self) -> str:
        """The command's name on the wire."""
        return type(self).__name__

    @property
    def stream(self) -> str:
        """The stream the command is decided on."""
        raise AttributeError(f"{self.command_name} names no stream")

    @property
    def counted_status(self) -> str | None:
        """The status whose tickets the decision must know the number of."""
        return None

    @property
    def taken_message(self) -> str | None:
        """The key of the message it takes in, so that one delivered twice is taken in once (F-02)."""
        return None

    def decide(self, world: World) -> Any:
        """The events that follow, or Refused; one line that names the decision."""
        raise AttributeError(f"{self.command_name} names no decision")

    def digest(self) -> bytes:
        """SHA-256 over the canonical command: what it asks for, not when or in which conversation it was sent.

        Defaults are left out, so spelling one out is the same command; a null that clears is not a default and stays.
        """
        # Leaving fields out costs more than most commands are worth, and most have neither.
        left_out = _NOT_CONTENT if self.issued_at is not None or self.correlation_id is not None else None
        canonical = self.__pydantic_serializer__.to_json(self, exclude=left_out, exclude_defaults=True)
        cleared = b""
        if clearable := self.clearable:
            given, content = self.model_fields_set, self.__dict__
            names = [name for name in clearable if content[name] is None and name in given]
            cleared = " ".join(names).encode()
        return sha256(b"%s %s %s" % (type(self).__name__.encode(), canonical, cleared)).digest()
