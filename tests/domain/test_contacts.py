"""Contacts: registered once, erased as often as they have written again (E-14)."""

import pytest

from domain.contacts import ContactErased, ContactRegistered
from domain.refusals import ContactIdTaken
from tests.examples import CONTACT, command
from tests.given import given

CARLA = ContactRegistered("Carla", "carla@home")


@pytest.mark.parametrize(
    ("name", "address"), [("Carla", "carla@home"), ("Carla", None), (None, "carla@home"), (None, None)]
)
def test_a_contact_is_registered_with_what_is_known(name, address):
    given().when(command("RegisterContact", contact_id=CONTACT, name=name, address=address)).then(
        ContactRegistered(name, address)
    )


def test_a_contact_is_registered_once():
    given(CARLA).when(command("RegisterContact", contact_id=CONTACT, name="Carla")).then_refused(
        ContactIdTaken(CONTACT)
    )


def test_an_erased_contact_stays_registered():
    given(CARLA, ContactErased(("k",))).when(command("RegisterContact", contact_id=CONTACT)).then_refused(
        ContactIdTaken(CONTACT)
    )


def test_a_contact_who_was_erased_before_being_registered_can_be_registered():
    given(ContactErased(("k",))).when(command("RegisterContact", contact_id=CONTACT, name="Carla")).then(
        ContactRegistered("Carla", None)
    )


def test_an_erasure_names_every_key_that_is_destroyed():
    given(CARLA, keys=("k2", "k1")).when(command("EraseContact", contact_id=CONTACT)).then(ContactErased(("k1", "k2")))


def test_where_no_key_is_there_is_nothing_to_erase():
    given(CARLA).when(command("EraseContact", contact_id=CONTACT)).then_nothing()


def test_an_erased_contact_reads_erased_and_what_was_empty_stays_empty():
    erased = given(ContactRegistered("Carla", None), ContactErased(("k",))).contact
    assert (erased.name, erased.address, erased.is_registered, erased.erasures) == ("erased", None, True, 1)


def test_erasures_are_counted():
    assert given(CARLA, ContactErased(("a",)), ContactErased(("b",))).contact.erasures == 2
