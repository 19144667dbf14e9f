"""An imported history that is taken into live rules: imported, adopted, worked on, and imported again (F-165)."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from adapters.verification import verify_ledger
from replay.time_travel import ticket_at
from tests.adapters.importers.small_xes import event, trace, written
from tests.end_to_end.desk_run import DeskRun, desk_run, publishing
from tests.examples import NINE, moment

POLICY = {
    "kind": "sla_policy",
    "key": "standard",
    "name": "Standard",
    "targets": {"none": {"response": "1h", "resolution": "8h"}},
}
REFUND = {
    "kind": "blueprint",
    "key": "refund",
    "name": "Refunds",
    "department": "IT",
    "states": [
        {"name": "Asked", "status": "Open", "start": True, "limit": "4h"},
        {"name": "Paid", "status": "Closed", "end": True},
    ],
    "transitions": [{"name": "Pay", "from": "Asked", "to": "Paid", "owners": "any_agent"}],
}
FACTS = {"channel": "web", "department": "IT", "status": "New", "status_type": "open", "subject": "Old printer"}


@pytest.fixture
def run(path: Path) -> Iterator[DeskRun]:
    """A desk with a policy and a blueprint, at Monday nine."""
    with desk_run(path.parent) as run:
        for document in (POLICY, REFUND):
            for asked in publishing(document, 1):
                accepted(run.send(asked))
        yield run


def accepted(receipt: Any) -> None:
    assert receipt.outcome == "accepted", receipt.answer


def revision(ordinal: int, ticket_id: str = "I-1", **facts: Any) -> dict[str, Any]:
    """A row of a source ten days ago."""
    return {
        "command": "ImportRevision",
        "ticket_id": ticket_id,
        "source": "old_desk@1",
        "case": ticket_id,
        "ordinal": ordinal,
        "occurred_at": moment(days=-10, minutes=ordinal),
        "facts": {**FACTS, **facts},
    }


def ask(name: str, ticket_id: str = "I-1", **fields: Any) -> dict[str, Any]:
    return {"command": name, "ticket_id": ticket_id, **fields}


def ticket(run: DeskRun, *cut: str) -> Any:
    return run.ask("ticket", "show", "I-1", *cut)


def row_of(run: DeskRun) -> dict[str, Any]:
    """The projection's row."""
    return rows(run, "dim_tickets")[0]


def rows(run: DeskRun, table: str, ticket_id: str = "I-1") -> list[dict[str, Any]]:
    run.ledger.runner.catch_up()
    found = run.ledger.journal.connection.execute(f"SELECT * FROM {table} WHERE ticket_id = ?", (ticket_id,))
    names = [about[0] for about in found.description]
    return [dict(zip(names, one, strict=True)) for one in found]


def names(run: DeskRun, ticket_id: str = "I-1") -> list[str]:
    return [one.name for one in run.ledger.journal.load([f"ticket:{ticket_id}"])[f"ticket:{ticket_id}"]]


def test_the_rules_govern_from_the_adoption_on(run: DeskRun) -> None:
    """Before it nothing follows and nothing falls due; with it blueprint, policy and clocks begin, from now."""
    accepted(run.send(revision(1)))
    accepted(run.send(revision(2, agent="bo")))
    assert names(run) == ["ticket.imported", "ticket.agent_changed"]
    assert [rows(run, table) for table in ("fct_sla_clocks", "fct_state_visits")] == [[], []]
    at = run.clock.advance(days=1)
    accepted(run.send(ask("AdoptTicket", status="Open")))
    assert names(run)[2:] == [
        *("ticket.adopted", "ticket.status_changed", "blueprint.entered"),
        *("sla.applied", "response.due_set", "resolution.due_set"),
    ]
    assert {(one["clock"], one["started_at"], one["due_at"]) for one in rows(run, "fct_sla_clocks")} == {
        ("response", at, moment(days=1, hours=1)),
        ("resolution", at, moment(days=1, hours=8)),
    }
    [visit] = rows(run, "fct_state_visits")
    assert (visit["state"], visit["entered_at"], visit["limit_due_at"]) == ("Asked", at, moment(days=1, hours=4))
    events = run.ledger.journal.load(["ticket:I-1"])["ticket:I-1"][2:]
    assert {one.occurred_at for one in events} == {at}
    assert [one.rule for one in events] == [
        *("", "", "blueprint:refund@1"),
        *["sla_policy:standard@1"] * 3,
    ]


