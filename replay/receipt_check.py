"""Receipts and log tell the same story: taken in order, the receipts' positions are 1, 2, 3 ... to the log's end.

A transaction numbers its receipts and places its events in one order, so both are read side by side, once, and a tail
that was cut from either is found by the other.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from replay.continuity import Course
from replay.evidence import DAMAGE, Codec, StoredLog, Values, leaves_of
from replay.findings import Findings, Unreadable
from replay.instants import is_instant

NEVER: Final = 1 << 63
"""Behind every position."""
_DIGEST_BYTES: Final = 32


class ReceiptCheck:
    """The receipts, walked beside the log."""

    def __init__(self, log: StoredLog, codec: Codec, courses: Mapping[str, Course], findings: Findings) -> None:
        self._log = log
        self._codec = codec
        self._courses = courses
        self._findings = findings
        self.count = 0
        self.is_readable = True
        self._last_at = ""
        self._last_position = 0

    def told(self) -> Iterator[tuple[int, Values]]:
        """Each position that a receipt names, with the receipt; at the end NEVER, for ever.

        To be asked for the first before any event is folded and for the next after each, since a receipt also tells
        versions as they were then.
        """
        try:
            yield from self._told()
        except Unreadable as damage:
            self._findings.add(str(damage), table="receipts", key=self.count + 1)
            self.is_readable = False
        while True:
            yield NEVER, ()

    def _told(self) -> Iterator[tuple[int, Values]]:
        read, written, courses = self._codec.answer, self._codec.written, self._courses
        for columns in self._log.receipts():
            leaves = leaves_of(self._codec.receipt_leaves, columns)
            for row, leaf in zip(zip(*columns, strict=True), leaves, strict=True):
                number, _, _, stream, digest, outcome, raw, _, recorded_at, stored = row
                self.count += 1
                answer: Any = None
                try:
                    answer = read(raw)
                    positions = answer.positions
                    fine = (
                        leaf == stored
                        and number == self.count
                        and written(answer) == raw
                        and (recorded_at == self._last_at or self._follows(recorded_at))
                        and (outcome == "accepted" if not answer.reasons else outcome == "refused" and not positions)
                        and len(digest) == _DIGEST_BYTES
                        and (not positions or (positions[0] > self._last_position and _is_rising(positions)))
                    )
                except DAMAGE:
                    fine = False
                if not fine and (answer := self._examined(row, leaf)) is None:
                    continue
                self._last_at = recorded_at
                for position in answer.positions:
                    self._last_position = position
                    yield position, row
                # All its events were folded, so its versions are those of now.
                course = courses.get(stream)
                version = 0 if course is None else course.version
                if answer.versions != ((stream, version),):
                    told = ", ".join(f"{one}@{at}" for one, at in answer.versions) or "nothing"
                    self._fault(row, f"says that {told} was its version, and it was {version}")

    def _follows(self, recorded_at: str) -> bool:
        return recorded_at > self._last_at and is_instant(recorded_at)

    def _examined(self, row: Values, leaf: bytes) -> Any:
        """Say what is wrong with a receipt; its answer where it can still be believed."""
        number, _, _, stream, digest, outcome, raw, _, recorded_at, stored = row
        if number != self.count:
            self._misnumbered(number)
        if leaf != stored:
            self._fault(row, "is not what its leaf was made of")
            return None
        try:
            answer = self._codec.answer(raw)
            if self._codec.written(answer) != raw:
                raise ValueError("it is not written as our encoder writes it")
        except DAMAGE as error:
            self._fault(row, f"cannot be read: {error}")
            return None
        wanted = "refused" if answer.reasons else "accepted"
        if outcome != wanted or (answer.positions and answer.reasons):
            self._fault(row, f"says {outcome!r} and holds the answer of one that was {wanted}")
        if not isinstance(digest, bytes) or len(digest) != _DIGEST_BYTES or not isinstance(stream, str):
            self._fault(row, "has no digest of 32 bytes, or no stream")
            return None
        if not is_instant(recorded_at) or recorded_at < self._last_at:
            self._fault(row, f"was recorded at {recorded_at!r}, which is no instant or before the one in front of it")
            return None
        if answer.positions and not (answer.positions[0] > self._last_position and _is_rising(answer.positions)):
            self._fault(row, "names positions that do not follow on those before")
            return None
        return answer

    def _misnumbered(self, number: object) -> None:
        reason = f"receipt {self.count} is missing: {number} follows {self.count - 1}"
        self._findings.add(reason, table="receipts", key=self.count)
        self.count = number if isinstance(number, int) and number > self.count else self.count

    def _fault(self, row: Values, said: str) -> None:
        self._findings.add(f"receipt {row[0]} {said}", table="receipts", key=row[0])


def _is_rising(positions: tuple[int, ...]) -> bool:
    return len(positions) == 1 or [*positions] == sorted({*positions})


def lacking(receipt: Values) -> str:
    """What is said of a position that a receipt names and the log does not have."""
    return f"receipt {receipt[0]} names it as an event of command {receipt[1]!r}, and the log does not have it"


def differences(receipt: Values, stream: str, recorded_at: str, via: str, command_id: str) -> str | None:
    """What contradicts between an event and the receipt that names it; None where nothing does."""
    if command_id != receipt[1]:
        return f"receipt {receipt[0]} has it as an event of command {receipt[1]!r}, and it names {command_id!r}"
    if (stream, recorded_at, via) != (receipt[3], receipt[8], receipt[7]):
        return f"it and receipt {receipt[0]} differ in stream, door or instant"
    return None
