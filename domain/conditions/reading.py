"""Reading a condition out of a document: every mistake at once, each with its place."""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeAlias, cast

from domain.conditions.condition import ALWAYS, Clause, Condition, Group, Join, Tree, condition_of
from domain.conditions.fields import CUSTOM, FIELDS, FieldKind, kind_of
from domain.conditions.operators import OPERATORS, Needs, Operator, Takes
from domain.conditions.values import DECIMAL, folded
from domain.documents import Table, Value
from domain.durations import parse_duration
from domain.values import Priority

DEEPEST: Final = 20
"""How many groups may stand one inside the other."""
_LARGEST: Final = 2**53
_SHAPE: Final = "expected all, any, or field and operator"
_JOINS: Final = ("all", "any")
_PRIORITIES: Final = tuple(str(priority) for priority in Priority)

_Reader: TypeAlias = Callable[[Value], Any]


class _Place(NamedTuple):
    """What is there where the condition stands."""

    changes: bool
    time: bool
    known: Collection[str]

    def has(self, operator: Operator) -> bool:
        """Whether an operator means something here."""
        return {Needs.NOTHING: True, Needs.CHANGE: self.changes, Needs.TIME: self.time}[operator.needs]

    def operators(self, field: str) -> list[str]:
        """The names of the operators that a field has here."""
        return [name for name, operator in OPERATORS.items() if operator.is_for(field) and self.has(operator)]


def read_condition(
    value: Value | None, *, changes: bool, time: bool, known: Collection[str] | None = None
) -> Condition:
    """The condition at this place of a document; ALWAYS where there is none.

    Mistakes go to the reading that the value belongs to; the condition of a mistaken document is not to be used.
    `changes` allows changed, changed_from and changed_to (a saved view has no before); `time` allows older_than and
    newer_than (F-88: a rule that runs at events knows no time); `known` are the fields there are, all of FIELDS where
    it is None; custom fields are always there.
    """
    if value is None or value.given is None:
        return ALWAYS
    tree = _tree(value, _Place(changes, time, FIELDS if known is None else known), DEEPEST)
    return ALWAYS if tree is None else condition_of(tree)


# The tree; None where something in it is mistaken


def _tree(value: Value, place: _Place, levels: int) -> Tree | None:
    given = value.given
    joins = [join for join in _JOINS if isinstance(given, Mapping) and join in given]
    if not joins:
        return _clause(value, place)
    table = value.table(*joins)
    if len(joins) > 1:
        table.mistake("has all and any side by side; put one inside the other")
    if not levels:
        table.mistake(f"stands inside {DEEPEST} groups already, and none may stand deeper")
        return None
    groups = [_group(table, cast(Join, join), place, levels - 1) for join in joins]
    return groups[0] if len(groups) == 1 else None


def _group(table: Table, join: Join, place: _Place, levels: int) -> Group | None:
    parts = [_tree(item, place, levels) for item in table.items(join)]
    if isinstance(table.fields[join], list | tuple) and not parts:
        table.at(join).mistake("expected at least one condition")
    whole = tuple(part for part in parts if part is not None)
    return Group(join, whole) if whole and len(whole) == len(parts) else None


def _clause(value: Value, place: _Place) -> Clause | None:
    if not isinstance(value.given, Mapping) or not {"field", "operator"} & value.given.keys():
        value.mistake(_SHAPE)
        return None
    table = value.table("field", "operator", "value")
    field = _field(table, place)
    operator = _operator(table, field, place)
    kind = None if field is None else kind_of(field)
    if field is None or kind is None or operator is None:
        return None
    if operator.takes is Takes.NOTHING:
        if table.has("value"):
            table.at("value").mistake(f"{operator.name} takes no value")
        return Clause(field, kind, operator, None)
    value_given = table.required("value")
    held = None if value_given is None else _value_reader(operator, kind)(value_given)
    return None if held is None else Clause(field, kind, operator, held)


_OUT_OF_PLACE: Final = {
    Needs.CHANGE: "{} asks what was before a change, and there is none here",
    Needs.TIME: "{} holds by time alone, and this condition is only asked when something happens; views may use it",
}


def _field(table: Table, place: _Place) -> str | None:
    value = table.required("field")
    name = None if value is None else value.text()
    if value is None or not name:
        return None
    kind = kind_of(name)
    if kind is FieldKind.CUSTOM or (kind is not None and name in place.known):
        return name
    known = [field for field in FIELDS if field in place.known]
    if kind is None and name.startswith(CUSTOM):
        value.mistake(f"expected {CUSTOM}NAME with a name of 1 to 128 printable characters")
    elif close := get_close_matches(name, known, n=1):
        value.mistake(f"{name!r} is no field of a ticket here; did you mean {close[0]}?")
    else:
        value.mistake(f"{name!r} is no field of a ticket here; there are {', '.join(known)} and {CUSTOM}NAME")
    return None


