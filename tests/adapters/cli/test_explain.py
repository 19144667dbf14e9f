"""`deskledger explain ticket` and `deskledger replay explain`: why, from a real file (E-06, F-113, F-115)."""

from contextlib import closing
from sqlite3 import connect

import pytest

from adapters.cli.output import WIDTH
from tests.adapters.cli.conftest import Cli
from tests.examples import ARCHIVE_ROOM, CONTACT, Clock, ledger_at, row
from tests.replay.explain_desk import POLICY, REFUND, Desk

LATE = "2026-06-02T14:00:00Z"


@pytest.fixture
def why(cli, folder) -> Cli:
    """The command line on a file on which Monday went by: late, held, refused, outside, imported and erased tickets."""
    clock = Clock()
    with ledger_at(folder / "desk.db", clock) as ledger:
        desk = Desk(ledger, clock)
        desk.define(POLICY, by="agent:bo")
        desk.define(
            POLICY, key="forum", name="Forum", order=9, applies={"field": "channel", "operator": "is", "value": "forum"}
        )
        desk.define(REFUND)
        clock.advance(hours=1)
        desk.open(priority="high")
        amount = {"amount": ["decimal", "649.00"]}
        desk.open("R-1", department="Billing", tags=["refund"], fields=amount, agent="ana", command_id="refund")
        desk.open("H-1", priority="high")
        desk.open("E-1", subject="I am Carla Roth", contact_id=CONTACT, priority="high")
        desk.act(row(1, ticket_id="I-1"), ARCHIVE_ROOM)
        clock.advance(minutes=30)
        desk.act("HoldTicket", ticket_id="H-1")
        clock.advance(hours=1)
        desk.act("SendReply", body="Seen", command_id="reply")
        clock.advance(hours=24, minutes=30)
        desk.act("CloseTicket")
        desk.act("EraseContact", contact_id=CONTACT)

    def call(*words, **given):
        return cli("--db", str(folder / "desk.db"), *words, **given)

    return call


def explained(why, ticket_id="T-1", *words):
    said = why("explain", "ticket", ticket_id, "--json", *words)
    assert said.code == 0, said
    return said.json


def position_of(why, name, ticket_id="T-1"):
    rows = why("ticket", "history", ticket_id, "--json").json["rows"]
    return str(next(row["position"] for row in rows if row["name"] == name))


# Tickets


def test_t7_both_late_is_told_with_what_was_due_and_by_how_much(why):
    """T7."""
    found = explained(why, "T-1", "--as-of", LATE)
    assert found["is_late"] is True
    assert [(one["clock"], one["late_seconds"], one["outcome"]) for one in found["targets"]] == [
        ("response", 1800, "late"),
        ("resolution", 18 * 3600, "late"),
    ]
    assert found["as_of"] == "2026-06-02T14:00:00.000000Z"
    assert found["position"] > 20


def test_a_ticket_as_it_was_known_or_at_a_position_is_told_from_that_past_alone(why):
    """Design 5: the three words."""
    opened = int(position_of(why, "resolution.due_set"))
    at_position = explained(why, "T-1", "--at-position", str(opened))
    assert (at_position["position"], at_position["is_late"]) == (opened, False)
    known = explained(why, "T-1", "--known-at", "2026-06-01T11:00:00Z")
    assert [one["is_on_record"] for one in known["targets"]] == [False, False]
    assert known["targets"][0]["is_violated"]
    as_of = explained(why, "T-1", "--as-of", "2026-06-01T10:30:00Z")
    assert [one["left_seconds"] for one in as_of["targets"]] == [1800, 27000]


def test_definitions_are_those_of_that_past(why):
    before = position_of(why, "ticket.opened")
    assert explained(why, "T-1", "--at-position", before)["policies"][1]["key"] == "standard"
    assert [one["key"] for one in explained(why)["blueprints"]] == ["refund"]


def test_a_late_ticket_for_people(why):
    said = why("explain", "ticket", "T-1", "--as-of", LATE)
    assert said.out.startswith("T-1 was late\n- the response target for priority high was due 2026-06-01 11:00:00Z: ")
    assert (
        "target       8h from 2026-06-01 10:00:00Z" in said.out or "target    8h from 2026-06-01 10:00:00Z" in said.out
    )
    assert "answered 30m late" in said.out
    assert said.out.endswith(f"as of 2026-06-02 14:00:00Z, position {explained(why)['position']}\n")
    assert said.err == ""


def test_a_hold_is_told_with_its_reason(why):
    found = explained(why, "H-1", "--as-of", LATE)
    assert found["is_late"] is False
    (held,) = found["targets"][0]["held"]
    assert (held["began_at"], held["ended_at"], held["why"]) == (
        *("2026-06-01T10:30:00.000000Z", None, "status On Hold is on_hold"),
    )
    said = why("explain", "ticket", "H-1", "--as-of", LATE).out
    assert "H-1 is not late" in said
    assert "2026-06-01 10:30:00Z on, 1d 3h 30m: status On Hold is on_hold" in said


def test_transitions_are_told_for_whoever_asks(why):
    """F-113."""
    found = explained(why, "R-1", "--actor", "agent:bo")["inside"]
    assert (found["blueprint"], found["name"], found["state"]) == ("refund", "Refunds", "Requested")
    assert {one["transition"]: [why["guard"] for why in one["reasons"]] for one in found["moves"]} == {
        "Pay": ["owner", "condition"],
        "Dispute": [],
        "Settle": ["state"],
    }
    assert explained(why, "R-1")["actor"].startswith("agent:")
    said = why("explain", "ticket", "R-1", "--actor", "agent:bo").out
    assert "fields.amount is 649.00, not at most 500.00" in said
    assert "agent:bo is none of its owners ticket_agent, agent:tom" in said


