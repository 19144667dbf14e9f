"""A foreign log on its way in, whatever its format: rows become `ImportRevision` commands, sent in batches (F-165).

The file is read twice. The first pass validates every row, so that damaged input is refused before anything is
written; the second sends batches. Memory holds one batch, bounded caches, two numbers a case and the skipped rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

from pydantic import TypeAdapter

from adapters.importers.mapping import Format, SourceMapping, UnreadableInput
from adapters.importers.rows import Row, RowReader, Unfit
from commands.importing import ImportRevision, RowFacts, revision_id
from domain.receipts import Outcome, Receipt
from domain.refusals import SourceRewritten

BATCH: Final = 500
"""Rows a batch: what the bus records in one transaction (design section 10, S3)."""

Send: TypeAlias = Callable[[Sequence[ImportRevision]], Sequence[Receipt]]
"""Has a batch decided and recorded; answers with one receipt a command, in the same order."""
OnProgress: TypeAlias = Callable[[int, int | None], None]
"""Hears rows done and rows in all; the second is None while the file is still being checked."""
Record: TypeAlias = tuple[int, Sequence[str], Hashable, str]
"""Of a source row: its line, the texts of the mapping's columns in their order (empty where it has none), a value that
is the same for another row only if all that the file says of both is, and what to add to the line to find it."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that was not imported, and why."""

    line: int
    """Where the row begins in the file, whose first line is 1; of a packed file, in what it unpacks to."""
    case: str
    code: str
    sentence: str


@dataclass(slots=True)
class Imported:
    """What an import did; `rows` is the sum of `rows_added`, `rows_known`, `rows_dropped` and the skipped ones."""

    tickets: int = 0
    """Cases in the file, imported before or not."""
    rows: int = 0
    rows_added: int = 0
    rows_known: int = 0
    """Rows that an earlier run recorded already."""
    rows_duplicate: int = 0
    """Rows that equal the row before them in their case in all that the file says."""
    rows_dropped: int = 0
    """Those of them that were left out, because the mapping says so."""
    events_added: int = 0
    """Events of this run alone."""
    rows_skipped: list[SkippedRow] = field(default_factory=list)


_FACTS: Final = TypeAdapter(RowFacts).validate_python
_REVISION: Final = TypeAdapter(ImportRevision).validate_python


class SourceLog(ABC):
    """One file under one mapping, read as often as asked; the second reading finds its values converted."""

    FORMAT: ClassVar[Format]
    COLUMN: ClassVar[str]
    """What the format calls a column."""
    ZONE: ClassVar[str | None]
    """The zone of instants without an offset where the mapping names none; None where they are refused."""

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        """UnreadableInput where the mapping is not for files of this format."""
        if self.FORMAT not in mapping.reads:
            raise UnreadableInput(
                f"{path}: cannot be read as {self.FORMAT} by the mapping {mapping.source}@{mapping.version};"
                f" expected a mapping whose reads name {self.FORMAT}, not only {' and '.join(mapping.reads)}"
            )
        self.path = path
        self.mapping = mapping
        self._reader = RowReader(mapping, self.COLUMN, self.ZONE)

    @abstractmethod
    def records(self) -> Iterator[Record]:
        """The rows of the file in its order, at least one; UnreadableInput where it is damaged."""

    def check(self, on_progress: OnProgress | None = None) -> int:
        """The number of rows, all of which fit the mapping; UnreadableInput names the first that does not."""
        rows = 0
        for rows, _ in enumerate(self._rows(), start=1):
            if on_progress is not None and rows % BATCH == 0:
                on_progress(rows, None)
        return rows

    def revisions(self, result: Imported) -> Iterator[tuple[int, ImportRevision]]:
        """Each row's line and command, in file order; `result` is told of the rows that equal the one before them."""
        source, prefix, is_dropping = self.mapping.source, self.mapping.id_prefix, self.mapping.duplicates == "drop"
        last: dict[str, tuple[int, int | None]] = {}
        seen: dict[str, Any] = {}
        facts: RowFacts | None = None
        for line, (case, occurred_at, actor, row_facts), whole in self._rows():
            before, mark_before = last.get(case, (0, None))
            if (mark := hash(whole)) == mark_before:
                result.rows_duplicate += 1
                if is_dropping:
                    result.rows += 1
                    result.rows_dropped += 1
                    continue
            ordinal = before + 1
            last[case] = ordinal, mark
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

    def _rows(self) -> Iterator[tuple[int, Row, Hashable]]:
        """Every row's line, each of its values as the ticket will have it, and what tells it from others."""
        read = self._reader.read
        for line, cells, whole, where in self.records():
            try:
                yield line, read(cells), whole
            except Unfit as unfit:
                raise UnreadableInput(f"{self.path} line {line}{where}, {unfit}") from None


def import_log(
    log: SourceLog,
    send: Send,
    *,
    tip_before: int,
    on_progress: OnProgress | None = None,
    batch_size: int = BATCH,
) -> Imported:
    """Import a log; receipts numbered above `tip_before` are new, the others are answers to an earlier run.

    UnreadableInput, and nothing sent, where the file is damaged or does not fit the mapping. Whatever `send` raises
    passes through; importing again goes on where it stopped, because a row's command id follows from its place.
    """
    result = Imported()
    total = log.check(on_progress)
    revisions = log.revisions(result)
    while batch := list(islice(revisions, batch_size)):
        receipts = send([revision for _, revision in batch])
        for (line, revision), receipt in zip(batch, receipts, strict=True):
            _count(result, line, revision, receipt, tip_before)
        if on_progress is not None:
            on_progress(result.rows, total)
    return result


def must_be_file(path: Path) -> None:
    """UnreadableInput where the path is something that cannot be read twice, such as a pipe or a folder."""
    if path.exists() and not path.is_file():
        raise UnreadableInput(f"{path}: cannot be read twice; expected a file")


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
