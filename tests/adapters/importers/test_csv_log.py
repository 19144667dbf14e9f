"""A CSV log comes in whole or is refused by name; coming in twice changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from adapters.importers.csv_log import CsvLog, import_csv
from adapters.importers.mapping import UnreadableInput, parse_mapping
from adapters.importers.source_log import Imported
from commands.importing import revision_id
from domain.instant import Instant
from domain.ticket import events
from domain.values import FieldType, StatusType
from tests.adapters.importers.desk import Ledger

DESK = """
source: desk
version: 3
missing: ["?"]
instants: {zone: UTC, formats: ["%d/%m/%Y %H:%M", ISO]}
ticket:
  case: id
  instant: at
  actor: who
  channel: {column: channel, values: {Phone: phone}, missing: other:unknown}
  subject: subject
  contact: caller
  department: {column: dept, values: {it: IT}, missing: General}
  priority: {column: prio, values: {P1: urgent, P4: low}}
  status: {column: state, types: {New: open, Waiting: on_hold, Done: closed}}
  agent: agent
  team: team
  created_at: created
  source_sla_met: sla
  tags: {column: tags, separator: ";"}
  fields:
    category: category
    size: {column: size, type: integer}
    cost: {column: cost, type: decimal}
    urgent: {column: urgent, type: boolean}
    due: {column: due, type: instant}