def test_why_a_blueprint_did_not_take_it_in_for_people(why):
    """F-105, pain "blueprint not entered for some tickets"."""
    said = why("explain", "ticket", "T-1").out
    assert "In no blueprint, and why none took it in" in said
    assert "it is in department Support, not in Billing" in said
    assert "SLA policies in order, as of 2026-06-01 10:00:00Z" in said
    assert 'channel is "email", not "forum"' in said


def test_an_import_is_told_as_under_no_rule_of_ours(why):
    assert explained(why, "I-1")["policies"][0]["reasons"][0] == ("it is an import of old_desk@1 that was not adopted")
    assert "so no clock of ours counts" in why("explain", "ticket", "I-1").out


def test_an_erased_persons_text_is_in_no_explanation(why):
    """E-14."""
    events = why("ticket", "history", "E-1", "--json").json["rows"]
    for words in (
        ("explain", "ticket", "E-1"),
        *(("replay", "explain", str(one["position"])) for one in events),
    ):
        for form in ((), ("--json",)):
            said = why(*words, *form)
            assert said.code == 0
            assert "Roth" not in said.out


@pytest.mark.parametrize("ticket_id", ["T-1", "R-1", "H-1", "E-1", "I-1"])
def test_everything_for_people_fits(why, ticket_id):
    said = why("explain", "ticket", ticket_id, "--as-of", LATE).out
    for one in why("ticket", "history", ticket_id, "--json").json["rows"]:
        said += why("replay", "explain", str(one["position"])).out
    assert max(map(len, said.splitlines())) <= WIDTH
    assert "None" not in said


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        ("explain ticket T-9", 3, "there is no ticket T-9"),
        ("explain ticket T-1 --as-of 2026-05-01T00:00:00Z", 3, "there was no ticket T-1 as of 2026-05-01"),
        ("explain ticket", 2, "ID"),
        ("explain ticket T-1 --as-of yesterday", 2, "--as-of"),
        ("explain ticket T-1 --at-position -1", 2, "--at-position"),
        ("replay explain 9999", 3, "there is no event at position 9999"),
        ("replay explain 99999999999999999999", 3, "there is no event at position"),
        ("replay explain 0", 2, "POSITION"),
        ("replay explain first", 2, "POSITION"),
        ("replay explain", 2, "POSITION"),
    ],
)
def test_what_is_not_there_is_3_and_a_wrong_use_is_2(why, words, code, named):
    said = why(*words.split(), "--json")
    assert (said.code, said.out) == (code, "")
    assert named in said.err
    assert len(said.err.splitlines()) == 1


# Events


def test_an_event_is_told_back_to_its_command_and_forward(why):
    """E-06."""
    position = position_of(why, "response.violated")
    said = why("replay", "explain", position, "--json")
    assert said.code == 0
    assert [link["name"] for link in said.json["chain"]] == [
        *("response.violated", "response.due_set", "sla.applied", "ticket.opened"),
    ]
    first = said.json["chain"][0]
    assert (str(said.json["position"]), first["is_by_time"], first["actor"]) == (position, True, "system")
    assert (first["rule"]["name"], first["rule"]["published"]["actor"]) == ("Standard", "agent:bo")
    assert said.json["broken"] is None
    assert said.json["command"]["command"] == "OpenTicket"
    assert said.json["recorded_with"]["command_id"] == "reply"


def test_an_event_for_people(why):
    said = why("replay", "explain", position_of(why, "response.violated"))
    words = " ".join(said.out.split())
    assert said.out.lstrip().startswith("Why response.violated happened, back to its command")
    assert "by time alone" in words
    assert "by sla_policy:standard@1" in words
    assert "by agent:bo" in words
    assert "command OpenTicket" in words
    assert "accepted" in words


def test_what_an_opening_caused(why):
    position = position_of(why, "ticket.opened")
    found = why("replay", "explain", position, "--json").json
    assert [link["name"] for link in found["effects"]] == ["sla.applied"]
    assert "What it caused at once" in why("replay", "explain", position).out


@pytest.mark.parametrize("position", range(1, 7))
def test_an_event_of_a_definition_is_told_with_its_command(why, position):
    found = why("replay", "explain", str(position), "--json").json
    assert found["chain"][0]["place"].startswith("definition:")
    assert found["command"]["command"] in ("DraftDefinition", "PublishDefinition")
    assert "it caused no other event" in why("replay", "explain", str(position)).out


def test_a_cause_that_is_not_there_is_said_with_exit_code_4(why, folder):
    position = position_of(why, "sla.applied")
    with closing(connect(folder / "desk.db", isolation_level=None)) as attacker:
        for (name,) in attacker.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            attacker.execute(f"DROP TRIGGER {name}")
        attacker.execute("UPDATE log SET cause = 'ticket:T-1@77' WHERE position = ?", (position,))
    said = why("replay", "explain", position)
    assert said.code == 4
    words = " ".join(said.out.split())
    assert (
        "the chain is broken here: ticket:T-1@2 names ticket:T-1@77 as its cause, and no earlier event is there"
        in words
    )
    assert why("replay", "explain", position, "--json").json["broken"] is not None
