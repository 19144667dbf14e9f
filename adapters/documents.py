"""Documents as people write them: one YAML or JSON file each, read into plain JSON values with the place of every one.

Of YAML only what JSON can hold is read, and nothing is guessed: a plain word is text, but for true, false, null and
whole numbers. Tags, anchors, aliases, repeated field names, numbers with a fraction, yes and no, tabs, and several
documents in a file are mistakes with their line and column, all found in one pass.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from commands.definition import DEEPEST_DOCUMENT, LARGEST_DOCUMENT, plain_document, unstorable
from domain import definitions
from domain.definitions import Kind
from domain.documents import Mistake, Mistaken, Place
from domain.statuses import Statuses

LARGEST_FILE: Final = 4 * LARGEST_DOCUMENT
"""Bytes of a file; comments and indentation take more than the document itself."""

Position = tuple[int, int]
"""Line and column, from 1."""

_START: Final = (1, 1)
_NULL: Final = {"", "~", "null", "Null", "NULL"}
_TRUTH: Final = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_DOUBTFUL: Final = re.compile(r"yes|no|on|off", re.IGNORECASE)
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_ODD_WHOLE: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)")
_FRACTION: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_ODD: Final = re.compile("[\t\x85\u2028\u2029]")
"""YAML 1.1 takes the last three for line ends, and would fold them into blanks without a word."""
_MOST_DIGITS: Final = 16
_LAST_STEP: Final = re.compile(r"(?:\.?[^.\[\]]+|\[\d+\])$")


class Located(NamedTuple):
    """A mistake where an editor finds it."""

    path: str
    line: int
    column: int
    place: str
    """Where in the document, `states[2].status`."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.place}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds, or what is wrong with it."""

    path: str
    mistakes: tuple[Located, ...]
    """Every one, from top to bottom."""
    kind: Kind | None = None
    key: str | None = None
    document: dict[str, Any] | None = None
    """Plain JSON; None where anything is wrong."""
    positions: dict[str, Position] = field(default_factory=dict, repr=False)

    def locate(self, place: str, sentence: str) -> Located:
        """A mistake that somebody else found in the document, with its place in the file."""
        step = place
        while step and step not in self.positions:
            step = _LAST_STEP.sub("", step, count=1) if _LAST_STEP.search(step) else ""
        return Located(self.path, *self.positions.get(step, self.positions.get("document", _START)), place, sentence)


def check_document(path: Path, statuses: Statuses | None = None) -> Checked:
    """Read and check the definition in a file; OSError where it cannot be read.

    With `statuses` the states of a blueprint are held to the catalogue too.
    """
    written = read(path.read_bytes(), is_json=path.suffix.lower() == ".json")
    kind = key = None
    mistakes = written.mistakes
    if written.is_whole:
        try:
            kind, key = definitions.identity(written.value)
            definitions.check(kind, key, dict(written.value), statuses)
        except Mistaken as mistaken:
            # What is wrong with the writing is wrong for the reader of the document too, and said once.
            said = {mistake.place for mistake, _ in mistakes}
            mistakes += [
                (mistake, written.position(mistake.place)) for mistake in mistaken.mistakes if mistake.place not in said
            ]
    positions = {Mistake(place, "").path: position for place, position in written.positions.items()}
    located = sorted(Located(str(path), *position, mistake.path, mistake.sentence) for mistake, position in mistakes)
    return Checked(str(path), tuple(located), kind, key, None if located else written.value, positions)


# Reading


class _Unreadable(Exception):
    """The rest of the file cannot be read, because of the mistake that was noted last."""


