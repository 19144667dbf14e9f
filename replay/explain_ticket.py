"""Why a ticket is as it is: late or not, what its blueprint offers, why it is in none, which SLA policy applies.

Everything is told as of one instant and from the ticket's own events and the definitions' alone (E-04, F-113, F-115).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from domain.definitions import Kind
from domain.instant import Instant
from domain.recorded import Recorded
from domain.refusals import Refused
from domain.rules.blueprint import Failing, available_transitions
from domain.ticket.state import Ticket
from projections.clocks import SLA_CLOCKS
from projections.runs import BLUEPRINT_RUNS
from projections.visits import STATE_VISITS
from replay.explain_clocks import Limit, Target, limits_of, targets_of, why_off
from replay.explain_entry import Candidate, blueprints_asked, definitions_of, policies_asked
from replay.explain_words import plain
from replay.time_travel import rows_at, ticket_at

READ: Final = (SLA_CLOCKS, STATE_VISITS, BLUEPRINT_RUNS)
"""The projections whose rows an explanation reads."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard of a transition that does not let the actor through."""

    guard: str
    """`state`, `owner` or `condition`."""
    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """A transition, offered to the actor or with every reason why not (F-113)."""

    transition: str
    to_state: str
    is_offered: bool
    reasons: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """Where a ticket stands in the blueprint version that judges it, and what it may do there."""

    blueprint: str
    version: int
    name: str | None
    state: str
    entered_state_at: Instant
    moves: tuple[Move, ...]
    refused: tuple[str, ...]
    """Why nothing at all is offered, where the ticket takes no command; `moves` is empty then."""


@dataclass(frozen=True, slots=True)
class Run:
    """A way through a blueprint that has ended."""

    blueprint: str
    version: int
    entered_at: Instant
    ended_at: Instant
    ended_by: str
    """`completed`, `left` or `revoked`."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """The due date that a person set (F-42)."""

    due_at: Instant
    is_past: bool
    """Whether it has passed and the ticket is not closed."""


@dataclass(frozen=True, slots=True)
class TicketExplained:
    """Why a ticket is as it is, as of an instant."""

    ticket_id: str
    actor: str
    """Whom the transitions are offered to."""
    is_late: bool
    """Whether a target or a state's limit was violated, or the date that a person set has passed."""
    summary: tuple[str, ...]
    """Why it is late, or why not, in sentences."""
    not_running: str | None
    """Why its clocks do not run now; None where they would."""
    targets: tuple[Target, ...]
    limits: tuple[Limit, ...]
    due_by_hand: ByHand | None
    policies: tuple[Candidate, ...]
    """Each SLA policy in force, in order: when one came to apply, or as it stands where none applies."""
    policy_applied_at: Instant | None
    policy_applied_with: str | None
    """Id of the command with which the policy came to apply."""
    inside: Inside | None
    blueprints: tuple[Candidate, ...]
    """Each blueprint in force and why the ticket did not enter it; empty where it is in one."""
    past_runs: tuple[Run, ...]


