"""Reading a document of a definition: plain JSON values in, every mistake at once with its place (design section 4).

A document is what a YAML or JSON file holds and what `definition.drafted` stores. A reader asks a `Table` for the
fields it knows; what is missing, of another kind or unknown becomes a mistake, and the reading goes on with a value of
the right type, so that one pass finds everything. `Reading.finish` raises `Mistaken` where there was any.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from domain.durations import parse_duration
from domain.instant import Instant, parse_instant

Document: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[str | int, ...]
"""The way from the top of a document to a value: field names and list places from 0."""

_LONGEST_TEXT: Final = 1_000
_LARGEST: Final = 2**53
DEFAULT_ORDER: Final = 100
_MOST_ORDER: Final = 1_000_000


class Mistake(NamedTuple):
    """One thing that is wrong with a document."""

    place: Place
    sentence: str

    @property
    def path(self) -> str:
        """The place as a person reads it, `states[2].status`; `document` for the whole."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        return "".join(steps).removeprefix(".") or "document"


class Mistaken(ValueError):
    """A document that cannot be used; `mistakes` holds every one, by place."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(f"{mistake.path}: {mistake.sentence}" for mistake in mistakes))
        self.mistakes = mistakes


class Reading:
    """One pass over a document, and what was found wrong so far."""

    def __init__(self, document: object) -> None:
        self.mistakes: list[Mistake] = []
        self.root = Value(self, (), document)

    def finish(self) -> None:
        """Raise Mistaken where something was found wrong."""
        if self.mistakes:
            raise Mistaken(sorted(self.mistakes, key=_in_document))


class Value:
    """A value in a document with its place."""

    def __init__(self, reading: Reading, place: Place, given: object) -> None:
        self._reading = reading
        self.place = place
        self.given = given

    def mistake(self, sentence: str) -> None:
        """Something is wrong with this value."""
        self._reading.mistakes.append(Mistake(self.place, sentence))

    def text(self) -> str:
        """A text that is not empty; an empty one where it is mistaken."""
        given = self.given
        if not isinstance(given, str):
            self.mistake(f"expected text{_quote_hint(given)}")
        elif not given.strip() or len(given) > _LONGEST_TEXT or not given.isprintable():
            self.mistake(f"expected 1 to {_LONGEST_TEXT} printable characters")
        else:
            return given
        return ""

    def integer(self, least: int, most: int = _LARGEST) -> int:
        """A whole number in the range; the least where it is mistaken."""
        given = self.given
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            self.mistake(
                f"expected a whole number of {least} or more" + ("" if most == _LARGEST else f", up to {most}")
            )
            return least
        return given

    def truth(self) -> bool:
        """true or false."""
        if not isinstance(self.given, bool):
            self.mistake("expected true or false")
        return self.given is True

    def choice(self, allowed: Collection[str]) -> str:
        """One of these words; the first where it is mistaken."""
        if not isinstance(self.given, str) or self.given not in allowed:
            self.mistake(f"expected one of {', '.join(allowed)}")
            return next(iter(allowed))
        return self.given

    def duration(self) -> int:
        """A length of time in seconds; 1 where it is mistaken."""
        try:
            return parse_duration(self.given if isinstance(self.given, str) else "")
        except ValueError as error:
            self.mistake(str(error))
            return 1

    def instant(self) -> Instant | None:
        """An instant with an offset or Z; None where it is mistaken."""
        try:
            return parse_instant(self.given if isinstance(self.given, str) else "")
        except ValueError as error:
            self.mistake(str(error))
            return None

    def items(self) -> Iterator["Value"]:
        """The values of a list; nothing where it is none."""
        if not isinstance(self.given, list | tuple):
            self.mistake("expected a list")
            return
        for place, given in enumerate(self.given):
            yield Value(self._reading, (*self.place, place), given)

    def names(self) -> tuple[str, ...]:
        """A list of different texts."""
        texts: list[str] = []
        for item in self.items():
            text = item.text()
            if text and text in texts:
                item.mistake(f"{text!r} stands twice")
            texts.append(text)
        return tuple(texts)

    def table(self, *known: str) -> "Table":
        """The fields of a group; every other field than these is a mistake. Without names any field will do."""
        given = self.given
        if not isinstance(given, Mapping):
            self.mistake("expected a group of fields")
            given = {}
        table = Table(self._reading, self.place, given)
        for name in given:
            if not isinstance(name, str):
                self.mistake(f"{name!r} is no field name; put it in quotes")
            elif known and name not in known:
                table.at(name).mistake(f"is no field here; there are {', '.join(known)}")
        return table


class Table:
    """A group of fields. A required field that is missing is a mistake of its own place."""

    def __init__(self, reading: Reading, place: Place, given: Mapping[Any, Any]) -> None:
        self._reading = reading
        self.place = place
        self.fields = {name: value for name, value in given.items() if isinstance(name, str)}

    def mistake(self, sentence: str) -> None:
        """Something is wrong with the group as a whole."""
        self._reading.mistakes.append(Mistake(self.place, sentence))

    def at(self, name: str) -> Value:
        """The value of a field, there or not."""
        return Value(self._reading, (*self.place, name), self.fields.get(name))

    def mistake_in(self, name: str, place: int, sentence: str) -> None:
        """Something is wrong with one value of a list, as it shows only beside the others."""
        self._reading.mistakes.append(Mistake((*self.place, name, place), sentence))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(name) is not None

    def required(self, name: str) -> Value | None:
        """The value of a field, None and a mistake where it is missing."""
        if self.has(name):
            return self.at(name)
        self.at(name).mistake("is missing")
        return None

    def optional(self, name: str) -> Value | None:
        """The value of a field, None where it is missing."""
        return self.at(name) if self.has(name) else None

    def text(self, name: str) -> str:
        """A required text."""
        value = self.required(name)
        return "" if value is None else value.text()

    def items(self, name: str) -> Iterator[Value]:
        """The values of a required list."""
        value = self.required(name)
        return iter(()) if value is None else value.items()


def _in_document(mistake: Mistake) -> list[tuple[bool, str | int]]:
    """Where it stands: lists by their places, fields by their names."""
    return [(isinstance(step, str), step) for step in mistake.place]


def order_in(table: Table) -> int:
    """The place of a definition among those of its kind, smaller first; 100 where `order` is left out."""
    value = table.optional("order")
    return DEFAULT_ORDER if value is None else value.integer(0, _MOST_ORDER)


def _quote_hint(given: object) -> str:
    return "; put numbers, dates and words such as yes or no in quotes" if isinstance(given, int | float) else ""
