"""docs/names.md is the contract: what it names is in the code, and what the code stores, takes or answers is named."""

import ast
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from adapters.codec import form_of
from adapters.read_db.schema import METADATA
from adapters.sqlite.schema import COMMENTS
from adapters.sqlite.store import connect
from commands.importing import RowFacts
from commands.message import Message
from commands.union import COMMANDS
from domain import contacts, definitions, projecting, refusals, statuses
from domain.contacts import Contact
from domain.projecting import Projecting
from domain.recorded import EVENT_CLASSES, STORED_AS
from domain.refusals import Refusal
from domain.statuses import BUILT_IN
from domain.ticket import state as tickets
from domain.ticket.events import TicketImported, TicketOpened
from tests.examples import NINE, imported, opened
from tests.golden.expected import EXPECTED

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")


def rows(section: str) -> list[list[str]]:
    """The cells of a section's table, without its header."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def name(cell: str) -> str:
    """What stands between the ticks of a cell."""
    return cell.strip("`")


def listed(cell: str) -> list[str]:
    """The fields of a cell with their marks."""
    return [item for item in cell.split(", ") if item]


def names(cell: str) -> list[str]:
    """The fields of a cell, in order, without their marks."""
    return [name(item.partition(" ")[0].rstrip("?")) for item in listed(cell)]


# Events


def stored_field(event_class: Any, field: str, hint: Any) -> str:
    """A field of an event as the page writes it."""
    mark = " P" if field in [personal for _, personal in form_of(event_class).personal] else ""
    return f"`{field}`{mark}{'?' if type(None) in get_args(hint) else ''}"


def test_every_event_is_named_with_its_schema_class_and_fields_in_order() -> None:
    in_code = {}
    for (stored_name, schema), event_class in EVENT_CLASSES.items():
        hints = get_type_hints(event_class)
        written = [stored_field(event_class, field.name, hints[field.name]) for field in fields(event_class)]
        in_code[f"`{stored_name}`"] = [str(schema), f"`{event_class.__name__}`", ", ".join(written)]
    assert {stored_name: rest for stored_name, *rest in rows("Events")} == in_code
    assert len(rows("Events")) == len(EVENT_CLASSES)


@pytest.mark.parametrize("event", EXPECTED, ids=lambda event: STORED_AS[type(event)][0])
def test_every_event_has_a_meaning_for_its_aggregate(event: Any) -> None:
    match STORED_AS[type(event)][0].partition(".")[0]:
        case "contact":
            assert contacts.evolve(Contact(), event) != Contact()
        case "status":
            assert statuses.evolve(BUILT_IN, event) != BUILT_IN
        case "definition":
            history = definitions.History(event.kind, event.key)
            assert isinstance(definitions.evolve(history, event, NINE), definitions.History)
        case "projection":
            assert isinstance(projecting.evolve(Projecting(), event), Projecting)
        case _ if isinstance(event, TicketOpened | TicketImported):
            assert tickets.evolve(None, event, NINE).opened_at == NINE
        case _:
            for first in (opened(), imported()):
                assert isinstance(tickets.evolve(tickets.begin(first, NINE), event, NINE), tickets.Ticket)


# Commands

EXAMPLES: dict[str, Any] = {
    "command_id": "c-1",
    "actor": "agent:ana",
    "issued_at": "2026-06-01T09:00:00Z",
    "expected_version": 1,
    "correlation_id": "talk-1",
    "occurred_at": "2026-06-01T09:00:00Z",
    "ticket_id": "t-1",
    "contact_id": "7",
    "channel": "email",
    "subject": "No picture",
    "description": "At all",
    "department": "support",
    "priority": "high",
    "status": "Open",
    "status_type": "open",
    "agent": "ana",
    "team": "tier1",
    "fields": {"amount": ["decimal", "12.50"]},
    "tags": ["billing"],
    "message_key": "<m1@example.org>",
    "due_at": "2026-06-02T09:00:00Z",
    "body": "Hello",
    "recipients": ["carla@example.org"],
    "is_reply_all": True,
    "message": 1,
    "visibility": "public",
    "source": "uci_incident@1",
    "case": "INC1",
    "ordinal": 1,
    "name": "Carla",
    "address": "carla@example.org",
    "created_at": "2026-06-01T09:00:00Z",
    "source_sla_met": True,
}
EXAMPLES |= {
    "transition": "Approve",
    "state": "Approved",
    "reason": "The system was down",
    "kind": "view",
    "key": "mine",
    "document": {"kind": "view", "key": "mine"},
    "version": 1,
    "valid_from": "2026-06-01T09:00:00Z",
    "projection": "fct_messages",
    "position": 17,
}
EXAMPLES["facts"] = {field: EXAMPLES[field] for field in RowFacts.model_fields}
EVERY, *EACH = rows("Commands")
FACTS = re.search(r"^The object `facts` of `ImportRevision`: (.*)\.$", PAGE, re.MULTILINE)


def is_taken(model: type[BaseModel], asked: dict[str, Any]) -> bool:
    try:
        TypeAdapter(model).validate_python(asked)
    except ValidationError:
        return False
    return True


def asked_field(model: type[BaseModel], asked: dict[str, Any], field: str) -> str:
    """A field as the page writes it, found by leaving it out and by making it null."""
    may_be_left_out = is_taken(model, {key: value for key, value in asked.items() if key != field})
    may_be_null = is_taken(model, {**asked, field: None})
    marks = ("O" if may_be_left_out else "") + ("?" if may_be_null else "")
    return f"`{field}` {marks}" if may_be_left_out else f"`{field}`{marks}"


def own_fields(model: type[Message]) -> list[str]:
    return [field for field in model.model_fields if field not in names(EVERY[2])]


def full(model: type[BaseModel]) -> dict[str, Any]:
    asked = {field: EXAMPLES[field] for field in model.model_fields if field != "command"}
    assert is_taken(model, asked), asked
    return asked


def test_every_command_is_named_with_its_stream_and_its_fields_in_order() -> None:
    in_code = []
    for model in COMMANDS:
        written = [asked_field(model, full(model), field) for field in own_fields(model)]
        in_code.append([f"`{model.__name__}`", model.KIND, ", ".join(written)])
    assert [row[:3] for row in EACH] == in_code


@pytest.mark.parametrize("model", COMMANDS, ids=lambda model: model.__name__)
def test_a_command_carries_what_every_command_carries(model: type[Message]) -> None:
    assert set(model.model_fields) == {*names(EVERY[2]), *own_fields(model)}
    assert get_args(model.model_fields["command"].annotation) == (model.__name__,)
    found = [asked_field(model, full(model), field) for field in names(EVERY[2])[1:]]
    if model.__name__ == "ImportRevision":
        assert found.pop() == "`occurred_at`"
    assert found == listed(EVERY[2])[1 : len(found) + 1]


def test_the_facts_of_an_import_are_named_in_order() -> None:
    assert FACTS is not None
    found = [asked_field(RowFacts, full(RowFacts), field) for field in RowFacts.model_fields]
    assert listed(FACTS[1]) == found


@pytest.mark.parametrize("model", COMMANDS, ids=lambda model: model.__name__)
def test_every_command_names_its_senders_its_stream_and_its_decision(model: type[Message]) -> None:
    assert model.senders
    assert model.senders <= {"agent", "contact", "service", "system"}
    assert model.decide is not Message.decide
    command = TypeAdapter(model).validate_python(full(model))
    assert command.stream.startswith(f"{model.KIND}:")
    assert set(model.clearable) <= set(own_fields(model))


# Refusals

REFUSALS: dict[str, type[Refusal]] = {
    kind: refusal
    for kind, refusal in vars(refusals).items()
    if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal is not Refusal
}


def calls() -> Iterator[str]:
    """What the source outside the catalogue calls by name."""
    for package in ("domain", "commands", "adapters"):
        for path in (ROOT / package).rglob("*.py"):
            if path != ROOT / "domain" / "refusals.py":
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                        yield node.func.id


def test_every_refusal_is_named_with_its_class_and_facts() -> None:
    in_code = [
        [f"`{refusal.code}`", f"`{refusal.__name__}`", ", ".join(f"`{fact.name}`" for fact in fields(refusal))]
        for refusal in REFUSALS.values()
    ]
    assert sorted(rows("Refusal codes")) == sorted(in_code)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_code_is_the_class_in_snake_case(refusal: type[Refusal]) -> None:
    assert refusal.code == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", refusal.__name__).lower()


def test_every_refusal_is_given_somewhere() -> None:
    assert set(REFUSALS) - set(calls()) == set()


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_sentence_is_filled_with_facts(refusal: type[Refusal]) -> None:
    hints = get_type_hints(refusal)
    facts = {fact.name: 7 if hints[fact.name] is int else f"<{fact.name}>" for fact in fields(refusal)}
    said = refusal(**facts)
    assert said.facts == facts
    assert re.fullmatch(r"[^{}]+\.", said.sentence)
    assert any(str(value) in said.sentence for value in facts.values())


# Tables


def tables(section: str) -> dict[str, list[str]]:
    return {name(table): names(columns) for table, columns in rows(section)}


def test_the_tables_of_the_log_are_those_of_a_new_file(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "ledger.db", create=True)) as connection:
        made = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        in_file = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in made}
    assert tables("Tables of the log") == in_file


def test_every_table_and_column_of_the_log_has_its_meaning_written_beside_it() -> None:
    commented = {table: list(columns) for table, (_, columns) in COMMENTS.items()}
    # The readable view has the columns of the log, with texts where the log has ids.
    commented["v_log"] = commented["v_log"] or commented["log"]
    assert commented == tables("Tables of the log")
    assert [table for table, (meaning, columns) in COMMENTS.items() if not all([meaning, *columns.values()])] == []


def test_the_tables_of_the_read_database_are_those_of_its_schema() -> None:
    in_code = {table.name: [column.name for column in table.columns] for table in METADATA.tables.values()}
    assert tables("Tables of the read database") == in_code