@dataclass(slots=True)
class Written:
    """What a file says, as far as it could be read."""

    value: Any = None
    positions: dict[Place, Position] = field(default_factory=dict)
    """Where each field's name stands, and where each item of a list begins."""
    mistakes: list[tuple[Mistake, Position]] = field(default_factory=list)
    is_whole: bool = False
    """Whether it was read to its end, mistakes or not."""

    def position(self, place: Place) -> Position:
        """Where a place stands; where what it is missing from stands, for a place that is not there."""
        while place and place not in self.positions:
            place = place[:-1]
        return self.positions.get(place, _START)

    def mistake(self, place: Place, position: Position, sentence: str) -> None:
        """Something is wrong here."""
        self.mistakes.append((Mistake(place, sentence), position))

    def stop(self, position: Position, sentence: str) -> _Unreadable:
        """Something is wrong here, and nothing behind it can be understood."""
        self.mistake((), position, sentence)
        return _Unreadable()


def read(raw: bytes, *, is_json: bool = False) -> Written:
    """The document in these bytes, with everything that is wrong with how it is written."""
    written = Written()
    try:
        text = _text(raw, written)
        if is_json:
            text = _proven_json(text, written)
        _compose(_events(text, written), written)
        if not isinstance(written.value, dict):
            raise written.stop(written.position(()), "expected fields such as kind, key and name")
        _check_storable(written)
        written.is_whole = True
    except _Unreadable:
        pass
    return written


def _text(raw: bytes, written: Written) -> str:
    if len(raw) > LARGEST_FILE:
        raise written.stop(_START, f"expected at most {LARGEST_FILE} bytes, not {len(raw)}")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        raise written.stop(_position_after(before), f"the byte 0x{raw[error.start]:02x} is not UTF-8") from None
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    if not text.strip():
        raise written.stop(_START, "the file is empty; expected fields such as kind, key and name")
    return text


