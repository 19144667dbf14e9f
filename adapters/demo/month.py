"""One month at a support desk of twenty agents: every command that reached its doors in June 2026, in time order.

A pure generator for demonstrations and measurements: it knows no bus and no database. It keeps its own picture of each
ticket, so that the commands are valid where all earlier ones were accepted, but for about two in a hundred that the
domain refuses, as at a real desk. Command ids come from the seed, so running the same month twice into one log changes
nothing the second time. On the evening before, the desk is set up.
"""

from collections.abc import Iterator
from random import Random

from adapters.demo import refunds, story
from adapters.demo.desk import arrivals
from adapters.demo.life import Life, Person
from adapters.demo.phrases import FIRST_NAMES, LAST_NAMES, REFUND, TOPICS
from adapters.demo.rules import rules
from adapters.demo.showcase import OPENED_AT, showcase
from adapters.demo.step import Step, chance

__all__ = ["Step", "month"]

NEW_CONTACTS = 0.578
"""The share of tickets from somebody who never wrote before."""


def month(seed: int = 2026, tickets: int = 4500) -> Iterator[Step]:
    """Every step of the month in time order, SHOW-1 among its tickets; the same seed gives the same steps."""
    if tickets < 1:
        raise ValueError(f"a month has at least one ticket, not {tickets}")
    steps = [*rules(seed), *showcase(seed)]
    for life in _lives(seed, tickets - 1):
        steps += life.steps
    return iter(sorted(steps, key=lambda step: step.at))


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
        if story.comes_in(life, intake, is_new):
            (refunds if topic is REFUND else story).goes_on(life)
        yield life


def _person(luck: Random, ordinal: int) -> Person:
    first, last = luck.choice(FIRST_NAMES), luck.choice(LAST_NAMES)
    return Person(f"c{ordinal:05}", f"{first} {last}", f"{first}.{last}.{ordinal}@example.org".lower())
