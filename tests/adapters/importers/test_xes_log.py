"""An XES log comes in by the same rules as a CSV log: an event is a row, an attribute is a column (F-165)."""

import gzip
import re
from pathlib import Path

import pytest

from adapters.importers.mapping import parse_mapping
from adapters.importers.source_log import Imported
from adapters.importers.xes_log import XesLog
from commands.importing import revision_id
from domain.ticket import events
from domain.values import FieldType, StatusType
from tests.adapters.importers.desk import Ledger
from tests.adapters.importers.small_xes import (
    DECLARED,
    DESK,
    HEAD,
    MAPPING,
    PLAIN,
    TITLE,
    event,
    imported,
    trace,
    written,
)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "desk.xes"


# Events become commands


def test_an_event_is_the_whole_picture_of_its_ticket_with_the_attributes_of_its_trace(ledger, log):
    more = '<string key="who" value="ana"/><int key="size" value="3"/><string key="lifecycle:transition" value="Wait"/>'
    imported(ledger, written(log, trace("A1", TITLE, event(more=more))))
    ticket = ledger.tickets["A1"]
    assert (ticket.subject, ticket.agent, ticket.fields) == ("Printer", "ana", {"size": (FieldType.INTEGER, "3")})
    assert (ticket.status, ticket.status_type) == ("New/Wait", StatusType.ON_HOLD)
    assert ticket.opened_at == "2016-03-01T08:00:00.000000Z"
    assert ledger.commands[0].actor == "agent:ana"


def test_an_event_is_counted_inside_its_case_and_named_by_its_place(ledger, log):
    imported(
        ledger, written(log, trace("A1", event(), event("Next")), trace("B2", event()), trace("A1", event("Done")))
    )
    assert [(command.case, command.ordinal) for command in ledger.commands] == [
        ("A1", 1),
        ("A1", 2),
        ("B2", 1),
        ("A1", 3),
    ]
    assert [command.command_id for command in ledger.commands] == [
        revision_id("desk", command.case, command.ordinal) for command in ledger.commands
    ]


def test_offsets_are_mixed_and_instants_run_backwards_as_the_source_wrote_them(ledger, log):
    told = [
        event(at="2016-03-27T01:59:59+01:00"),
        event(at="2016-03-27T03:00:00+02:00"),
        event(at="2016-03-26T12:00:00Z"),
    ]
    imported(ledger, written(log, trace("A1", *told)))
    assert [command.occurred_at for command in ledger.commands] == [
        "2016-03-27T00:59:59.000000Z",
        "2016-03-27T01:00:00.000000Z",
        "2016-03-26T12:00:00.000000Z",
    ]


def test_a_status_of_several_attributes_leaves_out_those_an_event_lacks(ledger, log):
    imported(ledger, written(log, trace("A1", event("New"))))
    assert (ledger.tickets["A1"].status, ledger.tickets["A1"].status_type) == ("New", StatusType.OPEN)


def test_an_unknown_status_is_stored_with_the_type_that_the_mapping_says(ledger, log):
    imported(ledger, written(log, trace("A1", event("VERIFIED"))))
    assert (ledger.tickets["A1"].status, ledger.tickets["A1"].status_type) == ("VERIFIED", StatusType.OPEN)
    other = Ledger()
    imported(other, log, parse_mapping(DESK.replace("types:", "unknown_status_type: closed, types:"), "desk.yaml"))
    assert other.tickets["A1"].status_type is StatusType.CLOSED


def test_nested_attributes_lists_containers_and_foreign_elements_say_nothing_of_the_ticket(ledger, log):
    inner = '<string key="who" value="eve"/>'
    more = (
        f'<string key="note" value="x">{inner}</string><list key="all"><values>{inner}</values></list>'
        f'<container key="box">{inner}</container><other xmlns="urn:other">{inner}<event/></other>'
    )
    in_trace = f'<list key="every"><values><event/><trace/><string key="title" value="no"/></values></list>{TITLE}'
    result = imported(ledger, written(log, trace("A1", in_trace, event(more=more))))
    assert (result.rows, ledger.tickets["A1"].agent, ledger.tickets["A1"].subject) == (1, None, "Printer")


@pytest.mark.parametrize(
    ("prefix", "named"),
    [("", ""), ("", ' xmlns="http://code.deckfour.org/xes"'), ("x:", ' xmlns:x="http://www.xes-standard.org/"')],
)
def test_a_log_is_read_in_any_namespace_and_in_none(ledger, log, prefix, named):
    text = re.sub("<(/?)", rf"<\1{prefix}", trace("A1", event()))
    imported(ledger, written(log, text, head=f"<{prefix}log{named}>", tail=f"</{prefix}log>"), PLAIN)
    assert list(ledger.tickets) == ["A1"]


