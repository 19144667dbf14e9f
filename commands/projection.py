"""What may be asked of a projection in which a ticket is parked."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from commands.message import Id, Label, Line, Message, World
from domain import projecting
from domain.projecting import ProjectionEvent, projection_stream


class ProjectionMessage(Message):
    """A command about a ticket that is parked in one projection."""

    KIND: ClassVar = "projection"
    projection: Label
    ticket_id: Id
    position: Annotated[int, Field(ge=1)]

    @property
    def stream(self) -> str:
        return projection_stream(self.projection)


class RetryParked(ProjectionMessage):
    """Fold a parked ticket again, from the event it stands behind."""

    command: Literal["RetryParked"] = "RetryParked"

    def decide(self, world: World) -> list[ProjectionEvent]:
        return projecting.retry(self.projection, self.ticket_id, self.position)


class SkipPosition(ProjectionMessage):
    """Let the projection pass over one event that it cannot fold; actor and reason stay on record."""

    command: Literal["SkipPosition"] = "SkipPosition"
    reason: Line

    def decide(self, world: World) -> list[ProjectionEvent]:
        return projecting.skip(self.projection, self.ticket_id, self.position, self.reason)
