"""Every row of the log: its place, its leaf, its bytes, what it follows on, and who answers for it.

One pass in position order, a few microseconds a row. The fast path asks whether all is well; only a row where it is not
is looked at again, check by check, to say what is wrong.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from domain.integrity import Frontier
from replay.continuity import BEGINNINGS, KINDS, STEPS, Course, Step
from replay.evidence import Codec, StoredLog, StoredRow
from replay.findings import Findings, Unreadable
from replay.instants import is_instant
from replay.receipt_check import ReceiptCheck
from replay.side_check import ClaimCheck, KeyCheck

_TEXTS: Final = {
    1: "stream",
    3: "name",
    8: "actor",
    9: "via",
    10: "judged_by",
    11: "command_id",
    12: "correlation_id",
    13: "cause",
    14: "rule",
}
_LEAVES: Final = 2_000
_DAMAGE: Final = (TypeError, ValueError, AttributeError, OverflowError)


class _Form(NamedTuple):
    """What is done with the events of a stored name."""

    read: Callable[[bytes], Any]
    personal: tuple[str, ...]
    step: Step
    kind: str
    begins: bool
    takes_key: bool
    opens: bool
    erases: bool


class _Forms(dict[tuple[str, int], _Form]):
    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self._codec = codec

    def __missing__(self, stored: tuple[str, int]) -> _Form:
        name, schema = stored
        personal = self._codec.personal(name, schema)
        read = self._codec.reader(name, schema)
        if name not in STEPS:
            raise ValueError(f"{name} has no place in a history")
        opens = name == "ticket.opened"
        kind = KINDS[name.partition(".")[0]]
        begins = name in BEGINNINGS or not name.startswith("ticket.")
        takes_key = opens or name == "ticket.customer_replied"
        form = _Form(read, personal, STEPS[name], kind, begins, takes_key, opens, name == "contact.erased")
        self[stored] = form
        return form


class LogCheck:
    """The log with its receipts, keys, claims and numbers. After `run`, `frontiers` has the wanted heads."""

    def __init__(self, log: StoredLog, codec: Codec, findings: Findings, wanted: Iterable[int]) -> None:
        """`wanted` are the sizes whose frontier is asked for, beside that of the end."""
        self._log = log
        self._codec = codec
        self._findings = findings
        self._forms = _Forms(codec)
        self._courses: dict[str, Course] = {}
        self._keys = KeyCheck(log, findings)
        self._claims = ClaimCheck(log, findings)
        self._receipts = ReceiptCheck(log.receipts(), codec, self._courses, findings)
        self._wanted = set(wanted)
        self.frontiers: dict[int, Frontier] = {0: Frontier()}
        self.frontier = Frontier()
        self.events = 0
        self.last = 0
        self._last_at = ""

    @property
    def receipts(self) -> int:
        """How many receipts there are."""
        return self._receipts.count

    def run(self, on_progress: Callable[[int], None]) -> None:
        """Check all; says every so often how many rows are done."""
        is_whole = True
        try:
            for batch in _batches(self._log.rows()):
                self._extend(self._rows(batch))
                self.events += len(batch)
                on_progress(self.events)
        except Unreadable as damage:
            is_whole = False
            self._findings.add(str(damage), position=damage.position or self.last + 1)
        self._receipts.end(is_whole=is_whole)
        if is_whole:
            self._keys.end()
            self._claims.end()

    def _extend(self, leaves: list[bytes]) -> None:
        """Take the leaves into the tree, stopping at the sizes that are wanted."""
        begin, size = 0, self.frontier.size
        for stop in sorted(one for one in self._wanted if size < one <= size + len(leaves)):
            self.frontier = self.frontier.extended(leaves[begin : stop - size])
            self.frontiers[stop] = self.frontier
            begin = stop - size
        self.frontier = self.frontier.extended(leaves[begin:])

    def _rows(self, batch: list[StoredRow]) -> list[bytes]:
        """Check a batch; its leaves.

        Long because: what is done for every row stands in one loop, where a call a check would double its time.
        """
        forms, courses, leaf_of = self._forms, self._courses, self._codec.leaf
        receipted, known, unused = self._receipts.event, self._keys.known, self._keys.unused
        last, last_at = self.last, self._last_at
        leaves: list[bytes] = []
        for row in batch:
            position, stream, version, name, schema, data, occurred_at, recorded_at = row[:8]
            form, event, course, leaf = None, None, None, b""
            try:
                leaf = leaf_of(row)
                form = forms[name, schema]
                event = form.read(data)
                course = courses.get(stream)
                if course is None:
                    course = courses[stream] = Course()
                fine = (
                    leaf == row[15]
                    and position == last + 1
                    and version == course.version + 1
                    and (recorded_at == last_at or (recorded_at > last_at and is_instant(recorded_at)))
                    and is_instant(occurred_at)
                    and (course.has_begun or form.begins)
                    and stream.startswith(form.kind)
                    and row[12].__class__ is str
                )
            except _DAMAGE:
                fine = False
            if not fine:
                self.last, self._last_at = last, last_at
                leaf, event, form, course = self._examined(row)
            leaves.append(leaf)
            last = max(last, position)
            last_at = recorded_at if recorded_at.__class__ is str and recorded_at > last_at else last_at
            if course is None:
                continue
            course.version = version
            if event is not None and form is not None:
                if (fault := form.step(course, event)) is not None:
                    self._findings.add(f"{name} contradicts those before it: {fault}", position=position)
                for field in form.personal:
                    if (value := getattr(event, field)) is not None:
                        sealed = value.sealed
                        mark = hash((sealed.key, sealed.subject))
                        if mark in known:
                            unused.discard(mark)
                        elif (fault := self._keys.lacking(sealed.key, sealed.subject, position)) is not None:
                            self._findings.add(fault, position=position)
                if form.takes_key or form.erases:
                    self._took(form, event, row)
            if (fault := receipted(position, stream, recorded_at, row[9], row[11])) is not None:
                self._findings.add(fault, position=position)
            if row[13] != "" and (fault := self._cause_fault(row)) is not None:
                self._findings.add(fault, position=position)
        self.last, self._last_at = last, last_at
        return leaves

    def _took(self, form: _Form, event: Any, row: StoredRow) -> None:
        position, stream, version = row[:3]
        if form.erases:
            self._keys.erased(stream, event.keys, position)
            return
        if form.opens and (fault := self._claims.opened(event.number)) is not None:
            self._findings.add(fault, position=position)
        if event.message_key is not None:
            self._claims.took(event.message_key, stream, version)

    def _cause_fault(self, row: StoredRow) -> str | None:
        cause = row[13]
        if not isinstance(cause, str):
            return "its cause is no text"
        stream, _, digits = cause.rpartition("@")
        course = self._courses.get(stream)
        version = int(digits) if digits.isascii() and digits.isdecimal() else 0
        last = 0 if course is None else course.version - (stream == row[1])
        if 1 <= version <= last and str(version) == digits:
            return None
        return f"it names {cause} as its cause, and no earlier event is there"

    def _examined(self, row: StoredRow) -> tuple[bytes, Any, _Form | None, Course | None]:
        """Say all that is wrong with a row; what of it can still be used."""
        position, stream, version, name, schema, data, occurred_at, recorded_at = row[:8]
        faults: list[str] = []
        if position != self.last + 1:
            self._misplaced(position)
        faults += [f"{word} is no text" for at, word in _TEXTS.items() if not isinstance(row[at], str)]
        leaf = self._leaf(row, faults)
        form: _Form | None = None
        event: Any = None
        try:
            form = self._forms[name, schema]
            event = form.read(data)
        except _DAMAGE as error:
            faults.append(f"its event cannot be read: {error}")
        if not is_instant(recorded_at):
            faults.append(f"recorded_at is no instant: {recorded_at!r}")
        elif recorded_at < self._last_at:
            faults.append(f"it was recorded at {recorded_at}, before the one in front of it")
        if not is_instant(occurred_at):
            faults.append(f"occurred_at is no instant: {occurred_at!r}")
        course: Course | None = None
        if isinstance(stream, str):
            course = self._courses.setdefault(stream, Course())
            if version != course.version + 1:
                faults.append(f"it is version {version} of {stream} where {course.version + 1} follows")
            if form is not None and not stream.startswith(form.kind):
                faults.append(f"{name} stands in the stream {stream}")
                event = None
            elif form is not None and not (course.has_begun or form.begins):
                faults.append(f"{name} begins the stream {stream}")
                event = None
            if not isinstance(version, int):
                course = None
        for fault in faults:
            self._findings.add(fault, position=position)
        return leaf, event, form, course

    def _leaf(self, row: StoredRow, faults: list[str]) -> bytes:
        """The leaf of a damaged row, recomputed where that is possible."""
        stored: bytes = row[15] if isinstance(row[15], bytes) else b""
        try:
            leaf = self._codec.leaf(row)
        except _DAMAGE as error:
            faults.append(f"its leaf cannot be computed: {error}")
            return stored
        if leaf != row[15]:
            faults.insert(0, "the row is not what its leaf was made of")
        return leaf

    def _misplaced(self, position: int) -> None:
        missing = self.last + 1
        if position < missing:
            self._findings.add(f"it stands at {position} where {missing} follows", position=position)
            return
        said = f"position {missing} is" if position == missing + 1 else f"positions {missing} to {position - 1} are"
        self._findings.add(f"{said} missing: {position} follows {self.last}", position=missing)


def _batches(rows: Iterator[StoredRow]) -> Iterator[list[StoredRow]]:
    batch: list[StoredRow] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == _LEAVES:
                yield batch
                batch = []
    except Unreadable:
        # What could be read before the damage is checked first; whoever takes the batches hears of it then.
        yield batch
        raise
    yield batch
