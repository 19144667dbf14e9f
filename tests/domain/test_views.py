"""Saved views: columns, sorting, audience, and the built-in ones (F-69, F-72, F-73, F-75)."""

from typing import Any

import pytest

from domain.conditions import ALWAYS, TicketFacts
from domain.documents import Mistaken
from domain.views import BUILT_IN, BUILT_IN_KEYS, Sorting, built_in_rule, is_column, may_run, parse_view
from tests.examples import moment


def document(**changes: Any) -> dict[str, Any]:
    return {"kind": "view", "key": "mine", "name": "Mine", "columns": ["ticket_id"], **changes}


def mistakes(**changes: Any) -> dict[str, str]:
    with pytest.raises(Mistaken) as caught:
        parse_view(document(**changes))
    return {mistake.path: mistake.sentence for mistake in caught.value.mistakes}


def test_a_view_of_little_holds_every_ticket_for_everybody():
    view = parse_view(document())
    assert (view.condition, view.order, view.sort, view.audience) == (ALWAYS, 100, (), ())
    assert may_run(view, "agent:ana", ())


def test_columns_stay_in_their_order():
    """F-72."""
    columns = ["subject", "ticket_id", "fields.order number", "last_event_at"]
    assert parse_view(document(columns=columns)).columns == tuple(columns)


@pytest.mark.parametrize("column", ["colour", "fields.", "Fields.x", "ticket-id", "position"])
def test_an_unknown_column_is_refused_by_its_place(column):
    """F-72."""
    assert not is_column(column)
    assert list(mistakes(columns=["ticket_id", column])) == ["columns[1]"]
    assert list(mistakes(sort=[{"column": column}])) == ["sort[0].column"]


@pytest.mark.parametrize("columns", [[], "ticket_id", [3], [""], ["ticket_id", "ticket_id"], None])
def test_columns_are_a_list_of_different_names(columns):
    assert all(place.startswith("columns") for place in mistakes(columns=columns))


def test_a_view_is_sorted_by_columns_in_turn():
    sort = [{"column": "priority", "descending": True}, {"column": "opened_at"}]
    assert parse_view(document(sort=sort)).sort == (Sorting("priority", True), Sorting("opened_at"))
    assert list(mistakes(sort=[{"column": "priority"}, {"column": "priority"}])) == ["sort[1].column"]
    assert list(mistakes(sort=[{"column": "priority", "descending": 1}])) == ["sort[0].descending"]
    assert list(mistakes(sort=[{"descending": True}])) == ["sort[0].column"]


def test_who_is_outside_the_audience_does_not_run_a_view():
    """F-73."""
    view = parse_view(document(audience=["agent:ana", "team:First Line"]))
    assert may_run(view, "agent:ana", ())
    assert may_run(view, "agent:tom", ["First Line", "Night"])
    assert not may_run(view, "agent:tom", ["Night"])
    assert not may_run(view, "service:ana", ())
    assert not may_run(view, "agent:Ana", ["first line"])


@pytest.mark.parametrize("audience", [[], "ana", ["ana"], ["agent:"], ["contact:7"], ["agent:a", "agent:a"], [1], {}])
def test_an_audience_names_agents_and_teams(audience):
    assert all(place.startswith("audience") for place in mistakes(audience=audience))


def test_a_saved_view_has_no_before():
    found = mistakes(condition={"field": "priority", "operator": "changed"})
    assert list(found) == ["condition.operator"]


def test_every_mistake_is_found_at_once():
    found = mistakes(name="", columns=["x"], sort=3, audience=7, colour=1, condition={"field": "x", "operator": "is"})
    assert set(found) >= {"name", "columns[0]", "sort", "audience", "colour", "condition.field"}


# Built-in views


def test_the_built_in_views_stand_in_order():
    """F-75."""
    views = [parse_view(one) for one in BUILT_IN]
    assert [view.key for view in views] == [
        *("overdue", "closed", "reassigned", "high_priority", "no_action_48h", "unassigned", "open")
    ]
    assert [view.order for view in views] == sorted(view.order for view in views)
    assert {view.key for view in views} == BUILT_IN_KEYS
    assert all(may_run(view, "agent:new", ()) for view in views)
    assert built_in_rule("overdue") == "built_in:view_overdue@1"


PLAIN = {
    "status_type": "open",
    "priority": "low",
    "agent": "ana",
    "team_change_count": 1,
    "is_overdue": False,
    "last_action_at": moment(),
}


@pytest.mark.parametrize(
    ("changes", "held_in"),
    [
        ({}, {"open"}),
        ({"is_overdue": True}, {"open", "overdue"}),
        ({"status_type": "closed", "priority": "urgent", "agent": None}, {"closed"}),
        ({"team_change_count": 2}, {"open", "reassigned"}),
        ({"priority": "high"}, {"open", "high_priority"}),
        ({"priority": "urgent", "status_type": "on_hold"}, {"high_priority"}),
        ({"agent": None}, {"open", "unassigned"}),
        ({"last_action_at": moment(days=-2, hours=1)}, {"open", "no_action_48h"}),
        ({"last_action_at": moment(days=-2, hours=1, seconds=1)}, {"open"}),
    ],
)
def test_a_built_in_view_holds_what_its_name_says(changes, held_in):
    """F-70: the ticket appears exactly 48 hours after its last action. F-75."""
    facts = TicketFacts.of({**PLAIN, **changes}, None, moment(hours=1))
    views = [parse_view(one) for one in BUILT_IN]
    assert {view.key for view in views if view.condition.holds(facts)} == held_in
