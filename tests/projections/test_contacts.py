"""The contact's row: registered, erased, or both (E-14)."""

import pytest

from domain.contacts import ContactErased, ContactRegistered
from domain.ticket import events as e
from projections.base import Unfoldable
from projections.contacts import ContactRow, fold
from tests.projections.histories import Log, at


def row_of(log):
    (row,) = fold({}, log.events)
    return row


def test_a_registered_contact_has_name_address_and_whose_they_are():
    log = Log()
    log.record("contact:7", ContactRegistered("Mia", "mia@example.org"), person="contact:7")
    assert row_of(log) == ContactRow(
        "7", "Mia", "mia@example.org", at(1), None, False, person="contact:7", version=1, position=1
    )


def test_an_erased_contact_reads_erased_and_keeps_null_e14():
    log = Log()
    log.record("contact:7", ContactRegistered("Mia", None), person="contact:7")
    registered = log.events[0]
    log.record("contact:7", ContactErased(("k",)))
    (row,) = fold({"7": fold({}, [registered])[0]}, log.events[1:])
    assert (row.name, row.address, row.erased_at, row.is_erased, row.version) == ("erased", None, at(2), True, 2)
    assert row_of(log) == row


def test_a_contact_who_was_erased_without_being_registered_has_a_row_e14():
    log = Log()
    log.record("contact:7", ContactErased(("k",)))
    assert row_of(log) == ContactRow("7", None, None, None, at(1), True, person=None, version=1, position=1)


def test_who_is_registered_after_an_erasure_has_the_new_name_and_stays_marked_e14():
    log = Log()
    log.record("contact:7", ContactErased(("k",)))
    log.record("contact:7", ContactRegistered("Mia", None), person="contact:7")
    assert (row_of(log).name, row_of(log).is_erased, row_of(log).registered_at) == ("Mia", True, at(2))


def test_events_that_do_not_follow_and_events_of_others_are_refused():
    log = Log()
    log.record("contact:7", ContactRegistered("Mia", None), person="contact:7")
    log.record("contact:7", ContactErased(("k",)))
    with pytest.raises(Unfoldable, match="version 2 where 1 follows"):
        fold({}, log.events[1:])
    strange = Log()
    strange.record("contact:7", e.TicketArchived())
    with pytest.raises(Unfoldable, match="has no place in the stream of a contact"):
        fold({}, strange.events)