def test_a_blueprint_is_entered_by_the_status_at_the_adoption(run: DeskRun) -> None:
    """F-105: a foreign word is no state of it, the same word as ours is one, and a later change of status opens it."""
    accepted(run.send(revision(1)))
    accepted(run.send(revision(1, "I-2", status="Open")))
    for ticket_id in ("I-1", "I-2"):
        accepted(run.send(ask("AdoptTicket", ticket_id)))
    assert "blueprint.entered" not in names(run)
    assert "blueprint.entered" in names(run, "I-2")
    accepted(run.send(ask("ChangeStatus", status="Open")))
    assert names(run)[-2:] == ["ticket.status_changed", "blueprint.entered"]


def test_an_adopted_ticket_is_worked_on_like_any_other(run: DeskRun) -> None:
    """Transitions, replies, violations and figures; no row of the source touches it any more."""
    accepted(run.send(revision(1)))
    assert [one.code for one in run.send(ask("AddComment", body="Hm")).answer.reasons] == ["ticket_not_adopted"]
    accepted(run.send(ask("AdoptTicket", status="Open")))
    run.clock.advance(hours=2)
    accepted(run.send(ask("SendReply", body="On it")))
    assert run.ask("report", "sla")["violations"]["response"] == 1
    assert [one["transition"] for one in run.ask("ticket", "transitions", "I-1")["rows"] if one["is_offered"]] == [
        "Pay"
    ]
    accepted(run.send(ask("PerformTransition", transition=0)))
    outcomes = {one["clock"]: (one["outcome"], one["late_seconds"]) for one in rows(run, "fct_sla_clocks")}
    assert outcomes == {"response": ("late", 3_600), "resolution": ("met", None)}
    refused = run.send(revision(2, agent="bo"))
    assert [one.code for one in refused.answer.reasons] == ["ticket_already_adopted"]
    assert [one.code for one in run.send(ask("AdoptTicket")).answer.reasons] == [
        *("ticket_already_adopted", "ticket_already_closed")
    ]
    accepted(run.send(ask("ReopenTicket")))
    assert verify_ledger(run.ledger.path).kept == ()


def test_numbers_stay_dense_over_openings_adoptions_and_refusals(run: DeskRun) -> None:
    """F-54: a refused adoption draws none; imports keep their source's id alone."""
    for ticket_id in ("I-1", "I-2", "I-3"):
        accepted(run.send(revision(1, ticket_id, **({"status_type": "closed"} if ticket_id == "I-3" else {}))))
    opening = {"channel": "web", "subject": "New", "department": "Sales"}
    accepted(run.send(ask("OpenTicket", "T-1", **opening)))
    accepted(run.send(ask("AdoptTicket", "I-2")))
    assert run.send(ask("AdoptTicket", "I-3")).outcome == "refused"
    assert run.send(ask("AdoptTicket", "I-2")).outcome == "refused"
    accepted(run.send(ask("OpenTicket", "T-2", **opening)))
    accepted(run.send(ask("AdoptTicket", "I-1")))
    run.ledger.runner.catch_up()
    found = run.ledger.journal.connection.execute("SELECT ticket_id, number FROM dim_tickets").fetchall()
    assert dict(found) == {"T-1": 1, "I-2": 2, "T-2": 3, "I-1": 4, "I-3": None}
    run.ledger.runner.rebuild()
    run.ledger.runner.catch_up()
    assert run.ledger.journal.connection.execute("SELECT ticket_id, number FROM dim_tickets").fetchall() == found


