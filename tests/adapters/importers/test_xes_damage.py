"""A damaged or hostile XES log is refused by name with the place of the damage, and nothing of it is sent (F-165)."""

import gzip
from pathlib import Path

import pytest

from adapters.importers.mapping import UnreadableInput, parse_mapping
from tests.adapters.importers.desk import Ledger
from tests.adapters.importers.small_xes import DESK, HEAD, MAPPING, TITLE, event, imported, trace, written


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "desk.xes"


def refusal(ledger: Ledger, path: Path, mapping=MAPPING) -> str:
    """What is said of a file that is refused, behind its name; nothing of it was sent."""
    with pytest.raises(UnreadableInput) as refused:
        imported(ledger, path, mapping)
    said = str(refused.value)
    assert ledger.batches == []
    assert said.startswith(str(path))
    assert "\n" not in said
    return said.removeprefix(str(path))


def test_a_mapping_for_another_format_is_refused(ledger, log):
    said = refusal(ledger, written(log, trace("A1", event())), parse_mapping(DESK.replace("[xes]", "[csv]"), "desk"))
    assert said.startswith(": cannot be read as xes by the mapping desk@3; expected a mapping whose reads name xes")


def test_a_missing_file_and_a_folder_are_refused(ledger, log):
    assert refusal(ledger, log) == ": cannot be read: No such file or directory"
    assert refusal(ledger, log.parent) == ": cannot be read twice; expected a file"


@pytest.mark.parametrize("packed", [False, True])
def test_an_empty_file_is_refused(ledger, log, packed):
    log.write_bytes(gzip.compress(b"") if packed else b"")
    assert refusal(ledger, log) == ": is empty; expected an XES log"


@pytest.mark.parametrize("traces", ["", trace("A1"), trace("A1", TITLE)])
def test_a_log_without_events_is_refused(ledger, log, traces):
    assert refusal(ledger, written(log, traces)) == ": holds no event; expected at least one"


def test_gzip_data_that_end_too_early_are_refused(ledger, log):
    whole = gzip.compress(written(log, *(trace(f"A{n}", event()) for n in range(5_000))).read_bytes())
    log.write_bytes(whole[: len(whole) // 2])
    said = refusal(ledger, log)
    assert said.startswith(": damaged gzip data behind byte ")
    assert said.endswith("it ends too early")


def test_damaged_gzip_data_are_refused(ledger, log):
    whole = bytearray(gzip.compress(written(log, trace("A1", event())).read_bytes()))
    whole[-6] ^= 0xFF
    log.write_bytes(whole)
    assert "damaged gzip data" in refusal(ledger, log)
    log.write_bytes(gzip.compress(b"<log>") + b"not packed")
    assert "damaged gzip data" in refusal(ledger, log)
    log.write_bytes(b"\x1f\x8b\x08\x00" + b"\xff" * 60)
    assert "damaged gzip data" in refusal(ledger, log)


@pytest.mark.parametrize(
    ("told", "tail", "said"),
    [
        ("", "", " line 7: not XML: no element found; expected a whole XES log"),
        ("<event><", "</log>", " line 7, trace 2, event 1: not XML: not well-formed"),
        ("<event></trace>", "</log>", " line 7, trace 2, event 1: not XML: mismatched tag"),
        (
            '<event><string key="a" value="&unknown;"/></event>',
            "",
            " line 7, trace 2, event 1: not XML: undefined entity",
        ),
        ('<event><string key="a" value="\0"/></event>', "", " line 7, trace 2, event 1: not XML: not well-formed"),
        ("</trace></log><log>", "", " line 7: not XML: junk after document element"),
    ],
)
def test_broken_xml_is_refused_with_line_trace_and_event(ledger, log, told, tail, said):
    second = f'<trace><string key="concept:name" value="B2"/>{told}' if told else ""
    assert refusal(ledger, written(log, trace("A1", event()), second, tail=tail)).startswith(said)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE log [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log SYSTEM "http://localhost/log.dtd">',
        "<!DOCTYPE log>",
    ],
)
def test_a_document_type_declaration_is_refused_whatever_it_declares(ledger, log, declared):
    head = HEAD.replace("<log", declared + "<log")
    said = refusal(ledger, written(log, trace("&a;", event()), head=head))
    assert said.startswith(" line 2: holds a document type declaration (DOCTYPE), which could define entities")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<WorkflowLog><Process/></WorkflowLog>",
            " line 1: the root element is <WorkflowLog>; expected <log>, as in XES",
        ),
        ("id,at\n1,2\n", " line 1: not XML: syntax error; expected a whole XES log"),
        *(
            (f'<?xml version="1.0" encoding="{name}"?><log/>', " line 1: names an encoding that cannot be read")
            for name in ("utf-99", "shift_jis", "idna", "hex", "undefined", "punycode")
        ),
        ("\xff\xfe\xff", " line 1: not XML"),
    ],
)
def test_what_is_no_xes_log_is_refused(ledger, log, text, said):
    log.write_bytes(text.encode("latin-1"))
    assert refusal(ledger, log).startswith(said)


