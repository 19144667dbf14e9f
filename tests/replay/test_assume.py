"""A foreign history read through a blueprint it never entered (F-105, F-118)."""

from domain.blueprint import parse_blueprint
from domain.ticket import events as e
from domain.values import StatusType
from replay.assume import assume
from tests.projections.histories import Log, at, imported, opened

DOCUMENT = {
    "kind": "blueprint",
    "key": "desk",
    "name": "Desk",
    "department": "Nowhere",
    "states": [
        {"name": "Fresh", "status": "New", "start": True, "limit": "10m"},
        {"name": "Busy", "status": "Active"},
        {"name": "Over", "status": "Closed", "end": True},
    ],
    "transitions": [
        {"name": "Take", "from": "Fresh", "to": "Busy", "owners": "any_agent"},
        {"name": "End", "from": "Busy", "to": "Over", "owners": "any_agent"},
    ],
}
DESK = parse_blueprint(DOCUMENT)
TYPES = {"Closed": StatusType.CLOSED}


def changed(old, new):
    return e.TicketStatusChanged(old, TYPES.get(old, StatusType.OPEN), new, TYPES.get(new, StatusType.OPEN))


def way(*statuses, first="New"):
    """What is assumed of an imported ticket that goes through these statuses, ten minutes each."""
    log = Log()
    log.record("ticket:T-1", imported(status=first), 0)
    for n, (old, new) in enumerate(zip((first, *statuses), statuses, strict=False), start=1):
        log.record("ticket:T-1", changed(old, new), 10 * n, actor="agent:bob")
    return assume(DESK, 3, log.events)


def test_moves_along_an_edge_count_as_its_transition():
    found = way("Active", "Closed")
    assert [(one.kind, one.transition, one.actor) for one in found.transitions] == [
        ("entered", None, "agent:ana"),
        ("performed", "Take", "agent:bob"),
        ("performed", "End", "agent:bob"),
    ]
    assert [(one.state, one.duration_seconds, one.left_by) for one in found.visits] == [
        ("Fresh", 600, "transition"),
        ("Busy", 600, "transition"),
        ("Over", 0, "completed"),
    ]
    (run,) = found.runs
    assert (run.blueprint, run.blueprint_version, run.department) == ("desk", 3, "it")
    assert (run.ended_by, run.duration_seconds) == ("completed", 1_200)


def test_a_move_without_an_edge_is_listed_and_its_visit_counts():
    found = way("Closed")
    move = found.transitions[-1]
    assert (move.kind, move.from_state, move.to_state, move.transition) == ("no_such_transition", "Fresh", "Over", None)
    assert found.runs[0].ended_by == "completed"


def test_a_status_that_is_no_state_ends_the_run_and_a_state_begins_another():
    found = way("Elsewhere", "Active")
    assert [run.ended_by for run in found.runs] == ["left", None]
    assert [(one.kind, one.to_state) for one in found.transitions[1:]] == [
        ("no_such_transition", "Elsewhere"),
        ("entered", "Busy"),
    ]


def test_a_ticket_does_not_enter_with_an_end_state():
    assert way(first="Closed").runs == []


def test_a_limit_is_judged_as_if_it_had_run():
    (visit, _) = way("Active").visits
    assert (visit.limit_due_at, visit.limit_violated_at) == (at(10), at(10))


def test_tickets_of_our_own_are_left_out():
    log = Log()
    log.ticket("T-1", opened(status="New"), changed("New", "Active"))
    assert assume(DESK, 1, log.events) == ([], [], [])
