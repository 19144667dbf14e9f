"""Why a ticket is in no blueprint, and why an SLA policy applies to it or does not (F-91, F-105).

Rules ask at a command, so what is told here is what a command would find as the ticket stands. A condition that asks
what changed can be judged only where something did: at the ticket's last own change, the state before it against the
state that it made. A policy that applies is told as of the command at which it came to apply, for later publications
never judge what was judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from domain.conditions import Condition
from domain.definitions import NO_DEFINITIONS, Definitions, History, InForce, Kind, evolve
from domain.instant import Instant
from domain.recorded import Recorded
from domain.rules.blueprint import eligibility
from domain.rules.lapse import SYSTEM, Lapsed
from domain.sla import Policy
from domain.ticket.blueprint_events import BlueprintCompleted, BlueprintEntered, BlueprintRevoked
from domain.ticket.sla_events import SlaApplied
from domain.ticket.state import Ticket
from domain.ticket.subject import subject_of
from domain.values import ERASED, SEALED, StatusType
from replay.explain_words import plain
from replay.time_travel import ticket_at

ENTERS: Final = "enters"
"""Nothing keeps the ticket out: it enters, or the policy applies, with its next change."""
APPLIES: Final = "applies"
REFUSES: Final = "refuses"
NOT_ASKED: Final = "not_asked"
"""One before it in order takes the ticket, so it is not asked."""
_LOST: Final = "what kept it from applying then cannot be told any more"
"""Erased text may have been what its condition looked at."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A blueprint or an SLA policy in force, and why it takes the ticket or not."""

    key: str
    version: int
    name: str
    order: int
    answer: str
    """`applies`, `enters`, `refuses` or `not_asked`."""
    reasons: tuple[str, ...]
    """Everything that is in the way; empty where nothing is."""
    notes: tuple[str, ...]
    """What one must know beside it: at which change it was judged, what text is erased, since when it is in force."""


class Change(NamedTuple):
    """What one command made of a ticket, as rules saw it."""

    before: Ticket | None
    ticket: Ticket
    at: Instant
    position: int
    """Of its first event."""
    command_id: str
    ended_blueprint: bool
    """Whether the command itself completed or revoked a blueprint; then no entry was asked for."""

    @property
    def words(self) -> str:
        """The change, as a sentence names it."""
        return f"command {self.command_id} at {plain(self.at)}"


def definitions_of(events: Sequence[Recorded], before: int | None = None) -> Definitions:
    """The definitions that these events made, of any streams; with `before` those in front of that position."""
    histories: dict[str, History] = {}
    for recorded in events:
        if before is None or recorded.position < before:
            event: Any = recorded.event
            histories[recorded.stream] = evolve(histories.get(recorded.stream), event, recorded.occurred_at)
    known = NO_DEFINITIONS
    for history in histories.values():
        known = known.with_history(history)
    return known


def last_change(history: Sequence[Recorded], until_position: int | None = None, *, of_policies: bool) -> Change | None:
    """The last command that decided something on the ticket, as the rules of entry, or of policies, saw it.

    What time alone caused is no change, whatever it was recorded with. With `until_position` the command of the event
    there.
    """
    own = [one for one in history if not _is_lapsed(one, history)]
    if until_position is not None:
        own = [one for one in own if one.position <= until_position]
    if not own:
        return None
    command_id = own[-1].command_id
    made = [one for one in own if one.command_id == command_id]
    first = made[0].position
    # Policies are asked after the entry, and neither rule sees what it brings about itself.
    stops: tuple[type, ...] = (SlaApplied,) if of_policies else (SlaApplied, BlueprintEntered)
    stop = next((one.position for one in made if isinstance(one.event, stops)), made[-1].position + 1)
    ticket = ticket_at(one for one in history if one.position < stop)
    if ticket is None:
        return None
    before = ticket_at(one for one in history if one.position < first)
    ended = any(isinstance(one.event, BlueprintCompleted | BlueprintRevoked) for one in made)
    return Change(before, ticket, made[0].occurred_at, first, command_id, ended)


def blueprints_asked(
    history: Sequence[Recorded], ticket: Ticket, definitions: Definitions, at: Instant
) -> tuple[Candidate, ...]:
    """Each blueprint in force and why a ticket that is in none did not enter it (F-105)."""
    change = last_change(history, of_policies=False)
    found: list[Candidate] = []
    for candidate in definitions.in_force(Kind.BLUEPRINT, at):
        parsed = candidate.parsed
        before, now, moment, notes = _basis(parsed.entry, ticket, change, at)
        reasons = eligibility(before, now, candidate, moment).reasons
        if not reasons:
            notes += _why_not_yet(definitions, Kind.BLUEPRINT, candidate, change, at)
        found.append(_candidate(candidate, reasons, notes, ENTERS, found))
    return tuple(found)


