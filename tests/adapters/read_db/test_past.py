"""A past as a read database: what was signed for counts in it, and what is parked is told (E-03)."""

import pytest

from adapters.read_db import past
from adapters.read_db.figures.tables import OF_BLUEPRINTS, OF_SLA, READ, VIEWED, parked_tickets
from adapters.read_db.past import folded, past_database
from domain.projecting import ProjectionPositionSkipped, ProjectionRetryRequested
from domain.ticket import events as e
from domain.ticket import sla_events as s
from projections.clocks import SLA_CLOCKS
from projections.parking import rows_of_cut
from tests.projections.course import STANDARD, entered, response_due
from tests.projections.histories import Log, at, opened

CLOCKS = SLA_CLOCKS.name


def skip(log, position, ticket_id="a", projection=CLOCKS):
    log.record(f"projection:{projection}", ProjectionPositionSkipped(projection, ticket_id, position, "It is wrong"))


def poisoned():
    """Two tickets whose clocks cannot be folded, the first at two events; what is sound follows."""
    log = Log()
    log.ticket("a", opened(), response_due(60))
    log.ticket("b", opened(), s.ResolutionPaused(*STANDARD, at(60)))
    log.ticket("a", s.ResolutionPaused(*STANDARD, at(60)), s.ResponseMet(*STANDARD, at(60)))
    log.ticket("a", e.TicketAgentChanged(None, "ana"), entered("New", 90))
    return log


def parked(events, read=OF_SLA):
    with past_database(events) as connection:
        return parked_tickets(connection, read)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_past_has_the_rows_that_a_rebuild_of_its_events_gives_with_the_skips_in_it_e03(monkeypatch, size):
    monkeypatch.setattr(past, "_BATCH", size)
    log = poisoned()
    log.record(f"projection:{CLOCKS}", ProjectionRetryRequested(CLOCKS, "a", 5))
    skip(log, 5)
    log.ticket("a", response_due(120, "low"))
    for until in range(len(log.events) + 1):
        events = log.events[:until]
        found = folded(iter(events))
        for projection in READ:
            batches = [events[begin : begin + size] for begin in range(0, until, size)]
            cut = rows_of_cut(projection, batches)
            assert found.rows[projection.name] == cut.all_rows(projection), (projection.name, until)
            standing = {one.ticket_id for one in found.parked if one.projection == projection.name}
            assert standing == {*cut.progress().parked.get(projection.name, {})}
    assert [row.outcome for row in folded(iter(log.events)).rows[CLOCKS]] == ["met", "running"]


def test_a_past_tells_how_many_tickets_are_parked_in_what_an_answer_reads():
    log = poisoned()
    assert parked(log.events[:3]) == 0
    assert parked(log.events) == parked(log.events, VIEWED) == 2
    assert parked(log.events, OF_BLUEPRINTS) == 0
    skip(log, 5)
    assert parked(log.events) == 1
    skip(log, 4, "b")
    assert parked(log.events) == 0
