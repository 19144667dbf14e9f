"""A batch is its commands one after another; only the transaction is shared (F-02, F-50, F-54, E-06, E-08)."""

from typing import Any

import pytest

from adapters.wiring import Ledger
from commands.message import Message
from domain.journal import StoreUnavailable
from domain.receipts import Outcome
from domain.ticket.events import TicketOpened
from tests.examples import (
    ARCHIVE_ROOM,
    CONTACT,
    OTHER_TICKET,
    TICKET,
    codes,
    command,
    history,
    ledger_at,
    moment,
    names,
    opening,
    row,
    send,
)
from tests.whole import assert_whole

STREAM = f"ticket:{TICKET}"


def day() -> list[Message]:
    """A list in which every command depends on those before it; ids are the same in every call."""
    asked = [
        opening(contact_id=CONTACT, message_key="<1@mail>"),
        opening(),
        opening(OTHER_TICKET, message_key="<1@mail>"),
        opening(OTHER_TICKET, status="Lost"),
        opening(OTHER_TICKET, contact_id=CONTACT, agent="ana", team="Tier 1"),
        command("DefineStatus", status="Parts", status_type="on_hold"),
        command("HoldTicket", status="Parts"),
        command("RetireStatus", status="Parts"),
        command("ReceiveReply", body="Hurry", message_key="<2@mail>"),
        command("ReceiveReply", body="Hurry", message_key="<2@mail>", ticket_id=OTHER_TICKET),
        command("RetireStatus", status="Parts"),
        command("HoldTicket", status="Parts"),
        command("RegisterContact", contact_id=CONTACT, name="Carla"),
        command("EraseContact", contact_id=CONTACT),
        command("ChangeTicket", subject="After", fields={"floor": ["integer", "3"]}),
        command("EraseContact", contact_id=CONTACT),
        command("EraseContact", contact_id=CONTACT),
        command("SendReply", body="Done", status="Closed", ticket_id=OTHER_TICKET, expected_version=3),
        command("CloseTicket", ticket_id=OTHER_TICKET, expected_version=3),
        command("DeleteTicket"),
        command("AddTags", tags=["late"]),
        command("RestoreTicket"),
        row(1, ticket_id="I-1"),
        row(2, ticket_id="I-1", status="Done", status_type="closed"),
        row(2, ticket_id=TICKET),
        opening("T-3"),
    ]
    return [one.model_copy(update={"command_id": f"day-{place}"}) for place, one in enumerate(asked)]


def outcome_of(ledger: Ledger, batches: list[list[Message]]) -> tuple[Any, Any]:
    """Receipts and events of these batches, without what is random: ids of keys."""
    receipts = [receipt for batch in batches for receipt in send(ledger, *batch, door=ARCHIVE_ROOM)]
    events = [
        recorded._replace(event="erased") if recorded.name == "contact.erased" else recorded
        for recorded in ledger.journal.read()
    ]
    return receipts, events


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_however_a_day_is_cut_into_batches_its_log_and_receipts_are_the_same(tmp_path, size):
    day_long = day()
    with ledger_at(tmp_path / "one") as one, ledger_at(tmp_path / "other") as other:
        alone = outcome_of(one, [[asked] for asked in day_long])
        cut = outcome_of(other, [day_long[at : at + size] for at in range(0, len(day_long), size)])
    assert alone == cut
    assert_whole(tmp_path / "one")
    assert_whole(tmp_path / "other")


def test_a_refusal_touches_only_its_own_command(ledger):
    receipts = send(
        ledger, opening(), opening(), command("CloseTicket"), command("CloseTicket"), command("ReopenTicket")
    )
    assert [codes(receipt) for receipt in receipts] == [[], ["ticket_id_taken"], [], ["ticket_already_closed"], []]
    assert names(ledger, STREAM) == ["ticket.opened", "ticket.status_changed", "ticket.status_changed"]


def test_a_batch_of_nothing_is_answered_with_nothing(ledger):
    assert send(ledger) == []


class TestNumbers:
    """F-54: dense, never reused, unaffected by deletion and import."""

    def numbers(self, ledger: Ledger) -> list[int]:
        return [one.event.number for one in ledger.journal.read() if isinstance(one.event, TicketOpened)]

    def test_are_not_consumed_by_refusals_conflicts_and_repetitions(self, ledger, path):
        first = opening("a")
        send(ledger, first, opening("a"), opening("b", status="Lost"), opening("b", expected_version=5), first)
        send(ledger, opening("c", actor="contact:x", occurred_at=moment()), opening("b"))
        assert self.numbers(ledger) == [1, 2]
        assert_whole(path)

    def test_are_not_given_again_after_a_deletion(self, ledger):
        send(ledger, opening("a"), command("DeleteTicket", ticket_id="a"), opening("b"))
        assert self.numbers(ledger) == [1, 2]

    def test_are_not_given_to_imported_tickets(self, ledger):
        send(ledger, opening("a"), row(ticket_id="i"), opening("b"), door=ARCHIVE_ROOM)
        assert self.numbers(ledger) == [1, 2]

    def test_go_on_after_a_restart(self, ledger, path):
        send(ledger, opening("a"))
        with ledger_at(path) as again:
            send(again, opening("b"))
            assert self.numbers(again) == [1, 2]

    def test_are_not_consumed_by_an_append_that_failed(self, ledger, monkeypatch, path):
        with monkeypatch.context() as broken:
            broken.setattr(ledger.journal, "on_append", fail)
            with pytest.raises(RuntimeError):
                send(ledger, opening("a"), opening("b"))
        send(ledger, opening("c"))
        assert self.numbers(ledger) == [1]
        assert_whole(path)


