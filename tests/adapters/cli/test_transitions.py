"""`deskledger ticket transitions`: what an actor may do next, and every reason why not the rest (F-113)."""

import pytest

from adapters import wiring
from adapters.cli.options import os_user
from tests.adapters.cli.conftest import line, opening
from tests.examples import Clock, moment

BLUEPRINT = """\
kind: blueprint
key: refund
name: Refunds
department: Billing
states:
  - {name: Asked, status: Open, start: true, limit: 4h}
  - {name: Checked, status: Escalated}
  - {name: Paid, status: Closed, end: true}
transitions:
  - {name: Check, from: Asked, to: Checked, owners: any_agent}
  - name: Pay
    from: Checked
    to: Paid
    owners: [agent:bo, "service:bank"]
    when: {all: [{field: priority, operator: in, value: [high, urgent]}, {field: tags, operator: is_not_empty}]}
  - {name: Drop, from: [Asked, Checked], to: Paid, owners: [ticket_agent]}
"""


@pytest.fixture
def clock(monkeypatch):
    """The command line's clock, which stands still until the test moves it."""
    clock, opened = Clock(), wiring.open_ledger
    monkeypatch.setattr(wiring, "open_ledger", lambda url, *, create=False: opened(url, create=create, now=clock))
    return clock


@pytest.fixture
def desk(cli, folder, clock):
    """T-1 is inside a refund blueprint and is ana's; T-2 is of another department."""
    publish(cli, folder, BLUEPRINT, 1)
    send(cli, opening("T-1", "c-1", department="Billing", agent="ana"), opening("T-2", "c-2"))
    return cli


def publish(cli, folder, text, version):
    (folder / "refund.yaml").write_text(text)
    assert cli("definition", "draft", "refund.yaml").code == 0
    assert cli("definition", "publish", "blueprint", "refund", str(version)).code == 0


def send(cli, *lines):
    said = cli("command", "send", "-", stdin="\n".join(lines))
    assert said.code == 0, said


def move(transition, command_id, actor="agent:ana"):
    return line("PerformTransition", command_id, ticket_id="T-1", transition=transition, actor=actor)


def asked(cli, *words, actor="agent:ana"):
    said = cli("ticket", "transitions", "T-1", "--actor", actor, "--json", *words)
    assert said.code == 0, said
    return said.json


def offered(cli, *words, actor="agent:ana"):
    return [row["transition"] for row in asked(cli, *words, actor=actor)["rows"] if row["is_offered"]]


def why_not(cli, transition, *words, actor="agent:ana"):
    [row] = [row for row in asked(cli, *words, actor=actor)["rows"] if row["transition"] == transition]
    return {reason["guard"]: reason["reason"] for reason in row["reasons"]}


def test_every_transition_is_told_with_whether_it_is_offered_f113(desk):
    said = asked(desk)
    rows = said.pop("rows")
    assert said == {
        "ticket_id": "T-1",
        "actor": "agent:ana",
        "blueprint": "refund",
        "version": 1,
        "state": "Asked",
        "position": 6,
        "as_of": moment(),
    }
    assert [(row["transition"], row["to_state"], row["is_offered"]) for row in rows] == [
        ("Check", "Checked", True),
        ("Pay", "Paid", False),
        ("Drop", "Paid", True),
    ]
    assert rows[0]["reasons"] == []


def test_every_reason_why_not_is_told_at_once_f113(desk):
    """State, owner and each clause of the condition."""
    [row] = [row for row in asked(desk)["rows"] if row["transition"] == "Pay"]
    assert [reason["guard"] for reason in row["reasons"]] == ["state", "owner", "condition", "condition"]
    told = [reason["reason"] for reason in row["reasons"]]
    assert told[0] == "the ticket is in state Asked, and it leads from Checked"
    assert told[1] == "agent:ana is none of its owners agent:bo, service:bank"
    assert "priority" in told[2]
    assert "tags" in told[3]


@pytest.mark.parametrize(
    ("actor", "free"),
    [
        ("agent:ana", ["Check", "Drop"]),
        ("agent:bo", ["Check"]),
        ("service:bank", []),
        ("service:ana", []),
        ("contact:carla", []),
        ("system", []),
    ],
)
def test_what_is_offered_is_what_the_actor_may_perform_f113(desk, actor, free):
    """Asked for each, the domain accepts exactly those."""
    assert offered(desk, actor=actor) == free
    for name in ("Check", "Pay", "Drop"):
        if name not in free:
            assert desk("command", "send", "-", stdin=move(name, f"m {name}", actor)).code != 0
    for name in free[:1]:
        send(desk, move(name, "yes", actor))


