"""CSV logs: a header names the columns, and a row is the record after one revision (F-165, design section 4)."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from adapters.importers.mapping import SourceMapping, UnreadableInput
from adapters.importers.rows import listed
from adapters.importers.source_log import BATCH, Imported, OnProgress, Record, Send, SourceLog, import_log, must_be_file


def import_csv(
    path: Path,
    mapping: SourceMapping,
    send: Send,
    *,
    tip_before: int,
    on_progress: OnProgress | None = None,
    batch_size: int = BATCH,
) -> Imported:
    """Import a CSV log as `import_log` does."""
    log = CsvLog(path, mapping)
    return import_log(log, send, tip_before=tip_before, on_progress=on_progress, batch_size=batch_size)


class CsvLog(SourceLog):
    """A CSV file under a mapping; instants without an offset are UTC where the mapping names no zone."""

    FORMAT = "csv"
    COLUMN = "column"
    ZONE = "UTC"

    def records(self) -> Iterator[Record]:
        """The rows behind the header, of which each has as many fields."""
        path = self.path
        records = _records(path, self.mapping.csv.delimiter)
        _, header = next(records, (0, None))
        if header is None:
            raise UnreadableInput(f"{path}: is empty; expected a header and rows")
        _check_header(path, header, self.mapping)
        cells_of, width, record = _picker(header, self.mapping.ticket.columns), len(header), None
        for line, record in records:
            if len(record) != width:
                raise UnreadableInput(
                    f"{path} line {line}: has {len(record)} fields; expected {width}, as in the header"
                )
            yield line, cells_of(record), tuple(record), ""
        if record is None:
            raise UnreadableInput(f"{path}: has a header and no rows; expected at least one row")


def _picker(header: Sequence[str], columns: Sequence[str]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Picks the cells of the columns from a record of the file."""
    places = [header.index(name) for name in columns]
    return itemgetter(*places, places[0])  # one more, because a single one would not be a tuple


def _check_header(path: Path, header: list[str], mapping: SourceMapping) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise UnreadableInput(
            f"{path} line 1: the header names {listed('column', repeated)} twice; expected each column once"
        )
    missing = [name for name in mapping.ticket.columns if name not in header]
    if missing:
        raise UnreadableInput(
            f"{path} line 1: the header lacks {listed('column', missing)}, which the mapping"
            f" {mapping.source}@{mapping.version} reads; expected fields separated by {mapping.csv.delimiter!r}"
        )


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The lines at which records begin, with their fields; blank lines hold nothing and are passed over."""
    line = 1
    must_be_file(path)
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
