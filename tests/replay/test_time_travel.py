"""Time travel: what a viewpoint sees, and that any fold over it gives what it gave then (E-02, E-03, design 5)."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wiring import Ledger
from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket.state import Ticket
from projections.backlog import backlog
from projections.catalogue import PROJECTIONS
from projections.tickets import TICKETS
from replay.time_travel import (
    NOW,
    Viewpoint,
    as_of,
    at_position,
    backlog_at,
    known_at,
    rows_at,
    seen_from,
    ticket_at,
)
from tests.examples import ARCHIVE_ROOM, Clock, command, moment, moved, opened, opening, row, send

STREAMS = ("ticket:A", "ticket:B", "ticket:C")


def recorded(position: int, stream: str, version: int, occurred: int, taken: int, event: object = None) -> Recorded:
    """An event by its places and its two times, in minutes."""
    at, known = moment(minutes=occurred), moment(minutes=taken)
    what = event or (opened(number=position) if version == 1 else moved("Open", "Closed"))
    return Recorded(position, stream, version, what, at, known, "system", "cli:x", "", "c", "c", "", "")


@st.composite
def logs(draw: st.DrawFn) -> list[Recorded]:
    """Logs whose events claim any order of times."""
    steps = draw(st.lists(st.tuples(st.sampled_from(STREAMS), st.integers(-9, 9), st.integers(0, 3)), max_size=25))
    versions = dict.fromkeys(STREAMS, 0)
    taken = accumulate(later for _, _, later in steps)
    log = []
    for position, ((stream, occurred, _), known) in enumerate(zip(steps, taken, strict=True), start=1):
        versions[stream] += 1
        log.append(recorded(position, stream, versions[stream], occurred, known))
    return log


minutes = st.none() | st.integers(-10, 30)


def by_stream(events: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    streams: dict[str, list[Recorded]] = {stream: [] for stream in STREAMS}
    for one in events:
        streams[one.stream].append(one)
    return streams


def prefix_by_definition(stream: list[Recorded], instant: Instant) -> list[Recorded]:
    """The prefix that ends at the last event by position with occurred_at <= T, as design section 5 says it."""
    last = max((one.version for one in stream if one.occurred_at <= instant), default=0)
    return stream[:last]


@given(logs(), minutes, minutes, st.none() | st.integers(0, 26))
def test_a_viewpoint_sees_what_its_definition_says_in_order_of_each_stream(
    log: list[Recorded], occurred: int | None, known: int | None, position: int | None
) -> None:
    """E-02: position and known-at cut the log first, then as-of."""
    instant = None if occurred is None else moment(minutes=occurred)
    taken = None if known is None else moment(minutes=known)
    cut = [one for one in log if position is None or one.position <= position]
    cut = [one for one in cut if taken is None or one.recorded_at <= taken]
    wanted = by_stream(cut)
    if instant is not None:
        wanted = {name: prefix_by_definition(stream, instant) for name, stream in wanted.items()}
    assert by_stream(seen_from(log, Viewpoint(instant, taken, position))) == wanted


def test_an_event_that_claims_a_later_time_is_seen_where_one_behind_it_is() -> None:
    """Foreign clocks run backwards: the source's order is the truth."""
    log = [
        recorded(1, "ticket:A", 1, 0, 50),
        recorded(2, "ticket:A", 2, 30, 50),
        recorded(3, "ticket:A", 3, 10, 50),
        recorded(4, "ticket:A", 4, 40, 50),
    ]
    assert [one.position for one in as_of(log, moment(minutes=10))] == [1, 2, 3]
    assert [one.position for one in as_of(log, moment(minutes=9))] == [1]
    assert [*as_of(log, moment(minutes=-1))] == []


def test_reading_ends_where_the_log_was_cut() -> None:
    def endless() -> Iterator[Recorded]:
        for position in range(1, 10):
            yield recorded(position, "ticket:A", position, position, position)
        pytest.fail("read on")

    assert len([*at_position(endless(), 5)]) == 5
    assert len([*known_at(endless(), moment(minutes=6))]) == 6


