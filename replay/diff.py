"""A ticket at two viewpoints: what differs, and the events that made it so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.recorded import Recorded
from domain.ticket.state import Ticket
from replay.history import Entry, history
from replay.time_travel import Viewpoint, seen_from, ticket_at

_NOT_SHOWN: Final = {"subject_of", "description_of"}
"""Whose keys seal the texts: no property of the ticket."""
_NAMES: Final = tuple(name for name in Ticket._fields if name not in _NOT_SHOWN)


@dataclass(frozen=True, slots=True)
class Change:
    """One property that differs; None where there is no value, or no ticket yet."""

    field: str
    """The property; of a custom field `fields.NAME`."""
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a ticket between two viewpoints."""

    changes: Sequence[Change]
    events: Sequence[Entry]
    """The events that only the viewpoint of more events sees, in order."""


def diff(stream: Sequence[Recorded], before: Viewpoint, after: Viewpoint) -> Difference:
    """How a ticket differs between two viewpoints; `stream` is its whole history in order.

    A viewpoint sees a prefix of one stream, so the events between are those that the longer of the two has more.
    """
    first, second = list(seen_from(stream, before)), list(seen_from(stream, after))
    shorter, longer = sorted((first, second), key=len)
    changes = [*_changes(_values(ticket_at(first)), _values(ticket_at(second)))]
    return Difference(changes, history(longer[len(shorter) :]))


def _values(ticket: Ticket | None) -> dict[str, Any]:
    """Every property by the name it is shown under."""
    if ticket is None:
        return {}
    values = {name: getattr(ticket, name) for name in _NAMES}
    custom = values.pop("fields")
    values["comments"] = [[message, seen_by.value] for message, seen_by in ticket.comments] or None
    values["tags"] = [*ticket.tags] or None
    values["is_deleted"] = ticket.is_deleted
    values["status_type"] = ticket.status_type.value
    return values | {f"fields.{name}": [kind.value, text] for name, (kind, text) in custom.items()}


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name), new.get(name))
