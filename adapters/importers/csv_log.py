"""CSV logs: a row is the record after one revision, and becomes one `ImportRevision` (F-165, design section 4).

The file is read twice. The first pass validates every row, so that damaged input is refused before anything is
written; the second sends batches. Memory holds one batch, bounded caches, a count per case and the skipped rows.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter

from adapters.importers.mapping import (
    Column,
    ColumnOrConstant,
    PriorityColumn,
    SourceMapping,
    TagsColumn,
    TicketColumns,
    UnreadableInput,
)
from commands.importing import ImportRevision, RowFacts, revision_id
from commands.message import Actor, ChannelName, Id, Label, Line, Text
from commands.ticket import FieldText, TagsIn
from domain.instant import Instant
from domain.receipts import Outcome, Receipt
from domain.refusals import SourceRewritten
from domain.values import FieldType

BATCH: Final = 500
"""Rows a batch: what the bus records in one transaction (design section 10, S3)."""

Send: TypeAlias = Callable[[Sequence[ImportRevision]], Sequence[Receipt]]
"""Has a batch decided and recorded; answers with one receipt a command, in the same order."""
OnProgress: TypeAlias = Callable[[int, int | None], None]
"""Hears rows done and rows in all; the second is None while the file is still being checked."""
Convert: TypeAlias = Callable[[str], Any]
"""A cell's text as a value of the ticket, None where it is missing; ValueError says what was expected."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that was not imported, and why."""

    line: int
    """Where the row begins in the file, the header being line 1."""
    case: str
    code: str
    sentence: str


@dataclass(slots=True)
class Imported:
    """What an import did; `rows` is the sum of `rows_added`, `rows_known` and the skipped ones."""

    tickets: int = 0
    """Cases in the file, imported before or not."""
    rows: int = 0
    rows_added: int = 0
    rows_known: int = 0
    """Rows that an earlier run recorded already."""
    events_added: int = 0
    """Events of this run alone."""
    rows_skipped: list[SkippedRow] = field(default_factory=list)


def import_csv(
    path: Path,
    mapping: SourceMapping,
    send: Send,
    *,
    tip_before: int,
    on_progress: OnProgress | None = None,
    batch_size: int = BATCH,
) -> Imported:
    """Import a CSV log; receipts numbered above `tip_before` are new, the others are answers to an earlier run.

    UnreadableInput, and nothing sent, where the file is damaged or does not fit the mapping. Whatever `send` raises
    passes through; importing again goes on where it stopped, because a row's command id follows from its place.
    """
    result = Imported()
    log = _Log(path, mapping)
    total = log.check(on_progress)
    revisions = log.revisions()
    while batch := list(islice(revisions, batch_size)):
        receipts = send([revision for _, revision in batch])
        for (line, revision), receipt in zip(batch, receipts, strict=True):
            _count(result, line, revision, receipt, tip_before)
        if on_progress is not None:
            on_progress(result.rows, total)
    return result


def check_csv(path: Path, mapping: SourceMapping, on_progress: OnProgress | None = None) -> int:
    """The number of rows, all of which fit the mapping; UnreadableInput names the first that does not."""
    return _Log(path, mapping).check(on_progress)


def _count(result: Imported, line: int, revision: ImportRevision, receipt: Receipt, tip_before: int) -> None:
    result.rows += 1
    result.tickets += revision.ordinal == 1
    if receipt.outcome is not Outcome.ACCEPTED:
        result.rows_skipped.append(_skipped(line, revision, receipt))
    elif receipt.number > tip_before:
        result.rows_added += 1
        result.events_added += len(receipt.answer.positions)
    else:
        result.rows_known += 1


def _skipped(line: int, revision: ImportRevision, receipt: Receipt) -> SkippedRow:
    codes = [reason.code for reason in receipt.answer.reasons] or [receipt.outcome.value]
    if "command_id_reused" in codes:
        rewritten = SourceRewritten(revision.source, revision.case, revision.ordinal)
        return SkippedRow(line, revision.case, rewritten.code, rewritten.sentence)
    sentence = " ".join(reason.sentence for reason in receipt.answer.reasons) or "The row was not recorded."
    return SkippedRow(line, revision.case, codes[0], sentence)


# From rows to commands