def test_a_packed_log_is_read_whatever_its_name(ledger, log):
    text = written(log, trace("A1", event()), trace("B2", event())).read_bytes()
    log.write_bytes(gzip.compress(text))
    assert imported(ledger, log).rows == 2


def test_another_encoding_that_the_log_names_is_read(ledger, log):
    head = HEAD.replace("UTF-8", "ISO-8859-1") + DECLARED
    log.write_bytes((head + trace("Dr\xfccker", event()) + "</log>").encode("latin-1"))
    imported(ledger, log)
    assert list(ledger.tickets) == ["Dr\xfccker"]


def test_a_log_cut_into_pieces_of_any_size_is_read_the_same(ledger, log, monkeypatch):
    monkeypatch.setattr("adapters.importers.xes_log.PIECE", 7)
    imported(ledger, written(log, trace("A1", TITLE, event(), event("Done")), trace("B2", event())))
    assert len(ledger.commands) == 3


def test_instants_without_an_offset_are_read_in_the_zone_that_the_mapping_names(ledger, log):
    mapping = parse_mapping(DESK + "instants: {zone: Europe/Berlin}", "desk.yaml")
    imported(ledger, written(log, trace("A1", event(at="2016-07-01T09:00:00"))), mapping)
    assert ledger.commands[0].occurred_at == "2016-07-01T07:00:00.000000Z"


# Again, and duplicates


def test_importing_again_adds_nothing(ledger, log):
    path = written(log, trace("A1", event(), event("Done")), trace("B2", event()))
    assert imported(ledger, path).events_added == 3
    assert imported(ledger, path) == Imported(tickets=2, rows=3, rows_known=3)


def test_half_a_file_and_then_the_whole_is_the_whole(ledger, log):
    half = imported(ledger, written(log, trace("A1", event())))
    rest = imported(ledger, written(log, trace("A1", event(), event("Done")), trace("B2", event())))
    assert (half.rows_added, rest.rows_known, rest.rows_added) == (1, 1, 2)


def test_a_rewritten_event_is_reported_with_its_line_and_changes_nothing(ledger, log):
    imported(ledger, written(log, trace("A1", event(), event("Done"))))
    before = list(ledger.events)
    result = imported(ledger, written(log, trace("A1", event(), event("Other"))))
    assert [(row.line, row.case, row.code) for row in result.rows_skipped] == [(6, "A1", "source_rewritten")]
    assert ledger.events == before


TWICE = event() + event() + event() + event("Done") + event()
"""The second and the third equal the first; the last one does not follow its equal."""


def test_duplicates_that_are_kept_are_noted_and_counted(ledger, log):
    result = imported(ledger, written(log, trace("A1", TWICE)))
    assert (result.rows, result.rows_added, result.rows_duplicate, result.rows_dropped) == (5, 5, 2, 0)
    noted = [event for _, _, event in ledger.events if isinstance(event, events.TicketRevisionNoted)]
    assert [note.ordinal for note in noted] == [2, 3]


def test_duplicates_that_are_dropped_are_counted_and_take_no_number(ledger, log):
    mapping = parse_mapping(DESK + "duplicates: drop", "desk.yaml")
    result = imported(ledger, written(log, trace("A1", TWICE)), mapping)
    assert (result.rows, result.rows_added, result.rows_duplicate, result.rows_dropped) == (5, 3, 2, 2)
    assert [command.ordinal for command in ledger.commands] == [1, 2, 3]
    again = imported(ledger, log, mapping)
    assert (again.rows, again.rows_known, again.rows_dropped, again.events_added) == (5, 3, 2, 0)


@pytest.mark.parametrize(
    "more",
    ['<string key="unmapped" value="b"/>', '<string key="a" value="b"><int key="c" value="2"/></string>', "<list/>"],
)
def test_events_that_differ_in_anything_the_file_says_are_no_duplicates(ledger, log, more):
    assert imported(ledger, written(log, trace("A1", event(), event(more=more)))).rows_duplicate == 0


def test_equal_events_of_two_cases_are_no_duplicates(ledger, log):
    assert imported(ledger, written(log, trace("A1", event()), trace("B2", event()))).rows_duplicate == 0


def test_a_file_can_be_checked_without_being_imported(log):
    assert XesLog(written(log, trace("A1", event(), event())), MAPPING).check() == 2
