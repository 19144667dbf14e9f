"""One ticket's history: who did what, when, by which rule, and why (F-55, E-06)."""

import json
from typing import Any

import pytest

from adapters.wiring import Ledger
from replay.history import Entry, history, lines
from tests.examples import ANA, Clock, command, opening, send

STREAM = "ticket:T-1"


@pytest.fixture
def told(ledger: Ledger, clock: Clock) -> list[Entry]:
    """A ticket that was closed, and opened again by the customer's reply."""
    send(ledger, opening(contact_id="carla", tags=["b", "a"], fields={"floor": ["integer", "3"]}))
    clock.advance(minutes=1)
    send(ledger, command("CloseTicket", correlation_id="call 9"))
    clock.advance(minutes=1)
    send(ledger, command("ReceiveReply", body="Gr\u00fc\u00dfe", actor="contact:carla", command_id="reply"))
    return history(ledger.journal.load([STREAM])[STREAM])


def test_an_entry_says_who_did_what_when_and_by_which_command(told: list[Entry]) -> None:
    """F-55."""
    opened, closed, replied, reopened = told
    assert [one.name for one in told] == [
        "ticket.opened",
        "ticket.status_changed",
        "ticket.customer_replied",
        "ticket.status_changed",
    ]
    assert (opened.position, opened.version, opened.schema) == (1, 1, 1)
    assert (opened.actor, opened.via) == (ANA, "cli:office")
    assert (closed.correlation_id, closed.recorded_at) == ("call 9", "2026-06-01T09:01:00.000000Z")
    assert (replied.command_id, reopened.command_id) == ("reply", "reply")
    assert reopened.rule == "built_in:customer_reply_reopens@1"


def test_the_content_is_plain_json_in_the_order_of_the_stored_fields(ledger: Ledger, told: list[Entry]) -> None:
    rows = ledger.journal.connection.execute("SELECT data FROM v_log ORDER BY position").fetchall()
    for one, (data,) in zip(told, rows, strict=True):
        kept: dict[str, Any] = json.loads(data)
        assert [*one.data] == [*kept]
        for name, value in kept.items():
            if not (isinstance(value, dict) and "$sealed" in value):
                assert one.data[name] == value
    assert told[2].data["body"] == "Gr\u00fc\u00dfe"


def test_the_export_equals_the_history_byte_for_byte(ledger: Ledger, told: list[Entry]) -> None:
    """F-55: produced from the log alone, whichever way it is read."""
    whole = history(one for one in ledger.journal.read() if one.stream == STREAM)
    assert [*lines(whole)] == [*lines(told)]
    for line, one in zip(lines(told), told, strict=True):
        assert Entry(**json.loads(line)) == one
        assert "\\u" not in line


def test_personal_text_is_as_the_reader_may_see_it(ledger: Ledger, told: list[Entry]) -> None:
    sealed = history(ledger.journal.read(opened=False))
    assert sealed[0].data["subject"] == "sealed"
    send(ledger, command("EraseContact", contact_id="carla"))
    erased = history(ledger.journal.load([STREAM])[STREAM])
    assert (erased[0].data["subject"], erased[0].data["number"]) == ("erased", 1)
    assert [one.occurred_at for one in erased] == [one.occurred_at for one in told]
