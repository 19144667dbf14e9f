"""The catalogue of statuses (F-46)."""

import pytest

from domain.refusals import LastStatusOfType, StatusAlreadyDefined, StatusInUse, StatusUnknown
from domain.statuses import BUILT_IN, StatusDefined, StatusRetired
from domain.values import StatusType
from tests.examples import TYPES, command
from tests.given import given


def test_a_desk_starts_with_four_statuses():
    """Features 2.1."""
    assert dict(BUILT_IN.types) == TYPES


@pytest.mark.parametrize("status_type", list(StatusType))
def test_a_status_of_our_own_has_one_of_the_three_types(status_type):
    given().when(command("DefineStatus", status="Mine", status_type=status_type)).then(
        StatusDefined("Mine", status_type)
    )


def test_the_same_definition_again_is_silent():
    given(StatusDefined("Mine", StatusType.OPEN)).when(
        command("DefineStatus", status="Mine", status_type="open")
    ).then_nothing()


@pytest.mark.parametrize("status", ["Open", "Mine"])
def test_a_status_does_not_change_its_type(status):
    given(StatusDefined("Mine", StatusType.OPEN)).when(
        command("DefineStatus", status=status, status_type="closed")
    ).then_refused(StatusAlreadyDefined(status, StatusType.OPEN))


def test_labels_differ_by_case():
    given().when(command("DefineStatus", status="open", status_type="closed")).then(
        StatusDefined("open", StatusType.CLOSED)
    )


def test_a_status_that_no_ticket_is_in_can_be_retired():
    given().when(command("RetireStatus", status="Escalated")).then(StatusRetired("Escalated"))


def test_a_status_in_use_is_not_retired():
    given(tickets_in_status=3).when(command("RetireStatus", status="Escalated")).then_refused(
        StatusInUse("Escalated", 3)
    )


@pytest.mark.parametrize(("status", "has"), [("On Hold", StatusType.ON_HOLD), ("Closed", StatusType.CLOSED)])
def test_the_last_status_of_a_type_is_not_retired(status, has):
    """Or there would be nothing to hold a ticket in, or to close it with."""
    given().when(command("RetireStatus", status=status)).then_refused(LastStatusOfType(status, has))


def test_both_reasons_are_said_together():
    given(tickets_in_status=1).when(command("RetireStatus", status="Closed")).then_refused(
        StatusInUse("Closed", 1), LastStatusOfType("Closed", StatusType.CLOSED)
    )


def test_a_built_in_status_can_be_retired_where_another_takes_its_place():
    given(StatusDefined("Solved", StatusType.CLOSED)).when(command("RetireStatus", status="Closed")).then(
        StatusRetired("Closed")
    )


def test_what_is_not_in_the_catalogue_is_not_retired():
    given(StatusRetired("Escalated")).when(command("RetireStatus", status="Escalated")).then_refused(
        StatusUnknown("Escalated", "Open, On Hold, Closed")
    )


def test_a_retired_status_can_be_defined_again_with_another_type():
    given(StatusRetired("Escalated")).when(command("DefineStatus", status="Escalated", status_type="on_hold")).then(
        StatusDefined("Escalated", StatusType.ON_HOLD)
    )


def test_the_catalogue_keeps_the_order_of_definition():
    """The first status of a type is the one that a command means when it names none."""
    catalogue = given(StatusRetired("Open"), StatusDefined("Open", StatusType.OPEN)).catalogue
    assert [label for label, _ in catalogue.types] == ["On Hold", "Escalated", "Closed", "Open"]
    assert catalogue.first_of(StatusType.OPEN) == "Escalated"
