"""The ticket's row: what it shows after each event (F-42, F-43, F-51, F-52, F-60)."""

import json
from typing import Any

import pytest
from hypothesis import given

from domain.ticket import events as e
from domain.ticket.blueprint_events import BlueprintLeft
from domain.ticket.sla_events import SlaReleased
from domain.values import FieldType, StatusType
from projections.base import Unfoldable, erased, merged
from projections.tickets import TICKETS, TicketRow, fold
from tests.projections.histories import STEPS, Log, at, history, imported, opened


def row_of(log: Log) -> TicketRow:
    (row,) = fold({}, log.events)
    return row


def test_an_opened_ticket_shows_all_it_was_opened_with_f42():
    log = Log()
    log.ticket(
        "T-1",
        opened(number=7, description="It burns", contact_id="7", priority="high", tags=("vip", "fire")),
        person="contact:7",
    )
    assert row_of(log) == TicketRow(
        ticket_id="T-1",
        number=7,
        source=None,
        channel="email",
        subject="Printer on fire",
        description="It burns",
        contact_id="7",
        department="support",
        priority="high",
        status="Open",
        status_type="open",
        agent=None,
        team=None,
        due_at=None,
        sla_policy=None,
        tags='["fire","vip"]',
        fields="{}",
        created_at=at(1),
        opened_at=at(1),
        closed_at=None,
        last_event_at=at(1),
        last_action_at=at(1),
        exchanges=0,
        reopen_count=0,
        team_change_count=0,
        is_source_sla_met=None,
        is_deleted=False,
        is_archived=False,
        person="contact:7",
        version=1,
        position=1,
    )


def test_the_last_action_is_that_of_a_person_or_service_and_of_no_rule_f70():
    log = Log()
    log.record("ticket:T-1", opened(), actor="system")
    assert row_of(log).last_action_at is None
    log.record("ticket:T-1", e.TicketAgentChanged(None, "ana"), actor="service:billing")
    log.record("ticket:T-1", e.TicketTeamChanged(None, "desk"), actor="system")
    log.record("ticket:T-1", e.TicketTagsAdded(("vip",)), rule="trigger:vip@1")
    row = row_of(log)
    assert (row.last_action_at, row.last_event_at) == (at(2), at(4))
    assert fold({"T-1": fold({}, log.events[:3])[0]}, log.events[3:]) == [row]


def test_a_row_of_an_import_is_an_action_whoever_its_source_names_f70():
    log = Log()
    log.record("ticket:T-1", imported(), actor="system", via="import:uci_incident@1")
    log.record("ticket:T-1", e.TicketRevisionNoted("uci_incident@1", 2), actor="system", via="import:uci_incident@1")
    assert row_of(log).last_action_at == at(2)


def test_an_adopted_ticket_has_a_number_of_our_own():
    log = Log()
    log.ticket("T-1", imported(), e.TicketAdopted(12))
    assert (row_of(log).number, row_of(log).source, row_of(log).version) == (12, "uci_incident@1", 2)


def test_events_of_blueprints_and_of_slas_move_the_row_and_change_nothing_else():
    log = Log()
    log.ticket("T-1", opened(), BlueprintLeft("refund", 1, "Check", "retired"), SlaReleased("gold", 2, "retired"))
    before = fold({}, log.events[:1])[0]
    assert row_of(log) == before._replace(last_event_at=at(3), last_action_at=at(3), version=3, position=3)


def test_an_imported_ticket_keeps_its_sources_word_on_creation_and_has_no_number_f165():
    log = Log()
    log.ticket("T-1", imported(created_at=at(-60), agent="ana", team="desk", source_sla_met=True))
    row = row_of(log)
    assert (row.number, row.source, row.created_at, row.opened_at) == (None, "uci_incident@1", at(-60), at(1))
    assert (row.agent, row.team, row.is_source_sla_met, row.person) == ("ana", "desk", True, None)