def test_the_past_before_and_after_the_adoption_is_as_it_was(run: DeskRun) -> None:
    """E-03: state and row at each point, and what time alone would have caused by then."""
    accepted(run.send(revision(1)))
    before, imported_row = run.seen, row_of(run)
    assert (imported_row["number"], imported_row["status"], imported_row["source"]) == (None, "New", "old_desk@1")
    at = run.clock.advance(days=1)
    accepted(run.send(ask("AdoptTicket", status="Open")))
    after, adopted_row = run.seen, row_of(run)
    assert (adopted_row["number"], adopted_row["status"], adopted_row["opened_at"]) == (
        1,
        "Open",
        imported_row["opened_at"],
    )
    run.clock.advance(days=1)
    accepted(run.send(ask("AddTags", tags=["late"])))
    cuts = {
        ("--at-position", str(before)): (None, "New"),
        ("--as-of", moment(hours=23)): (None, "New"),
        ("--known-at", NINE): (None, "New"),
        ("--at-position", str(after)): (1, "Open"),
        ("--as-of", at): (1, "Open"),
    }
    for cut, shown in cuts.items():
        then = ticket(run, *cut)
        assert (then["number"], then["status"]) == shown, cut
    history = run.ledger.journal.load(["ticket:I-1"])["ticket:I-1"]
    first = ticket_at(history[:1], moment(days=30))
    assert first is not None
    assert not first.is_live
    then = ticket_at([one for one in history if one.position <= after], moment(days=1, hours=5))
    assert then is not None
    assert then.sla is not None
    assert then.sla.response is not None
    assert then.sla.response.is_violated
    assert then.visit is not None
    assert then.visit.is_limit_violated
    assert run.ask("report", "sla", "--as-of", moment(hours=23))["violations"]["overdue"] == 0
    assert run.ask("report", "sla", "--as-of", moment(days=1, hours=1))["violations"]["overdue"] == 1


def test_the_adoption_of_a_ticket_on_hold_starts_nothing_until_it_goes_on(run: DeskRun) -> None:
    """Its clocks wait until then, with the whole target before them."""
    accepted(run.send(revision(1, department="Sales", status="Waiting", status_type="on_hold")))
    accepted(run.send(ask("AdoptTicket")))
    assert {one["outcome"] for one in rows(run, "fct_sla_clocks")} == {"paused"}
    run.clock.advance(days=2)
    accepted(run.send(ask("ResumeTicket")))
    assert {one["due_at"] for one in rows(run, "fct_sla_clocks")} == {moment(days=2, hours=1), moment(days=2, hours=8)}


# At the command line, with a log in a file

CSV = """id,at,who,state
7,2026-03-01T09:00:00Z,ana,New
7,2026-03-02T09:00:00Z,ben,New
8,2026-03-01T10:00:00Z,ben,New
"""
CSV_MORE = (
    CSV.replace("8,2026", "7,2026-03-04T09:00:00Z,ana,Done\n8,2026")
    + "8,2026-03-05T10:00:00Z,ben,Done\n9,2026-03-05T11:00:00Z,ben,New\n"
)
CSV_MAPPING = """
source: desk
version: 1
reads: [csv]
ticket:
  case: id
  instant: at
  actor: who
  channel: {constant: web}
  department: {constant: IT}
  status: {column: state, types: {New: open, Done: closed}}
"""


XES_MAPPING = (
    CSV_MAPPING.replace("[csv]", "[xes]")
    .replace("case: id", "case: trace.concept:name")
    .replace(": at", ": time:timestamp")
).replace("column: state", "column: concept:name")


def write_csv(folder: Path, text: str) -> None:
    (folder / "mapping.yaml").write_text(CSV_MAPPING)
    (folder / "log.csv").write_text(text)