"""
MAPPING = parse_mapping(DESK, "desk.yaml")
ROW = {
    "id": "A1",
    "at": "1/3/2016 09:00",
    "who": "ana",
    "channel": "Phone",
    "subject": "Printer",
    "caller": "C7",
    "dept": "it",
    "prio": "P4",
    "state": "New",
    "agent": "?",
    "team": "Hardware",
    "created": "29/2/2016 23:59",
    "sla": "true",
    "tags": "b; a",
    "category": "Print",
    "size": "3",
    "cost": "1.50",
    "urgent": "false",
    "due": "2016-03-04T12:00+01:00",
}
FIRST = [
    {},
    {"at": "1/3/2016 10:00", "state": "Waiting", "agent": "eva"},
    {"id": "B2"},
    {"at": "1/3/2016 09:30", "state": "Done", "agent": "eva"},
]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "desk.csv"


def written(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """A log with these rows, each the usual row with some cells changed."""
    lines = [",".join(ROW), *(",".join({**ROW, **row}.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def imported(ledger: Ledger, path: Path, mapping=MAPPING, **options) -> Imported:
    return import_csv(path, mapping, ledger.send, tip_before=len(ledger.receipts), **options)


# Rows become commands


def test_a_row_is_the_whole_picture_of_its_ticket(ledger, log):
    imported(ledger, written(log, [{}]))
    told = events.TicketImported(
        source="desk",
        channel="phone",
        subject="Printer",
        description=None,
        contact_id="C7",
        department="IT",
        priority="low",
        status="New",
        status_type=StatusType.OPEN,
        agent=None,
        team="Hardware",
        fields={
            "category": (FieldType.TEXT, "Print"),
            "cost": (FieldType.DECIMAL, "1.50"),
            "due": (FieldType.INSTANT, "2016-03-04T11:00:00.000000Z"),
            "size": (FieldType.INTEGER, "3"),
            "urgent": (FieldType.BOOLEAN, "false"),
        },
        tags=("a", "b"),
        created_at=Instant("2016-02-29T23:59:00.000000Z"),
        source_sla_met=True,
    )
    assert ledger.events == [("A1", "2016-03-01T09:00:00.000000Z", told)]


def test_a_row_is_counted_inside_its_case_and_named_by_its_place(ledger, log):
    imported(ledger, written(log, FIRST))
    assert [(command.case, command.ordinal) for command in ledger.commands] == [
        ("A1", 1),
        ("A1", 2),
        ("B2", 1),
        ("A1", 3),
    ]
    assert [command.command_id for command in ledger.commands] == [
        revision_id("desk", command.case, command.ordinal) for command in ledger.commands
    ]


def test_instants_that_run_backwards_are_kept(ledger, log):
    imported(ledger, written(log, FIRST))
    assert [command.occurred_at for command in ledger.commands if command.case == "A1"] == [
        "2016-03-01T09:00:00.000000Z",
        "2016-03-01T10:00:00.000000Z",
        "2016-03-01T09:30:00.000000Z",
    ]


def test_the_counts_of_a_result_add_up(ledger, log):
    result = imported(ledger, written(log, FIRST))
    assert result == Imported(tickets=2, rows=4, rows_added=4, rows_known=0, events_added=len(ledger.events))
    assert len(ledger.events) == 5


def test_a_row_that_changes_nothing_tracked_is_noted(ledger, log):
    imported(ledger, written(log, [{}, {"at": "1/3/2016 09:01"}]))
    assert ledger.events[-1][2] == events.TicketRevisionNoted("desk", 2)


def test_an_unknown_status_is_stored_as_open(ledger, log):
    imported(ledger, written(log, [{"state": "-100"}]))
    assert (ledger.tickets["A1"].status, ledger.tickets["A1"].status_type) == ("-100", StatusType.OPEN)


def test_the_type_of_unknown_statuses_is_the_mappings_choice(ledger, log):
    mapping = parse_mapping(DESK.replace("status: {", "status: {unknown_status_type: on_hold, "), "desk.yaml")
    imported(ledger, written(log, [{"state": "-100"}]), mapping)
    assert ledger.tickets["A1"].status_type is StatusType.ON_HOLD


def test_unlisted_values_are_kept_and_an_unlisted_channel_is_marked_as_other(ledger, log):
    imported(ledger, written(log, [{"channel": "Fax", "prio": "P9", "dept": "sales"}, {"id": "B2", "channel": "web"}]))
    ticket = ledger.tickets["A1"]
    assert (ticket.channel, ticket.priority, ticket.department) == ("other:Fax", "P9", "sales")
    assert ledger.tickets["B2"].channel == "web"


def test_missing_values_are_none_or_what_the_mapping_says(ledger, log):
    kept = {"id", "at", "state"}
    imported(ledger, written(log, [{name: "?" if name < "m" else "" for name in ROW if name not in kept}]))
    ticket = ledger.tickets["A1"]
    assert (ticket.channel, ticket.department) == ("other:unknown", "General")
    assert (ticket.subject, ticket.contact_id, ticket.priority, ticket.team, ticket.created_at) == (None,) * 5
    assert (ticket.source_sla_met, ticket.fields, ticket.tags) == (None, {}, ())
    assert ledger.commands[0].actor == "system"


def test_a_row_is_sent_in_the_name_of_who_made_it(ledger, log):
    imported(ledger, written(log, [{}]))
    assert ledger.commands[0].actor == "agent:ana"


def test_a_prefix_keeps_sources_with_the_same_ids_apart(ledger, log):
    imported(ledger, written(log, [{}]), MAPPING.model_copy(update={"id_prefix": "old-"}))
    assert list(ledger.tickets) == ["old-A1"]
    assert ledger.commands[0].case == "A1"


def test_a_file_may_have_a_byte_order_mark_windows_line_ends_quotes_and_blank_lines(ledger, log):
    text = written(log, [{"subject": '"Printer, ""big""\nand loud"'}, {"state": "Done"}]).read_text(encoding="utf-8")
    log.write_text("\ufeff" + text.replace("\n", "\r\n") + "\r\n", encoding="utf-8", newline="")
    imported(ledger, log)
    assert ledger.events[0][2].subject == 'Printer, "big"\r\nand loud'
    assert ledger.tickets["A1"].status == "Done"


def test_another_delimiter_is_read(ledger, log):
    text = written(log, [{"tags": "a"}]).read_text(encoding="utf-8").replace(",", "\t")
    log.write_text(text, encoding="utf-8")
    imported(ledger, log, parse_mapping(DESK + 'csv: {delimiter: "\\t"}', "desk.yaml"))
    assert ledger.tickets["A1"].tags == ("a",)


def test_rows_are_sent_in_batches(ledger, log):
    imported(ledger, written(log, [{"id": f"T{n}"} for n in range(7)]), batch_size=3)
    assert ledger.batches == [3, 3, 1]


def test_progress_is_told_first_without_and_then_with_the_number_of_rows(ledger, log):
    told: list[tuple[int, int | None]] = []
    path = written(log, [{"id": f"T{n}"} for n in range(1_100)])
    imported(ledger, path, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(500, None), (1_000, None), (500, 1_100), (1_000, 1_100), (1_100, 1_100)]


# Again


def test_importing_again_adds_nothing(ledger, log):
    imported(ledger, written(log, FIRST))
    before = list(ledger.events)
    assert imported(ledger, log) == Imported(tickets=2, rows=4, rows_added=0, rows_known=4, events_added=0)
    assert ledger.events == before


def test_half_a_file_and_then_the_whole_is_the_whole(ledger, log):
    half = imported(ledger, written(log, FIRST[:2]))
    rest = imported(ledger, written(log, FIRST))
    assert (half.rows_added, rest.rows_added, rest.rows_known) == (2, 2, 2)
    whole = Ledger()
    at_once = imported(whole, log)
    assert (ledger.events, ledger.tickets) == (whole.events, whole.tickets)
    assert half.events_added + rest.events_added == at_once.events_added


def test_an_import_that_was_cut_short_goes_on_where_it_stopped(ledger, log):
    def send_once(commands):
        if ledger.batches:
            raise ConnectionError
        return ledger.send(commands)

    written(log, FIRST)
    with pytest.raises(ConnectionError):
        import_csv(log, MAPPING, send_once, tip_before=0, batch_size=2)
    assert imported(ledger, log).rows_added == 2


def test_a_rewritten_row_is_reported_and_changes_nothing(ledger, log):
    imported(ledger, written(log, FIRST))
    before = list(ledger.events)
    result = imported(ledger, written(log, [FIRST[0], {**FIRST[1], "agent": "max"}, *FIRST[2:]]))
    assert [asdict(row) for row in result.rows_skipped] == [
        {
            "line": 3,
            "case": "A1",
            "code": "source_rewritten",
            "sentence": "Row 2 of case A1 of desk differs from what was imported before.",
        }
    ]
    assert (result.rows, result.rows_known, result.events_added) == (4, 3, 0)
    assert ledger.events == before


def test_a_refused_row_is_reported_with_its_line_and_the_others_go_on(ledger, log):
    imported(ledger, written(log, [{}]), MAPPING.model_copy(update={"source": "other"}))
    result = imported(ledger, written(log, [{"id": "B2"}, {"subject": '"two\nlines"'}, {}]))
    assert [(row.line, row.case, row.code) for row in result.rows_skipped] == [
        (3, "A1", "source_mismatch"),
        (5, "A1", "source_mismatch"),
    ]
    assert result.rows_skipped[0].sentence.startswith("Ticket A1 belongs to other, not to desk")
    assert (result.rows, result.rows_added, result.tickets) == (3, 1, 2)


# Damaged input


def refusal(ledger: Ledger, path: Path, mapping=MAPPING) -> str:
    """What the import says of a file of which nothing may be sent."""
    with pytest.raises(UnreadableInput) as refused:
        imported(ledger, path, mapping)
    assert ledger.batches == []
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(str(path))
    return str(refused.value).removeprefix(str(path))


def test_a_missing_file_is_refused(ledger, log):
    assert refusal(ledger, log) == ": cannot be read: No such file or directory"


def test_a_folder_is_refused(ledger, tmp_path):
    assert refusal(ledger, tmp_path) == ": cannot be read twice; expected a file"


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\n"])
def test_an_empty_file_is_refused(ledger, log, content):
    log.write_text(content, encoding="utf-8")
    assert refusal(ledger, log) == ": is empty; expected a header and rows"


def test_a_header_without_rows_is_refused(ledger, log):
    assert refusal(ledger, written(log, [])) == ": has a header and no rows; expected at least one row"


def test_a_file_that_is_not_utf8_is_refused_with_the_line(ledger, log):
    log.write_bytes(written(log, [{}, {"subject": "Dr\xfccker"}]).read_text(encoding="utf-8").encode("latin-1"))
    assert refusal(ledger, log) == " line 3: not UTF-8; expected UTF-8 text"


def test_a_header_that_lacks_columns_is_refused_with_all_their_names(ledger, log):
    text = written(log, [{}]).read_text(encoding="utf-8")
    log.write_text(text.replace("who,", "by,").replace("state,", "status,"), encoding="utf-8")
    assert " line 1: the header lacks columns 'who', 'state', which the mapping desk@3 reads" in refusal(ledger, log)


def test_a_header_with_a_column_twice_is_refused_with_its_name(ledger, log):
    text = written(log, [{}]).read_text(encoding="utf-8")
    log.write_text(text.replace("subject,", "team,"), encoding="utf-8")
    assert " line 1: the header names column 'team' twice" in refusal(ledger, log)


@pytest.mark.parametrize(("due", "count"), [("?,?", 20), ("?\nshort,row", 2)])
def test_a_row_with_a_wrong_number_of_fields_is_refused_with_its_line(ledger, log, due, count):
    assert f": has {count} fields; expected 19" in refusal(ledger, written(log, [{}, {"due": due}]))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"at": "2016/3/1"},
            "column 'at': '2016/3/1'; expected an instant written as %d/%m/%Y %H:%M or ISO",
        ),
        ({"at": "31/2/2016 10:00"}, "column 'at': '31/2/2016 10:00'; expected an instant"),
        ({"at": "0001-01-01T00:00+10:00"}, "column 'at': '0001-01-01T00:00+10:00'; expected an instant"),
        ({"at": "?"}, "column 'at': has no value; expected an instant"),
        ({"created": "yesterday"}, "column 'created': 'yesterday'; expected an instant"),
        ({"id": ""}, "column 'id': has no value; expected an id of 1 to 128 printable characters"),
        ({"id": "x" * 129}, "column 'id': '" + "x" * 60 + "...'; expected an id"),
        ({"id": "\x1b[2J"}, r"column 'id': '\x1b[2J'; expected an id"),
        ({"who": "a" * 129}, "; expected an actor"),
        ({"state": "?"}, "column 'state': has no value; expected 1 to 128 printable characters"),
        ({"state": "s" * 129}, "column 'state': '" + "s" * 60),
        ({"channel": "c" * 128}, "column 'channel': 'c"),
        ({"dept": "\x07"}, r"column 'dept': '\x07'; expected"),
        ({"subject": "s" * 1_001}, "; expected a text of at most 1,000 characters"),
        ({"sla": "perhaps"}, "column 'sla': 'perhaps'; expected true or false"),
        ({"tags": ";".join(str(n) for n in range(101))}, "; expected at most 100 tags"),
        ({"size": "3.5"}, "column 'size': '3.5'; expected a number of the type integer"),
        ({"cost": "1e5"}, "column 'cost': '1e5'; expected a number of the type decimal"),
        ({"urgent": "1"}, "column 'urgent': '1'; expected true or false"),
        ({"due": "soon"}, "column 'due': 'soon'; expected an instant"),
        ({"category": "c" * 10_001}, "; expected a text of at most 10,000 characters"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_with_line_column_and_value(ledger, log, cells, said):
    sentence = refusal(ledger, written(log, [{}, {"id": "B2"}, cells, {}]))
    assert sentence.startswith(" line 4, column ")
    assert said in sentence


def test_a_nul_character_is_refused_with_its_line(ledger, log):
    sentence = refusal(ledger, written(log, [{}, {"category": "a\0b"}]))
    assert sentence == " line 3: holds a NUL character; expected text"


@pytest.mark.parametrize("subject", ['"never closed', '"closed"too early', '"' + "x" * 200_000 + '"'])
def test_broken_quotes_and_endless_fields_are_refused_with_the_line_they_begin_on(ledger, log, subject):
    sentence = refusal(ledger, written(log, [{}, {"subject": subject}, {}, {}]))
    assert sentence.startswith(" line 3: not CSV: ")
    assert "expected fields separated by ','" in sentence


def test_damage_in_the_last_row_keeps_the_first_from_being_written(ledger, log):
    rows: list[dict[str, str]] = [{"id": f"T{n}"} for n in range(1_200)]
    assert " line 1202, column 'at'" in refusal(ledger, written(log, [*rows, {"at": "never"}]))


def test_a_file_of_ever_new_values_is_imported_like_any_other(ledger, log, monkeypatch):
    monkeypatch.setattr("adapters.importers.rows.REMEMBERED", 3)
    rows = [{"id": f"T{n}", "team": f"Team {n}", "category": "c" * (n + 120)} for n in range(20)]
    imported(ledger, written(log, rows))
    assert [ticket.team for ticket in ledger.tickets.values()] == [f"Team {n}" for n in range(20)]
    assert [len(ticket.fields["category"][1]) for ticket in ledger.tickets.values()] == list(range(120, 140))


@pytest.mark.parametrize(("rule", "dropped", "ordinals"), [("keep", 0, [1, 2, 1, 3, 4]), ("drop", 1, [1, 1, 2, 3])])
def test_duplicates_are_kept_or_dropped_as_the_mapping_says(ledger, log, rule, dropped, ordinals):
    path = written(log, [{}, {}, {"id": "B2"}, {"due": "?"}, {}])
    mapping = parse_mapping(f"{DESK}duplicates: {rule}", "desk.yaml")
    result = imported(ledger, path, mapping)
    assert (result.rows, result.rows_duplicate, result.rows_dropped) == (5, 1, dropped)
    assert [command.ordinal for command in ledger.commands] == ordinals
    assert imported(ledger, path, mapping).events_added == 0


def test_a_row_that_differs_in_a_column_that_is_not_mapped_is_no_duplicate(ledger, log):
    text = written(log, [{}, {}]).read_text(encoding="utf-8").splitlines()
    log.write_text("\n".join(f"{line},{place}" for place, line in enumerate(text)), encoding="utf-8")
    assert imported(ledger, log).rows_duplicate == 0


def test_a_status_can_be_built_of_several_columns(ledger, log):
    mapping = parse_mapping(
        DESK.replace("column: state", 'columns: [state, prio, team], separator: " - "'), "desk.yaml"
    )
    imported(ledger, written(log, [{"prio": "?"}]), mapping)
    assert ledger.tickets["A1"].status == "New - Hardware"


def test_properties_of_one_column_are_read_alike(ledger, log):
    mapping = parse_mapping(DESK.replace("contact: caller", "contact: id"), "desk.yaml")
    imported(ledger, written(log, [{}, {"id": "B2"}]), mapping)
    assert [ledger.tickets[case].contact_id for case in ("A1", "B2")] == ["A1", "B2"]


def test_a_mapping_for_another_format_is_refused(ledger, log):
    mapping = parse_mapping(f"{DESK}reads: [xes]", "desk.yaml")
    with pytest.raises(UnreadableInput, match=r"desk.csv: cannot be read as csv by the mapping desk@3"):
        imported(ledger, written(log, [{}]), mapping)


def test_a_file_can_be_checked_without_being_imported(log):
    assert CsvLog(written(log, FIRST), MAPPING).check() == 4
