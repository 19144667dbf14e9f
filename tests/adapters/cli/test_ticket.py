"""`deskledger ticket`: tickets now and at any past instant, their history and what changed."""

import pytest

from adapters.cli.output import WIDTH
from tests.adapters.cli.conftest import EVENTS, line


def ids(said):
    assert said.code == 0, said
    return [row["ticket_id"] for row in said.json["rows"]]


def test_the_list_shows_the_latest_first_and_hides_what_is_deleted(desk):
    said = desk("ticket", "list", "--json")
    assert ids(said) == ["T-2", "T-1"]
    assert said.json["position"] == EVENTS
    assert said.json["as_of"].endswith("Z")


def test_the_list_with_everything(desk):
    assert ids(desk("ticket", "list", "--all", "--json")) == ["T-3", "T-2", "T-1"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--status Closed", ["T-2"]),
        ("--status-type open", ["T-1"]),
        ("--agent ana", ["T-1"]),
        ("--team Nobody", []),
        ("--department Billing", ["T-2"]),
        ("--priority high", ["T-1"]),
        ("--limit 1", ["T-2"]),
        ("--department Support --all", ["T-3", "T-1"]),
    ],
)
@pytest.mark.parametrize("past", [[], ["--at-position", str(EVENTS)]], ids=["now", "replayed"])
def test_the_list_can_be_narrowed_now_and_in_the_past_alike(desk, words, found, past):
    assert ids(desk("ticket", "list", *words.split(), *past, "--json")) == found


def test_a_replayed_list_equals_the_live_one(desk):
    live = desk("ticket", "list", "--all", "--json").json
    past = desk("ticket", "list", "--all", "--json", "--as-of", live["as_of"], "--at-position", str(live["position"]))
    assert past.json == live


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--as-of", "2026-06-01T12:00:00Z"], ["T-1"]),
        (["--as-of", "2026-06-03T12:30:00+02:00"], ["T-3", "T-2", "T-1"]),
        (["--known-at", "2026-06-30T00:00:00Z"], []),
        (["--at-position", "2"], ["T-1"]),
        (["--at-position", "0"], []),
    ],
)
def test_the_list_as_it_was(desk, words, found):
    assert ids(desk("ticket", "list", "--json", *words)) == found


def test_the_list_for_people_fits_and_says_up_to_where_it_holds(desk):
    said = desk("ticket", "list", "--as-of", "2026-06-03T12:00:00Z")
    assert max(map(len, said.out.splitlines())) <= WIDTH
    assert "T-1" in said.out
    assert f"tickets as of 2026-06-03 12:00:00Z, position {EVENTS}" in said.out
    assert said.err == ""


def test_a_ticket_as_it_stands(desk):
    shown = desk("ticket", "show", "T-1", "--json").json
    assert (shown["status"], shown["agent"], shown["team"], shown["version"]) == ("Open", "ana", "First Line", 6)
    assert (shown["tags"], shown["fields"]) == ([], {})
    assert shown["holds"]["position"] == EVENTS


def test_a_ticket_as_it_stood(desk):
    shown = desk("ticket", "show", "T-1", "--as-of", "2026-06-02T18:00:00Z", "--json").json
    assert (shown["status_type"], shown["version"]) == ("on_hold", 4)
    assert shown["holds"] == {"position": EVENTS, "as_of": "2026-06-02T18:00:00.000000Z"}


def test_a_deleted_ticket_can_be_shown(desk):
    assert desk("ticket", "show", "T-3", "--json").json["is_deleted"] is True


def test_a_ticket_for_people(desk):
    said = desk("ticket", "show", "T-1")
    assert "subject            About T-1\n" in said.out
    assert "is_deleted         no\n" in said.out


def test_a_text_cannot_steer_the_terminal(desk):
    desk("command", "send", "-", stdin=line("ChangeTicket", "c-20", ticket_id="T-1", subject="\x1b[2Jgone [red]"))
    for words in (("ticket", "show", "T-1"), ("ticket", "list"), ("ticket", "history", "T-1")):
        said = desk(*words)
        assert "\x1b" not in said.out
        assert "[2Jgone [red]" in said.out


def test_custom_fields_and_tags_are_plain_json(desk):
    desk(
        "command",
        "send",
        "-",
        stdin=line("ChangeTicket", "c-20", ticket_id="T-1", fields={"amount": ["decimal", "64.90"]})
        + "\n"
        + line("AddTags", "c-21", ticket_id="T-1", tags=["hot", "burnt"]),
    )
    shown = desk("ticket", "show", "T-1", "--json").json
    assert shown["fields"] == {"amount": ["decimal", "64.90"]}
    assert shown["tags"] == ["burnt", "hot"]
    assert "field amount       64.90\n" in desk("ticket", "show", "T-1").out


