"""Targets of the two clocks (F-92 to F-94): one row a target, and a verdict that stays (E-04)."""

from typing import Any

import pytest

from domain.ticket import sla_events as s
from projections.base import Unfoldable, merged
from projections.clocks import SLA_CLOCKS, fold
from tests.projections.course import STANDARD, resolution_due, response_due
from tests.projections.histories import Log, at


def folded(*timed):
    """The rows of these (minutes, event), folded at once; one by one they must be the same."""
    log = Log()
    for minutes, event in timed:
        log.record("ticket:T-1", event, minutes)
    whole = {SLA_CLOCKS.key_of(row): row for row in fold({}, log.events)}
    rows: dict[Any, Any] = {}
    for one in log.events:
        rows = merged(SLA_CLOCKS, dict(sorted(rows.items())), fold(dict(sorted(rows.items())), [one]))
    assert rows == whole
    return [whole[key] for key in sorted(whole)]


def test_a_target_that_is_met_in_time_has_no_violation_f92():
    (row,) = folded((0, response_due(60)), (59, s.ResponseMet(*STANDARD, at(60))))
    assert (row.clock, row.outcome, row.due_at, row.violated_at, row.ended_at) == (
        "response",
        "met",
        at(60),
        None,
        at(59),
    )
    assert (row.set_position, row.last_position, row.late_seconds) == (1, 2, None)


def test_a_target_that_came_late_tells_how_late_f93():
    (row,) = folded(
        (0, resolution_due(60)),
        (60, s.ResolutionViolated(*STANDARD, "high", at(60))),
        (75, s.ResolutionCameLate(*STANDARD, at(60), 900)),
    )
    assert (row.outcome, row.violated_at, row.ended_at, row.late_seconds) == ("late", at(60), at(75), 900)


def test_a_target_that_ends_behind_its_due_instant_was_violated_whether_or_not_it_was_recorded_f94():
    (row,) = folded((0, response_due(60)), (75, s.ResponseCameLate(*STANDARD, at(60), 900)))
    assert row.violated_at == at(60)


def test_a_resumption_goes_on_with_the_same_row_f93():
    (row,) = folded(
        (0, resolution_due(60)),
        (20, s.ResolutionPaused(*STANDARD, at(60))),
        (30, resolution_due(70, held_seconds=600)),
    )
    assert (row.seq, row.outcome, row.due_at, row.held_seconds) == (1, "running", at(70), 600)
    (paused,) = folded((0, resolution_due(60)), (20, s.ResolutionPaused(*STANDARD, at(60))))
    assert (paused.outcome, paused.due_at) == ("paused", None)


def test_another_priority_sets_another_target_and_the_violation_under_the_old_one_stays_t9():
    first, second = folded(
        (0, response_due(60, "high")),
        (60, s.ResponseViolated(*STANDARD, "high", at(60))),
        (70, response_due(480, "low")),
    )
    assert (first.outcome, first.priority, first.violated_at, first.ended_at) == ("superseded", "high", at(60), at(70))
    assert (second.seq, second.outcome, second.priority, second.violated_at) == (2, "running", "low", None)


def test_a_target_that_was_over_when_it_was_set_is_violated_at_the_change_t9():
    """T9: the violation is no part of what had happened before the change; it was due earlier all the same."""
    first, second = folded(
        (0, response_due(480, "low")),
        (300, response_due(60, "high")),
        (300, s.ResponseViolated(*STANDARD, "high", at(60))),
    )
    assert (first.outcome, first.violated_at) == ("superseded", None)
    assert (second.due_at, second.violated_at) == (at(60), at(300))
    (row,) = folded((0, response_due(60)), (60, s.ResponseViolated(*STANDARD, "high", at(60))))
    assert row.violated_at == at(60)


def test_a_target_after_a_verdict_is_another_row_f93():
    first, second = folded(
        (0, resolution_due(60)), (10, s.ResolutionMet(*STANDARD, at(60))), (20, resolution_due(90, started_at=at(20)))
    )
    assert (first.outcome, second.outcome, second.seq) == ("met", "running", 2)


def test_a_priority_without_a_target_and_a_move_end_the_clocks_without_a_verdict_f48():
    resolution, response = folded(
        (0, response_due(60)),
        (0, resolution_due(600)),
        (10, s.ResponseDueCleared(*STANDARD)),
        (20, s.SlaReleased(*STANDARD, "moved")),
    )
    assert (response.outcome, response.ended_at, response.violated_at) == ("cleared", at(10), None)
    assert (resolution.outcome, resolution.ended_at) == ("released", at(20))


def test_a_contested_verdict_stands_and_what_was_waited_for_is_there_e04():
    (row,) = folded(
        (0, response_due(60)),
        (60, s.ResponseViolated(*STANDARD, "high", at(60))),
        (70, s.VerdictContested(*STANDARD, "response", at(60), at(50))),
    )
    assert (row.is_contested, row.violated_at, row.outcome, row.ended_at, row.late_seconds) == (
        True,
        at(60),
        "late",
        at(50),
        0,
    )


def test_what_does_not_follow_cannot_be_folded():
    met = s.ResponseMet(*STANDARD, at(60))
    for events in ([met], [response_due(60), met, met], [s.SlaApplied(*STANDARD, at(0))]):
        log = Log()
        log.ticket("T-1", *events)
        with pytest.raises(Unfoldable):
            fold({}, log.events)
