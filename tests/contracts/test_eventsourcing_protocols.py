"""The `eventsourcing` library's own test cases on our log, and its event store beside our bus on one file.

The library forces nothing beyond `create_recorder` and `new_originator_id`: its default ids are UUIDs, and our streams
are texts. `AggregateRecorderTestCase` is left out, because it wants `insert_events` to return None where the cases used
here want the positions. The case for `subscribe` is one that the library leaves to be called.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread, Timer
from time import monotonic
from typing import Any
from unittest import TestCase
from uuid import uuid4

import pytest
from eventsourcing.application import LocalNotificationLog
from eventsourcing.persistence import (
    DataError,
    EventStore,
    IntegrityError,
    MapperDeserialisationError,
    Notification,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.tests import persistence as library

from adapters.clock import system_now
from adapters.eventsourcing_mapper import LogMapper
from adapters.eventsourcing_recorder import LogRecorder, Proposal, stream_of
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.rows import leaf_of
from commands.access import Door
from commands.bus import Bus
from commands.submission import Submission
from commands.union import parse_command
from domain.instant import Instant
from domain.integrity import LEAF_FORMAT, frame, leaf
from domain.receipts import Outcome
from domain.recorded import Fact
from domain.statuses import STATUSES_STREAM, StatusDefined
from domain.ticket.events import TicketCommentAdded, TicketCustomerReplied
from domain.values import ERASED, StatusType, Visibility

NOON = Instant("2026-06-01T12:00:00.000000Z")
OPS = Door("cli:ops", frozenset({"act_for"}))


class OnOurLog(TestCase):
    """A recorder on a real file; a ticket's stream where the library wants an id."""

    def create_recorder(self) -> Any:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        recorder = LogRecorder(SqliteJournal(Path(folder.name) / "ledger.db", create=True), system_now)
        # A library case does not wait for its reading threads; the recorder closes when none of them is reading.
        self.addCleanup(recorder.close)
        return recorder

    def new_originator_id(self) -> str:
        return f"ticket:{uuid4()}"


