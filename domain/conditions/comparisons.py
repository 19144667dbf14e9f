"""What each operator does: from a field, its kind and the value a document names to the test of a subject.

Whatever can be worked out without a subject is worked out once, here; the tests only read and compare.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from domain.conditions.fields import FieldKind, Subject
from domain.conditions.values import (
    READERS,
    Number,
    custom_moment,
    custom_number,
    custom_text,
    emptiness,
    folded,
    held_members,
    held_moment,
    held_number,
    held_text,
    matches_of,
    moment_in,
    state_of,
)
from domain.durations import parse_duration
from domain.values import Priority

Test: TypeAlias = Callable[[Subject], bool]
"""Whether something holds of a subject. It never raises."""
Compile: TypeAlias = Callable[[str, FieldKind, Any], Test]
"""The test of a field of a kind against the value that a document names. The value was read before: it is right."""

_RANKS: Final = {str(priority): rank for rank, priority in enumerate(Priority)}


def negation_of(compiled: Compile) -> Compile:
    """What holds where the other does not: also of empty values and of those of a wrong type."""

    def negated(field: str, kind: FieldKind, value: Any) -> Test:
        holds = compiled(field, kind, value)
        return lambda subject: not holds(subject)

    return negated


def empty(field: str, kind: FieldKind, _: None) -> Test:
    """The field has no value."""
    is_empty = emptiness(kind)
    return lambda subject: is_empty(subject.value(field))


def among(field: str, kind: FieldKind, values: list[Any]) -> Test:
    """The value is exactly one of these."""
    wanted = frozenset[object]().union(*(matches_of(kind, value) for value in values))
    read = READERS[kind]
    return lambda subject: read(subject.value(field)) in wanted


def exactly(field: str, kind: FieldKind, value: Any) -> Test:
    """The value is exactly this."""
    return among(field, kind, [value])


def by_text(compare: Callable[[str, str], bool]) -> Compile:
    """The text compares so with this one, both without case and accents (F-64)."""

    def compiled(field: str, kind: FieldKind, value: str) -> Test:
        wanted = folded(value)
        read = custom_text if kind is FieldKind.CUSTOM else held_text

        def holds(subject: Subject) -> bool:
            text = read(subject.value(field))
            return text is not None and compare(folded(text), wanted)

        return holds

    return compiled


def by_number(compare: Callable[[Any, Any], bool]) -> Compile:
    """The number compares so with this one; a priority by its place in low, medium, high, urgent (F-48)."""

    def compiled(field: str, kind: FieldKind, value: int | str) -> Test:
        if kind is FieldKind.LABEL:
            # A word that is no priority of ours, as imported tickets keep theirs, is neither more nor less than one.
            than = _RANKS[str(value)]
            return among(field, kind, [word for word, rank in _RANKS.items() if compare(rank, than)])
        wanted: Number = Decimal(value) if isinstance(value, str) else value
        read = custom_number if kind is FieldKind.CUSTOM else held_number

        def holds(subject: Subject) -> bool:
            number = read(subject.value(field))
            return number is not None and compare(number, wanted)

        return holds

    return compiled


def by_instant(compare: Callable[[Any, Any], bool]) -> Compile:
    """The instant compares so with this one."""

    def compiled(field: str, kind: FieldKind, value: str) -> Test:
        wanted = moment_in(value)
        read = custom_moment if kind is FieldKind.CUSTOM else held_moment

        def holds(subject: Subject) -> bool:
            moment = read(subject.value(field))
            return moment is not None and compare(moment, wanted)

        return holds

    return compiled


def by_age(compare: Callable[[timedelta, timedelta], bool]) -> Compile:
    """The time from the instant to now compares so with this length; it is negative for an instant to come."""

    def compiled(field: str, kind: FieldKind, value: str) -> Test:
        length = timedelta(seconds=parse_duration(value))
        read = custom_moment if kind is FieldKind.CUSTOM else held_moment

        def holds(subject: Subject) -> bool:
            moment, now = read(subject.value(field)), moment_in(subject.at)
            return moment is not None and now is not None and compare(now - moment, length)

        return holds

    return compiled


def by_members(compare: Callable[[frozenset[str], frozenset[str]], bool]) -> Compile:
    """The members of the set compare so with these."""

    def compiled(field: str, _: FieldKind, values: list[str]) -> Test:
        wanted = frozenset(values)

        def holds(subject: Subject) -> bool:
            members = held_members(subject.value(field))
            return members is not None and compare(members, wanted)

        return holds

    return compiled


def changed(field: str, kind: FieldKind, _: None) -> Test:
    """The value is another than before."""
    state = state_of(kind)
    return lambda subject: state(subject.before(field)) != state(subject.value(field))


def changed_from(field: str, kind: FieldKind, value: Any) -> Test:
    """The value was exactly this and is another now."""
    has_changed, wanted, read = changed(field, kind, None), matches_of(kind, value), READERS[kind]
    return lambda subject: read(subject.before(field)) in wanted and has_changed(subject)


def changed_to(field: str, kind: FieldKind, value: Any) -> Test:
    """The value is exactly this and was another before."""
    has_changed, wanted, read = changed(field, kind, None), matches_of(kind, value), READERS[kind]
    return lambda subject: read(subject.value(field)) in wanted and has_changed(subject)
