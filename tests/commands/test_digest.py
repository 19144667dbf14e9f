"""What makes two commands the same: what they ask for, not when or in which conversation they were sent (E-08)."""

from hashlib import sha256
from typing import Any

import pytest

from tests.examples import EVERY_COMMAND, command, moment, opening


def same(one: dict[str, Any], other: dict[str, Any], name: str = "OpenTicket") -> bool:
    """Whether a command with these fields is the same as with those."""
    return asked(name, one) == asked(name, other)


def asked(name: str, fields: dict[str, Any]) -> bytes:
    base = EVERY_COMMAND[name] if name == "OpenTicket" else {}
    return command(name, command_id="c", **{**base, **fields}).digest()


def test_the_moment_and_the_conversation_do_not_count():
    assert same({}, {"issued_at": moment(), "correlation_id": "talk"})
    assert same({"issued_at": moment(days=1)}, {"correlation_id": "other"})


def test_a_default_that_is_spelled_out_is_the_same_command():
    spelled_out: dict[str, Any] = {
        "description": None,
        "contact_id": None,
        "priority": None,
        "status": None,
        "agent": None,
        "team": None,
        "fields": {},
        "tags": [],
        "message_key": None,
        "expected_version": None,
        "occurred_at": None,
    }
    assert same({}, spelled_out)
    assert same({"body": "x"}, {"body": "x", "visibility": "private"}, "AddComment")
    assert same({"body": "x"}, {"body": "x", "recipients": [], "is_reply_all": False}, "SendReply")


def test_the_order_of_tags_and_fields_does_not_count():
    one = {"tags": ["a", "b"], "fields": {"x": ["text", "1"], "y": ["text", "2"]}}
    other = {"tags": ["b", "a", "b"], "fields": {"y": ["text", "2"], "x": ["text", "1"]}}
    assert same(one, other)
    assert same({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, "RemoveTags")


def test_the_order_of_recipients_counts():
    """The first one is whom it is written to."""
    assert not same({"body": "x", "recipients": ["a", "b"]}, {"body": "x", "recipients": ["b", "a"]}, "SendReply")


def test_an_instant_with_another_offset_is_the_same():
    assert same({"occurred_at": "2026-06-01T09:00:00Z"}, {"occurred_at": "2026-06-01T11:00:00.000+02:00"})


@pytest.mark.parametrize(
    ("name", "kept", "cleared"),
    [
        ("ChangeTicket", {"subject": "s"}, {"subject": "s", "description": None}),
        ("ChangeTicket", {"subject": "s", "description": None}, {"subject": "s", "contact_id": None}),
        ("ChangeTicket", {"subject": "s", "due_at": None}, {"subject": "s", "due_at": None, "description": None}),
        ("ChangeTicket", {"fields": {}, "subject": "s"}, {"fields": {"a": None}, "subject": "s"}),
        ("AssignTicket", {"agent": "ana"}, {"agent": "ana", "team": None}),
        ("AssignTicket", {"agent": None}, {"team": None}),
        ("AssignTicket", {"agent": None}, {"agent": None, "team": None}),
    ],
)
def test_a_null_that_clears_counts(name, kept, cleared):
    assert not same(kept, cleared, name)


def test_nulls_that_clear_count_in_any_order():
    assert same({"agent": None, "team": None}, {"team": None, "agent": None}, "AssignTicket")


@pytest.mark.parametrize(
    "other",
    [
        {"command_id": "d"},
        {"actor": "agent:bo"},
        {"ticket_id": "T-9"},
        {"subject": "printer on fire"},
        {"subject": "Printer on fire "},
        {"priority": "low"},
        {"fields": {"a": ["text", ""]}},
        {"expected_version": 0},
        {"occurred_at": moment()},
    ],
    ids=str,
)
def test_all_else_counts(other):
    base = {"command_id": "c"}
    assert opening(**base).digest() != opening(**{**base, **other}).digest()


def test_the_name_of_the_command_counts():
    digests = {command(name, command_id="c").digest() for name in ("CloseTicket", "ReopenTicket", "HoldTicket")}
    assert len(digests) == 3


CANONICAL = {
    'OpenTicket {"command_id":"c","actor":"agent:ana","ticket_id":"T-1","channel":"email","subject":"Printer on fire",'
    '"department":"Support","priority":"high","tags":["a","b"]} ': opening(
        command_id="c", priority="high", tags=["b", "a"], issued_at=moment()
    ),
    'AssignTicket {"command_id":"c","actor":"agent:ana","ticket_id":"T-1","agent":"ana"} team': command(
        "AssignTicket", command_id="c", agent="ana", team=None
    ),
    'ReceiveReply {"command_id":"c","actor":"agent:ana","occurred_at":"2026-06-01T09:00:00.000000Z","ticket_id":"T-1",'
    '"body":"Gr\u00fc\u00dfe"} ': command("ReceiveReply", command_id="c", body="Gr\u00fc\u00dfe", occurred_at=moment()),
}


@pytest.mark.parametrize(("canonical", "written"), CANONICAL.items())
def test_the_canonical_form_is_the_same_for_ever(canonical, written):
    """A receipt of years ago must be found to be of the same command."""
    assert written.digest() == sha256(canonical.encode()).digest()
