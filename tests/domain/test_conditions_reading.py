"""Reading a condition finds every mistake at once, each with its place (design section 4, F-88)."""

import pytest

from domain.conditions import FIELDS, OPERATORS, FieldKind, kind_of
from tests.domain.conditions_examples import NOON, clause, condition, mistakes, ticket

ANY_OF = "expected all, any, or field and operator"
TWICE = '"12.50"'


def test_every_mistake_is_found_at_once_with_its_place():
    assert mistakes(
        {
            "all": [
                clause("priorty", "is", "high"),
                clause("team", "isnt", "vip"),
                {"any": [clause("team", "is"), clause("tags", "includes_any", "vip"), 7]},
                {"field": "team", "operator": "is_empty", "value": "x", "note": "y"},
                clause("exchanges", "is", 12.5),
            ]
        }
    ) == [
        ("all[0].field", "'priorty' is no field of a ticket here; did you mean priority?"),
        (
            "all[1].operator",
            "'isnt' is no operator; there are " + ", ".join(n for n, o in OPERATORS.items() if o.is_for("team")),
        ),
        ("all[2].any[0].value", "is missing"),
        ("all[2].any[1].value", "expected a list"),
        ("all[2].any[2]", ANY_OF),
        ("all[3].note", "is no field here; there are field, operator, value"),
        ("all[3].value", "is_empty takes no value"),
        ("all[4].value", 'expected a whole number up to 2**53; write it in quotes such as "12.50"'),
    ]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Open", [("document", ANY_OF)]),
        ([], [("document", ANY_OF)]),
        ({}, [("document", ANY_OF)]),
        ({"all": []}, [("all", "expected at least one condition")]),
        ({"all": None}, [("all", "is missing")]),
        ({"any": "x"}, [("any", "expected a list")]),
        ({"all": [None]}, [("all[0]", ANY_OF)]),
        ({"operator": "changed"}, [("field", "is missing")]),
        ({"field": "team"}, [("operator", "is missing")]),
        (
            {"field": 5, "operator": "changed"},
            [("field", "expected text; put numbers, dates and words such as yes or no in quotes")],
        ),
        (clause("team", "in", []), [("value", "expected at least one value")]),
        (clause("team", "in", ["a", "b", "a"]), [("value[2]", "'a' stands twice")]),
        (clause("tags", "changed_to", "a"), [("value", "expected a list")]),
        (clause("is_overdue", "is", "true"), [("value", "expected true or false")]),
        (clause("priority", "at_least", "P1"), [("value", "expected one of low, medium, high, urgent")]),
        (
            clause("exchanges", "is", True),
            [("value", 'expected a whole number, or a decimal number in quotes such as "12.50"')],
        ),
        (
            clause("exchanges", "is", "1e5"),
            [("value", 'expected a whole number, or a decimal number in quotes such as "12.50"')],
        ),
        (
            clause("fields.size", "at_least", "L"),
            [("value", 'expected a whole number, or a decimal number in quotes such as "12.50"')],
        ),
        (
            clause("fields.size", "is", 1.5),
            [("value", 'expected a whole number up to 2**53; write it in quotes such as "12.50"')],
        ),
        (
            clause("exchanges", "is", 2**53 + 1),
            [("value", 'expected a whole number up to 2**53; write it in quotes such as "12.50"')],
        ),
        (
            clause("due_at", "before", "noon"),
            [("value", "'noon' is not an ISO 8601 instant such as 2026-06-01T09:00:00Z")],
        ),
        (clause("due_at", "before", 5), [("value", 'expected an instant in quotes such as "2026-06-01T09:00:00Z"')]),
        (clause("due_at", "older_than", "soon"), [("value", "expected a length of time such as 30m, 4h or 1d 12h")]),
        (clause("due_at", "older_than", 48), [("value", "expected a length of time such as 30m, 4h or 1d 12h")]),
        (clause("subject", "contains", "\u0301"), [("value", "expected text with more in it than accents")]),
        (
            clause("fields.", "is_empty"),
            [("field", "expected fields.NAME with a name of 1 to 128 printable characters")],
        ),
        ({"all": [clause("team", "changed")], "team": "x"}, [("team", "is no field here; there are all")]),
    ],
)
def test_a_mistake_has_a_place_and_says_what_was_expected(document, expected):
    assert mistakes(document) == expected


def test_all_and_any_do_not_stand_side_by_side_and_both_are_read():
    assert mistakes({"all": [7], "any": [clause("team", "changed")]}) == [
        ("document", "has all and any side by side; put one inside the other"),
        ("all[0]", ANY_OF),
    ]


def test_groups_stand_inside_each_other_up_to_twenty_deep():
    document = clause("team", "is_empty")
    for _ in range(20):
        document = {"all": [document]}
    assert condition(document).holds(ticket())
    ((place, sentence),) = mistakes({"any": [document]})
    assert place == "any[0]" + ".all[0]" * 19
    assert sentence == "stands inside 20 groups already, and none may stand deeper"


@pytest.mark.parametrize("operator", ["changed", "changed_from", "changed_to"])
def test_where_there_is_no_before_a_change_is_a_mistake(operator):
    assert mistakes(clause("team", operator, "x"), changes=False) == [
        ("operator", f"{operator} asks what was before a change, and there is none here")
    ]


@pytest.mark.parametrize("operator", ["older_than", "newer_than"])
def test_a_time_condition_in_an_event_rule_is_refused_with_a_clear_message(operator):
    """F-88."""
    ((place, sentence),) = mistakes(clause("due_at", operator, "48h"), time=False)
    assert place == "operator"
    assert sentence == (
        f"{operator} holds by time alone, and this condition is only asked when something happens; views may use it"
    )


def test_the_operators_that_a_mistake_offers_are_those_that_may_stand_there():
    ((_, sentence),) = mistakes(clause("due_at", "is", NOON), changes=False, time=False)
    assert sentence == "is is not for due_at, an instant; there are is_empty, is_not_empty, before, after"


def test_fields_that_are_not_there_are_a_mistake_and_custom_fields_are_always_there():
    known = ("team", "status")
    assert mistakes({"any": [clause("team", "is_empty"), clause("fields.x", "is_empty")]}, known=known) == []
    assert mistakes(clause("last_action_at", "is_empty"), known=known) == [
        ("field", "'last_action_at' is no field of a ticket here; there are status, team and fields.NAME")
    ]


@pytest.mark.parametrize("name", ["fields.", "fields." + "x" * 129, "fields.a\n", "field.x", "", "Team"])
def test_a_field_is_one_of_the_table_or_a_custom_one(name):
    assert kind_of(name) is None
    assert kind_of("fields.a b.c") is FieldKind.CUSTOM
    assert all(kind_of(field) is kind for field, kind in FIELDS.items())
