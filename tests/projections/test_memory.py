"""Rows in memory keep what the port asks for."""

import pytest

from projections.catalogue import PROJECTIONS
from projections.folding import advance
from projections.memory import MemoryRows
from projections.status_intervals import STATUS_INTERVALS
from projections.store import Checkpoint, ProjectionMoved, Step
from tests.projections.histories import Log, opened


def test_a_step_from_another_checkpoint_is_not_written():
    log, rows = Log(), MemoryRows()
    log.ticket("T-1", opened())
    advance(STATUS_INTERVALS, rows, log.events)
    start = Checkpoint(STATUS_INTERVALS.name, 1, 0, 0)
    with pytest.raises(ProjectionMoved):
        rows.write(Step(STATUS_INTERVALS, start, Checkpoint(STATUS_INTERVALS.name, 1, 5, 5), []))
    assert rows.progress().of(STATUS_INTERVALS).position == 1


def test_rows_that_are_taken_are_held_no_longer():
    log, rows = Log(), MemoryRows()
    log.ticket("T-2", opened())
    log.ticket("T-1", opened())
    for projection in PROJECTIONS:
        advance(projection, rows, log.events)
    assert rows.count(STATUS_INTERVALS) == 2
    assert [row.ticket_id for row in rows.take_rows(STATUS_INTERVALS)] == ["T-1", "T-2"]
    assert rows.count(STATUS_INTERVALS) == 0
    assert rows.all_rows(STATUS_INTERVALS) == []
