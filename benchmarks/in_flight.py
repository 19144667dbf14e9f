"""DASHBOARD and TRANSITIONS: a desk with a hundred thousand tickets inside blueprints is asked how it stands.

Three blueprints of eight states, two versions each, the second valid from the middle of the opening days on. A ticket
is opened within ten days, enters, and moves on twice within two days each; then it stays where it is. The log has what
the bus would have recorded, the status that follows each move and the violations that a ticker saw included, written
past the bus in batches; definitions go through the bus. Time limits are such that a fifth of the tickets is over
its limit at the end of the log, and three quarters five days and a half later, when no ticker has run since.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from operator import itemgetter
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, Final

from sqlalchemy import Connection, text

from adapters.read_db.figures.blueprint import blueprint_dashboard
from adapters.read_db.figures.rows import DashboardRow
from adapters.wiring import Ledger, open_ledger
from benchmarks import memory, ours
from benchmarks.measure import Figure, Lap, Scale, milliseconds, note, timed, turns
from commands.definition import DraftDefinition, PublishDefinition
from commands.status import DefineStatus
from domain.definitions import Kind
from domain.instant import Instant, instant
from domain.journal import Draft
from domain.receipts import Outcome
from domain.recorded import Fact
from domain.rules.blueprint import available_transitions
from domain.ticket import blueprint_events as b
from domain.ticket import events as e
from domain.ticket.events import TicketStatusChanged
from domain.values import StatusType, ticket_stream
from replay.time_travel import ticket_at

_START: Final = datetime(2026, 6, 1, tzinfo=UTC)
_DAY: Final = 86_400
_OPENING: Final = 10 * _DAY
_MOVE: Final = 2 * _DAY
_NOW: Final = _START + timedelta(days=14)
_LATER: Final = _NOW + timedelta(days=5, hours=10)
_BLUEPRINTS: Final = ("claims", "orders", "repairs")
_STATES: Final = tuple(f"Step {number}" for number in range(8))
_STATUSES: Final = ("Open", *_STATES[1:])
_END: Final = "Closed"
_LIMIT_HOURS: Final = (45, *(24 * (8 + number % 5) for number in range(1, 8)))
_ASKED: Final = 20
"""Tickets that are asked about a round."""
_AGENT: Final = "agent:a1"
_FIRST_ID: Final = 1_000_000
"""Of the tickets' commands, behind those of the definitions."""
_MOVED: Final = ("fct_state_visits", "fct_blueprint_runs", "fct_transitions")


def asked(folder: Path, scale: Scale) -> Iterator[Figure]:
    """DASHBOARD and TRANSITIONS, on one log."""
    path, begin = folder / "ours.db", perf_counter()
    fill(path, scale.in_flight)
    note(f"  {scale.in_flight:,} tickets in flight, made in {perf_counter() - begin:.0f} s")
    with at_desk(path) as ledger:
        yield from _dashboard(folder, ledger, scale)
        yield from _transitions(folder, ledger, scale)


@contextmanager
def at_desk(path: Path, now: datetime = _NOW) -> Iterator[Ledger]:
    """The ledger at an instant; where there is none, it is made."""
    moment = instant(now)
    with open_ledger(str(path), create=True, now=lambda: moment) as ledger:
        yield ledger


# Asking


def dashboard(ledger: Ledger, at: Instant) -> list[DashboardRow]:
    """The figures, from the look whether anything was recorded since to the rows; over a connection of its own."""
    with ledger.reading() as connection:
        return blueprint_dashboard(connection, at)


