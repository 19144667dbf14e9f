"""A stream as an auditor reads it: who did what, when, by which rule and why, from the log alone (F-55, E-06).

The view of a ticket's history and the audit export are the same entries and the same lines, byte for byte. Personal
text is as the events have it: in clear, `erased` or `sealed`, as whoever read them may.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import Enum
from functools import cache
from json import JSONEncoder
from typing import Any, Final

from domain.recorded import Recorded

_line: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a history; the columns of the log with the event's content as plain JSON values."""

    position: int
    stream: str
    version: int
    name: str
    schema: int
    occurred_at: str
    recorded_at: str
    actor: str
    via: str
    judged_by: str
    command_id: str
    correlation_id: str
    cause: str
    """`stream@version` of the event that caused it; empty: the command itself."""
    rule: str
    """What produced it; empty: the command's own decision."""
    data: dict[str, Any]
    """The fields of the event, in the order in which they are stored."""

    @property
    def place(self) -> str:
        """The event as others name it for their cause."""
        return f"{self.stream}@{self.version}"


@cache
def _names(event_class: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(event_class))


def _plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case Mapping():
            return {str(key): _plain(held) for key, held in value.items()}
        case tuple() | list():
            return [_plain(held) for held in value]
        case _:
            return value


def entry(recorded: Recorded) -> Entry:
    """The entry of one event."""
    event: Any = recorded.event
    event_class: Any = type(event)
    return Entry(
        recorded.position,
        recorded.stream,
        recorded.version,
        recorded.name,
        recorded.schema,
        *recorded[4:13],
        data={name: _plain(getattr(event, name)) for name in _names(event_class)},
    )


def history(events: Iterable[Recorded]) -> list[Entry]:
    """The entries of these events, in order."""
    return [entry(recorded) for recorded in events]


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The audit export: one JSON object a line, without the line's end; equal to the history view (F-55)."""
    for one in entries:
        yield _line(asdict(one))
