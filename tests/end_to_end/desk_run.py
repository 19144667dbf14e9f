"""A desk that works for some days under blueprints, policies and views, at simulated instants, chosen by a seed.

A plan is made first and needs no ledger: the same seed is the same desk, whatever ticks beside it. A run then sends the
plan's commands through a real ledger, and the command line answers under the run's own clock.
"""

import contextlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from adapters import wiring
from adapters.wiring import Ledger
from commands.access import Door
from commands.union import parse_command
from domain.definitions import DefinitionDrafted
from domain.receipts import Receipt
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintLeft,
    BlueprintRevoked,
    StateForced,
    TransitionPerformed,
)
from tests.examples import MONDAY, Clock, ledger_at

Json = dict[str, Any]
DOOR = Door("cli:office", frozenset({"act_for", "backdate"}))

STATUSES = (("Review", "open"), ("Parts", "on_hold"), ("Refunded", "closed"))
"""What the desk has beside the built-in ones."""
DEPARTMENTS = ("Support", "Billing")
PRIORITIES = ("low", "medium", "high", "urgent")
AGENTS = ("ana", "bo")
TEAMS = ("Tier 1", "Tier 2")
TAGS = ("refund", "vip", "hot")
LENGTHS = ("30m", "2h", "4h", "1d", "2d 6h")
STATES = (
    ("Asked", "Open"),
    ("Looked at", "Review"),
    ("Raised", "Escalated"),
    ("Ordered", "Parts"),
    ("Waiting", "On Hold"),
    ("Paid", "Refunded"),
    ("Turned down", "Closed"),
)
"""States that blueprints are made of, each with its status; the last two are ends."""
TRANSITIONS = ("Look", "Raise", "Order", "Wait", "Go on", "Back", "Pay", "Turn down")


class Step(NamedTuple):
    """One step of a plan."""

    kind: str
    """`command`, `tick`, `look` or `pass`; time passes before each of them."""
    seconds: float
    """How much time, unless the step waits for something that is due."""
    waits_for_due: bool
    """Whether time passes up to the next instant at which something of the desk is due."""
    asked: Json


# Documents


def random_condition(chance: Random, *, changes: bool = False, time: bool = False) -> Json | None:
    """A condition on what tickets of a desk run have; None now and then."""
    clauses: list[Json] = [
        {"field": "tags", "operator": "includes_any", "value": chance.sample(TAGS, 2)},
        {"field": "priority", "operator": "at_least", "value": chance.choice(PRIORITIES)},
        {"field": "priority", "operator": chance.choice(("is_empty", "is_not_empty"))},
        {"field": "channel", "operator": "is_not", "value": "web"},
        {"field": "subject", "operator": "contains", "value": "\u00e9"},
        {"field": "fields.amount", "operator": "less_than", "value": "50.00"},
    ]
    if changes:
        clauses.append({"field": "agent", "operator": "changed"})
    if time:
        clauses.append({"field": "last_action_at", "operator": "older_than", "value": chance.choice(LENGTHS)})
    kind = chance.random()
    if kind < 0.2:
        return None
    if kind < 0.6:
        return chance.choice(clauses)
    return {chance.choice(("all", "any")): chance.sample(clauses, 2)}


def random_blueprint(chance: Random, key: str, department: str) -> Json:
    """A blueprint whose states are reachable from the start and lead to an end."""
    middle = chance.sample(STATES[1:5], chance.randint(1, 3))
    ends = chance.sample(STATES[5:], chance.randint(1, 2))
    states: list[Json] = [{"name": name, "status": status} for name, status in (STATES[0], *middle, *ends)]
    states[0]["start"] = True
    for end in states[-len(ends) :]:
        end["end"] = True
    for state in states[: -len(ends)]:
        if chance.random() < 0.6:
            state["limit"] = chance.choice(LENGTHS)
    names = [state["name"] for state in states]
    inside = len(names) - len(ends)
    edges = [(names[place], names[place + 1]) for place in range(inside - 1)]
    edges += [(names[inside - 1], end) for end in names[inside:]]
    for _ in range(chance.randint(0, 2)):
        edge = (chance.choice(names[:inside]), chance.choice(names))
        if edge[0] != edge[1] and edge not in edges:
            edges.append(edge)
    titles = chance.sample(TRANSITIONS, len(edges))
    transitions: list[Json] = [
        {"name": title, "from": start, "to": end, "owners": "any_agent"}
        for title, (start, end) in zip(titles, edges, strict=True)
    ]
    document: Json = {"kind": "blueprint", "key": key, "name": key.title(), "department": department, "states": states}
    document.update(order=chance.randint(1, 9), transitions=transitions)
    entry = random_condition(chance, changes=True)
    return document if entry is None else {**document, "entry": entry}


