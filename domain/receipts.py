"""Receipts: the lasting answers to commands, kept beside the log; a refused attempt is evidence too (design 3)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from domain.instant import Instant


class Outcome(StrEnum):
    """What became of a command. A conflict is an answer of the moment and leaves no receipt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal as it was given: code, sentence, facts."""

    code: str
    sentence: str
    facts: dict[str, object]


class Answer(NamedTuple):
    """The content of a receipt: where the events are and what they made, or why there are none."""

    positions: tuple[int, ...] = ()
    """Places of the command's events in the log; empty where nothing changed or the command was refused."""
    versions: tuple[tuple[str, int], ...] = ()
    """The version of each stream the command was decided on, after it."""
    reasons: tuple[Reason, ...] = ()


class Receipt(NamedTuple):
    """The answer to one command, the same for ever."""

    number: int
    """Gapless place among the receipts, from 1; 0 for an answer of the moment that is not kept."""
    command_id: str
    command: str
    stream: str
    digest: bytes
    """SHA-256 over the canonical command, without `issued_at` and `correlation_id`, defaults left out."""
    outcome: Outcome
    answer: Answer
    principal: str
    recorded_at: Instant