def test_the_transitions_follow_the_ticket_and_its_facts_f113(desk):
    send(desk, move("Check", "m-1"))
    assert set(why_not(desk, "Pay", actor="agent:bo")) == {"condition"}
    send(
        desk,
        line("AddTags", "m-2", ticket_id="T-1", tags=["x"]),
        line("ChangePriority", "m-3", ticket_id="T-1", priority="high"),
    )
    assert offered(desk, actor="agent:bo") == ["Pay"]
    assert offered(desk, actor="service:bank") == ["Pay"]
    send(desk, line("AssignTicket", "m-4", ticket_id="T-1", agent="tom"))
    assert offered(desk) == []
    assert why_not(desk, "Drop") == {"owner": "agent:ana is none of its owners ticket_agent"}


def test_a_ticket_goes_on_under_the_version_it_entered_with(desk, folder, clock):
    """A later version offers it nothing (F-113, F-105)."""
    clock.advance(hours=1)
    publish(desk, folder, BLUEPRINT.replace("name: Check,", "name: Look,"), 2)
    assert offered(desk) == ["Check", "Drop"]
    assert asked(desk)["version"] == 1


def test_the_three_words_ask_the_past(desk, clock):
    before = asked(desk)
    clock.advance(hours=1)
    send(desk, move("Check", "m-1"), line("AssignTicket", "m-2", ticket_id="T-1", agent=None))
    position = asked(desk)["position"]
    for cut in (("--as-of", moment(minutes=59)), ("--known-at", moment()), ("--at-position", str(before["position"]))):
        assert offered(desk, *cut) == ["Check", "Drop"], cut
        assert asked(desk, *cut)["state"] == "Asked"
    again = ("--as-of", before["as_of"], "--at-position", str(before["position"]))
    assert asked(desk, *again) == before
    assert offered(desk, "--at-position", str(position)) == offered(desk) == []
    assert asked(desk)["state"] == "Checked"


def test_a_ticket_that_is_in_no_blueprint_is_refused(desk, clock):
    """Never inside, not yet, not any more, and not to be worked on: exit code 5 and one sentence."""
    clock.advance(hours=1)
    send(desk, move("Drop", "m-1"))
    send(desk, opening("T-5", "c-5", department="Billing"), line("DeleteTicket", "c-6", ticket_id="T-5"))
    for ticket_id, named in [("T-2", "in no blueprint"), ("T-1", "in no blueprint"), ("T-5", "deleted")]:
        for form in ((), ("--json",)):
            said = desk("ticket", "transitions", ticket_id, *form)
            assert (said.code, said.out) == (5, ""), ticket_id
            assert ticket_id in said.err
            assert named in said.err
            assert len(said.err.splitlines()) == 1
    assert desk("ticket", "transitions", "T-1", "--as-of", moment(minutes=59)).code == 0


def test_an_unknown_ticket_is_not_found(desk):
    said = desk("ticket", "transitions", "T-9")
    assert (said.code, said.out) == (3, "")
    assert "T-9" in said.err
    said = desk("ticket", "transitions", "T-1", "--as-of", "2026-05-01T00:00:00Z")
    assert said.code == 3
    assert "2026-05-01" in said.err


def test_people_read_a_table_and_are_the_actor_themselves(desk):
    said = desk("ticket", "transitions", "T-1")
    assert said.code == 0
    assert said.out.lstrip().startswith("T-1 in state Asked of blueprint:refund@1")
    assert f"for agent:{os_user()}, as of 2026-06-01 09:00:00Z, position 6" in said.out
    rows = {
        words[0]: words[2]
        for words in map(str.split, said.out.splitlines())
        if words and words[0] in ("Check", "Pay", "Drop")
    }
    assert rows == {"Check": "yes", "Pay": "no", "Drop": "no"}


def test_asking_records_nothing(desk):
    before = desk("db", "info", "--json").json
    asked(desk)
    assert desk("db", "info", "--json").json == before
