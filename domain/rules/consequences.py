"""What follows from a command's events by the definitions in force: blueprint entry and leaving, policies and clocks.

All of a command is judged by one `Definitions`, so a publication between two commands never splits one. The order is
fixed: a move to another department ends what was of the old one, then the ticket may enter a blueprint, then a policy
may apply, then its clocks take in what happened. What a rule does here opens no way for a rule before it, so one pass
is the fixpoint.
"""

from collections.abc import Sequence

from domain.definitions import Definitions
from domain.instant import Instant
from domain.recorded import Consequence
from domain.rules.blueprint import entering, leaving, returning
from domain.rules.sla import applying, releasing, ticking
from domain.ticket.blueprint_events import BlueprintCompleted, BlueprintRevoked
from domain.ticket.state import Ticket, evolve


def consequences(
    before: Ticket | None,
    ticket: Ticket,
    events: Sequence[object],
    *,
    version: int,
    actor: str,
    definitions: Definitions,
    at: Instant,
) -> list[Consequence]:
    """The events that follow on `events`, which made `ticket` of `before` and left its stream at `version`.

    `actor` sent the command; only an agent's reply is an answer (F-92). An imported ticket has no consequences until
    it is adopted.
    """
    if not ticket.is_live:
        return []
    if not definitions.histories and not ticket.is_timed:
        return []
    follows: list[Consequence] = []
    origin = len(events) - 1

    def take(made: Sequence[Consequence]) -> None:
        nonlocal ticket
        for event, rule, of in made:
            follows.append(Consequence(event, rule, of))
            ticket = evolve(ticket, event, at, version + len(follows), actor)

    def caused(made: Sequence[Consequence]) -> None:
        take([Consequence(event, rule, origin) for event, rule, _ in made])

    if before is not None and before.department != ticket.department:
        caused(leaving(ticket))
        caused(releasing(ticket))
    caused(returning(before, ticket, at))
    if ticket.away_since is None:
        left = any(isinstance(event, BlueprintCompleted | BlueprintRevoked) for event in events)
        if ticket.visit is None and not left:
            caused(entering(before, ticket, definitions, at))
        if ticket.sla is None and (applied := applying(before, ticket, definitions, at)):
            caused(applied)
            origin = len(events) + len(follows) - 1
    take(ticking(before, ticket, events, definitions, actor=actor, at=at, origin=origin))
    return follows
