"""Bytes become a command, or a sentence that names every field that is wrong (design section 4)."""

import json
import re

import pytest

from commands.union import COMMANDS, CommandUnreadable, parse_command
from tests.examples import EVERY_COMMAND, TICKET, command, opening

COMMENT = {
    "command": "AddComment",
    "command_id": "c",
    "actor": "agent:ana",
    "ticket_id": TICKET,
    "body": "Took the red one",
}


def sentence(raw: str | bytes) -> str:
    with pytest.raises(CommandUnreadable) as refused:
        parse_command(raw)
    return str(refused.value)


def mistakes(**fields: object) -> str:
    """What is said of a comment with these fields in place of good ones."""
    return sentence(json.dumps({**COMMENT, **fields}))


def fields_named(said: str) -> list[str]:
    """The fields that a sentence names, in order."""
    return re.findall(r"(?:^|; )([\w.]+): ", said)


def test_the_union_has_exactly_the_commands_there_are():
    assert {made.__name__ for made in COMMANDS} == set(EVERY_COMMAND)


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_a_command_is_told_by_its_name(name):
    parsed = command(name, **EVERY_COMMAND[name])
    assert (type(parsed).__name__, parsed.command_name) == (name, name)


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_a_command_cannot_be_changed(name):
    with pytest.raises(ValueError, match="frozen"):
        setattr(command(name, **EVERY_COMMAND[name]), "actor", "agent:bo")  # noqa: B010 - mypy knows that it is frozen


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_a_field_that_is_not_known_is_named(name):
    with pytest.raises(CommandUnreadable, match=r"colour: "):
        command(name, colour="red", **EVERY_COMMAND[name])


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_field_that_is_missing_is_named_at_once(name):
    said = sentence(json.dumps({"command": name}))
    for field in ("command_id", "actor"):
        assert f"{field}: " in said


@pytest.mark.parametrize("name", ["", "openticket", "Message", "TicketMessage", "__class__"])
def test_a_name_that_is_no_command_is_said_with_those_there_are(name):
    said = mistakes(command=name)
    assert said.startswith("command: ")
    assert "OpenTicket" in said


def test_an_object_without_a_name_is_no_command():
    assert sentence("{}").startswith("command: ")


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", "null", "5", '"AddComment"', b"\xff\xfe", b'{"command": "AddComment\xff"}', "[" * 100_000]
)
def test_what_is_not_a_json_object_is_said_to_be_wrong_input(raw):
    assert sentence(raw).startswith("input: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", 5),
        ("body", None),
        ("body", ["x"]),
        ("body", {}),
        ("body", ""),
        ("body", "x" * 1_000_001),
        ("ticket_id", 7),
        ("ticket_id", ""),
        ("ticket_id", "x" * 129),
        ("ticket_id", "a\nb"),
        ("ticket_id", "a\u200bb"),
        ("command_id", "x" * 129),
        ("visibility", "secret"),
        ("visibility", "PUBLIC"),
        ("actor", "ana"),
        ("actor", "robot:1"),
        ("actor", "agent:"),
        ("actor", "agent:" + "x" * 129),
        ("actor", "system:1"),
        ("actor", "agent:ana\n"),
        ("expected_version", -1),
        ("expected_version", 1.5),
        ("expected_version", "one"),
        ("issued_at", "2026-06-01T09:00:00"),
        ("issued_at", "2026-06-01"),
        ("issued_at", "soon"),
        ("issued_at", 1780304400),
        ("occurred_at", "2026-06-01T09:00:00"),
        ("correlation_id", ""),
    ],
)
def test_a_value_that_does_not_fit_is_named_by_its_field(field, value):
    assert fields_named(mistakes(**{field: value})) == [field]


def test_every_mistake_is_named_at_once():
    said = mistakes(body=5, actor="ana", issued_at="2026-06-01T09:00:00", colour="red")
    assert sorted(fields_named(said)) == ["actor", "body", "colour", "issued_at"]


def test_a_sentence_does_not_repeat_a_text_that_somebody_wrote():
    """It goes into logs and replies."""
    assert "do not tell" not in mistakes(body="do not tell\x00", subject="do not tell")


