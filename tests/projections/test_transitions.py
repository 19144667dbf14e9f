"""Entries and moves (F-123, F-126): the table of blueprint actions equals the log."""

from typing import Any

import pytest
from hypothesis import given

from domain.instant import seconds_between
from domain.ticket import blueprint_events as b
from projections.base import Unfoldable
from projections.transitions import TRANSITIONS, fold
from tests.projections.course import MOVES, entered, force, move, walk
from tests.projections.histories import Log, at


def test_a_move_tells_who_made_it_and_how_long_the_ticket_was_in_the_state_before_f126():
    log = Log()
    log.record("ticket:T-1", entered("New"), 0)
    log.record("ticket:T-1", move("ask", "New", "Asked"), 10, actor="agent:bob")
    log.record("ticket:T-1", force("Asked", "New"), 25, actor="agent:eve")
    entry, performed, forced = fold({}, log.events)
    assert (entry.kind, entry.from_state, entry.to_state, entry.duration_seconds) == ("entered", None, "New", None)
    assert (performed.kind, performed.transition, performed.actor, performed.performed_at, performed.position) == (
        "performed",
        "ask",
        "agent:bob",
        at(10),
        2,
    )
    assert performed.duration_seconds == 600
    assert (forced.kind, forced.transition, forced.from_state, forced.actor) == ("forced", None, "Asked", "agent:eve")
    assert forced.duration_seconds == 900


def test_a_move_from_another_state_cannot_be_folded():
    for events in ([move("ask", "New", "Asked")], [entered("New"), move("ask", "Asked", "New")]):
        log = Log()
        log.ticket("T-1", *events)
        with pytest.raises(Unfoldable):
            fold({}, log.events)


@given(MOVES)
def test_the_table_of_actions_equals_the_log_however_it_is_cut_f126(steps):
    log = walk(steps, ticks=True)
    for ticket in "abcd":
        own = [one for one in log.events if one.stream == f"ticket:{ticket}" and type(one.event) in TRANSITIONS.folds]
        expected: list[Any] = []
        since = at(0)
        for one in own:
            event: Any = one.event
            if isinstance(event, b.BlueprintEntered):
                expected.append((None, event.state, one.actor, one.occurred_at, None, one.position))
            else:
                spent = seconds_between(since, one.occurred_at)
                expected.append((event.from_state, event.to_state, one.actor, one.occurred_at, spent, one.position))
            since = one.occurred_at
        rows: dict[Any, Any] = {}
        for one in own:
            rows |= {row.seq: row for row in fold(rows, [one])}
        assert list(rows.values()) == list(fold({}, own))
        found = [
            (r.from_state, r.to_state, r.actor, r.performed_at, r.duration_seconds, r.position) for r in rows.values()
        ]
        assert found == expected
