"""The port to the log: what deciding needs of it, and the two faults it can answer with.

A decision is made on what was read; `append` takes it only if nothing that was read has moved since, so two processes
on one log can never record a stale answer, an accepted, a refused or an empty one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from domain.instant import EARLIEST, Instant
from domain.receipts import Outcome, Reason, Receipt
from domain.recorded import Fact, Recorded


class JournalError(Exception):
    """The log could not do what was asked; `str()` says why in one sentence."""


class JournalMoved(JournalError):
    """Something a decision was based on has changed since it was read; read again and decide anew."""


class StoreUnavailable(JournalError):
    """The store is locked, missing or out of reach; the same call may succeed later."""


class Tip(NamedTuple):
    """How far the log and its receipts reach."""

    position: int = 0
    receipt: int = 0
    recorded_at: Instant = EARLIEST


class Draft(NamedTuple):
    """The decided outcome of one command, ready to be recorded."""

    command_id: str
    command: str
    stream: str
    digest: bytes
    outcome: Outcome
    actor: str
    via: str
    correlation_id: str
    facts: Sequence[Fact] = ()
    versions: tuple[tuple[str, int], ...] = ()
    reasons: tuple[Reason, ...] = ()
    erases: Sequence[str] = ()
    """Ids of the keys that are destroyed with this command."""


_NONE: Final[Mapping[Any, Any]] = MappingProxyType({})


class Reads(NamedTuple):
    """What a batch of decisions was based on."""

    tip: Tip
    streams: Mapping[str, int] = _NONE
    """Version of every stream that was read, 0 where there was none."""
    sequences: Mapping[str, int] = _NONE
    """Last value of every sequence that was drawn from, before the draw."""
    draws: Mapping[str, int] = _NONE
    """Last value of those sequences after it."""
    claims: Mapping[tuple[str, str], str | None] = _NONE
    """The stream that held each unique key that was looked up, None where none did."""


class Appended(NamedTuple):
    """What an append made: the recorded events, the receipts in order, the new tip."""

    events: Sequence[Recorded]
    receipts: Sequence[Receipt]
    tip: Tip
    moved: frozenset[str] | None = None
    """Streams that others moved after the tip decided on; what is kept of them is stale. None where nobody wrote."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What others appended since a tip."""

    tip: Tip
    streams: frozenset[str]
    erased: bool
    """Whether a person was erased; whatever holds personal text in memory must be dropped."""


class Journal(Protocol):
    """The append-only log with its receipts, claims, sequences and keys."""

    def tip(self) -> Tip:
        """How far the log reaches now."""
        ...

    def movement(self, since: Tip) -> Movement:
        """What was appended after the tip given."""
        ...

    def receipts(self, command_ids: Sequence[str]) -> Mapping[str, Receipt]:
        """The receipts that exist for these command ids."""
        ...

    def load(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded]]:
        """All events of these streams in order, personal text opened where its key exists; one query."""
        ...

    def streams_under(self, prefix: str) -> Sequence[str]:
        """The streams whose name begins with the prefix, in the order of their first event."""
        ...

    def sequence(self, name: str) -> int:
        """The last value drawn from a sequence, 0 where none was."""
        ...

    def claims(self, keys: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """Which of these unique keys are taken, and by which stream."""
        ...

    def keys_of(self, subjects: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The ids of the keys that exist for these subjects."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep every other writer out while reading, deciding and appending."""
        ...

    def append(self, drafts: Sequence[Draft], reads: Reads, now: Instant) -> Appended:
        """Record a batch in one transaction; JournalMoved, and nothing written, where what was read has moved.

        Every decision reads the definitions, so one of them that moved is always among it.
        """
        ...


OnAppend = Callable[[Sequence[Recorded]], None]
"""Runs inside the append's transaction, after the rows and before the commit: the inline projections."""
