"""What may be asked of the catalogue of statuses (F-46)."""

from typing import ClassVar, Literal

from commands.message import Label, Message, World
from domain import statuses
from domain.statuses import STATUSES_STREAM, StatusEvent
from domain.values import StatusType


class StatusMessage(Message):
    """A command about one status."""

    KIND: ClassVar = "definition"
    status: Label

    @property
    def stream(self) -> str:
        return STATUSES_STREAM


class DefineStatus(StatusMessage):
    """A status label of our own, mapped to a status type."""

    command: Literal["DefineStatus"] = "DefineStatus"
    status_type: StatusType

    def decide(self, world: World) -> list[StatusEvent]:
        return statuses.define(world.statuses, self.status, self.status_type)


class RetireStatus(StatusMessage):
    """Take a status out of use; refused while a ticket is in it or a blueprint has a state on it."""

    command: Literal["RetireStatus"] = "RetireStatus"

    @property
    def counted_status(self) -> str:
        return self.status

    def decide(self, world: World) -> list[StatusEvent]:
        used = world.definitions.statuses_used(world.at)
        return statuses.retire(world.statuses, self.status, world.tickets_in_status, used.get(self.status))