def random_policy(chance: Random, key: str, department: str | None) -> Json:
    """A policy with targets for some priorities."""
    targets = {}
    for priority in chance.sample((*PRIORITIES, "none"), chance.randint(2, 5)):
        clocks = chance.sample(("response", "resolution"), chance.randint(1, 2))
        targets[priority] = {clock: chance.choice(LENGTHS) for clock in clocks}
    document: Json = {"kind": "sla_policy", "key": key, "name": key.title(), "targets": targets}
    document["order"] = chance.randint(1, 9)
    applies = random_condition(chance, changes=False)
    if department is not None:
        document["department"] = department
    return document if applies is None else {**document, "applies": applies}


def random_view(chance: Random, key: str) -> Json:
    """A view, sorted so that its rows have one order."""
    columns = ["ticket_id", "status", "priority", "state", "response_due_at", "resolution_due_at", "is_overdue"]
    document: Json = {"kind": "view", "key": key, "name": key.title(), "columns": columns}
    document["sort"] = [{"column": "ticket_id"}]
    condition = random_condition(chance, time=True)
    return {**document, "condition": condition or {"field": "is_overdue", "operator": "is", "value": True}}


def random_documents(chance: Random, suffix: str = "") -> list[Json]:
    """What a desk works by: two blueprints, a policy for one department and one for every, three views."""
    return [
        random_blueprint(chance, "refund" + suffix, "Support"),
        random_blueprint(chance, "invoice" + suffix, "Billing"),
        random_policy(chance, "support" + suffix, "Support"),
        random_policy(chance, "everybody" + suffix, None),
        *(random_view(chance, f"view_{number}{suffix}") for number in range(3)),
    ]


# The plan


def publishing(document: Json, version: int) -> list[Json]:
    """The commands that put a document into force at once."""
    named = {"kind": document["kind"], "key": document["key"]}
    return [
        {"command": "DraftDefinition", **named, "document": document},
        {"command": "PublishDefinition", **named, "version": version},
    ]


def random_opening(chance: Random, ticket_id: str) -> Json:
    """A new ticket."""
    asked: Json = {"command": "OpenTicket", "ticket_id": ticket_id, "channel": chance.choice(("email", "web"))}
    asked.update(subject=chance.choice(("Caf\u00e9 bill", "Printer")), department=chance.choice(DEPARTMENTS))
    asked["tags"] = sorted(chance.sample(TAGS, chance.randint(0, 2)))
    asked["fields"] = {"amount": ["decimal", chance.choice(("12.50", "99.00"))]}
    if chance.random() < 0.8:
        asked["priority"] = chance.choice(PRIORITIES)
    if chance.random() < 0.1:
        asked["status"] = chance.choice(("On Hold", "Closed", "Review"))
    return asked


def random_act(chance: Random, ticket_id: str) -> Json:
    """Something that may be asked of a ticket; many are refused as the ticket stands, which is part of a desk.

    A transition is a number: the run takes that one of those that lead on from where the ticket is.
    """
    acts: list[tuple[str, Json]] = [
        *[("PerformTransition", {"transition": chance.randrange(6)})] * 9,
        *[("SendReply", {"body": "Seen"})] * 3,
        ("SendReply", {"body": "Done", "status": chance.choice(("Closed", "Open", "On Hold"))}),
        *[("ChangeStatus", {"status": chance.choice(("Open", "Review", "Parts", "Closed", "On Hold"))})] * 3,
        *[("ReceiveReply", {"body": "Still there", "actor": "contact:carla"})] * 2,
        *[("ChangePriority", {"priority": chance.choice(PRIORITIES)})] * 2,
        ("ChangeTicket", {"department": chance.choice(DEPARTMENTS)}),
        ("AssignTicket", {"agent": chance.choice(AGENTS), "team": chance.choice(TEAMS)}),
        ("AddTags", {"tags": [chance.choice(TAGS)]}),
        ("AddComment", {"body": "Hm"}),
        ("HoldTicket", {}),
        ("ResumeTicket", {}),
        ("CloseTicket", {}),
        ("ReopenTicket", {}),
        (chance.choice(("DeleteTicket", "RestoreTicket", "RestoreTicket")), {}),
        (chance.choice(("ArchiveTicket", "UnarchiveTicket", "UnarchiveTicket")), {}),
        ("ForceState", {"state": chance.choice(STATES)[0], "reason": "Told to"}),
        ("RevokeBlueprint", {"reason": "Wrong one"}),
    ]
    name, fields = chance.choice(acts)
    return {"command": name, "ticket_id": ticket_id, "actor": f"agent:{chance.choice(AGENTS)}", **fields}


