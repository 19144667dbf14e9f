"""XES logs (IEEE 1849): a trace is a case and an event the record after one revision, plain or packed by gzip (F-165).

The standard library's expat reads them, and no other library: it streams, knows lines, and tells of a document type
declaration before any entity of it counts, so that hostile input is refused by name. ElementTree's iterparse, on the
same expat, hides lines and declarations; defusedxml wraps ElementTree and has no stream to offer that does not.

An event is its own attributes and those of its trace, which stand before the events, as the standard says; a key in the
mapping is a key of the event, or with `trace.` before it one of the trace. Nested attributes, lists, extensions and
classifiers are passed over. So are the values of `<global>`: by the standard they are for events yet to be made, and
say nothing of an event that lacks one. Memory holds what one piece of the file tells.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.parsers import expat

from adapters.importers.mapping import SourceMapping, UnreadableInput
from adapters.importers.rows import listed
from adapters.importers.source_log import BATCH, Imported, OnProgress, Record, Send, SourceLog, import_log, must_be_file

OF_TRACE: Final = "trace."
"""Stands before the key of a trace's attribute among the columns of a mapping."""
PIECE: Final = 64 * 1024
"""Bytes read at once."""
LONGEST: Final = 8 * 1024 * 1024
"""Bytes that a tag or a comment may have, twice the longest text of a ticket; expat keeps an unfinished one whole."""
DEEPEST: Final = 100
"""How deep elements may stand in each other."""
_GZIP: Final = b"\x1f\x8b"
_COMPOSITE: Final = frozenset({"list", "container"})


def import_xes(
    path: Path,
    mapping: SourceMapping,
    send: Send,
    *,
    tip_before: int,
    on_progress: OnProgress | None = None,
    batch_size: int = BATCH,
) -> Imported:
    """Import an XES log as `import_log` does."""
    log = XesLog(path, mapping)
    return import_log(log, send, tip_before=tip_before, on_progress=on_progress, batch_size=batch_size)


class XesLog(SourceLog):
    """An XES file under a mapping; an instant without an offset is refused where the mapping names no zone."""

    FORMAT = "xes"
    COLUMN = "attribute"
    ZONE = None

    def records(self) -> Iterator[Record]:
        """The events in file order; a trace without events has no row."""
        reader, told = _XesReader(self.mapping.ticket.columns), 0
        try:
            for piece in _pieces(self.path):
                reader.feed(piece)
                told += len(reader.found)
                yield from reader.found
                reader.found.clear()
            reader.feed(b"", is_last=True)
        except _Damaged as damaged:
            raise UnreadableInput(f"{self.path}{damaged}") from None
        if not told:
            raise UnreadableInput(f"{self.path}: holds no event; expected at least one")
        if lacking := reader.lacking():
            raise UnreadableInput(
                f"{self.path}: no event has {listed(self.COLUMN, lacking)}, which the mapping"
                f" {self.mapping.source}@{self.mapping.version} reads; expected each on an event or declared as global"
            )


class _Damaged(ValueError):
    """What is wrong with the file, and where; which file is known to the caller."""