class TestAMessageKey:
    """F-02: one message is taken in once."""

    def test_is_taken_by_the_ticket_that_it_opened(self, ledger):
        send(ledger, opening(message_key="<1@mail>"))
        [receipt] = send(ledger, opening(OTHER_TICKET, message_key="<1@mail>"))
        assert codes(receipt) == ["message_key_taken"]
        assert receipt.answer.reasons[0].facts == {"message_key": "<1@mail>", "stream": STREAM}

    def test_is_taken_by_the_ticket_that_it_was_a_reply_to(self, ledger):
        first, again, other = send(
            ledger,
            opening(),
            command("ReceiveReply", body="x", message_key="<1@mail>"),
            opening(OTHER_TICKET, message_key="<1@mail>"),
        )
        assert [codes(one) for one in (first, again, other)] == [[], [], ["message_key_taken"]]

    def test_is_not_taken_by_a_command_that_was_refused(self, ledger):
        send(ledger, opening(status="Lost", message_key="<1@mail>"))
        assert codes(*send(ledger, opening(message_key="<1@mail>"))) == []

    def test_stays_taken_after_the_ticket_was_deleted_and_after_a_restart(self, ledger, path):
        send(ledger, opening(message_key="<1@mail>"), command("DeleteTicket"))
        with ledger_at(path) as again:
            assert codes(*send(again, opening(OTHER_TICKET, message_key="<1@mail>"))) == ["message_key_taken"]


class TestCauseAndConversation:
    """E-06: each event names command, actor, rule and cause."""

    def test_a_reopening_names_the_reply_that_caused_it_and_the_rule(self, ledger):
        send(ledger, opening(), command("CloseTicket"))
        [receipt] = send(ledger, command("ReceiveReply", body="Hurry", actor="contact:carla", command_id="mail"))
        *_, reply, reopened = history(ledger, STREAM)
        assert (reply.cause, reply.rule) == ("", "")
        assert (reopened.cause, reopened.rule) == (f"{STREAM}@3", "built_in:customer_reply_reopens@1")
        assert {(one.command_id, one.actor, one.via) for one in (reply, reopened)} == {
            ("mail", "contact:carla", "cli:office")
        }
        assert receipt.answer.positions == (reply.position, reopened.position)

    def test_events_that_a_command_asked_for_have_no_cause_but_the_command(self, ledger):
        send(ledger, opening(agent="ana", team="Tier 1"), command("SendReply", body="x", status="Closed"))
        assert {(one.cause, one.rule) for one in history(ledger, STREAM)} == {("", "")}

    def test_a_command_is_its_own_conversation_where_none_is_named(self, ledger):
        send(ledger, opening(command_id="o"), command("CloseTicket", correlation_id="talk"))
        assert [one.correlation_id for one in history(ledger, STREAM)] == ["o", "talk"]


class TestTime:
    def test_a_live_command_happens_when_it_came_in(self, ledger):
        send(ledger, opening(), at=moment(minutes=-5))
        [event] = history(ledger, STREAM)
        assert (event.occurred_at, event.recorded_at) == (moment(minutes=-5), moment())

    def test_nothing_happens_live_before_what_happened_to_the_ticket_already(self, ledger):
        send(ledger, opening(), at=moment(hours=2))
        send(ledger, command("CloseTicket"), at=moment(hours=1))
        assert [one.occurred_at for one in history(ledger, STREAM)] == [moment(hours=2)] * 2

    def test_other_tickets_do_not_hold_a_ticket_up(self, ledger):
        send(ledger, opening(), at=moment(hours=2))
        send(ledger, opening(OTHER_TICKET), at=moment(hours=1))
        assert history(ledger, f"ticket:{OTHER_TICKET}")[0].occurred_at == moment(hours=1)

    def test_recorded_at_never_goes_back_with_the_clock(self, ledger, clock, path):
        clock.advance(hours=2)
        send(ledger, opening(), command("ReopenTicket"))
        clock.advance(hours=-1)
        [receipt] = send(ledger, opening(OTHER_TICKET))
        assert (history(ledger, f"ticket:{OTHER_TICKET}")[0].recorded_at, receipt.recorded_at) == (moment(hours=2),) * 2
        assert_whole(path)

    def test_the_window_of_a_deletion_is_measured_where_it_is_decided(self, ledger, clock):
        """F-51."""
        send(ledger, opening(), command("DeleteTicket"))
        clock.advance(days=60)
        assert codes(*send(ledger, command("RestoreTicket"))) == []
        send(ledger, command("DeleteTicket"))
        clock.advance(days=60, microseconds=1)
        assert codes(*send(ledger, command("RestoreTicket"))) == ["restore_window_passed"]


class TestAFault:
    def test_inside_the_append_leaves_nothing_behind(self, ledger, monkeypatch, path):
        send(ledger, opening())
        with monkeypatch.context() as broken:
            broken.setattr(ledger.journal, "on_append", fail)
            with pytest.raises(RuntimeError):
                send(ledger, command("CloseTicket"), command("AddTags", tags=["a"]))
        assert names(ledger, STREAM) == ["ticket.opened"]
        assert codes(*send(ledger, command("CloseTicket"))) == []
        assert_whole(path)

    def test_of_a_locked_store_is_said_and_nothing_is_recorded(self, ledger, second, path):
        send(ledger, opening())
        ledger.journal.connection.execute("PRAGMA busy_timeout = 0")
        asked = command("CloseTicket")
        with second.journal.exclusive(), pytest.raises(StoreUnavailable, match="locked"):
            send(ledger, asked)
        assert names(ledger, STREAM) == ["ticket.opened"]
        assert send(ledger, asked)[0].outcome is Outcome.ACCEPTED
        assert_whole(path)


def fail(_: object) -> None:
    """A store that breaks in the middle of an append."""
    raise RuntimeError("the disk is on fire too")
