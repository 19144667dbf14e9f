"""The composition root: the only place that constructs. Everything else receives what it works with."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from adapters.clock import system_now
from adapters.codec import EventUnreadable
from adapters.keyring import SealBroken
from adapters.read_db import schema
from adapters.read_db.store import SqliteViews
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.store import BUSY_SECONDS, read_only_uri, scrub
from commands.access import Door
from commands.aggregates import read_definitions
from commands.bus import Bus
from commands.message import Message
from commands.submission import Submission
from domain.definitions import Definitions
from domain.instant import Instant
from domain.journal import JournalError
from domain.receipts import Receipt
from domain.values import id_in
from projections.catalogue import PROJECTIONS
from projections.runner import Runner


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
    """An open ledger: the log, the bus that writes it, the projections and what reads them."""

    path: Path
    journal: SqliteJournal
    bus: Bus
    runner: Runner
    now: Callable[[], Instant]

    def submit(self, commands: Sequence[Message], door: Door, at: Instant | None = None) -> list[Receipt]:
        """Send commands through the bus as if they had come in at `at`, or now."""
        received_at = self.now() if at is None else at
        return self.bus.submit([Submission(command, door, received_at) for command in commands])

    def definitions(self) -> Definitions:
        """Every definition, with all its versions, as the log holds them now."""
        return read_definitions(self.journal)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to the read database that cannot write, after the projections caught up with the log."""
        self.runner.catch_up()
        engine = create_engine("sqlite://", creator=lambda: _read_only(self.path), poolclass=NullPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def scrub(self) -> bool:
        """Empty the write-ahead log, so that what was erased is in no file; False where a reader is in the way."""
        return scrub(self.journal.connection)


@contextmanager
def open_ledger(url: str, *, create: bool = False, now: Callable[[], Instant] = system_now) -> Iterator[Ledger]:
    """Open the ledger of a database URL and close it at the end; with `create` a missing file is laid out.

    Raises UnknownStore, NotALedger or StoreUnavailable, each with one sentence for the person who named the URL.
    """
    path = path_of(url)
    journal = SqliteJournal(path, create=create)
    try:
        schema.create(journal.connection)
        runner = Runner(PROJECTIONS, SqliteViews(journal.connection), journal)

        def forget(streams: frozenset[str] | None) -> None:
            if streams is None:
                runner.forget_all()
            else:
                runner.forget(id_in(stream) for stream in streams)

        def tickets_in_status(status: str) -> int:
            runner.catch_up()
            counted = journal.connection.execute(
                "SELECT count(*) FROM dim_tickets WHERE status = ? AND (source IS NULL OR number IS NOT NULL)",
                (status,),
            )
            return int(counted.fetchone()[0]) + _inside_versions_with(status, journal)

        journal.on_append = runner.inline
        yield Ledger(path, journal, Bus(journal, now, tickets_in_status, forget), runner, now)
        if journal.has_written:
            _leave_caught_up(runner)
            journal.connection.execute("PRAGMA busy_timeout = 0")
            scrub(journal.connection)
    finally:
        journal.close()


def _inside_versions_with(status: str, journal: SqliteJournal) -> int:
    """Tickets in another status, inside a blueprint version that has a state on this one: they keep that version."""
    versions = read_definitions(journal).versions_with(status)
    counted = journal.connection.execute(
        "SELECT count(*) FROM fct_state_visits v JOIN dim_tickets t USING (ticket_id) WHERE v.left_at IS NULL "
        "AND t.status <> ? AND (v.blueprint, v.blueprint_version) IN "
        "(SELECT value ->> 0, value ->> 1 FROM json_each(?))",
        (status, json.dumps(versions)),
    )
    return int(counted.fetchone()[0])


def _leave_caught_up(runner: Runner) -> None:
    """Whoever reads the tables without us, with a tool of their own, finds them up to date.

    A log that cannot be read any more, because it was damaged meanwhile, is told by the next word that reads it and by
    `replay verify`; closing only puts it on record.
    """
    try:
        runner.catch_up()
    except (EventUnreadable, SealBroken, KeyError, JournalError) as damage:
        structlog.get_logger().warning("projections_left_behind", reason=f"{type(damage).__name__}: {damage}")


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(read_only_uri(path), uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
