"""What a clause found, in words: the value a subject has, and one sentence that says what is so."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from domain.conditions.fields import FieldKind, Subject
from domain.conditions.values import (
    READERS,
    custom_moment,
    custom_text,
    emptiness,
    held_members,
    held_moment,
    moment_in,
    state_of,
)
from domain.durations import written
from domain.instant import instant

_LONGEST: Final = 80
_MOST: Final = 10
EMPTY: Final = "empty"
_INSTANTS: Final = frozenset({"before", "after"})
_BARE: Final = frozenset({"less_than", "at_most", "greater_than", "at_least", "older_than", "newer_than"})

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "is_empty": ("{field} is empty", "{field} is {actual}, not empty"),
    "is_not_empty": ("{field} is {actual}", "{field} is empty"),
    "is": ("{field} is {actual}", "{field} is {actual}, not {wanted}"),
    "is_not": ("{field} is {actual}, not {wanted}", "{field} is {actual}, which is ruled out"),
    "in": ("{field} is {actual}, one of {wanted}", "{field} is {actual}, not one of {wanted}"),
    "not_in": ("{field} is {actual}, not one of {wanted}", "{field} is {actual}, one of {wanted}, which are ruled out"),
    "contains": ("{field} is {actual}, with {wanted} in it", "{field} is {actual}, without {wanted} in it"),
    "not_contains": ("{field} is {actual}, without {wanted} in it", "{field} is {actual}, with {wanted} in it"),
    "starts_with": ("{field} is {actual}, with {wanted} in front", "{field} is {actual}, without {wanted} in front"),
    "ends_with": ("{field} is {actual}, with {wanted} at its end", "{field} is {actual}, without {wanted} at its end"),
    "less_than": ("{field} is {actual}, less than {wanted}", "{field} is {actual}, not less than {wanted}"),
    "at_most": ("{field} is {actual}, at most {wanted}", "{field} is {actual}, not at most {wanted}"),
    "greater_than": ("{field} is {actual}, greater than {wanted}", "{field} is {actual}, not greater than {wanted}"),
    "at_least": ("{field} is {actual}, at least {wanted}", "{field} is {actual}, not at least {wanted}"),
    "before": ("{field} is {actual}, before {wanted}", "{field} is {actual}, not before {wanted}"),
    "after": ("{field} is {actual}, after {wanted}", "{field} is {actual}, not after {wanted}"),
    "older_than": (
        "{field} is {actual}{age}, at least {wanted} ago",
        "{field} is {actual}{age}, not at least {wanted} ago",
    ),
    "newer_than": (
        "{field} is {actual}{age}, less than {wanted} ago",
        "{field} is {actual}{age}, not less than {wanted} ago",
    ),
    "includes_any": ("{field} is {actual}, with {found}", "{field} is {actual}, with none of {wanted}"),
    "includes_all": ("{field} is {actual}, with {wanted}", "{field} is {actual}, without {lacking}"),
    "includes_none": ("{field} is {actual}, with none of {wanted}", "{field} is {actual}, with {found} ruled out"),
    "changed": ("{field} changed from {before} to {actual}", "{field} is {actual} as before"),
    "changed_from": (
        "{field} changed from {before} to {actual}",
        "{field} changed from {before} to {actual}, not from {wanted}",
    ),
    "changed_to": (
        "{field} changed from {before} to {actual}",
        "{field} changed from {before} to {actual}, not to {wanted}",
    ),
}
"""What is so where a clause holds and where it does not."""

_OF_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "is_empty": ("{field} is empty", "{field} is not empty"),
    "is_not_empty": ("{field} is not empty", "{field} is empty"),
    "contains": ("{field} contains {wanted}", "{field} does not contain {wanted}"),
    "not_contains": ("{field} does not contain {wanted}", "{field} contains {wanted}, which is ruled out"),
    "starts_with": ("{field} starts with {wanted}", "{field} does not start with {wanted}"),
    "ends_with": ("{field} ends with {wanted}", "{field} does not end with {wanted}"),
    "changed": ("{field} changed", "{field} is as before"),
    "changed_from": ("{field} changed from {wanted}", "{field} changed, not from {wanted}"),
    "changed_to": ("{field} changed to {wanted}", "{field} changed, not to {wanted}"),
}
"""The same for what people wrote, which no sentence repeats."""


def in_words(kind: FieldKind, value: object) -> str:
    """A subject's value in words on one line: texts in quotes, cut after 80 characters; numbers and the like bare."""
    if emptiness(kind)(value):
        return EMPTY
    if kind is FieldKind.INSTANT and (moment := held_moment(value)):
        return _plain(moment)
    if kind is FieldKind.CUSTOM and READERS[kind](value) is not None:
        return _custom(value)
    if kind is FieldKind.SET and (members := held_members(value)):
        return _listed([_quoted(member) for member in sorted(members)])
    return _of_any(value)


