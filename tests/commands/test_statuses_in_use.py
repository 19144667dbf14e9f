"""A status that a ticket can still come into is not retired (F-46, F-103)."""

import pytest

from adapters.wiring import Ledger
from tests.domain.rules.refund import REFUND, changed
from tests.examples import ARCHIVE_ROOM, Clock, codes, command, moment, names, opening, send

WITHOUT_WAITING = changed(
    states=[state for state in REFUND["states"] if state["name"] != "Waiting"],
    transitions=[
        {"name": "Check", "from": "Requested", "to": "Checked", "owners": "any_agent"},
        {"name": "Pay", "from": "Checked", "to": "Done", "owners": "any_agent"},
    ],
)


def published(ledger: Ledger, document: dict[str, object], version: int) -> None:
    [drafted, valid] = send(
        ledger,
        command("DraftDefinition", kind="blueprint", key="refund", document=document),
        command("PublishDefinition", kind="blueprint", key="refund", version=version),
    )
    assert codes(drafted) == codes(valid) == []


@pytest.fixture
def desk(ledger: Ledger) -> Ledger:
    """A ticket inside a version with a state on a status of its own; a second version does without that state."""
    send(ledger, command("DefineStatus", status="Asleep", status_type="on_hold"))
    asleep = [{**state, "status": "Asleep"} if state["name"] == "Waiting" else state for state in REFUND["states"]]
    published(ledger, changed(states=asleep), 1)
    send(ledger, opening(department="Billing", tags=["refund"]))
    published(ledger, WITHOUT_WAITING, 2)
    return ledger


def test_a_status_stays_while_a_ticket_is_inside_a_version_with_a_state_on_it(desk: Ledger) -> None:
    [refused] = send(desk, command("RetireStatus", status="Asleep"))
    assert codes(refused) == ["status_in_use"]
    assert refused.answer.reasons[0].facts["tickets"] == 1


def test_a_status_goes_when_the_last_of_them_is_out(desk: Ledger) -> None:
    send(desk, command("RevokeBlueprint", reason="by hand"))
    [retired] = send(desk, command("RetireStatus", status="Asleep"))
    assert codes(retired) == []


def test_a_hold_that_is_claimed_from_before_the_opening_moves_nothing_that_is_due(ledger: Ledger, clock: Clock) -> None:
    """F-93: a clock did not run before it began, so nothing of that is held."""
    policy = {"kind": "sla_policy", "key": "s", "name": "S", "targets": {"none": {"resolution": "8h"}}}
    send(ledger, command("DraftDefinition", kind="sla_policy", key="s", document=policy))
    send(ledger, command("PublishDefinition", kind="sla_policy", key="s", version=1), opening())
    clock.advance(minutes=30)
    send(ledger, command("HoldTicket", occurred_at=moment(days=-30)), door=ARCHIVE_ROOM)
    clock.advance(minutes=1)
    send(ledger, command("ResumeTicket"))
    last = ledger.journal.load(["ticket:T-1"])["ticket:T-1"][-1]
    assert names(ledger, "ticket:T-1")[-1] == "resolution.due_set"
    assert last.event.held_seconds == 31 * 60  # type: ignore[attr-defined]
