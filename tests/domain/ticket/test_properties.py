"""Properties in place: texts, fields, tags, priority, due date (F-42, F-43, F-45, F-48)."""

import pytest

from domain.ticket.events import (
    TicketContactChanged,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketDueDateOverridden,
    TicketDueDateOverrideRemoved,
    TicketFieldChanged,
    TicketPriorityChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
)
from domain.values import FieldType
from tests.examples import command, moment, moved, opened
from tests.given import given

THREE = (FieldType.INTEGER, "3")
FOUR = (FieldType.INTEGER, "4")
FULL = opened(
    description="Smoke too", contact_id="carla", priority="low", fields={"floor": THREE, "wing": (FieldType.TEXT, "W")}
)
DUE = TicketDueDateOverridden(None, moment(days=1))


class TestAChange:
    """F-45: old and new value; what keeps its value yields no event."""

    @pytest.mark.parametrize(
        ("asked", "event"),
        [
            ({"subject": "Fire is out"}, TicketSubjectChanged("Printer on fire", "Fire is out")),
            ({"description": "Ashes"}, TicketDescriptionChanged("Smoke too", "Ashes")),
            ({"description": None}, TicketDescriptionChanged("Smoke too", None)),
            ({"contact_id": "dora"}, TicketContactChanged("carla", "dora")),
            ({"contact_id": None}, TicketContactChanged("carla", None)),
            ({"department": "IT"}, TicketDepartmentChanged("Support", "IT")),
            ({"due_at": moment(days=1)}, TicketDueDateOverridden(None, moment(days=1))),
            ({"fields": {"floor": ["integer", "4"]}}, TicketFieldChanged("floor", THREE, FOUR)),
            ({"fields": {"floor": ["text", "3"]}}, TicketFieldChanged("floor", THREE, (FieldType.TEXT, "3"))),
            ({"fields": {"floor": None}}, TicketFieldChanged("floor", THREE, None)),
            ({"fields": {"desk": ["text", ""]}}, TicketFieldChanged("desk", None, (FieldType.TEXT, ""))),
        ],
        ids=lambda value: str(value) if isinstance(value, dict) else "",
    )
    def test_of_one_property_is_one_event_with_old_and_new_value(self, asked, event):
        given(FULL).when(command("ChangeTicket", **asked)).then(event)

    @pytest.mark.parametrize(
        "asked",
        [
            {"subject": "Printer on fire"},
            {"description": "Smoke too"},
            {"contact_id": "carla"},
            {"department": "Support"},
            {"due_at": None},
            {"fields": {"floor": ["integer", "3"]}},
            {"fields": {"desk": None}},
            {"fields": {}},
            {"subject": "Printer on fire", "department": "Support", "fields": {"wing": ["text", "W"]}},
        ],
        ids=str,
    )
    def test_to_the_value_there_is_already_is_silent(self, asked):
        given(FULL).when(command("ChangeTicket", **asked)).then_nothing()

    def test_of_several_properties_is_one_event_each_in_one_order(self):
        asked = command(
            "ChangeTicket",
            fields={"wing": None, "floor": ["integer", "4"]},
            due_at=moment(days=1),
            department="IT",
            contact_id="dora",
            description=None,
            subject="Fire is out",
        )
        given(FULL).when(asked).then(
            TicketContactChanged("carla", "dora"),
            TicketSubjectChanged("Printer on fire", "Fire is out"),
            TicketDescriptionChanged("Smoke too", None),
            TicketDepartmentChanged("Support", "IT"),
            DUE,
            TicketFieldChanged("floor", THREE, FOUR),
            TicketFieldChanged("wing", (FieldType.TEXT, "W"), None),
        )

    def test_of_some_properties_says_nothing_of_those_that_keep_their_value(self):
        asked = command("ChangeTicket", subject="Printer on fire", department="IT")
        given(FULL).when(asked).then(TicketDepartmentChanged("Support", "IT"))

    def test_is_possible_on_a_closed_ticket(self):
        given(FULL, moved("Open", "Closed")).when(command("ChangeTicket", department="IT")).then(
            TicketDepartmentChanged("Support", "IT")
        )

    def test_leaves_the_ticket_with_the_new_values(self):
        asked = command(
            "ChangeTicket", subject="Out", description=None, fields={"floor": None, "a": ["boolean", "true"]}
        )
        ticket = given(FULL).when(asked).ticket
        assert (ticket.subject, ticket.description) == ("Out", None)
        assert list(ticket.fields.items()) == [("a", (FieldType.BOOLEAN, "true")), ("wing", (FieldType.TEXT, "W"))]


class TestADueDate:
    """F-42: set by hand."""

    def test_can_be_moved(self):
        given(opened(), DUE).when(command("ChangeTicket", due_at=moment(days=2))).then(
            TicketDueDateOverridden(moment(days=1), moment(days=2))
        )

    def test_can_be_taken_away(self):
        ticket = (
            given(opened(), DUE)
            .when(command("ChangeTicket", due_at=None))
            .then(TicketDueDateOverrideRemoved(moment(days=1)))
            .ticket
        )
        assert ticket.due_at is None

    def test_written_with_another_offset_is_the_same(self):
        """2 June, 11:00 in Paris is 09:00 UTC."""
        given(opened(), DUE).when(command("ChangeTicket", due_at="2026-06-02T11:00:00+02:00")).then_nothing()


class TestTags:
    """F-43: a set."""

    def test_that_the_ticket_lacks_are_added_in_one_event(self):
        given(opened(tags=("a",))).when(command("AddTags", tags=["c", "a", "b", "c"])).then(TicketTagsAdded(("b", "c")))

    def test_that_the_ticket_has_are_removed_in_one_event(self):
        given(opened(tags=("a", "b"))).when(command("RemoveTags", tags=["c", "b", "a"])).then(
            TicketTagsRemoved(("a", "b"))
        )

    def test_that_are_there_already_are_added_in_silence(self):
        given(opened(tags=("a", "b"))).when(command("AddTags", tags=["b", "a"])).then_nothing()

    def test_that_are_absent_are_removed_in_silence(self):
        given(opened(tags=("a",))).when(command("RemoveTags", tags=["b"])).then_nothing()

    def test_stay_sorted(self):
        assert given(opened(tags=("b",))).when(command("AddTags", tags=["c", "a"])).ticket.tags == ("a", "b", "c")

    def test_differ_by_case(self):
        given(opened(tags=("a",))).when(command("AddTags", tags=["A"])).then(TicketTagsAdded(("A",)))


class TestAPriority:
    """F-48."""

    @pytest.mark.parametrize("level", ["low", "medium", "high", "urgent"])
    def test_is_set_on_a_ticket_that_has_none(self, level):
        given(opened()).when(command("ChangePriority", priority=level)).then(TicketPriorityChanged(None, level))

    def test_changes_with_the_old_one_in_the_event(self):
        given(FULL).when(command("ChangePriority", priority="urgent")).then(TicketPriorityChanged("low", "urgent"))

    def test_that_is_the_same_is_silent(self):
        given(FULL).when(command("ChangePriority", priority="low")).then_nothing()
