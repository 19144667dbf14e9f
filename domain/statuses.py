"""The catalogue of statuses: labels that people choose, each of one status type (F-46, features 2.1).

A definition like any other: its changes are events of one stream, and every ticket decision on a status reads it.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from domain.recorded import stored
from domain.refusals import (
    LastStatusOfType,
    Refusal,
    Refused,
    StatusAlreadyDefined,
    StatusInDefinition,
    StatusInUse,
    StatusTypeMismatch,
    StatusUnknown,
    refuse_if_any,
)
from domain.values import StatusType

STATUSES_STREAM: Final = "definition:status:catalogue"


# Events


@stored("status.defined", 1)
@dataclass(frozen=True, slots=True)
class StatusDefined:
    status: str
    status_type: StatusType


@stored("status.retired", 1)
@dataclass(frozen=True, slots=True)
class StatusRetired:
    status: str


StatusEvent: TypeAlias = StatusDefined | StatusRetired


# State


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses in force, in the order of their definition."""

    types: tuple[tuple[str, StatusType], ...]

    def type_of(self, status: str) -> StatusType:
        """The type of a status; Refused with StatusUnknown where there is none of that name."""
        for label, status_type in self.types:
            if label == status:
                return status_type
        raise Refused(StatusUnknown(status, ", ".join(label for label, _ in self.types)))

    def first_of(self, status_type: StatusType) -> str:
        """The status that a command means when it names only the type."""
        return next(label for label, of_type in self.types if of_type is status_type)

    def choose(self, status: str | None, wanted: StatusType) -> str:
        """The named status, or the first of the type; Refused where the named one has another type."""
        if status is None:
            return self.first_of(wanted)
        if (status_type := self.type_of(status)) is not wanted:
            raise Refused(StatusTypeMismatch(status, status_type, wanted))
        return status


BUILT_IN: Final = Statuses(
    (
        ("Open", StatusType.OPEN),
        ("On Hold", StatusType.ON_HOLD),
        ("Escalated", StatusType.OPEN),
        ("Closed", StatusType.CLOSED),
    )
)
"""The four statuses a desk starts with (Zoho Desk, features 2.1)."""


def evolve(statuses: Statuses, event: StatusEvent) -> Statuses:
    """The catalogue after one more event."""
    match event:
        case StatusDefined():
            return replace(statuses, types=(*statuses.types, (event.status, event.status_type)))
        case StatusRetired():
            return replace(statuses, types=tuple(pair for pair in statuses.types if pair[0] != event.status))
        case _:
            assert_never(event)


# Decisions


def define(statuses: Statuses, status: str, status_type: StatusType) -> list[StatusEvent]:
    """A new status; the same definition again is no change."""
    known = dict(statuses.types).get(status)
    if known is status_type:
        return []
    if known is not None:
        raise Refused(StatusAlreadyDefined(status, known))
    return [StatusDefined(status, status_type)]


def retire(statuses: Statuses, status: str, tickets: int, used_by: str | None = None) -> list[StatusEvent]:
    """A status that no ticket is in goes out of use (F-46).

    `tickets` says how many are in it now, `used_by` which definition in force or to come has a state on it (F-103).
    """
    status_type = statuses.type_of(status)
    reasons: list[Refusal] = []
    if tickets:
        reasons.append(StatusInUse(status, tickets))
    if used_by is not None:
        reasons.append(StatusInDefinition(status, used_by))
    if sum(of_type is status_type for _, of_type in statuses.types) == 1:
        reasons.append(LastStatusOfType(status, status_type))
    refuse_if_any(reasons)
    return [StatusRetired(status)]