def policies_asked(
    history: Sequence[Recorded], definition_events: Sequence[Recorded], ticket: Ticket, at: Instant
) -> tuple[tuple[Candidate, ...], Change | None]:
    """Each SLA policy in force, in order, and why it applies or not (F-91); and the change at which one came to."""
    applied = next((one for one in reversed(history) if isinstance(one.event, SlaApplied)), None)
    if ticket.sla is not None and applied is not None:
        then = last_change(history, applied.position, of_policies=True)
        if then is not None:
            return _applied(then, applied.event, definitions_of(definition_events, then.position)), then
    change, definitions = last_change(history, of_policies=True), definitions_of(definition_events)
    found: list[Candidate] = []
    for candidate in definitions.in_force(Kind.SLA_POLICY, at):
        before, now, moment, notes = _basis(candidate.parsed.applies, ticket, change, at)
        reasons = _objections(before, now, candidate.parsed, moment)
        if not reasons:
            notes += _why_not_yet(definitions, Kind.SLA_POLICY, candidate, change, at)
        found.append(_candidate(candidate, reasons, notes, ENTERS, found))
    return tuple(found), None


def _applied(then: Change, event: object, definitions: Definitions) -> tuple[Candidate, ...]:
    found: list[Candidate] = []
    for candidate in definitions.in_force(Kind.SLA_POLICY, then.at):
        if isinstance(event, SlaApplied) and (candidate.key, candidate.version) == (event.policy, event.version):
            found.append(_candidate(candidate, (), (), APPLIES, []))
            continue
        reasons = _objections(then.before, then.ticket, candidate.parsed, then.at)
        if not reasons and not any(one.answer == APPLIES for one in found):
            reasons = (_LOST,)
        notes = _erased(candidate.parsed.applies, then.ticket)
        found.append(_candidate(candidate, reasons, notes, ENTERS, found))
    return tuple(found)


def _candidate(
    candidate: InForce, reasons: tuple[str, ...], notes: tuple[str, ...], taken: str, earlier: Sequence[Candidate]
) -> Candidate:
    first = next((one for one in earlier if one.answer in (APPLIES, ENTERS)), None)
    answer = REFUSES if reasons else taken if first is None else NOT_ASKED
    if answer == NOT_ASKED and first is not None:
        notes = (f"{first.key} comes before it in order",)
    parsed = candidate.parsed
    return Candidate(candidate.key, candidate.version, parsed.name, parsed.order, answer, reasons, notes)


def _basis(
    condition: Condition, ticket: Ticket, change: Change | None, at: Instant
) -> tuple[Ticket | None, Ticket, Instant, tuple[str, ...]]:
    """The two states and the instant that a condition is judged by, and what one must know of that."""
    notes = _erased(condition, ticket)
    if not condition.uses_change or change is None:
        return ticket, ticket, at, notes
    return (
        change.before,
        change.ticket,
        change.at,
        (f"its condition asks what changed, so it is judged at the last change, {change.words}", *notes),
    )


def _erased(condition: Condition, ticket: Ticket) -> tuple[str, ...]:
    texts = (("subject", ticket.subject), ("description", ticket.description))
    return tuple(
        f"the {name} is {text}, so what its condition found in it before cannot be told"
        for name, text in texts
        if name in condition.fields and text in (ERASED, SEALED)
    )


def _why_not_yet(
    definitions: Definitions, kind: Kind, candidate: InForce, change: Change | None, at: Instant
) -> tuple[str, ...]:
    """Why what nothing is in the way of has not happened: rules ask at a change, and there was none."""
    history = definitions.history(kind, candidate.key)
    version = None if history is None else history.version(candidate.version)
    notes = ["nothing is in the way; it takes the ticket in with the next change"]
    if change is not None and version is not None and version.valid_from is not None and version.valid_from > change.at:
        notes.append(f"it is in force since {plain(version.valid_from)}, after the last change, {change.words}")
    elif change is not None and change.ended_blueprint and kind is Kind.BLUEPRINT:
        notes.append(f"the last change, {change.words}, ended a blueprint, and no entry is asked for then")
    return tuple(notes)


def _objections(before: Ticket | None, ticket: Ticket, policy: Policy, at: Instant) -> tuple[str, ...]:
    """Everything that keeps a policy from applying, as `domain.rules.sla.applying` and its caller ask."""
    reasons: list[str] = []
    if not ticket.is_live:
        reasons.append(f"it is an import of {ticket.source} that was not adopted")
    if ticket.is_deleted or ticket.is_archived:
        reasons.append("it is deleted" if ticket.is_deleted else "it is archived")
    if ticket.status_type is StatusType.CLOSED:
        reasons.append(f"it is closed, in status {ticket.status}")
    if policy.department is not None and policy.department != ticket.department:
        reasons.append(f"it is in department {ticket.department}, not in {policy.department}")
    reasons.extend(policy.applies.failures(subject_of(before, ticket, at)))
    return tuple(reasons)


def _is_lapsed(recorded: Recorded, history: Sequence[Recorded]) -> bool:
    """Whether time alone caused it: the system did, and its cause was recorded with an earlier command."""
    if recorded.actor != SYSTEM or not isinstance(recorded.event, Lapsed):
        return False
    cause = next((one for one in history if f"{one.stream}@{one.version}" == recorded.cause), None)
    return cause is None or cause.command_id != recorded.command_id