def _dashboard(folder: Path, ledger: Ledger, scale: Scale) -> Iterator[Figure]:
    now, later = instant(_NOW), instant(_LATER)
    shares = {at: overstaying(dashboard(ledger, at)) / scale.in_flight for at in (now, later)}

    def side(at: Instant) -> Lap:
        with timed() as lap:
            found = dashboard(ledger, at)
        assert found
        return lap

    def floor(_: int) -> Lap:
        with timed() as lap, ledger.reading() as connection:
            found = _counted(connection)
        assert min(found) >= scale.in_flight
        return lap

    sides = {"ours": lambda _: side(now), "more over": lambda _: side(later), "floor": floor}
    laps = turns(folder, sides, scale.pairs)
    over = round(median(lap.seconds for lap in laps.of["more over"]) * 1_000, 1)
    yield milliseconds(
        "DASHBOARD",
        laps,
        tickets=scale.in_flight,
        over_limit=round(shares[now], 2),
        note=f"with {shares[later]:.0%} over their limit {over} ms",
    )


def _counted(connection: Connection) -> list[int]:
    """How many rows there are of those the figures are made of, each looked at and none passed on."""
    return [connection.execute(text(f"SELECT count(*) FROM {table} NOT INDEXED")).scalar_one() for table in _MOVED]


def overstaying(rows: Sequence[DashboardRow]) -> int:
    """How many tickets are over the limit of the state they are in."""
    return sum(row.occurrences for row in rows if row.metric == "overstaying")


def offered(ledger: Ledger, ticket_id: str) -> list[str]:
    """What an agent may do with a ticket: its stream from the log, folded, lapsed and judged by its definitions."""
    stream, now = ticket_stream(ticket_id), ledger.now()
    ticket = ticket_at(ledger.journal.load([stream])[stream], now)
    offers = available_transitions(ticket, ticket_id, ledger.definitions(), _AGENT, now)
    return [offer.transition for offer in offers if offer.is_offered]


def _transitions(folder: Path, ledger: Ledger, scale: Scale) -> Iterator[Figure]:
    chance = Random(8)
    connection = ledger.journal.connection
    rounds = [[f"T-{chance.randrange(scale.in_flight)}" for _ in range(_ASKED)] for _ in range(scale.pairs + 1)]

    def side(turn: int) -> Lap:
        with timed() as lap:
            found = [offered(ledger, ticket_id) for ticket_id in rounds[turn]]
        assert all(found)
        return Lap(lap.seconds / _ASKED, lap.cpu / _ASKED)

    def floor(turn: int) -> Lap:
        rows = "SELECT * FROM log WHERE stream = (SELECT id FROM streams WHERE text = ?) ORDER BY version"
        with timed() as lap:
            found = [connection.execute(rows, (ticket_stream(one),)).fetchall() for one in rounds[turn]]
        assert all(found)
        return Lap(lap.seconds / _ASKED, lap.cpu / _ASKED)

    laps = turns(folder, {"ours": side, "floor": floor}, scale.pairs)
    yield milliseconds("TRANSITIONS", laps, tickets=scale.in_flight, asked_a_round=_ASKED)


# The log


def fill(path: Path, tickets: int) -> None:
    """The definitions, the lives of so many tickets up to now, and all projections over them."""
    with at_desk(path, _START - timedelta(days=1)) as ledger:
        _define(ledger)
    memory.write(path, _drafts(tickets))


def _define(ledger: Ledger) -> None:
    ids = count(1)

    def envelope() -> dict[str, Any]:
        return {"command_id": f"{next(ids):032x}", "actor": "system"}

    commands: list[Any] = [
        DefineStatus(**envelope(), status=status, status_type=StatusType.OPEN) for status in _STATUSES[1:]
    ]
    for blueprint in _BLUEPRINTS:
        for version, valid_from in ((1, None), (2, instant(_START + timedelta(seconds=_OPENING / 2)))):
            draft = _document(blueprint, version)
            commands.append(DraftDefinition(**envelope(), kind=Kind.BLUEPRINT, key=blueprint, document=draft))
            named: dict[str, Any] = {
                "kind": Kind.BLUEPRINT,
                "key": blueprint,
                "version": version,
                "valid_from": valid_from,
            }
            commands.append(PublishDefinition(**envelope(), **named))
    ours.accepted(ledger.submit(commands, ours.DOOR))


