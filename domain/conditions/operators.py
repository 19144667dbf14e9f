"""The operators of a condition's clauses: which fields have them, what value they take and when they hold."""

import operator
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.conditions.comparisons import (
    Compile,
    among,
    by_age,
    by_instant,
    by_members,
    by_number,
    by_text,
    changed,
    changed_from,
    changed_to,
    empty,
    exactly,
    negation_of,
)
from domain.conditions.fields import FieldKind, kind_of


class Takes(StrEnum):
    """What the value of a clause is."""

    NOTHING = "none"
    VALUE = "one"
    """A value of the field's kind."""
    VALUES = "list"
    """A list of values of the field's kind."""
    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    DURATION = "length of time"


class Needs(StrEnum):
    """What must be there at the place of a condition for an operator to mean something."""

    NOTHING = ""
    CHANGE = "change"
    TIME = "time"


class Operator(NamedTuple):
    """One operator as documents name it."""

    name: str
    kinds: frozenset[FieldKind]
    takes: Takes
    line: str
    """When it holds, in words that follow `holds where`."""
    of_empty: bool | None
    """Whether it holds of an empty value; None where it asks for the change and not for the value."""
    compile: Compile
    needs: Needs = Needs.NOTHING
    ranks: bool = False
    """Whether it asks for more or less, which the field priority has too (F-48)."""

    def is_for(self, field: str) -> bool:
        """Whether the field has this operator."""
        return kind_of(field) in self.kinds or (self.ranks and field == "priority")


_ANY: Final = frozenset(FieldKind)
_EXACT: Final = frozenset({FieldKind.LABEL, FieldKind.NUMBER, FieldKind.CUSTOM})
_TRUTHS: Final = _EXACT | {FieldKind.BOOLEAN}
_TEXTS: Final = frozenset({FieldKind.LABEL, FieldKind.TEXT, FieldKind.CUSTOM})
_NUMBERS: Final = frozenset({FieldKind.NUMBER, FieldKind.CUSTOM})
_INSTANTS: Final = frozenset({FieldKind.INSTANT, FieldKind.CUSTOM})
_SETS: Final = frozenset({FieldKind.SET})

_contains: Final = by_text(operator.contains)
_includes_any: Final = by_members(lambda members, wanted: not members.isdisjoint(wanted))


def _ranking(name: str, line: str, compiled: Compile) -> Operator:
    return Operator(name, _NUMBERS, Takes.NUMBER, line, False, compiled, ranks=True)


_ALL: Final = (
    Operator("is_empty", _ANY, Takes.NOTHING, "the field has no value", True, empty),
    Operator("is_not_empty", _ANY, Takes.NOTHING, "the field has a value", False, negation_of(empty)),
    Operator("is", _TRUTHS, Takes.VALUE, "the value is exactly this", False, exactly),
    Operator("is_not", _EXACT, Takes.VALUE, "the value is not this", True, negation_of(exactly)),
    Operator("in", _EXACT, Takes.VALUES, "the value is exactly one of these", False, among),
    Operator("not_in", _EXACT, Takes.VALUES, "the value is none of these", True, negation_of(among)),
    Operator("contains", _TEXTS, Takes.TEXT, "this stands somewhere in the text", False, _contains),
    Operator("not_contains", _TEXTS, Takes.TEXT, "this stands nowhere in the text", True, negation_of(_contains)),
    Operator("starts_with", _TEXTS, Takes.TEXT, "the text begins with this", False, by_text(str.startswith)),
    Operator("ends_with", _TEXTS, Takes.TEXT, "the text ends with this", False, by_text(str.endswith)),
    _ranking("less_than", "the value is less than this", by_number(operator.lt)),
    _ranking("at_most", "the value is this or less", by_number(operator.le)),
    _ranking("greater_than", "the value is more than this", by_number(operator.gt)),
    _ranking("at_least", "the value is this or more", by_number(operator.ge)),
    Operator("before", _INSTANTS, Takes.INSTANT, "the instant lies before this one", False, by_instant(operator.lt)),
    Operator("after", _INSTANTS, Takes.INSTANT, "the instant lies after this one", False, by_instant(operator.gt)),
    Operator(
        "older_than",
        _INSTANTS,
        Takes.DURATION,
        "the instant lies this long ago or longer",
        False,
        by_age(operator.ge),
        Needs.TIME,
    ),
    Operator(
        "newer_than",
        _INSTANTS,
        Takes.DURATION,
        "the instant lies less long ago than this, or is still to come",
        False,
        by_age(operator.lt),
        Needs.TIME,
    ),
    Operator("includes_any", _SETS, Takes.VALUES, "at least one of these is in the set", False, _includes_any),
    Operator(
        "includes_all", _SETS, Takes.VALUES, "all of these are in the set", False, by_members(frozenset.issuperset)
    ),
    Operator("includes_none", _SETS, Takes.VALUES, "none of these is in the set", True, negation_of(_includes_any)),
    Operator("changed", _ANY, Takes.NOTHING, "the value is another than before", None, changed, Needs.CHANGE),
    Operator(
        "changed_from",
        _ANY,
        Takes.VALUE,
        "the value was exactly this before and is another now",
        None,
        changed_from,
        Needs.CHANGE,
    ),
    Operator(
        "changed_to",
        _ANY,
        Takes.VALUE,
        "the value is exactly this and was another before",
        None,
        changed_to,
        Needs.CHANGE,
    ),
)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType({known.name: known for known in _ALL})
"""Every operator by its name, in the order in which people look for them."""
