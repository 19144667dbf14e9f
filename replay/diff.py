"""A ticket at two viewpoints: what differs, and the events that made it so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.recorded import Recorded
from domain.ticket.state import Ticket
from replay.history import Entry, history
from replay.time_travel import Viewpoint, seen_from, ticket_at

_NOT_SHOWN: Final = {"subject_of", "description_of", "timing", "away_since", "is_answered", "sla", "visit", "revoked"}
"""Whose keys seal the texts, and what clocks count with: no properties of the ticket, or shown by parts."""
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
    changes = [*_changes(_values(ticket_at(first, before.as_of)), _values(ticket_at(second, after.as_of)))]
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
    values |= _clocks(ticket)
    return values | {f"fields.{name}": [kind.value, text] for name, (kind, text) in custom.items()}


def _clocks(ticket: Ticket) -> dict[str, Any]:
    """Where it stands in a blueprint and what is due, under the names that conditions have for it."""
    sla, visit = ticket.sla, ticket.visit
    response, resolution = (None, None) if sla is None else (sla.response, sla.resolution)
    return {
        "sla_policy": sla and f"{sla.policy}@{sla.version}",
        "response_due_at": (response and not response.is_ended and response.due_at) or None,
        "is_response_violated": response is not None and response.is_violated,
        "resolution_due_at": (resolution and not resolution.is_ended and resolution.due_at) or None,
        "is_resolution_violated": resolution is not None and resolution.is_violated,
        "blueprint": visit and f"{visit.blueprint}@{visit.version}",
        "state": visit and visit.state,
        "state_limit_due_at": visit and visit.limit_due_at,
    }


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name), new.get(name))
