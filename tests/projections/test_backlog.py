"""The backlog: how many tickets by status, department and team."""

from hypothesis import given

from domain.ticket import events as e
from domain.values import StatusType
from projections.backlog import BacklogRow, backlog
from projections.tickets import fold
from tests.projections.histories import STEPS, Log, at, history, opened


def rows_of(log):
    streams = dict.fromkeys(one.stream for one in log.events if one.stream.startswith("ticket:"))
    return [row for stream in streams for row in fold({}, [one for one in log.events if one.stream == stream])]


def test_closed_tickets_count_and_deleted_and_archived_ones_do_not_f51_f52():
    log = Log()
    for name in "abcd":
        log.ticket(name, opened())
    log.ticket("a", e.TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED))
    log.ticket("b", e.TicketDeleted(at(90)))
    log.ticket("c", e.TicketArchived())
    log.ticket("d", e.TicketTeamChanged(None, "desk"))
    assert backlog(rows_of(log)) == [
        BacklogRow("Closed", "closed", "support", None, 1),
        BacklogRow("Open", "open", "support", "desk", 1),
    ]


@given(STEPS)
def test_the_figures_add_up_to_the_tickets_that_are_shown_f51(steps):
    log, states = history(steps)
    shown = [ticket for ticket in states.values() if not ticket.is_deleted and not ticket.is_archived]
    assert sum(row.tickets for row in backlog(rows_of(log))) == len(shown)