def _position_after(text: str) -> Position:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _proven_json(text: str, written: Written) -> str:
    """The text where it is JSON, in a form that YAML reads alike."""
    odd: list[str] = []
    try:
        json.loads(text, parse_constant=odd.append)
    except json.JSONDecodeError as error:
        raise written.stop((error.lineno, error.colno), f"not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise written.stop(_START, f"nested deeper than {DEEPEST_DOCUMENT} groups and lists") from None
    if odd:
        raise written.stop(_START, f"not JSON: {odd[0]} is no number")
    # JSON has tabs between its values only, and a blank there is as good.
    return text.replace("\t", " ")


def _events(text: str, written: Written) -> Iterator[Any]:
    """What YAML finds in the text, without the ends of stream and document."""
    for odd in _ODD.finditer(text):
        sign = odd.group()
        sentence = f"the character U+{ord(sign):04X} ends a line for some readers only; write it as an escape"
        written.mistake(
            (),
            _position_after(text[: odd.start()]),
            "a tab; indent and separate with blanks" if sign == "\t" else sentence,
        )
    if written.mistakes:
        raise _Unreadable
    documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise written.stop(_mark(event.start_mark), "a second document; a file holds one")
            elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
                yield event
    except yaml.MarkedYAMLError as error:
        sentence = f"not YAML: {error.problem or error.context}"
        raise written.stop(_mark(error.problem_mark or error.context_mark), sentence) from None
    except yaml.reader.ReaderError as error:
        sentence = f"the character U+{ord(text[error.position]):04X} cannot stand in a document"
        raise written.stop(_position_after(text[: error.position]), sentence) from None
    if not documents:
        raise written.stop(_START, "the file is empty; expected fields such as kind, key and name")


def _mark(mark: Any) -> Position:
    return _START if mark is None else (mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Open:
    """A group or list that is being read."""

    place: Place
    content: Any
    key: Place | None = None
    """The place of the field whose value comes next; None where a name, or an item of a list, comes."""


def _compose(events: Iterator[Any], written: Written) -> None:
    """Values from what YAML found; without recursion, because a file may nest as deep as it likes."""
    above: list[_Open] = []
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            above.pop()
            continue
        parent = above[-1] if above else None
        is_group = parent is not None and isinstance(parent.content, dict)
        position = _mark(event.start_mark)
        if parent is not None and is_group and parent.key is None:
            parent.key = _field_name(event, parent, position, written)
            continue
        if parent is None:
            place: Place = ()
        elif is_group:
            place = parent.key or ()
        else:
            place = (*parent.place, len(parent.content))
        written.positions.setdefault(place, position)
        value = _value(event, place, position, written)
        if parent is None:
            written.value = value
        elif isinstance(parent.content, list):
            parent.content.append(value)
        else:
            # Of a name that stands twice, which is a mistake already, the first is kept.
            parent.content.setdefault(place[-1], value)
            parent.key = None
        if isinstance(event, yaml.CollectionStartEvent):
            if len(above) >= DEEPEST_DOCUMENT:
                raise written.stop(position, f"nested deeper than {DEEPEST_DOCUMENT} groups and lists")
            above.append(_Open(place, value))


def _field_name(event: Any, parent: _Open, position: Position, written: Written) -> Place:
    """The place of the field that is named here."""
    if not isinstance(event, yaml.ScalarEvent):
        raise written.stop(position, "a field's name is text")
    name = _together(event.value)
    place = (*parent.place, name)
    _refuse_marks(event, place, position, written)
    if event.style is None:
        value, doubt = plain(name)
        if name == "<<":
            written.mistake(place, position, "is YAML's merge, which is not read here")
        elif doubt is not None or not isinstance(value, str):
            written.mistake(place, position, "a field's name is text; put it in quotes")
    if name in parent.content:
        written.mistake(place, position, f"stands twice, first in line {written.positions[place][0]}")
    written.positions.setdefault(place, position)
    return place


def _value(event: Any, place: Place, position: Position, written: Written) -> Any:
    _refuse_marks(event, place, position, written)
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    if not isinstance(event, yaml.ScalarEvent):
        return None
    text = _together(event.value)
    if event.style is not None:
        return text
    value, doubt = plain(text)
    if doubt is not None:
        written.mistake(place, position, doubt)
    return value


def _refuse_marks(event: Any, place: Place, position: Position, written: Written) -> None:
    if isinstance(event, yaml.AliasEvent):
        written.mistake(place, position, f"*{event.anchor} repeats something written elsewhere; write it out")
    elif event.anchor is not None:
        written.mistake(place, position, f"&{event.anchor} is an anchor; write things out where they are meant")
    if getattr(event, "tag", None) is not None:
        written.mistake(place, position, f"{event.tag} is a tag; a document holds plain values only")


def plain(text: str) -> tuple[Any, str | None]:
    """What a word without quotes stands for, and what is doubtful about it."""
    if text in _NULL:
        return None, None
    if text in _TRUTH:
        return _TRUTH[text], None
    if _WHOLE.fullmatch(text):
        if len(text.removeprefix("-")) > _MOST_DIGITS:
            return text, "so large a number must be written in quotes"
        return int(text), None
    if _ODD_WHOLE.fullmatch(text):
        return text, "write a whole number in plain digits, or put it in quotes"
    if _FRACTION.fullmatch(text):
        return text, "a number with a fraction must be written in quotes"
    if _DOUBTFUL.fullmatch(text):
        return text, f"write true or false, or put {text} in quotes"
    return text, None


def _together(text: str) -> str:
    """The text with JSON's surrogate pairs as the characters that they stand for."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _check_storable(written: Written) -> None:
    for mistake in unstorable(written.value):
        if mistake.place not in {said.place for said, _ in written.mistakes}:
            written.mistakes.append((mistake, written.position(mistake.place)))
    if not written.mistakes:
        try:
            plain_document(written.value)
        except ValueError as error:
            written.mistake((), written.position(()), str(error))


# Writing


class _Dumper(yaml.SafeDumper):
    """Writes so that `read` reads the same."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    # In double quotes everything that is not printable is written as an escape.
    is_plain = plain(text) == (text, None) and text != "<<" and text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


_Dumper.add_representer(str, _text_node)


def as_yaml(document: Any) -> str:
    """The document as a person would write it, in the order of its fields."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
