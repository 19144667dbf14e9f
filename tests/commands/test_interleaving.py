"""Two processes on one file, one acting between any two steps of the other: no stale answer is ever recorded (E-09).

The two are two ledgers opened on one file; `Interrupted` stands before the journal of the first and lets the second act
before its n-th call. While a decision is made alone no other can act, so no call is counted then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.wiring import Ledger
from commands.aggregates import folded
from commands.message import Message
from domain.receipts import Outcome, Receipt
from tests.examples import CONTACT, OTHER_TICKET, TICKET, codes, command, history, ledger_at, names, opening, send
from tests.whole import assert_whole

STREAM = f"ticket:{TICKET}"


class Interrupted:
    """A journal that lets somebody else act before its n-th call, and then never again."""

    def __init__(self, journal: Any, at: int, act: Callable[[], object]) -> None:
        self._journal = journal
        self._at = at
        self._act = act
        self.calls: list[str] = []
        self._alone = False

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        self.step("exclusive")
        with self._journal.exclusive():
            self._alone = True
            try:
                yield
            finally:
                self._alone = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._journal, name)

        def interrupted(*arguments: Any) -> Any:
            self.step(name)
            return method(*arguments)

        return interrupted

    def step(self, name: str) -> None:
        if self._alone:
            return
        self.calls.append(name)
        if len(self.calls) == self._at + 1:
            self._act()


class Race(NamedTuple):
    """What both do, and how ours is answered where the other was not, or was, before it."""

    ours: Message
    theirs: Message
    alone: str
    after: str
    past: tuple[Message, ...] = ()


OUR_ID = "ours"


def ours(name: str, **fields: Any) -> Message:
    return command(name, command_id=OUR_ID, **fields)


CLOSE, HOLD = command("CloseTicket"), command("HoldTicket")
COLD, WARM = {"tags": ["cold"]}, command("AddTags", tags=["warm"])
FIRE = "Printer on fire"
OTHER_MAIL = opening("T-9", message_key="<1@mail>")
ERASE = command("EraseContact", contact_id=CONTACT)
NUMBER_TWO = opening(OTHER_TICKET)

RACES = {
    "accepted, then refused": Race(ours("CloseTicket"), CLOSE, "1 event", "ticket_already_closed"),
    "refused, then accepted": Race(ours("ReopenTicket"), CLOSE, "ticket_not_closed", "1 event"),
    "accepted, then silent": Race(ours("AddTags", **COLD), command("AddTags", **COLD), "1 event", "0 events"),
    "silent, then accepted": Race(
        ours("AddTags", tags=["warm"]), command("RemoveTags", tags=["warm"]), "0 events", "1 event", past=(WARM,)
    ),
    "accepted either way": Race(ours("AddComment", body="x"), command("AddComment", body="y"), "1 event", "1 event"),
    "another reason": Race(ours("ResumeTicket"), CLOSE, "ticket_not_on_hold", "ticket_not_on_hold"),
    "conflict, then accepted": Race(ours("AddTags", **COLD, expected_version=2), HOLD, "version_conflict", "1 event"),
    "accepted, then conflict": Race(ours("AddTags", **COLD, expected_version=1), HOLD, "1 event", "version_conflict"),
    "the same command": Race(ours("CloseTicket"), ours("CloseTicket"), "1 event", "1 event"),
    "the same silent command": Race(ours("RemoveTags", **COLD), ours("RemoveTags", **COLD), "0 events", "0 events"),
    "the same refused command": Race(
        ours("ReopenTicket"), ours("ReopenTicket"), "ticket_not_closed", "ticket_not_closed"
    ),
    "the same id": Race(ours("CloseTicket"), ours("HoldTicket"), "1 event", "command_id_reused"),
    "the same new ticket": Race(
        opening("T-9", command_id=OUR_ID), opening("T-9", priority="low"), "1 event", "ticket_id_taken"
    ),
    "two new tickets": Race(opening("T-8", command_id=OUR_ID), opening("T-9"), "1 event", "1 event"),
    "the same message": Race(
        ours("ReceiveReply", body="x", message_key="<1@mail>"), OTHER_MAIL, "1 event", "message_key_taken"
    ),
    "one more reason": Race(
        opening(command_id=OUR_ID, message_key="<1@mail>"),
        OTHER_MAIL,
        "ticket_id_taken",
        "ticket_id_taken, message_key_taken",
    ),
    "a status that is retired": Race(
        ours("ChangeStatus", status="Escalated"),
        command("RetireStatus", status="Escalated"),
        "1 event",
        "status_unknown",
    ),
    "a status that is defined": Race(
        ours("ChangeStatus", status="Parts"),
        command("DefineStatus", status="Parts", status_type="on_hold"),
        "status_unknown",
        "1 event",
    ),
    "a status that comes into use": Race(
        ours("RetireStatus", status="Escalated"),
        command("ChangeStatus", status="Escalated"),
        "1 event",
        "status_in_use",
    ),
    "a person who is erased": Race(
        ours("ChangeTicket", subject="New"), ERASE, "1 event", "1 event", past=(command("ChangeTicket", subject=FIRE),)
    ),
    "a text that is erased": Race(ours("ChangeTicket", subject=FIRE), ERASE, "0 events", "1 event"),
    "another ticket": Race(ours("CloseTicket"), command("HoldTicket", ticket_id=OTHER_TICKET), "1 event", "1 event"),
}


def said(receipt: Receipt) -> str:
    """An answer in short: its reasons, or how many events it has."""
    if receipt.outcome is not Outcome.ACCEPTED:
        return ", ".join(codes(receipt))
    count = len(receipt.answer.positions)
    return f"{count} event" + "s" * (count != 1)


def run(race: Race, path: Path, at: int, *, warm: bool) -> tuple[list[str], Receipt, list[Receipt]]:
    """The race with the other acting before our n-th call; the calls we made, our answer and theirs."""
    theirs: list[Receipt] = []
    begin = [opening(contact_id=CONTACT), NUMBER_TWO, *race.past]
    with ledger_at(path) as one, ledger_at(path) as other:
        send(
            one if warm else other, *(asked.model_copy(update={"command_id": f"p{n}"}) for n, asked in enumerate(begin))
        )
        with interrupted(one, at, lambda: theirs.extend(send(other, race.theirs))) as calls:
            [answer] = send(one, race.ours)
        assert_not_misled(one)
        assert_not_misled(other)
    assert_whole(path)
    return calls, answer, theirs


@contextmanager
def interrupted(ledger: Ledger, at: int, act: Callable[[], object]) -> Iterator[list[str]]:
    """Somebody else acts before the ledger's n-th call of its journal; the calls that are made."""
    journal = Interrupted(ledger.journal, at, act)
    ledger.bus._journal = journal
    yield journal.calls
    ledger.bus._journal = ledger.journal


