"""Definitions: the one mechanism for every document that says how the desk works (design section 4).

A definition has versions. Each is drafted (a checked document that never changes), may be published with the instant
from which it is valid, and all go out of use when the definition is retired. A draft after that takes it up again. What
judged a ticket names the version, so a later one never judges the past; old and retired versions stay readable.
"""

from domain.definitions.collection import NO_DEFINITIONS, Definitions, InForce, VersionMissing
from domain.definitions.decisions import draft, is_same, publish, retire
from domain.definitions.events import (
    DEFINITIONS,
    KEY_EXPECTED,
    DefinitionDrafted,
    DefinitionEvent,
    DefinitionPublished,
    DefinitionRetired,
    Kind,
    definition_stream,
    is_key,
)
from domain.definitions.history import History, Version, evolve
from domain.definitions.reading import Parsed, check, identity, parse

__all__ = [
    "DEFINITIONS",
    "KEY_EXPECTED",
    "NO_DEFINITIONS",
    "DefinitionDrafted",
    "DefinitionEvent",
    "DefinitionPublished",
    "DefinitionRetired",
    "Definitions",
    "History",
    "InForce",
    "Kind",
    "Parsed",
    "Version",
    "VersionMissing",
    "check",
    "definition_stream",
    "draft",
    "evolve",
    "identity",
    "is_key",
    "is_same",
    "parse",
    "publish",
    "retire",
]
