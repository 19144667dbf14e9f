"""From the cells of a source row to the values of a ticket, the same for every format (F-165)."""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter

from adapters.importers.columns import (
    Column,
    ColumnOrConstant,
    PriorityColumn,
    StatusColumn,
    TagsColumn,
    TicketColumns,
)
from adapters.importers.mapping import SourceMapping
from commands.message import Actor, ChannelName, Id, Label, Line, Text
from commands.ticket import FieldText, TagsIn
from domain.instant import Instant
from domain.values import FieldType

Convert: TypeAlias = Callable[[str], Any]
"""A cell's text as a value of the ticket, None where it is missing; ValueError says what was expected."""
Row: TypeAlias = tuple[str, Instant, str, dict[str, Any]]
"""Case, instant, actor, facts: a plain tuple, because there is one for every row of every pass."""


class Unfit(ValueError):
    """A cell that does not fit: its column, its text, what was expected. Its place is known to the caller."""


REMEMBERED: Final = 16_384
"""How many different cells of a column are remembered; most values of a log come again."""
REMEMBERED_LENGTH: Final = 128
"""Longer texts rarely come again, and are not remembered, so that memory has a bound."""
REQUIRED: Final = object()
"""Stands for the value of a missing cell where the ticket must have one."""

_Part: TypeAlias = Column | ColumnOrConstant | StatusColumn
_Cell: TypeAlias = tuple[str, Callable[[Sequence[str]], str], Convert]
_ID: Final = TypeAdapter(Id).validate_python
_LABEL: Final = TypeAdapter(Label).validate_python
_CHANNEL: Final = TypeAdapter(ChannelName).validate_python
_ACTOR: Final = TypeAdapter(Actor).validate_python
_TAGS: Final = TypeAdapter(TagsIn).validate_python
_NAME: Final = "1 to 128 printable characters"
_TRUTH: Final = {"true": True, "false": False}
_NUMBERS: Final = {
    FieldType.INTEGER: re.compile(r"[+-]?[0-9]{1,1000}"),
    FieldType.DECIMAL: re.compile(r"[+-]?[0-9]{1,1000}([.][0-9]{1,1000})?"),
}


class _Remembered(dict[str, Any]):
    """A conversion that remembers its answers; looking one up is a plain dict's work. Full, it begins anew."""

    def __init__(self, convert: Convert) -> None:
        self._convert = convert

    def __missing__(self, text: str) -> Any:
        value = self._convert(text)
        if len(text) <= REMEMBERED_LENGTH:
            if len(self) >= REMEMBERED:
                self.clear()
            self[text] = value
        return value


