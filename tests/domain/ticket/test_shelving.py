"""A ticket is deleted, restored, archived; and what cannot be done to it meanwhile (F-51, F-52)."""

import pytest

from domain.refusals import (
    Refusal,
    RestoreWindowPassed,
    TicketIsArchived,
    TicketIsDeleted,
    TicketNotAdopted,
    TicketNotArchived,
    TicketNotDeleted,
    TicketNotFound,
)
from domain.ticket.events import (
    TicketAgentChanged,
    TicketArchived,
    TicketDeleted,
    TicketRestored,
    TicketTagsAdded,
    TicketUnarchived,
)
from tests.examples import EVERY_COMMAND, TICKET, command, imported, moment, moved, opened
from tests.given import given

SHELVING = ("DeleteTicket", "RestoreTicket", "ArchiveTicket", "UnarchiveTicket")
ELSEWHERE = ("OpenTicket", "ImportRevision", "AdoptTicket", "LapseTicket")
"""Commands with rules of their own about what may be there."""
WORK = [
    name
    for name, fields in EVERY_COMMAND.items()
    if command(name, **fields).KIND == "ticket" and name not in (*SHELVING, *ELSEWHERE)
]
"""Every command that works on a ticket."""

DELETED = TicketDeleted(moment(days=60))
GONE = TicketIsDeleted(TICKET)
READ_ONLY = TicketIsArchived(TICKET)
FOREIGN = TicketNotAdopted(TICKET, "old_desk@1")

SITUATIONS: dict[str, tuple[list[object], list[Refusal]]] = {
    "not there": ([], [TicketNotFound(TICKET)]),
    "deleted": ([opened(), DELETED], [GONE]),
    "archived": ([opened(), TicketArchived()], [READ_ONLY]),
    "archived and deleted": ([opened(), TicketArchived(), DELETED], [GONE, READ_ONLY]),
    "imported": ([imported()], [FOREIGN]),
    "imported and deleted": ([imported(), DELETED], [FOREIGN, GONE]),
    "imported and archived": ([imported(), TicketArchived()], [FOREIGN, READ_ONLY]),
    "all of it": ([imported(), TicketArchived(), DELETED], [FOREIGN, GONE, READ_ONLY]),
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", WORK)
def test_nothing_is_worked_on_that_is_not_there_or_not_to_be_touched(name, situation):
    """F-51, F-52: every reason at once, and no event."""
    past, reasons = SITUATIONS[situation]
    assert len(WORK) == 18
    given(*past).when(command(name, **EVERY_COMMAND[name])).then_refused(*reasons)


@pytest.mark.parametrize("name", SHELVING)
def test_what_is_not_there_is_not_shelved(name):
    given().when(command(name)).then_refused(TicketNotFound(TICKET))


class TestDeletion:
    """F-51."""

    def test_can_be_taken_back_for_sixty_days(self):
        given(opened(), at=moment(hours=2)).when(command("DeleteTicket")).then(TicketDeleted(moment(days=60, hours=2)))

    @pytest.mark.parametrize("past", [[imported()], [opened(), TicketArchived()]], ids=["imported", "archived"])
    def test_is_possible_where_work_is_not(self, past):
        given(*past, at=moment(hours=2)).when(command("DeleteTicket")).then(TicketDeleted(moment(days=60, hours=2)))

    def test_of_a_deleted_ticket_is_silent_and_does_not_move_the_window(self):
        given(opened(), DELETED, at=moment(days=9)).when(command("DeleteTicket")).then_nothing()

    def test_hides_the_ticket(self):
        assert given(opened()).when(command("DeleteTicket")).ticket.is_deleted

    def test_is_taken_back_with_everything_as_it_was(self):
        past = (opened(), TicketTagsAdded(("hot",)), TicketAgentChanged(None, "ana"), moved("Open", "On Hold"))
        before = given(*past).ticket
        outcome = given(*past, DELETED).when(command("RestoreTicket"))
        outcome.then(TicketRestored())
        assert outcome.ticket == before

    def test_is_taken_back_up_to_the_last_instant_of_the_window(self):
        given(opened(), DELETED, at=moment(days=60)).when(command("RestoreTicket")).then(TicketRestored())

    def test_is_final_one_microsecond_later(self):
        given(opened(), DELETED, at=moment(days=60, microseconds=1)).when(command("RestoreTicket")).then_refused(
            RestoreWindowPassed(TICKET, moment(days=60))
        )

    def test_that_did_not_happen_cannot_be_taken_back(self):
        given(opened()).when(command("RestoreTicket")).then_refused(TicketNotDeleted(TICKET))

    def test_that_was_taken_back_cannot_be_taken_back_again(self):
        given(opened(), DELETED, TicketRestored()).when(command("RestoreTicket")).then_refused(TicketNotDeleted(TICKET))

    def test_leaves_an_archived_ticket_archived_when_taken_back(self):
        ticket = given(opened(), TicketArchived(), DELETED).when(command("RestoreTicket")).ticket
        assert (ticket.is_deleted, ticket.is_archived) == (False, True)


class TestTheArchive:
    """F-52."""

    @pytest.mark.parametrize("past", [[opened()], [imported()], [opened(), moved("Open", "Closed")]])
    def test_takes_any_ticket(self, past):
        given(*past).when(command("ArchiveTicket")).then(TicketArchived())

    def test_takes_an_archived_ticket_in_silence(self):
        given(opened(), TicketArchived()).when(command("ArchiveTicket")).then_nothing()

    def test_takes_no_deleted_ticket(self):
        given(opened(), DELETED).when(command("ArchiveTicket")).then_refused(GONE)

    def test_gives_the_ticket_back_with_everything_as_it_was(self):
        past = (opened(), TicketTagsAdded(("hot",)), moved("Open", "Closed"))
        before = given(*past).ticket
        outcome = given(*past, TicketArchived()).when(command("UnarchiveTicket"))
        outcome.then(TicketUnarchived())
        assert outcome.ticket == before

    def test_gives_nothing_back_that_it_does_not_have(self):
        given(opened()).when(command("UnarchiveTicket")).then_refused(TicketNotArchived(TICKET))

    def test_gives_no_ticket_back_that_is_deleted(self):
        """A deleted ticket is hidden from everything but its restoration."""
        given(opened(), TicketArchived(), DELETED).when(command("UnarchiveTicket")).then_refused(GONE)

    def test_says_both_where_the_ticket_is_deleted_and_was_never_archived(self):
        given(opened(), DELETED).when(command("UnarchiveTicket")).then_refused(GONE, TicketNotArchived(TICKET))
