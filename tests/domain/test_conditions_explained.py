"""A condition says in sentences why it does not hold (design section 4)."""

from decimal import Decimal

import pytest

from domain.conditions import (
    FIELDS,
    OPERATORS,
    ExplainedClause,
    ExplainedGroup,
    FieldKind,
)
from tests.domain.conditions_examples import EARLY, LATE, NOON, clause, condition, ticket

SENTENCES = [
    ("priority", "in", ["high", "urgent"], "low", 'priority is "low", not one of "high", "urgent"'),
    ("priority", "in", ["high", "urgent"], "high", 'priority is "high", one of "high", "urgent"'),
    ("priority", "in", ["high"], "low", 'priority is "low", not "high"'),
    ("priority", "not_in", ["high", "low"], "low", 'priority is "low", one of "high", "low", which are ruled out'),
    ("priority", "not_in", ["low"], "low", 'priority is "low", which is ruled out'),
    ("priority", "at_least", "high", "low", 'priority is "low", not at least "high"'),
    ("team", "is", "vip", None, 'team is empty, not "vip"'),
    ("team", "is_not", "vip", "vip", 'team is "vip", which is ruled out'),
    ("team", "is_empty", None, "vip", 'team is "vip", not empty'),
    ("team", "is_not_empty", None, "", "team is empty"),
    ("team", "contains", "red", "blue", 'team is "blue", without "red" in it'),
    ("team", "starts_with", "red", "blue", 'team is "blue", without "red" in front'),
    ("exchanges", "less_than", 10, 12, "exchanges is 12, not less than 10"),
    ("exchanges", "at_most", "2.50", Decimal("3.10"), "exchanges is 3.10, not at most 2.50"),
    ("exchanges", "greater_than", 10, "abc", 'exchanges is "abc", not greater than 10'),
    ("exchanges", "is", 1, 1.5, "exchanges is a float, not 1"),
    ("is_overdue", "is", True, False, "is_overdue is false, not true"),
    ("due_at", "before", NOON, LATE, "due_at is 2026-06-01T15:00:00Z, not before 2026-06-01T12:00:00Z"),
    ("due_at", "after", "2026-06-01T14:00:00+02:00", None, "due_at is empty, not after 2026-06-01T12:00:00Z"),
    ("due_at", "older_than", "48h", NOON, "due_at is 2026-06-01T12:00:00Z, 1d 21h ago, not at least 48h ago"),
    ("due_at", "newer_than", "48h", EARLY, "due_at is 2026-06-01T09:00:00Z, 2d ago, not less than 48h ago"),
    (
        "due_at",
        "older_than",
        "48h",
        "2026-06-03T12:00:00.000000Z",
        "due_at is 2026-06-03T12:00:00Z, 3h to come, not at least 48h ago",
    ),
    ("due_at", "older_than", "48h", None, "due_at is empty, not at least 48h ago"),
    ("tags", "includes_any", ["x", "y"], ("b", "a"), 'tags is "a", "b", with none of "x", "y"'),
    ("tags", "includes_all", ["a", "x"], ("b", "a"), 'tags is "a", "b", without "x"'),
    ("tags", "includes_none", ["a", "x"], ("b", "a"), 'tags is "a", "b", with "a" ruled out'),
    ("fields.size", "at_least", "12.50", ("decimal", "3"), "fields.size is 3, not at least 12.50"),
    ("fields.size", "at_least", 12, ("text", "13"), 'fields.size is "13", not at least 12'),
    ("fields.size", "is", "L", ["boolean", "true"], 'fields.size is true, not "L"'),
    ("fields.size", "is", True, ("text", "true"), 'fields.size is "true", not true'),
    (
        "fields.size",
        "before",
        NOON,
        ("instant", LATE),
        "fields.size is 2026-06-01T15:00:00Z, not before " + NOON[:19] + "Z",
    ),
    ("team", "is", "a", "x\ny" + "z" * 100, 'team is "x y' + "z" * 77 + '...", not "a"'),
]


@pytest.mark.parametrize(("field", "operator", "wanted", "value", "sentence"), SENTENCES)
def test_a_clause_says_what_is_so_in_one_sentence(field, operator, wanted, value, sentence):
    read = condition(clause(field, operator, wanted))
    explained = read.explain(ticket(**{field.replace(".", "_"): value}))
    assert isinstance(explained, ExplainedClause)
    assert explained.sentence == sentence
    assert (explained.field, explained.operator, explained.value) == (field, operator, wanted)


@pytest.mark.parametrize(
    ("operator", "wanted", "before", "now", "sentence"),
    [
        ("changed", None, "a", "b", 'team changed from "a" to "b"'),
        ("changed", None, "a", "a", 'team is "a" as before'),
        ("changed", None, None, None, "team is empty as before"),
        ("changed_from", "a", "a", None, 'team changed from "a" to empty'),
        ("changed_from", "a", "c", "b", 'team changed from "c" to "b", not from "a"'),
        ("changed_to", "b", None, "b", 'team changed from empty to "b"'),
        ("changed_to", "b", "a", "c", 'team changed from "a" to "c", not to "b"'),
        ("changed_to", "b", "b", "b", 'team is "b" as before'),
    ],
)
def test_a_clause_on_a_change_says_what_changed(operator, wanted, before, now, sentence):
    explained = condition(clause("team", operator, wanted)).explain(ticket({"team": before}, team=now))
    assert isinstance(explained, ExplainedClause)
    assert explained.sentence == sentence


@pytest.mark.parametrize("field", [name for name, kind in FIELDS.items() if kind is FieldKind.TEXT])
@pytest.mark.parametrize("operator", [known for known in OPERATORS.values() if FieldKind.TEXT in known.kinds])
@pytest.mark.parametrize(
    ("before", "now"), [("Jane", "Jane"), ("Jane", "Jane Doe"), (None, "Doe Jane"), ("Jane", None)]
)
def test_no_sentence_repeats_what_a_person_wrote(field, operator, before, now):
    """E-14: sentences are kept with refusals, and a person can be erased."""
    read = condition(clause(field, operator.name, None if operator.takes == "none" else "refund"))
    explained = read.explain(ticket({field: before}, **{field: now}))
    assert isinstance(explained, ExplainedClause)
    assert explained.sentence.startswith(field)
    assert "Jane" not in explained.sentence
    assert "Doe" not in explained.sentence


def test_the_actual_value_stands_beside_the_sentence():
    explained = condition(clause("subject", "contains", "refund")).explain(ticket(subject="Help"))
    assert explained == ExplainedClause(
        False, "subject", "contains", "refund", '"Help"', 'subject does not contain "refund"'
    )


def test_failures_are_the_clauses_that_keep_it_from_holding():
    read = condition(
        {
            "all": [
                clause("status", "is", "Open"),
                clause("team", "is_not_empty"),
                {"any": [clause("priority", "is", "high"), clause("tags", "includes_any", ["vip"])]},
                {"any": [clause("priority", "is", "high"), clause("priority", "is", "low")]},
            ]
        }
    )
    assert read.failures(ticket(status="Open", priority="low")) == [
        "team is empty",
        'priority is "low", not "high"',
        'tags is empty, with none of "vip"',
    ]


def test_an_explanation_has_the_shape_of_the_tree():
    read = condition({"any": [clause("team", "is", "a"), {"all": [clause("team", "is", "b")]}]})
    explained = read.explain(ticket(team="b"))
    assert isinstance(explained, ExplainedGroup)
    assert (explained.holds, explained.join, [part.holds for part in explained.parts]) == (True, "any", [False, True])
    assert isinstance(explained.parts[1], ExplainedGroup)
