"""One month at a support desk of twenty agents: every command that reached its doors in June 2026, in time order.

A pure generator for demonstrations and measurements: it knows no bus and no database. It keeps its own picture of each
ticket, so that the commands are valid where all earlier ones were accepted, but for about one in a hundred that the
domain refuses, as at a real desk. Command ids come from the seed, so running the same month twice into one log changes
nothing the second time.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from adapters.demo.desk import arrivals
from adapters.demo.life import CLI, Envelope, Life, Person
from adapters.demo.phrases import FIRST_NAMES, LAST_NAMES, TOPICS
from adapters.demo.showcase import OPENED_AT, showcase
from adapters.demo.step import BEGIN, Step, chance, command_id
from adapters.demo.story import FOR_CUSTOMER, FOR_PARTS, RESOLVED, live
from commands.status import DefineStatus, RetireStatus
from commands.union import Command
from domain.instant import instant
from domain.values import StatusType

__all__ = ["Step", "month"]

NEW_CONTACTS = 0.578
"""The share of tickets from somebody who never wrote before."""
UNUSED = "Waiting for Approval"


def month(seed: int = 2026, tickets: int = 4500) -> Iterator[Step]:
    """Every step of the month in time order, SHOW-1 among its tickets; the same seed gives the same steps."""
    if tickets < 1:
        raise ValueError(f"a month has at least one ticket, not {tickets}")
    steps = [*_catalogue(seed), *showcase(seed)]
    for life in _lives(seed, tickets - 1):
        steps += life.steps
    return iter(sorted(steps, key=lambda step: step.at))


def _catalogue(seed: int) -> list[Step]:
    """The desk's own statuses; one of them turns out to be useless, and one attempt contradicts another."""
    asked: list[tuple[timedelta, Command]] = []

    def envelope() -> Envelope:
        ordinal = len(asked) + 1
        return Envelope(
            command_id=command_id(seed, "statuses", ordinal), actor="system", correlation_id="conversation:statuses"
        )

    for status, status_type in (
        (FOR_CUSTOMER, StatusType.ON_HOLD),
        (FOR_PARTS, StatusType.ON_HOLD),
        (RESOLVED, StatusType.CLOSED),
        (UNUSED, StatusType.ON_HOLD),
    ):
        definition = DefineStatus(**envelope(), status=status, status_type=status_type)
        asked.append((timedelta(seconds=len(asked)), definition))
    contradiction = DefineStatus(**envelope(), status=FOR_PARTS, status_type=StatusType.OPEN)
    asked.append((timedelta(days=2, hours=9), contradiction))
    asked.append((timedelta(days=2, hours=9, minutes=4), RetireStatus(**envelope(), status=UNUSED)))
    return [Step(instant(BEGIN + after), command, CLI) for after, command in asked]


def _lives(seed: int, count: int) -> Iterator[Life]:
    luck = chance(seed, "month")
    people: list[Person] = []
    for ordinal, (moment, intake) in enumerate(arrivals(luck, count), start=1):
        if is_new := not people or luck.random() < NEW_CONTACTS:
            people.append(_person(luck, len(people) + 1))
        person = people[-1] if is_new else luck.choice(people)
        topic = luck.choices(TOPICS, [topic.weight for topic in TOPICS])[0]
        # The id says the ticket's place in the order of arrival, and SHOW-1 has its place too.
        place = ordinal + (moment > OPENED_AT)
        life = Life(seed, f"T-{place:05}", person, topic, moment)
        live(life, intake, is_new)
        yield life


def _person(luck: Random, ordinal: int) -> Person:
    first, last = luck.choice(FIRST_NAMES), luck.choice(LAST_NAMES)
    return Person(f"c{ordinal:05}", f"{first} {last}", f"{first}.{last}.{ordinal}@example.org".lower())