class TestApplicationRecorder(OnOurLog, library.ApplicationRecorderTestCase[LogRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTrackingRecorder(OnOurLog, library.TrackingRecorderTestCase):
    pass


class TestProcessRecorder(OnOurLog, library.ProcessRecorderTestCase):
    pass


class TestNonInterleavingNotificationIDs(OnOurLog, library.NonInterleavingNotificationIDsBaseCase):
    pass


# Our own


@pytest.fixture
def path(tmp_path: Path) -> Path:
    SqliteJournal(tmp_path / "ledger.db", create=True).close()
    return tmp_path / "ledger.db"


@pytest.fixture
def open_journal(path: Path) -> Iterator[Callable[[], SqliteJournal]]:
    opened: list[SqliteJournal] = []

    def another() -> SqliteJournal:
        opened.append(SqliteJournal(path))
        return opened[-1]

    yield another
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(open_journal: Callable[[], SqliteJournal]) -> SqliteJournal:
    """The bus's journal."""
    return open_journal()


@pytest.fixture
def bus(journal: SqliteJournal) -> Bus:
    return Bus(journal, lambda: NOON, lambda status: 0, lambda streams: None)


@pytest.fixture
def recorder(open_journal: Callable[[], SqliteJournal]) -> LogRecorder:
    return LogRecorder(open_journal(), lambda: NOON, poll_seconds=0.005)


@pytest.fixture
def store(recorder: LogRecorder) -> EventStore[str]:
    return EventStore(LogMapper(recorder), recorder)


def send(bus: Bus, *commands: str) -> None:
    receipts = bus.submit([Submission(parse_command(command), OPS, NOON) for command in commands])
    assert [receipt.outcome for receipt in receipts] == [Outcome.ACCEPTED] * len(commands)


OPEN = """{"command": "OpenTicket", "command_id": "c-1", "actor": "agent:ana", "ticket_id": "t-1", "channel": "email",
    "subject": "No picture", "contact_id": "7", "department": "support"}"""
COMMENT = """{"command": "AddComment", "command_id": "c-2", "actor": "agent:ana", "ticket_id": "t-1",
    "body": "Called back"}"""
ERASE = """{"command": "EraseContact", "command_id": "c-3", "actor": "agent:ana", "contact_id": "7"}"""


def history(store: EventStore[str], stream: str = "ticket:t-1", **bounds: Any) -> list[Any]:
    return list(store.get(stream, **bounds))


def proposal(stream: str, version: int, event: Any, *, claims: tuple[tuple[str, str], ...] = ()) -> Proposal:
    return Proposal(Fact(stream, version, event, NOON, "contact:7", "contact:7", claims=claims), actor="agent:bo")


def comment(version: int, body: str = "Noted", *, claims: tuple[tuple[str, str], ...] = ()) -> Proposal:
    return proposal("ticket:t-1", version, TicketCommentAdded(version, Visibility.PRIVATE, body), claims=claims)


def test_the_event_store_reads_what_the_bus_wrote(bus: Bus, journal: SqliteJournal, store: EventStore[str]) -> None:
    send(bus, OPEN, COMMENT)
    assert history(store) == journal.load(["ticket:t-1"])["ticket:t-1"]
    assert [event.originator_version for event in history(store, gt=1)] == [2]
    assert [event.originator_version for event in history(store, lte=1)] == [1]
    assert [event.originator_version for event in history(store, desc=True, limit=1)] == [2]
    assert {event.originator_id for event in history(store)} == {"ticket:t-1"}


def test_the_notification_log_reads_what_the_bus_wrote(bus: Bus, journal: SqliteJournal, recorder: LogRecorder) -> None:
    send(bus, OPEN, COMMENT)
    section = LocalNotificationLog(recorder)["1,10"]
    assert section.id == "1,2"
    assert [item.topic for item in section.items] == ["ticket.opened", "ticket.comment_added"]
    assert [item.state for item in section.items] == [row.data for row in journal.rows()]
    mapper = LogMapper(recorder)
    mapped: list[Any] = [mapper.to_domain_event(item) for item in section.items]
    assert mapped == journal.read()


def test_the_bus_goes_on_from_what_the_event_store_wrote(
    bus: Bus, journal: SqliteJournal, store: EventStore[str]
) -> None:
    send(bus, OPEN)
    recordings = store.put([comment(2), comment(3, "And again")])
    assert [recording.notification.id for recording in recordings] == [2, 3]
    send(bus, COMMENT)
    events = journal.load(["ticket:t-1"])["ticket:t-1"]
    assert [event.version for event in events] == [1, 2, 3, 4]
    assert events[2].event == TicketCommentAdded(3, Visibility.PRIVATE, "And again")
    assert (events[2].actor, events[2].via, events[2].command_id) == ("agent:bo", "library:eventsourcing", "")
    assert history(store) == events


def test_an_event_stored_through_the_library_has_a_leaf_over_its_frame(
    journal: SqliteJournal, store: EventStore[str], recorder: LogRecorder
) -> None:
    store.put([proposal(STATUSES_STREAM, 1, StatusDefined("Waiting", StatusType.ON_HOLD))])
    recorder.insert_events([StoredEvent("elsewhere", 0, "any.name", b"any bytes")])
    rows = list(journal.rows())
    assert len(rows) == 2
    for row in rows:
        assert row.leaf == leaf_of(row) == leaf(frame((LEAF_FORMAT, *row[:15])))
        assert row.leaf != leaf_of(row._replace(version=row.version + 1))


def test_an_event_without_our_envelope_gets_the_documented_one(recorder: LogRecorder, journal: SqliteJournal) -> None:
    recorder.insert_events([StoredEvent(uuid4(), 5, "any.name", b"{}")])
    (row,) = journal.rows()
    assert (row.version, row.schema, row.occurred_at, row.recorded_at) == (5, 1, NOON, NOON)
    assert (row.actor, row.via) == ("system", "library:eventsourcing")
    assert (row.judged_by, row.command_id, row.correlation_id, row.cause, row.rule) == ("", "", "", "", "")


def test_a_uuid_stands_as_its_text(recorder: LogRecorder) -> None:
    originator_id = uuid4()
    recorder.insert_events([StoredEvent(originator_id, 1, "any.name", b"{}")])
    (found,) = recorder.select_events(originator_id)
    assert found.originator_id == str(originator_id) == stream_of(originator_id)
    assert recorder.select_events(str(originator_id)) == [found]


def test_a_recorder_is_a_process_recorder(recorder: LogRecorder) -> None:
    assert isinstance(recorder, ProcessRecorder)


@pytest.mark.parametrize(
    "versions", [(1, 1), (1, 3), (2, 1), (-1,), (3, 4, 6)], ids=["same", "gap", "back", "negative", "late gap"]
)
def test_a_stream_goes_on_without_a_gap_or_nothing_is_written(recorder: LogRecorder, versions: tuple[int, ...]) -> None:
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("ticket:t-1", version, "any.name", b"{}") for version in versions])
    assert recorder.max_notification_id() is None


def test_a_conflict_leaves_no_event_no_tracking_and_no_text(recorder: LogRecorder, journal: SqliteJournal) -> None:
    recorder.insert_tracking(Tracking("upstream", 5))
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent("new", 1, "new.name", b"{}")], tracking=Tracking("upstream", 4))
    assert recorder.max_notification_id() is None
    assert recorder.max_tracking_id("upstream") == 5
    # The ids that the failed call gave out now stand for other texts.
    recorder.insert_events([StoredEvent("other", 1, "other.name", b"{}"), StoredEvent("new", 1, "new.name", b"{}")])
    assert [(row.stream, row.name) for row in journal.rows()] == [("other", "other.name"), ("new", "new.name")]


def test_a_claim_is_taken_once_whoever_writes(bus: Bus, store: EventStore[str], journal: SqliteJournal) -> None:
    send(bus, OPEN)
    claims = (("message", "<m1@example.org>"),)
    store.put([comment(2, claims=claims)])
    assert journal.claims(claims) == {claims[0]: "ticket:t-1"}
    with pytest.raises(IntegrityError, match="taken"):
        store.put([comment(3, claims=claims)])