def explain_ticket(
    ticket_id: str,
    history: Sequence[Recorded],
    definition_events: Sequence[Recorded],
    until: Instant,
    actor: str,
    skipped: Mapping[str, Set[int]] | None = None,
) -> TicketExplained:
    """The explanation of a ticket after these events of its stream, with what time alone caused by `until`.

    `definition_events` are those of blueprints, SLA policies and views, each stream in order. `skipped` are
    the positions that a projection of `READ` passes over, by its name. LookupError where there is no event.
    """
    passed = {one.name: (skipped or {}).get(one.name, frozenset[int]()) for one in READ}
    ticket = ticket_at(history, until)
    if ticket is None:
        raise LookupError(f"there is no event of ticket {ticket_id}")
    definitions = definitions_of(definition_events)
    targets = targets_of(history, definitions, until, passed[SLA_CLOCKS.name])
    limits = limits_of(history, definitions, until, passed[STATE_VISITS.name])
    by_hand = _by_hand(ticket, until)
    policies, then = policies_asked(history, definition_events, ticket, until)
    summary = _late(targets, limits, by_hand)
    is_in = ticket.visit is not None
    return TicketExplained(
        ticket_id=ticket_id,
        actor=actor,
        is_late=bool(summary),
        summary=summary or _not_late(ticket, targets, limits),
        not_running=why_off(ticket),
        targets=targets,
        limits=limits,
        due_by_hand=by_hand,
        policies=policies,
        policy_applied_at=None if then is None else then.at,
        policy_applied_with=None if then is None else then.command_id,
        inside=_inside(ticket_id, ticket, definition_events, actor, until),
        blueprints=() if is_in else blueprints_asked(history, ticket, definitions, until),
        past_runs=tuple(
            Run(row.blueprint, row.blueprint_version, row.entered_at, row.ended_at, row.ended_by)
            for row in rows_at(BLUEPRINT_RUNS, history, passed[BLUEPRINT_RUNS.name])
            if row.ended_at is not None and row.ended_by is not None
        ),
    )


def _inside(
    ticket_id: str, ticket: Ticket, definition_events: Sequence[Recorded], actor: str, at: Instant
) -> Inside | None:
    visit = ticket.visit
    if visit is None:
        return None
    definitions = definitions_of(definition_events)
    parsed = definitions.version(Kind.BLUEPRINT, visit.blueprint, visit.version)
    moves, refused = tuple[Move, ...](), tuple[str, ...]()
    try:
        offers = available_transitions(ticket, ticket_id, definitions, actor, at)
        moves = tuple(
            Move(offer.transition, offer.to_state, offer.is_offered, tuple(_guard(one) for one in offer.failing))
            for offer in offers
        )
    except Refused as no:
        refused = tuple(reason.sentence for reason in no.reasons)
    name = None if parsed is None else parsed.name
    return Inside(visit.blueprint, visit.version, name, visit.state, visit.entered_at, moves, refused)


def _guard(failing: Failing) -> Guard:
    return Guard(failing.guard, failing.reason)


def _by_hand(ticket: Ticket, until: Instant) -> ByHand | None:
    if ticket.due_at is None:
        return None
    return ByHand(ticket.due_at, ticket.closed_at is None and ticket.due_at <= until)


def _late(targets: Sequence[Target], limits: Sequence[Limit], by_hand: ByHand | None) -> tuple[str, ...]:
    """Everything that is violated, a sentence each."""
    return (
        *(
            f"the {one.clock} target for priority {one.priority} was due {plain(one.due_at or '')}: {one.said}"
            for one in targets
            if one.is_violated
        ),
        *(
            f"the time allowed in state {one.state} was over at {plain(one.due_at or '')}: {one.said}"
            for one in limits
            if one.is_violated
        ),
        *((f"the due date set by hand, {plain(by_hand.due_at)}, has passed",) if by_hand and by_hand.is_past else ()),
    )


def _not_late(ticket: Ticket, targets: Sequence[Target], limits: Sequence[Limit]) -> tuple[str, ...]:
    """Why nothing is violated: what is promised is kept so far, or nothing is promised."""
    last = {one.clock: one for one in targets}
    said = [f"{one.clock}: {one.said}" for one in last.values()]
    said += [f"state {one.state}: {one.said}" for one in limits[-1:] if one.left_at is None]
    if not ticket.is_live:
        return (f"it is an import of {ticket.source} that was not adopted, so no clock of ours counts", *said)
    if ticket.sla is None:
        said.insert(0, "no SLA policy applies to it, so no clock runs")
    elif not last:
        priority = "without a priority" if ticket.priority is None else f"of priority {ticket.priority}"
        said.insert(0, f"its SLA policy {ticket.sla.policy} promises nothing for a ticket {priority}")
    return tuple(said)
