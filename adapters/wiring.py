"""The composition root: the only place that constructs. Everything else receives what it works with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.clock import system_now
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.store import scrub
from commands.access import Door
from commands.bus import Bus, Submission
from commands.message import Message
from domain.instant import Instant
from domain.receipts import Receipt


class UnknownStore(ValueError):
    """The database URL names a store this version does not have; `str()` says which it has."""


def path_of(url: str) -> Path:
    """The file behind `sqlite:///PATH`, or a plain path; UnknownStore for any other scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Path(url)
    if scheme != "sqlite" or not rest.startswith("/") or rest == "/":
        raise UnknownStore(f"{url!r} is not a database of this version; write sqlite:///FILE")
    return Path(rest[1:])


@dataclass(slots=True)
class Ledger:
    """An open ledger: the log, the bus that writes it, and what reads it."""

    path: Path
    journal: SqliteJournal
    bus: Bus
    now: Callable[[], Instant]

    def submit(self, commands: Sequence[Message], door: Door, at: Instant | None = None) -> list[Receipt]:
        """Send commands through the bus as if they had come in at `at`, or now."""
        received_at = self.now() if at is None else at
        return self.bus.submit([Submission(command, door, received_at) for command in commands])


@contextmanager
def open_ledger(url: str, *, create: bool = False, now: Callable[[], Instant] = system_now) -> Iterator[Ledger]:
    """Open the ledger of a database URL and close it at the end; with `create` a missing file is laid out.

    Raises UnknownStore, NotALedger or StoreUnavailable, each with one sentence for the person who named the URL.
    """
    path = path_of(url)
    journal = SqliteJournal(path, create=create)
    try:
        bus = Bus(journal, now, lambda status: 0, lambda streams: None)
        yield Ledger(path, journal, bus, now)
    finally:
        scrub(journal.connection)
        journal.close()
