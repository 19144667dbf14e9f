"""`deskledger projection`: how far readers are behind, and starting over."""

import sqlite3
from contextlib import closing

from tests.adapters.cli.conftest import EVENTS

COLUMNS = {"name", "version", "position", "lag", "events_folded", "parked"}


def status(cli):
    said = cli("projection", "status", "--json")
    assert said.code == 0
    return {row["name"]: row for row in said.json}


def test_what_was_sent_is_in_every_table_when_the_word_ends(desk):
    """Read-your-writes holds for whoever reads the file with a tool of their own, too."""
    assert all((row["lag"], row["position"]) == (0, EVENTS) for row in status(desk).values())


def test_status_tells_how_far_each_projection_lags(desk, folder):
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("UPDATE meta_projections SET position = 0, events_folded = 0 WHERE name = 'fct_messages'")
        connection.commit()
    before = status(desk)
    assert set(before) == {"dim_tickets", "fct_status_intervals", "fct_assignment_intervals", "fct_messages"}
    assert all(set(row) == COLUMNS for row in before.values())
    assert before["dim_tickets"]["lag"] == 0
    assert before["fct_messages"]["lag"] == EVENTS
    desk("ticket", "list")
    assert all((row["lag"], row["position"]) == (0, EVENTS) for row in status(desk).values())


def test_status_names_parked_tickets(desk, folder):
    desk("ticket", "list")
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("INSERT INTO meta_parked VALUES ('fct_messages', 'T-1', 7, 'it makes no sense')")
        connection.commit()
    parked = {"ticket_id": "T-1", "position": 7, "reason": "it makes no sense"}
    assert status(desk)["fct_messages"]["parked"] == [parked]
    said = desk("projection", "status")
    assert "Parked tickets" in said.out
    assert "it makes no sense" in said.out


def test_rebuild_makes_all_rows_anew(desk, folder):
    desk("ticket", "list")
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("DELETE FROM dim_tickets")
        connection.commit()
    assert desk("ticket", "list", "--json").json["rows"] == []
    said = desk("projection", "rebuild", "--json")
    assert said.code == 0
    assert all(row["lag"] == 0 for row in said.json)
    assert said.err == "rebuilt all projections\n"
    assert len(desk("ticket", "list", "--all", "--json").json["rows"]) == 3


def test_rebuild_of_one(desk):
    said = desk("projection", "rebuild", "fct_messages")
    assert said.code == 0
    assert said.err == "rebuilt fct_messages\n"
    assert "dim_tickets" not in said.out


def test_rebuild_of_one_that_does_not_exist(desk):
    said = desk("projection", "rebuild", "fct_dreams")
    assert (said.code, said.out) == (3, "")
    assert "dim_tickets" in said.err