class RowReader:
    """Turns records under one mapping into rows; their cells stand in the order of the mapping's columns.

    `noun` is what the format calls a column, `zone` that of instants without an offset where the mapping names none.
    """

    def __init__(self, mapping: SourceMapping, noun: str, zone: str | None) -> None:
        self._index = {name: index for index, name in enumerate(mapping.ticket.columns)}
        self._noun, self._markers = noun, frozenset(("", *mapping.missing))
        self._instant = mapping.instants.reader(zone), mapping.instants.expected(zone)
        ticket, prefix, actor = mapping.ticket, mapping.id_prefix, mapping.ticket.actor
        spoken_of = f"an id of {_NAME}" + (f", {prefix!r} before it included" if prefix else "")
        self._keys = (
            self._key(ticket.case, lambda text: _ID(prefix + text) and text, spoken_of, REQUIRED),
            self._key(ticket.instant, *self._instant, REQUIRED),
            self._key(actor, lambda text: _ACTOR(actor.prefix + text), "an actor", actor.missing),
        )
        self._constants = {"channel": ticket.channel.constant, "department": ticket.department.constant}
        self._facts = self._cells_of_facts(ticket)
        self._fields = [self._cell(name, part, *self._of_type(part.type)) for name, part in ticket.fields.items()]
        told = [part for part in ticket.parts if not any(part is key for key in (ticket.case, ticket.instant, actor))]
        self._pick = itemgetter(*(self._index[name] for part in told for name in part.names))
        self._picked: Any = None
        self._last: dict[str, Any] = {}

    def read(self, cells: Sequence[str]) -> Row:
        """The row of a record; neighbours with the same facts share one object. Unfit for a cell that does not fit."""
        if (picked := self._pick(cells)) != self._picked:
            self._last, self._picked = self._facts_of(cells), picked
        (i, case), (j, occurred_at), (k, actor) = self._keys
        return case(cells[i]), occurred_at(cells[j]), actor(cells[k]), self._last

    def _facts_of(self, cells: Sequence[str]) -> dict[str, Any]:
        facts: dict[str, Any] = dict(self._constants)
        for name, text_in, convert in self._facts:
            facts[name] = convert(text_in(cells))
        facts["status"], facts["status_type"] = facts["status"]
        facts["fields"] = fields = {}
        for name, text_in, convert in self._fields:
            if (value := convert(text_in(cells))) is not None:
                fields[name] = value
        return facts

    def _cells_of_facts(self, ticket: TicketColumns) -> list[_Cell]:
        """The cells of all properties but the custom fields; a property without a column has none."""
        channel, department, status = ticket.channel, ticket.department, ticket.status
        priority, tags = ticket.priority or PriorityColumn(column="-"), ticket.tags or TagsColumn(column="-")
        no_status = REQUIRED if status.missing is None else status.typed(status.missing)
        no_channel, no_department = channel.missing or REQUIRED, department.missing or REQUIRED
        properties: tuple[tuple[str, _Part | None, Convert, str, Any], ...] = (
            ("status", status, lambda text: status.typed(_LABEL(text)), _NAME, no_status),
            ("channel", channel, lambda text: _CHANNEL(channel.mapped(text)), _NAME, no_channel),
            ("department", department, lambda text: _LABEL(department.mapped(text)), _NAME, no_department),
            ("subject", ticket.subject, TypeAdapter(Line).validate_python, "a text of at most 1,000 characters", None),
            ("description", ticket.description, TypeAdapter(Text).validate_python, "a text", None),
            ("contact_id", ticket.contact, _ID, _NAME, None),
            ("agent", ticket.agent, _ID, _NAME, None),
            ("team", ticket.team, _LABEL, _NAME, None),
            ("priority", ticket.priority, lambda text: _LABEL(priority.mapped(text)), _NAME, None),
            ("created_at", ticket.created_at, *self._instant, None),
            ("source_sla_met", ticket.source_sla_met, _truth, "true or false", None),
            ("tags", ticket.tags, lambda text: _TAGS(tags.tags(text)), f"at most 100 tags of {_NAME}", ()),
        )
        return [
            self._cell(name, part, fit, expected, missing)
            for name, part, fit, expected, missing in properties
            if part is not None and part.names
        ]

    def _of_type(self, kind: FieldType) -> tuple[Convert, str]:
        """How the text of a custom field is read, and what is expected of it."""
        validate, (as_instant, form) = TypeAdapter(FieldText).validate_python, self._instant
        if kind is FieldType.BOOLEAN:
            return (lambda text: (kind, "true" if _truth(text) else "false")), "true or false"
        if kind is FieldType.INSTANT:
            return (lambda text: (kind, as_instant(text))), form
        if kind is FieldType.TEXT:
            return (lambda text: (kind, validate(text))), "a text of at most 10,000 characters"
        return (lambda text: (kind, _number(kind, text))), f"a number of the type {kind.value}"

    def _key(self, part: Column, fit: Convert, expected: str, missing: Any) -> tuple[int, Convert]:
        return self._index[part.column], self._convert(part.names, fit, expected, missing)

    def _cell(self, name: str, part: _Part, fit: Convert, expected: str, missing: Any = None) -> _Cell:
        """A property, where its text stands in a record, and how the text becomes a value."""
        return name, self._text_in(part), self._convert(part.names, fit, expected, missing)

    def _text_in(self, part: _Part) -> Callable[[Sequence[str]], str]:
        places = [self._index[name] for name in part.names]
        if not isinstance(part, StatusColumn) or len(places) == 1:
            return itemgetter(places[0])
        separator, markers = part.separator, self._markers
        return lambda cells: separator.join([cells[place] for place in places if cells[place] not in markers])

    def _convert(self, names: Sequence[str], fit: Convert, expected: str, missing: Any) -> Convert:
        named = listed(self._noun, names)

        def convert(text: str) -> Any:
            if text in self._markers:
                if missing is REQUIRED:
                    raise Unfit(f"{named}: has no value; expected {expected}")
                return missing
            try:
                return fit(text)
            except (ValueError, OverflowError):
                shown = text if len(text) <= 60 else text[:60] + "..."
                raise Unfit(f"{named}: {shown!r}; expected {expected}") from None

        return _Remembered(convert).__getitem__


def listed(noun: str, names: Sequence[str]) -> str:
    """Columns by name, such as `columns 'a', 'b'`."""
    return (noun if len(names) == 1 else noun + "s") + " " + ", ".join(repr(name) for name in names)


def _truth(text: str) -> bool:
    if (word := text.lower()) not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[word]


def _number(kind: FieldType, text: str) -> str:
    if not _NUMBERS[kind].fullmatch(text):
        raise ValueError(text)
    return text
