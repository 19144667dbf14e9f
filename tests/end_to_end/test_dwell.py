"""Transitions and dwell straight from the log of a real desk are the independently computed ones (S11)."""

import json

import pytest

from adapters.sqlite.states import state_entries
from adapters.wiring import open_ledger
from projections.dwell import state_figures
from tests.end_to_end.test_uci_incident import KEYS, LOG, brought_in

pytestmark = pytest.mark.skipif(not LOG.exists(), reason=f"the real history is not here: {LOG}")


def test_transitions_and_dwell_by_state_equal_the_key(tmp_path):
    key = json.loads(KEYS.read_text())["lifecycle"]
    with open_ledger(str(tmp_path / "uci.db"), create=True) as ledger:
        brought_in(ledger)
        found = state_figures(state_entries(ledger.journal.connection))
    assert found.tickets == key["cases"]
    counts = {f"{one.from_state} -> {one.to_state}": one.after.count for one in found.transitions}
    assert counts == key["all_state_change_transitions"]
    assert {one.state: one.stays for one in found.dwell} == {
        state: about["runs"] for state, about in key["per_state"].items()
    }
    for one in found.dwell:
        wanted = key["per_state"][one.state]["dwell_seconds_per_completed_run"]
        if one.ended is None:
            assert wanted["n"] == 0
            continue
        seconds = (one.ended.count, one.ended.total, one.ended.least, one.ended.median, one.ended.most)
        assert seconds == tuple(wanted[name] for name in ("n", "sum", "min", "median", "max"))
        assert round(one.ended.mean, 3) == wanted["mean"]
