"""Why an event happened: the chain of causes to the command, by which rule, and what it caused (E-06)."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import get_type_hints

import pytest

from domain.receipts import Receipt
from domain.recorded import Recorded
from domain.statuses import StatusDefined
from domain.values import StatusType
from replay import explain_words
from replay.explain import Explanation, explain_event
from replay.explain_words import said
from tests.examples import ANA, ARCHIVE_ROOM, CONTACT, opened, row
from tests.golden.expected import EXPECTED
from tests.replay.explain_desk import POLICY, REFUND, Desk


@pytest.fixture
def desk(ledger, clock) -> Desk:
    made = Desk(ledger, clock)
    made.define(POLICY, by="agent:bo")
    made.define(REFUND)
    return made


def explained(desk: Desk, name: str, place: int = -1) -> Explanation:
    """Of the event of that name, the last one if not said otherwise."""
    found = [one for one in desk.ledger.journal.read() if one.name == name]
    return of(found[place], desk.ledger.journal.read(), lambda of_id: desk.ledger.journal.receipts([of_id]).get(of_id))


def of(
    recorded: Recorded, log: Sequence[Recorded], receipts: Callable[[str], Receipt | None] = lambda _: None
) -> Explanation:
    return explain_event(recorded, lambda stream: [one for one in log if one.stream == stream], receipts)


def names(explanation: Explanation) -> list[str]:
    return [link.name for link in explanation.chain]


def test_the_chain_leads_from_a_rules_event_to_the_command_that_somebody_sent(desk):
    """E-06."""
    desk.open(priority="high", department="Billing")
    found = explained(desk, "resolution.due_set")
    assert names(found) == ["resolution.due_set", "sla.applied", "ticket.opened"]
    assert found.broken is None
    assert found.recorded_with is None
    asked = found.command
    assert (asked.command, asked.actor, asked.via, asked.principal, asked.outcome) == (
        *("OpenTicket", ANA, "cli:office", "cli:office", "accepted"),
    )
    assert asked.receipt is not None
    assert found.chain[-1].position in asked.positions
    assert asked.correlation_id == asked.command_id


def test_a_link_names_the_rules_version_and_who_drafted_and_published_it(desk):
    """E-04: the version in force then, whatever was published since."""
    desk.open(priority="high")
    desk.clock.advance(hours=1)
    desk.define(POLICY, 2, name="Other")
    rule = explained(desk, "sla.applied").chain[0].rule
    assert rule is not None
    assert (rule.text, rule.kind, rule.key, rule.version, rule.name) == (
        *("sla_policy:standard@1", "sla_policy", "standard", 1, "Standard"),
    )
    assert rule.drafted is not None
    assert rule.published is not None
    assert (rule.drafted.actor, rule.published.actor) == (ANA, "agent:bo")
    assert rule.valid_from == rule.published.at == "2026-06-01T09:00:00.000000Z"


def test_a_rule_of_the_program_has_no_author(desk):
    desk.open()
    desk.act("CloseTicket")
    desk.act("ReceiveReply", body="Again", actor=f"contact:{CONTACT}")
    rule = explained(desk, "ticket.status_changed").chain[0].rule
    assert rule is not None
    assert (rule.kind, rule.key, rule.version, rule.name, rule.drafted) == (
        *("built_in", "customer_reply_reopens", 1, None, None),
    )


def test_what_time_alone_caused_follows_from_what_set_it_due_and_names_the_command_it_was_recorded_with(desk):
    """E-06, T7."""
    desk.open(priority="high")
    desk.clock.advance(hours=2)
    desk.act("AddTags", tags=["hot"], command_id="late", actor="agent:bo")
    found = explained(desk, "response.violated")
    assert names(found) == ["response.violated", "response.due_set", "sla.applied", "ticket.opened"]
    first = found.chain[0]
    assert (first.actor, first.is_by_time, first.command_id) == ("system", True, "late")
    assert (first.occurred_at, first.recorded_at) == ("2026-06-01T10:00:00.000000Z", "2026-06-01T11:00:00.000000Z")
    assert found.command.command == "OpenTicket"
    assert found.recorded_with is not None
    assert (found.recorded_with.command, found.recorded_with.actor) == ("AddTags", "agent:bo")
    assert not any(link.is_by_time for link in found.chain[1:])


def test_what_a_ticker_recorded_was_still_caused_by_time_alone(desk):
    desk.open(priority="high", department="Billing", tags=["refund"])
    desk.clock.advance(hours=5)
    desk.act("LapseTicket", actor="system")
    for name in ("response.violated", "state.limit_violated"):
        found = explained(desk, name)
        assert found.chain[0].is_by_time
        assert found.recorded_with is not None
        assert (found.recorded_with.command, found.recorded_with.actor) == ("LapseTicket", "system")
    assert names(explained(desk, "state.limit_violated"))[1:] == ["blueprint.entered", "ticket.opened"]


def test_a_violation_at_once_is_not_by_time_alone(desk):
    """T9: the new target is over when it is set, so the change of priority caused it."""
    desk.open(priority="low")
    desk.clock.advance(hours=9)
    desk.act("ChangePriority", priority="high")
    found = explained(desk, "resolution.violated")
    assert names(found) == ["resolution.violated", "resolution.due_set", "ticket.priority_changed"]
    assert not found.chain[0].is_by_time
    assert found.recorded_with is None


def test_forward_are_the_events_that_it_caused_directly(desk):
    desk.open(priority="high", department="Billing", tags=["refund"])
    found = explained(desk, "ticket.opened")
    assert [link.name for link in found.effects] == ["blueprint.entered", "sla.applied"]
    assert [link.name for link in explained(desk, "sla.applied").effects] == ["response.due_set", "resolution.due_set"]
    assert explained(desk, "resolution.due_set").effects == ()


def test_the_effects_of_a_target_are_the_violation_that_time_caused(desk):
    desk.open(priority="high")
    desk.clock.advance(hours=2)
    desk.act("AddTags", tags=["hot"])
    (effect,) = explained(desk, "response.due_set").effects
    assert (effect.name, effect.is_by_time) == ("response.violated", True)


def test_an_event_of_any_stream_is_explained(desk):
    desk.act("RegisterContact", contact_id=CONTACT, name="Carla Roth", address="carla@example.org")
    desk.act("DefineStatus", status="Parts", status_type="on_hold")
    for name, sent in (
        ("contact.registered", "RegisterContact"),
        ("status.defined", "DefineStatus"),
        ("definition.drafted", "DraftDefinition"),
        ("definition.published", "PublishDefinition"),
    ):
        found = explained(desk, name)
        assert (names(found), found.command.command) == ([name], sent)
    assert explained(desk, "definition.published").chain[0].said == (
        "version 1 of blueprint refund published, valid from 2026-06-01 09:00:00Z"
    )


def test_an_imported_event_names_its_source_row_as_the_command(desk):
    desk.act(row(1), ARCHIVE_ROOM)
    found = explained(desk, "ticket.imported")
    assert (found.command.command, found.command.via, found.command.principal) == (
        *("ImportRevision", "import:archive@1", "import:archive@1"),
    )
    assert found.command.judged_by == "right:backdate"
    assert found.chain[0].said.startswith("imported from old_desk@1: in IT")


@pytest.mark.parametrize("cause", ["ticket:T-1@9", "ticket:T-2@1", "ticket:T-1", "ticket:T-1@x", "nonsense", "@1"])
def test_a_cause_that_is_not_there_ends_the_chain_and_is_said(desk, cause):
    desk.open(priority="high")
    log = [one._replace(cause=cause) if one.name == "sla.applied" else one for one in desk.ledger.journal.read()]
    last = next(one for one in log if one.name == "response.due_set")
    found = of(last, log)
    assert names(found) == ["response.due_set", "sla.applied"]
    assert found.broken == f"ticket:T-1@2 names {cause} as its cause, and no earlier event is there"


def test_a_cause_that_lies_behind_its_effect_is_broken_and_not_followed(desk):
    desk.open(priority="high")
    log = [one._replace(cause="ticket:T-1@3") if one.version == 2 else one for one in desk.events()]
    found = of(log[2], log)
    assert (names(found), found.broken is None) == (["response.due_set", "sla.applied"], False)


def test_a_command_without_a_receipt_is_told_from_its_events(desk):
    desk.open()
    found = of(desk.events()[0], desk.events())
    assert (found.command.command, found.command.receipt, found.command.actor) == (None, None, ANA)


def test_a_rule_that_the_log_does_not_hold_has_no_name(desk):
    desk.open(priority="high")
    log = desk.events()
    rule = of(next(one for one in log if one.name == "sla.applied"), log).chain[0].rule
    assert rule is not None
    assert (rule.text, rule.name, rule.drafted, rule.published) == ("sla_policy:standard@1", None, None, None)


@pytest.mark.parametrize("event", EXPECTED, ids=lambda event: type(event).__name__)
def test_every_event_has_words_on_a_line_and_none_of_them_is_personal(event):
    """E-14."""
    hints = get_type_hints(type(event), include_extras=True)
    personal = [one.name for one in fields(event) if "PersonalMark" in str(hints[one.name])]
    marked = replace(event, **dict.fromkeys(personal, "Carla Roth"))
    line = said(marked)
    assert line
    assert line.isprintable()
    assert "Roth" not in line
    assert "None" not in line


def test_an_event_without_words_of_its_own_tells_its_fields(monkeypatch):
    monkeypatch.setattr(explain_words, "_WORDS", {})
    assert said(StatusDefined("Parts", StatusType.ON_HOLD)) == "status Parts, status_type on_hold"


def test_words_are_for_people():
    assert said(opened(priority="high")) == ("opened by email in Support, status Open (open), priority high")
    assert "priority none" in said(opened())


def test_an_erased_contact_leaves_its_chain_whole(desk):
    """E-14."""
    desk.open(contact_id=CONTACT, subject="I am Carla Roth", priority="high")
    desk.act("EraseContact", contact_id=CONTACT)
    found = explained(desk, "response.due_set")
    assert names(found) == ["response.due_set", "sla.applied", "ticket.opened"]
    assert "Roth" not in str(found)
    assert explained(desk, "contact.erased").command.command == "EraseContact"
