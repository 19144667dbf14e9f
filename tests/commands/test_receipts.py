"""One command id, one effect, one answer, for ever (E-08)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commands.access import Door
from domain.receipts import Outcome
from tests.examples import (
    ANAS_DESK,
    OFFICE,
    OTHER_TICKET,
    TICKET,
    codes,
    command,
    ledger_at,
    moment,
    names,
    opening,
    send,
)
from tests.whole import assert_whole


def stored(path: Path, table: str = "receipts") -> list[Any]:
    """Every row of a table, byte for byte."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


OPENED = opening(command_id="open")
REFUSED = command("ReopenTicket", command_id="reopen")
SILENT = command("ChangeStatus", command_id="stay", status="Open")


@pytest.fixture
def answered(ledger, path):
    """One accepted command, one refused, one that changed nothing; and their receipts."""
    return send(ledger, OPENED, REFUSED, SILENT)


def test_every_lasting_answer_has_a_receipt(answered):
    assert [receipt.outcome for receipt in answered] == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert [receipt.number for receipt in answered] == [1, 2, 3]
    assert [receipt.answer.positions for receipt in answered] == [(1,), (), ()]
    assert [receipt.answer.versions for receipt in answered] == [((f"ticket:{TICKET}", 1),)] * 3
    assert [codes(receipt) for receipt in answered] == [[], ["ticket_not_closed"], []]


def test_a_refusal_leaves_no_event_but_a_receipt_with_code_sentence_and_facts(ledger, answered):
    assert names(ledger, f"ticket:{TICKET}") == ["ticket.opened"]
    [reason] = answered[1].answer.reasons
    assert (reason.code, reason.facts) == ("ticket_not_closed", {"ticket_id": TICKET, "status": "Open"})
    assert reason.sentence == "Ticket T-1 is not closed; it is in status Open."


def test_a_receipt_says_who_sent_it_and_when_it_was_recorded(answered):
    assert {(receipt.principal, receipt.recorded_at) for receipt in answered} == {("cli:office", moment())}


@pytest.mark.parametrize("asked", [OPENED, REFUSED, SILENT], ids=["accepted", "refused", "silent"])
class TestTheSameCommandAgain:
    def test_has_the_same_answer(self, ledger, answered, asked, path, clock):
        before = stored(path), stored(path, "log")
        clock.advance(days=3)
        assert send(ledger, asked) == [receipt for receipt in answered if receipt.command_id == asked.command_id]
        assert (stored(path), stored(path, "log")) == before

    def test_has_it_after_all_has_changed(self, ledger, answered, asked):
        send(ledger, command("CloseTicket"), command("DeleteTicket"))
        assert send(ledger, asked) == [receipt for receipt in answered if receipt.command_id == asked.command_id]

    def test_has_it_after_a_restart(self, ledger, answered, asked, path):
        with ledger_at(path) as again:
            assert send(again, asked) == [receipt for receipt in answered if receipt.command_id == asked.command_id]

    def test_has_it_in_a_batch_with_others(self, ledger, answered, asked):
        first, _, third = send(ledger, opening(OTHER_TICKET), asked, command("CloseTicket", ticket_id=OTHER_TICKET))
        assert (first.answer.positions, third.answer.positions) == ((2,), (3,))

    def test_has_it_with_another_moment_and_conversation(self, ledger, answered, asked):
        again = asked.model_copy(update={"issued_at": moment(days=1), "correlation_id": "talk"})
        assert send(ledger, again) == [receipt for receipt in answered if receipt.command_id == asked.command_id]

    def test_has_it_at_another_door_of_the_same_principal(self, ledger, answered, asked):
        [again] = send(ledger, asked, door=Door("kafka:office"))
        assert again in answered

    def test_is_refused_to_another_principal(self, ledger, answered, asked, path):
        before = stored(path), stored(path, "log")
        [receipt] = send(ledger, asked, door=ANAS_DESK)
        assert (codes(receipt), receipt.number) == (["command_id_reused"], 0)
        assert (stored(path), stored(path, "log")) == before


@pytest.mark.parametrize(
    "other",
    [
        opening(command_id="open", subject="Another"),
        opening(OTHER_TICKET, command_id="open"),
        command("CloseTicket", command_id="open"),
        command("CloseTicket", command_id="reopen"),
        opening(command_id="open", expected_version=0),
    ],
)
def test_another_content_under_a_used_id_is_refused_and_nothing_recorded(ledger, answered, path, other):
    before = stored(path), stored(path, "log")
    [receipt] = send(ledger, other)
    assert (receipt.outcome, codes(receipt), receipt.number) == (Outcome.REFUSED, ["command_id_reused"], 0)
    assert (stored(path), stored(path, "log")) == before


