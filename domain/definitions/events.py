"""What a definition is called, and what happens to it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from domain.documents import Document
from domain.instant import Instant
from domain.recorded import stored


class Kind(StrEnum):
    """What a definition defines."""

    BLUEPRINT = "blueprint"
    SLA_POLICY = "sla_policy"
    VIEW = "view"


DEFINITIONS: Final = "definition:"
"""What the stream of every definition begins with."""
_KEY: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
KEY_EXPECTED: Final = "expected 1 to 64 of a-z, 0-9, _ and -, a letter first"


def is_key(text: str) -> bool:
    """Whether the text can name a definition within its kind."""
    return _KEY.fullmatch(text) is not None


def definition_stream(kind: Kind, key: str) -> str:
    """The stream of a definition."""
    return f"definition:{kind.value}:{key}"


@stored("definition.drafted", 1)
@dataclass(frozen=True, slots=True)
class DefinitionDrafted:
    """A new version, whose document was checked and never changes."""

    kind: Kind
    key: str
    version: int
    document: Document


@stored("definition.published", 1)
@dataclass(frozen=True, slots=True)
class DefinitionPublished:
    """A version comes into force, now or later."""

    kind: Kind
    key: str
    version: int
    valid_from: Instant


@stored("definition.retired", 1)
@dataclass(frozen=True, slots=True)
class DefinitionRetired:
    """Every version so far goes out of use, also one that was to come into force later."""

    kind: Kind
    key: str


DefinitionEvent: TypeAlias = DefinitionDrafted | DefinitionPublished | DefinitionRetired