def test_attributes_that_the_mapping_reads_and_nothing_has_are_refused_with_all_their_keys(ledger, log):
    said = refusal(ledger, written(log, trace("A1", event()), head=HEAD))
    assert said.startswith(
        ": no event has attributes 'who', 'lifecycle:transition', 'trace.title', 'size', which the map"
    )
    assert "desk@3 reads; expected each on an event or declared as global" in said


def test_a_case_without_a_name_is_refused_with_its_place(ledger, log):
    said = refusal(ledger, written(log, trace("A1", event()), f"<trace>\n{event()}</trace>"))
    assert said.startswith(" line 8, trace 2, event 1, attribute 'trace.concept:name': has no value; expected an id")
    assert " event 1, attribute 'trace.concept:name'" in refusal(ledger, written(log, event()))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            '<event><string key="concept:name" value="New"/></event>\n',
            "attribute 'time:timestamp': has no value; expected",
        ),
        (event(at=""), "attribute 'time:timestamp': has no value; expected an instant"),
        (
            event(at="2016-03-01T09:00:00"),
            "attribute 'time:timestamp': '2016-03-01T09:00:00'; expected an instant written",
        ),
        (
            event(at="yesterday"),
            "attribute 'time:timestamp': 'yesterday'; expected an instant written as ISO with an offs",
        ),
        (event(at="0001-01-01T00:00:00+05:00"), "attribute 'time:timestamp': '0001-01-01T00:00:00+05:00'; expected"),
        (event(more='<int key="size" value="3.5"/>'), "attribute 'size': '3.5'; expected a number of the type integer"),
        (event(more='<string key="who" value="a&#10;b"/>'), "attribute 'who': 'a\\nb'; expected 1 to 128"),
    ],
)
def test_an_attribute_that_does_not_fit_is_refused_with_line_trace_event_and_key(ledger, log, told, said):
    found = refusal(ledger, written(log, trace("A1", event()), trace("B2", event(), told)))
    assert found.startswith(f" line 9, trace 2, event 2, {said}")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('<string key="who" value="a"/><string key="who" value="b"/>', "attribute 'who' stands there twice"),
        ('<list key="who"><values/></list>', "attribute 'who' is a <list> without one value"),
        ('<string key="who"/>', "attribute 'who' is a <string> without one value"),
    ],
)
def test_a_mapped_attribute_that_has_not_one_value_is_refused(ledger, log, more, said):
    assert refusal(ledger, written(log, trace("A1", event(more=more)))).startswith(f" line 5, trace 1, event 1: {said}")


def test_a_mapped_attribute_of_a_trace_behind_its_events_is_refused(ledger, log):
    said = refusal(ledger, written(log, trace("A1", event(), TITLE)))
    assert said.startswith(
        " line 6, trace 1: attribute 'title' of the trace stands behind an event; expected it before"
    )


def test_endless_tags_and_endless_depth_are_refused_before_memory_is_full(ledger, log, monkeypatch):
    monkeypatch.setattr("adapters.importers.xes_log.LONGEST", 200_000)
    written(log, trace("A1", event(more=f'<string key="a" value="{"x" * 500_000}"/>')))
    assert "a tag or a comment is longer than 200000 bytes" in refusal(ledger, log)
    written(log, trace("A1", event(more='<string key="a" value="b">' * 200)))
    assert "elements stand more than 100 deep in each other" in refusal(ledger, log)


def test_damage_in_the_last_event_keeps_the_first_from_being_written(ledger, log):
    traces = [trace(f"A{n}", event()) for n in range(1_200)]
    assert "attribute 'time:timestamp'" in refusal(ledger, written(log, *traces, trace("B2", event(at="never"))))


def test_a_status_of_which_no_attribute_is_there_is_refused(ledger, log):
    bare = '<event><date key="time:timestamp" value="2016-03-01T09:00:00Z"/></event>\n'
    said = refusal(ledger, written(log, trace("A1", event(), bare)))
    assert said.startswith(" line 6, trace 1, event 2, attributes 'concept:name', 'lifecycle:transition': has no value")
