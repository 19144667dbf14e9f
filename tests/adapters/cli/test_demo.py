"""`deskledger demo`: the same figures in every run, proven, in a file that only a demo may lose."""

import shlex

import pytest

from adapters.cli.output import WIDTH


@pytest.fixture
def demo(cli):
    """Runs a small demo."""
    return lambda *words: cli("demo", "--tickets", "40", *words)


def test_the_demo_tells_its_month(demo, folder):
    said = demo()
    assert said.code == 0
    for title in (
        "Backlog at the end of the month",
        "Time in each status",
        "Work by team, as tickets are assigned now",
        "Closed tickets by channel and priority",
        "SLA violations by type",
        "SLA violations by priority",
        "Blueprint refund@1 at the end of the month",
        "View: Refunds waiting for approval",
        "View: No answer yet, the next one due first",
        "History of ticket SHOW-1, events 50 to 59 of 67: its refund",
        "Refused attempts, kept as evidence",
    ):
        assert f"\n{title}\n" in said.out
    for rule in ("blueprint:refund@1", "sla_policy:standard@1"):
        assert rule in said.out.partition("History of ticket SHOW-1")[2]
    assert "\nVerified: " in said.out
    assert said.err == ""
    assert (folder / "deskledger-demo.db").exists()
    tables = said.out.partition("The database is kept in")[0]
    assert max(map(len, tables.splitlines())) <= WIDTH


def test_every_run_prints_the_same_and_says_that_it_replaces(demo):
    first, again = demo(), demo()
    assert again.out == first.out
    assert again.err == "replacing the older demo in deskledger-demo.db\n"
    assert demo("--seed", "7").out != first.out


def test_the_demo_as_a_document(demo):
    said = demo("--json", "--db", "sqlite:///my demo.db")
    assert said.code == 0
    told = said.json
    assert (told["seed"], told["tickets"], told["database"]) == (2026, 40, "my demo.db")
    assert told["verify"]["ok"] is True
    assert "head" not in told["verify"]
    assert told["events"] == told["verify"]["events"]
    assert sum(row["opened"] for row in told["by_team"]) == 40
    assert sum(row["opened"] for row in told["by_channel_and_priority"]) == 40
    assert sum(row["attempts"] for row in told["refused"]) >= told["commands"]["refused"] > 0
    assert told["commands"]["repeated"] > 0
    assert {"visits", "mean_seconds", "median_seconds", "p90_seconds"} <= set(told["time_in_status"][0])
    assert told["history"][0]["name"] == "ticket.opened"


def test_every_call_it_proposes_works(demo, cli):
    proposed = demo("--json", "--db", "sqlite:///my demo.db").json["try"]
    assert len(proposed) == 3
    for call in proposed:
        words = shlex.split(call)
        start = next(place for place, word in enumerate(words) if word in ("ticket", "report", "replay"))
        said = cli(*words[start:])
        assert said.code == 0, (call, said)
        assert said.out.count("\n") > 3


def test_what_people_did_is_recorded_within_the_hour_and_what_time_caused_with_it(demo):
    by_time = 0
    for row in demo("--json").json["history"]:
        assert row["occurred_at"] <= row["recorded_at"]
        by_time += row["actor"] == "system"
        if row["actor"] != "system":
            assert row["occurred_at"][:13] == row["recorded_at"][:13]
    assert by_time == 1


def test_the_sla_report_of_then_is_the_one_that_the_report_word_gives(demo, cli):
    """E-03: mid-month and the end are two readings of one log; whoever asks again gets the same."""
    told = demo("--json").json["sla"]
    for report in (told["middle"], told["end"]):
        violations = {name: count for name, count in report["violations"].items() if name != "overdue"}
        said = cli("report", "sla", "--as-of", report["as_of"], "--json", "--db", "sqlite:///deskledger-demo.db")
        assert said.json["violations"] == report["violations"]
        assert sum(row["tickets"] for row in report["by_priority"]) >= sum(violations.values())
    assert sum(told["end"]["violations"].values()) > sum(told["middle"]["violations"].values()) > 0


def test_the_views_are_those_that_the_view_word_runs(demo, cli):
    told = demo("--json").json
    for view in told["views"]:
        asked = ("view", "run", view["key"], "--as-of", told["as_of"], "--db", "sqlite:///deskledger-demo.db")
        rows = cli(*asked, "--json").json["rows"]
        assert (len(rows), rows[:5]) == (view["tickets"], view["rows"])


def test_the_dashboard_is_that_of_the_report_word(demo, cli):
    told = demo("--json").json
    asked = ("report", "blueprint", "--as-of", told["as_of"], "--db", "sqlite:///deskledger-demo.db")
    assert cli(*asked, "--json").json["rows"] == told["blueprint"]


@pytest.mark.parametrize("content", [b"", b"buy milk\n", None])
def test_no_other_file_is_replaced(demo, cli, folder, content):
    file = folder / "mine.db"
    if content is None:
        cli("db", "init", "--db", "sqlite:///mine.db")
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    said = demo("--db", "sqlite:///mine.db")
    assert said.code == 2
    assert said.out == ""
    assert said.err == "error: mine.db exists and is no demo of ours; name another file with --db\n"
    assert file.read_bytes() == before


def test_a_setting_does_not_make_the_demo_take_another_file(demo, folder, monkeypatch):
    monkeypatch.setenv("DESKLEDGER_DATABASE_URL", "sqlite:///production.db")
    assert demo().code == 0
    assert not (folder / "production.db").exists()


def test_a_folder_that_is_not_there(demo):
    said = demo("--db", "sqlite:///no/such/folder/demo.db")
    assert (said.code, len(said.err.splitlines())) == (6, 1)


def test_a_month_without_tickets_is_a_wrong_use(cli):
    said = cli("demo", "--tickets", "0")
    assert said.code == 2
    assert "--tickets" in said.err