def _operator(table: Table, field: str | None, place: _Place) -> Operator | None:
    value = table.required("operator")
    name = None if value is None else value.text()
    if value is None or not name:
        return None
    operator = OPERATORS.get(name)
    if operator is None:
        there = OPERATORS if field is None else place.operators(field)
        value.mistake(f"{name!r} is no operator; there are {', '.join(there)}")
    elif not place.has(operator):
        value.mistake(_OUT_OF_PLACE[operator.needs].format(name))
    elif field is None or operator.is_for(field):
        return operator
    else:
        value.mistake(f"{name} is not for {_named(field)}; there are {', '.join(place.operators(field))}")
    return None


def _named(field: str) -> str:
    kind = kind_of(field)
    if kind is FieldKind.CUSTOM:
        return f"{field}, a custom field"
    return f"{field}, {'an' if kind is FieldKind.INSTANT else 'a'} {kind}"


# The value: what it is read to, None where it is mistaken


def _text(value: Value) -> str | None:
    return value.text() or None


def _searched(value: Value) -> str | None:
    text = value.text()
    if text and not folded(text):
        value.mistake("expected text with more in it than accents")
        return None
    return text or None


def _number(value: Value) -> int | str | None:
    given = value.given
    if isinstance(given, str) and DECIMAL.fullmatch(given):
        return given
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) <= _LARGEST:
        return given
    if isinstance(given, bool) or not isinstance(given, int | float):
        value.mistake('expected a whole number, or a decimal number in quotes such as "12.50"')
    else:
        value.mistake('expected a whole number up to 2**53; write it in quotes such as "12.50"')
    return None


def _priority(value: Value) -> str | None:
    if isinstance(value.given, str) and value.given in _PRIORITIES:
        return value.given
    value.mistake(f"expected one of {', '.join(_PRIORITIES)}")
    return None


def _truth(value: Value) -> bool | None:
    if isinstance(value.given, bool):
        return value.given
    value.mistake("expected true or false")
    return None


def _instant(value: Value) -> str | None:
    if isinstance(value.given, str):
        return None if value.instant() is None else value.given
    value.mistake('expected an instant in quotes such as "2026-06-01T09:00:00Z"')
    return None


def _duration(value: Value) -> str | None:
    given = value.given if isinstance(value.given, str) else ""
    try:
        parse_duration(given)
    except ValueError as error:
        value.mistake(str(error))
        return None
    return given


def _of_any_type(value: Value) -> str | int | bool | None:
    given = value.given
    if isinstance(given, bool):
        return given
    return _number(value) if isinstance(given, int | float) else _text(value)


def _list_of(read: _Reader) -> _Reader:
    def read_list(value: Value) -> list[Any] | None:
        given = list(value.items())
        if isinstance(value.given, list | tuple) and not given:
            value.mistake("expected at least one value")
        values: list[Any] = []
        is_whole = bool(given)
        for item in given:
            held = read(item)
            if held is None:
                is_whole = False
            # True is 1 to Python; here they are two.
            elif any(held == other and type(held) is type(other) for other in values):
                item.mistake(f"{held!r} stands twice")
                is_whole = False
            else:
                values.append(held)
        return values if is_whole else None

    return read_list


_OF_KIND: Final[Mapping[FieldKind, _Reader]] = {
    FieldKind.LABEL: _text,
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.INSTANT: _instant,
    FieldKind.BOOLEAN: _truth,
    FieldKind.SET: _list_of(_text),
    FieldKind.CUSTOM: _of_any_type,
}
_OF_TAKES: Final[Mapping[Takes, _Reader]] = {
    Takes.TEXT: _searched,
    Takes.NUMBER: _number,
    Takes.INSTANT: _instant,
    Takes.DURATION: _duration,
}


def _value_reader(operator: Operator, kind: FieldKind) -> _Reader:
    """How the value of a clause is read."""
    if operator.takes is Takes.VALUES:
        return _list_of(_text if kind is FieldKind.SET else _OF_KIND[kind])
    if operator.takes is Takes.NUMBER and kind is FieldKind.LABEL:
        return _priority
    return _OF_TAKES.get(operator.takes, _OF_KIND[kind])
