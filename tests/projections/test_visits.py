"""Visits of states (F-110, F-119 to F-122), against an oracle that only knows the list of events."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given

from domain.instant import seconds_between
from domain.ticket import blueprint_events as b
from domain.ticket import events as e
from projections.base import Unfoldable, merged
from projections.visits import STATE_VISITS, fold
from tests.projections.course import MOVES, REFUND, entered, force, move, walk
from tests.projections.histories import Log, at


def folded(log, ticket="T-1"):
    own = [one for one in log.events if one.stream == f"ticket:{ticket}" and type(one.event) in STATE_VISITS.folds]
    return list(fold({}, own))


def test_each_move_ends_a_visit_and_begins_the_next_f114():
    log = Log()
    log.record("ticket:T-1", entered("New", 30), 0)
    log.record("ticket:T-1", move("ask", "New", "Asked"), 10)
    log.record("ticket:T-1", force("Asked", "New", 60), 25)
    first, second, third = folded(log)
    assert (first.state, first.entered_by, first.left_by, first.duration_seconds) == ("New", "entry", "transition", 600)
    assert (second.state, second.entered_by, second.left_by, second.left_at) == ("Asked", "transition", "force", at(25))
    assert (third.seq, third.state, third.entered_by, third.left_at) == (3, "New", "force", None)
    assert (first.limit_due_at, second.limit_due_at, third.limit_due_at) == (at(30), None, at(60))
    assert (second.entered_position, second.left_position) == (2, 3)


def test_the_visit_of_an_end_state_ends_when_it_begins_f119():
    log = Log()
    log.record("ticket:T-1", entered(), 0)
    log.record("ticket:T-1", move("finish", "New", "Done"), 5)
    log.record("ticket:T-1", b.BlueprintCompleted(*REFUND, "Done"), 5)
    last = folded(log)[-1]
    assert (last.state, last.left_by, last.duration_seconds) == ("Done", "completed", 0)


@pytest.mark.parametrize(
    ("ending", "left_by"),
    [(b.BlueprintLeft(*REFUND, "New", "moved"), "left"), (b.BlueprintRevoked(*REFUND, "New", "wrong"), "revoked")],
)
def test_leaving_ends_the_visit_and_entering_again_begins_another_f106_f115(ending, left_by):
    log = Log()
    log.ticket("T-1", entered(), ending, entered("New", None, ("other", 4)))
    first, second = folded(log)
    assert first.left_by == left_by
    assert (second.seq, second.blueprint, second.blueprint_version, second.entered_by) == (2, "other", 4, "entry")


def test_a_limit_stands_still_while_the_ticket_is_away_and_a_violation_stays_f52_f110():
    log = Log()
    log.record("ticket:T-1", entered("New", 30), 0)
    log.record("ticket:T-1", e.TicketDeleted(at(9_999)), 10)
    assert folded(log)[0].limit_due_at is None
    log.record("ticket:T-1", e.TicketRestored(), 20)
    log.record("ticket:T-1", b.StateLimitDueSet(*REFUND, "New", at(40)), 20)
    assert folded(log)[0].limit_due_at == at(40)
    log.record("ticket:T-1", b.StateLimitViolated(*REFUND, "New", at(40)), 40)
    log.record("ticket:T-1", e.TicketArchived(), 50)
    (visit,) = folded(log)
    assert (visit.limit_due_at, visit.limit_violated_at) == (at(40), at(40))


def test_a_visit_that_ends_behind_its_limit_was_violated_whether_or_not_it_was_recorded_f110():
    for minutes, violated in ((30, at(30)), (29, None)):
        log = Log()
        log.record("ticket:T-1", entered("New", 30), 0)
        log.record("ticket:T-1", move("ask", "New", "Asked"), minutes)
        assert folded(log)[0].limit_violated_at == violated


def test_what_does_not_follow_cannot_be_folded():
    for events in (
        [move("ask", "New", "Asked")],
        [entered(), entered()],
        [entered(), move("ask", "Asked", "New")],
        [e.TicketRestored()],
    ):
        log = Log()
        log.ticket("T-1", *events)
        with pytest.raises(Unfoldable):
            fold({}, log.events)


@given(MOVES)
def test_visits_follow_each_other_without_gap_or_overlap_however_the_stream_is_cut(steps):
    log = walk(steps, ticks=True)
    for ticket in "abcd":
        whole = folded(log, ticket)
        one_by_one: dict[Any, Any] = {}
        for one in log.events:
            if one.stream == f"ticket:{ticket}" and type(one.event) in STATE_VISITS.folds:
                one_by_one = merged(STATE_VISITS, one_by_one, fold(one_by_one, [one]))
        assert list(one_by_one.values()) == whole
        for before, after in pairwise(whole):
            assert after.seq == before.seq + 1
            if after.entered_by != "entry":
                assert (before.left_at, before.left_position) == (after.entered_at, after.entered_position)
        for visit in whole:
            if visit.left_at is not None:
                assert visit.duration_seconds == seconds_between(visit.entered_at, visit.left_at)
