"""Who may ask for what, and when it may be said to have happened (F-36, design section 4)."""

import pytest

from commands.access import Door
from domain.instant import parse_instant
from domain.receipts import Outcome
from domain.recorded import Recorded
from tests.examples import (
    ANAS_DESK,
    ARCHIVE_ROOM,
    EVERY_COMMAND,
    OFFICE,
    TICKET,
    codes,
    command,
    history,
    moment,
    names,
    opening,
    send,
)

ACTORS = {"agent": "agent:ana", "contact": "contact:carla", "service": "service:billing", "system": "system"}
CUSTOMERS_SEND = {"OpenTicket", "ReceiveReply", "ImportRevision"}
"""All else is for those who work on tickets."""


@pytest.mark.parametrize("kind", ACTORS)
@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_kind_of_sender_may_send_some_commands_and_no_others(ledger, name, kind):
    """F-36: a forbidden pair leaves no event, but a receipt."""
    asked = command(name, actor=ACTORS[kind], **EVERY_COMMAND[name])
    [receipt] = send(ledger, asked, door=ARCHIVE_ROOM)
    is_forbidden = kind == "contact" and name not in CUSTOMERS_SEND
    assert ("actor_not_permitted" in codes(receipt)) is is_forbidden
    if is_forbidden:
        assert codes(receipt) == ["actor_not_permitted"]
        assert receipt.answer.reasons[0].facts == {"actor": "contact:carla", "command": name}
        assert (receipt.number, ledger.journal.read()) == (1, [])


class TestSpeakingForAnother:
    def test_needs_the_right_to(self, ledger):
        [receipt] = send(ledger, opening(actor="agent:bo"), door=ANAS_DESK)
        assert codes(receipt) == ["act_for_not_allowed"]
        assert receipt.answer.reasons[0].facts == {"actor": "agent:bo", "principal": "ana"}
        assert names(ledger, f"ticket:{TICKET}") == []

    def test_is_not_speaking_for_oneself(self, ledger):
        [receipt] = send(ledger, opening(actor="agent:ana"), door=ANAS_DESK)
        assert receipt.outcome is Outcome.ACCEPTED

    def test_is_seen_in_the_event(self, ledger):
        send(ledger, opening(actor="agent:bo"), door=OFFICE)
        [event] = history(ledger, f"ticket:{TICKET}")
        assert (event.actor, event.via) == ("agent:bo", "cli:office")

    def test_as_the_system_needs_it_too(self, ledger):
        assert codes(*send(ledger, opening(actor="system"), door=ANAS_DESK)) == ["act_for_not_allowed"]

    def test_is_what_a_principal_does_whose_name_is_written_otherwise(self, ledger):
        assert codes(*send(ledger, opening(actor="agent:Ana"), door=ANAS_DESK)) == ["act_for_not_allowed"]


class TestAClaimedInstant:
    PAST = parse_instant("2026-05-01T09:00:00Z")

    def event(self, ledger, at: str) -> Recorded:
        send(ledger, opening(occurred_at=at), door=ARCHIVE_ROOM)
        [event] = history(ledger, f"ticket:{TICKET}")
        return event

    def test_needs_the_right_to_backdate(self, ledger):
        [receipt] = send(ledger, opening(occurred_at=self.PAST))
        assert codes(receipt) == ["backdate_not_allowed"]
        assert receipt.answer.reasons[0].facts == {"principal": "office"}

    def test_is_kept_and_the_event_says_what_allowed_it(self, ledger):
        event = self.event(ledger, self.PAST)
        assert (event.occurred_at, event.recorded_at, event.judged_by) == (self.PAST, moment(), "right:backdate")

    def test_may_be_this_very_instant(self, ledger):
        assert self.event(ledger, moment()).occurred_at == moment()

    def test_is_never_in_the_future(self, ledger):
        later = moment(microseconds=1)
        [receipt] = send(ledger, opening(occurred_at=later), door=ARCHIVE_ROOM)
        assert codes(receipt) == ["occurred_in_future"]
        assert receipt.answer.reasons[0].facts == {"occurred_at": later, "now": moment()}

    def test_may_lie_before_what_happened_to_the_ticket_already(self, ledger):
        """The source's order is the truth; its instants are data."""
        send(ledger, opening(), command("AddTags", tags=["a"], occurred_at=self.PAST), door=ARCHIVE_ROOM)
        assert [event.occurred_at for event in history(ledger, f"ticket:{TICKET}")] == [moment(), self.PAST]


def test_what_happens_now_is_judged_by_nothing_in_particular(ledger):
    send(ledger, opening())
    assert history(ledger, f"ticket:{TICKET}")[0].judged_by == ""


def test_every_objection_is_said_at_once(ledger):
    asked = command("CloseTicket", actor="contact:carla", occurred_at=moment(days=1))
    [receipt] = send(ledger, asked, door=ANAS_DESK)
    assert codes(receipt) == [
        "actor_not_permitted",
        "act_for_not_allowed",
        "backdate_not_allowed",
        "occurred_in_future",
    ]


def test_who_may_not_ask_learns_nothing_of_the_ticket(ledger):
    """Access is asked before the version is compared and before anything is decided."""
    send(ledger, opening())
    asked = command("CloseTicket", actor="contact:carla", expected_version=7)
    assert codes(*send(ledger, asked)) == ["actor_not_permitted"]


def test_a_door_without_a_principal_is_its_own():
    """The ticker speaks as the system without a right to speak for others."""
    assert Door("ticker").principal == ""


def test_the_ticker_may_speak_as_the_system(ledger):
    assert send(ledger, opening(actor="system"), door=Door("ticker"))[0].outcome is Outcome.ACCEPTED