@given(STEPS)
def test_the_row_is_the_ticket_as_the_domain_has_it_after_every_history_f42(steps):
    log, states = history(steps)
    for ticket_id, ticket in states.items():
        own = [recorded for recorded in log.events if recorded.stream == f"ticket:{ticket_id}"]
        (row,) = fold({}, own)
        same = "number source channel contact_id department priority status status_type agent team due_at created_at"
        for name in (
            *same.split(),
            *["opened_at", "closed_at", "exchanges", "reopen_count", "team_change_count", "is_archived"],
        ):
            assert getattr(row, name) == getattr(ticket, name), name
        assert row.is_deleted == ticket.is_deleted
        assert row.is_source_sla_met == ticket.source_sla_met
        assert json.loads(row.tags) == list(ticket.tags)
        assert json.loads(row.fields) == {name: list(value) for name, value in ticket.fields.items()}
        assert (row.version, row.position, row.last_event_at) == (len(own), own[-1].position, own[-1].occurred_at)


@given(STEPS)
def test_events_one_by_one_make_the_row_of_all_at_once_f42(steps):
    log, states = history(steps)
    for ticket_id in states:
        own = [recorded for recorded in log.events if recorded.stream == f"ticket:{ticket_id}"]
        rows: dict[Any, TicketRow] = {}
        for recorded in own:
            rows = merged(TICKETS, rows, fold(rows, [recorded]))
        assert list(rows.values()) == fold({}, own)


def test_tags_and_fields_are_json_in_a_fixed_order_without_spaces_f43_f45():
    log = Log()
    log.ticket(
        "T-1",
        opened(tags=("b",), fields={"z": (FieldType.INTEGER, "3")}),
        e.TicketTagsAdded(("c", "a")),
        e.TicketFieldChanged("größe", None, (FieldType.TEXT, 'say "hi"')),
    )
    row = row_of(log)
    assert row.tags == '["a","b","c"]'
    assert row.fields == '{"größe":["text","say \\"hi\\""],"z":["integer","3"]}'


def test_adding_a_tag_twice_changes_nothing_f43():
    log = Log()
    log.ticket("T-1", opened(tags=("a",)), e.TicketTagsAdded(("a",)))
    assert row_of(log).tags == '["a"]'


def test_a_row_holds_plain_texts_whatever_the_event_holds_f42():
    log = Log()
    log.ticket("T-1", opened())
    assert type(row_of(log).status_type) is str


def test_closing_counts_a_reopening_only_when_the_ticket_opens_again_f46():
    log = Log()
    close = e.TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED)
    again = e.TicketStatusChanged("Closed", StatusType.CLOSED, "Done", StatusType.CLOSED)
    reopen = e.TicketStatusChanged("Done", StatusType.CLOSED, "Open", StatusType.OPEN)
    log.ticket("T-1", opened(), close, again)
    assert (row_of(log).closed_at, row_of(log).reopen_count) == (at(2), 0)
    log.ticket("T-1", reopen)
    assert (row_of(log).closed_at, row_of(log).reopen_count) == (None, 1)


def test_the_person_is_the_one_whose_text_the_row_holds_e14():
    log = Log()
    log.ticket("T-1", opened(description="It burns"), person="contact:1")
    log.ticket("T-1", e.TicketSubjectChanged("Printer on fire", "Again"), person="contact:2")
    row = row_of(log)
    assert row.person == "contact:2\ncontact:1"
    assert erased(TICKETS, row, "contact:1") == row._replace(description="erased")
    assert erased(TICKETS, row, "contact:2") == row._replace(subject="erased")
    assert erased(TICKETS, row, "contact:3") is row
    log.ticket("T-1", e.TicketDescriptionChanged("It burns", None), person="contact:2")
    assert row_of(log).person == "contact:2"


def test_erasing_leaves_null_as_it_is_e14():
    log = Log()
    log.ticket("T-1", opened(), person="contact:1")
    row = erased(TICKETS, row_of(log), "contact:1")
    assert (row.subject, row.description) == ("erased", None)


def test_a_stream_that_does_not_begin_with_its_opening_cannot_be_folded():
    log = Log()
    log.ticket("T-1", e.TicketArchived())
    with pytest.raises(Unfoldable, match=r"ticket\.archived"):
        fold({}, log.events)


def test_a_second_opening_and_a_missing_version_cannot_be_folded():
    log = Log()
    log.ticket("T-1", opened(), opened(), e.TicketArchived())
    with pytest.raises(Unfoldable, match="inside"):
        fold({}, log.events)
    with pytest.raises(Unfoldable, match="version 3 where 2 follows"):
        fold({}, [log.events[0], log.events[2]])
    with pytest.raises(Unfoldable, match="version 2, not 1"):
        fold({}, log.events[1:])
