"""The `eventsourcing` library's protocols on our log: its `EventStore` and notification log work on the bus's rows.

`LogRecorder` is an `ApplicationRecorder`, `TrackingRecorder` and `ProcessRecorder`, and `eventsourcing_mapper` has the
`Mapper`, with the tables, guards and leaves that the bus uses. What the library leaves open is decided so:

- A notification id is a position. An originator id is the stream's text; a UUID stands as its text, and what is read
  back is always text.
- A stream goes on without a gap; its first version may be any from 0 (the bus begins at 1). A conflict, also of a
  tracked position, a unique key or the key of a person erased meanwhile, is the library's IntegrityError, and nothing
  of the call is written.
- A topic is the permanent stored name and the state is the stored bytes. The recorder takes any; names and JSON are
  checked by the mapper, on the way in and on the way out.
- An event that comes without our envelope gets schema 1, the append's instant as `occurred_at`, the actor `system` and
  the door `library:eventsourcing`, and is empty elsewhere: no command led to it, so no receipt names it.
- The recorder draws no ticket number and destroys no key: what needs one is a command.
- Snapshots and the library's repository are not supported: streams are short.

Safe to share between threads. The journal is the recorder's own, not also a bus's; `close` closes it.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, RLock
from typing import Any, Final, NamedTuple
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    DataError,
    IntegrityError,
    Notification,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Subscription,
    Tracking,
)

from adapters.codec import SealedParts, encode
from adapters.keyring import SubjectKey
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.rows import Row
from domain.instant import Instant
from domain.journal import StoreUnavailable
from domain.recorded import Fact

LIBRARY_DOOR: Final = "library:eventsourcing"
POLL_SECONDS: Final = 0.1
"""How long a subscription that has read everything waits before it looks again."""
_PAGE: Final = 500
_LAST: Final = 2**63 - 1

# ruff: noqa: S608 - the statements are put together from constants of this module; values are bound
_READABLE: Final = f"SELECT {', '.join(Row._fields)} FROM v_log"
_STREAM: Final = f"{_READABLE} WHERE stream = ?1 AND version > ?2 AND version <= ?3 ORDER BY version"
_STREAM_UP: Final = f"{_STREAM} LIMIT ?4"
_STREAM_DOWN: Final = f"{_STREAM} DESC LIMIT ?4"
_NOTIFICATIONS: Final = (
    f"{_READABLE} WHERE position >= ?1 AND position <= ?2 "
    "AND (?3 = '[]' OR name IN (SELECT value FROM json_each(?3))) ORDER BY position LIMIT ?4"
)
_VERSION: Final = "SELECT max(version) FROM log WHERE stream = (SELECT id FROM streams WHERE text = ?)"


class Proposal(NamedTuple):
    """A decided fact on its way into the log through the library's event store, with who asks for it."""

    fact: Fact
    actor: str = "system"
    via: str = LIBRARY_DOOR
    command_id: str = ""
    correlation_id: str = ""

    @property
    def originator_id(self) -> str:
        """The stream."""
        return self.fact.stream

    @property
    def originator_version(self) -> int:
        """The place in the stream."""
        return self.fact.version


@dataclass(frozen=True)
class SealedProposal(StoredEvent):
    """A proposal as stored bytes, with the rest of its envelope and the keys that its personal text is sealed under."""

    proposal: Proposal
    schema: int
    made: tuple[SubjectKey, ...]
    """Keys made for it; they are stored with it."""
    used: frozenset[str]
    """Ids of stored keys; they must still be there when it is stored."""


@dataclass(frozen=True)
class LogNotification(Notification):
    """A row of the log in the library's form; the whole row goes with it."""

    row: Row


def stream_of(originator_id: UUID | str) -> str:
    """The stream that an originator id names: the text itself, a UUID as its text."""
    return str(originator_id)


def _notification(row: Sequence[Any]) -> LogNotification:
    kept = Row._make(row)
    return LogNotification(kept.stream, kept.version, kept.name, kept.data, kept.position, kept)