def sentence(field: str, kind: FieldKind, operator: str, value: Any, subject: Subject, holds: bool) -> str:
    """What is so of the field, as far as the operator asks for it; `value` is what the document names."""
    now, was = subject.value(field), None
    actual, before = in_words(kind, now), EMPTY
    if operator.startswith("changed"):
        was = subject.before(field)
        before = in_words(kind, was)
        if not holds and not _has_changed(kind, was, now):
            operator = "changed"
    elif operator in ("in", "not_in") and len(value) == 1:
        operator, value = {"in": "is", "not_in": "is_not"}[operator], value[0]
    members, asked = (held_members(now) or frozenset(), value or []) if kind is FieldKind.SET else (frozenset(), [])
    forms = _OF_TEXTS if kind is FieldKind.TEXT else _SENTENCES
    return forms[operator][not holds].format(
        field=field,
        actual=actual,
        before=before,
        wanted=_wanted(kind, operator, value),
        found=_listed([_quoted(member) for member in asked if member in members]),
        lacking=_listed([_quoted(member) for member in asked if member not in members]),
        age=_age(kind, now, subject),
    )


def _has_changed(kind: FieldKind, was: object, now: object) -> bool:
    state = state_of(kind)
    return state(was) != state(now)


def _age(kind: FieldKind, value: object, subject: Subject) -> str:
    moment = (custom_moment if kind is FieldKind.CUSTOM else held_moment)(value)
    now = moment_in(subject.at)
    if moment is None or now is None:
        return ""
    # Rounded down to whole seconds on both sides of now, so that what is not due yet does not read as if it were.
    past = moment <= now
    seconds = (now - moment if past else moment - now) // timedelta(seconds=1)
    return f", {written(seconds)} ago" if past else f", {written(seconds)} to come"


def _wanted(kind: FieldKind, operator: str, value: Any) -> str:
    """The document's value in words; a number in quotes is bare where the field or the operator asks for one."""
    if isinstance(value, list):
        return _listed([_wanted(kind, operator, one) for one in value])
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if (kind is FieldKind.INSTANT or operator in _INSTANTS) and (moment := moment_in(value)):
        return _plain(moment)
    is_bare = kind is not FieldKind.LABEL and (kind is FieldKind.NUMBER or operator in _BARE)
    return value if is_bare else _quoted(value)


def _plain(moment: datetime) -> str:
    try:
        return instant(moment).replace(".000000Z", "Z")
    except OverflowError:
        return moment.isoformat()


def _custom(value: object) -> str:
    """A custom field that is well formed: a text in quotes, anything else bare."""
    text = custom_text(value)
    if text is not None:
        return _quoted(text)
    moment = custom_moment(value)
    return _plain(moment) if moment else _cut(value[1])  # type: ignore[index]


def _of_any(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        # By way of Decimal, because Python refuses to write out an int of more than 4,300 digits.
        return _cut(str(Decimal(value)))
    return f"a {type(value).__name__}"


def _quoted(text: str) -> str:
    return f'"{_cut(text)}"'


def _cut(text: str) -> str:
    """The text on one line, its end left out where it is long."""
    line = "".join([sign if sign.isprintable() else " " for sign in text[: _LONGEST + 1]])
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _listed(words: list[str]) -> str:
    left = len(words) - _MOST
    return ", ".join(words[:_MOST]) + (f" and {left} more" if left > 0 else "")
