"""What a recorded fact is: a permanent name for its content, and the envelope that gives it a place and a cause.

Events themselves are plain frozen dataclasses in the module of their subject. `stored` gives one its stored name, which
is not a Python path and never changes; classes may move freely.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

from domain.instant import Instant

Event = TypeVar("Event")

EVENT_CLASSES: Final[dict[tuple[str, int], type]] = {}
"""Every event class that can be stored, by permanent name and schema version."""
STORED_AS: Final[dict[type, tuple[str, int]]] = {}
"""The permanent name and schema version that a class is stored under."""

UPCASTERS: Final[dict[type, Callable[[Any], object]]] = {}
"""How an event of an old schema becomes one of the next, by the old class; applied until none is left (E-11)."""


def stored(name: str, schema: int) -> Callable[[type[Event]], type[Event]]:
    """Give an event class its permanent stored name and schema version (design section 3)."""

    def register(cls: type[Event]) -> type[Event]:
        if (name, schema) in EVENT_CLASSES:
            raise ValueError(f"{name} {schema} is the stored name of {EVENT_CLASSES[name, schema].__name__} already")
        EVENT_CLASSES[name, schema] = cls
        STORED_AS[cls] = (name, schema)
        return cls

    return register


class Recorded(NamedTuple):
    """One event of the log with its envelope, the columns of design section 3 beside the event itself.

    A named tuple, because one is made for every row that is replayed and a frozen dataclass takes six times as long.
    """

    position: int
    """Gapless place in the log, from 1; commit order."""
    stream: str
    """The aggregate, `ticket:ID`."""
    version: int
    """Gapless place in the stream, from 1."""
    event: object
    """The typed event; personal text in clear, `erased` or `sealed`."""
    occurred_at: Instant
    """When it happened."""
    recorded_at: Instant
    """When the log took it; never decreases with position."""
    actor: str
    """Who: `agent:ana`, `contact:7`, `service:billing`, `system`."""
    via: str
    """The door and the principal it authenticated: `cli:ops`, `import:uci_incident@1`."""
    judged_by: str
    """The profile version, or the right, that allowed it; empty where none was asked."""
    command_id: str
    """The command that led to it."""
    correlation_id: str
    """The conversation it belongs to; the command's own id where none was given."""
    cause: str
    """`stream@version` of the event that caused it; empty: the command itself."""
    rule: str
    """The definition version that produced it; empty: the command's own decision."""
    person: str | None = None
    """The subject whose key seals the personal fields; None where the event has none."""

    @property
    def name(self) -> str:
        """The permanent stored name of the event."""
        return STORED_AS[type(self.event)][0]

    @property
    def schema(self) -> int:
        """The schema version the event's class is stored under today."""
        return STORED_AS[type(self.event)][1]


class Fact(NamedTuple):
    """An event that was decided and not yet recorded: all of its envelope but the places and `recorded_at`."""

    stream: str
    version: int
    event: object
    occurred_at: Instant
    person: str
    """The subject whose key would seal its personal fields."""
    former_person: str
    """The subject of a personal field `old`, which may be another one."""
    judged_by: str = ""
    cause: str = ""
    rule: str = ""
    claims: tuple[tuple[str, str], ...] = ()
    """Unique keys taken with this event, as (kind, key)."""
    actor: str = ""
    """Who, where it is not the actor of the command: what time alone caused was done by `system`."""


class Consequence(NamedTuple):
    """In the list of a decision: an event that another one caused, not the command itself (E-06)."""

    event: Any
    rule: str
    """What produced it, `built_in:NAME@VERSION` for a rule that no definition holds."""
    of: int | None = None
    """Place of its cause among the events of the command, from 0; None: the one before it."""
