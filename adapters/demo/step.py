"""One command of the simulated month, and where its chance and its ids come from."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp
from random import Random
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from commands.union import Command
from domain.instant import Instant

BEGIN: Final = datetime(2026, 6, 1, tzinfo=UTC)
END: Final = datetime(2026, 7, 1, tzinfo=UTC)
"""The month is half open: nothing happens at END or later."""
MIDDLE: Final = datetime(2026, 6, 16, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One command as it arrives at a door."""

    at: Instant
    """When it arrives."""
    command: Command
    via: str
    """The door and the principal it authenticated, such as `mail:inbox` or `cli:desk`."""


def chance(seed: int, subject: str) -> Random:
    """A stream of chance for one subject, so that one ticket's life does not move another's."""
    return Random(f"{seed}/{subject}")  # noqa: S311 - it has to repeat, not to be secret


def command_id(seed: int, subject: str, ordinal: int) -> str:
    """The id of a subject's `ordinal`-th command: UUIDv5, the same in every run of a seed."""
    return str(uuid5(NAMESPACE_URL, f"deskledger:demo:{seed}:{subject}:{ordinal}"))


def around(luck: Random, median: float, spread: float = 0.8) -> float:
    """A duration as people take it: near the median mostly, now and then much longer (lognormal)."""
    return median * exp(luck.gauss(0.0, spread))
