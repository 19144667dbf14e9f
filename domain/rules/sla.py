"""Decisions about a ticket's clocks: which policy applies, what is due when, what was met and what was not.

A clock runs while the status type is open and the ticket is neither deleted nor archived. What is due moves by every
period in which it did not run. A target is met strictly before its due instant; from that instant on it is violated,
and a verdict is never taken back (features 2.2, T7, T9, T12).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from domain.definitions import Definitions, Kind
from domain.instant import Instant, later, micros_between
from domain.recorded import Consequence
from domain.rules import MOVED
from domain.sla import NO_PRIORITY, Policy, Targets
from domain.ticket.clocks import Clock, Sla
from domain.ticket.events import TicketReplySent, TicketStatusChanged
from domain.ticket.sla_events import (
    ResolutionCameLate,
    ResolutionDueCleared,
    ResolutionDueSet,
    ResolutionMet,
    ResolutionPaused,
    ResolutionViolated,
    ResponseCameLate,
    ResponseDueCleared,
    ResponseDueSet,
    ResponseMet,
    ResponsePaused,
    ResponseViolated,
    SlaApplied,
    SlaEvent,
    SlaReleased,
    VerdictContested,
)
from domain.ticket.state import Ticket
from domain.ticket.subject import subject_of
from domain.values import StatusType

_SECOND: Final = 1_000_000
_NO_TARGETS: Final = Targets(None, None)


class _Kind(NamedTuple):
    """What differs between the two clocks."""

    clock: str
    due_set: Any
    paused: Any
    due_cleared: Any
    met: Any
    violated: Any
    came_late: Any


_RESPONSE: Final = _Kind(
    "response",
    ResponseDueSet,
    ResponsePaused,
    ResponseDueCleared,
    ResponseMet,
    ResponseViolated,
    ResponseCameLate,
)
_RESOLUTION: Final = _Kind(
    "resolution",
    ResolutionDueSet,
    ResolutionPaused,
    ResolutionDueCleared,
    ResolutionMet,
    ResolutionViolated,
    ResolutionCameLate,
)


# Which policy


def releasing(ticket: Ticket) -> list[Consequence]:
    """The end of a policy where the ticket went to another department (features 2.2)."""
    if ticket.sla is None:
        return []
    return [Consequence(SlaReleased(ticket.sla.policy, ticket.sla.version, MOVED), ticket.sla.rule)]


def applying(before: Ticket | None, ticket: Ticket, definitions: Definitions, at: Instant) -> list[Consequence]:
    """The first policy in order that is for the ticket, where none applies yet (F-91); none for a closed ticket."""
    if ticket.status_type is StatusType.CLOSED:
        return []
    for candidate in definitions.in_force(Kind.SLA_POLICY, at):
        policy: Policy = candidate.parsed
        if policy.department is not None and policy.department != ticket.department:
            continue
        if policy.applies.holds(subject_of(before, ticket, at)):
            applied = SlaApplied(candidate.key, candidate.version, ticket.timing.live_since)
            return [Consequence(applied, f"sla_policy:{candidate.key}@{candidate.version}")]
    return []


# What the clocks do


def ticking(
    before: Ticket | None,
    ticket: Ticket,
    events: Sequence[object],
    definitions: Definitions,
    *,
    actor: str,
    at: Instant,
    origin: int,
) -> list[Consequence]:
    """What a command's events, which made `ticket` of `before`, do to its clocks.

    `origin` is the place of the event that made a clock start or change where no event stopped it: the application of
    its policy, or the last the command decided. A violation at once is caused by the target that it follows on.
    """
    sla = ticket.sla
    if sla is None:
        return []
    policy: Policy = definitions.pinned(Kind.SLA_POLICY, sla.policy, sla.version)
    targets = policy.targets.get(ticket.priority or NO_PRIORITY, _NO_TARGETS)
    answers = actor.startswith("agent:")
    answered_by = next((n for n, event in enumerate(events) if answers and isinstance(event, TicketReplySent)), None)
    is_closed = ticket.status_type is StatusType.CLOSED
    was_closed = before is not None and before.status_type is StatusType.CLOSED
    closed_by = None
    if is_closed and not was_closed:
        closed_by = max((n for n, event in enumerate(events) if isinstance(event, TicketStatusChanged)), default=origin)
    live_since, _, _, reopened_at, off_when_reopened = ticket.timing
    response = _Course(sla, _RESPONSE, live_since, 0, origin)
    resolution = _Course(sla, _RESOLUTION, reopened_at or live_since, off_when_reopened, origin)
    made = [
        *response.after(ticket, sla.response, targets.response_seconds, at, answered_by, over=ticket.is_answered),
        *resolution.after(ticket, sla.resolution, targets.resolution_seconds, at, closed_by, over=is_closed),
    ]
    return [
        Consequence(event, sla.rule, None if isinstance(event, ResponseViolated | ResolutionViolated) else of)
        for event, of in made
    ]


class _Course(NamedTuple):
    """One clock of a ticket: what it counts from, and what became of it."""

    sla: Sla
    kind: _Kind
    started_at: Instant
    off_before: int
    """Microseconds off at `started_at`."""
    origin: int

    def after(
        self, ticket: Ticket, clock: Clock | None, target: int | None, at: Instant, ended_by: int | None, *, over: bool
    ) -> list[tuple[SlaEvent, int]]:
        """The events of the clock, each with the place of its cause.

        `ended_by` is the place of the event that it waited for, where the command brought it; `over` says whether that
        is there, now or since earlier.
        """
        if clock is not None and clock.started_at != self.started_at:
            clock = None  # that of before the last reopening
        if ended_by is not None:
            return [] if clock is None or clock.is_ended else [(self._ended(ticket, clock, at), ended_by)]
        if over:
            return []
        if clock is not None and clock.is_ended:
            clock = None  # its target went away with a priority
        return [(event, self.origin) for event in self._counting(ticket, clock, target, at)]

    def _counting(self, ticket: Ticket, clock: Clock | None, target: int | None, at: Instant) -> list[SlaEvent]:
        priority = ticket.priority or NO_PRIORITY
        if target is None:
            return [] if clock is None else [self.kind.due_cleared(self.sla.policy, self.sla.version)]
        if clock is None or clock.priority != priority:
            return self._set(ticket, priority, target, at)
        if clock.is_violated:
            return []  # the verdict stands, and nothing is due any more
        if not ticket.runs:
            return [] if clock.due_at is None else [self._event(self.kind.paused, clock.due_at)]
        return self._set(ticket, priority, target, at) if clock.due_at is None else []

    def _set(self, ticket: Ticket, priority: str, target: int, at: Instant) -> list[SlaEvent]:
        held = self._held(ticket, at)
        due_at = self._due(target, held)
        is_past = due_at <= at
        # A paused clock has no due instant, unless what it ran before is more than the target already.
        told = due_at if is_past or ticket.runs else None
        due_set = self.kind.due_set(
            self.sla.policy, self.sla.version, priority, target, self.started_at, held // _SECOND, told
        )
        if not is_past:
            return [due_set]
        return [due_set, self.kind.violated(self.sla.policy, self.sla.version, priority, due_at)]

    def _ended(self, ticket: Ticket, clock: Clock, at: Instant) -> SlaEvent:
        due_at = self._due(clock.target_seconds, self._held(ticket, at))
        if not clock.is_violated:
            return self._event(self.kind.met, due_at)
        late = micros_between(due_at, at)
        if late < 0 and clock.due_at is not None:
            # Only a claimed instant can lie before the due one when the violation is on record.
            return VerdictContested(self.sla.policy, self.sla.version, self.kind.clock, clock.due_at, at)
        late_seconds = max(0, late) // _SECOND
        ended: SlaEvent = self.kind.came_late(self.sla.policy, self.sla.version, clock.due_at or due_at, late_seconds)
        return ended

    def _held(self, ticket: Ticket, at: Instant) -> int:
        return max(0, ticket.timing.off(at) - self.off_before)

    def _due(self, target: int, held: int) -> Instant:
        return later(self.started_at, seconds=target, microseconds=held)

    def _event(self, event_class: Any, due_at: Instant) -> SlaEvent:
        event: SlaEvent = event_class(self.sla.policy, self.sla.version, due_at)
        return event


# Time


def verdicts_lapsed(ticket: Ticket, until: Instant) -> list[ResponseViolated | ResolutionViolated]:
    """The violations that time alone caused by `until` and that are not on record, the response first."""
    sla = ticket.sla
    if sla is None or not ticket.runs:
        return []
    lapsed: list[ResponseViolated | ResolutionViolated] = []
    for clock, violated in ((sla.response, ResponseViolated), (sla.resolution, ResolutionViolated)):
        if clock is None or clock.is_ended or clock.is_violated or clock.due_at is None or clock.due_at > until:
            continue
        lapsed.append(violated(sla.policy, sla.version, clock.priority, clock.due_at))
    return lapsed
