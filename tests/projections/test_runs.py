"""Runs through a blueprint (F-105, F-119, F-121)."""

from typing import Any

import pytest
from hypothesis import given

from domain.ticket import blueprint_events as b
from projections.base import Unfoldable
from projections.runs import BLUEPRINT_RUNS, fold
from tests.projections.course import MOVES, REFUND, entered, walk
from tests.projections.histories import Log, at


@pytest.mark.parametrize(
    ("ending", "ended_by"),
    [
        (b.BlueprintCompleted(*REFUND, "Done"), "completed"),
        (b.BlueprintLeft(*REFUND, "New", "moved"), "left"),
        (b.BlueprintRevoked(*REFUND, "New", "wrong"), "revoked"),
    ],
)
def test_a_run_lasts_from_the_entry_to_the_exit_f121(ending, ended_by):
    log = Log()
    log.record("ticket:T-1", entered(), 0)
    log.record("ticket:T-1", ending, 90)
    log.record("ticket:T-1", entered("New", None, ("other", 2)), 95)
    first, second = fold({}, log.events)
    assert (first.ended_at, first.ended_by, first.duration_seconds) == (at(90), ended_by, 5_400)
    assert (second.seq, second.blueprint, second.blueprint_version, second.ended_at) == (2, "other", 2, None)


def test_an_exit_without_an_entry_and_a_second_entry_cannot_be_folded():
    for events in ([b.BlueprintCompleted(*REFUND, "Done")], [entered(), entered()]):
        log = Log()
        log.ticket("T-1", *events)
        with pytest.raises(Unfoldable):
            fold({}, log.events)


@given(MOVES)
def test_the_runs_that_last_are_entries_minus_exits_f119(steps):
    log = walk(steps, ticks=False)
    entries = sum(isinstance(one.event, b.BlueprintEntered) for one in log.events)
    left = (b.BlueprintCompleted, b.BlueprintLeft, b.BlueprintRevoked)
    exits = sum(isinstance(one.event, left) for one in log.events)
    rows: list[Any] = []
    for ticket in "abcd":
        own = [one for one in log.events if one.stream.endswith(ticket) and type(one.event) in BLUEPRINT_RUNS.folds]
        rows += fold({}, own)
    assert len(rows) == entries
    assert sum(row.ended_at is None for row in rows) == entries - exits
