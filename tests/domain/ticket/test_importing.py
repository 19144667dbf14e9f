"""Foreign histories: rows of a source become events that no rule of ours touches (F-165, design section 4)."""

import pytest

from domain.refusals import SourceMismatch
from domain.ticket.events import (
    TicketAgentChanged,
    TicketContactChanged,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketFieldChanged,
    TicketPriorityChanged,
    TicketRevisionNoted,
    TicketSourceSlaChanged,
    TicketStatusChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
    TicketTeamChanged,
)
from domain.values import FieldType, StatusType
from tests.examples import TICKET, imported, moment, opened, row
from tests.given import given

X, Y = (FieldType.TEXT, "x"), (FieldType.TEXT, "y")


def test_the_first_row_is_the_ticket_as_the_source_shows_it():
    asked = row(
        subject="Old",
        description="Long",
        contact_id="carla",
        priority="P1",
        agent="ana",
        team="T",
        fields={"z": ["text", "x"], "a": ["text", "y"]},
        tags=["b", "a"],
        created_at=moment(days=-20),
        source_sla_met=True,
        status="Solved",
        status_type="closed",
    )
    ticket = (
        given(at=moment(days=-10))
        .when(asked)
        .then(
            imported(
                subject="Old",
                description="Long",
                contact_id="carla",
                priority="P1",
                agent="ana",
                team="T",
                fields={"a": Y, "z": X},
                tags=("a", "b"),
                created_at=moment(days=-20),
                source_sla_met=True,
                status="Solved",
                status_type=StatusType.CLOSED,
            )
        )
        .ticket
    )
    assert (ticket.number, ticket.source) == (None, "old_desk@1")
    assert (ticket.opened_at, ticket.created_at, ticket.closed_at) == (
        moment(days=-10),
        moment(days=-20),
        moment(days=-10),
    )


def test_a_row_that_may_be_the_second_begins_the_ticket_where_it_is_the_first_to_come():
    given().when(row(ordinal=5)).then(imported())


def test_a_status_of_the_source_need_not_be_in_our_catalogue():
    given().when(row(status="Sleeping", status_type="on_hold")).then(
        imported(status="Sleeping", status_type=StatusType.ON_HOLD)
    )


def test_a_row_that_changes_nothing_is_noted():
    given(imported()).when(row(ordinal=2)).then(TicketRevisionNoted("old_desk@1", 2))


@pytest.mark.parametrize(
    ("before", "facts", "event"),
    [
        ({}, {"subject": "New"}, TicketSubjectChanged(None, "New")),
        ({"description": "Long"}, {}, TicketDescriptionChanged("Long", None)),
        ({"contact_id": "carla"}, {"contact_id": "dora"}, TicketContactChanged("carla", "dora")),
        ({}, {"department": "HR"}, TicketDepartmentChanged("IT", "HR")),
        ({"tags": ("a",)}, {"tags": ["b", "a"]}, TicketTagsAdded(("b",))),
        ({"tags": ("a", "b")}, {"tags": ["b"]}, TicketTagsRemoved(("a",))),
        ({"team": "T"}, {}, TicketTeamChanged("T", None)),
        ({}, {"agent": "ana"}, TicketAgentChanged(None, "ana")),
        ({"priority": "P1"}, {"priority": "P2"}, TicketPriorityChanged("P1", "P2")),
        ({"fields": {"a": X}}, {"fields": {"a": ["text", "y"]}}, TicketFieldChanged("a", X, Y)),
        ({"fields": {"a": X}}, {}, TicketFieldChanged("a", X, None)),
        ({}, {"source_sla_met": False}, TicketSourceSlaChanged(None, False)),
        ({"source_sla_met": True}, {"source_sla_met": False}, TicketSourceSlaChanged(True, False)),
        (
            {},
            {"status": "Done", "status_type": "closed"},
            TicketStatusChanged("New", StatusType.OPEN, "Done", StatusType.CLOSED),
        ),
        ({}, {"status_type": "on_hold"}, TicketStatusChanged("New", StatusType.OPEN, "New", StatusType.ON_HOLD)),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else "",
)
def test_only_what_a_row_changes_becomes_an_event(before, facts, event):
    given(imported(**before)).when(row(ordinal=2, **facts)).then(event)


@pytest.mark.parametrize("before", [{"subject": "Old"}, {"priority": "P1"}, {"source_sla_met": True}], ids=str)
def test_what_a_source_leaves_out_and_cannot_clear_stays(before):
    given(imported(**before)).when(row(ordinal=2)).then(TicketRevisionNoted("old_desk@1", 2))


def test_a_row_that_changes_much_is_many_events_and_the_status_is_the_last():
    asked = row(
        ordinal=2,
        subject="New",
        tags=["b"],
        team="T",
        agent="ana",
        priority="P2",
        fields={"b": ["text", "y"]},
        status="Done",
        status_type="closed",
    )
    given(imported(tags=("a",), fields={"a": X})).when(asked).then(
        TicketSubjectChanged(None, "New"),
        TicketTagsAdded(("b",)),
        TicketTagsRemoved(("a",)),
        TicketTeamChanged(None, "T"),
        TicketAgentChanged(None, "ana"),
        TicketPriorityChanged(None, "P2"),
        TicketFieldChanged("a", X, None),
        TicketFieldChanged("b", None, Y),
        TicketStatusChanged("New", StatusType.OPEN, "Done", StatusType.CLOSED),
    )


def test_a_ticket_of_another_source_is_not_added_to():
    given(imported(source="other_desk@1")).when(row(ordinal=2)).then_refused(
        SourceMismatch(TICKET, "old_desk@1", "other_desk@1")
    )


def test_a_ticket_of_our_own_is_not_added_to():
    given(opened()).when(row(ordinal=2)).then_refused(SourceMismatch(TICKET, "old_desk@1", "a ticket of our own"))
