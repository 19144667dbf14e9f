"""A desk with an SLA and a refund blueprint whose tickets are asked why."""

import json
from dataclasses import dataclass
from typing import Any

from adapters.wiring import Ledger
from commands.access import Door
from commands.union import parse_command
from domain.definitions import DEFINITIONS, Kind
from domain.instant import Instant
from domain.recorded import Recorded
from replay.explain_clocks import Target
from replay.explain_ticket import TicketExplained, explain_ticket
from tests.examples import ANA, OFFICE, TICKET, Clock, command, history, opening, send

POLICY: dict[str, Any] = {
    "kind": "sla_policy",
    "key": "standard",
    "name": "Standard",
    "order": 50,
    "targets": {"high": {"response": "1h", "resolution": "8h"}, "low": {"resolution": "2d"}},
}
REFUND: dict[str, Any] = {
    "kind": "blueprint",
    "key": "refund",
    "name": "Refunds",
    "department": "Billing",
    "order": 10,
    "entry": {"field": "tags", "operator": "includes_any", "value": ["refund"]},
    "states": [
        {"name": "Requested", "status": "Open", "start": True, "limit": "4h"},
        {"name": "Dispute", "status": "Escalated"},
        {"name": "Paid", "status": "Closed", "end": True},
    ],
    "transitions": [
        {
            "name": "Pay",
            "from": "Requested",
            "to": "Paid",
            "owners": ["ticket_agent", "agent:tom"],
            "when": {"field": "fields.amount", "operator": "at_most", "value": "500.00"},
        },
        {"name": "Dispute", "from": "Requested", "to": "Dispute", "owners": "any_agent"},
        {"name": "Settle", "from": "Dispute", "to": "Paid", "owners": "any_agent"},
    ],
}
BILLING: dict[str, Any] = {"department": "Billing", "tags": ["refund"]}
"""What opens a ticket that the refund blueprint takes in."""


def target(found: TicketExplained, clock: str) -> Target:
    """The last one of a clock."""
    return next(one for one in reversed(found.targets) if one.clock == clock)


@dataclass
class Desk:
    """A ledger, its clock, and how to ask it."""

    ledger: Ledger
    clock: Clock
    drafted: int = 0

    def define(self, document: dict[str, Any], version: int = 1, *, by: str = ANA, **changes: Any) -> None:
        """The document, with these changes, is in force from now on."""
        document = {**document, **changes}
        named = {"kind": document["kind"], "key": document["key"]}
        self.drafted += 1
        asked = (
            {"command": "DraftDefinition", **named, "document": document, "actor": ANA},
            {"command": "PublishDefinition", **named, "version": version, "actor": by},
        )
        messages = [
            parse_command(json.dumps({**one, "command_id": f"d-{self.drafted}-{place}"}))
            for place, one in enumerate(asked)
        ]
        for receipt in send(self.ledger, *messages):
            assert receipt.outcome == "accepted", receipt.answer

    def open(self, ticket_id: str = TICKET, **fields: Any) -> None:
        self.act(opening(ticket_id, **fields))

    def act(self, asked: Any, door: Door = OFFICE, **fields: Any) -> None:
        """A command now, by name or as a message; it must be accepted."""
        message = command(asked, **fields) if isinstance(asked, str) else asked
        [receipt] = send(self.ledger, message, door=door)
        assert receipt.outcome == "accepted", receipt.answer

    def events(self, ticket_id: str = TICKET) -> list[Recorded]:
        return list(history(self.ledger, f"ticket:{ticket_id}"))

    def definition_events(self) -> list[Recorded]:
        prefixes = tuple(f"{DEFINITIONS}{kind.value}:" for kind in Kind)
        return [one for one in self.ledger.journal.read() if one.stream.startswith(prefixes)]

    def why(self, ticket_id: str = TICKET, until: Instant | None = None, actor: str = ANA) -> TicketExplained:
        """The explanation now, or at another instant."""
        return explain_ticket(ticket_id, self.events(ticket_id), self.definition_events(), until or self.clock(), actor)