def row_of(event: StoredEvent, position: int, recorded_at: Instant) -> Row:
    """The readable row of an event, where it brings no envelope of ours with the defaults of the module."""
    place = (position, stream_of(event.originator_id), event.originator_version, event.topic)
    state = bytes(event.state)
    if not isinstance(event, SealedProposal):
        return Row(*place, 1, state, recorded_at, recorded_at, "system", LIBRARY_DOOR, "", "", "", "", "")
    by, fact = event.proposal, event.proposal.fact
    who = (by.actor, by.via, fact.judged_by, by.command_id, by.correlation_id)
    return Row(*place, event.schema, state, fact.occurred_at, recorded_at, *who, fact.cause, fact.rule)


class LogRecorder(ProcessRecorder):
    """The library's recorder over a journal of its own; see the module for what it decides."""

    def __init__(self, journal: SqliteJournal, now: Callable[[], Instant], poll_seconds: float = POLL_SECONDS) -> None:
        self._journal = journal
        self._now = now
        self._poll_seconds = poll_seconds
        self._data_version = 0
        # One connection serves every thread, and a reader must not see what a writer has not committed.
        self._lock = RLock()

    def close(self) -> None:
        """Let go of the journal when no thread uses it; whoever comes later gets the library's ProgrammingError."""
        with self._lock:
            self._journal.close()

    # Events

    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, tracking: Tracking | None = None, **kwargs: Any
    ) -> Sequence[int]:
        """Append all or none, with the upstream position they came from; returns their positions.

        Raises IntegrityError for a conflict, OperationalError where the store is out of reach, DataError for text that
        cannot be stored.
        """
        if not stored_events and tracking is None:
            return []
        with self._transaction():
            tip = self._journal.tip()
            self._refuse_gaps(stored_events)
            recorded_at = max(self._now(), tip.recorded_at)
            rows = [
                row_of(event, position, recorded_at) for position, event in enumerate(stored_events, 1 + tip.position)
            ]
            if rows:
                self._journal.write_rows(rows)
            self._write_keys_and_claims([event for event in stored_events if isinstance(event, SealedProposal)])
            if tracking is not None:
                self._write_tracking(tracking)
        return [row.position for row in rows]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream by version; each is a LogNotification with its whole row."""
        bounds = (-1 if gt is None else gt, _LAST if lte is None else lte, -1 if limit is None else limit)
        return self._select(_STREAM_DOWN if desc else _STREAM_UP, (stream_of(originator_id), *bounds))

    # Notifications

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Rows of the log by position, from `start` to `stop`; where topics are named, of those names only."""
        first = (start or 0) if inclusive_of_start else (start or 0) + 1
        last = _LAST if stop is None else stop
        return self._select(_NOTIFICATIONS, (first, last, json.dumps(list(topics)), limit))

    def max_notification_id(self) -> int | None:
        """The last position, None of an empty log."""
        return self._value("SELECT max(position) FROM log", ())

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Every event behind the position `gt`, then every new one, whichever process appends it; it polls."""
        return LogSubscription(self, gt, topics, self._poll_seconds)

    # Tracking

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record that an upstream position was processed; IntegrityError where it, or a later one, was before."""
        with self._transaction():
            self._write_tracking(tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """The last processed position of an upstream application, None where there is none."""
        return self._value("SELECT max(notification_id) FROM tracking WHERE application = ?", (application_name,))

    # Sealing, for the mapper

    def seal(self, proposal: Proposal) -> SealedProposal:
        """The proposal as stored bytes. Keys that it needs and that do not exist are made, and stored when it is."""
        fact = proposal.fact
        with self._lock, self._errors():
            self._forget_destroyed_keys()
            keyring = self._journal.keyring
            keyring.prepare([fact.person, fact.former_person])
            try:
                form, data, _ = encode(fact, keyring.seal)
                made, used = tuple(keyring.made()), frozenset(keyring.used)
            finally:
                keyring.drop_new()
        return SealedProposal(fact.stream, fact.version, form.name, data, proposal, form.schema, made, used)

    def open(self, sealed: SealedParts, stream: str, version: int, field: str) -> str:
        """The clear text of a stored value, or `erased`; SealBroken where it was altered."""
        with self._lock, self._errors():
            self._forget_destroyed_keys()
            return self._journal.keyring.open(sealed, stream, version, field)

    # Inside

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What goes wrong below, in the library's words."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise IntegrityError(str(error)) from error
        except (StoreUnavailable, sqlite3.OperationalError) as error:
            raise OperationalError(str(error)) from error
        except sqlite3.ProgrammingError as error:
            raise ProgrammingError(str(error)) from error
        except UnicodeEncodeError as error:
            raise DataError(f"the text cannot be stored: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._errors(), self._journal.exclusive():
            yield

    def _select(self, statement: str, values: Sequence[Any]) -> list[LogNotification]:
        with self._lock, self._errors():
            return [_notification(row) for row in self._journal.connection.execute(statement, values)]

    def _value(self, statement: str, values: Sequence[Any]) -> int | None:
        with self._lock, self._errors():
            value: int | None = self._journal.connection.execute(statement, values).fetchone()[0]
            return value

    def _refuse_gaps(self, events: Sequence[StoredEvent]) -> None:
        last: dict[str, int | None] = {}
        for event in events:
            stream, version = stream_of(event.originator_id), event.originator_version
            before = last[stream] if stream in last else self._value(_VERSION, (stream,))
            if version < 0 or (before is not None and version != before + 1):
                raise IntegrityError(f"{stream} is at version {before}; {version} does not follow")
            last[stream] = version

    def _write_keys_and_claims(self, proposals: Sequence[SealedProposal]) -> None:
        connection, keyring = self._journal.connection, self._journal.keyring
        for key in {key for proposal in proposals for key in proposal.used}:
            if not self._value("SELECT count(*) FROM subject_keys WHERE key = ?", (key,)):
                keyring.forget()
                raise IntegrityError(f"key {key} was destroyed meanwhile; put the events again")
        for proposal in proposals:
            connection.executemany(
                "INSERT INTO subject_keys VALUES (?, ?, ?)",
                [(key.key, key.subject, key.secret) for key in proposal.made],
            )
            fact = proposal.proposal.fact
            connection.executemany(
                "INSERT INTO claims VALUES (?, ?, ?, ?)",
                [(kind, key, fact.stream, fact.version) for kind, key in fact.claims],
            )

    def _write_tracking(self, tracking: Tracking) -> None:
        self._journal.connection.execute(
            "INSERT INTO tracking VALUES (?, ?)", (tracking.application_name, tracking.notification_id)
        )

    def _forget_destroyed_keys(self) -> None:
        """Another connection wrote: it may have destroyed a key that is remembered here."""
        version = self._value("PRAGMA data_version", ()) or 0
        if version != self._data_version:
            self._data_version = version
            self._journal.keyring.forget()


class LogSubscription(Subscription[LogRecorder]):
    """Notifications in order of position, waiting for new ones until it is stopped, from any thread.

    It polls, so it sees what other processes append. An error of the store is raised to whoever iterates.
    """

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str], poll_seconds: float) -> None:
        super().__init__(recorder, gt, topics)
        self._poll_seconds = poll_seconds
        self._stopped = Event()
        self._read: deque[Notification] = deque()

    def stop(self) -> None:
        """End the iteration at once, also one that waits."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._read:
                return self._read.popleft()
            self._read_on()
            if not self._read:
                self._stopped.wait(self._poll_seconds)
        raise StopIteration

    def _read_on(self) -> None:
        after, last = self._last_notification_id or 0, self._recorder.max_notification_id() or 0
        if last <= after:
            return
        found = self._recorder.select_notifications(after, _PAGE, last, self._topics, inclusive_of_start=False)
        self._read.extend(found)
        # Where topics are named, what was looked through and did not match need not be looked at again.
        self._last_notification_id = found[-1].id if len(found) == _PAGE else last
