"""`deskledger view list|run|preview`: saved and built-in views, now and then, in every form (F-69 to F-73, F-75)."""

import csv
import io
import json
from typing import Any

import pytest

from adapters import wiring
from tests.adapters.cli.conftest import line, opening
from tests.examples import Clock, moment

VIEW = """\
kind: view
key: refunds
name: Refunds that wait
order: 50
condition: {field: tags, operator: includes_any, value: [refund]}
columns: [subject, ticket_id, tags, fields.amount, opened_at, is_overdue]
sort: [{column: fields.amount, descending: true}]
audience: [agent:ana, "team:First Line"]
"""
TAGGED: dict[str, Any] = {"tags": ["refund", "vip, really"], "fields": {"amount": ["decimal", "9.50"]}}


@pytest.fixture
def clock(monkeypatch):
    """The command line's clock, which stands still until the test moves it."""
    clock, opened = Clock(), wiring.open_ledger
    monkeypatch.setattr(wiring, "open_ledger", lambda url, *, create=False: opened(url, create=create, now=clock))
    return clock


@pytest.fixture
def viewed(cli, folder, clock):
    """Four tickets, three of them refunds, and a view published at ten."""
    assert cli("db", "init").code == 0
    asks = [
        opening("T-1", "c-1", **TAGGED),
        opening("T-2", "c-2", tags=["refund"], fields={"amount": ["integer", "100"]}),
        opening("T-3", "c-3"),
        opening("T-4", "c-4", tags=["refund"]),
    ]
    assert cli("command", "send", "-", stdin="\n".join(asks)).code == 0
    clock.advance(hours=1)
    publish(cli, folder, VIEW, 1)
    return cli


def publish(cli, folder, text, version):
    (folder / "view.yaml").write_text(text)
    assert cli("definition", "draft", "view.yaml").code == 0
    said = cli("definition", "publish", "view", "refunds", str(version))
    assert said.code == 0, said


def ids(said):
    assert said.code == 0, said
    return [row["ticket_id"] for row in said.json["rows"]]


# F-69: what a view holds, in every form


def test_a_view_holds_exactly_the_tickets_that_match_when_it_is_asked_f69(viewed):
    assert ids(viewed("view", "run", "refunds", "--json")) == ["T-2", "T-1", "T-4"]
    asks = [
        line("AddTags", "k-1", ticket_id="T-3", tags=["refund"]),
        line("RemoveTags", "k-2", ticket_id="T-2", tags=["refund"]),
        line("DeleteTicket", "k-3", ticket_id="T-4"),
    ]
    assert viewed("command", "send", "-", stdin="\n".join(asks)).code == 0
    assert ids(viewed("view", "run", "refunds", "--json")) == ["T-1", "T-3"]


def test_columns_are_those_of_the_view_in_its_order_f72(viewed):
    said = viewed("view", "run", "refunds", "--format", "json").json
    columns = ["subject", "ticket_id", "tags", "fields.amount", "opened_at", "is_overdue"]
    assert [list(row) for row in said["rows"]] == [columns] * 3
    assert (said["view"], said["version"], said["as_of"]) == ("refunds", 1, moment(hours=1))
    first = said["rows"][1]
    assert first["tags"] == ["refund", "vip, really"]
    assert first["fields.amount"] == ["decimal", "9.50"]
    assert viewed("view", "run", "refunds", "--format", "csv").out.splitlines()[0].split(",") == columns


def test_a_view_in_lines_of_json(viewed):
    document = viewed("view", "run", "refunds", "--json").json
    lines = viewed("view", "run", "refunds", "--format", "jsonl").lines
    assert lines[:-1] == document["rows"]
    held = {"position": document["position"], "as_of": document["as_of"]}
    assert lines[-1] == {"view": "refunds", "version": 1, "parked": 0, "holds": held}
    assert document["parked"] == 0
    assert viewed("view", "run", "refunds").out.endswith("; no ticket is parked\n")
    assert "parked: 0" in viewed("view", "run", "refunds", "--format", "csv").err.splitlines()


