"""Transitions and dwell from the log's status events: the definitions of runs, dwell and transitions (F-94, S11)."""

from datetime import timedelta
from itertools import pairwise
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from domain.instant import Instant, moment_of, seconds_between
from projections.dwell import Dwell, Entry, Seconds, StateFigures, Transition, entries, state_figures
from tests.adapters.sqlite.states import life
from tests.examples import moment

_ENTRIES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["New", "Busy", "Done"]), st.integers(-(10**9), 10**9)), max_size=60
)


def _entry(ticket: int, state: str, micros: int) -> Entry:
    at = moment_of(moment()) + timedelta(microseconds=micros)
    return ticket, state, Instant(at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def test_nothing_has_no_figures() -> None:
    assert state_figures([]) == StateFigures(0, (), ())


def test_a_stay_lasts_from_its_first_entry_to_that_of_the_next_stay() -> None:
    """Entries in the same state are one stay, and the last stay has not ended."""
    found = state_figures(
        [
            ("T-1", "New", moment()),
            ("T-2", "New", moment()),
            ("T-1", "New", moment(minutes=5)),
            ("T-1", "Busy", moment(minutes=10)),
            ("T-2", "Busy", moment(minutes=1)),
            ("T-1", "New", moment(minutes=40)),
        ]
    )
    assert found == StateFigures(
        2,
        (
            Dwell("Busy", 2, Seconds(1, 1_800, 1_800, 1_800, 1_800)),
            Dwell("New", 3, Seconds(2, 660, 60, 330, 600)),
        ),
        (
            Transition("Busy", "New", Seconds(1, 1_800, 1_800, 1_800, 1_800)),
            Transition("New", "Busy", Seconds(2, 660, 60, 330, 600)),
        ),
    )
    ended = found.dwell[1].ended
    assert ended is not None
    assert ended.mean == 330


def test_a_state_that_nobody_left_has_stays_and_no_dwell() -> None:
    assert state_figures([("T-1", "New", moment())]).dwell == (Dwell("New", 1, None),)


def test_where_a_clock_ran_backwards_the_order_is_kept_and_the_stay_is_negative() -> None:
    found = state_figures([("T-1", "New", moment(minutes=5)), ("T-1", "Busy", moment())])
    assert found.transitions == (Transition("New", "Busy", Seconds(1, -300, -300, -300, -300)),)


@given(_ENTRIES)
def test_the_figures_are_those_of_each_ticket_told_one_by_one(drawn: list[tuple[int, str, int]]) -> None:
    """Against runs built from lists, as the definitions read, and `seconds_between`."""
    given_entries = [_entry(*one) for one in drawn]
    took: dict[tuple[str, str], list[int]] = {}
    stays: dict[str, int] = {}
    tickets = {ticket for ticket, _, _ in given_entries}
    for own in tickets:
        mine = [(state, at) for ticket, state, at in given_entries if ticket == own]
        runs = [one for place, one in enumerate(mine) if place == 0 or mine[place - 1][0] != one[0]]
        for state, _ in runs:
            stays[state] = stays.get(state, 0) + 1
        for (state, begin), (following, end) in pairwise(runs):
            took.setdefault((state, following), []).append(seconds_between(begin, end))
    found = state_figures(given_entries)
    assert found.tickets == len(tickets)
    assert {one.state: one.stays for one in found.dwell} == stays
    assert [(one.from_state, one.to_state) for one in found.transitions] == sorted(took)
    for transition in found.transitions:
        own_seconds = took[transition.from_state, transition.to_state]
        assert transition.after == Seconds(
            len(own_seconds), sum(own_seconds), min(own_seconds), median(own_seconds), max(own_seconds)
        )
    for dwell in found.dwell:
        left = [one for (state, _), some in took.items() if state == dwell.state for one in some]
        assert (dwell.ended is None) == (not left)
        assert dwell.ended is None or (dwell.ended.count, dwell.ended.median) == (len(left), median(left))


def test_typed_events_and_no_others_say_what_state_a_ticket_is_in(ledger) -> None:
    life(ledger)
    assert [state for _, state, _ in entries(ledger.journal.read())] == ["Open", "On Hold", "Open", "Closed", "New"]
