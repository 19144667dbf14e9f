"""`deskledger import csv` and `deskledger import xes`: histories from elsewhere, once, whole and by name."""

import gzip

import pytest

MAPPING = """
source: desk
version: 1
ticket:
  case: id
  instant: at
  actor: who
  channel: {constant: web}
  department: {constant: IT}
  status: {column: state, types: {New: open, Done: closed}}
"""
ROWS = """id,at,who,state
7,2026-03-01T09:00:00Z,ana,New
7,2026-03-02T09:00:00Z,ana,Done
8,2026-03-01T10:00:00Z,ben,New
"""


@pytest.fixture
def source(cli, folder):
    """The command line beside a log and its mapping."""
    cli("db", "init")
    (folder / "desk.yaml").write_text(MAPPING)
    (folder / "log.csv").write_text(ROWS)
    return cli


def import_(cli, *words):
    return cli("import", "csv", "log.csv", "--mapping", "desk.yaml", *words)


def test_an_import_says_what_it_added(source):
    said = import_(source, "--json")
    assert said.code == 0
    assert said.err == ""
    assert {name: said.json[name] for name in ("tickets", "rows", "events_added", "rows_skipped")} == {
        "tickets": 2,
        "rows": 3,
        "events_added": 3,
        "rows_skipped": [],
    }
    shown = source("ticket", "show", "7", "--as-of", "2026-03-01T12:00:00Z", "--json").json
    assert (shown["status"], shown["source"]) == ("New", "desk")


def test_importing_again_adds_nothing(source):
    import_(source)
    again = import_(source, "--json")
    assert again.code == 0
    assert (again.json["events_added"], again.json["rows_known"]) == (0, 3)


def test_a_rewritten_row_is_skipped_and_named(source, folder):
    import_(source)
    (folder / "log.csv").write_text(ROWS.replace("ana,Done", "eve,Done"))
    said = import_(source, "--json")
    assert said.code == 7
    (skipped,) = said.json["rows_skipped"]
    assert (skipped["line"], skipped["case"], skipped["code"]) == (3, "7", "source_rewritten")
    assert skipped["sentence"]
    people = import_(source)
    assert people.code == 7
    assert "source_rewritten" in people.out


def test_an_import_for_people(source):
    said = import_(source)
    assert said.code == 0
    assert "events added    3\n" in said.out


@pytest.mark.parametrize(
    ("file", "mapping", "named"),
    [
        ("missing.csv", "desk.yaml", "missing.csv"),
        ("log.csv", "missing.yaml", "uci_incident"),
        ("desk.yaml", "desk.yaml", "header"),
        (".", "desk.yaml", "cannot be read"),
        ("log.csv", "uci_incident", "sys_updated_at"),
        ("log.csv", "log.csv", "log.csv"),
    ],
)
def test_unreadable_input_leaves_no_trace(source, file, mapping, named):
    said = source("import", "csv", file, "--mapping", mapping)
    assert said.code == 2
    assert said.out == ""
    assert named in said.err
    assert len(said.err.splitlines()) == 1
    assert source("db", "info", "--json").json["receipts"] == 0


def test_a_mapping_must_be_named(source):
    said = source("import", "csv", "log.csv")
    assert said.code == 2
    assert "--mapping" in said.err


# XES

EVENT_MAPPING = """
source: log
version: 1
reads: [xes]
duplicates: drop
ticket:
  case: trace.concept:name
  instant: time:timestamp
  actor: org:resource
  channel: {constant: web}
  department: {constant: IT}
  status: {column: concept:name, types: {New: open, Done: closed}}
"""
EVENT = (
    '<event><string key="concept:name" value="{}"/><string key="org:resource" value="ana"/>'
    '<date key="time:timestamp" value="2026-03-0{}T09:00:00+01:00"/></event>\n'
)
LOG = (
    '<log>\n<trace><string key="concept:name" value="7"/>\n'
    + EVENT.format("New", 1)
    + EVENT.format("New", 1)
    + EVENT.format("Done", 2)
    + "</trace></log>\n"
)


@pytest.fixture
def events(cli, folder):
    """The command line beside an XES log, plain and packed, and its mapping; there is no database yet."""
    (folder / "events.yaml").write_text(EVENT_MAPPING)
    (folder / "log.xes").write_text(LOG)
    (folder / "log.xes.gz").write_bytes(gzip.compress(LOG.encode()))
    (folder / "dtd.xes").write_text("<!DOCTYPE log>" + LOG)
    (folder / "cut.xes.gz").write_bytes(gzip.compress(LOG.encode())[:-20])
    return cli


def test_an_xes_log_is_imported_once_plain_or_packed(events):
    said = events("import", "xes", "log.xes", "--mapping", "events.yaml", "--json")
    assert said.code == 0
    assert said.json == {
        "tickets": 1,
        "rows": 3,
        "rows_added": 2,
        "rows_known": 0,
        "rows_duplicate": 1,
        "rows_dropped": 1,
        "events_added": 2,
        "rows_skipped": [],
    }
    again = events("import", "xes", "log.xes.gz", "--mapping", "events.yaml", "--json")
    assert (again.code, again.json["rows_known"], again.json["events_added"]) == (0, 2, 0)
    shown = events("ticket", "show", "7", "--as-of", "2026-03-01T08:00:00Z", "--json").json
    assert (shown["status"], shown["source"]) == ("New", "log")


def test_a_rewritten_event_is_skipped_and_named(events, folder):
    events("import", "xes", "log.xes", "--mapping", "events.yaml")
    (folder / "log.xes").write_text(LOG.replace("Done", "Gone"))
    said = events("import", "xes", "log.xes", "--mapping", "events.yaml", "--json")
    assert said.code == 7
    (skipped,) = said.json["rows_skipped"]
    assert (skipped["line"], skipped["case"], skipped["code"]) == (5, "7", "source_rewritten")


@pytest.mark.parametrize(
    ("file", "mapping", "named"),
    [
        ("missing.xes", "events.yaml", "missing.xes"),
        ("events.yaml", "events.yaml", "not XML"),
        ("log.xes", "bpi2013", "lifecycle:transition"),
        ("log.xes", "uci_incident", "cannot be read as xes"),
        ("log.xes", "log.xes", "log.xes"),
        ("dtd.xes", "events.yaml", "DOCTYPE"),
        ("cut.xes.gz", "events.yaml", "gzip"),
    ],
)
def test_an_unreadable_xes_log_leaves_no_trace_and_makes_no_database(events, folder, file, mapping, named):
    before = set(folder.iterdir())
    said = events("import", "xes", file, "--mapping", mapping)
    assert (said.code, said.out) == (2, "")
    assert named in said.err
    assert len(said.err.splitlines()) == 1
    assert set(folder.iterdir()) == before
