"""A ticket's course: statuses and assignment (F-46, F-50, F-53)."""

import pytest

from domain.refusals import (
    StatusTypeMismatch,
    StatusUnknown,
    TicketAlreadyClosed,
    TicketNotClosed,
    TicketNotOnHold,
)
from domain.statuses import StatusDefined, StatusRetired
from domain.ticket.events import TicketAgentChanged, TicketTeamChanged
from domain.values import StatusType
from tests.examples import TICKET, command, moment, moved, opened
from tests.given import given

KNOWN = "Open, On Hold, Escalated, Closed"
PARTS = StatusDefined("Waiting for parts", StatusType.ON_HOLD)
HELD = (opened(), moved("Open", "On Hold"))
ESCALATED = (opened(), moved("Open", "Escalated"))
CLOSED = (opened(), moved("Open", "Closed"))


class TestAnOpenTicket:
    def test_is_held_in_the_first_status_of_that_type(self):
        given(opened()).when(command("HoldTicket")).then(moved("Open", "On Hold"))

    def test_is_held_in_the_status_named(self):
        """F-46."""
        given(opened(), PARTS).when(command("HoldTicket", status="Waiting for parts")).then(
            moved("Open", "Waiting for parts", **{"Waiting for parts": StatusType.ON_HOLD})
        )

    @pytest.mark.parametrize(
        ("name", "status", "has", "wanted"),
        [
            ("HoldTicket", "Closed", "closed", "on_hold"),
            ("HoldTicket", "Escalated", "open", "on_hold"),
            ("CloseTicket", "On Hold", "on_hold", "closed"),
            ("CloseTicket", "Open", "open", "closed"),
        ],
    )
    def test_does_not_go_into_a_status_of_another_type_than_the_command_means(self, name, status, has, wanted):
        """F-46."""
        given(opened()).when(command(name, status=status)).then_refused(StatusTypeMismatch(status, has, wanted))

    @pytest.mark.parametrize("name", ["HoldTicket", "CloseTicket", "ChangeStatus"])
    def test_does_not_go_into_a_status_that_is_not_there(self, name):
        given(opened()).when(command(name, status="Lost")).then_refused(StatusUnknown("Lost", KNOWN))

    def test_is_closed_in_the_first_closed_status(self):
        """F-50."""
        given(opened()).when(command("CloseTicket")).then(moved("Open", "Closed"))

    def test_remembers_when_it_was_closed(self):
        assert given(opened(), at=moment(hours=5)).when(command("CloseTicket")).ticket.closed_at == moment(hours=5)

    def test_cannot_be_resumed(self):
        given(opened()).when(command("ResumeTicket")).then_refused(TicketNotOnHold(TICKET, "Open"))

    def test_cannot_be_reopened(self):
        given(opened()).when(command("ReopenTicket")).then_refused(TicketNotClosed(TICKET, "Open"))

    @pytest.mark.parametrize("status", ["Escalated", "On Hold", "Closed"])
    def test_may_be_changed_to_any_status(self, status):
        """F-46."""
        given(opened()).when(command("ChangeStatus", status=status)).then(moved("Open", status))

    def test_stays_silent_in_the_status_it_is_in(self):
        given(opened()).when(command("ChangeStatus", status="Open")).then_nothing()

    def test_does_not_go_into_a_retired_status(self):
        """F-46."""
        given(opened(), StatusRetired("Escalated")).when(command("ChangeStatus", status="Escalated")).then_refused(
            StatusUnknown("Escalated", "Open, On Hold, Closed")
        )


class TestATicketOnHold:
    def test_stays_where_it_is_when_held_again_without_a_status(self):
        given(PARTS, opened(status="Waiting for parts", status_type=StatusType.ON_HOLD)).when(
            command("HoldTicket")
        ).then_nothing()

    def test_stays_silent_when_held_in_its_own_status(self):
        given(*HELD).when(command("HoldTicket", status="On Hold")).then_nothing()

    def test_moves_to_another_hold_status_that_is_named(self):
        given(*HELD, PARTS).when(command("HoldTicket", status="Waiting for parts")).then(
            moved("On Hold", "Waiting for parts", **{"Waiting for parts": StatusType.ON_HOLD})
        )

    def test_resumes_in_the_first_open_status(self):
        given(*HELD).when(command("ResumeTicket")).then(moved("On Hold", "Open"))

    def test_resumes_in_the_open_status_named(self):
        given(*HELD).when(command("ResumeTicket", status="Escalated")).then(moved("On Hold", "Escalated"))

    def test_does_not_resume_into_a_closed_status(self):
        given(*HELD).when(command("ResumeTicket", status="Closed")).then_refused(
            StatusTypeMismatch("Closed", "closed", "open")
        )

    def test_can_be_closed_without_being_resumed(self):
        given(*HELD).when(command("CloseTicket")).then(moved("On Hold", "Closed"))

    def test_cannot_be_reopened(self):
        given(*HELD).when(command("ReopenTicket")).then_refused(TicketNotClosed(TICKET, "On Hold"))


