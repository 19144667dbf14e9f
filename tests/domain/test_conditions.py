"""Conditions hold of tickets: each operator on each kind, empty and strange values, changes, trees (F-69, F-105)."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from domain.conditions import (
    ALWAYS,
    OPERATORS,
    ExplainedClause,
    ExplainedGroup,
    FieldKind,
    TicketFacts,
    kind_of,
    read_condition,
)
from domain.conditions.operators import Needs
from domain.values import FieldType
from tests.domain.conditions_examples import (
    AT,
    CASES,
    EARLY,
    LATE,
    NOON,
    OF_KIND,
    clause,
    condition,
    holds,
    mistakes,
    ticket,
)

EXAMPLES = [
    pytest.param(field, operator, wanted, value, expected, id=f"{field} {value} {operator} {wanted}: {expected}")
    for field, operator, wanted, true_of, false_of in CASES
    for expected, values in ((True, true_of), (False, false_of))
    for value in values
]
ON_VALUES = [known for known in OPERATORS.values() if known.needs is not Needs.CHANGE]
NEGATIVE = {"is_not", "not_in", "not_contains", "includes_none"}


@pytest.mark.parametrize(("field", "operator", "wanted", "value", "expected"), EXAMPLES)
def test_an_operator_compares_as_its_field_s_kind_does(field, operator, wanted, value, expected):
    """F-69, F-105; text without case and accents as in F-64, priorities by their order (F-48)."""
    assert holds(field, operator, wanted, value) is expected


def test_every_operator_is_tried_on_every_kind_it_is_for():
    tried = {(operator, kind_of(field)) for field, operator, *_ in CASES}
    for known in ON_VALUES:
        if known.name not in ("is_empty", "is_not_empty"):
            assert {(known.name, kind) for kind in known.kinds} <= tried


def test_an_operator_is_a_mistake_on_every_kind_it_is_not_for():
    for known, (kind, field) in product(OPERATORS.values(), OF_KIND.items()):
        found = mistakes(clause(field, known.name, "x"))
        refused = [place for place, sentence in found if f"{known.name} is not for {field}" in sentence]
        assert refused == ([] if kind in known.kinds else ["operator"])


@pytest.mark.parametrize("field", ["priority", "team", "fields.size", "tags", "is_overdue"])
def test_more_and_less_are_for_numbers_and_priorities_alone(field):
    assert OPERATORS["at_least"].is_for(field) == (field in ("priority", "fields.size"))


# Empty values


@pytest.mark.parametrize("field", OF_KIND.values())
@pytest.mark.parametrize("value", [None, "", (), [], set(), frozenset()])
def test_none_the_empty_text_and_the_empty_set_are_empty(field, value):
    assert holds(field, "is_empty", None, value)
    assert not holds(field, "is_not_empty", None, value)


@pytest.mark.parametrize("of_type", FieldType)
def test_a_custom_field_is_empty_where_its_text_is(of_type):
    assert holds("fields.size", "is_empty", None, (of_type, ""))
    assert holds("fields.size", "is_empty", None, [str(of_type), ""])
    assert not holds("fields.size", "is_empty", None, (of_type, " "))


@pytest.mark.parametrize(
    ("field", "value"),
    [("exchanges", 0), ("is_overdue", False), ("team", " "), ("tags", ("",)), ("fields.size", ("text", "0"))],
)
def test_nothing_else_is_empty(field, value):
    assert holds(field, "is_not_empty", None, value)
    assert not holds(field, "is_empty", None, value)


@pytest.mark.parametrize("empty", [None, "", ()])
@pytest.mark.parametrize(("field", "operator", "wanted"), [case[:3] for case in CASES])
def test_an_empty_value_satisfies_only_the_operators_that_say_not_or_none(field, operator, wanted, empty):
    assert holds(field, operator, wanted, empty) is (operator in NEGATIVE)


def test_what_an_operator_says_of_empty_values_is_so():
    """The column of the reference page."""
    for field, operator, wanted, *_ in CASES:
        assert holds(field, operator, wanted, None) is OPERATORS[operator].of_empty


# Values of a wrong type


class Strange:
    """What no field holds."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("compared")

    __hash__ = None  # type: ignore[assignment]


def kind_of_value(value: object) -> str:
    return type(value).__name__


WRONG: list[object] = [
    Strange(),
    object(),
    b"vip",
    1.5,
    float("nan"),
    Decimal("NaN"),
    Decimal("sNaN"),
    {"a": 1},
    [["a"], {}, None, 3],
    (Strange(), Strange()),
    ("text", 5),
    ("colour", "red"),
    ("integer", "abc"),
    ("decimal", "1e5"),
    ("instant", "2026-13-45"),
    ("text", "x", "y"),
    "\ud800",
]