def test_a_view_as_a_csv_file_has_one_plain_value_a_cell(viewed):
    """A custom field stands without its type, tags as JSON; up to where it holds is said beside the data."""
    said = viewed("view", "run", "refunds", "--format", "csv")
    assert said.code == 0
    _, second, first, third = csv.reader(io.StringIO(said.out))
    assert first[:4] == ["About T-1", "T-1", '["refund","vip, really"]', "9.50"]
    assert second[2:4] == ['["refund"]', "100"]
    assert third[3:] == ["", moment(), "false"]
    assert "version: 1" in said.err
    assert "position" in said.err


def test_a_view_for_people(viewed):
    said = viewed("view", "run", "refunds")
    assert said.code == 0
    assert "Refunds that wait" in said.out
    assert "refund, vip, really" in said.out
    assert " 9.50 " in said.out
    assert "3 tickets as of 2026-06-01 10:00:00Z" in said.out
    assert "2026-06-01 09:00:00Z" in said.out


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_a_view_without_tickets_is_an_answer(viewed, form):
    said = viewed("view", "run", "closed", "--format", form)
    assert said.code == 0
    if form == "csv":
        assert said.out.startswith("ticket_id,subject,")
    if form == "json":
        assert said.json["rows"] == []


def test_an_erased_text_reads_erased_then_too(viewed):
    """E-14: a view as of before the erasure tells no more of the person than one of now."""
    who = [
        line("RegisterContact", "p-1", contact_id="carla", name="Carla"),
        opening("T-9", "p-2", contact_id="carla", subject="Secret", tags=["refund"]),
    ]
    assert viewed("command", "send", "-", stdin="\n".join(who)).code == 0
    at = viewed("view", "run", "refunds", "--json").json["position"]
    assert viewed("contact", "erase", "carla").code == 0
    for cut in ((), ("--at-position", str(at))):
        subjects = {
            row["ticket_id"]: row["subject"] for row in viewed("view", "run", "refunds", *cut, "--json").json["rows"]
        }
        assert subjects["T-9"] == "erased"


# F-71: preview


def test_a_preview_shows_what_the_saved_view_would_f71(viewed, folder):
    """Also of a past, and nothing is recorded."""
    (folder / "view.yaml").write_text(VIEW)
    before = viewed("db", "info", "--json").json
    for cut in ((), ("--as-of", moment(hours=1)), ("--at-position", "2")):
        version = ("--version", "1") if cut else ()
        saved = viewed("view", "run", "refunds", *version, *cut, "--json").json
        preview = viewed("view", "preview", "view.yaml", *cut, "--json").json
        assert preview == {name: value for name, value in saved.items() if name != "version"}
    for form in ("csv", "table"):
        words = ("--format", form)
        assert viewed("view", "preview", "view.yaml", *words).out == viewed("view", "run", "refunds", *words).out
    assert "version" not in viewed("view", "preview", "view.yaml", "--format", "csv").err
    assert viewed("db", "info", "--json").json == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[subject, ticket_id", "[colour, ticket_id"), 5),
        (("{column: fields.amount", "{column: colour"), 5),
        (("operator: includes_any", "operator: changed_to"), 5),
        (("kind: view", "kind: sla_policy"), 5),
        (("condition:", "kondition:"), 5),
    ],
)
def test_a_mistaken_view_is_neither_run_nor_saved_f72(viewed, folder, change, code):
    """An unknown column is refused before it is saved, by its place."""
    (folder / "bad.yaml").write_text(VIEW.replace(*change))
    said = viewed("view", "preview", "bad.yaml")
    assert (said.code, said.out) == (code, "")
    assert "bad.yaml" in said.err
    assert viewed("definition", "check", "bad.yaml").code == 5
    assert viewed("definition", "draft", "bad.yaml").code == 5
    assert viewed("definition", "history", "view", "refunds", "--json").code == 0


def test_a_preview_of_no_file_ends_in_one_line(viewed):
    said = viewed("view", "preview", "missing.yaml")
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "missing.yaml" in said.err


