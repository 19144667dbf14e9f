"""The ports of a verification: stored rows as they are, how bytes are read, the rows of the projections.

Whoever implements them says `Unreadable` where the store is damaged, and never repairs or leaves out anything.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from domain.recorded import Recorded
from projections.base import Projection
from replay.findings import Finding, Findings, Unreadable

StoredRow = tuple[Any, ...]
"""A row of the log in readable form: the sixteen columns of `v_log` as stored, None for a text that is missing."""
Columns = Sequence[Sequence[Any]]
"""Some rows, column by column, which is the quickest way to hash and to compare them."""
Values = tuple[Any, ...]
DAMAGE: Final = (TypeError, ValueError, AttributeError, OverflowError, LookupError)
"""What reading a damaged row can raise."""


class Codec(Protocol):
    """How stored bytes are read and hashed."""

    def leaves(self, columns: Columns) -> list[bytes]:
        """The leaves of rows of the log, made of their first fifteen columns; ValueError or TypeError for damage."""
        ...

    def receipt_leaves(self, columns: Columns) -> list[bytes]:
        """The leaves of receipts, made of their first nine columns; ValueError or TypeError for damage."""
        ...

    def reader(self, name: str, schema: int) -> Callable[[bytes], Any]:
        """Reads the events of a stored name by their fields, personal ones sealed.

        ValueError where there is no such name, and, from the reader, where the bytes are no such event.
        """
        ...

    def written(self, read: Any) -> bytes:
        """What was read, as our encoder writes it: a decoder alone takes unknown and repeated keys and spaces."""
        ...

    def personal(self, name: str, schema: int) -> tuple[str, ...]:
        """The personal fields of a stored name; each holds None or a value with `sealed.subject` and `sealed.key`."""
        ...

    def answer(self, raw: bytes) -> Any:
        """The content of a receipt, with the fields of domain.receipts.Answer; ValueError where the bytes are none."""
        ...


class StoredLog(Protocol):
    """The log and what lies beside it, as stored."""

    def rows(self) -> Iterator[Columns]:
        """Every row of the log, by position, some hundred at a time."""
        ...

    def receipts(self) -> Iterator[Columns]:
        """Every row of the receipts, by number, some hundred at a time."""
        ...

    def claims(self) -> Iterator[Values]:
        """Every claim: kind, key, stream, version."""
        ...

    def subject_keys(self) -> Iterator[tuple[Any, Any, str]]:
        """Every key: its id as stored, its subject, and the id that its secret has."""
        ...

    def sequences(self) -> Iterator[Values]:
        """Every sequence: name, value."""
        ...

    def faults(self) -> Iterable[Finding]:
        """What only the store can see, asked for after all rows were read: layout, guards, side tables, pages."""
        ...


@dataclass(frozen=True, slots=True)
class Histories:
    """Whole histories of some streams, with the texts opened."""

    events: Sequence[Recorded]
    """Stream after stream, each in order; those of a stream with a broken event are not among them."""
    broken: Set[str]
    """Streams with an event that cannot be read or opened."""
    faults: Sequence[Finding]
    """Values that do not open with the key that is there."""


Part: TypeAlias = tuple[int | None, int | None]
"""A part of the log's streams, by what the store orders them by: those behind the first and up to the second bound;
None where there is no bound."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the rows of a part of the streams were found to be."""

    findings: Findings = field(default_factory=Findings)
    events: int = 0
    """How many events were folded."""
    parked: Set[Values] = frozenset()
    """The tickets that a fresh fold parks: projection, ticket, position, reason."""
    damage: Unreadable | None = None
    """Where the store could give no more; what was found before stands."""


class Comparisons(Protocol):
    """The rows of all parts against a fresh fold, whoever does the work and in what order."""

    def done(self) -> int:
        """How many events were folded so far, maybe before anybody asked for a result."""
        ...

    def results(self) -> Iterator[Compared]:
        """What each part was found to be, in the order of the parts."""
        ...


class StoredViews(Protocol):
    """The rows of the projections, as stored, and the histories to fold afresh."""

    def parts(self) -> Sequence[Part]:
        """The streams of the log in parts of a like size, cut by what is stored and nothing else."""
        ...

    def histories(self, part: Part) -> Iterator[Histories]:
        """Every stream of a part, some at a time."""
        ...

    def streams(self) -> Iterator[Any]:
        """The text of every stream that has an event, None where it is missing."""
        ...

    def rows(self, projection: Projection[Any], ticket_ids: Collection[str]) -> dict[str, list[Values]]:
        """The rows of these tickets or contacts, the columns in the order of the row class."""
        ...

    def skipped(self, projection: str, upto: int) -> Set[int]:
        """The positions that a projection passes over where it cannot fold them, as the log's first events say."""
        ...

    def ticket_ids(self, projection: Projection[Any]) -> Iterator[Any]:
        """The ticket or contact of each row of a projection, as often as it has rows."""
        ...

    def checkpoints(self) -> Sequence[Values]:
        """The rows of meta_projections: name, version, position, events folded."""
        ...

    def parked(self) -> Sequence[Values]:
        """The rows of meta_parked: projection, ticket, position, reason."""
        ...

    def tree(self) -> Sequence[Values]:
        """The rows of meta_tree: size, peaks."""
        ...


def leaves_of(leaves: Callable[[Columns], list[bytes]], columns: Columns) -> list[bytes]:
    """The leaves of these rows; empty for one that is so damaged that it has none."""
    try:
        return leaves(columns)
    except DAMAGE:
        return [_leaf_of(leaves, row) for row in zip(*columns, strict=True)]


def _leaf_of(leaves: Callable[[Columns], list[bytes]], row: Sequence[Any]) -> bytes:
    try:
        return leaves([(value,) for value in row])[0]
    except DAMAGE:
        return b""
