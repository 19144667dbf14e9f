"""`deskledger replay verify`: what it proves, and how it says that something is wrong."""

import sqlite3
from contextlib import closing

import pytest

from tests.adapters.cli.conftest import EVENTS


def test_a_whole_log_verifies(desk):
    said = desk("replay", "verify", "--json")
    assert said.code == 0
    assert said.err == ""
    assert said.json["ok"] is True
    assert (said.json["events"], said.json["first_bad"], said.json["anchored"]) == (
        EVENTS,
        None,
        "consistent, not anchored",
    )
    assert len(said.json["head"]) == 64


def test_a_pin_proves_that_the_log_goes_on_from_it(desk):
    head = desk("replay", "verify", "--json").json["head"]
    desk("contact", "erase", "carla")
    said = desk("replay", "verify", "--pin", f"{EVENTS}:{head}", "--json")
    assert said.code == 0
    assert said.json["anchored"] == "pinned"
    assert "that were pinned" in desk("replay", "verify", "--pin", f"{EVENTS}:{head}").out


def test_another_head_than_the_pinned_one(desk):
    said = desk("replay", "verify", "--pin", f"{EVENTS}:{'0' * 64}", "--json")
    assert said.code == 4
    assert said.json["ok"] is False


def test_a_changed_byte_is_located(desk, folder):
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("DROP TRIGGER log_no_update")
        connection.execute("UPDATE log SET occurred_at = replace(occurred_at, '09:00', '08:00') WHERE position = 5")
        connection.commit()
    said = desk("replay", "verify", "--json")
    assert said.code == 4
    assert said.json["first_bad"]["position"] == 5
    assert said.json["first_bad"]["reason"]
    people = desk("replay", "verify")
    assert people.code == 4
    assert people.out.startswith("NOT verified")


def test_a_text_that_is_no_utf8_can_be_told(desk, folder):
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("DROP TRIGGER streams_no_update")
        connection.execute("UPDATE streams SET text = CAST(x'7469636b65743aff' AS TEXT) WHERE text = 'ticket:T-2'")
        connection.commit()
    said = desk("replay", "verify", "--json")
    assert said.code == 4
    assert said.json["ok"] is False
    assert desk("replay", "verify").code == 4


@pytest.mark.parametrize("pin", ["7", "x:y", f"-1:{'0' * 64}", "7:abc"])
def test_a_pin_that_is_none(desk, pin):
    said = desk("replay", "verify", "--pin", pin)
    assert said.code == 2
    assert "'--pin'" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_missing_file(cli):
    assert cli("replay", "verify").code == 6


def test_a_file_that_is_no_database(cli, folder):
    (folder / "deskledger.db").write_text("buy milk\n" * 100)
    assert cli("replay", "verify", "--json").json["ok"] is False


def test_tables_of_an_older_program_are_built_anew_and_are_no_tampering(desk, folder):
    """An upgrade adds a projection and changes another; rows are no evidence, the log is."""
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        connection.execute("DROP TABLE dim_contacts")
        connection.execute("DELETE FROM meta_projections WHERE name = 'dim_contacts'")
        connection.execute("UPDATE meta_projections SET version = 1 WHERE name = 'dim_tickets'")
        connection.commit()
    said = desk("replay", "verify")
    assert said.code == 0
    assert said.out.startswith("Verified")
    assert "older program" in said.err
    assert desk("replay", "verify").err == ""
