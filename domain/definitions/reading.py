"""Reading the document of a definition of any kind, with every mistake at once."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from domain.blueprint import parse_blueprint
from domain.definitions.events import KEY_EXPECTED, Kind, is_key
from domain.documents import Document, Mistake, Mistaken, Reading
from domain.sla import parse_policy
from domain.statuses import Statuses
from domain.views import BUILT_IN_KEYS, parse_view


class Parsed(Protocol):
    """What every kind's parser makes of a document, beside what its own kind knows."""

    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int:
        """The place among the definitions of its kind; the least comes first."""
        ...


PARSERS: Final[Mapping[Kind, Callable[[Document], Parsed]]] = {
    Kind.BLUEPRINT: parse_blueprint,
    Kind.SLA_POLICY: parse_policy,
    Kind.VIEW: parse_view,
}
"""What reads the documents of each kind."""


def parse(kind: Kind, document: Document) -> Parsed:
    """What the document says; Mistaken names everything that is wrong with it."""
    return PARSERS[kind](document)


def identity(document: object) -> tuple[Kind, str]:
    """The kind and the key that a document gives itself, the key as written; Mistaken where it does not."""
    reading = Reading(document)
    table = reading.root.table()
    kind = table.required("kind")
    name = Kind.BLUEPRINT.value if kind is None else kind.choice([known.value for known in Kind])
    key = table.text("key")
    reading.finish()
    return Kind(name), key


def check(kind: Kind, key: str, document: Document, statuses: Statuses | None) -> Parsed:
    """What the document says as the definition of this kind and key; Mistaken names everything that is wrong.

    With `statuses` each state of a blueprint must have a status of the catalogue (F-103).
    """
    mistakes = _foreign(kind, key, document)
    if any(mistake.place == ("kind",) for mistake in mistakes):
        # Read as another kind, nearly every field would be a mistake.
        raise Mistaken(mistakes)
    parsed = None
    try:
        parsed = parse(kind, document)
    except Mistaken as mistaken:
        named = {mistake.place for mistake in mistakes}
        mistakes += [mistake for mistake in mistaken.mistakes if mistake.place not in named]
    if parsed is not None and statuses is not None:
        mistakes += unknown_statuses(kind, parsed, statuses)
    if parsed is None or mistakes:
        raise Mistaken(mistakes)
    return parsed


def _foreign(kind: Kind, key: str, document: Document) -> list[Mistake]:
    """Where the document is not the definition that it is said to be."""
    reading = Reading(document)
    table = reading.root.table()
    given = table.required("kind")
    if given is not None and given.given != kind.value:
        given.mistake(f"is {given.given!r}, in a document for a {kind.value}")
    given = table.required("key")
    if given is not None and given.given != key:
        given.mistake(f"is {given.given!r}, in a document for {key!r}")
    elif given is not None and not is_key(key):
        given.mistake(KEY_EXPECTED)
    elif given is not None and kind is Kind.VIEW and key in BUILT_IN_KEYS:
        given.mistake("is the key of a built-in view; take another")
    table.text("name")
    return reading.mistakes


def unknown_statuses(kind: Kind, parsed: Any, statuses: Statuses) -> list[Mistake]:
    if kind is not Kind.BLUEPRINT:
        return []
    known = [label for label, _ in statuses.types]
    return [
        Mistake(
            ("states", place, "status"), f"there is no status {state.status!r}; the statuses are {', '.join(known)}"
        )
        for place, state in enumerate(parsed.states)
        if state.status not in known
    ]
