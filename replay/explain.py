"""Why an event happened: back to the command that somebody sent, and forward to what it caused at once (E-06).

A link of the chain is an event with the one that caused it. What time alone caused, nobody asked for: its cause is the
event that set what was due, and the command it was recorded with is told beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args

from domain.definitions import DefinitionDrafted, DefinitionPublished, Kind, definition_stream
from domain.instant import Instant
from domain.receipts import Reason, Receipt
from domain.recorded import Recorded
from domain.rules.lapse import SYSTEM, Lapsed
from replay.explain_words import said

Streams: TypeAlias = Callable[[str], Sequence[Recorded]]
"""The events of a stream in order; none where there is no such stream."""
Receipts: TypeAlias = Callable[[str], Receipt | None]
"""The receipt of a command id."""

BUILT_IN: Final = "built_in"
_LAPSED: Final = get_args(Lapsed)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who did something to a definition, when, and where it stands in the log."""

    actor: str
    at: Instant
    position: int


@dataclass(frozen=True, slots=True)
class Rule:
    """The definition version that produced an event, and who answers for it (E-04)."""

    text: str
    """As the log names it, `blueprint:refund@2`."""
    kind: str
    """`blueprint`, `sla_policy`, or `built_in` for a rule of the program."""
    key: str
    version: int | None
    name: str | None
    """The name its document gives it; None where the log holds no such version, and for a built-in rule."""
    drafted: Signature | None = None
    published: Signature | None = None
    valid_from: Instant | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One event of a chain."""

    position: int
    place: str
    """`stream@version`, as others name it for their cause."""
    name: str
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    said: str
    """What it says in words, without personal text."""
    rule: Rule | None
    """None: the command's own decision."""
    is_by_time: bool
    """Whether time alone caused it; `command_id` is then the command that it was recorded with."""
    command_id: str
    cause: str
    """`stream@version` of its cause; empty: the command itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that was sent, as its events and its receipt tell it."""

    command_id: str
    correlation_id: str
    actor: str
    via: str
    judged_by: str
    recorded_at: Instant
    command: str | None
    """Its name; this and what follows is None, or empty, where no receipt is kept."""
    principal: str | None
    """Whose receipt it is, as the door proved it."""
    receipt: int | None
    """Number of the receipt."""
    outcome: str | None
    reasons: tuple[Reason, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event happened and what it led to."""

    chain: tuple[Link, ...]
    """The event first, then its cause, and so on to the one that a command decided."""
    broken: str | None
    """What is wrong with the last link's cause; None where the chain is whole."""
    command: Asked
    """What the last link was decided by."""
    recorded_with: Asked | None
    """What the event itself was recorded with, where that is another command: then time alone caused it."""
    effects: tuple[Link, ...]
    """The events that it caused directly, in order."""


def explain_event(recorded: Recorded, streams: Streams, receipts: Receipts) -> Explanation:
    """The explanation of an event of any stream. A cause that is not there ends the chain, and `broken` says so."""
    chain, broken = _chain(recorded, streams)
    place = _place(recorded)
    effects = [one for one in streams(recorded.stream) if one.cause == place]
    first, beside = chain[-1], None
    if first.command_id != recorded.command_id:
        # What time caused was done by nobody; who sent the command is told by what the command decided itself.
        own = [one for one in streams(recorded.stream) if one.command_id == recorded.command_id]
        beside = _asked(recorded, receipts, actor=own[-1].actor if own else recorded.actor)
    return Explanation(
        chain=tuple(_link(one, cause, streams) for one, cause in zip(chain, [*chain[1:], None], strict=True)),
        broken=broken,
        command=_asked(first, receipts),
        recorded_with=beside,
        effects=tuple(_link(one, recorded, streams) for one in effects),
    )


def rule_named(text: str, streams: Streams) -> Rule:
    """The definition version behind the text of the log's column `rule`."""
    kind, _, rest = text.partition(":")
    key, _, digits = rest.rpartition("@")
    version = int(digits) if digits.isdecimal() else None
    if kind not in set(Kind) or version is None:
        return Rule(text, kind, key or rest, version, None)
    name = drafted = published = valid_from = None
    for one in streams(definition_stream(Kind(kind), key)):
        match one.event:
            case DefinitionDrafted(version=number) if number == version:
                drafted, name = _signature(one), str(one.event.document.get("name", ""))
            case DefinitionPublished(version=number) if number == version:
                published, valid_from = _signature(one), one.event.valid_from
            case _:
                pass
    return Rule(text, kind, key, version, name, drafted, published, valid_from)


def _chain(last: Recorded, streams: Streams) -> tuple[list[Recorded], str | None]:
    links = [last]
    while cause := links[-1].cause:
        stream, _, digits = cause.rpartition("@")
        version = int(digits) if digits.isdecimal() else 0
        found = next((one for one in streams(stream) if one.version == version), None) if stream and version else None
        if found is None or found.position >= links[-1].position:
            return links, f"{_place(links[-1])} names {cause} as its cause, and no earlier event is there"
        links.append(found)
    return links, None


def _link(recorded: Recorded, cause: Recorded | None, streams: Streams) -> Link:
    """`cause` is None where there is none, or none can be found."""
    own = recorded.actor == SYSTEM and isinstance(recorded.event, _LAPSED)
    return Link(
        position=recorded.position,
        place=_place(recorded),
        name=recorded.name,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        actor=recorded.actor,
        said=said(recorded.event),
        rule=rule_named(recorded.rule, streams) if recorded.rule else None,
        # A violation that a command of the system's brought about has its cause in the same command.
        is_by_time=own and (cause is None or cause.command_id != recorded.command_id),
        command_id=recorded.command_id,
        cause=recorded.cause,
    )


def _asked(recorded: Recorded, receipts: Receipts, actor: str = "") -> Asked:
    receipt = receipts(recorded.command_id)
    return Asked(
        command_id=recorded.command_id,
        correlation_id=recorded.correlation_id,
        actor=actor or recorded.actor,
        via=recorded.via,
        judged_by=recorded.judged_by,
        recorded_at=recorded.recorded_at,
        command=receipt and receipt.command,
        principal=receipt and receipt.principal,
        receipt=receipt and receipt.number,
        outcome=receipt and receipt.outcome.value,
        reasons=receipt.answer.reasons if receipt else (),
        positions=receipt.answer.positions if receipt else (),
    )


def _place(recorded: Recorded) -> str:
    return f"{recorded.stream}@{recorded.version}"


def _signature(recorded: Recorded) -> Signature:
    return Signature(recorded.actor, recorded.occurred_at, recorded.position)