def test_the_history_tells_who_when_and_why(desk):
    said = desk("ticket", "history", "T-1", "--json")
    rows = said.json["rows"]
    assert said.json["ticket_id"] == "T-1"
    assert [row["name"] for row in rows] == [
        "ticket.opened",
        "ticket.team_changed",
        "ticket.agent_changed",
        "ticket.status_changed",
        "ticket.customer_replied",
        "ticket.status_changed",
    ]
    assert set(rows[0]) >= {
        *("position", "version", "name", "occurred_at", "recorded_at", "actor", "via", "cause", "rule", "data"),
        *("command_id", "correlation_id"),
    }
    assert rows[4]["data"]["body"] == "It still burns"
    assert rows[5]["cause"] == "ticket:T-1@5"
    assert rows[5]["rule"].startswith("built_in:")


def test_the_history_for_people_names_causes_and_fits(desk):
    said = desk("ticket", "history", "T-1")
    assert max(map(len, said.out.splitlines())) <= WIDTH
    assert "because of event 5" in said.out
    assert "built_in:customer_reply_reopens@1" in said.out


def test_the_history_as_it_was_known(desk):
    assert len(desk("ticket", "history", "T-1", "--json", "--at-position", "4").json["rows"]) == 3
    assert len(desk("ticket", "history", "T-1", "--json", "--as-of", "2026-06-02T12:00:00Z").json["rows"]) == 4


def test_the_difference_between_two_instants(desk):
    said = desk("ticket", "diff", "T-1", "2026-06-01T09:30:00Z", "2026-06-02T18:00:00Z", "--json").json
    changes = {change["field"]: (change["old"], change["new"]) for change in said["changes"]}
    assert changes["agent"] == (None, "ana")
    assert changes["status_type"] == ("open", "on_hold")
    assert [event["version"] for event in said["events"]] == [2, 3, 4]
    assert (said["from"], said["to"]) == ("2026-06-01T09:30:00.000000Z", "2026-06-02T18:00:00.000000Z")


def test_the_difference_for_people(desk):
    said = desk("ticket", "diff", "T-1", "2026-06-01T09:30:00Z", "2026-06-02T18:00:00Z")
    assert "First Line" in said.out
    nothing = desk("ticket", "diff", "T-1", "2026-06-01T09:30:00Z", "2026-06-01T09:40:00Z")
    assert nothing.code == 0
    assert "nothing changed" in nothing.out


@pytest.mark.parametrize("words", ["show T-9", "history T-9", "diff T-9 2026-06-01T00:00:00Z 2026-06-02T00:00:00Z"])
def test_an_unknown_ticket_is_not_found(desk, words):
    said = desk("ticket", *words.split(), "--json")
    assert (said.code, said.out, said.err) == (3, "", "error: there is no ticket T-9\n")


@pytest.mark.parametrize("word", ["show", "history"])
def test_a_ticket_that_was_not_there_yet_is_not_found(desk, word):
    said = desk("ticket", word, "T-2", "--as-of", "2026-06-01T00:00:00Z")
    assert said.code == 3
    assert said.err == "error: there was no ticket T-2 as of 2026-06-01 00:00:00Z\n"
    assert desk("ticket", word, "T-2", "--known-at", "2026-06-30T00:00:00Z").code == 3


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize("text", ["2026-06-01T09:00:00", "2026-06-01", "yesterday", ""])
def test_an_instant_without_an_offset_is_refused(desk, option, text):
    said = desk("ticket", "list", option, text)
    assert said.code == 2
    assert said.out == ""
    assert f"'{option}'" in said.err
    assert "2026-06-01T09:00:00Z" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("list --at-position -1", "--at-position"),
        ("list --limit 0", "--limit"),
        ("list --limit many", "--limit"),
        ("list --status-type asleep", "on_hold"),
        ("show", "ID"),
        ("diff T-1 2026-06-01T00:00:00Z", "T2"),
        ("diff T-1 2026-06-01T00:00:00Z tomorrow", "T2"),
    ],
)
def test_a_wrong_use_names_the_parameter(desk, words, named):
    said = desk("ticket", *words.split())
    assert said.code == 2
    assert named in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("ticket_id", ["", "T\n1", "\x1b[2J", "\udcff"])
def test_an_id_that_cannot_be_printed_is_a_wrong_use(desk, ticket_id):
    said = desk("ticket", "show", ticket_id)
    assert said.code == 2
    assert "\x1b" not in said.err
