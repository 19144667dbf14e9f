"""`deskledger report sla|blueprint|backlog`: figures now and then, in every form, and the tickets behind them."""

import csv
import io
import json

import pytest

from domain.ticket.sla_events import ResponseMet
from projections.base import Unfoldable
from projections.clocks import SLA_CLOCKS
from tests.adapters.cli.conftest import line, opening

BLUEPRINT = """\
kind: blueprint
key: refund
name: Refunds
department: Support
states:
  - {name: Asked, status: Open, start: true, limit: 1h}
  - {name: Paid, status: Closed, end: true}
transitions:
  - {name: Pay, from: Asked, to: Paid, owners: any_agent}
"""
POLICY = """\
kind: sla_policy
key: standard
name: Standard
targets:
  none: {response: 1h, resolution: 8h}
"""
LATER = "2030-01-01T00:00:00Z"


@pytest.fixture
def ruled(cli, folder):
    """A desk with a blueprint and a policy, one ticket that went through and one that waits."""
    assert cli("db", "init").code == 0
    for name, text in (("refund.yaml", BLUEPRINT), ("standard.yaml", POLICY)):
        (folder / name).write_text(text)
        assert cli("definition", "draft", name).code == 0
    for kind, key in (("blueprint", "refund"), ("sla_policy", "standard")):
        assert cli("definition", "publish", kind, key, "1").code == 0
    asks = [
        opening("T-1", "c-1"),
        opening("T-2", "c-2"),
        line("SendReply", "c-3", ticket_id="T-1", body="Yes"),
        line("PerformTransition", "c-4", ticket_id="T-1", transition="Pay"),
    ]
    said = cli("command", "send", "-", stdin="\n".join(asks))
    assert said.code == 0, said
    return cli


def test_the_sla_report_counts_what_time_alone_caused_by_then_f94(ruled):
    now = ruled("report", "sla", "--json").json
    assert now["violations"] == {"none": 2, "response": 0, "resolution": 0, "both": 0, "overdue": 0}
    then = ruled("report", "sla", "--as-of", LATER, "--json").json
    assert then["violations"] == {"none": 1, "response": 0, "resolution": 0, "both": 1, "overdue": 1}
    assert then["as_of"] == "2030-01-01T00:00:00.000000Z"
    listed = ruled("report", "sla", "--tickets", "both", "--as-of", LATER, "--json").json["rows"]
    assert [row["ticket_id"] for row in listed] == ["T-2"]
    assert "standard@1 none" in ruled("report", "sla", "--tickets", "all").out
    assert "overdue" in ruled("report", "sla", "--as-of", LATER).out


def test_the_dashboard_equals_the_one_printed_then_e03(ruled):
    printed = ruled("report", "blueprint", "--json").json
    position, as_of = str(printed["position"]), printed["as_of"]
    ruled("command", "send", "-", stdin=line("PerformTransition", "c-9", ticket_id="T-2", transition="Pay"))
    again = ruled("report", "blueprint", "--json", "--as-of", as_of, "--at-position", position)
    assert again.json == printed
    counts = {(row["metric"], row["item"]): row["occurrences"] for row in printed["rows"]}
    assert counts["active", None] == 1
    assert counts["run_time", "completed"] == 1
    assert counts["transitions", "Pay"] == 1


def test_the_tickets_behind_a_figure_of_the_dashboard_f120(ruled):
    rows = ruled(
        "report", "blueprint", "refund@1", "--tickets", "overstaying", "--state", "Asked", "--as-of", LATER, "--json"
    ).json["rows"]
    assert [row["ticket_id"] for row in rows] == ["T-2"]
    moved = ruled("report", "blueprint", "--tickets", "transitions", "--transition", "Pay", "--json").json["rows"]
    assert [(row["ticket_id"], row["actor"]) for row in moved] == [("T-1", "agent:ana")]
    by_actor = ("report", "blueprint", "--tickets", "transitions_by_actor", "--transition", "Pay")
    assert ruled(*by_actor, "--actor", "agent:ana", "--json").json["rows"] == moved
    assert ruled(*by_actor, "--actor", "agent:bob", "--json").json["rows"] == []


def test_a_group_of_the_sla_report_lists_the_tickets_that_it_counts_f94(ruled):
    (group,) = ruled("report", "sla", "--as-of", LATER, "--json").json["rows"]
    words = ("report", "sla", "--as-of", LATER, "--json", "--policy", "standard@1", "--priority", group["priority"])
    for kind in ("none", "both"):
        listed = ruled(*words, "--tickets", kind, "--department", group["department"]).json["rows"]
        assert len(listed) == group[kind] == 1
    for other in (("--policy", "standard@2"), ("--priority", "high"), ("--department", "Nowhere")):
        assert ruled(*words, "--tickets", "all", *other).json["rows"] == []


