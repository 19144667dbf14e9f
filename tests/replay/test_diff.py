"""What became of a ticket between two viewpoints."""

import pytest

from adapters.wiring import Ledger
from domain.recorded import Recorded
from replay.diff import Change, diff
from replay.time_travel import NOW, Viewpoint
from tests.examples import Clock, command, moment, opening, send

STREAM = "ticket:T-1"
AT_NINE = Viewpoint(as_of=moment())


@pytest.fixture
def stream(ledger: Ledger, clock: Clock) -> list[Recorded]:
    """Opened at nine; from ten past on worked with."""
    send(ledger, opening(tags=["red"], fields={"floor": ["integer", "3"], "wing": ["text", "A"]}))
    clock.advance(minutes=10)
    send(
        ledger,
        command("AddTags", tags=["hot"]),
        command("ChangeTicket", fields={"floor": ["integer", "4"], "wing": None}),
        command("AddComment", body="Took the red one"),
        command("AssignTicket", agent="bo", team="Tier 1"),
        command("CloseTicket"),
    )
    return list(ledger.journal.load([STREAM])[STREAM])


def test_every_property_that_differs_is_named_with_old_and_new_value(stream: list[Recorded]) -> None:
    found = diff(stream, AT_NINE, NOW)
    assert {one.field: (one.old, one.new) for one in found.changes} == {
        "status": ("Open", "Closed"),
        "status_type": ("open", "closed"),
        "closed_at": (None, moment(minutes=10)),
        "agent": (None, "bo"),
        "team": (None, "Tier 1"),
        "team_change_count": (0, 1),
        "tags": (["red"], ["hot", "red"]),
        "messages": (0, 1),
        "comments": (None, [[1, "private"]]),
        "fields.floor": (["integer", "3"], ["integer", "4"]),
        "fields.wing": (["text", "A"], None),
    }


def test_the_events_between_are_those_that_only_one_viewpoint_sees(stream: list[Recorded]) -> None:
    found = diff(stream, AT_NINE, NOW)
    assert [one.version for one in found.events] == [*range(2, len(stream) + 1)]


def test_the_other_way_round_it_is_the_same_backwards(stream: list[Recorded]) -> None:
    there, back = diff(stream, AT_NINE, NOW), diff(stream, NOW, AT_NINE)
    assert {one.field: (one.new, one.old) for one in back.changes} == {
        one.field: (one.old, one.new) for one in there.changes
    }
    assert back.events == there.events


def test_nothing_differs_between_a_viewpoint_and_itself(stream: list[Recorded]) -> None:
    found = diff(stream, NOW, NOW)
    assert (found.changes, found.events) == ([], [])


def test_before_its_opening_a_ticket_has_no_properties(stream: list[Recorded]) -> None:
    found = diff(stream, Viewpoint(at_position=0), AT_NINE)
    assert Change("status", None, "Open") in found.changes
    assert [one.name for one in found.events] == ["ticket.opened"]
