"""What a blueprint's document may say (F-102, F-103, F-104, F-106)."""

from copy import deepcopy

import pytest

from domain.blueprint import parse_blueprint
from domain.documents import Mistaken
from tests.domain.rules.refund import BLUEPRINT, REFUND, changed


def mistakes(**fields):
    """What is wrong with the document that has these fields instead, as (place, sentence)."""
    with pytest.raises(Mistaken) as mistaken:
        parse_blueprint(changed(**fields))
    return [(mistake.path, mistake.sentence) for mistake in mistaken.value.mistakes]


def states(**at):
    """The states with some of them changed, by their place."""
    made = deepcopy(REFUND["states"])
    for place, fields in at.items():
        made[int(place[1:])].update(fields)
    return made


def transitions(**at):
    made = deepcopy(REFUND["transitions"])
    for place, fields in at.items():
        made[int(place[1:])].update(fields)
    return made


def test_a_star_stands_for_every_state_that_is_no_end_but_those_left_out_and_the_one_it_leads_to():
    """F-104: a version lists concrete edges."""
    assert [one.from_states for one in BLUEPRINT.transitions if one.name == "Drop"] == [("Requested", "Waiting")]
    assert [state.name for state in BLUEPRINT.states if state.is_end] == ["Done"]
    assert BLUEPRINT.states_by_name["Requested"].limit_seconds == 4 * 3600
    assert BLUEPRINT.state_of("Escalated") == BLUEPRINT.states_by_name["Checked"]


def test_a_blueprint_belongs_to_one_department():
    """F-106."""
    assert mistakes(department=None) == [("department", "is missing")]


def test_two_states_do_not_claim_one_status():
    """F-103."""
    assert mistakes(states=states(_2={"status": "Open"})) == [
        ("states[2]", "status 'Open' is that of 'Requested' already; one status is one state (F-103)")
    ]


def test_names_are_unique():
    """F-102."""
    found = mistakes(states=states(_1={"name": "Requested"}), transitions=transitions(_1={"name": "Ask"}))
    assert ("states[1]", "a state named 'Requested' stands above already") in found
    assert ("transitions[1]", "a transition named 'Ask' stands above already") in found


def test_no_transition_dangles():
    """F-102: every mistake at once."""
    found = mistakes(transitions=transitions(_0={"to": "Nowhere"}, _2={"from": "Elsewhere"}, _3={"except": ["Gone"]}))
    assert [place for place, _ in found] == ["transitions[0].to", "transitions[2].from", "transitions[3].except[0]"]


@pytest.mark.parametrize(
    ("made", "place", "sentence"),
    [
        (states(_0={"start": False}), "states", "exactly one state is the start (start: true), not 0"),
        (states(_1={"start": True}), "states", "exactly one state is the start (start: true), not 2"),
        (states(_3={"end": False}), "states", "at least one state is an end (end: true)"),
        (
            states(_3={"limit": "1h"}),
            "states[3].limit",
            "an end state is left at once, so it takes no limit",
        ),
        (states(_0={"limit": "soon"}), "states[0].limit", "expected a length of time such as 30m, 4h or 1d 12h"),
        (
            [*REFUND["states"], {"name": "Island", "status": "Parts"}],
            "states[4]",
            "no way leads from 'Requested' to 'Island'",
        ),
    ],
    ids=["no start", "two starts", "no end", "a limit at the end", "no duration", "out of reach"],
)
def test_the_graph_has_one_start_an_end_and_no_state_out_of_reach(made, place, sentence):
    """F-102."""
    assert (place, sentence) in mistakes(states=made)


def test_every_state_has_a_way_to_an_end():
    """F-111."""
    trap = [*REFUND["states"], {"name": "Trap", "status": "Parts"}]
    into = [*REFUND["transitions"], {"name": "Fall", "from": "Waiting", "to": "Trap", "owners": "any_agent"}]
    found = mistakes(states=trap, transitions=[one for one in into if one["name"] != "Drop"])
    assert found == [("states[4]", "no way leads from 'Trap' to an end")]


def test_a_transition_says_who_may_take_it():
    """Features 2.1: there is no silent everybody."""
    nobody = transitions()
    del nobody[0]["owners"]
    assert mistakes(transitions=nobody) == [("transitions[0].owners", "is missing")]
    assert mistakes(transitions=transitions(_0={"owners": ["everybody"]})) == [
        ("transitions[0].owners[0]", "expected any_agent, ticket_agent, agent:ID, service:ID or system")
    ]


def test_a_condition_on_time_alone_is_no_entry():
    """F-88: time conditions are not evaluated at events, and the mistake says so at its place."""
    [(place, _)] = mistakes(entry={"field": "opened_at", "operator": "older_than", "value": "1h"})
    assert place.startswith("entry")


def test_unknown_fields_are_named_with_their_place():
    assert mistakes(colour="red")[0][0] == "colour"
    assert mistakes(states=states(_0={"colour": "red"}))[0][0] == "states[0].colour"


@pytest.mark.parametrize("origin", [{"from": []}, {"from": "*", "except": ["Requested", "Waiting", "Checked"]}])
def test_a_transition_leads_from_somewhere(origin):
    """F-102: no transition dangles."""
    assert ("transitions[3].from", "leads from no state") in mistakes(transitions=transitions(_3=origin))


def test_the_graph_is_looked_at_whatever_else_is_wrong():
    """Every mistake at once: a missing name does not hide a state out of reach."""
    island = [*REFUND["states"], {"name": "Island", "status": "Parts"}]
    assert [place for place, _ in mistakes(name=None, states=island)] == ["name", "states[4]"]
