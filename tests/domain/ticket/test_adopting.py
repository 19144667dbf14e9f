"""Adoption: an imported open ticket comes under live rules from that moment on (F-165, design section 4)."""

from typing import Any

import pytest

from domain.refusals import (
    StatusUnknown,
    TicketAlreadyAdopted,
    TicketAlreadyClosed,
    TicketIsArchived,
    TicketIsDeleted,
    TicketNotAdopted,
    TicketNotFound,
    TicketNotImported,
)
from domain.ticket.events import (
    TicketAdopted,
    TicketArchived,
    TicketDeleted,
    TicketPriorityChanged,
    TicketRestored,
    TicketStatusChanged,
    TicketUnarchived,
)
from domain.values import StatusType
from tests.examples import TEN, TICKET, command, imported, moment, moved, opened, row
from tests.given import given

SOURCE = "old_desk@1"
CLOSED = TicketStatusChanged("New", StatusType.OPEN, "Gone", StatusType.CLOSED)
ADOPTED = TicketAdopted(7)
LIVE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ChangeTicket", {"subject": "New words"}),
    ("AddTags", {"tags": ["hot"]}),
    ("ChangePriority", {"priority": "high"}),
    ("ChangeStatus", {"status": "Escalated"}),
    ("HoldTicket", {}),
    ("CloseTicket", {}),
    ("AssignTicket", {"agent": "bo"}),
    ("SendReply", {"body": "On our way"}),
    ("ReceiveReply", {"body": "Hurry"}),
    ("AddComment", {"body": "Hm"}),
    ("ForwardTicket", {"recipients": ["a@example.org"], "body": "Please"}),
    ("ArchiveTicket", {}),
)


def test_an_adopted_ticket_draws_the_next_number_and_keeps_what_its_source_said():
    ticket = given(imported(priority="P1", agent="bo"), next_number=7).when(command("AdoptTicket")).then(ADOPTED).ticket
    assert ticket.is_live
    assert (ticket.number, ticket.source, ticket.priority, ticket.status) == (7, SOURCE, "P1", "New")
    assert (ticket.agent, ticket.opened_at) == ("bo", moment())


def test_a_status_of_ours_is_set_in_the_same_step():
    told = TicketStatusChanged("New", StatusType.OPEN, "On Hold", StatusType.ON_HOLD)
    given(imported(), next_number=7).when(command("AdoptTicket", status="On Hold")).then(ADOPTED, told)
    given(imported(status="Open"), next_number=7).when(command("AdoptTicket", status="Open")).then(ADOPTED)


def test_a_status_that_the_catalogue_does_not_have_is_refused():
    """Its own label may be foreign, the one that is asked for may not."""
    known = "Open, Escalated, On Hold, Closed"
    situation = given(imported(), next_number=7)
    outcome = situation.when(command("AdoptTicket", status="New"))
    [reason] = outcome._reasons
    assert isinstance(reason, StatusUnknown)
    assert reason.status == "New"
    assert all(name in str(reason.known) for name in known.split(", "))


@pytest.mark.parametrize("status_type", [StatusType.OPEN, StatusType.ON_HOLD])
def test_what_counted_before_the_adoption_counts_no_longer(status_type):
    """Clocks count from the adoption, and stand still at once where the ticket is on hold."""
    asked = given(imported(status_type=status_type), at=TEN, next_number=7).when(command("AdoptTicket"))
    timing = asked.ticket.timing
    assert timing.live_since == TEN
    assert timing.off(TEN) == 0
    assert asked.ticket.runs is (status_type is StatusType.OPEN)


@pytest.mark.parametrize(("name", "fields"), LIVE, ids=[name for name, _ in LIVE])
def test_work_is_refused_before_the_adoption_and_done_after_it(name, fields):
    if name != "ArchiveTicket":
        given(imported()).when(command(name, **fields)).then_refused(TicketNotAdopted(TICKET, SOURCE))
    assert given(imported(), ADOPTED).when(command(name, **fields))._reasons == ()


@pytest.mark.parametrize(
    ("events", "reasons"),
    [
        ((), (TicketNotFound(TICKET),)),
        ((opened(),), (TicketNotImported(TICKET),)),
        ((opened(), moved("Open", "Closed")), (TicketNotImported(TICKET),)),
        ((imported(), ADOPTED), (TicketAlreadyAdopted(TICKET, SOURCE),)),
        ((imported(), TicketDeleted(moment(days=60))), (TicketIsDeleted(TICKET),)),
        ((imported(), TicketArchived()), (TicketIsArchived(TICKET),)),
        ((imported(), CLOSED), (TicketAlreadyClosed(TICKET, "Gone"),)),
        (
            (imported(), ADOPTED, CLOSED, TicketArchived(), TicketDeleted(moment(days=60))),
            (
                TicketAlreadyAdopted(TICKET, SOURCE),
                TicketIsDeleted(TICKET),
                TicketIsArchived(TICKET),
                TicketAlreadyClosed(TICKET, "Gone"),
            ),
        ),
    ],
)
def test_what_cannot_be_adopted_is_refused_with_every_reason(events, reasons):
    """A ticket of our own is told that alone: nothing else about it would change the answer."""
    given(*events, next_number=8).when(command("AdoptTicket")).then_refused(*reasons)
    if events:
        given(*events, next_number=8).when(command("AdoptTicket", status="Open")).then_refused(*reasons)


def test_a_ticket_that_came_back_can_be_adopted():
    back = (TicketArchived(), TicketUnarchived(), TicketDeleted(moment(days=60)), TicketRestored())
    reopened = TicketStatusChanged("Gone", StatusType.CLOSED, "New", StatusType.OPEN)
    given(imported(), *back, CLOSED, reopened, next_number=7).when(command("AdoptTicket")).then(ADOPTED)


@pytest.mark.parametrize("closed", [(), (moved("New", "Closed", New=StatusType.OPEN),)])
def test_no_row_of_the_source_touches_an_adopted_ticket(closed):
    """A changed row, the same row, and also after the ticket was closed."""
    for asked in (row(2, subject="Newer"), row(2), row(2, status="Gone", status_type="closed")):
        given(imported(), ADOPTED, *closed).when(asked).then_refused(TicketAlreadyAdopted(TICKET, SOURCE))


def test_a_foreign_priority_gives_way_to_one_of_ours():
    given(imported(priority="P1"), ADOPTED).when(command("ChangePriority", priority="low")).then(
        TicketPriorityChanged("P1", "low")
    )