def assert_not_misled(ledger: Ledger) -> None:
    """Whatever happened, a new ticket gets the next number, and what is kept in memory is what the log says."""
    assert said(*send(ledger, opening(f"after-{ledger.journal.tip().position}"))) == "1 event"
    for stream, kept in ledger.bus.cached:
        assert kept == folded(stream, history(ledger, stream))


@pytest.mark.parametrize("warm", [True, False], ids=["cached", "not cached"])
@pytest.mark.parametrize("race", RACES)
def test_whoever_acts_in_between_the_answer_is_true_when_it_is_recorded(tmp_path, race, warm):
    calls, answer, _ = run(RACES[race], tmp_path / "alone", at=-1, warm=warm)
    assert said(answer) == RACES[race].alone
    assert "append" in calls or "exclusive" in calls or RACES[race].alone == "version_conflict"
    for at in range(len(calls)):
        path = tmp_path / f"{at}"
        _, answer, theirs = run(RACES[race], path, at, warm=warm)
        assert len(theirs) == 1
        allowed = {RACES[race].after}
        if not answer.number:
            # What is kept nowhere has no place among the others, so it may be true of the moment before.
            allowed.add(RACES[race].alone)
        assert said(answer) in allowed, f"interrupted before {calls[at]}, call {at}"


