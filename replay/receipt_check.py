"""Receipts and log tell the same story: taken in order, the receipts' positions are 1, 2, 3 ... to the log's end.

A transaction numbers its receipts and places its events in one order, so both are read side by side, once, and a tail
that was cut from either is found by the other.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.receipts import Answer
from replay.continuity import Course
from replay.evidence import Codec, Values
from replay.findings import Findings, Unreadable
from replay.instants import is_instant

_NEVER: Final = 1 << 63
"""Behind every position."""
_DIGEST_BYTES: Final = 32


class ReceiptCheck:
    """The receipts, walked beside the log: `event` for each of its rows, then `end`."""

    def __init__(self, rows: Iterator[Values], codec: Codec, courses: Mapping[str, Course], findings: Findings) -> None:
        self._rows = rows
        self._leaf_of = codec.receipt_leaf
        self._answer_of = codec.answer
        self._courses = courses
        self._findings = findings
        self.count = 0
        self._answered_at = ""
        self._last_position = 0
        self._positions: tuple[int, ...] = ()
        self._place = 0
        self._is_readable = True
        self._row: Values = ()
        self._answer = Answer()
        self.next_position = 0
        self._next()

    def event(self, position: int, stream: str, recorded_at: str, via: str, command_id: str) -> str | None:
        """What contradicts between a row of the log, already folded, and its receipt; None where nothing does."""
        while self.next_position < position:
            self._findings.add(self._lacking(), position=self.next_position)
            self._pass()
        if self.next_position > position:
            return "no receipt answers for it" if self._is_readable else None
        row = self._row
        fault = None
        if command_id != row[1]:
            fault = f"receipt {row[0]} has it as an event of command {row[1]!r}, and it names {command_id!r}"
        elif recorded_at != row[8] or via != row[7] or stream != row[3]:
            fault = f"it and receipt {row[0]} differ in stream, door or instant"
        self._pass()
        return fault

    def end(self, *, is_whole: bool) -> None:
        """The log is at its end; where it is not whole, events that are not there are no finding."""
        while self.next_position < _NEVER:
            if is_whole:
                self._findings.add(self._lacking(), position=self.next_position)
            self._pass()

    def _lacking(self) -> str:
        return f"receipt {self._row[0]} names it as an event of command {self._row[1]!r}, and the log does not have it"

    def _pass(self) -> None:
        self._place += 1
        if self._place < len(self._positions):
            self.next_position = self._positions[self._place]
        else:
            self._close()
            self._next()

    def _close(self) -> None:
        """All its events were folded, so its versions are those of now."""
        row, versions = self._row, self._answer.versions
        stream = row[3]
        course = self._courses.get(stream)
        now = ((stream, 0 if course is None else course.version),)
        if versions != now:
            self._fault(row, f"says that {_versions(versions)} was its version, and it was {now[0][1]}")

    def _next(self) -> None:
        """On to the next receipt with events."""
        try:
            for row in self._rows:
                answer = self._examined(row)
                if answer is None:
                    continue
                self._row, self._answer = row, answer
                if answer.positions:
                    self._positions, self._place = answer.positions, 0
                    self._last_position = answer.positions[-1]
                    self.next_position = answer.positions[0]
                    return
                self._close()
        except Unreadable as damage:
            self._findings.add(str(damage), table="receipts", key=self.count + 1)
            self._is_readable = False
        self._positions, self.next_position = (), _NEVER

    def _examined(self, row: Values) -> Answer | None:
        """The answer of a receipt; None, with a finding, where it cannot be believed."""
        number, _, _, stream, digest, outcome, raw, _, recorded_at, leaf = row
        self.count += 1
        try:
            if number != self.count:
                self._misnumbered(number)
            if self._leaf_of(row) != leaf:
                self._fault(row, "is not what its leaf was made of")
                return None
            answer = self._answer_of(raw)
            accepted = outcome == "accepted"
            positions = answer.positions
            fine = (
                (accepted or (outcome == "refused" and not positions and bool(answer.reasons)))
                and not (accepted and answer.reasons)
                and len(digest) == _DIGEST_BYTES
                and stream.__class__ is str
                and (recorded_at == self._answered_at or (recorded_at > self._answered_at and is_instant(recorded_at)))
            )
            if len(positions) == 1:
                fine = fine and positions[0] > self._last_position
            elif positions:
                fine = fine and positions[0] > self._last_position and [*positions] == sorted({*positions})
        except (TypeError, ValueError) as error:
            self._fault(row, f"cannot be read: {error}")
            return None
        self._answered_at = recorded_at
        if not fine:
            self._fault(row, "contradicts itself or those before it: outcome, reasons, positions or instant")
            return None
        return answer

    def _misnumbered(self, number: object) -> None:
        reason = f"receipt {self.count} is missing: {number} follows {self.count - 1}"
        self._findings.add(reason, table="receipts", key=self.count)
        self.count = number if isinstance(number, int) and number > self.count else self.count

    def _fault(self, row: Values, said: str) -> None:
        self._findings.add(f"receipt {row[0]} {said}", table="receipts", key=row[0])


def _versions(versions: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{stream}@{version}" for stream, version in versions) or "nothing"