# F-73: who may


def test_who_is_outside_the_audience_can_neither_list_nor_run_a_view_f73(viewed):
    def listed(*words):
        return "refunds" in [row["key"] for row in viewed("view", "list", "--json", *words).json["rows"]]

    allowed = [(), ("--actor", "agent:ana"), ("--actor", "agent:tom", "--team", "Night", "--team", "First Line")]
    outside = [("--actor", "agent:tom"), ("--actor", "agent:tom", "--team", "Night"), ("--actor", "service:ana")]
    for words in allowed:
        assert listed(*words)
        assert viewed("view", "run", "refunds", *words).code == 0
    for words in outside:
        assert not listed(*words)
        said = viewed("view", "run", "refunds", *words)
        assert (said.code, said.out) == (5, "")
        assert "agent:ana, team:First Line" in said.err
        assert viewed("view", "run", "refunds", "--version", "1", *words).code == 5
        assert viewed("view", "run", "open", *words).code == 0


def test_the_audience_is_that_of_the_version_that_is_run(viewed, folder, clock):
    clock.advance(hours=1)
    publish(viewed, folder, VIEW.replace('[agent:ana, "team:First Line"]', "everybody"), 2)
    assert viewed("view", "run", "refunds", "--actor", "agent:tom").code == 0
    assert viewed("view", "run", "refunds", "--actor", "agent:tom", "--version", "1").code == 5
    assert viewed("view", "run", "refunds", "--actor", "agent:tom", "--as-of", moment(hours=1.5)).code == 5


# F-75: which there are


def test_the_list_names_every_view_in_order_f75(viewed, folder, clock):
    rows = viewed("view", "list", "--json").json["rows"]
    assert [row["key"] for row in rows] == [
        *("overdue", "closed", "reassigned", "high_priority", "no_action_48h", "unassigned", "open", "refunds")
    ]
    assert rows[-1] == {
        "key": "refunds",
        "name": "Refunds that wait",
        "version": 1,
        "columns": ["subject", "ticket_id", "tags", "fields.amount", "opened_at", "is_overdue"],
        "audience": ["agent:ana", "team:First Line"],
    }
    assert "built in" in viewed("view", "list").out
    clock.advance(hours=1)
    publish(viewed, folder, VIEW.replace("order: 50", "order: 2"), 2)
    rows = viewed("view", "list", "--json").json["rows"]
    assert [(row["key"], row["version"]) for row in rows[:3]] == [("overdue", 0), ("closed", 0), ("refunds", 2)]


def test_the_key_of_a_built_in_view_is_taken_f75(viewed, folder):
    (folder / "open.yaml").write_text(VIEW.replace("key: refunds", "key: open"))
    assert viewed("definition", "draft", "open.yaml").code == 5


# The version in force, and the three words


def test_a_view_answers_by_the_version_that_was_in_force_then(viewed, folder, clock):
    """The version of the instant of the answer, unless --version names another one."""
    clock.advance(hours=1)
    publish(viewed, folder, VIEW.replace("[refund]", "[vip, 'vip, really']"), 2)
    clock.advance(hours=1)
    run = ("view", "run", "refunds", "--json")
    assert (ids(viewed(*run)), viewed(*run).json["version"]) == (["T-1"], 2)
    for at, version, held in ((1, 1, ["T-2", "T-1", "T-4"]), (1.99, 1, ["T-2", "T-1", "T-4"]), (2, 2, ["T-1"])):
        for word in ("--as-of", "--known-at"):
            said = viewed(*run, word, moment(hours=at))
            assert (ids(said), said.json["version"]) == (held, version), (word, at)
    assert viewed(*run, "--version", "1").json["version"] == 1
    assert ids(viewed(*run, "--version", "1")) == ["T-2", "T-1", "T-4"]
    assert ids(viewed(*run, "--version", "2", "--as-of", moment(minutes=1))) == ["T-1"]
    assert viewed(*run, "--version", "3").code == 3


