"""A refund blueprint for tests: a small desk's process with every shape of edge in it."""

from copy import deepcopy
from typing import Any, Final

from domain.blueprint import parse_blueprint
from domain.definitions import NO_DEFINITIONS, DefinitionDrafted, DefinitionPublished, Definitions, Kind, evolve
from domain.instant import Instant
from tests.examples import NINE

REFUND: Final[dict[str, Any]] = {
    "kind": "blueprint",
    "key": "refund",
    "name": "Refunds",
    "department": "Billing",
    "entry": {"field": "tags", "operator": "includes_any", "value": ["refund"]},
    "states": [
        {"name": "Requested", "status": "Open", "start": True, "limit": "4h"},
        {"name": "Waiting", "status": "On Hold"},
        {"name": "Checked", "status": "Escalated", "limit": "1d"},
        {"name": "Done", "status": "Closed", "end": True},
    ],
    "transitions": [
        {"name": "Ask", "from": "Requested", "to": "Waiting", "owners": "any_agent"},
        {"name": "Check", "from": ["Requested", "Waiting"], "to": "Checked", "owners": ["ticket_agent", "system"]},
        {
            "name": "Pay",
            "from": "Checked",
            "to": "Done",
            "owners": ["agent:bo", "service:bank"],
            "when": {"all": [{"field": "priority", "operator": "in", "value": ["high", "urgent"]}]},
        },
        {"name": "Drop", "from": "*", "except": ["Checked"], "to": "Done", "owners": "any_agent"},
    ],
}


def changed(**fields: Any) -> dict[str, Any]:
    """The document with other fields; None takes one away."""
    document = {**deepcopy(REFUND), **fields}
    return {name: value for name, value in document.items() if value is not None}


def published(*documents: dict[str, Any], at: Instant = NINE) -> Definitions:
    """Definitions in which each of the documents is in force from `at`, two of one key as two versions."""
    known = NO_DEFINITIONS
    for document in documents:
        kind, key = Kind(document["kind"]), document["key"]
        history = known.history(kind, key)
        number = 1 if history is None else len(history.versions) + 1
        history = evolve(history, DefinitionDrafted(kind, key, number, document), at)
        known = known.with_history(evolve(history, DefinitionPublished(kind, key, number, at), at))
    return known


BLUEPRINT: Final = parse_blueprint(REFUND)
