"""`deskledger import csv`: histories from elsewhere, once, whole and by name."""

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
    assert "events added  3\n" in said.out


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