@pytest.mark.parametrize("race", ["the same command", "the same silent command", "the same refused command"])
def test_the_same_command_at_both_has_one_receipt(tmp_path, race):
    """E-08."""
    calls, _, _ = run(RACES[race], tmp_path / "alone", at=-1, warm=True)
    for at in range(len(calls)):
        _, answer, theirs = run(RACES[race], tmp_path / f"{at}", at, warm=True)
        assert [answer] == theirs


@pytest.mark.parametrize("warm", [True, False], ids=["cached", "not cached"])
@pytest.mark.parametrize("race", ["a person who is erased", "a text that is erased"])
def test_a_text_that_was_erased_meanwhile_is_not_written_back(tmp_path, race, warm):
    """E-14."""
    calls, _, _ = run(RACES[race], tmp_path / "alone", at=-1, warm=warm)
    for at in range(len(calls)):
        run(RACES[race], tmp_path / f"{at}", at, warm=warm)
        with ledger_at(tmp_path / f"{at}") as ledger:
            events: list[Any] = [one.event for one in history(ledger, STREAM) if one.command_id == OUR_ID]
            assert [event.old for event in events] == ["erased"]


def test_the_other_may_act_while_the_first_of_a_batch_is_decided(tmp_path):
    """A batch whose second command is stale is decided again as a whole, and has one effect."""
    asked = [command("AddTags", tags=["a"]), command("CloseTicket", ticket_id=OTHER_TICKET), opening("T-3")]
    stale = command("CloseTicket", ticket_id=OTHER_TICKET)
    for at in range(6):
        with ledger_at(tmp_path / f"{at}") as one, ledger_at(tmp_path / f"{at}") as other:
            send(one, opening(), NUMBER_TWO.model_copy(update={"command_id": "two"}))
            with interrupted(one, at, partial(send, other, stale, opening("T-4"))) as calls:
                receipts = send(one, *asked)
            if len(calls) > at:
                assert [said(receipt) for receipt in receipts] == ["1 event", "ticket_already_closed", "1 event"]
            assert names(one, STREAM) == ["ticket.opened", "ticket.tags_added"]
        assert_whole(tmp_path / f"{at}")


@pytest.mark.parametrize(("expected", "answer"), [(1, "version_conflict"), (2, "1 event"), (3, "version_conflict")])
def test_an_expected_version_is_compared_with_what_the_log_says_now(ledger, second, expected, answer):
    send(ledger, opening())
    send(second, HOLD)
    assert said(*send(ledger, command("AddTags", tags=["a"], expected_version=expected))) == answer


def test_what_the_other_did_to_a_ticket_that_was_not_read_is_known_the_next_time(ledger, second):
    """The tip passes the other's events when a batch beside them is taken; nothing of theirs may stay in memory."""
    send(ledger, opening(), NUMBER_TWO.model_copy(update={"command_id": "two"}))
    send(second, command("CloseTicket"))
    send(ledger, command("AddTags", ticket_id=OTHER_TICKET, tags=["a"]))
    assert [said(one) for one in send(ledger, command("ReopenTicket"), command("ReopenTicket"))] == [
        "1 event",
        "ticket_not_closed",
    ]


def test_a_key_made_while_the_other_wrote_beside_seals_the_next_text_too(tmp_path):
    """E-14."""
    for at in range(4):
        with ledger_at(tmp_path / f"{at}") as one, ledger_at(tmp_path / f"{at}") as other:
            send(one, opening())
            with interrupted(one, at, partial(send, other, command("AddTags", tags=["a"]))):
                send(one, opening("T-3", contact_id=CONTACT))
            assert said(*send(one, command("ReceiveReply", ticket_id="T-3", body="Hurry"))) == "1 event"
            assert len(one.journal.keys_of([f"contact:{CONTACT}"])[f"contact:{CONTACT}"]) == 1


def test_numbers_that_the_other_drew_are_known_the_next_time(ledger, second, path):
    """F-54: also where a batch that draws several passes the sequence's true value."""
    send(ledger, opening("a"), opening("b"))
    send(second, opening("c"))
    send(ledger, command("AddTags", ticket_id="b", tags=["x"]))
    send(ledger, opening("d"), opening("e"), opening("f"))
    assert_whole(path)
