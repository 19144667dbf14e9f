"""Values of a subject as a condition compares them. Every reader gives None for an empty value and for one of a wrong
type, so that neither matches anything; no value makes a reader raise.
"""

import re
import unicodedata
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from domain.conditions.fields import FieldKind
from domain.values import FieldType

Number: TypeAlias = int | Decimal
Reader: TypeAlias = Callable[[object], Hashable | None]

WHOLE: Final = re.compile(r"[+-]?[0-9]{1,1000}")
DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,1000}(?:[.][0-9]{1,1000})?")
# Named once: a union written out in a function is built anew at every call.
_SETS: Final = (tuple, list, set, frozenset)
_SIZED: Final = (str, *_SETS)
_PAIRS: Final = (tuple, list)
_NUMERIC: Final = frozenset({"integer", "decimal"})
_SCALARS: Final = (str, bytes, bool, int, float)


def folded(text: str) -> str:
    """The text as `contains` and its like compare it: without case and accents (F-64)."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join([sign for sign in apart if not unicodedata.combining(sign)]).casefold()


def moment_in(text: str) -> datetime | None:
    """The moment of an ISO 8601 instant with an offset or Z."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def number_in(text: str) -> Number | None:
    """The number that is written in plain digits, with or without a sign and a point."""
    return Decimal(text) if DECIMAL.fullmatch(text) else None


# A field's own value


def held_text(value: object) -> str | None:
    """A label or a text."""
    return value if isinstance(value, str) and value else None


def held_number(value: object) -> Number | None:
    """A whole number, or a Decimal that is finite."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    return value if isinstance(value, Decimal) and value.is_finite() else None


def held_moment(value: object) -> datetime | None:
    """The moment of an instant."""
    return moment_in(value) if isinstance(value, str) else None


def held_truth(value: object) -> bool | None:
    """true or false."""
    return value if isinstance(value, bool) else None


def held_members(value: object) -> frozenset[str] | None:
    """The texts of a set; what else is in it is left out."""
    if not isinstance(value, _SETS):
        return None
    return frozenset([member for member in value if isinstance(member, str)]) or None


# What a custom field holds


def _pair(value: object) -> tuple[str, str] | None:
    """Type and text, where it is a pair of texts of which none is empty."""
    if not isinstance(value, _PAIRS) or len(value) != 2:
        return None
    of_type, text = value
    return (of_type, text) if isinstance(of_type, str) and isinstance(text, str) and text else None


def _whole_in(text: str) -> Number | None:
    return Decimal(text) if WHOLE.fullmatch(text) else None


_IN_TEXT: Final[Mapping[str, tuple[str, Callable[[str], Hashable | None]]]] = {
    FieldType.TEXT.value: ("text", str),
    FieldType.INTEGER.value: ("number", _whole_in),
    FieldType.DECIMAL.value: ("number", number_in),
    FieldType.BOOLEAN.value: ("boolean", {"true": True, "false": False}.get),
    FieldType.INSTANT.value: ("instant", moment_in),
}
"""By the type of a custom field: what it holds, and how its text is read."""


def custom_value(value: object) -> tuple[str, Hashable] | None:
    """What a custom field holds beside the kind of it, so that the text 5, the number 5 and true stay apart."""
    pair = _pair(value)
    if pair is None or pair[0] not in _IN_TEXT:
        return None
    kind, read = _IN_TEXT[pair[0]]
    held = read(pair[1])
    return None if held is None else (kind, held)


def custom_text(value: object) -> str | None:
    """The text of a custom field of the type text."""
    pair = _pair(value)
    return pair[1] if pair is not None and pair[0] == "text" else None


def custom_number(value: object) -> Number | None:
    """The number of a custom field of the type integer or decimal."""
    pair = _pair(value)
    if pair is None or pair[0] not in _NUMERIC:
        return None
    return _whole_in(pair[1]) if pair[0] == "integer" else number_in(pair[1])


def custom_moment(value: object) -> datetime | None:
    """The moment of a custom field of the type instant."""
    pair = _pair(value)
    return moment_in(pair[1]) if pair is not None and pair[0] == "instant" else None


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, _SIZED) and not value)


def _is_custom_empty(value: object) -> bool:
    """A known type beside the empty text is empty too."""
    if isinstance(value, _PAIRS) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], str):
        return value[0] in _IN_TEXT and not value[1]
    return _is_empty(value)


def emptiness(kind: FieldKind) -> Callable[[object], bool]:
    """Whether a value of the kind is None, the empty text or the empty set; also a custom field of empty text."""
    return _is_custom_empty if kind is FieldKind.CUSTOM else _is_empty


READERS: Final[Mapping[FieldKind, Reader]] = {
    FieldKind.LABEL: held_text,
    FieldKind.TEXT: held_text,
    FieldKind.NUMBER: held_number,
    FieldKind.INSTANT: held_moment,
    FieldKind.BOOLEAN: held_truth,
    FieldKind.SET: held_members,
    FieldKind.CUSTOM: custom_value,
}
"""How the value of a field of each kind is read."""


def matches_of(kind: FieldKind, value: object) -> frozenset[Hashable]:
    """Everything that a field of the kind may hold to be the value a document names, as the kind's reader gives it.

    The document's value was read before. A custom field has no kind of its own: a text in quotes stands for the number
    or the instant too that it is written like.
    """
    if kind is FieldKind.SET:
        return frozenset([held_members(value)])
    if kind is FieldKind.NUMBER:
        return frozenset([Decimal(value) if isinstance(value, str) else value])
    if kind is FieldKind.INSTANT:
        return frozenset([held_moment(value)])
    if kind is not FieldKind.CUSTOM:
        return frozenset([value])
    if isinstance(value, bool):
        return frozenset([("boolean", value)])
    if not isinstance(value, str):
        return frozenset([("number", value)])
    readings = (("text", value), ("number", number_in(value)), ("instant", moment_in(value)))
    return frozenset(reading for reading in readings if reading[1] is not None)


def state_of(kind: FieldKind) -> Callable[[object], Hashable]:
    """What `changed` compares: the value as its kind is read, None where it is empty.

    A custom field's type and text are compared as they stand. Values of wrong types are compared where they are plain,
    all others are the same to it.
    """
    read: Reader = _pair if kind is FieldKind.CUSTOM else READERS[kind]
    is_empty = emptiness(kind)

    def state(value: object) -> Hashable:
        if is_empty(value):
            return None
        held = read(value)
        if held is not None:
            return held
        return (type(value).__name__, value) if isinstance(value, _SCALARS) else (type(value).__name__,)

    return state