def test_a_publication_that_was_not_known_then_is_in_no_answer(viewed, folder, clock):
    """In force at 11, as the log knew it at 10:30, and at a position before a publication of the same instant."""
    position = viewed("db", "info", "--json").json["events"]
    publish(viewed, folder, VIEW.replace("name: Refunds that wait", "name: Two"), 2)
    run = ("view", "run", "refunds", "--json")
    assert viewed(*run).json["version"] == 2
    assert viewed(*run, "--at-position", str(position)).json["version"] == 1
    clock.advance(hours=1)
    publish(viewed, folder, VIEW.replace("name: Refunds that wait", "name: Three"), 3)
    cut = ("--as-of", moment(hours=2), "--known-at", moment(hours=1.5))
    assert viewed(*run, *cut).json["version"] == 2
    assert viewed(*run, "--as-of", moment(hours=2)).json["version"] == 3


def test_a_view_that_was_not_in_force_is_said_to_be_none(viewed, clock):
    said = viewed("view", "run", "refunds", "--as-of", moment(minutes=30))
    assert (said.code, said.out) == (3, "")
    assert "2026-06-01 09:30:00Z" in said.err
    assert "--version" in said.err
    clock.advance(hours=1)
    assert viewed("definition", "retire", "view", "refunds").code == 0
    assert viewed("view", "run", "refunds").code == 3
    assert viewed("view", "run", "refunds", "--version", "1").code == 0
    assert ids(viewed("view", "run", "refunds", "--as-of", moment(hours=1.5), "--json")) == ["T-2", "T-1", "T-4"]
    said = viewed("view", "run", "nothing")
    assert said.code == 3
    assert "view list" in said.err


def test_a_built_in_view_of_any_past_f75(viewed, clock):
    """What only time decides is decided for the instant of the question."""
    asks = [
        line("CloseTicket", "k-1", ticket_id="T-1"),
        line("ChangeTicket", "k-2", ticket_id="T-2", due_at=moment(hours=5)),
    ]
    assert viewed("command", "send", "-", stdin="\n".join(asks)).code == 0
    at = viewed("view", "run", "closed", "--json").json["position"]
    clock.advance(days=3)
    assert viewed("command", "send", "-", stdin=line("ReopenTicket", "k-3", ticket_id="T-1")).code == 0

    def held(key, *cut):
        return ids(viewed("view", "run", key, "--json", *cut))

    assert held("closed") == []
    assert held("closed", "--as-of", moment(hours=1)) == ["T-1"]
    assert held("closed", "--as-of", moment(minutes=59)) == []
    assert held("closed", "--at-position", str(at)) == ["T-1"]
    assert held("overdue") == ["T-2"]
    assert held("overdue", "--as-of", moment(hours=4.99)) == []
    assert held("overdue", "--as-of", moment(hours=5)) == ["T-2"]
    assert held("no_action_48h", "--as-of", moment(hours=48)) == ["T-3", "T-4"]
    assert held("no_action_48h", "--as-of", moment(hours=47.99)) == []
    assert held("open", "--at-position", "0") == []


def test_an_answer_is_given_again_by_the_instant_and_position_it_names(viewed, clock):
    """E-03: whatever is recorded later."""
    printed = viewed("view", "run", "refunds", "--json").json
    clock.advance(hours=1)
    late = line("AddTags", "k-9", ticket_id="T-3", tags=["refund"], occurred_at=moment(minutes=1))
    assert viewed("command", "send", "-", stdin=late).code == 0
    cut = ("--as-of", printed["as_of"], "--at-position", str(printed["position"]))
    assert viewed("view", "run", "refunds", "--json", *cut).json == printed
    assert "T-3" in ids(viewed("view", "run", "refunds", "--json", "--as-of", printed["as_of"]))


def test_a_naive_instant_is_a_wrong_use(viewed):
    said = viewed("view", "run", "open", "--as-of", "2026-06-01T09:00:00")
    assert said.code == 2
    assert json.dumps(said.out) == '""'
