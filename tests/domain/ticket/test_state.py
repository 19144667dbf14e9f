"""The fold: what a ticket is after its events, and which streams are none (E-01, E-02)."""

from dataclasses import fields

import pytest

from domain.recorded import EVENT_CLASSES
from domain.ticket.events import TicketArchived, TicketReplySent, TicketRevisionNoted
from domain.ticket.state import Ticket, begin, evolve
from tests.examples import NINE, TEN, imported, moved, opened

FIRST = {"ticket.opened", "ticket.imported"}
LATER = [made for (name, _), made in EVENT_CLASSES.items() if name.startswith("ticket.") and name not in FIRST]


def test_a_stream_begins_with_its_opening_or_its_import():
    with pytest.raises(ValueError, match="TicketArchived"):
        begin(TicketArchived(), NINE)
    with pytest.raises(ValueError, match="TicketArchived"):
        evolve(None, TicketArchived(), NINE)


@pytest.mark.parametrize("again", [opened(), imported()], ids=["opened", "imported"])
def test_a_ticket_begins_once(again):
    with pytest.raises(ValueError, match=type(again).__name__):
        evolve(evolve(None, opened(), NINE), again, TEN)


def test_a_state_is_a_value_that_later_events_leave_alone():
    """The cache hands the same state to whoever asks."""
    before = evolve(None, opened(fields={}, tags=("a",)), NINE)
    again = evolve(None, opened(fields={}, tags=("a",)), NINE)
    evolve(before, moved("Open", "Closed"), TEN)
    evolve(before, TicketReplySent(1, "x", None, False), TEN)
    assert before == again


def test_a_row_that_was_noted_changes_nothing():
    before = evolve(None, imported(), NINE)
    assert evolve(before, TicketRevisionNoted("old_desk@1", 2), TEN) == before


def test_the_instants_of_a_ticket_are_those_of_its_own_events():
    """E-02: nothing of the fold depends on when it is folded."""
    closed = evolve(evolve(None, opened(), NINE), moved("Open", "Closed"), TEN)
    assert (closed.opened_at, closed.created_at, closed.closed_at) == (NINE, NINE, TEN)


def test_a_source_whose_clock_runs_backwards_is_folded_as_it_is():
    closed = evolve(evolve(None, imported(status="Open"), TEN), moved("Open", "Closed"), NINE)
    assert (closed.opened_at, closed.closed_at) == (TEN, NINE)


def test_a_ticket_cannot_be_changed_in_place():
    ticket = evolve(None, opened(), NINE)
    with pytest.raises(AttributeError):
        ticket.status = "Closed"  # type: ignore[misc]


def test_every_property_that_features_name_is_part_of_the_state():
    """F-42."""
    kept = set(Ticket._fields)
    assert kept >= {"channel", "number", "subject", "description", "created_at"}
    assert kept >= {"status", "priority", "agent", "due_at"}


@pytest.mark.parametrize("made", LATER, ids=lambda made: made.__name__)
def test_every_event_of_a_ticket_has_a_place_in_the_fold(made):
    """A class that the fold does not know would run into `assert_never`."""
    values = {field.name: () if field.name == "tags" else 1 for field in fields(made)}
    ticket = evolve(None, opened(), NINE)
    assert isinstance(evolve(ticket, made(**values), TEN), Ticket)
