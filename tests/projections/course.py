"""Tickets on their way through a blueprint and under a policy: typed events by hand, and random courses of them."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from domain.instant import Instant
from domain.ticket import blueprint_events as b
from domain.ticket import sla_events as s
from tests.projections.histories import Log, at, opened

REFUND = ("refund", 1)
STANDARD = ("standard", 1)


def entered(state: str = "New", limit: float | None = None, blueprint: tuple[str, int] = REFUND) -> b.BlueprintEntered:
    """The entry, the limit due so many minutes after nine."""
    return b.BlueprintEntered(*blueprint, "support", state, due(limit))


def due(minutes: float | None) -> Instant | None:
    return None if minutes is None else at(minutes)


def move(
    name: str, origin: str, to: str, limit: float | None = None, blueprint: tuple[str, int] = REFUND
) -> b.TransitionPerformed:
    return b.TransitionPerformed(*blueprint, name, origin, to, due(limit))


def force(origin: str, to: str, limit: float | None = None, blueprint: tuple[str, int] = REFUND) -> b.StateForced:
    return b.StateForced(*blueprint, origin, to, "it must be", due(limit))


def response_due(minutes: float | None, priority: str = "high", **changes: Any) -> s.ResponseDueSet:
    return s.ResponseDueSet(**{**_target(minutes, priority), **changes})


def resolution_due(minutes: float | None, priority: str = "high", **changes: Any) -> s.ResolutionDueSet:
    return s.ResolutionDueSet(**{**_target(minutes, priority), **changes})


def _target(minutes: float | None, priority: str) -> dict[str, Any]:
    return {
        "policy": "standard",
        "version": 1,
        "priority": priority,
        "target_seconds": 3_600,
        "started_at": at(0),
        "held_seconds": 0,
        "due_at": due(minutes),
    }


STATES = ("New", "Asked", "Checked", "Done")
LIMIT_MINUTES = {"New": 30, "Asked": None, "Checked": 45, "Done": None}
MOVES = st.lists(
    st.tuples(
        st.sampled_from(("a", "b", "c", "d")),
        st.sampled_from(("go", "go", "go", "force", "end", "left", "revoke", "tick")),
        st.integers(0, 3),
        st.integers(1, 40),
    ),
    max_size=50,
)
"""Ticket, what becomes of it, choice, and how many minutes later than the step before."""


def walk(steps: Sequence[tuple[str, str, int, int]], *, ticks: bool) -> Log:
    """A log of tickets on random courses; where it ticks, a violation is recorded as soon as a step comes behind it.

    What a decision would record before it decides is recorded in both: the lapse of the ticket it is about.
    """
    log, now = Log(), 0
    inside: dict[str, tuple[tuple[str, int], str, int | None, bool]] = {}
    for ticket in "abcd":
        log.record(f"ticket:{ticket}", opened(), 0)

    def lapse(ticket: str) -> None:
        blueprint, state, limit, is_violated = inside[ticket]
        if limit is not None and limit <= now and not is_violated:
            log.record(f"ticket:{ticket}", b.StateLimitViolated(*blueprint, state, at(limit)), limit)
            inside[ticket] = (blueprint, state, limit, True)

    def due_in(state: str) -> int | None:
        minutes = LIMIT_MINUTES[state]
        return None if minutes is None else now + minutes

    for ticket, what, choice, minutes in steps:
        now += minutes
        for other in inside if ticks else [ticket] if ticket in inside else []:
            lapse(other)
        if what == "tick":
            continue
        stream, actor = f"ticket:{ticket}", f"agent:a{choice % 2}"
        if ticket not in inside:
            blueprint = ("refund", 1 + choice % 2)
            state = STATES[choice % 3]
            log.record(stream, entered(state, due_in(state), blueprint), now, actor=actor)
            inside[ticket] = (blueprint, state, due_in(state), False)
            continue
        blueprint, state, _, _ = inside[ticket]
        to = "Done" if what == "end" else STATES[choice % 3]
        if what == "left":
            log.record(stream, b.BlueprintLeft(*blueprint, state, "moved"), now)
            del inside[ticket]
        elif what == "revoke":
            log.record(stream, b.BlueprintRevoked(*blueprint, state, "wrong"), now)
            del inside[ticket]
        elif to != state:
            forced = force(state, to, due_in(to), blueprint)
            moved = move(f"{state}-{to}", state, to, due_in(to), blueprint)
            log.record(stream, forced if what == "force" else moved, now, actor=actor)
            inside[ticket] = (blueprint, to, due_in(to), False)
            if to == "Done":
                log.record(stream, b.BlueprintCompleted(*blueprint, to), now)
                del inside[ticket]
    return log
