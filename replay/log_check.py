"""Every row of the log: its place, its leaf, its bytes, what it follows on, and who answers for it.

One pass in position order, a few microseconds a row. The fast path asks whether all is well; only a row where it is not
is looked at again, check by check, to say what is wrong.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from domain.integrity import Frontier
from replay.continuity import BEGINNINGS, KINDS, STEPS, Course, Step
from replay.evidence import DAMAGE, Codec, Columns, StoredLog, StoredRow, leaves_of
from replay.findings import Findings, Unreadable
from replay.instants import is_instant
from replay.receipt_check import NEVER, ReceiptCheck, differences, lacking
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


class _Form(NamedTuple):
    """What is done with the events of a stored name."""

    read: Callable[[bytes], Any]
    personal: tuple[str, ...]
    step: Step
    kind: str
    begins: bool
    """Whether it can be the first of its stream."""
    is_counted: bool
    """Whether it takes a number or a key, or destroys keys."""


class _Forms(dict[tuple[str, int], _Form]):
    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self._codec = codec

    def __missing__(self, stored: tuple[str, int]) -> _Form:
        name, schema = stored
        personal, read = self._codec.personal(name, schema), self._codec.reader(name, schema)
        if name not in STEPS:
            raise ValueError(f"{name} has no place in a history")
        kind = KINDS[name.partition(".")[0]]
        begins = name in BEGINNINGS or kind != "ticket:"
        is_counted = name in ("ticket.opened", "ticket.adopted", "ticket.customer_replied", "contact.erased")
        form = self[stored] = _Form(read, personal, STEPS[name], kind, begins, is_counted)
        return form


class LogCheck:
    """The log with its receipts, keys, claims and numbers. After `run`, `frontiers` has the wanted heads."""

    def __init__(self, log: StoredLog, codec: Codec, findings: Findings, wanted: Iterable[int]) -> None:
        """`wanted` are the sizes whose frontier is asked for, beside that of the end."""
        self._log = log
        self._codec = codec
        self._findings = findings
        self._forms = _Forms(codec)
        self._courses: defaultdict[str, Course] = defaultdict(Course)
        self._keys = KeyCheck(log, findings)
        self._claims = ClaimCheck(log, findings)
        self._receipts = ReceiptCheck(log, codec, self._courses, findings)
        self._told = self._receipts.told()
        self._want = next(self._told)
        self._wanted = set(wanted)
        self.frontiers: dict[int, Frontier] = {0: Frontier()}
        self.frontier = Frontier()
        self.events = 0
        self._last = 0
        self._last_at = ""

    @property
    def receipts(self) -> int:
        """How many receipts there are."""
        return self._receipts.count

    def run(self, on_progress: Callable[[int], None]) -> None:
        """Check all; says every so often how many rows are done."""
        is_whole = True
        try:
            for columns in self._log.rows():
                leaves = leaves_of(self._codec.leaves, columns)
                self._check(columns, leaves)
                self._extend(leaves)
                self.events += len(leaves)
                on_progress(self.events)
        except Unreadable as damage:
            is_whole = False
            self._findings.add(str(damage), position=damage.position or self._last + 1)
        while self._want[0] < NEVER:
            if is_whole:
                self._findings.add(lacking(self._want[1]), position=self._want[0])
            self._want = next(self._told)
        if is_whole:
            self._keys.end()
            self._claims.end()
        # A hundred megabytes at a million events, which the projections may need next.
        self._courses.clear()

    def _extend(self, leaves: list[bytes]) -> None:
        """Take the leaves into the tree, stopping at the sizes that are wanted."""
        begin, size = 0, self.frontier.size
        for stop in sorted(one for one in self._wanted if size < one <= size + len(leaves)):
            self.frontier = self.frontier.extended(leaves[begin : stop - size])
            self.frontiers[stop] = self.frontier
            begin = stop - size
        self.frontier = self.frontier.extended(leaves[begin:])

    def _check(self, columns: Columns, leaves: Sequence[bytes]) -> None:
        """Check some rows.

        Long because: what is done for every row stands in one loop, where a call a check would double its time.
        """
        forms, courses, written, told = self._forms, self._courses, self._codec.written, self._told
        known, unused = self._keys.known, self._keys.unused
        last, last_at, want, last_occurred = self._last, self._last_at, self._want, ""
        for row in zip(*columns, leaves, strict=True):
            (
                position,
                stream,
                version,
                name,
                schema,
                data,
                occurred_at,
                recorded_at,
                _,
                via,
                _,
                command_id,
                correlation_id,
                cause,
                _,
                stored,
                leaf,
            ) = row
            event: Any = None
            form, course = _NO_FORM, _NO_COURSE
            try:
                form = forms[name, schema]
                event = form.read(data)
                course = courses[stream]
                fine = (
                    leaf == stored
                    and position == last + 1
                    and version == course.version + 1
                    and written(event) == data
                    and (recorded_at == last_at or (recorded_at > last_at and is_instant(recorded_at)))
                    and (occurred_at == last_occurred or is_instant(occurred_at))
                    and correlation_id.__class__ is str
                    and (course.kind == form.kind or self._belongs(course, form, stream))
                )
            except DAMAGE:
                fine = False
            if fine:
                last = position
                last_at = recorded_at
                last_occurred = occurred_at
                course.version = version
            else:
                self._last, self._last_at = last, last_at
                event, form, course = self._examined(row)
                last = max(last, position)
                last_at = recorded_at if is_instant(recorded_at) and recorded_at > last_at else last_at
                course.version = version if isinstance(version, int) else course.version
            if event is not None:
                _, personal, step, _, _, is_counted = form
                if (fault := step(course, event)) is not None:
                    self._findings.add(f"{name} contradicts those before it: {fault}", position=position)
                for field in personal:
                    if (value := getattr(event, field)) is not None:
                        sealed = value.sealed
                        mark = hash((sealed.key, sealed.subject))
                        if mark in known:
                            unused.discard(mark)
                        elif (fault := self._keys.lacking(sealed.key, sealed.subject, position)) is not None:
                            self._findings.add(fault, position=position)
                if is_counted:
                    self._count(event, row)
            if cause != "" and (fault := self._cause_fault(row)) is not None:
                self._findings.add(fault, position=position)
            wanted, receipt = want
            if (
                position == wanted
                and command_id == receipt[1]
                and recorded_at == receipt[8]
                and via == receipt[7]
                and stream == receipt[3]
            ):
                want = next(told)
            else:
                want = self._unanswered(row, want)
        self._last, self._last_at, self._want = last, last_at, want

    def _count(self, event: Any, row: StoredRow) -> None:
        """What an event takes or destroys beside its stream."""
        position, stream, version, name = row[:4]
        if name == "contact.erased":
            self._keys.erased(stream, event.keys, position)
            return
        takes_number = name in ("ticket.opened", "ticket.adopted")
        if takes_number and (fault := self._claims.opened(event.number)) is not None:
            self._findings.add(fault, position=position)
        if name != "ticket.adopted" and event.message_key is not None:
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

    def _unanswered(self, row: StoredRow, want: tuple[int, Any]) -> tuple[int, Any]:
        """Say how an event and the receipts contradict each other; what they tell next."""
        position = row[0]
        while want[0] < position:
            self._findings.add(lacking(want[1]), position=want[0])
            want = next(self._told)
        if want[0] > position:
            if self._receipts.is_readable:
                self._findings.add("no receipt answers for it", position=position)
            return want
        if (fault := differences(want[1], row[1], row[7], row[9], row[11])) is not None:
            self._findings.add(fault, position=position)
        return next(self._told)

    def _examined(self, row: StoredRow) -> tuple[Any, _Form, Course]:
        """Say all that is wrong with a row; its event where it can still be used, what to do with it, its stream."""
        position, stream, version, name, schema, data, occurred_at, recorded_at = row[:8]
        leaf = row[16]
        faults: list[str] = []
        if position != self._last + 1:
            self._misplaced(position)
        if leaf != row[15]:
            faults.append("the row is not what its leaf was made of" if leaf else "it has no leaf: it cannot be framed")
        faults += [f"{word} is no text" for at, word in _TEXTS.items() if not isinstance(row[at], str)]
        event, form = None, _NO_FORM
        try:
            form = self._forms[name, schema]
            event = form.read(data)
            if self._codec.written(event) != data:
                faults.append("its event is not written as our encoder writes it")
        except DAMAGE as error:
            faults.append(f"its event cannot be read: {error}")
        if not is_instant(recorded_at):
            faults.append(f"recorded_at is no instant: {recorded_at!r}")
        elif recorded_at < self._last_at:
            faults.append(f"it was recorded at {recorded_at}, before the one in front of it")
        if not is_instant(occurred_at):
            faults.append(f"occurred_at is no instant: {occurred_at!r}")
        course = self._courses[stream]
        if version != course.version + 1:
            faults.append(f"it is version {version!r} of {stream} where {course.version + 1} follows")
        if event is not None and not self._belongs(course, form, str(stream)):
            faults.append(f"{name} has no place there in the stream {stream}")
            event = None
        for fault in faults:
            self._findings.add(fault, position=position)
        return event, form, course

    def _belongs(self, course: Course, form: _Form, stream: str) -> bool:
        """Whether an event may stand in a stream, and may begin it where it is the first."""
        if course.kind is None and form.begins and stream.startswith(form.kind):
            course.kind = form.kind
        return course.kind == form.kind

    def _misplaced(self, position: int) -> None:
        missing = self._last + 1
        if position < missing:
            self._findings.add(f"it stands at {position} where {missing} follows", position=position)
            return
        said = f"position {missing} is" if position == missing + 1 else f"positions {missing} to {position - 1} are"
        self._findings.add(f"{said} missing: {position} follows {self._last}", position=missing)


def _no_event(_raw: bytes) -> Any:
    raise ValueError("it is no event")


_NO_FORM: Final = _Form(_no_event, (), STEPS["ticket.revision_noted"], "", begins=False, is_counted=False)
_NO_COURSE: Final = Course()
