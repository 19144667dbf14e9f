"""That a rebuild, which makes the indexes of its tables at the end, leaves every one of them (design section 5)."""

from pathlib import Path

import pytest

from adapters.read_db import store
from benchmarks import in_flight


@pytest.mark.parametrize("held", [1_000_000, 50])
def test_a_rebuild_leaves_rows_and_indexes_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    """In memory to the end, and by way of temporary tables."""
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    path = tmp_path / "ours.db"
    in_flight.fill(path, 60)
    monkeypatch.setattr(store.SpillingRows.__init__, "__defaults__", (held,))
    with in_flight.at_desk(path) as ledger:
        connection = ledger.journal.connection
        before = connection.execute(indexes).fetchall()
        figures = in_flight.dashboard(ledger, ledger.now())
        ledger.runner.rebuild()
        assert len(before) > 5
        assert connection.execute(indexes).fetchall() == before
        assert ledger.runner.compare() == []
        assert in_flight.dashboard(ledger, ledger.now()) == figures
