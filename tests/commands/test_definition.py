"""The commands about definitions: what a document may hold, and what they ask of the rules."""

import json
from typing import Any

import pytest

from commands.definition import DEEPEST_DOCUMENT, LARGEST_DOCUMENT, LARGEST_NUMBER
from commands.message import World
from commands.union import CommandUnreadable, parse_command
from domain.contacts import Contact
from domain.definitions import (
    NO_DEFINITIONS,
    DefinitionDrafted,
    DefinitionPublished,
    DefinitionRetired,
    Kind,
    evolve,
)
from domain.refusals import DefinitionNotFound, Refused, StatusInDefinition
from domain.statuses import BUILT_IN
from tests.examples import ANA, NINE, command, moment

VIEW = {"kind": "view", "key": "mine", "name": "Mine", "columns": ["ticket_id"]}
BLUEPRINT = {
    "kind": "blueprint",
    "key": "refund",
    "name": "Refunds",
    "department": "Billing",
    "states": [
        {"name": "Requested", "status": "Escalated", "start": True},
        {"name": "Paid", "status": "Closed", "end": True},
    ],
    "transitions": [{"name": "Pay", "from": "Requested", "to": "Paid", "owners": "any_agent"}],
}


def drafting(document: Any, **changes: Any) -> Any:
    return command("DraftDefinition", **{"kind": "view", "key": "mine", "document": document, **changes})


def unreadable(raw: str) -> str:
    asked = (
        f'{{"command":"DraftDefinition","command_id":"c","actor":"{ANA}","kind":"view","key":"mine","document":{raw}}}'
    )
    with pytest.raises(CommandUnreadable) as caught:
        parse_command(asked)
    return str(caught.value)


def decided(asked: Any, **world: Any) -> list[Any]:
    return list(asked.decide(World(None, Contact(), BUILT_IN, moment(hours=1), **world)))


def test_each_definition_has_a_stream_of_its_own():
    asked = drafting(VIEW)
    assert (asked.stream, asked.KIND) == ("definition:view:mine", "definition")


def test_the_three_commands_lead_to_the_three_events():
    assert decided(drafting(VIEW)) == [DefinitionDrafted(Kind.VIEW, "mine", 1, VIEW)]
    history = evolve(None, DefinitionDrafted(Kind.VIEW, "mine", 1, VIEW), NINE)
    publishing = command(
        "PublishDefinition", kind="view", key="mine", version=1, valid_from="2026-06-01T13:00:00+02:00"
    )
    assert decided(publishing, definition=history) == [DefinitionPublished(Kind.VIEW, "mine", 1, moment(hours=2))]
    retiring = command("RetireDefinition", kind="view", key="mine")
    assert decided(retiring, definition=history) == [DefinitionRetired(Kind.VIEW, "mine")]
    with pytest.raises(Refused) as caught:
        decided(retiring)
    assert caught.value.reasons == (DefinitionNotFound("view", "mine"),)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ('{"a": [1, 2.5]}', "a[1]: 2.5 is a number with a fraction"),
        ('{"a": {"b": 1e3}}', "a.b: 1000.0 is a number with a fraction"),
        (f'{{"a": {LARGEST_NUMBER + 1}}}', "a: a whole number beyond"),
        ('{"a": "x\\u0000"}', "a: a text must not hold a NUL"),
        ('{"a": ["x", "\\ud800"]}', "a[1]: a text must not hold an unpaired surrogate"),
        ('{"a\\u0000": 1}', "document: a field's name"),
        ("[]", "document: "),
        ('"text"', "document: "),
        ("null", "document: "),
    ],
)
def test_a_document_is_plain_json_without_floats(raw, said):
    """Each thing the log could not keep for ever is named by its place."""
    assert said in unreadable(raw)


def test_every_such_place_is_named_at_once():
    said = unreadable('{"a": 1.5, "b": {"c": [2.5]}}')
    assert "a: 1.5" in said
    assert "b.c[0]: 2.5" in said


def test_a_document_is_bounded_in_depth():
    def nested(levels: int) -> str:
        return '{"a":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    assert drafting(json.loads(nested(DEEPEST_DOCUMENT)))
    assert "nested deeper" in unreadable(nested(DEEPEST_DOCUMENT + 1))


def test_a_document_is_bounded_in_size():
    empty = len(json.dumps({"a": ""}, separators=(",", ":")))
    assert drafting({"a": "x" * (LARGEST_DOCUMENT - empty)})
    assert "at most 65536 bytes" in unreadable(json.dumps({"a": "x" * (LARGEST_DOCUMENT - empty + 1)}))
    # Bytes, not characters.
    assert "at most 65536 bytes" in unreadable(json.dumps({"a": "é" * (LARGEST_DOCUMENT // 2)}))


@pytest.mark.parametrize("changes", [{"kind": "macro"}, {"kind": "View"}, {"key": "Mine"}, {"key": ""}, {"key": "a\n"}])
def test_a_foreign_kind_or_key_is_no_command(changes):
    with pytest.raises(CommandUnreadable, match=next(iter(changes))):
        drafting(VIEW, **changes)


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, True, None])
def test_a_version_is_a_whole_number_from_1(version):
    with pytest.raises(CommandUnreadable, match="version"):
        command("PublishDefinition", kind="view", key="mine", version=version)


def test_a_status_is_not_retired_while_a_blueprint_in_force_has_a_state_on_it():
    """F-46, F-103."""
    history = evolve(None, DefinitionDrafted(Kind.BLUEPRINT, "refund", 1, BLUEPRINT), NINE)
    retiring = command("RetireStatus", status="Escalated")
    assert len(decided(retiring, definitions=NO_DEFINITIONS.with_history(history))) == 1
    history = evolve(history, DefinitionPublished(Kind.BLUEPRINT, "refund", 1, NINE), NINE)
    with pytest.raises(Refused) as caught:
        decided(retiring, definitions=NO_DEFINITIONS.with_history(history))
    assert caught.value.reasons == (StatusInDefinition("Escalated", "blueprint:refund@1"),)
    history = evolve(history, DefinitionRetired(Kind.BLUEPRINT, "refund"), moment(minutes=5))
    assert len(decided(retiring, definitions=NO_DEFINITIONS.with_history(history))) == 1
