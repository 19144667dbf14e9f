"""What the figures answer with; two of these are the columns of the views."""

from dataclasses import dataclass
from typing import Annotated

from domain.instant import Instant
from projections.base import Column


@dataclass(frozen=True, slots=True)
class DashboardRow:
    """One row a figure of a blueprint version: six metrics, by state or transition where they have such (F-119)."""

    blueprint: Annotated[str, Column("Key of the blueprint.")]
    blueprint_version: Annotated[int, Column("Version of the blueprint that the tickets entered with.")]
    metric: Annotated[
        str,
        Column(
            "active, overstaying, overstays, run_time, dwell, dwell_open, transitions, transitions_by_actor, forced or "
            "sla_violating."
        ),
    ]
    item: Annotated[
        str | None,
        Column(
            "The state, the transition, how runs ended, or the two states of a forced move; null for active and "
            "sla_violating."
        ),
    ]
    actor: Annotated[str | None, Column("Who moved; null but in transitions_by_actor.")]
    occurrences: Annotated[
        int, Column("How many: tickets of active, overstaying and sla_violating; else visits, runs or moves.")
    ]
    total_seconds: Annotated[
        int | None,
        Column("Sum of the durations: of runs, of visits, in the state before a move, or behind the limit."),
    ]
    mean_seconds: Annotated[int | None, Column("total_seconds by occurrences, without the fraction.")]
    median_seconds: Annotated[
        int | None, Column("Of run_time: the least duration that half of the runs do not exceed (nearest rank).")
    ]
    p90_seconds: Annotated[
        int | None, Column("Of run_time: the least duration that nine tenths do not exceed (nearest rank).")
    ]


@dataclass(frozen=True, slots=True)
class BlueprintFact:
    """One ticket behind a figure of the dashboard, with what makes it count."""

    ticket_id: str
    blueprint: str
    blueprint_version: int
    item: str | None
    """The state, the transition, or how the run ended."""
    actor: str | None
    """Who moved, where it is a move."""
    at: Instant
    """When what is counted happened: the entry, the due instant, the exit, the move."""
    seconds: int | None
    """How long: inside, behind the limit, the run, the visit, in the state before the move."""


@dataclass(frozen=True, slots=True)
class SlaTicketRow:
    """One row a ticket under an SLA policy, with its violation type and one target of each clock (F-94).

    The target shown is the last one that was violated, else the last that was met, else the last one. With a window,
    only verdicts that fell in it count.
    """

    ticket_id: Annotated[str, Column("The ticket's id.")]
    department: Annotated[str, Column("Department that answers for the ticket.")]
    violation: Annotated[str, Column("none, response, resolution or both: which of its clocks were violated.")]
    is_overdue: Annotated[
        bool,
        Column(
            "Whether it is neither closed, deleted nor archived, and due: by hand, else by a running clock (F-100)."
        ),
    ]
    response_policy: Annotated[str | None, Column("Policy that set the response target; null where none is.")]
    response_policy_version: Annotated[int | None, Column("Version of that policy.")]
    response_priority: Annotated[str | None, Column("Priority the response target is for.")]
    response_due_at: Annotated[Instant | None, Column("When the response is or was due; null while paused.")]
    response_outcome: Annotated[str | None, Column("What became of the target, as in fct_sla_clocks.")]
    response_violated_at: Annotated[Instant | None, Column("When the response was violated; null where it was not.")]
    response_late_seconds: Annotated[
        int | None,
        Column("Whole seconds behind the due instant in which its clock ran; null if in time."),
    ]
    resolution_policy: Annotated[str | None, Column("Policy that set the resolution target; null where none is.")]
    resolution_policy_version: Annotated[int | None, Column("Version of that policy.")]
    resolution_priority: Annotated[str | None, Column("Priority the resolution target is for.")]
    resolution_due_at: Annotated[Instant | None, Column("When the resolution is or was due; null while paused.")]
    resolution_outcome: Annotated[str | None, Column("What became of the target, as in fct_sla_clocks.")]
    resolution_violated_at: Annotated[
        Instant | None, Column("When the resolution was violated; null where it was not.")
    ]
    resolution_late_seconds: Annotated[
        int | None,
        Column("Whole seconds behind the due instant in which its clock ran; null if in time."),
    ]


@dataclass(frozen=True, slots=True)
class SlaGroupRow:
    """How many tickets there are by what was promised them and what became of it.

    A ticket is in the group of each promise that it had: one violated as urgent and then made low is in both, violated
    in the first only (T9).
    """

    policy: str
    policy_version: int
    priority: str
    department: str
    none: int
    response: int
    resolution: int
    both: int
    tickets: int


@dataclass(frozen=True, slots=True)
class SlaSummary:
    """The SLA report: tickets by violation type, and the same by what was promised."""

    none: int
    response: int
    resolution: int
    both: int
    overdue: int
    """Whatever the window (F-100)."""
    groups: tuple[SlaGroupRow, ...]