def test_personal_text_is_sealed_on_the_way_in_and_opened_on_the_way_out(
    store: EventStore[str], journal: SqliteJournal
) -> None:
    store.put([comment(1, "My number is 555"), comment(2, "Or 556")])
    assert not any(b"number" in row.data for row in journal.rows())
    assert [event.event.body for event in history(store)] == ["My number is 555", "Or 556"]
    assert history(store) == journal.read()


def test_erased_text_reads_erased_through_the_library(bus: Bus, store: EventStore[str]) -> None:
    send(bus, OPEN, COMMENT)
    store.put([comment(3)])
    assert [event.event.body for event in history(store, gt=1)] == ["Called back", "Noted"]
    send(bus, ERASE)
    assert [event.event.body for event in history(store, gt=1)] == [ERASED, ERASED]


def test_an_event_sealed_for_a_person_who_was_erased_meanwhile_is_not_written(
    bus: Bus, store: EventStore[str], recorder: LogRecorder
) -> None:
    send(bus, OPEN)
    sealed = store.mapper.to_stored_event(comment(2))
    send(bus, ERASE)
    with pytest.raises(IntegrityError, match="destroyed"):
        recorder.insert_events([sealed])
    store.put([comment(2, "Under a new key")])
    assert history(store)[-1].event.body == "Under a new key"


def test_an_event_stored_under_no_name_of_ours_is_refused_by_the_mapper(store: EventStore[str]) -> None:
    with pytest.raises(DataError, match="has no stored name"):
        store.put([proposal("ticket:t-1", 1, "not an event")])


def test_an_event_that_is_not_what_its_class_says_is_refused_by_the_mapper(store: EventStore[str]) -> None:
    wrong: Any = "three"
    with pytest.raises(DataError, match="does not decode"):
        store.put([proposal("ticket:t-1", 1, TicketCustomerReplied(wrong, "Hello", None))])


def test_a_recorded_event_is_not_put_again(bus: Bus, store: EventStore[str]) -> None:
    send(bus, OPEN)
    with pytest.raises(DataError, match="a Proposal is put"):
        store.put(history(store))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("no.such", b"{}"),
        ("status.retired", b"not json"),
        ("status.retired", b'{"status":"A","more":1}'),
        ("status.retired", b'{"status": "A"}'),
    ],
    ids=["unknown name", "no JSON", "unknown key", "space"],
)
def test_the_mapper_reads_only_our_names_and_bytes(
    store: EventStore[str], recorder: LogRecorder, name: str, data: bytes
) -> None:
    recorder.insert_events([StoredEvent(STATUSES_STREAM, 1, name, data)])
    with pytest.raises(MapperDeserialisationError):
        history(store, STATUSES_STREAM)


def test_what_did_not_come_from_the_recorder_reads_sealed(bus: Bus, store: EventStore[str]) -> None:
    send(bus, OPEN)
    (kept,) = store.recorder.select_events("ticket:t-1")
    assert isinstance(kept, Notification)
    far = Notification(kept.originator_id, kept.originator_version, kept.topic, kept.state, kept.id)
    event = store.mapper.to_domain_event(far)
    assert (event.originator_id, event.originator_version) == ("ticket:t-1", 1)
    assert "subject='sealed'" in repr(event)


def test_a_subscription_yields_what_another_process_appends(bus: Bus, recorder: LogRecorder) -> None:
    send(bus, OPEN)
    with recorder.subscribe(gt=1) as subscription:
        writer = Thread(target=send, args=(bus, COMMENT))
        writer.start()
        assert next(subscription).topic == "ticket.comment_added"
        writer.join()


def test_a_subscription_of_topics_passes_over_the_others(bus: Bus, recorder: LogRecorder) -> None:
    send(bus, OPEN, COMMENT)
    with recorder.subscribe(topics=["ticket.comment_added"]) as subscription:
        assert next(subscription).id == 2


def test_a_waiting_subscription_ends_when_it_is_stopped(open_journal: Callable[[], SqliteJournal]) -> None:
    subscription = LogRecorder(open_journal(), lambda: NOON, poll_seconds=60).subscribe()
    stopper = Timer(0.05, subscription.stop)
    started = monotonic()
    stopper.start()
    assert list(subscription) == []
    stopper.join()
    assert monotonic() - started < 30


def test_a_subscription_of_more_than_a_page_misses_nothing(recorder: LogRecorder) -> None:
    count = 1_201
    recorder.insert_events([StoredEvent("many", version, "any.name", b"{}") for version in range(count)])
    with recorder.subscribe() as subscription:
        assert [next(subscription).id for _ in range(count)] == list(range(1, count + 1))


def test_a_closed_recorder_says_so(recorder: LogRecorder) -> None:
    recorder.close()
    with pytest.raises(ProgrammingError, match="closed"):
        recorder.max_notification_id()


def test_a_locked_store_is_the_librarys_operational_error(
    recorder: LogRecorder, open_journal: Callable[[], SqliteJournal], path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hasty = open_journal()
    hasty.connection.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(OperationalError):
        LogRecorder(hasty, lambda: NOON).insert_tracking(Tracking("upstream", 1))
    other.execute("ROLLBACK")
    other.close()