UNSTORABLE = {"NUL": "\\u0000", "leading surrogate": "\\ud83d", "trailing surrogate": "\\ude00"}
TEXTS = {
    "body": '"a%sb"',
    "ticket_id": '"a%sb"',
    "actor": '"agent:a%sb"',
    "command_id": '"a%sb"',
    "correlation_id": '"a%sb"',
}


@pytest.mark.parametrize("escape", UNSTORABLE.values(), ids=UNSTORABLE)
@pytest.mark.parametrize("field", TEXTS)
def test_a_text_that_the_log_cannot_keep_is_named_by_its_field(field, escape):
    """NUL and unpaired surrogates, as JSON lets them be written."""
    fields = {name: json.dumps(value) for name, value in COMMENT.items()} | {field: TEXTS[field] % escape}
    said = sentence("{" + ",".join(f'"{name}": {value}' for name, value in fields.items()) + "}")
    assert said.startswith(f"{field}: ")


@pytest.mark.parametrize("escape", UNSTORABLE.values(), ids=UNSTORABLE)
@pytest.mark.parametrize(
    ("at", "where"),
    [
        ("subject", '"subject": "%s"'),
        ("description", '"description": "%s"'),
        ("message_key", '"message_key": "%s"'),
        ("department", '"department": "%s"'),
        ("tags.1", '"tags": ["a", "%s"]'),
        ("fields.", '"fields": {"a": ["text", "%s"]}'),
        ("fields.", '"fields": {"%s": ["text", "a"]}'),
    ],
)
def test_so_is_one_inside_a_ticket(at, where, escape):
    fields = '"command": "OpenTicket", "command_id": "c", "actor": "agent:ana", "ticket_id": "T", "channel": "web"'
    rest = "" if "subject" in where else ', "subject": "s"'
    rest += "" if "department" in where else ', "department": "d"'
    said = sentence(f"{{{fields}{rest}, {where % escape}}}")
    assert said.startswith(at)


def test_a_paired_surrogate_is_a_character():
    raw = json.dumps(COMMENT).replace("Took", "\\ud83d\\ude00")
    assert parse_command(raw).model_dump()["body"] == "\U0001f600 the red one"


def test_instants_are_kept_as_utc():
    asked = command("CloseTicket", occurred_at="2026-06-01T11:00:00+02:00")
    assert asked.occurred_at == "2026-06-01T09:00:00.000000Z"


@pytest.mark.parametrize("name", ["subject", "department"])
def test_what_a_ticket_must_have_is_not_cleared(name):
    """F-42, F-45."""
    with pytest.raises(CommandUnreadable, match=f"{name} cannot be cleared"):
        command("ChangeTicket", **{name: None})


@pytest.mark.parametrize("name", ["ChangeTicket", "AssignTicket"])
def test_a_change_of_nothing_is_no_command(name):
    with pytest.raises(CommandUnreadable, match="name at least one of"):
        command(name)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("AddTags", {"tags": []}),
        ("AddTags", {"tags": [""]}),
        ("RemoveTags", {"tags": [f"t{n}" for n in range(101)]}),
        ("ForwardTicket", {"recipients": [], "body": "x"}),
        ("ChangePriority", {"priority": "highest"}),
        ("ChangePriority", {"priority": None}),
        ("DefineStatus", {"status": "Mine", "status_type": "pending"}),
        ("ChangeCommentVisibility", {"message": 0, "visibility": "public"}),
        ("OpenTicket", {**EVERY_COMMAND["OpenTicket"], "fields": {"a": ["colour", "red"]}}),
        ("OpenTicket", {**EVERY_COMMAND["OpenTicket"], "fields": {"a": "red"}}),
        ("ImportRevision", {**EVERY_COMMAND["ImportRevision"], "ordinal": 0}),
        ("ImportRevision", {name: it for name, it in EVERY_COMMAND["ImportRevision"].items() if name != "occurred_at"}),
    ],
)
def test_what_a_command_needs_to_make_sense_is_asked_for(name, fields):
    with pytest.raises(CommandUnreadable):
        command(name, **fields)


def test_a_ticket_takes_many_tags_and_fields():
    asked = opening(tags=[f"t{n}" for n in range(100)], fields={f"f{n}": ["text", "x" * 10_000] for n in range(50)})
    assert len(asked.model_dump()["fields"]) == 50
