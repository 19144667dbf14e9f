"""`deskledger definition`: from a file to a version in force, with every mistake where an editor finds it."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from domain.views import BUILT_IN

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
FAR = "2999-01-01T00:00:00Z"


@pytest.fixture
def files(folder):
    """The examples of the page, in the current folder."""
    for path in EXAMPLES.glob("*.yaml"):
        shutil.copy(path, folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


# Checking


def test_a_check_needs_no_database(cli, files):
    said = cli("definition", "check", "refund.yaml", "standard_sla.yaml")
    assert (said.code, said.out) == (
        0,
        "refund.yaml: blueprint refund, no mistake\nstandard_sla.yaml: sla_policy standard, no mistake\n",
    )
    assert "--db" in said.err
    assert not (files / "deskledger.db").exists()


def test_a_check_prints_every_mistake_with_its_line_and_column(cli, files):
    edit(files / "refund.yaml", "limit: 14d", "limit: 1.5")
    edit(files / "refund.yaml", "to: Settled", "to: Setled")
    said = cli("definition", "check", "refund.yaml", "standard_sla.yaml")
    assert said.code == 5
    lines = said.out.splitlines()
    assert lines[0] == "refund.yaml:9:55 states[1].limit: a number with a fraction must be written in quotes"
    assert lines[1].startswith("refund.yaml:22:5 transitions[3].to: there is no state 'Setled'")
    assert lines[-1] == "standard_sla.yaml: sla_policy standard, no mistake"


def test_a_check_for_programs(cli, files):
    edit(files / "refund.yaml", "name: Refunds", "nome: Refunds")
    said = cli("definition", "check", "refund.yaml", "standard_sla.yaml", "--json")
    assert said.code == 5
    assert said.json["ok"] is False
    assert [(one["path"], one["line"], one["column"], one["place"]) for one in said.json["mistakes"]] == [
        ("refund.yaml", 1, 1, "name"),
        ("refund.yaml", 3, 1, "nome"),
    ]
    assert [one["ok"] for one in said.json["files"]] == [False, True]
    assert cli("definition", "check", "standard_sla.yaml", "--json").json["ok"] is True


def test_a_check_against_a_desk_knows_its_statuses(cli, files):
    """F-103."""
    edit(files / "refund.yaml", "status: Escalated", "status: Disputed")
    cli("db", "init")
    assert cli("definition", "check", "refund.yaml").code == 0
    for words in (("definition", "check", "refund.yaml", "--db", "deskledger.db"),):
        said = cli(*words)
        assert (said.code, said.out.partition(" there")[0]) == (5, "refund.yaml:10:24 states[2].status:")
    said = cli("--db", "deskledger.db", "definition", "check", "refund.yaml")
    assert said.code == 5
    define = {"command": "DefineStatus", "command_id": "1", "actor": "agent:ana", "status": "Disputed"}
    cli("command", "send", "-", stdin=json.dumps({**define, "status_type": "open"}))
    assert cli("definition", "check", "refund.yaml", "--db", "deskledger.db").code == 0
    assert cli("definition", "check", "refund.yaml", "--db", "none.db").code == 6


def test_a_file_that_cannot_be_read_does_not_hide_the_others(cli, files):
    edit(files / "refund.yaml", "name: Refunds", "nome: Refunds")
    said = cli("definition", "check", "none.yaml", "refund.yaml")
    assert said.code == 2
    assert "error: none.yaml: cannot be read: No such file or directory\n" in said.err
    assert "refund.yaml:3:1 nome" in said.out


# Versions


def test_a_definition_from_its_draft_to_its_end(cli, files):
    said = cli("definition", "draft", "waiting_refunds.yaml")
    assert (said.code, said.out) == (0, "drafted view waiting_refunds version 1\n"), said
    edit(files / "waiting_refunds.yaml", "older_than, value: 1d", "older_than, value: 2d")
    assert cli("definition", "draft", "waiting_refunds.yaml").out == "drafted view waiting_refunds version 2\n"
    said = cli("definition", "publish", "view", "waiting_refunds", "2")
    assert said.out.startswith("published view waiting_refunds version 2, valid from 2")
    said = cli("definition", "retire", "view", "waiting_refunds")
    assert said.out.startswith("retired view waiting_refunds at 2")
    rows = cli("definition", "history", "view", "waiting_refunds", "--json").json["rows"]
    assert [(row["position"], row["version"], row["what"].partition(",")[0]) for row in rows] == [
        (1, 1, "drafted"),
        (2, 2, "drafted"),
        (3, 2, "published"),
        (4, None, "retired"),
    ]
    assert {row["actor"].partition(":")[0] for row in rows} == {"agent"}
    said = cli("definition", "history", "view", "waiting_refunds")
    assert said.code == 0
    assert "published, valid from" in said.out
    assert cli("replay", "verify").code == 0


def test_a_draft_can_be_published_in_the_same_call_and_said_every_day(cli, files):
    said = cli("definition", "draft", "standard_sla.yaml", "--publish", "--json")
    assert (said.json["version"], said.json["positions"]) == (1, [1, 2])
    said = cli("definition", "draft", "standard_sla.yaml", "--publish")
    assert said.code == 0
    assert said.out.startswith("nothing changed: sla_policy standard version 1, valid from ")
    assert len(cli("definition", "history", "sla_policy", "standard", "--json").json["rows"]) == 2
    # A draft of before is published by the same words.
    edit(files / "standard_sla.yaml", "15m", "20m")
    cli("definition", "draft", "standard_sla.yaml")
    said = cli("definition", "draft", "standard_sla.yaml", "--publish")
    assert said.out.startswith("published sla_policy standard version 2")


def test_a_version_may_come_into_force_later(cli, files):
    cli("definition", "draft", "standard_sla.yaml", "--publish")
    edit(files / "standard_sla.yaml", "15m", "20m")
    said = cli("definition", "draft", "standard_sla.yaml", "--publish", "--valid-from", FAR)
    assert said.out == "drafted and published sla_policy standard version 2, valid from 2999-01-01 00:00:00Z\n"
    (row,) = cli("definition", "list", "--kind", "sla_policy", "--json").json["rows"]
    assert (row["drafted"], row["in_force"], row["coming"]) == (2, 1, 2)
    assert row["coming_at"] == "2999-01-01T00:00:00.000000Z"
    shown = cli("definition", "show", "sla_policy", "standard", "--json").json
    assert shown["targets"]["urgent"]["response"] == "15m"
    shown = cli("definition", "show", "sla_policy", "standard", "--version", "2", "--json").json
    assert shown["targets"]["urgent"]["response"] == "20m"


def test_the_past_was_judged_already(cli, files):
    said = cli("definition", "draft", "standard_sla.yaml", "--publish", "--valid-from", "2020-01-01T00:00:00Z")
    assert said.code == 5
    assert "the past was judged already" in said.err
    # The draft is kept, and no version is in force.
    (row,) = cli("definition", "list", "--kind", "sla_policy", "--json").json["rows"]
    assert (row["drafted"], row["in_force"]) == (1, None)


def test_a_mistaken_document_is_not_drafted(cli, files):
    edit(files / "refund.yaml", "owners: any_agent", "owners: anybody")
    said = cli("definition", "draft", "refund.yaml")
    assert (said.code, said.out.count("expected any_agent")) == (5, 2)
    assert not (files / "deskledger.db").exists()


def test_what_only_the_desk_knows_is_told_at_its_place_too(cli, files):
    """F-103."""
    edit(files / "refund.yaml", "status: Escalated", "status: Disputed")
    said = cli("definition", "draft", "refund.yaml")
    assert said.code == 5
    assert said.out.startswith("refund.yaml:10:24 states[2].status: there is no status 'Disputed'")
    assert cli("definition", "draft", "refund.yaml", "--json").json["mistakes"][0]["line"] == 10


def test_a_status_of_a_blueprint_in_force_stays(cli, files):
    """F-46."""
    cli("definition", "draft", "refund.yaml", "--publish")
    retiring = {"command": "RetireStatus", "command_id": "1", "actor": "agent:ana", "status": "Escalated"}
    said = cli("command", "send", "-", "--json", stdin=json.dumps(retiring))
    assert said.code == 5
    (reason,) = said.json["reasons"]
    assert (reason["code"], reason["facts"]["definition"]) == ("status_in_definition", "blueprint:refund@1")
    cli("definition", "retire", "blueprint", "refund")
    assert cli("command", "send", "-", stdin=json.dumps({**retiring, "command_id": "2"})).code == 0


def test_what_a_refused_command_named_is_no_definition(cli, files):
    cli("db", "init")
    said = cli("definition", "publish", "view", "never", "1")
    assert (said.code, said.err) == (5, "error: There is no view never.\n")
    assert cli("definition", "list", "--kind", "blueprint", "--json").json["rows"] == []
    assert cli("definition", "history", "view", "never").code == 3
    assert cli("definition", "draft", "refund.yaml", "--publish").code == 0


# Reading


def test_the_built_in_views_stand_beside_the_saved_ones(cli, files):
    """F-75."""
    cli("definition", "draft", "waiting_refunds.yaml", "--publish")
    rows = cli("definition", "list", "--kind", "view", "--json").json["rows"]
    assert [(row["key"], row["in_force"], row["is_built_in"]) for row in rows] == [
        *((str(one["key"]), 0, True) for one in BUILT_IN),
        ("waiting_refunds", 1, False),
    ]
    said = cli("definition", "list")
    assert said.code == 0
    assert "built in" in said.out
    assert yaml.safe_load(cli("definition", "show", "view", "overdue").out) == BUILT_IN[0]


def test_what_is_shown_can_be_drafted_again(cli, files):
    for name, kind, key in (("refund", "blueprint", "refund"), ("standard_sla", "sla_policy", "standard")):
        cli("definition", "draft", f"{name}.yaml", "--publish")
        (files / "shown.yaml").write_text(cli("definition", "show", kind, key).out)
        assert cli("definition", "draft", "shown.yaml").out.startswith("nothing changed:")
        (files / "shown.json").write_text(cli("definition", "show", kind, key, "--json").out)
        assert cli("definition", "draft", "shown.json").out.startswith("nothing changed:")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "view", "mine"), 3),
        (("show", "blueprint", "refund", "--version", "2"), 3),
        (("history", "view", "mine"), 3),
        (("publish", "blueprint", "refund", "2"), 5),
        (("publish", "blueprint", "Refund", "1"), 2),
        (("publish", "blueprint", "refund", "0"), 2),
        (("publish", "macro", "refund", "1"), 2),
        (("retire", "view", "mine"), 5),
        (("draft", "none.yaml"), 2),
        (("draft", "refund.yaml", "--valid-from", FAR), 2),
        (("publish", "blueprint", "refund", "1", "--valid-from", "tomorrow"), 2),
    ],
)
def test_what_cannot_be_done_ends_in_one_line_and_a_code(cli, files, words, code):
    cli("definition", "draft", "refund.yaml")
    said = cli("definition", *words)
    assert (said.code, said.out) == (code, "")
    assert len([line for line in said.err.splitlines() if line.startswith("error: ")]) == 1
