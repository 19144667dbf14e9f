"""The states skimmed from the log are those that its typed events tell (S11)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.codec import EventUnreadable
from adapters.sqlite.states import state_entries
from adapters.wiring import Ledger
from projections.dwell import entries, state_figures
from tests.adapters.sqlite.states import life


def test_skimmed_states_are_those_of_the_typed_events(ledger: Ledger) -> None:
    life(ledger)
    skimmed = list(state_entries(ledger.journal.connection))
    typed = list(entries(ledger.journal.read()))
    assert [one[1:] for one in skimmed] == [one[1:] for one in typed]
    assert state_figures(skimmed) == state_figures(typed)


def test_the_first_events_of_the_log_alone_can_be_asked_for(ledger: Ledger) -> None:
    life(ledger)
    for upto in range(8):
        skimmed = state_figures(state_entries(ledger.journal.connection, upto))
        assert skimmed == state_figures(entries(ledger.journal.read(0, upto)))


def test_an_empty_log_has_no_states(ledger: Ledger) -> None:
    assert list(state_entries(ledger.journal.connection)) == []


@pytest.mark.parametrize(("change", "said"), [("data = x'7b'", "does not decode"), ("schema = 99", "schema 99")])
def test_a_status_event_that_nobody_can_read_is_named_and_not_skipped(
    change: str, said: str, ledger: Ledger, path: Path
) -> None:
    life(ledger)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER log_no_update")
        connection.execute(f"UPDATE log SET {change} WHERE position = 3")
        connection.commit()
    with pytest.raises(EventUnreadable, match=said):
        list(state_entries(ledger.journal.connection))