def write_xes(folder: Path, text: str) -> None:
    """The same cases as the CSV text has."""
    (folder / "mapping.yaml").write_text(XES_MAPPING)
    cases: dict[str, list[str]] = {}
    for line in text.splitlines()[1:]:
        case, at, who, state = line.split(",")
        cases.setdefault(case, []).append(event(state, at, f'<string key="who" value="{who}"/>'))
    written(folder / "log.xes", *(trace(case, *told) for case, told in cases.items()))


class Said:
    """What a call answered."""

    def __init__(self, code: int, out: str) -> None:
        self.code = code
        self._out = out

    @property
    def json(self) -> Any:
        return json.loads(self._out)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    from adapters.cli.main import run as call

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DESKLEDGER_DATABASE_URL", raising=False)

    def said(*words: str) -> Said:
        capsys.readouterr()
        code = call([*words, "--json"])
        return Said(code, capsys.readouterr().out)

    return said


@pytest.mark.parametrize(("form", "write"), [("csv", write_csv), ("xes", write_xes)])
def test_a_log_is_imported_adopted_worked_on_and_imported_again(
    cli: Any, tmp_path: Path, form: str, write: Any
) -> None:
    """The importer reports the rows of an adopted ticket, goes on with the others, and ends with exit code 7."""
    words = ("import", form, f"log.{form}", "--mapping", "mapping.yaml")
    write(tmp_path, CSV)
    (tmp_path / "standard.json").write_text(json.dumps(POLICY))
    assert cli("definition", "draft", "standard.json").code == 0
    assert cli("definition", "publish", "sla_policy", "standard", "1").code == 0
    first = cli(*words)
    assert (first.code, first.json["rows_added"]) == (0, 3)
    asks = [
        {"command": "AdoptTicket", "command_id": "a-1", "actor": "agent:ana", "ticket_id": "7", "status": "Open"},
        {"command": "SendReply", "command_id": "a-2", "actor": "agent:ana", "ticket_id": "7", "body": "Still here"},
        {"command": "CloseTicket", "command_id": "a-3", "actor": "agent:ana", "ticket_id": "7"},
    ]
    (tmp_path / "asks.jsonl").write_text("\n".join(map(json.dumps, asks)))
    assert cli("command", "send", "asks.jsonl").code == 0
    shown = cli("ticket", "show", "7").json
    assert (shown["number"], shown["status"], shown["source"]) == (1, "Closed", "desk")
    assert (cli("ticket", "show", "8").json["number"]) is None
    assert cli("ticket", "show", "7", "--as-of", "2026-03-03T00:00:00Z").json["number"] is None

    again = cli(*words)
    assert again.code == 0
    assert (again.json["rows_known"], again.json["rows_added"], again.json["rows_skipped"]) == (3, 0, [])
    write(tmp_path, CSV_MORE)
    more = cli(*words)
    assert more.code == 7
    assert {name: more.json[name] for name in ("tickets", "rows", "rows_added", "rows_known")} == {
        "tickets": 3,
        "rows": 6,
        "rows_added": 2,
        "rows_known": 3,
    }
    [skipped] = more.json["rows_skipped"]
    assert (skipped["case"], skipped["code"]) == ("7", "ticket_already_adopted")
    assert "7" in skipped["sentence"]
    once_more = cli(*words)
    assert once_more.code == 7
    assert (once_more.json["rows_known"], once_more.json["rows_skipped"]) == (5, more.json["rows_skipped"])
    assert cli("ticket", "show", "7").json["status"] == "Closed"
    assert cli("ticket", "show", "8").json["status_type"] == "closed"
    with closing(connect("deskledger.db")) as connection:
        found = connection.execute("SELECT ticket_id, number FROM dim_tickets").fetchall()
        outcomes = connection.execute("SELECT ticket_id, clock, outcome FROM fct_sla_clocks").fetchall()
    assert dict(found) == {"7": 1, "8": None, "9": None}
    assert sorted(outcomes) == [("7", "resolution", "met"), ("7", "response", "met")]
    assert cli("replay", "verify").code == 0