class TestInOneBatch:
    def test_a_repeated_command_shares_the_answer_of_the_first(self, ledger):
        first, second, third = send(ledger, OPENED, REFUSED, OPENED)
        assert (first, second.number) == (third, 2)
        assert names(ledger, f"ticket:{TICKET}") == ["ticket.opened"]

    def test_another_content_under_the_same_id_is_refused(self, ledger):
        _, reused = send(ledger, OPENED, opening(OTHER_TICKET, command_id="open"))
        assert (codes(reused), names(ledger, f"ticket:{OTHER_TICKET}")) == (["command_id_reused"], [])

    def test_a_conflict_does_not_take_the_command_id(self, ledger):
        """It is an answer of the moment: the same id may be asked again, in the same batch too."""
        asked = command("AddTags", command_id="tag", tags=["a"], expected_version=1)
        outcomes = [receipt.outcome for receipt in send(ledger, asked, OPENED, asked, asked)]
        assert outcomes == [Outcome.CONFLICT, Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.ACCEPTED]
        assert names(ledger, f"ticket:{TICKET}") == ["ticket.opened", "ticket.tags_added"]


class TestAnExpectedVersion:
    """E-09."""

    def test_that_is_met_is_no_condition(self, ledger):
        send(ledger, opening(expected_version=0))
        assert send(ledger, command("CloseTicket", expected_version=1))[0].outcome is Outcome.ACCEPTED

    @pytest.mark.parametrize("expected", [0, 2])
    def test_that_is_not_met_is_a_conflict_that_nothing_is_kept_of(self, ledger, path, expected):
        send(ledger, opening())
        before = stored(path), stored(path, "log")
        [receipt] = send(ledger, command("CloseTicket", expected_version=expected))
        assert (receipt.outcome, codes(receipt), receipt.number) == (Outcome.CONFLICT, ["version_conflict"], 0)
        facts = {"stream": f"ticket:{TICKET}", "expected": expected, "actual": 1}
        assert receipt.answer.reasons[0].facts == facts
        assert (stored(path), stored(path, "log")) == before

    def test_lets_one_of_two_win(self, ledger):
        send(ledger, opening())
        one, other = send(ledger, command("CloseTicket", expected_version=1), command("HoldTicket", expected_version=1))
        assert (one.outcome, other.outcome) == (Outcome.ACCEPTED, Outcome.CONFLICT)

    def test_is_asked_again_with_the_same_id_after_a_conflict(self, ledger):
        asked = command("AddTags", tags=["a"], expected_version=1)
        assert send(ledger, asked)[0].outcome is Outcome.CONFLICT
        send(ledger, opening())
        assert send(ledger, asked)[0].outcome is Outcome.ACCEPTED

    def test_of_a_command_that_was_answered_does_not_matter_any_more(self, ledger):
        asked = opening(expected_version=0)
        [first] = send(ledger, asked)
        send(ledger, command("CloseTicket"))
        assert send(ledger, asked) == [first]


def test_a_receipt_that_was_read_from_the_file_is_the_one_that_was_given(ledger, second):
    given = send(ledger, OPENED, REFUSED, SILENT, door=OFFICE)
    assert send(second, OPENED, REFUSED, SILENT) == given
    assert ledger.journal.receipts(["open"])["open"] == given[0]


def test_a_repeated_command_among_new_ones_gets_its_receipt_though_its_expected_version_has_passed(ledger, path):
    """E-08: a conflict is an answer of the moment, and this command has a lasting one."""
    send(ledger, opening())
    asked = command("AddTags", tags=["cold"], expected_version=1)
    (first,) = send(ledger, asked)
    again, new = send(ledger, asked, command("AddTags", tags=["late"]))
    assert again == first
    assert (new.number, new.outcome) == (first.number + 1, Outcome.ACCEPTED)
    assert_whole(path)


def test_a_batch_of_repeated_and_new_commands_records_the_new_ones_only(ledger, path):
    """E-08."""
    known = [opening("T-1"), command("AddTags", tags=["cold"], ticket_id="T-1")]
    first = send(ledger, *known)
    for number in range(2, 5):
        *again, new = send(ledger, *known, opening(f"T-{number}"))
        assert again == first
        assert new.outcome is Outcome.ACCEPTED
    assert len(ledger.journal.read()) == 5
    assert_whole(path)
