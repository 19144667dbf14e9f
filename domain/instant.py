"""Instants as the log keeps them: UTC text with six fractional digits and `Z`.

The text is the value: its order is time order, it needs no conversion on the way in or out of the log, and a
person can read it. Arithmetic parses it; nothing here reads a clock.
"""

from datetime import UTC, datetime, timedelta
from typing import NewType

Instant = NewType("Instant", str)

EARLIEST = Instant("0001-01-01T00:00:00.000000Z")
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


def instant(moment: datetime) -> Instant:
    """The instant of an aware datetime; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset; an instant is written with an offset or Z")
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return Instant(in_utc.isoformat(timespec="microseconds")[:26] + "Z")


def parse_instant(text: str) -> Instant:
    """An instant from ISO 8601 text with an offset or `Z`; raises ValueError that says what was expected."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 instant such as 2026-06-01T09:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write an instant with an offset or Z, such as 2026-06-01T09:00:00Z")
    try:
        return instant(moment)
    except OverflowError:
        raise ValueError(f"{text!r} is outside the years 1 to 9999") from None


def moment_of(at: Instant) -> datetime:
    """The aware datetime of an instant."""
    return datetime.fromisoformat(at)


def seconds_between(start: Instant, end: Instant) -> int:
    """Whole seconds from start to end, rounded down; negative where the clock of the source ran backwards."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) // _SECOND


def micros_between(start: Instant, end: Instant) -> int:
    """Microseconds from start to end, exactly; negative where end comes first."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) // _MICROSECOND


def later(at: Instant, **units: float) -> Instant:
    """The instant that lies the given timedelta units after `at`."""
    return instant(moment_of(at) + timedelta(**units))
