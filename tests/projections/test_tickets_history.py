"""How tickets stood and when: type-2 rows of what reports slice by (design section 5)."""

import json
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given

from domain.ticket import events as e
from domain.ticket.state import evolve
from domain.values import StatusType
from projections.base import Unfoldable
from projections.tickets_history import TICKETS_HISTORY, TicketHistoryRow, fold
from tests.projections.histories import STEPS, Log, at, history, opened

ANA = e.TicketAgentChanged(None, "ana")
HOLD = e.TicketStatusChanged("Open", StatusType.OPEN, "Waiting", StatusType.ON_HOLD)


def of_rows(log, ticket_id):
    own = [one for one in log.events if one.stream == f"ticket:{ticket_id}"]
    return [one for one in own if type(one.event) in TICKETS_HISTORY.folds]


def sliced(ticket):
    """What a row shows of a ticket, in the row's order."""
    return (
        ticket.status,
        ticket.status_type.value,
        None if ticket.priority is None else str(ticket.priority),
        ticket.agent,
        ticket.team,
        ticket.department,
        ticket.contact_id,
        ticket.channel,
        sorted(ticket.tags),
        ticket.is_deleted,
        ticket.is_archived,
    )


def shown(row):
    return (*row[4:12], json.loads(row.tags), row.is_deleted, row.is_archived)


def test_a_change_ends_a_row_and_begins_the_next():
    log = Log()
    log.ticket("T-1", opened(priority="high", tags=("vip",)), ANA)
    first, second = fold({}, log.events)
    assert first == TicketHistoryRow(
        "T-1", 1, at(1), at(2), "Open", "open", "high", None, None, "support", None, "email", '["vip"]',
        is_deleted=False, is_archived=False, is_backward=False, first_position=1, last_position=2,
    )  # fmt: skip
    assert second == first._replace(
        seq=2, valid_from=at(2), valid_to=None, agent="ana", first_position=2, last_position=None
    )


def test_an_event_that_leaves_all_as_it_was_makes_no_row():
    log = Log()
    log.ticket("T-1", opened(tags=("vip",)), e.TicketTagsAdded(("vip",)), e.TicketAgentChanged(None, None))
    assert len(fold({}, log.events)) == 1


def test_changes_of_one_command_at_one_instant_have_a_row_each_and_the_last_one_counts():
    log = Log()
    log.ticket("T-1", opened())
    log.record("ticket:T-1", ANA, 5)
    log.record("ticket:T-1", HOLD, 5)
    rows = fold({}, log.events)
    assert [(row.seq, row.valid_from, row.valid_to, row.agent, row.status) for row in rows] == [
        (1, at(1), at(5), None, "Open"),
        (2, at(5), at(5), "ana", "Open"),
        (3, at(5), None, "ana", "Waiting"),
    ]


def test_a_row_whose_end_lies_before_its_beginning_is_marked():
    log = Log()
    log.ticket("T-1", opened())
    log.record("ticket:T-1", ANA, 9)
    log.record("ticket:T-1", HOLD, 3)
    assert [row.is_backward for row in fold({}, log.events)] == [False, True, False]


def test_a_stream_that_does_not_begin_with_its_opening_is_refused():
    log = Log()
    log.ticket("T-1", ANA)
    with pytest.raises(Unfoldable, match="before the ticket's opening"):
        fold({}, log.events)
    log.ticket("T-2", opened(), opened())
    with pytest.raises(Unfoldable, match="cannot"):
        fold({}, log.events[1:])


@given(STEPS)
def test_at_every_position_the_row_that_holds_is_the_ticket_as_the_domain_has_it(steps):
    log, states = history(steps)
    for ticket_id in states:
        rows = list({row.seq: row for row in fold({}, of_rows(log, ticket_id))}.values())
        ticket = None
        for recorded in [one for one in log.events if one.stream == f"ticket:{ticket_id}"]:
            ticket = evolve(ticket, cast("e.TicketEvent", recorded.event), recorded.occurred_at)
            (row,) = [
                one
                for one in rows
                if one.first_position <= recorded.position
                and (one.last_position is None or recorded.position < one.last_position)
            ]
            assert shown(row) == sliced(ticket)
        for one, following in pairwise(rows):
            assert shown(one) != shown(following)
            assert (one.valid_to, one.last_position) == (following.valid_from, following.first_position)
            assert one.is_backward == (str(one.valid_to) < one.valid_from)


@given(STEPS)
def test_however_a_stream_is_cut_the_rows_are_the_same(steps):
    log, states = history(steps)
    for ticket_id in states:
        events = of_rows(log, ticket_id)
        held: dict[Any, Any] = {}
        for recorded in events:
            held |= {(row.ticket_id, row.seq): row for row in fold(held, [recorded])}
        assert list(held.values()) == list(fold({}, events))
