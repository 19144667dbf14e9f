"""`deskledger ticket transitions`: what somebody may do next with a ticket, and why not the rest (F-113)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Stop
from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt, TicketId, as_printable, os_user
from adapters.cli.output import by_name, document, table
from adapters.cli.past import Holds, Past, holds, ticket_events

if TYPE_CHECKING:
    from domain.rules.blueprint import Offer
    from domain.ticket.visit import Visit


def transitions(
    context: typer.Context,
    ticket_id: TicketId,
    actor: Annotated[
        str | None,
        typer.Option("--actor", metavar="ACTOR", parser=as_printable, help="agent:ID, service:ID or system; else you."),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The transitions that a ticket's blueprint offers an actor now, and for each other one every reason why not."""
    from domain.refusals import Refused
    from domain.rules.blueprint import available_transitions
    from replay.time_travel import ticket_at

    call = Call.of(context, db, as_json)
    past, asking = Past(as_of, known_at, at_position), actor or f"agent:{os_user()}"
    with call.ledger() as ledger:
        held = holds(ledger, past)
        ticket = ticket_at(ticket_events(ledger, ticket_id, past), held.as_of)
        try:
            offers = available_transitions(ticket, ticket_id, ledger.definitions(), asking, held.as_of or ledger.now())
        except Refused as refused:
            raise Stop(Exit.REFUSED, " ".join(reason.sentence for reason in refused.reasons)) from None
    _answer(ticket_id, None if ticket is None else ticket.visit, asking, offers, held, as_json=call.as_json)


def _answer(
    ticket_id: str, visit: "Visit | None", asking: str, offers: "Sequence[Offer]", held: Holds, *, as_json: bool
) -> None:
    if as_json:
        document(
            {
                "ticket_id": ticket_id,
                "actor": asking,
                "blueprint": visit and visit.blueprint,
                "version": visit and visit.version,
                "state": visit and visit.state,
                "rows": [
                    {
                        "transition": offer.transition,
                        "to_state": offer.to_state,
                        "is_offered": offer.is_offered,
                        "reasons": [by_name(failing) for failing in offer.failing],
                    }
                    for offer in offers
                ],
                **held.as_dict,
            }
        )
        return
    shown = [
        (
            offer.transition,
            offer.to_state,
            "yes" if offer.is_offered else "no",
            tuple(failing.reason for failing in offer.failing),
        )
        for offer in offers
    ]
    title = f"{ticket_id} in state {visit.state} of {visit.rule}" if visit else ticket_id
    table(["transition", "to", "offered", "why not"], shown, title=title, total=f"for {asking}, {held.line}")
