"""A publication in the middle of a stream of commands never judges two events of one command by two versions (E-04).

What a command newly judges is judged by what was in force at its instant, by the log as it stood before the command;
what a ticket was judged by before it keeps (F-103 to F-106, F-91).
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.wiring import Ledger
from commands.message import Message
from domain.recorded import Recorded
from tests.commands.test_interleaving import interrupted
from tests.examples import (
    ARCHIVE_ROOM,
    OTHER_TICKET,
    TICKET,
    codes,
    command,
    history,
    ledger_at,
    moment,
    names,
    opening,
    send,
)
from tests.whole import assert_whole

STREAM, OTHER_STREAM = f"ticket:{TICKET}", f"ticket:{OTHER_TICKET}"
EVERY_CALL = range(9)
"""More calls than a decision makes of its journal."""


def refund(limit: str) -> dict[str, Any]:
    """A blueprint that takes in every new ticket of Support."""
    return {
        "kind": "blueprint",
        "key": "refund",
        "name": "Refunds",
        "department": "Support",
        "states": [
            {"name": "Asked", "status": "Open", "start": True, "limit": limit},
            {"name": "Checked", "status": "Escalated", "limit": limit},
            {"name": "Paid", "status": "Closed", "end": True},
        ],
        "transitions": [
            {"name": "Check", "from": "Asked", "to": "Checked", "owners": "any_agent"},
            {"name": "Pay", "from": "Checked", "to": "Paid", "owners": "any_agent"},
        ],
    }


def gold(length: str) -> dict[str, Any]:
    """A policy for every ticket, with or without a high priority."""
    targets = {"response": length, "resolution": length}
    return {"kind": "sla_policy", "key": "gold", "name": "Gold", "targets": {"none": targets, "high": targets}}


def publication(version: int, length: str, **fields: Any) -> list[Message]:
    """Both definitions, drafted and published."""
    return [
        asked
        for document in (refund(length), gold(length))
        for named in [{"kind": document["kind"], "key": document["key"]}]
        for asked in (
            command("DraftDefinition", **named, document=document),
            command("PublishDefinition", **named, version=version, **fields),
        )
    ]


FIRST = partial(publication, 1, "1h")
SECOND = partial(publication, 2, "2h")


def retirement() -> list[Message]:
    return [
        command("RetireDefinition", kind="blueprint", key="refund"),
        command("RetireDefinition", kind="sla_policy", key="gold"),
    ]


def versions(events: Sequence[Recorded]) -> set[int]:
    """The versions of blueprints and policies that some events name."""
    named = {recorded.event.version for recorded in events if hasattr(recorded.event, "version")}
    assert {int(recorded.rule.partition("@")[2]) for recorded in events if recorded.rule} <= named
    return named


def judged_by(ledger: Ledger, stream: str = STREAM) -> set[int]:
    return versions(history(ledger, stream))


def position_of(ledger: Ledger, stream: str, name: str) -> list[int]:
    """Where events of that stored name stand in the log."""
    return [recorded.position for recorded in history(ledger, stream) if recorded.name == name]


# On one bus


def test_a_publication_between_two_commands_of_a_batch_is_for_the_second_only(ledger):
    send(ledger, *FIRST())
    receipts = send(ledger, opening(), *SECOND(), opening(OTHER_TICKET))
    assert {receipt.outcome.value for receipt in receipts} == {"accepted"}
    assert judged_by(ledger) == {1}
    assert judged_by(ledger, OTHER_STREAM) == {2}
    assert names(ledger, STREAM) == names(ledger, OTHER_STREAM)


def test_the_first_publication_of_all_is_for_the_next_command_of_its_batch(ledger):
    send(ledger, opening(), *FIRST(), opening(OTHER_TICKET), command("AddTags", tags=["late"]))
    assert names(ledger, OTHER_STREAM)[:2] == ["ticket.opened", "blueprint.entered"]
    assert names(ledger, STREAM)[:3] == ["ticket.opened", "ticket.tags_added", "blueprint.entered"]


def test_a_ticket_inside_keeps_its_version_through_a_publication_in_the_batch(ledger):
    send(ledger, *FIRST(), opening())
    send(
        ledger, *SECOND(), command("PerformTransition", transition="Check"), command("ChangePriority", priority="high")
    )
    assert "transition.performed" in names(ledger, STREAM)
    assert judged_by(ledger) == {1}


def test_a_valid_from_to_come_is_in_force_from_its_very_instant_on(ledger, clock):
    send(ledger, *FIRST())
    send(ledger, *SECOND(valid_from=moment(hours=1)))
    send(ledger, opening())
    clock.advance(hours=1, microseconds=-1)
    send(ledger, opening("T-just-before"))
    clock.advance(microseconds=1)
    send(ledger, opening("T-at-once"))
    tickets = {
        ticket_id: judged_by(ledger, f"ticket:{ticket_id}") for ticket_id in (TICKET, "T-just-before", "T-at-once")
    }
    assert tickets == {TICKET: {1}, "T-just-before": {1}, "T-at-once": {2}}


def test_a_valid_from_reached_between_two_commands_changes_nothing_for_a_ticket_inside(ledger, clock):
    send(ledger, *FIRST(), opening())
    send(ledger, *SECOND(valid_from=moment(minutes=10)))
    clock.advance(minutes=20)
    send(ledger, command("PerformTransition", transition="Check"), command("SendReply", body="Seen"))
    assert {"transition.performed", "response.met"} <= set(names(ledger, STREAM))
    assert judged_by(ledger) == {1}


def test_a_claimed_instant_is_judged_by_what_was_in_force_then(ledger, clock):
    send(ledger, *FIRST())
    clock.advance(hours=1)
    send(ledger, *SECOND())
    clock.advance(hours=1)
    late = opening(occurred_at=moment(minutes=30), actor="service:archive")
    [receipt] = send(ledger, late, door=ARCHIVE_ROOM)
    assert codes(receipt) == []
    assert judged_by(ledger) == {1}


def test_a_retired_definition_goes_on_for_the_tickets_inside_and_takes_in_no_other(ledger, clock):
    send(ledger, *FIRST(), opening())
    send(ledger, *retirement(), opening(OTHER_TICKET))
    assert names(ledger, OTHER_STREAM) == ["ticket.opened"]
    clock.advance(hours=2)
    send(ledger, command("PerformTransition", transition="Check"), command("PerformTransition", transition="Pay"))
    happened = names(ledger, STREAM)
    for name in ("response.violated", "resolution.violated", "state.limit_violated", "blueprint.completed"):
        assert name in happened
    assert judged_by(ledger) == {1}


def test_a_retirement_between_two_commands_of_a_batch_is_for_the_second_only(ledger):
    send(ledger, *FIRST(), opening(), *retirement(), opening(OTHER_TICKET))
    assert "blueprint.entered" in names(ledger, STREAM)
    assert names(ledger, OTHER_STREAM) == ["ticket.opened"]


# On the other bus, before any call that the first makes of its journal


def assert_judged_once(ledger: Ledger, stream: str) -> None:
    """By the first version before the second was published and by the second after it, blueprint and policy alike."""
    events = history(ledger, stream)
    [published] = position_of(ledger, "definition:blueprint:refund", "definition.published")[1:]
    assert [recorded.name for recorded in events[:3]] == ["ticket.opened", "blueprint.entered", "sla.applied"]
    assert versions(events) == ({1} if events[0].position < published else {2})


@pytest.mark.parametrize("warm", [True, False], ids=["cached", "not cached"])
def test_whenever_the_other_publishes_a_command_is_judged_by_one_version(tmp_path, warm):
    befores = 0
    for at in EVERY_CALL:
        path = tmp_path / f"{at}"
        with ledger_at(path) as one, ledger_at(path) as other:
            send(one if warm else other, *FIRST())
            with interrupted(one, at, partial(send, other, *SECOND())) as calls:
                [receipt] = send(one, opening())
            if len(calls) <= at:
                break
            assert codes(receipt) == []
            assert_judged_once(one, STREAM)
            befores += judged_by(one) == {1}
        assert_whole(path)
    assert befores == 0, "what was published before the append is in force for it"


def test_whenever_the_other_publishes_each_command_of_a_batch_is_judged_by_one_version(tmp_path):
    for at in EVERY_CALL:
        path = tmp_path / f"{at}"
        with ledger_at(path) as one, ledger_at(path) as other:
            send(one, *FIRST(), opening("T-3"))
            with interrupted(one, at, partial(send, other, *SECOND())):
                receipts = send(one, opening(), command("AddTags", ticket_id="T-3", tags=["x"]), opening(OTHER_TICKET))
            assert [codes(receipt) for receipt in receipts] == [[], [], []]
            if len(position_of(one, "definition:blueprint:refund", "definition.published")) > 1:
                assert_judged_once(one, STREAM)
                assert_judged_once(one, OTHER_STREAM)
            assert judged_by(one, "ticket:T-3") == {1}
        assert_whole(path)


def test_whenever_the_other_publishes_a_ticket_inside_keeps_its_version(tmp_path):
    for at in EVERY_CALL:
        path = tmp_path / f"{at}"
        with ledger_at(path) as one, ledger_at(path) as other:
            send(one, *FIRST(), opening())
            with interrupted(one, at, partial(send, other, *SECOND())):
                [receipt] = send(one, command("PerformTransition", transition="Check"))
            assert codes(receipt) == []
            assert judged_by(one) == {1}
        assert_whole(path)


def test_whenever_the_other_retires_a_ticket_has_entered_before_or_not_at_all(tmp_path):
    for at in EVERY_CALL:
        path = tmp_path / f"{at}"
        with ledger_at(path) as one, ledger_at(path) as other:
            send(one, *FIRST())
            with interrupted(one, at, partial(send, other, *retirement())) as calls:
                send(one, opening())
            happened = names(one, STREAM)
            retired = position_of(one, "definition:blueprint:refund", "definition.retired")
            if len(calls) > at and retired:
                assert ("blueprint.entered" in happened) == (history(one, STREAM)[0].position < retired[0])
            assert ("blueprint.entered" in happened) == ("sla.applied" in happened)
        assert_whole(path)


def test_a_definition_that_moved_after_the_decision_leads_to_deciding_again(tmp_path):
    """JournalMoved, and then alone."""
    with ledger_at(tmp_path / "desk") as one, ledger_at(tmp_path / "desk") as other:
        send(one, *FIRST())
        with interrupted(one, -1, lambda: None) as calls:
            send(one, opening(OTHER_TICKET))
        with interrupted(one, calls.index("append"), partial(send, other, *SECOND())) as calls:
            send(one, opening())
        assert calls[-2:] == ["append", "exclusive"]
        assert judged_by(one) == {2}
        assert judged_by(one, OTHER_STREAM) == {1}


INSIDE = {
    "PerformTransition": {"transition": "Check"},
    "ForceState": {"state": "Checked", "reason": "Told to"},
    "ChangePriority": {"priority": "high"},
    "SendReply": {"body": "Seen"},
}


@pytest.mark.parametrize("name", INSIDE)
@pytest.mark.parametrize("known", [0, 1], ids=["no version", "an older version"])
def test_a_ticket_may_be_inside_a_version_that_this_process_has_not_seen(ledger, second, name, known):
    """The ticket is read afresh, the definitions are those of the last look: it looks again and decides."""
    send(ledger, *(FIRST() if known else []), opening("T-9"))
    send(second, *(SECOND() if known else FIRST()), opening())
    [receipt] = send(ledger, command(name, **INSIDE[name]))
    assert codes(receipt) == []
    assert judged_by(ledger) == {known + 1}


def test_a_batch_may_find_a_ticket_inside_a_version_that_this_process_has_not_seen(ledger, second, path: Path):
    send(ledger, *FIRST(), opening("T-9"))
    send(second, *SECOND(), opening())
    receipts = send(ledger, opening("T-3"), command("PerformTransition", transition="Check"), opening("T-4"))
    assert [codes(receipt) for receipt in receipts] == [[], [], []]
    assert [judged_by(ledger, stream) for stream in ("ticket:T-3", STREAM, "ticket:T-4")] == [{2}, {2}, {2}]
    assert_whole(path)