@pytest.mark.parametrize("value", WRONG, ids=kind_of_value)
@pytest.mark.parametrize(("field", "operator", "wanted"), [case[:3] for case in CASES])
def test_a_value_of_a_wrong_type_never_matches_and_never_raises(field, operator, wanted, value):
    assert holds(field, operator, wanted, value) is (operator in NEGATIVE)


@pytest.mark.parametrize("kind", OF_KIND)
def test_a_value_of_another_kind_never_matches(kind):
    values: dict[FieldKind, object] = {
        FieldKind.LABEL: "x",
        FieldKind.TEXT: "x",
        FieldKind.NUMBER: 1,
        FieldKind.INSTANT: EARLY,
        FieldKind.BOOLEAN: True,
        FieldKind.SET: ("a", "b", "c"),
        FieldKind.CUSTOM: ("text", "x"),
    }
    texts = {FieldKind.LABEL, FieldKind.TEXT, FieldKind.INSTANT}
    for field, operator, wanted, *_ in CASES:
        # To a label an instant is a text like any other, and to a set a custom field's pair has two members.
        same = (kind_of(field) in texts and kind in texts) or {kind_of(field), kind} <= {
            FieldKind.SET,
            FieldKind.CUSTOM,
        }
        if kind_of(field) is not kind and not same:
            assert holds(field, operator, wanted, values[kind]) is (operator in NEGATIVE), (field, operator, wanted)


@pytest.mark.parametrize(
    "value", [*WRONG, 10**5000, Decimal("1E+999999"), "x" * 100_000, "0001-01-01T00:00:00+23:59"], ids=kind_of_value
)
@pytest.mark.parametrize("before", [None, "x", Strange(), Decimal("sNaN"), [Strange()]], ids=kind_of_value)
def test_no_value_makes_a_condition_or_its_explanation_raise(value, before):
    for known, field in product(OPERATORS.values(), OF_KIND.values()):
        wanted = next((case[2] for case in CASES if case[:2] == (field, known.name)), _wanted(known.name, field))
        if kind_of(field) in known.kinds:
            read = condition(clause(field, known.name, wanted))
            subject = TicketFacts.of({field: value}, {field: before}, AT)
            explained = read.explain(subject)
            assert explained.holds is read.holds(subject)
            assert isinstance(explained, ExplainedClause)
            assert len(explained.sentence) < 400


def _wanted(operator: str, field: str) -> object:
    """A value for the operators that ask for a change."""
    if operator not in ("changed_from", "changed_to"):
        return None
    wanted = {"exchanges": 5, "due_at": NOON, "is_overdue": True, "tags": ["a", "b"]}
    return wanted.get(field, "x")


# Changes

CHANGES: list[tuple[str, object, object, object]] = [
    ("team", "a", "b", "A"),
    ("subject", "a", "b", "A"),
    ("exchanges", 1, 2, 3),
    ("due_at", EARLY, NOON, LATE),
    ("is_overdue", False, True, None),
    ("tags", ["a"], ["a", "b"], ["b"]),
    ("fields.size", ("text", "S"), ("text", "M"), ("integer", "5")),
]


def test_changes_are_tried_on_every_kind():
    assert {kind_of(field) for field, *_ in CHANGES} == set(FieldKind)


@pytest.mark.parametrize(("field", "old", "new", "other"), CHANGES)
def test_changed_holds_where_the_value_is_another_than_before(field, old, new, other):
    assert holds(field, "changed", None, new, old)
    assert holds(field, "changed", None, new, None)
    assert holds(field, "changed", None, None, old)
    assert holds(field, "changed", None, other, old)
    assert not holds(field, "changed", None, new, new)
    assert not holds(field, "changed", None, None, None)


@pytest.mark.parametrize(("field", "old", "new", "other"), CHANGES)
def test_changed_from_and_to_compare_exactly_and_only_where_there_was_a_change(field, old, new, other):
    old_text, new_text = (value[1] if field.startswith("fields.") else value for value in (old, new))
    assert holds(field, "changed_from", old_text, new, old)
    assert holds(field, "changed_from", old_text, None, old)
    assert not holds(field, "changed_from", old_text, new, other)
    assert not holds(field, "changed_from", old_text, old, old)
    assert not holds(field, "changed_from", old_text, old, new)
    assert holds(field, "changed_to", new_text, new, old)
    assert holds(field, "changed_to", new_text, new, None)
    assert not holds(field, "changed_to", new_text, other, old)
    assert not holds(field, "changed_to", new_text, new, new)
    assert not holds(field, "changed_to", new_text, old, new)