def test_an_answer_says_how_many_tickets_are_parked_and_a_skip_is_in_every_later_past_e03(ruled, folder, monkeypatch):
    sound = SLA_CLOCKS.fold

    def stumbling(rows, events):
        if any(isinstance(one.event, ResponseMet) for one in events):
            raise Unfoldable("it is poison")
        return sound(rows, events)

    with monkeypatch.context() as patched:
        patched.setattr(type(SLA_CLOCKS), "__setattr__", object.__setattr__)
        patched.setattr(SLA_CLOCKS, "fold", stumbling)
        assert ruled("projection", "rebuild").code == 0
        live = ruled("report", "sla", "--json").json
        position = str(live["position"])
        assert live["parked"] == 1
        assert ruled("report", "sla", "--as-of", live["as_of"], "--at-position", position, "--json").json == live
        for words in (("sla",), ("sla", "--tickets", "all"), ("sla", "--as-of", LATER)):
            assert "; 1 parked, so what is said of them may be behind" in ruled("report", *words).out
        assert "parked: 1" in ruled("report", "sla", "--format", "csv").err.splitlines()
        assert ruled("report", "sla", "--format", "jsonl").lines[-1]["parked"] == 1
        assert ruled("view", "run", "open", "--json").json["parked"] == 1
        assert ruled("report", "blueprint", "--json").json["parked"] == 0
        (parked,) = ruled("projection", "parked", "--json").json
        skip = ("projection", "skip", "fct_sla_clocks", "T-1", str(parked["position"]), "--reason", "It is wrong")
        assert ruled(*skip).code == 0
        after = ruled("report", "sla", "--json").json
        at = ("--as-of", after["as_of"], "--at-position", str(after["position"]), "--json")
        assert after["parked"] == 0
        assert ruled("report", "sla", *at).json == after
        listed = ("report", "sla", "--tickets", "all")
        assert ruled(*listed, *at).json["rows"] == ruled(*listed, "--json").json["rows"]
        before = ruled("report", "sla", "--as-of", live["as_of"], "--at-position", position, "--json").json
        assert before == live
        targets = [one["outcome"] for one in ruled("explain", "ticket", "T-1", "--json").json["targets"]]
        assert targets == ["running", "met"]


def test_a_window_leaves_out_what_happened_before_f125(ruled):
    rows = ruled("report", "blueprint", "--from", LATER, "--json").json["rows"]
    assert {row["metric"] for row in rows} == {"active", "dwell_open"}
    assert ruled("report", "sla", "--from", LATER, "--json").json["violations"]["none"] == 0


@pytest.mark.parametrize("words", [("sla",), ("blueprint",), ("backlog",), ("sla", "--tickets", "all")])
def test_the_forms_hold_the_same_rows_and_each_says_up_to_where_it_holds(ruled, words):
    words = ("report", *words, "--as-of", LATER)
    document = ruled(*words, "--format", "json").json
    *rows, last = ruled(*words, "--format", "jsonl").lines
    assert rows == document["rows"]
    assert last["holds"] == {"position": document["position"], "as_of": document["as_of"]}
    said = ruled(*words, "--format", "csv")
    cells = list(csv.DictReader(io.StringIO(said.out)))
    plain = {None: "", True: "true", False: "false"}
    assert cells == [
        {name: plain[value] if value is None or isinstance(value, bool) else str(value) for name, value in row.items()}
        for row in rows
    ]
    assert said.err.splitlines()[-1] == f"as of 2030-01-01 00:00:00Z, position {document['position']}"
    assert f"position {document['position']}" in ruled(*words).out
    assert ruled(*words, "--json").out == json.dumps(document, separators=(",", ":")) + "\n"


def test_the_tickets_behind_the_backlog(desk):
    rows = desk("report", "backlog", "--tickets", "--department", "Support", "--json").json["rows"]
    assert [row["ticket_id"] for row in rows] == ["T-1"]
    then = desk("report", "backlog", "--tickets", "--as-of", "2026-06-02T10:00:00Z", "--json").json["rows"]
    assert [row["ticket_id"] for row in then] == ["T-1", "T-2"]
    assert desk("report", "backlog", "--status", "Open").code == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sla", "--tickets", "late"), 2, "expected one of none, response"),
        (("blueprint", "--tickets", "mood"), 2, "expected one of active"),
        (("blueprint", "--state", "Asked"), 2, "go with --tickets"),
        (("blueprint", "--tickets", "dwell", "--state", "Asked", "--transition", "Pay"), 2, "--state and --transition"),
        (("blueprint", "--tickets", "dwell", "--actor", "agent:ana"), 2, "--actor goes with"),
        (("blueprint", "--tickets", "dwell", "--transition", "Pay"), 2, "--transition goes with"),
        (("blueprint", "--tickets", "active", "--state", "Asked"), 2, "--state goes with"),
        (("blueprint", "nope@7"), 3, "there is no blueprint nope"),
        (("blueprint", "refund@7"), 3, "there is no version 7 of blueprint refund"),
        (("sla", "--policy", "standard"), 2, "go with --tickets"),
        (("sla", "--tickets", "all", "--policy", "standard@x"), 2, "is no policy"),
        (("blueprint", "refund@x"), 2, "NAME@VERSION"),
        (("blueprint", "--assume", "refund"), 2, "names no version"),
        (("blueprint", "--assume", "refund@7"), 3, "no version 7"),
        (("sla", "--from", LATER, "--to", "2029-01-01T00:00:00Z"), 2, "does not lie after"),
        (("sla", "--format", "xml"), 2, "jsonl"),
    ],
)
def test_what_cannot_be_answered_ends_in_one_line(ruled, words, code, said):
    answer = ruled("report", *words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1


def test_an_imported_history_is_read_through_a_blueprint_f118(ruled):
    facts = {"channel": "web", "department": "IT", "status_type": "open"}
    rows = [
        line(
            "ImportRevision", f"r-{n}", actor="agent:zoe", ticket_id="I-1", source="old@1", case="1", ordinal=n,
            occurred_at=f"2026-05-0{n}T09:00:00Z", facts={**facts, "status": status, "status_type": kind},
        )
        for n, status, kind in ((1, "Open", "open"), (2, "Closed", "closed"))
    ]  # fmt: skip
    said = ruled("command", "send", "-", stdin="\n".join(rows))
    assert said.code == 0, said
    found = ruled("report", "blueprint", "--assume", "refund@1", "--json").json["rows"]
    assert {(row["metric"], row["item"]): row["total_seconds"] for row in found}["run_time", "completed"] == 86_400
    assert ruled("report", "blueprint", "--assume", "refund@1", "--as-of", "2026-05-01T12:00:00Z").code == 0
