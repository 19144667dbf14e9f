"""What a verification finds and says: each fault with its place and one sentence, the first bad position, the pin."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

KEPT: Final = 20
"""How many findings are kept with their reasons; all are counted."""

Anchored = Literal["pinned", "consistent, not anchored", "not consistent"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault."""

    position: int | None
    """The place in the log; None where the fault is beside the log."""
    table: str
    """The table it is in."""
    key: str
    """Which row of the table, as its key columns have it; empty where it is the table itself."""
    reason: str
    """What is wrong, in one sentence."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A head that was written down elsewhere: what the log's first events must still hash to."""

    position: int
    head: str

    def __str__(self) -> str:
        return f"{self.position}:{self.head}"


def parse_pin(text: str) -> Pin:
    """A pin from `POSITION:HEAD`; ValueError that says what was expected."""
    position, separator, head = text.partition(":")
    if not separator or not (position.isascii() and position.isdecimal()):
        raise ValueError(f"{text!r} is not a pin; write POSITION:HEAD, such as 1200:9f86d0...")
    head = head.lower()
    if len(head) != 64 or any(sign not in "0123456789abcdef" for sign in head):
        raise ValueError(f"the head of a pin is 64 hex digits, and {head!r} is not")
    return Pin(int(position), head)


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of a verification."""

    ok: bool
    events: int
    """How many events the log has."""
    receipts: int
    """How many commands it answered."""
    head: str
    """The RFC 6962 root over the leaves of all events, recomputed, as hex."""
    anchored: Anchored
    """`pinned`: the log still begins with what was pinned. `consistent, not anchored`: nothing contradicts anything,
    which whoever can rewrite everything can achieve."""
    pin: Pin | None
    first_bad: Finding | None
    """The finding of the lowest position; those without a position come after."""
    findings: int
    """How many faults there are."""
    kept: tuple[Finding, ...]
    """The first of them."""


def _order(finding: Finding) -> tuple[bool, int]:
    return finding.position is None, finding.position or 0


class Findings:
    """Collects findings in bounded memory: all are counted, the first in the order of the log are kept."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Finding] = []

    def add(self, reason: str, *, position: int | None = None, table: str = "log", key: object = "") -> None:
        """Take in a finding; where it has a position, that is its key in the log."""
        self.take(Finding(position, table, str(position if position is not None and key == "" else key), reason))

    def take(self, finding: Finding) -> None:
        """Take in a finding that was made elsewhere."""
        self.count += 1
        self._kept.append(finding)
        if len(self._kept) > 10 * KEPT:
            self._kept = list(self.first())

    def join(self, others: "Findings") -> None:
        """Take in what was found elsewhere, after what was found here."""
        self.count += others.count
        self._kept.extend(others.first())
        self._kept = list(self.first())

    @classmethod
    def of(cls, count: int, first: Iterable[Finding]) -> "Findings":
        """So many findings, of which these came first."""
        findings = cls()
        findings.count = count
        findings._kept = list(first)
        return findings

    def first(self) -> tuple[Finding, ...]:
        """The first findings, by position; those without one after the others, in the order they were made."""
        return tuple(sorted(self._kept, key=_order)[:KEPT])


class Unreadable(Exception):
    """The store cannot give what was asked for: the file is damaged. `str()` says what and where."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.position = position
        """The first position that could not be read, where that is known."""
