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
        "Work by channel and priority",
        "History of ticket SHOW-1",
        "Refused attempts, kept as evidence",
    ):
        assert f"\n{title}\n" in said.out
    assert "because of event" in said.out
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


def test_what_happened_is_recorded_within_the_hour(demo):
    for row in demo("--json").json["history"]:
        assert row["occurred_at"] <= row["recorded_at"]
        assert row["occurred_at"][:13] == row["recorded_at"][:13]


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
