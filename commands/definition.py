"""What may be asked of a definition: a new version, its publication, its end (design section 4)."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from commands.message import Message, Moment, World, storable
from domain import definitions
from domain.definitions import KEY_EXPECTED, DefinitionEvent, Kind, definition_stream, is_key
from domain.documents import Mistake, Place
from domain.instant import Instant

LARGEST_DOCUMENT: Final = 64 * 1024
"""Bytes of a document as compact JSON."""
DEEPEST_DOCUMENT: Final = 64
"""Groups and lists inside each other; conditions nest 20 deep and take two of them each time."""
LARGEST_NUMBER: Final = 2**53
"""What every reader of JSON keeps exactly."""


def _key(text: str) -> str:
    if not is_key(text):
        raise ValueError(KEY_EXPECTED)
    return text


def plain_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document where the log can keep it for ever; ValueError names the place of everything that it cannot."""
    mistakes = [f"{mistake.path}: {mistake.sentence}" for mistake in unstorable(document)]
    if mistakes:
        raise ValueError(", ".join(mistakes))
    if (size := len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())) > LARGEST_DOCUMENT:
        raise ValueError(f"expected at most {LARGEST_DOCUMENT} bytes of JSON, not {size}")
    return document


def unstorable(document: object) -> Iterator[Mistake]:
    """Everything in a document that plain JSON without floats does not hold, and nesting beyond what is needed."""
    waiting: list[tuple[Place, object]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict | list) and len(place) >= DEEPEST_DOCUMENT:
            yield Mistake(place, f"nested deeper than {DEEPEST_DOCUMENT} groups and lists")
        elif isinstance(value, dict):
            for name in value:
                if not isinstance(name, str):
                    yield Mistake(place, f"{name!r} is no field name; expected text")
                elif sentence := _unstorable_text(name):
                    yield Mistake(place, f"a field's name: {sentence}")
            # The last in is read first.
            waiting += [((*place, name), value[name]) for name in reversed(value) if isinstance(name, str)]
        elif isinstance(value, list):
            waiting += [((*place, number), value[number]) for number in reversed(range(len(value)))]
        elif sentence := _unstorable(value):
            yield Mistake(place, sentence)


def _unstorable(value: object) -> str | None:
    if isinstance(value, str):
        return _unstorable_text(value)
    if isinstance(value, float):
        return f"{value!r} is a number with a fraction and must be written in quotes"
    if isinstance(value, int) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return f"a whole number beyond {LARGEST_NUMBER} must be written in quotes"
    if value is None or isinstance(value, bool | int):
        return None
    return f"{type(value).__name__} is no value of JSON"


def _unstorable_text(text: str) -> str | None:
    try:
        storable(text)
    except ValueError as error:
        return str(error)
    return None


PlainDocument = Annotated[dict[str, Any], AfterValidator(plain_document)]
"""A JSON object without floats, bounded in depth and size."""


class DefinitionMessage(Message):
    """A command about one definition."""

    KIND: ClassVar = "definition"
    may_claim: ClassVar = False
    kind: Kind
    key: Annotated[str, AfterValidator(_key)]

    @property
    def stream(self) -> str:
        return definition_stream(self.kind, self.key)


class DraftDefinition(DefinitionMessage):
    """A new version of a definition, checked whole; it judges nothing before it is published."""

    command: Literal["DraftDefinition"] = "DraftDefinition"
    document: PlainDocument

    def decide(self, world: World) -> list[DefinitionEvent]:
        return definitions.draft(world.definition, self.kind, self.key, self.document, world.statuses)


class PublishDefinition(DefinitionMessage):
    """A drafted version comes into force, at once or at an instant to come."""

    command: Literal["PublishDefinition"] = "PublishDefinition"
    version: Annotated[int, Field(ge=1, strict=True)]
    valid_from: Moment | None = None

    def decide(self, world: World) -> list[DefinitionEvent]:
        valid_from = None if self.valid_from is None else Instant(self.valid_from)
        return definitions.publish(
            world.definition, self.kind, self.key, self.version, valid_from, world.statuses, world.at
        )


class RetireDefinition(DefinitionMessage):
    """A definition goes out of use, from now on."""

    command: Literal["RetireDefinition"] = "RetireDefinition"

    def decide(self, world: World) -> list[DefinitionEvent]:
        return definitions.retire(world.definition, self.kind, self.key)