class TestAClosedTicket:
    @pytest.mark.parametrize("name", ["CloseTicket", "HoldTicket"])
    def test_is_closed_already(self, name):
        """F-50."""
        given(*CLOSED).when(command(name)).then_refused(TicketAlreadyClosed(TICKET, "Closed"))

    def test_cannot_be_resumed(self):
        given(*CLOSED).when(command("ResumeTicket")).then_refused(TicketNotOnHold(TICKET, "Closed"))

    def test_reopens_in_the_first_open_status_and_counts_it(self):
        ticket = given(*CLOSED).when(command("ReopenTicket")).then(moved("Closed", "Open")).ticket
        assert (ticket.reopen_count, ticket.closed_at) == (1, None)

    def test_reopens_in_the_open_status_named(self):
        given(*CLOSED).when(command("ReopenTicket", status="Escalated")).then(moved("Closed", "Escalated"))

    def test_does_not_reopen_into_a_hold(self):
        given(*CLOSED).when(command("ReopenTicket", status="On Hold")).then_refused(
            StatusTypeMismatch("On Hold", "on_hold", "open")
        )

    @pytest.mark.parametrize("status", ["Open", "On Hold"])
    def test_counts_as_reopened_whichever_way_it_leaves(self, status):
        """Features 2.1: only the type matters to a clock."""
        assert given(*CLOSED).when(command("ChangeStatus", status=status)).ticket.reopen_count == 1

    def test_keeps_its_closing_time_when_it_changes_to_another_closed_status(self):
        solved = StatusDefined("Solved", StatusType.CLOSED)
        ticket = given(*CLOSED, solved, at=moment(hours=9)).when(command("ChangeStatus", status="Solved")).ticket
        assert (ticket.closed_at, ticket.reopen_count) == (moment(minutes=1), 0)

    def test_that_closes_again_has_its_new_closing_time(self):
        past = (*CLOSED, moved("Closed", "Open"))
        ticket = given(*past, at=moment(hours=9)).when(command("CloseTicket")).ticket
        assert (ticket.closed_at, ticket.reopen_count) == (moment(hours=9), 1)


class TestAnAssignment:
    """F-53, F-67."""

    TEAM = TicketTeamChanged(None, "Tier 1")
    AGENT = TicketAgentChanged(None, "ana")

    def test_records_the_team_first_and_then_the_agent(self):
        given(opened()).when(command("AssignTicket", agent="ana", team="Tier 1")).then(self.TEAM, self.AGENT)

    def test_keeps_the_previous_owner_in_the_event(self):
        given(opened(), self.AGENT).when(command("AssignTicket", agent="bo")).then(TicketAgentChanged("ana", "bo"))

    def test_that_leaves_the_team_out_keeps_it(self):
        assert given(opened(), self.TEAM).when(command("AssignTicket", agent="ana")).ticket.team == "Tier 1"

    def test_that_leaves_the_agent_out_keeps_it(self):
        assert given(opened(), self.AGENT).when(command("AssignTicket", team="Tier 2")).ticket.agent == "ana"

    def test_with_null_takes_the_ticket_from_its_owner(self):
        given(opened(), self.TEAM, self.AGENT).when(command("AssignTicket", agent=None)).then(
            TicketAgentChanged("ana", None)
        )

    def test_with_null_takes_the_ticket_from_its_team(self):
        given(opened(), self.TEAM).when(command("AssignTicket", team=None)).then(TicketTeamChanged("Tier 1", None))

    def test_to_the_same_owner_is_silent(self):
        given(opened(), self.TEAM, self.AGENT).when(command("AssignTicket", agent="ana", team="Tier 1")).then_nothing()

    def test_of_nobody_to_a_ticket_that_nobody_has_is_silent(self):
        given(opened()).when(command("AssignTicket", agent=None, team=None)).then_nothing()

    def test_is_possible_on_a_closed_ticket(self):
        given(*CLOSED).when(command("AssignTicket", agent="ana")).then(self.AGENT)

    def test_of_teams_is_counted_the_first_one_and_the_release_included(self):
        past = (opened(), self.TEAM, TicketTeamChanged("Tier 1", "Tier 2"), TicketTeamChanged("Tier 2", None))
        assert given(*past).when(command("AssignTicket", team="Tier 1")).ticket.team_change_count == 4
