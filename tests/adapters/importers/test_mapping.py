"""A mapping is data that is either right or refused with every mistake, each with its place."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.importers.mapping import (
    SHIPPED,
    Instants,
    SourceMapping,
    UnreadableInput,
    load_mapping,
    parse_mapping,
    shipped_mappings,
)
from domain.instant import instant
from domain.values import StatusType

PAGE = Path(__file__).parents[3] / "docs" / "import.md"
SMALL = """
source: desk
version: 2
ticket:
  case: id
  instant: at
  actor: who
  channel: {constant: email}
  department: {constant: IT}
  status: {column: state, types: {Done: closed}}
"""


def mistakes(text: str) -> str:
    with pytest.raises(UnreadableInput) as refused:
        parse_mapping(text, "desk.yaml")
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_shipped_mapping_is_found_by_its_name():
    mapping = load_mapping("uci_incident")
    assert mapping.source == "uci_incident"
    assert mapping.via == "import:uci_incident@1"


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_shipped_mapping_is_valid_and_named_after_its_source(name):
    assert load_mapping(name).source == name


def test_another_mapping_is_found_by_its_path(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text("\ufeff" + SMALL, encoding="utf-8")
    assert load_mapping(str(path)).via == "import:desk@2"


def test_an_unknown_name_is_refused_with_the_names_that_exist():
    with pytest.raises(UnreadableInput, match=r"no such file.*uci_incident"):
        load_mapping("nowhere")


def test_a_folder_is_no_mapping(tmp_path):
    with pytest.raises(UnreadableInput, match="cannot be read"):
        load_mapping(str(tmp_path))


def test_a_mapping_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_bytes(b"source: d\xe9sk")
    with pytest.raises(UnreadableInput, match="not UTF-8"):
        load_mapping(str(path))


def test_every_mistake_is_named_at_once_with_its_field_path():
    said = mistakes(
        """
        source: Desk Log
        version: 0
        surprise: 1
        csv: {delimiter: ",,", encoding: latin-1}
        instants: {zone: Mars, formats: ["%d %d", "%H:%M", "%Y-%m-%d %Z"]}
        ticket:
          instant: at
          actor: {column: who, prefix: "robot:"}
          channel: {constant: fax}
          department: {constant: IT, column: dept}
          priority: {column: prio, values: {P1: critical}}
          status: {column: state, types: {Done: finished}, unknown_status_type: paused}
          fields: {size: {column: size, type: float}}
        """
    )
    for place in (
        "source: expected 1 to 100 lower case letters",
        "version: ",
        "surprise: is no field of a mapping",
        "csv.delimiter: ",
        "csv.encoding: ",
        "instants.zone: 'Mars' is no IANA time zone",
        "instants.formats.0: '%d %d' is neither ISO nor a strptime format",
        "instants.formats.1: '%H:%M' must hold year, month and day",
        "instants.formats.2: '%Y-%m-%d %Z' names a zone",
        "ticket.case: is missing",
        "ticket.actor.prefix: ",
        "ticket.channel.constant: a channel is one of",
        "ticket.department: name either a column or a constant",
        "ticket.priority.values.P1: ",
        "ticket.status.types.Done: ",
        "ticket.status.unknown_status_type: ",
        "ticket.fields.size.type: ",
    ):
        assert place in said
    assert "instants.formats: " not in said


def test_a_label_that_yaml_reads_as_a_number_must_be_quoted():
    assert "ticket.status.types.-100: expected text; put numbers" in mistakes(SMALL.replace("Done:", "-100:"))
    assert parse_mapping(SMALL.replace("Done:", '"-100":'), "desk.yaml").ticket.status.types == {
        "-100": StatusType.CLOSED
    }


def test_a_key_written_twice_is_refused_because_one_of_both_would_be_lost():
    said = mistakes(SMALL.replace("types: {Done: closed}", "types: {Done: closed, Done: open}"))
    assert "ticket.status.types.Done: is written twice (line 10)" in said


@pytest.mark.parametrize("text", ["", "- source", "just words", "source"])
def test_a_document_without_fields_is_refused(text):
    assert "expected fields such as source" in mistakes(text)


@pytest.mark.parametrize(
    "text", ["a: [", "a: 2001-99-99", "a: \x07", "? [a]\n: b", "a: !!python/object:os.system {}", "[" * 5_000]
)
def test_what_is_not_plain_yaml_is_refused_in_one_line(text):
    assert mistakes(text).startswith("mapping desk.yaml")


def test_a_yaml_error_names_its_line():
    assert "line 3: not YAML" in mistakes("source: desk\nversion: 1\nticket: ][")


def test_a_document_that_holds_itself_is_refused():
    assert "source: is missing" in mistakes("ticket: &again\n  case: *again")


def test_plain_text_is_the_name_of_a_column():
    assert parse_mapping(SMALL, "desk.yaml").ticket.columns == ("id", "at", "who", "state")


def test_a_status_is_one_column_or_several_with_a_separator():
    several = parse_mapping(SMALL.replace("column: state", "columns: [state, reason]"), "desk.yaml").ticket
    assert (several.columns, several.status.separator) == (("id", "at", "who", "state", "reason"), "/")
    both = mistakes(SMALL.replace("column: state", "column: state, columns: [state, reason]"))
    assert "ticket.status: name either a column or several columns" in both
    assert "ticket.status: name either a column or several columns" in mistakes(SMALL.replace("column: state, ", ""))
    assert "ticket.status.columns: " in mistakes(SMALL.replace("column: state", "columns: [state]"))
    said = mistakes(SMALL.replace("column: state", "column: state, separator: /"))
    assert "ticket.status: a separator belongs to several columns" in said


def test_a_mapping_says_which_formats_it_reads():
    assert parse_mapping(SMALL, "desk.yaml").reads == ("csv",)
    assert parse_mapping(SMALL + "reads: [csv, xes]", "desk.yaml").reads == ("csv", "xes")
    said = mistakes(SMALL + 'reads: [xes]\nduplicates: merge\ncsv: {delimiter: ";"}')
    assert "csv: belongs to a mapping that reads csv" in said
    assert "duplicates: " in said
    assert "reads.0: " in mistakes(SMALL + "reads: [json]")
    assert "reads: " in mistakes(SMALL + "reads: []")


def test_constant_values_take_no_value_map():
    said = mistakes(SMALL.replace("{constant: IT}", "{constant: IT, missing: Sales}"))
    assert "ticket.department: values and missing belong to a column" in said


def test_instants_without_an_offset_are_in_the_zone_of_the_mapping():
    read = Instants(zone="Europe/Berlin", formats=("%d/%m/%Y %H:%M",)).reader()
    assert read("1/7/2016 06:38") == "2016-07-01T04:38:00.000000Z"
    assert read("29/2/2016 06:38") == "2016-02-29T05:38:00.000000Z"


def test_an_instant_that_occurs_twice_is_the_earlier_one():
    read = Instants(zone="Europe/Berlin").reader()
    assert read("2016-10-30T02:30") == "2016-10-30T00:30:00.000000Z"


def test_an_offset_in_the_text_goes_before_the_zone():
    read = Instants(zone="Europe/Berlin", formats=("ISO", "%Y-%m-%d %H:%M %z")).reader()
    assert read("2016-07-01T04:38:00-03:00") == "2016-07-01T07:38:00.000000Z"
    assert read("2016-07-01 04:38 +0000") == "2016-07-01T04:38:00.000000Z"


def test_without_any_zone_an_instant_without_an_offset_is_unreadable():
    read = Instants(formats=("%d/%m/%Y %H:%M", "ISO")).reader(zone=None)
    assert read("2016-07-01T04:38:00-03:00") == "2016-07-01T07:38:00.000000Z"
    for text in ("1/7/2016 06:38", "2016-07-01T04:38:00"):
        with pytest.raises(ValueError, match=text):
            read(text)
    assert Instants(zone="Europe/Berlin").reader(zone=None)("2016-07-01T06:38") == "2016-07-01T04:38:00.000000Z"


def test_formats_are_tried_in_their_order():
    assert Instants(formats=("%d/%m/%Y", "%m/%d/%Y")).reader()("1/2/2016") == "2016-02-01T00:00:00.000000Z"
    assert Instants(formats=("%m/%d/%Y", "%d/%m/%Y")).reader()("1/2/2016") == "2016-01-02T00:00:00.000000Z"
    assert Instants(formats=("%m/%d/%Y", "%d/%m/%Y")).reader()("31/3/2016") == "2016-03-31T00:00:00.000000Z"


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%Y-%m-%d %H"])
@pytest.mark.parametrize(
    "text",
    [
        *("29/2/2016 06:42", "29/2/2016  6:42", " 9/2/2016 06:42", "29/2/2016 06:42 ", "30/2/2016 06:42"),
        *("29/2/2016 24:00", "29/13/2016 06:42", "29/2/16 06:42", "029/2/2016 06:42", "29-2-2016 06:42", "29.2.2016"),
        *(
            "2016-02-29T06:42:61",
            "2016-02-29T06:42:59",
            "2016-2-9T6:4:5",
            "29x2.2016",
            "2016-02-29 23",
            "0000-01-01 00",
        ),
    ],
)
def test_plain_numbers_are_read_as_strptime_reads_them(form, text):
    def answer(read):
        try:
            return read(text)
        except ValueError:
            return "unreadable"

    def as_strptime(text):
        return instant(datetime.strptime(text, form).replace(tzinfo=UTC))

    assert answer(Instants(formats=(form,)).reader()) == answer(as_strptime)


def test_the_shipped_mappings_hold_no_column_that_tells_the_future():
    told_too_early = {"closed_at", "resolved_at", "closed_code", "resolved_by"}
    assert told_too_early.isdisjoint(load_mapping("uci_incident").ticket.columns)


def test_the_examples_on_the_page_about_imports_are_valid():
    examples = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    vias = [parse_mapping(example, "example").via for example in examples]
    assert vias == ["import:desk_archive@1", "import:problem_log@1"]


def test_every_shipped_mapping_says_what_becomes_of_duplicates_where_it_reads_events():
    texts = {name: (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8") for name in shipped_mappings()}
    events = [name for name in texts if "xes" in load_mapping(name).reads]
    assert events == ["bpi2013", "helpdesk_it"]
    assert all("\nduplicates: " in texts[name] for name in events)


def test_the_page_about_imports_names_every_field_of_a_mapping():
    page = PAGE.read_text(encoding="utf-8")
    parts = [SourceMapping]
    for part in parts:
        for name, field in part.model_fields.items():
            assert any(shown in page for shown in (f"`{name}`", f".{name}`", f"`{name}.")), f"{part.__name__}.{name}"
            parts += [inner for inner in _parts_in(field.annotation) if inner not in parts]


def _parts_in(annotation):
    inner = [annotation, *getattr(annotation, "__args__", ())]
    return [part for part in inner if isinstance(part, type) and hasattr(part, "model_fields")]
