"""Stays in a status (F-46), against an oracle that only knows the list of changes."""

import pytest
from hypothesis import given

from domain.instant import moment_of
from domain.ticket import events as e
from domain.values import StatusType
from projections.base import Unfoldable
from projections.status_intervals import fold
from tests.projections.histories import STEPS, Log, at, history, opened

HOLD = e.TicketStatusChanged("Open", StatusType.OPEN, "Waiting", StatusType.ON_HOLD)
CLOSE = e.TicketStatusChanged("Waiting", StatusType.ON_HOLD, "Closed", StatusType.CLOSED)


def of_status(events):
    return [one for one in events if type(one.event) in (e.TicketOpened, e.TicketImported, e.TicketStatusChanged)]


@given(STEPS)
def test_a_ticket_is_in_exactly_one_status_from_its_opening_on_f46(steps):
    log, states = history(steps)
    for ticket_id in states:
        entries = []
        for one in log.events:
            if one.stream != f"ticket:{ticket_id}":
                continue
            if isinstance(one.event, e.TicketOpened | e.TicketImported):
                entries.append((one.event.status, one.event.status_type.value, one))
            elif isinstance(one.event, e.TicketStatusChanged):
                entries.append((one.event.new_status, one.event.new_status_type.value, one))
        rows = list({row.seq: row for row in fold({}, [entry[2] for entry in entries])}.values())
        assert len(rows) == len(entries)
        for place, (row, (status, status_type, entered)) in enumerate(zip(rows, entries, strict=True)):
            assert (row.ticket_id, row.seq, row.status, row.status_type) == (ticket_id, place + 1, status, status_type)
            assert (row.entered_at, row.entered_position) == (entered.occurred_at, entered.position)
            if place + 1 == len(entries):
                assert (row.left_at, row.left_position, row.duration_seconds, row.is_backward) == (
                    None,
                    None,
                    None,
                    False,
                )
            else:
                left = entries[place + 1][2]
                stayed = (moment_of(left.occurred_at) - moment_of(entered.occurred_at)).total_seconds()
                assert (row.left_at, row.left_position) == (left.occurred_at, left.position)
                assert (row.duration_seconds, row.is_backward) == (stayed // 1, stayed < 0)


def test_a_clock_that_ran_backwards_is_kept_and_marked_f165():
    log = Log()
    log.record("ticket:T-1", opened(), 10)
    log.record("ticket:T-1", HOLD, 9)
    first, second = fold({}, log.events)
    assert (first.duration_seconds, first.is_backward) == (-60, True)
    assert (second.entered_at, second.is_backward) == (at(9), False)


def test_a_change_to_the_same_status_begins_no_stay_f46():
    log = Log()
    log.ticket("T-1", opened(), e.TicketStatusChanged("Open", StatusType.OPEN, "Open", StatusType.OPEN))
    (stay,) = fold({}, log.events)
    assert stay.left_at is None


def test_the_same_label_of_another_type_is_another_stay_f46():
    log = Log()
    log.ticket("T-1", opened(), e.TicketStatusChanged("Open", StatusType.OPEN, "Open", StatusType.ON_HOLD))
    assert [(stay.seq, stay.status_type) for stay in fold({}, log.events)] == [(1, "open"), (2, "on_hold")]


def test_only_new_and_changed_stays_come_out_of_a_fold():
    log = Log()
    log.ticket("T-1", opened(), HOLD, CLOSE)
    rows = {(row.ticket_id, row.seq): row for row in fold({}, log.events[:2])}
    assert [row.seq for row in fold(rows, log.events[2:])] == [2, 3]


def test_a_change_before_the_opening_and_a_second_opening_cannot_be_folded():
    log = Log()
    log.ticket("T-1", HOLD)
    with pytest.raises(Unfoldable, match="before"):
        fold({}, log.events)
    log = Log()
    log.ticket("T-1", opened(), opened(), e.TicketArchived())
    with pytest.raises(Unfoldable, match="inside"):
        fold({}, log.events)
    with pytest.raises(Unfoldable, match="no place"):
        fold({}, [log.events[0], log.events[2]])
