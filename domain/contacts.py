"""Contacts: the people who ask for help, whose personal text is sealed under a key that can be destroyed (E-14)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from domain.recorded import stored
from domain.refusals import ContactIdTaken, Refused
from domain.values import ERASED, Personal

# Events


@stored("contact.registered", 1)
@dataclass(frozen=True, slots=True)
class ContactRegistered:
    name: Personal | None
    address: Personal | None


@stored("contact.erased", 1)
@dataclass(frozen=True, slots=True)
class ContactErased:
    """Every key that sealed this person's text was destroyed with this event; `keys` are their ids."""

    keys: tuple[str, ...]


ContactEvent: TypeAlias = ContactRegistered | ContactErased


# State


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a contact; a contact may be named by tickets and erased without ever being registered."""

    is_registered: bool = False
    name: str | None = None
    address: str | None = None
    erasures: int = 0


def evolve(contact: Contact, event: ContactEvent) -> Contact:
    """The contact after one more event."""
    match event:
        case ContactRegistered():
            return replace(contact, is_registered=True, name=event.name, address=event.address)
        case ContactErased():
            name, address = (None if text is None else ERASED for text in (contact.name, contact.address))
            return replace(contact, name=name, address=address, erasures=contact.erasures + 1)
        case _:
            assert_never(event)


# Decisions


def register(contact: Contact, contact_id: str, name: str | None, address: str | None) -> list[ContactEvent]:
    """A contact gets a name and an address, once."""
    if contact.is_registered:
        raise Refused(ContactIdTaken(contact_id))
    return [ContactRegistered(name, address)]


def erase(keys: Sequence[str]) -> list[ContactEvent]:
    """Destroy the keys that exist for this person; where none exists there is nothing to erase and no event."""
    return [ContactErased(tuple(sorted(keys)))] if keys else []
