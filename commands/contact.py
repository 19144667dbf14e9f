"""What may be asked about a contact."""

from typing import ClassVar, Literal

from commands.message import Id, Line, Message, World
from domain import contacts
from domain.contacts import ContactEvent
from domain.values import contact_stream


class ContactMessage(Message):
    """A command about one contact."""

    KIND: ClassVar = "contact"
    contact_id: Id

    @property
    def stream(self) -> str:
        return contact_stream(self.contact_id)


class RegisterContact(ContactMessage):
    """A contact's name and address; both are sealed."""

    command: Literal["RegisterContact"] = "RegisterContact"
    name: Line | None = None
    address: Line | None = None

    def decide(self, world: World) -> list[ContactEvent]:
        return contacts.register(world.contact, self.contact_id, self.name, self.address)


class EraseContact(ContactMessage):
    """Destroy the keys that seal the person's text, wherever it stands (E-14)."""

    command: Literal["EraseContact"] = "EraseContact"
    erases: ClassVar = True

    def decide(self, world: World) -> list[ContactEvent]:
        return contacts.erase(world.keys)