_Row: TypeAlias = tuple[int, str, Instant, str, dict[str, Any]]
"""Line, case, instant, actor, facts: a plain tuple, because there is one for every row of every pass."""
_FACTS: Final = TypeAdapter(RowFacts).validate_python
_REVISION: Final = TypeAdapter(ImportRevision).validate_python


class _Log:
    """One file under one mapping, read as often as asked; the second reading finds its values converted."""

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self._path = path
        self._mapping = mapping
        self._reader_for = lru_cache(1)(lambda *header: _RowReader(header, mapping))

    def check(self, on_progress: OnProgress | None) -> int:
        rows = 0
        for rows, _ in enumerate(self.rows(), start=1):
            if on_progress is not None and rows % BATCH == 0:
                on_progress(rows, None)
        if not rows:
            raise UnreadableInput(f"{self._path}: has a header and no rows; expected at least one row")
        return rows

    def revisions(self) -> Iterator[tuple[int, ImportRevision]]:
        """Each row's line and command, in file order."""
        source, prefix = self._mapping.source, self._mapping.id_prefix
        ordinals: dict[str, int] = {}
        seen: dict[str, Any] = {}
        facts: RowFacts | None = None
        for line, case, occurred_at, actor, row_facts in self.rows():
            ordinals[case] = ordinal = ordinals.get(case, 0) + 1
            if facts is None or row_facts is not seen:
                seen, facts = row_facts, _FACTS(row_facts)
            revision = _REVISION(
                {
                    "command_id": revision_id(source, case, ordinal),
                    "actor": actor,
                    "occurred_at": occurred_at,
                    "ticket_id": prefix + case,
                    "source": source,
                    "case": case,
                    "ordinal": ordinal,
                    "facts": facts,
                }
            )
            yield line, revision

    def rows(self) -> Iterator[_Row]:
        """Every row of the file, each of its values as the ticket will have it."""
        path = self._path
        records = _records(path, self._mapping.csv.delimiter)
        _, header = next(records, (0, None))
        if header is None:
            raise UnreadableInput(f"{path}: is empty; expected a header and rows")
        _check_header(path, header, self._mapping)
        read, width = self._reader_for(*header).read, len(header)
        for line, record in records:
            if len(record) != width:
                raise UnreadableInput(
                    f"{path} line {line}: has {len(record)} fields; expected {width}, as in the header"
                )
            try:
                yield read(line, record)
            except _Unfit as unfit:
                raise UnreadableInput(f"{path} line {line}, {unfit}") from None


def _check_header(path: Path, header: list[str], mapping: SourceMapping) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise UnreadableInput(f"{path} line 1: the header names {_listed(repeated)} twice; expected each column once")
    missing = [name for name in mapping.ticket.columns if name not in header]
    if missing:
        raise UnreadableInput(
            f"{path} line 1: the header lacks {_listed(missing)}, which the mapping {mapping.source}@{mapping.version}"
            f" reads; expected fields separated by {mapping.csv.delimiter!r}"
        )


def _listed(names: Sequence[str]) -> str:
    return ("column " if len(names) == 1 else "columns ") + ", ".join(repr(name) for name in names)


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The lines at which records begin, with their fields; blank lines hold nothing and are passed over."""
    line = 1
    if path.exists() and not path.is_file():
        raise UnreadableInput(f"{path}: cannot be read twice; expected a file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_without_nul(path, file), delimiter=delimiter, strict=True)
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableInput(f"{path} line {_undecodable_line(path)}: not UTF-8; expected UTF-8 text") from None
    except csv.Error as error:
        raise UnreadableInput(
            f"{path} line {line}: not CSV: {error}; expected fields separated by {delimiter!r},"
            ' quoted with " where they hold one, a quote inside written twice'
        ) from None


def _without_nul(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise UnreadableInput(f"{path} line {number}: holds a NUL character; expected text")
        yield line


def _undecodable_line(path: Path) -> int:
    """The decoder works on blocks and knows no lines, so the line is looked for once it is known to exist."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


# From cells to values


class _Unfit(ValueError):
    """A cell that does not fit: its column, its text, what was expected. Its line is known to the caller."""


