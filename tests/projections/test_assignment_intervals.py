"""Assignments (F-53), against an oracle that only knows who had the ticket after each event."""

from itertools import groupby
from typing import cast

import pytest
from hypothesis import given

from domain.instant import moment_of
from domain.ticket import events as e
from domain.ticket.state import evolve
from projections.assignment_intervals import fold
from projections.base import Unfoldable
from tests.projections.histories import STEPS, Log, at, history, imported, opened

FOLDED = (e.TicketImported, e.TicketAgentChanged, e.TicketTeamChanged)


@given(STEPS)
def test_the_rows_are_the_runs_of_one_assignee_f53(steps):
    log, states = history(steps)
    for ticket_id in states:
        own = [one for one in log.events if one.stream == f"ticket:{ticket_id}"]
        rows = fold({}, [one for one in own if isinstance(one.event, FOLDED)])
        for kind in ("agent", "team"):
            ticket, after = None, []
            for one in own:
                ticket = evolve(ticket, cast("e.TicketEvent", one.event), one.occurred_at)
                after.append((getattr(ticket, kind), one))
            runs = [(who, next(iter(run))[1]) for who, run in groupby(after, key=lambda pair: pair[0])]
            expected: list[object] = []
            last = None
            for place, (who, begin) in enumerate(runs):
                if who is None:
                    continue
                end = runs[place + 1][1] if place + 1 < len(runs) else None
                lasted = None
                if end is not None:
                    lasted = (moment_of(end.occurred_at) - moment_of(begin.occurred_at)).total_seconds() // 1
                expected.append((len(expected) + 1, who, last, begin.position, end and end.position, lasted))
                last = who
            assert [
                (
                    row.seq,
                    row.assignee,
                    row.previous_assignee,
                    row.assigned_position,
                    row.released_position,
                    row.duration_seconds,
                )
                for row in rows
                if row.kind == kind
            ] == expected
        assert all(row.is_backward == ((row.duration_seconds or 0) < 0) for row in rows)


def test_reassigning_keeps_the_previous_owner_also_after_a_time_with_nobody_f53():
    log = Log()
    log.ticket(
        "T-1", e.TicketAgentChanged(None, "ana"), e.TicketAgentChanged("ana", None), e.TicketAgentChanged(None, "bob")
    )
    ana, bob = fold({}, log.events)
    assert (ana.assignee, ana.assigned_at, ana.released_at, ana.previous_assignee) == ("ana", at(1), at(2), None)
    assert (bob.assignee, bob.assigned_at, bob.released_at, bob.previous_assignee) == ("bob", at(3), None, "ana")


def test_an_import_begins_with_the_assignments_it_shows_f165():
    log = Log()
    log.ticket("T-1", imported(agent="ana", team="desk"))
    assert [(row.kind, row.seq, row.assignee) for row in fold({}, log.events)] == [
        ("team", 1, "desk"),
        ("agent", 1, "ana"),
    ]


def test_assigning_to_whom_it_is_with_changes_nothing_f53():
    log = Log()
    log.ticket("T-1", e.TicketAgentChanged(None, "ana"), e.TicketAgentChanged("ana", "ana"))
    (row,) = fold({}, log.events)
    assert row.released_at is None


def test_an_event_without_a_place_cannot_be_folded():
    log = Log()
    log.ticket("T-1", opened())
    with pytest.raises(Unfoldable, match=r"ticket\.opened"):
        fold({}, log.events)