@pytest.mark.parametrize(
    ("field", "now", "before"),
    [
        ("tags", (), None),
        ("team", "", None),
        ("fields.size", ("text", ""), None),
        ("tags", ("a", "b"), ["b", "a"]),
        ("due_at", "2026-06-01T09:00:00Z", EARLY),
        ("exchanges", 5, Decimal("5.0")),
        ("fields.size", ("text", "S"), ["text", "S"]),
    ],
)
def test_another_way_to_write_the_same_is_no_change(field, now, before):
    assert not holds(field, "changed", None, now, before)


def test_a_custom_field_of_the_same_text_and_another_type_has_changed():
    assert holds("fields.size", "changed", None, ("integer", "5"), ("text", "5"))
    assert holds("fields.size", "changed_to", "5", ("integer", "5"), ("text", "5"))


def test_at_the_opening_everything_was_empty_before():
    entry = condition({"all": [clause("status", "changed_to", "Open"), clause("team", "changed")]})
    assert entry.holds(ticket(None, status="Open", team="vip"))
    assert not entry.holds(ticket(None, status="Open"))


# Trees


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"all": [1]}, True),
        ({"all": [1, 1]}, True),
        ({"all": [1, 0]}, False),
        ({"any": [0, 1]}, True),
        ({"any": [0, 0]}, False),
        ({"all": [{"any": [0, 1]}, {"any": [1, 0]}]}, True),
        ({"any": [{"all": [0, 1]}, {"all": [1, 0]}]}, False),
    ],
)
def test_all_means_every_part_and_any_at_least_one(document, expected):
    """F-69."""

    def tree(given: Any) -> Any:
        if isinstance(given, int):
            return clause("status", "is", "Open" if given else "Closed")
        return {join: [tree(part) for part in parts] for join, parts in given.items()}

    read = condition(tree(document))
    subject = ticket(status="Open")
    assert read.holds(subject) is expected
    assert read.explain(subject).holds is expected
    assert (read.failures(subject) == []) is expected


def test_nothing_written_always_holds():
    for read in (ALWAYS, condition(None), read_condition(None, changes=False, time=False)):
        assert read is ALWAYS
        assert read.holds(ticket())
        assert read.explain(ticket()) == ExplainedGroup(True, "all", ())
        assert read.failures(ticket()) == []
        assert (read.document, read.fields, read.uses_change, read.uses_time) == (None, frozenset(), False, False)


def test_a_condition_names_its_fields_and_what_it_needs():
    plain = condition({"any": [clause("team", "is_empty"), {"all": [clause("fields.size", "is", "L")]}]})
    assert (plain.fields, plain.uses_change, plain.uses_time) == (frozenset({"team", "fields.size"}), False, False)
    assert condition({"all": [clause("team", "is_empty"), clause("status", "changed")]}).uses_change
    assert condition(clause("due_at", "newer_than", "1h")).uses_time


def test_only_the_fields_it_names_are_asked_for():
    asked = set()

    def value(field: str) -> object:
        asked.add(field)
        return None

    read = condition({"any": [clause("team", "is", "a"), clause("tags", "changed_to", ["a"])]})
    subject = TicketFacts(value, value, AT)
    read.explain(subject)
    assert read.holds(subject) is False
    assert asked == read.fields


def test_the_document_reads_back_to_an_equal_condition():
    written = {
        "any": [
            {"value": ["b", "a"], "operator": "in", "field": "team"},
            {"all": [{"operator": "is_empty", "field": "tags", "value": None}]},
            {"field": "due_at", "operator": "before", "value": "2026-06-01T14:00:00+02:00"},
            {"field": "due_at", "operator": "older_than", "value": "1d 12h"},
            {"field": "exchanges", "operator": "is", "value": "12.50"},
        ]
    }
    read = condition(written)
    assert read.canonical == (
        '{"any": [{"field": "team", "operator": "in", "value": ["b", "a"]}, '
        '{"all": [{"field": "tags", "operator": "is_empty"}]}, '
        '{"field": "due_at", "operator": "before", "value": "2026-06-01T14:00:00+02:00"}, '
        '{"field": "due_at", "operator": "older_than", "value": "1d 12h"}, '
        '{"field": "exchanges", "operator": "is", "value": "12.50"}]}'
    )
    again = condition(read.document)
    assert again == read
    assert hash(again) == hash(read)
    assert again.document == read.document


def test_the_number_1_and_true_are_different_conditions():
    assert condition(clause("fields.size", "is", 1)) != condition(clause("fields.size", "is", True))