REMEMBERED: Final = 16_384
"""How many different cells of a column are remembered; most values of a log come again."""
REMEMBERED_LENGTH: Final = 128
"""Longer texts rarely come again, and are not remembered, so that memory has a bound."""
REQUIRED: Final = object()
"""Stands for the value of a missing cell where the ticket must have one."""

_Cell: TypeAlias = tuple[str, int, Convert]
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


class _RowReader:
    """Turns the records of one file into rows; which cell is which property is settled once, from the header."""

    def __init__(self, header: Sequence[str], mapping: SourceMapping) -> None:
        self._index = {name: index for index, name in enumerate(header)}
        self._markers = frozenset(("", *mapping.missing))
        self._instant = mapping.instants.reader(), "an instant written as " + " or ".join(mapping.instants.formats)
        ticket, prefix, actor = mapping.ticket, mapping.id_prefix, mapping.ticket.actor
        spoken_of = f"an id of {_NAME}" + (f", {prefix!r} before it included" if prefix else "")
        self._keys = (
            self._cell("case", ticket.case.column, lambda text: _ID(prefix + text) and text, spoken_of, REQUIRED),
            self._cell("instant", ticket.instant.column, *self._instant, REQUIRED),
            self._cell("actor", actor.column, lambda text: _ACTOR(actor.prefix + text), "an actor", actor.missing),
        )
        self._constants = {"channel": ticket.channel.constant, "department": ticket.department.constant}
        self._facts = self._cells_of_facts(ticket)
        self._fields = [
            self._cell(name, part.column, *self._of_type(part.type)) for name, part in ticket.fields.items()
        ]
        self._pick = itemgetter(*(index for _, index, _ in [*self._facts, *self._fields]))
        self._picked: Any = None
        self._last: dict[str, Any] = {}

    def read(self, line: int, record: list[str]) -> _Row:
        """The row of a record; neighbours with the same facts share one object. _Unfit for a cell that does not fit."""
        if (picked := self._pick(record)) != self._picked:
            self._last, self._picked = self._facts_of(record), picked
        (_, i, case), (_, j, occurred_at), (_, k, actor) = self._keys
        return line, case(record[i]), occurred_at(record[j]), actor(record[k]), self._last

    def _facts_of(self, record: list[str]) -> dict[str, Any]:
        facts: dict[str, Any] = dict(self._constants)
        for name, index, convert in self._facts:
            facts[name] = convert(record[index])
        facts["status"], facts["status_type"] = facts["status"]
        facts["fields"] = fields = {}
        for name, index, convert in self._fields:
            if (value := convert(record[index])) is not None:
                fields[name] = value
        return facts

    def _cells_of_facts(self, ticket: TicketColumns) -> list[_Cell]:
        """The cells of all properties but the custom fields; a property without a column has none."""
        channel, department, status = ticket.channel, ticket.department, ticket.status
        priority, tags = ticket.priority or PriorityColumn(column="-"), ticket.tags or TagsColumn(column="-")
        no_status = REQUIRED if status.missing is None else status.typed(status.missing)
        no_channel, no_department = channel.missing or REQUIRED, department.missing or REQUIRED
        properties: tuple[tuple[str, Column | ColumnOrConstant | None, Convert, str, Any], ...] = (
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
            self._cell(name, part.column, fit, expected, missing)
            for name, part, fit, expected, missing in properties
            if part is not None and part.column is not None
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

    def _cell(self, name: str, column: str, fit: Convert, expected: str, missing: Any = None) -> _Cell:
        """A property, its place in a record, and how its text becomes a value."""

        def convert(text: str) -> Any:
            if text in self._markers:
                if missing is REQUIRED:
                    raise _Unfit(f"column {column!r}: has no value; expected {expected}")
                return missing
            try:
                return fit(text)
            except (ValueError, OverflowError):
                shown = text if len(text) <= 60 else text[:60] + "..."
                raise _Unfit(f"column {column!r}: {shown!r}; expected {expected}") from None

        return name, self._index[column], _Remembered(convert).__getitem__


def _truth(text: str) -> bool:
    if (word := text.lower()) not in _TRUTH:
        raise ValueError(text)
    return _TRUTH[word]


def _number(kind: FieldType, text: str) -> str:
    if not _NUMBERS[kind].fullmatch(text):
        raise ValueError(text)
    return text
