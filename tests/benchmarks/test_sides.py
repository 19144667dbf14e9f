"""That both sides of a benchmark come to the same: small runs, which check it before they measure."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.verification import verify_ledger
from benchmarks import in_flight, reading, rebuilding, states
from benchmarks.claims import CLAIMS
from benchmarks.measure import QUICK

SMALL = replace(
    QUICK, shared=600, rebuilt=800, orm_events=150, rebuild_pairs=1, state_tickets=60, pairs=1, in_flight=300
)


def test_two_processes_verify_what_one_does(tmp_path: Path) -> None:
    """S8."""
    (figure,) = reading.shared(tmp_path, SMALL)
    assert (figure.id, figure.more["events"]) == ("S8", 600)


def test_the_orm_comes_to_the_rows_of_the_rebuild(tmp_path: Path) -> None:
    """S9: every table, column by column."""
    (figure,) = rebuilding.rebuilt(tmp_path, SMALL)
    assert figure.id == "S9"
    assert figure.value is not None
    assert figure.value > 1


@pytest.mark.skipif(states.PREPARED not in os.environ, reason=f"{states.PREPARED} names no interpreter with pm4py")
def test_pm4py_comes_to_the_figures_of_the_report(tmp_path: Path) -> None:
    """S11."""
    (figure,) = states.reported(tmp_path, SMALL)
    assert figure.value is not None


def test_where_pm4py_cannot_be_had_the_row_says_that_it_was_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(states.PREPARED, raising=False)
    monkeypatch.setattr(states, "_PACKAGE", "./there-is-no-such-folder")
    (figure,) = states.reported(tmp_path, SMALL)
    assert figure.value is None
    assert "cannot be installed" in figure.more["not_measured"]
    assert CLAIMS["S11"].is_kept(figure.value)
    assert "pm4py" not in sys.modules


def test_the_log_of_the_dashboard_folds_and_is_as_the_bus_would_have_left_it(tmp_path: Path) -> None:
    """DASHBOARD: valid for `verify`, three visits a ticket, a fifth over its limit, both versions at work."""
    path = tmp_path / "ours.db"
    in_flight.fill(path, 300)
    found = verify_ledger(path)
    assert found.ok, found
    with in_flight.at_desk(path) as ledger:
        assert ledger.journal.connection.execute("SELECT count(*) FROM fct_state_visits").fetchone() == (900,)
        rows = in_flight.dashboard(ledger, ledger.now())
    assert sum(row.occurrences for row in rows if row.metric == "active") == 300
    assert 0.15 < in_flight.overstaying(rows) / 300 < 0.3
    assert {row.blueprint_version for row in rows} == {1, 2}


def test_both_questions_give_a_figure_in_milliseconds_with_the_floor_beside(tmp_path: Path) -> None:
    """DASHBOARD, TRANSITIONS."""
    figures = list(in_flight.asked(tmp_path, SMALL))
    assert [figure.id for figure in figures] == ["DASHBOARD", "TRANSITIONS"]
    for figure in figures:
        assert CLAIMS[figure.id].is_ceiling
        assert figure.value is not None
        assert figure.value > figure.more["floor_ms"] > 0
