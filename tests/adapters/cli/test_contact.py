"""`deskledger contact erase`: the person's text is gone from everywhere, the history stays."""

import pytest

from tests.adapters.cli.conftest import EVENTS


def test_an_erasure_says_what_it_destroyed(desk, folder):
    said = desk("contact", "erase", "carla", "--json")
    assert said.code == 0
    assert said.json["contact_id"] == "carla"
    assert said.json["keys_destroyed"] == 1
    assert said.json["rows_cleared"] == {"dim_tickets": 1, "dim_contacts": 1, "fct_messages": 1}
    assert said.json["positions"] == [EVENTS + 1]
    assert said.json["scrubbed"] is True
    assert (folder / "deskledger.db-wal").exists() is False


def test_no_text_of_the_person_is_left_to_read(desk):
    desk("ticket", "list")
    desk("contact", "erase", "carla")
    said = desk("ticket", "show", "T-1", "--json").json
    assert (said["subject"], said["status"]) == ("erased", "Open")
    rows = desk("ticket", "history", "T-1", "--json").json["rows"]
    assert [row["data"]["body"] for row in rows if "body" in row["data"]] == ["erased"]
    assert desk("ticket", "show", "T-2", "--json").json["subject"] == "About T-2"
    assert desk("replay", "verify").code == 0


def test_erasing_again_changes_nothing(desk):
    desk("contact", "erase", "carla")
    said = desk("contact", "erase", "carla", "--json")
    assert said.code == 0
    assert (said.json["keys_destroyed"], said.json["rows_cleared"], said.json["positions"]) == (0, {}, [])
    assert desk("contact", "erase", "carla").out == "nothing of carla is left to erase\n"
    assert desk("db", "info", "--json").json["events"] == EVENTS + 1


def test_an_erasure_for_people(desk):
    said = desk("contact", "erase", "carla")
    assert (
        said.out
        == "erased carla; keys destroyed: 1; rows cleared: 1 in dim_tickets, 1 in dim_contacts, 1 in fct_messages\n"
    )


def test_a_reader_in_the_way_is_said(desk, monkeypatch):
    monkeypatch.setattr("adapters.wiring.scrub", lambda connection: False)
    said = desk("contact", "erase", "carla", "--json")
    assert said.code == 7
    assert said.json["scrubbed"] is False
    assert "again" in said.err


@pytest.mark.parametrize("contact_id", ["nobody", "Carla"])
def test_a_contact_that_nobody_knows_is_not_found(desk, contact_id):
    said = desk("contact", "erase", contact_id)
    assert (said.code, said.out) == (3, "")
    assert desk("db", "info", "--json").json["receipts"] == 9
