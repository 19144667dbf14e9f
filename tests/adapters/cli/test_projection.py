"""`deskledger projection`: how far readers are behind, and starting over."""

import json
import sqlite3
from contextlib import closing

import pytest

from adapters.cli.options import os_user
from domain.ticket.events import TicketCustomerReplied
from projections.base import Unfoldable
from projections.catalogue import PROJECTIONS
from projections.messages import MESSAGES
from tests.adapters.cli.conftest import EVENTS, line

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
    assert set(before) == {one.name for one in PROJECTIONS}
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


# What stands still


@pytest.fixture
def poison(desk):
    """Makes `fct_messages` unable to fold what a customer replied, as a mistake would; T-1 has an event waiting."""
    sound = MESSAGES.fold
    reply = line("SendReply", "d-1", ticket_id="T-1", body="Try again", occurred_at="2026-06-04T08:00:00Z")
    assert desk("command", "send", "-", stdin=reply).code == 0

    def stumbling(rows, events):
        if any(isinstance(one.event, TicketCustomerReplied) for one in events):
            raise Unfoldable("it is poison")
        return sound(rows, events)

    def heal():
        object.__setattr__(MESSAGES, "fold", sound)

    object.__setattr__(MESSAGES, "fold", stumbling)
    assert desk("projection", "rebuild").code == 0
    yield heal
    heal()


def position_of(folder, name):
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        return connection.execute("SELECT max(position) FROM v_log WHERE name = ?", (name,)).fetchone()[0]


def messages(folder):
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        return connection.execute("SELECT ticket_id, message, kind FROM fct_messages ORDER BY 1, 2").fetchall()


def test_parked_lists_who_stands_still_where_and_why(desk, folder, poison):
    at = position_of(folder, "ticket.customer_replied")
    said = desk("projection", "parked", "--json")
    reason = "ticket.customer_replied: Unfoldable: it is poison"
    assert said.json == [{"projection": "fct_messages", "ticket_id": "T-1", "position": at, "reason": reason}]
    assert desk("projection", "parked", "dim_tickets", "--json").json == []
    assert "it is poison" in desk("projection", "parked").out
    assert desk("projection", "parked", "fct_dreams").code == 3
    assert messages(folder) == []


def test_a_skip_is_signed_in_the_log_and_holds_for_rebuild_and_verification(desk, folder, poison):
    at = str(position_of(folder, "ticket.customer_replied"))
    said = desk(
        "projection", "skip", "fct_messages", "T-1", at, "--reason", "The text is in the other ticket", "--json"
    )
    assert (said.code, said.json["parked"]) == (0, None)
    assert messages(folder) == [("T-1", 2, "reply")]
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        stream, actor, data = connection.execute(
            "SELECT stream, actor, data FROM v_log WHERE position = ?", (said.json["positions"][0],)
        ).fetchone()
    assert (stream, actor) == ("projection:fct_messages", f"agent:{os_user()}")
    assert json.loads(data)["reason"] == "The text is in the other ticket"
    assert desk("projection", "rebuild").code == 0
    assert messages(folder) == [("T-1", 2, "reply")]
    assert desk("replay", "verify").code == 0


def test_a_retry_after_the_repair_completes_the_rows(desk, folder, poison):
    assert desk("projection", "retry", "fct_messages", "T-1").code == 1
    assert [one["reason"] for one in desk("projection", "parked", "--json").json] == [
        "ticket.customer_replied: Unfoldable: it is poison"
    ]
    poison()
    said = desk("projection", "retry", "fct_messages", "T-1")
    assert (said.code, said.out) == (0, "ticket T-1 is no longer parked in fct_messages; its rows are complete\n")
    assert messages(folder) == [("T-1", 1, "customer_reply"), ("T-1", 2, "reply")]
    assert desk("replay", "verify").code == 0


def test_what_is_not_parked_is_neither_retried_nor_skipped(desk, folder, poison):
    said = desk("projection", "retry", "fct_messages", "T-2")
    assert (said.code, said.err) == (5, "error: Ticket T-2 is not parked in fct_messages.\n")
    said = desk("projection", "skip", "fct_messages", "T-1", "1", "--reason", "why not")
    assert said.code == 5
    assert "not 1" in said.err
    assert desk("projection", "skip", "fct_messages", "T-1", "1").code == 2
    assert desk("projection", "retry", "fct_dreams", "T-1").code == 3


def test_a_ticket_whose_stored_stream_was_damaged_is_parked_and_the_others_are_complete(desk, folder):
    """A hole in the numbers of T-1's stream, made behind the guards, as a bad restore would."""
    desk("ticket", "list")
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        before = connection.execute("SELECT * FROM dim_tickets WHERE ticket_id <> 'T-1' ORDER BY 1").fetchall()
        last = connection.execute("SELECT max(position) FROM v_log WHERE stream = 'ticket:T-1'").fetchone()
        connection.execute("UPDATE log SET version = version + 1 WHERE position = ?", last)
        connection.commit()
    assert desk("projection", "rebuild").code == 0
    (parked,) = desk("projection", "parked", "--json").json
    assert (parked["projection"], parked["ticket_id"], parked["position"]) == ("dim_tickets", "T-1", *last)
    with closing(sqlite3.connect(folder / "deskledger.db")) as connection:
        found = connection.execute("SELECT * FROM dim_tickets WHERE ticket_id <> 'T-1' ORDER BY 1").fetchall()
        assert (len(found), found) == (2, before)
        assert connection.execute("SELECT position < ? FROM dim_tickets WHERE ticket_id = 'T-1'", last).fetchone() == (
            1,
        )
    said = desk("projection", "skip", "dim_tickets", "T-1", str(*last), "--reason", "It is lost")
    assert said.code == 1
    assert "cannot be passed over" in said.out