def test_only_what_lies_behind_a_streams_last_event_is_held_back() -> None:
    """A stream that goes on in time is passed on as it comes."""
    passed = 0

    def log() -> Iterator[Recorded]:
        for version in range(1, 1_000):
            yield recorded(version, "ticket:A", version, 0, version)
            assert passed == version

    for _ in as_of(log(), moment(minutes=0)):
        passed += 1
    assert passed == 999


@pytest.fixture
def snapshots(ledger: Ledger, clock: Clock) -> list[tuple[Instant, int, dict[str, Any], list[Any]]]:
    """A desk at work, with all its rows and its backlog as they were after each command."""
    chance = Random(7)
    taken = []
    for step in range(60):
        clock.advance(minutes=chance.randrange(1, 50))
        ticket_id = f"T-{chance.randrange(5)}"
        about: dict[str, Any] = {"ticket_id": ticket_id}
        asked = [
            opening(ticket_id, team="Tier 1", tags=["hot"]),
            command("AssignTicket", **about, agent=chance.choice("abc")),
            command("HoldTicket", **about),
            command("CloseTicket", **about),
            command("ReopenTicket", **about),
            command("AddComment", **about, body=f"step {step}"),
            command("ReceiveReply", **about, body=f"hm {step}"),
            command("DeleteTicket", **about),
            command("RestoreTicket", **about),
        ]
        send(ledger, asked[0] if step < 5 else chance.choice(asked))
        ledger.runner.catch_up()
        views = {
            one.name: ledger.journal.connection.execute(f"SELECT * FROM {one.name}").fetchall() for one in PROJECTIONS
        }
        tickets = rows_at(TICKETS, ledger.journal.read())
        taken.append((clock(), ledger.journal.tip().position, views, backlog(tickets)))
    return taken


def _tuples(rows: Iterable[Any]) -> list[tuple[Any, ...]]:
    return sorted(tuple(getattr(one, name) for name in type(one).__annotations__) for one in rows)


def test_every_view_as_of_a_past_instant_equals_the_one_taken_live_then(
    ledger: Ledger, snapshots: list[tuple[Instant, int, dict[str, Any], list[Any]]]
) -> None:
    """E-03, by each of the three words."""
    log = ledger.journal.read()
    for instant, position, views, live_backlog in snapshots:
        for viewpoint in (
            Viewpoint(as_of=instant),
            Viewpoint(known_at=instant),
            Viewpoint(at_position=position),
            Viewpoint(instant, instant, position),
        ):
            for projection in PROJECTIONS:
                rows = rows_at(projection, seen_from(log, viewpoint))
                assert _tuples(rows) == sorted(map(tuple, views[projection.name]))
            assert backlog_at(seen_from(log, viewpoint)) == live_backlog


def test_known_at_leaves_out_what_was_imported_later_and_as_of_does_not(ledger: Ledger, clock: Clock) -> None:
    before = clock()
    clock.advance(hours=1)
    send(ledger, row(1, ticket_id="I-1", command_id="i/1", occurred_at=moment(days=-3)), door=ARCHIVE_ROOM)
    log = ledger.journal.read()
    assert len([*seen_from(log, Viewpoint(as_of=before))]) == 1
    assert [*seen_from(log, Viewpoint(known_at=before))] == []
    assert len([*seen_from(log, NOW)]) == 1


def test_a_ticket_is_the_fold_of_the_events_that_are_seen(ledger: Ledger, clock: Clock) -> None:
    send(ledger, opening())
    opened_at = clock()
    clock.advance(minutes=5)
    send(ledger, command("CloseTicket"))
    history = ledger.journal.load(["ticket:T-1"])["ticket:T-1"]

    def at(viewpoint: Viewpoint) -> Ticket | None:
        return ticket_at(seen_from(history, viewpoint))

    now, then = at(NOW), at(Viewpoint(as_of=opened_at))
    assert now is not None
    assert then is not None
    assert (then.status, now.status) == ("Open", "Closed")
    assert at(Viewpoint(as_of=moment(days=-1))) is None
