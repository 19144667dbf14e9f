"""`deskledger report`: the backlog now and as it was."""

from tests.adapters.cli.conftest import EVENTS


def backlog(cli, *words):
    said = cli("report", "backlog", "--json", *words)
    assert said.code == 0
    return said.json


def test_the_backlog_counts_what_is_neither_deleted_nor_archived(desk):
    said = backlog(desk)
    assert said["rows"] == [
        {"status": "Closed", "status_type": "closed", "department": "Billing", "team": None, "tickets": 1},
        {"status": "Open", "status_type": "open", "department": "Support", "team": "First Line", "tickets": 1},
    ]
    assert said["position"] == EVENTS


def test_the_backlog_of_a_past_instant_equals_the_one_printed_then(desk):
    printed = backlog(desk)
    desk(
        "command",
        "send",
        "-",
        stdin='{"command": "CloseTicket", "command_id": "c-20", "actor": "agent:ana", "ticket_id": "T-1"}',
    )
    assert backlog(desk)["rows"] != printed["rows"]
    assert backlog(desk, "--as-of", printed["as_of"], "--at-position", str(printed["position"])) == printed
    assert backlog(desk, "--at-position", str(EVENTS))["rows"] == printed["rows"]


def test_the_backlog_as_of_an_instant(desk):
    said = backlog(desk, "--as-of", "2026-06-02T10:00:00Z")
    assert [(row["department"], row["tickets"]) for row in said["rows"]] == [("Billing", 1), ("Support", 1)]
    assert said["as_of"] == "2026-06-02T10:00:00.000000Z"


def test_the_backlog_of_an_empty_log(cli):
    cli("db", "init")
    assert backlog(cli)["rows"] == []
    assert backlog(cli, "--at-position", "0") == {"rows": [], "position": 0, "as_of": None}
    assert backlog(cli, "--known-at", "2026-01-01T00:00:00Z")["rows"] == []
    assert "0 tickets" in cli("report", "backlog").out


def test_the_backlog_for_people(desk):
    said = desk("report", "backlog")
    assert "First Line" in said.out
    assert "2 tickets as of" in said.out
    assert said.err == ""
