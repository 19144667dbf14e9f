"""Decisions about a ticket in a blueprint: entering, moving on, being forced, leaving (F-104 to F-106, F-113 to F-115).

What a ticket inside may do is judged by the version it entered with, whatever was published since.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.blueprint import ANY_AGENT, TICKET_AGENT, Blueprint, State, Transition
from domain.definitions import Definitions, InForce, Kind
from domain.instant import Instant, later, micros_between
from domain.recorded import Consequence
from domain.refusals import (
    Refused,
    StateUnknown,
    TicketNotInBlueprint,
    TransitionNotAllowed,
    TransitionUnknown,
)
from domain.rules import MOVED
from domain.statuses import Statuses
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintLeft,
    BlueprintRevoked,
    StateForced,
    StateLimitDueSet,
    StateLimitViolated,
    TransitionPerformed,
)
from domain.ticket.events import TicketEvent, TicketStatusChanged
from domain.ticket.lifecycle import writable
from domain.ticket.state import Ticket
from domain.ticket.subject import subject_of
from domain.ticket.visit import Visit


class Failing(NamedTuple):
    """A guard of a transition that does not let an actor through now."""

    guard: str
    """`state`, `owner` or `condition`."""
    reason: str
    """What is so, as the end of a sentence."""


class Offer(NamedTuple):
    """A transition as a ticket stands, for one actor: taken at once, or why not (F-113)."""

    transition: str
    to_state: str
    failing: tuple[Failing, ...]

    @property
    def is_offered(self) -> bool:
        """Whether the actor may take it now."""
        return not self.failing


class Eligibility(NamedTuple):
    """Whether a ticket would enter a blueprint now, and every reason why not."""

    blueprint: str
    version: int
    reasons: tuple[str, ...]


def blueprint_of(visit: Visit, definitions: Definitions) -> Blueprint:
    """The version a ticket is inside; VersionMissing where it is not among the definitions."""
    found: Blueprint = definitions.pinned(Kind.BLUEPRINT, visit.blueprint, visit.version)
    return found


def _limit(state: State, at: Instant) -> Instant | None:
    return None if state.limit_seconds is None else later(at, seconds=state.limit_seconds)


# Entering


def eligibility(before: Ticket | None, ticket: Ticket, blueprint: InForce, at: Instant) -> Eligibility:
    """Whether a ticket that a command made `ticket` of `before` enters, with every reason why not (F-105)."""
    parsed: Blueprint = blueprint.parsed
    reasons: list[str] = []
    if not ticket.is_live:
        reasons.append(f"it is an import of {ticket.source} that was not adopted")
    if ticket.is_deleted or ticket.is_archived:
        reasons.append("it is deleted" if ticket.is_deleted else "it is archived")
    if ticket.visit is not None:
        reasons.append(f"it is in blueprint {ticket.visit.blueprint} already")
    if parsed.department != ticket.department:
        reasons.append(f"it is in department {ticket.department}, not in {parsed.department}")
    if blueprint.key in ticket.revoked:
        reasons.append("it was taken out of this blueprint by hand")
    state = parsed.state_of(ticket.status)
    if state is None:
        reasons.append(f"status {ticket.status} is no state of it")
    elif state.is_end:
        reasons.append(f"status {ticket.status} is its end state {state.name}")
    reasons.extend(parsed.entry.failures(subject_of(before, ticket, at)))
    return Eligibility(blueprint.key, blueprint.version, tuple(reasons))


def entering(before: Ticket | None, ticket: Ticket, definitions: Definitions, at: Instant) -> list[Consequence]:
    """The entry into the first blueprint in order whose entry holds, if any (F-105)."""
    for blueprint in definitions.in_force(Kind.BLUEPRINT, at):
        parsed: Blueprint = blueprint.parsed
        # The cheap reasons first; `eligibility` says all of them to whoever asks.
        if parsed.department != ticket.department or blueprint.key in ticket.revoked:
            continue
        state = parsed.state_of(ticket.status)
        if state is None or state.is_end or not parsed.entry.holds(subject_of(before, ticket, at)):
            continue
        entered = BlueprintEntered(blueprint.key, blueprint.version, ticket.department, state.name, _limit(state, at))
        return [Consequence(entered, f"blueprint:{blueprint.key}@{blueprint.version}")]
    return []


# Moving on


def failing_guards(ticket: Ticket, transition: Transition, actor: str, at: Instant) -> tuple[Failing, ...]:
    """Every guard of a transition that does not let the actor through; the ticket is inside the blueprint."""
    failing: list[Failing] = []
    state = "" if ticket.visit is None else ticket.visit.state
    if state not in transition.from_states:
        origins = ", ".join(transition.from_states) or "nowhere"
        failing.append(Failing("state", f"the ticket is in state {state}, and it leads from {origins}"))
    if not _owns(ticket, transition, actor):
        failing.append(Failing("owner", f"{actor} is none of its owners {', '.join(transition.owners)}"))
    reasons = transition.when.failures(subject_of(None, ticket, at))
    return (*failing, *(Failing("condition", reason) for reason in reasons))


def _owns(ticket: Ticket, transition: Transition, actor: str) -> bool:
    if actor in transition.owners:
        return True
    kind, _, who = actor.partition(":")
    if kind != "agent":
        return False
    return ANY_AGENT in transition.owners or (TICKET_AGENT in transition.owners and ticket.agent == who)


def available_transitions(
    ticket: Ticket | None, ticket_id: str, definitions: Definitions, actor: str, at: Instant
) -> list[Offer]:
    """Every transition of the ticket's blueprint version, offered or with the reasons why not (F-113).

    Refused with TicketNotInBlueprint where the ticket is in none.
    """
    ticket, visit = _inside(ticket, ticket_id)
    return [
        Offer(transition.name, transition.to_state, failing_guards(ticket, transition, actor, at))
        for transition in blueprint_of(visit, definitions).transitions
    ]


def _inside(ticket: Ticket | None, ticket_id: str) -> tuple[Ticket, Visit]:
    ticket = writable(ticket, ticket_id)
    if ticket.visit is None:
        raise Refused(TicketNotInBlueprint(ticket_id))
    return ticket, ticket.visit


def perform_transition(
    ticket: Ticket | None,
    ticket_id: str,
    name: str,
    definitions: Definitions,
    statuses: Statuses,
    actor: str,
    at: Instant,
) -> list[TicketEvent | Consequence]:
    """One transition, and with it the status of the state it leads to (F-104, F-114)."""
    ticket, visit = _inside(ticket, ticket_id)
    blueprint = blueprint_of(visit, definitions)
    transition = blueprint.transition_named(name)
    if transition is None:
        known = ", ".join(one.name for one in blueprint.transitions)
        raise Refused(TransitionUnknown(name, visit.blueprint, visit.version, known))
    if failing := failing_guards(ticket, transition, actor, at):
        raise Refused(*(TransitionNotAllowed(name, guard, reason) for guard, reason in failing))
    state = blueprint.states_by_name[transition.to_state]
    performed = TransitionPerformed(visit.blueprint, visit.version, name, visit.state, state.name, _limit(state, at))
    return [performed, *_arrived(ticket, visit, state, statuses)]


def force_state(
    ticket: Ticket | None,
    ticket_id: str,
    name: str,
    reason: str,
    definitions: Definitions,
    statuses: Statuses,
    at: Instant,
) -> list[TicketEvent | Consequence]:
    """A state without a transition, with the reason on record (F-115); nothing where the ticket is in it."""
    ticket, visit = _inside(ticket, ticket_id)
    blueprint = blueprint_of(visit, definitions)
    state = blueprint.states_by_name.get(name)
    if state is None:
        known = ", ".join(blueprint.states_by_name)
        raise Refused(StateUnknown(name, visit.blueprint, visit.version, known))
    if state.name == visit.state:
        return []
    forced = StateForced(visit.blueprint, visit.version, visit.state, state.name, reason, _limit(state, at))
    return [forced, *_arrived(ticket, visit, state, statuses)]


def _arrived(ticket: Ticket, visit: Visit, state: State, statuses: Statuses) -> list[Consequence]:
    """The status follows the state, and an end state ends the run; both are caused by the move before them."""
    follows: list[Consequence] = []
    status_type = statuses.type_of(state.status)
    if (ticket.status, ticket.status_type) != (state.status, status_type):
        changed = TicketStatusChanged(ticket.status, ticket.status_type, state.status, status_type)
        follows.append(Consequence(changed, visit.rule, of=0))
    if state.is_end:
        completed = BlueprintCompleted(visit.blueprint, visit.version, state.name)
        follows.append(Consequence(completed, visit.rule, of=0))
    return follows


# Leaving


def revoke_blueprint(ticket: Ticket | None, ticket_id: str, reason: str) -> list[TicketEvent]:
    """Out of the blueprint with the reason on record (F-115); the ticket does not enter it again by itself."""
    _, visit = _inside(ticket, ticket_id)
    return [BlueprintRevoked(visit.blueprint, visit.version, visit.state, reason)]


def leaving(ticket: Ticket) -> list[Consequence]:
    """The way out of a blueprint where the ticket went to another department (F-106)."""
    visit = ticket.visit
    if visit is None:
        return []
    return [Consequence(BlueprintLeft(visit.blueprint, visit.version, visit.state, MOVED), visit.rule)]


# Time


def limit_lapsed(ticket: Ticket, until: Instant) -> list[StateLimitViolated]:
    """The violation of the state's time limit, where it is over by then and not on record; once a visit (F-110)."""
    visit = ticket.visit
    if visit is None or visit.is_limit_violated or visit.limit_due_at is None or ticket.away_since is not None:
        return []
    if visit.limit_due_at > until:
        return []
    return [StateLimitViolated(visit.blueprint, visit.version, visit.state, visit.limit_due_at)]


def returning(before: Ticket | None, ticket: Ticket, at: Instant) -> Sequence[Consequence]:
    """The limit counts on where a deleted or archived ticket comes back: its end moves by the absence (F-52)."""
    visit = ticket.visit
    if visit is None or before is None or before.away_since is None or ticket.away_since is not None:
        return ()
    if visit.limit_due_at is None or visit.is_limit_violated:
        return ()
    absence = micros_between(before.away_since, at)
    due_at = later(visit.limit_due_at, microseconds=absence)
    return (Consequence(StateLimitDueSet(visit.blueprint, visit.version, visit.state, due_at), visit.rule),)
