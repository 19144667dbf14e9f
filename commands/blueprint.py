"""What may be asked of a ticket in a blueprint (F-104, F-114, F-115)."""

from typing import Literal

from commands.message import Label, Line, World
from commands.ticket import TicketMessage
from domain.recorded import Consequence
from domain.rules import blueprint
from domain.ticket.events import TicketEvent


class PerformTransition(TicketMessage):
    """A transition of the ticket's blueprint, by its name (F-104)."""

    command: Literal["PerformTransition"] = "PerformTransition"
    transition: Label

    def decide(self, world: World) -> list[TicketEvent | Consequence]:
        return blueprint.perform_transition(
            world.ticket, self.ticket_id, self.transition, world.definitions, world.statuses, self.actor, world.at
        )


class ForceState(TicketMessage):
    """A state of the ticket's blueprint without a transition; the reason stays on record (F-115)."""

    command: Literal["ForceState"] = "ForceState"
    state: Label
    reason: Line

    def decide(self, world: World) -> list[TicketEvent | Consequence]:
        return blueprint.force_state(
            world.ticket, self.ticket_id, self.state, self.reason, world.definitions, world.statuses, world.at
        )


class RevokeBlueprint(TicketMessage):
    """Take the ticket out of its blueprint; the reason stays on record (F-115)."""

    command: Literal["RevokeBlueprint"] = "RevokeBlueprint"
    reason: Line

    def decide(self, world: World) -> list[TicketEvent]:
        return blueprint.revoke_blueprint(world.ticket, self.ticket_id, self.reason)
