"""What time alone causes: the one place that says so, for commands, the ticker and every reading (design section 4).

It is asked before every decision on a ticket, so a ticket that nothing ticked has the same verdicts, at the same
instants, as one that was ticked every second.
"""

from typing import Final, TypeAlias

from domain.instant import Instant
from domain.rules.blueprint import limit_lapsed
from domain.rules.sla import verdicts_lapsed
from domain.ticket.blueprint_events import StateLimitViolated
from domain.ticket.sla_events import ResolutionViolated, ResponseViolated
from domain.ticket.state import Ticket

SYSTEM: Final = "system"
"""Who does what time alone causes."""
Lapsed: TypeAlias = ResponseViolated | ResolutionViolated | StateLimitViolated


def lapse(ticket: Ticket, until: Instant) -> list[Lapsed]:
    """The violations due by `until` that are not on record, in due order; each happened at its `due_at`.

    None of them changes what another one is due at, so one look finds all.
    """
    if not ticket.is_timed:
        return []
    lapsed: list[Lapsed] = [*verdicts_lapsed(ticket, until), *limit_lapsed(ticket, until)]
    return sorted(lapsed, key=lambda event: event.due_at)


def set_by(ticket: Ticket, event: Lapsed) -> int:
    """The version in the ticket's stream of the event that set what is due: the cause of the violation (E-06)."""
    if isinstance(event, StateLimitViolated):
        return 0 if ticket.visit is None else ticket.visit.limit_set_by
    if ticket.sla is None:
        return 0
    clock = ticket.sla.response if isinstance(event, ResponseViolated) else ticket.sla.resolution
    return 0 if clock is None else clock.set_by


def rule_of(ticket: Ticket, event: Lapsed) -> str:
    """The definition version that the violation is one of."""
    if isinstance(event, StateLimitViolated):
        return "" if ticket.visit is None else ticket.visit.rule
    return "" if ticket.sla is None else ticket.sla.rule