def random_plan(seed: int, tickets: int, steps: int, looks: int) -> list[Step]:
    """A desk's days: definitions first, then tickets and what is done to them, with `looks` looks in between."""
    chance = Random(seed)
    documents = random_documents(chance)
    plan = [
        Step("command", 60, False, {"command": "DefineStatus", "status": status, "status_type": status_type})
        for status, status_type in STATUSES
    ]
    plan += [Step("command", 1, False, asked) for document in documents for asked in publishing(document, 1)]
    opened: list[str] = []
    looked_at = set(chance.sample(range(steps // 4, steps), looks))
    republished = chance.randrange(steps // 3, steps)
    for number in range(steps):
        wait = (chance.choice((0, 1, 61, 600, 3_600, 7_200.000001)), chance.random() < 0.08)
        if number in looked_at:
            plan.append(Step("look", *wait, {}))
        elif number == republished:
            newer = random_policy(chance, "everybody", None)
            plan += [Step("command", 0, False, asked) for asked in publishing(newer, 2)]
        elif chance.random() < 0.1:
            plan.append(Step("tick", *wait, {}))
        elif len(opened) < tickets and chance.random() < 0.4:
            opened.append(f"T-{len(opened) + 1}")
            plan.append(Step("command", *wait, random_opening(chance, opened[-1])))
        elif opened:
            plan.append(Step("command", *wait, random_act(chance, chance.choice(opened))))
    return plan


# The run


class DeskRun:
    """A ledger, a clock that the run moves, and what is due on the desk."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.ledger = ledger
        self.clock = clock
        self.sent = 0
        self.seen = 0
        """The last position of the log."""
        self.dues: set[str] = set()
        self.tickets: list[str] = []
        self.documents: dict[tuple[str, int], Json] = {}
        """By key and version."""
        self.inside: dict[str, tuple[str, int, str]] = {}
        """By ticket: blueprint, version and state."""

    def send(self, asked: Json) -> Receipt:
        """A command now."""
        self.sent += 1
        named = {"actor": "agent:ana", **asked, "command_id": f"c-{self.sent}"}
        if asked["command"] == "PerformTransition":
            named["transition"] = self.transition(asked["ticket_id"], asked["transition"])
        [receipt] = self.ledger.submit([parse_command(json.dumps(named))], DOOR)
        if asked["command"] == "OpenTicket" and receipt.outcome == "accepted":
            self.tickets.append(asked["ticket_id"])
        for recorded in self.ledger.journal.read(self.seen):
            self.seen = recorded.position
            self.follow(recorded.stream.partition(":")[2], recorded.event)
        return receipt

    @property
    def views(self) -> list[Json]:
        """The newest version of each view."""
        newest = {key: one for (key, _), one in sorted(self.documents.items()) if one["kind"] == "view"}
        return list(newest.values())

    def follow(self, ticket_id: str, event: Any) -> None:
        """What is due, and where tickets are in their blueprints."""
        if isinstance(event, DefinitionDrafted):
            self.documents[event.key, event.version] = dict(event.document)
        elif isinstance(event, BlueprintEntered):
            self.inside[ticket_id] = event.blueprint, event.version, event.state
        elif isinstance(event, TransitionPerformed | StateForced):
            self.inside[ticket_id] = event.blueprint, event.version, event.to_state
        elif isinstance(event, BlueprintCompleted | BlueprintLeft | BlueprintRevoked):
            del self.inside[ticket_id]
        for name in ("due_at", "limit_due_at"):
            if (due_at := getattr(event, name, None)) is not None:
                self.dues.add(due_at)

    def transition(self, ticket_id: str, number: int) -> str:
        """The name of one of the transitions that lead on from where the ticket is; of any where it is nowhere."""
        blueprint, version, state = self.inside.get(ticket_id, ("", 0, ""))
        known = self.documents.get((blueprint, version), {"transitions": []})["transitions"]
        names = [one["name"] for one in known if one["from"] == state] or list(TRANSITIONS)
        return str(names[number % len(names)])

    def pass_time(self, step: Step) -> None:
        """On by the step's seconds, or to the next instant at which something is due."""
        ahead = [due_at for due_at in self.dues if due_at > self.clock()]
        if step.waits_for_due and ahead:
            self.clock.passed = datetime.fromisoformat(min(ahead)) - MONDAY
        else:
            self.clock.passed += timedelta(seconds=step.seconds)

    def tick(self, tickets: list[str]) -> None:
        """What a ticker does, for some of the tickets."""
        for ticket_id in tickets:
            assert (
                self.send({"command": "LapseTicket", "actor": "system", "ticket_id": ticket_id}).outcome == "accepted"
            )

    def ask(self, *words: str) -> Any:
        """What `deskledger WORDS --json` prints under the run's clock; the call must end well."""
        from adapters.cli.main import run as call

        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        opening = partial(wiring.open_ledger, now=self.clock)
        printed = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with patch.object(wiring, "open_ledger", opening), printed[0], printed[1]:
            code = call((*words, "--db", str(self.ledger.path), "--json"))
        for stream in (out, err):
            stream.seek(0)
        assert code == 0, (words, code, err.read())
        return json.loads(out.read())


@contextmanager
def desk_run(folder: Path) -> Iterator[DeskRun]:
    """An empty desk on a file of its own."""
    clock = Clock()
    with ledger_at(folder / "desk.db", clock) as ledger:
        ledger.journal.connection.execute("PRAGMA synchronous = OFF")
        yield DeskRun(ledger, clock)