def _document(blueprint: str, version: int) -> dict[str, Any]:
    """Every state leads to every later one, and each to the end."""
    states: list[dict[str, Any]] = [
        {"name": state, "status": status, "limit": f"{hours}h", "start": state == _STATES[0]}
        for state, status, hours in zip(_STATES, _STATUSES, _LIMIT_HOURS, strict=True)
    ]
    moves = [
        {"name": f"To {state}", "from": list(_STATES[:number]), "to": state, "owners": "any_agent"}
        for number, state in enumerate(_STATES)
        if number
    ]
    finish = {"name": "Finish", "from": "*", "to": "Done", "owners": "any_agent"}
    return {
        "kind": Kind.BLUEPRINT.value,
        "key": blueprint,
        "name": f"{blueprint} {version}",
        "department": blueprint,
        "states": [*states, {"name": "Done", "status": _END, "end": True}],
        "transitions": [*moves, finish],
    }


def _drafts(tickets: int) -> Iterator[Draft]:
    """One a command of the desk, or a violation seen by the ticker, in order of time."""
    dated = [one for number in range(tickets) for one in _life(number, tickets)]
    dated.sort(key=itemgetter(0, 1, 2))
    for made, (at, number, version, made_by, events) in enumerate(dated, _FIRST_ID):
        yield _draft(f"{made:032x}", number, version, instant(at), made_by, events)


_Step = tuple[datetime, int, int, str, tuple[e.TicketEvent, ...]]
"""When, the ticket's number, the version of the first event, who, and the events."""


def _life(number: int, tickets: int) -> Iterator[_Step]:
    chance, blueprint = Random(number), _BLUEPRINTS[number % len(_BLUEPRINTS)]
    offset = _OPENING * number / tickets
    at, version = _START + timedelta(seconds=offset), 2 if offset >= _OPENING / 2 else 1
    path = (0, *sorted(chance.sample(range(1, len(_STATES)), 2)))
    due = at + timedelta(hours=_LIMIT_HOURS[0])
    body = f"Request {number % 60}"
    opening = memory.opened(number, f"c{number // 3}", body, department=blueprint)
    entered = b.BlueprintEntered(blueprint, version, blueprint, _STATES[0], instant(due))
    yield at, number, 1, f"contact:c{number // 3}", (opening, entered)
    place, agent = 3, f"agent:a{number % 20}"
    for before, after in pairwise(path):
        at += timedelta(microseconds=chance.randrange(1_000_000, _MOVE * 1_000_000))
        if due <= at:
            yield due, number, place, "system", (_violated(blueprint, version, before, due),)
            place += 1
        due = at + timedelta(hours=_LIMIT_HOURS[after])
        moved = b.TransitionPerformed(
            blueprint, version, f"To {_STATES[after]}", _STATES[before], _STATES[after], instant(due)
        )
        status = TicketStatusChanged(_STATUSES[before], StatusType.OPEN, _STATUSES[after], StatusType.OPEN)
        yield at, number, place, agent, (moved, status)
        place += 2
    if due <= _NOW:
        yield due, number, place, "system", (_violated(blueprint, version, path[-1], due),)


def _violated(blueprint: str, version: int, state: int, due: datetime) -> b.StateLimitViolated:
    return b.StateLimitViolated(blueprint, version, _STATES[state], instant(due))


def _draft(
    command_id: str, number: int, version: int, at: Instant, actor: str, events: Sequence[e.TicketEvent]
) -> Draft:
    stream, person = ticket_stream(f"T-{number}"), f"contact:c{number // 3}"
    facts = tuple(Fact(stream, version + place, event, at, person, person) for place, event in enumerate(events))
    return Draft(
        command_id=command_id,
        command="ChangeTicket",
        stream=stream,
        digest=bytes(32),
        outcome=Outcome.ACCEPTED,
        actor=actor,
        via="kafka:desk",
        correlation_id=command_id,
        facts=facts,
        versions=((stream, facts[-1].version),),
    )