class _XesReader:
    """Collects the events that pieces of a file tell; `found` is the caller's to empty."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.found: list[Record] = []
        self._columns = columns
        self._of_trace = {name.removeprefix(OF_TRACE): i for i, name in enumerate(columns) if name.startswith(OF_TRACE)}
        self._of_event = {name: i for i, name in enumerate(columns) if not name.startswith(OF_TRACE)}
        self._is_seen = [False] * len(columns)
        self._blank: list[str | None] = [None] * len(columns)
        self._trace, self._event, self._depth = 0, 0, 0
        self._global: str | None = None
        self._trace_cells: list[str | None] | None = None
        """What the current trace says of each of its events; None outside traces."""
        self._cells: list[str | None] | None = None
        """What is known of the current event; None outside events."""
        self._event_line, self._event_depth, self._mark = 0, 0, 0
        self._fed = 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._declared

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Read on; _Damaged where the file is no XES."""
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            if not self._fed:
                raise _Damaged(": is empty; expected an XES log") from None
            said = f" line {error.lineno}{self._where()}: not XML: {expat.ErrorString(error.code)}"
            raise _Damaged(f"{said}; expected a whole XES log") from None
        except _Damaged:
            raise
        except (LookupError, ValueError):
            # The encoding was asked of Python's codecs, and some of them answer with errors of their own.
            raise _Damaged(" line 1: names an encoding that cannot be read; expected one such as UTF-8") from None
        if self._fed - self._parser.CurrentByteIndex > LONGEST:
            raise self._refusal(f"a tag or a comment is longer than {LONGEST} bytes; expected an XES log")

    def lacking(self) -> list[str]:
        """The columns that no event or trace had, and no global declared."""
        return [name for name, is_seen in zip(self._columns, self._is_seen, strict=True) if not is_seen]

    def _begin(self, name: str, said: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self._depth += 1
        if self._cells is not None:
            self._mark = hash((self._mark, self._depth, tag, *said.items()))
            if self._depth == self._event_depth + 1:
                self._take(self._of_event, self._cells, tag, said)
        elif self._depth == 1:
            if tag != "log":
                raise self._refusal(f"the root element is <{tag}>; expected <log>, as in XES")
        elif self._depth == 2 and tag == "trace":
            self._trace += 1
            self._event = 0
            self._trace_cells = self._blank.copy()
        elif tag == "event" and self._depth == (2 if self._trace_cells is None else 3):
            self._event += 1
            self._cells = (self._trace_cells or self._blank).copy()
            self._event_line, self._event_depth, self._mark = self._parser.CurrentLineNumber, self._depth, 0
        elif self._depth == 2:
            self._global = said.get("scope") if tag == "global" else None
        elif self._depth == 3:
            self._begin_attribute(tag, said)
        if self._depth > DEEPEST:
            raise self._refusal(f"elements stand more than {DEEPEST} deep in each other; expected an XES log")

    def _begin_attribute(self, tag: str, said: dict[str, str]) -> None:
        """An attribute of a trace, or the declaration of one by a global."""
        if self._trace_cells is not None:
            if self._event and said.get("key") in self._of_trace:
                raise self._refusal(
                    f"attribute {said['key']!r} of the trace stands behind an event; expected it before the first"
                )
            self._take(self._of_trace, self._trace_cells, tag, said)
        elif self._global in ("trace", "event"):
            places = self._of_trace if self._global == "trace" else self._of_event
            if (place := places.get(said.get("key", ""))) is not None:
                self._is_seen[place] = True

    def _take(self, places: dict[str, int], cells: list[str | None], tag: str, said: dict[str, str]) -> None:
        """Note an attribute where the mapping reads it."""
        if (place := places.get(said.get("key", ""))) is None:
            return
        if (value := said.get("value")) is None or tag in _COMPOSITE:
            raise self._refusal(f"attribute {said['key']!r} is a <{tag}> without one value; expected a plain attribute")
        if cells[place] is not None:
            raise self._refusal(f"attribute {said['key']!r} stands there twice; expected each key once")
        cells[place] = value
        self._is_seen[place] = True

    def _end(self, _name: str) -> None:
        if self._cells is not None and self._depth == self._event_depth:
            self.found.append((self._event_line, [cell or "" for cell in self._cells], self._mark, self._where()))
            self._cells = None
        elif self._depth == 2:
            self._trace_cells = self._global = None
        self._depth -= 1

    def _declared(self, *_: object) -> None:
        raise self._refusal(
            "holds a document type declaration (DOCTYPE), which could define entities; expected XES without one"
        )

    def _refusal(self, sentence: str) -> _Damaged:
        return _Damaged(f" line {self._parser.CurrentLineNumber}{self._where()}: {sentence}")

    def _where(self) -> str:
        of_trace = "" if self._trace_cells is None else f", trace {self._trace}"
        return of_trace if self._cells is None else f"{of_trace}, event {self._event}"


def _pieces(path: Path) -> Iterator[bytes]:
    """The file's bytes piece by piece, unpacked where it is packed, whatever its name."""
    must_be_file(path)
    unpacked = 0
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            read: Callable[[int], bytes] = gzip.GzipFile(fileobj=file).read if is_packed else file.read
            while piece := read(PIECE):
                unpacked += len(piece)
                yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        said = "it ends too early" if isinstance(error, EOFError) else error
        raise _Damaged(f": damaged gzip data behind byte {unpacked} of its content: {said}") from None
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be read: {error.strerror}") from None
