"""Random blueprints, SLA policies and commands of a desk that works by them, each from a `Random` of the caller's.

A command may hold what only the run can fill in: `transition`, `state` and `version` as a number stand for one of those
that there are, `ago` for an instant that many seconds before now.
"""

from itertools import pairwise
from random import Random
from typing import Any

Json = dict[str, Any]

STATUSES = (("Review", "open"), ("Parts", "on_hold"), ("Solved", "closed"))
"""What the desk has beside the built-in ones."""
DEPARTMENTS = ("Support", "IT")
BLUEPRINTS = ("refund", "repair", "return")
POLICIES = ("gold", "everybody")
TICKETS = ("T-1", "T-2", "T-3", "I-1")
LENGTHS = ("30s", "10m", "10m", "1h 5m", "2h", "2h", "1d", "3d")
STATE_NAMES = ("Asked", "Looked at", "Ordered", "Agreed", "Ended")
TRANSITION_NAMES = ("go", "skip", "back", "end", "wait", "turn")
PRIORITIES = ("low", "medium", "high", "urgent")
AGENTS = ("agent:ana", "agent:ana", "agent:bo")


# Documents


def random_condition(chance: Random, *, changes: bool) -> Json:
    """A clause, or some of them joined."""
    clauses: list[Json] = [
        {"field": "channel", "operator": "is_not", "value": "web"},
        {"field": "priority", "operator": "at_least", "value": chance.choice(PRIORITIES)},
        {"field": "priority", "operator": "is_not_empty"},
        {"field": "tags", "operator": chance.choice(("includes_any", "includes_none")), "value": ["a"]},
        {"field": "exchanges", "operator": "at_most", "value": chance.randint(0, 5)},
        {"field": "subject", "operator": "contains", "value": "FIR"},
        {"field": "agent", "operator": chance.choice(("is_empty", "is_not_empty"))},
        {"field": "reopen_count", "operator": "less_than", "value": 2},
        {"field": "sla_policy", "operator": "is_not", "value": "gold"},
    ]
    if changes:
        clauses.append({"field": "priority", "operator": "changed"})
        clauses.append({"field": "status", "operator": "changed_to", "value": "Open"})
    if chance.random() < 0.7:
        return chance.choice(clauses)
    return {chance.choice(("all", "any")): chance.sample(clauses, chance.randint(1, 3))}


def random_blueprint(chance: Random, key: str) -> Json:
    """A random graph over some of the statuses, with a way from the start through every state to an end."""
    statuses = ["Open", "On Hold", "Escalated", "Closed", "Review", "Parts", "Solved"]
    chance.shuffle(statuses)
    if chance.random() < 0.7:
        statuses.remove("Open")
        statuses.insert(0, "Open")
    names = chance.sample(STATE_NAMES, chance.randint(2, 5))
    ends = names[-chance.randint(1, min(2, len(names) - 1)) :]
    inside = names[: -len(ends)]
    states: list[Json] = [{"name": name, "status": status} for name, status in zip(names, statuses, strict=False)]
    states[0]["start"] = True
    for state in states:
        if state["name"] in ends:
            state["end"] = True
        elif chance.random() < 0.75:
            state["limit"] = chance.choice(LENGTHS)
    edges: list[tuple[Any, str]] = list(pairwise(inside))
    edges += [(inside[-1], end) for end in ends]
    for _ in range(chance.randint(0, 2)):
        edges.append((chance.choice(inside), chance.choice(names)))
    transitions = [
        random_transition(chance, name, origin, to) for name, (origin, to) in zip(TRANSITION_NAMES, edges, strict=False)
    ]
    if len(transitions) < len(TRANSITION_NAMES) and chance.random() < 0.3:
        anywhere = random_transition(chance, TRANSITION_NAMES[len(transitions)], "*", chance.choice(names))
        transitions.append({**anywhere, "except": [chance.choice(inside)]})
    document: Json = {
        "kind": "blueprint",
        "key": key,
        "name": key.title(),
        "department": chance.choice(DEPARTMENTS),
        "order": chance.randint(1, 3),
        "states": states,
        "transitions": transitions,
    }
    if chance.random() < 0.3:
        document["entry"] = random_condition(chance, changes=True)
    return document


def random_transition(chance: Random, name: str, origin: Any, to: str) -> Json:
    """A move with random owners and, now and then, a guard."""
    owners: list[Any] = ["any_agent", "any_agent", "any_agent", "ticket_agent", ["agent:bo", "service:mail"], "system"]
    made: Json = {"name": name, "from": origin, "to": to, "owners": chance.choice(owners)}
    if chance.random() < 0.25:
        made["when"] = random_condition(chance, changes=False)
    return made


def random_policy(chance: Random, key: str) -> Json:
    """Targets for some priorities, for one department or for every."""
    targets = {}
    for priority in chance.sample((*PRIORITIES, "none"), chance.randint(2, 5)):
        clocks = chance.sample(("response", "resolution"), chance.choice((1, 2)))
        targets[priority] = {clock: chance.choice(LENGTHS) for clock in clocks}
    document: Json = {"kind": "sla_policy", "key": key, "name": key.title(), "targets": targets}
    document["order"] = chance.randint(1, 3)
    if chance.random() < 0.3:
        document["department"] = chance.choice(DEPARTMENTS)
    if chance.random() < 0.25:
        document["applies"] = random_condition(chance, changes=True)
    return document


def random_document(chance: Random) -> Json:
    """A blueprint or a policy."""
    if chance.random() < 0.6:
        return random_blueprint(chance, chance.choice(BLUEPRINTS))
    return random_policy(chance, chance.choice(POLICIES))


def malformed(chance: Random) -> Json:
    """A document with one mistake."""
    document = random_document(chance)
    mistakes: list[Json] = [{"name": ""}, {"order": "first"}, {"colour": "red"}, {"kind": "view"}, {"key": "another"}]
    if document["kind"] == "blueprint":
        first, *others = document["states"]
        mistakes += [
            {"states": [{**first, "status": "Nowhere"}, *others]},
            {"states": [first, *({**other, "end": False} for other in others)]},
            {"transitions": [*document["transitions"][:-1], {"name": "lost", "from": "Nowhere", "to": "Asked"}]},
            {"entry": {"field": "opened_at", "operator": "older_than", "value": "1h"}},
        ]
    else:
        mistakes += [{"targets": {}}, {"targets": {"low": {"response": "soon"}}}, {"applies": {"all": []}}]
    return {**document, **chance.choice(mistakes)}


# Commands


def drafting(document: Json) -> Json:
    """The draft of a document under the kind and key of a definition that there is."""
    key = document["key"] if document["key"] in BLUEPRINTS + POLICIES else "refund"
    kind = "blueprint" if key in BLUEPRINTS else "sla_policy"
    return {"command": "DraftDefinition", "kind": kind, "key": key, "document": document}


def random_publication(chance: Random, ahead: int | None = None) -> list[Json]:
    """A draft, and its publication now or so many seconds ahead."""
    drafted = drafting(random_document(chance))
    published = {"command": "PublishDefinition", "kind": drafted["kind"], "key": drafted["key"], "version": 0}
    return [drafted, published if ahead is None else {**published, "ago": -ahead}]


def random_defining(chance: Random) -> list[Json]:
    """Something asked of a definition, or of the catalogue of statuses."""
    key = chance.choice(BLUEPRINTS + POLICIES)
    named = {"kind": "blueprint" if key in BLUEPRINTS else "sla_policy", "key": key}
    kind = chance.random()
    if kind < 0.45:
        return random_publication(chance, chance.choice((None, None, 1, 600, 7_200, 86_400)))
    if kind < 0.55:
        return [{"command": "PublishDefinition", **named, "version": chance.choice((-2, -1, 0, 0, 99))}]
    if kind < 0.6:
        return [{"command": "PublishDefinition", **named, "version": 0, "ago": 60}]
    if kind < 0.65:
        make = random_blueprint if key in BLUEPRINTS else random_policy
        published: Json = {"command": "PublishDefinition", **named, "version": 0}
        return [*(drafting(make(chance, key)) for _ in range(2)), published, {**published, "version": -1}]
    if kind < 0.7:
        retired: Json = {"command": "RetireDefinition", **named}
        return [retired, retired, {"command": "PublishDefinition", **named, "version": 0}][: chance.randint(1, 3)]
    if kind < 0.85:
        return [drafting(malformed(chance))]
    if kind < 0.9:
        return [drafting(random_document(chance))]
    if kind < 0.95:
        status = chance.choice(("Escalated", "Review", "Parts", "Solved", "Parts"))
        return [{"command": "RetireStatus", "status": status}]
    status, status_type = chance.choice(STATUSES)
    return [{"command": "DefineStatus", "status": status, "status_type": status_type}]


def random_opening(chance: Random, ticket_id: str) -> Json:
    """A new ticket."""
    asked: Json = {"command": "OpenTicket", "ticket_id": ticket_id, "channel": chance.choice(("email", "web"))}
    asked.update(subject=chance.choice(("fire", "smoke")), department=chance.choice(DEPARTMENTS))
    asked["tags"] = sorted(chance.sample("ab", chance.randint(0, 2)))
    if chance.random() < 0.7:
        asked["priority"] = chance.choice(PRIORITIES)
    if chance.random() < 0.15:
        asked["status"] = chance.choice(("On Hold", "Closed", "Review", "Parts"))
    return asked


def random_row(chance: Random, ticket_id: str) -> Json:
    """A row of a foreign history."""
    status = chance.choice((("Open", "open"), ("New", "open"), ("On Hold", "on_hold"), ("Done", "closed")))
    facts = {"channel": "web", "department": chance.choice(DEPARTMENTS), "status": status[0], "status_type": status[1]}
    row = {"command": "ImportRevision", "ticket_id": ticket_id, "source": "old_desk@1", "case": "77"}
    return {**row, "ordinal": chance.randint(1, 9), "ago": chance.randint(0, 9_000), "facts": facts}


MOVES: list[tuple[str, Json]] = [
    ("PerformTransition", {"transition": 0}),
    ("PerformTransition", {"transition": 1}),
    ("PerformTransition", {"transition": 2}),
    ("PerformTransition", {"transition": 3}),
    ("PerformTransition", {"transition": "nowhere"}),
    ("ForceState", {"state": 0, "reason": "Told to"}),
    ("ForceState", {"state": 1, "reason": "Told to"}),
    ("ForceState", {"state": 2, "reason": "Told to"}),
    ("ForceState", {"state": "Nowhere", "reason": "Told to"}),
    ("RevokeBlueprint", {"reason": "Wrong one"}),
]
STATUS_MOVES: list[tuple[str, Json]] = [
    *[("ChangeStatus", {"status": status}) for status in ("Open", "Open", "Review", "Parts", "Solved", "Escalated")],
    ("HoldTicket", {}),
    ("ResumeTicket", {}),
    ("ResumeTicket", {}),
    ("CloseTicket", {}),
    ("ReopenTicket", {}),
    ("ReopenTicket", {}),
]
CHANGES: list[tuple[str, Json]] = [
    *[("ChangePriority", {"priority": priority}) for priority in PRIORITIES * 2],
    *[("ChangeTicket", {"department": department}) for department in DEPARTMENTS],
    ("ChangeTicket", {"subject": "smoke"}),
    ("AssignTicket", {"agent": "ana"}),
    ("AssignTicket", {"agent": "bo", "team": "Tier 1"}),
    ("AddTags", {"tags": ["a"]}),
    ("RemoveTags", {"tags": ["a", "b"]}),
]
TALK: list[tuple[str, Json]] = [
    *[("SendReply", {"body": "Seen"})] * 2,
    ("SendReply", {"body": "Done", "status": "Closed"}),
    ("SendReply", {"body": "Hm", "status": "Open"}),
    ("SendReply", {"body": "By itself", "actor": "service:mail"}),
    *[("ReceiveReply", {"body": "Still there", "actor": "contact:carla"})] * 2,
    ("AddComment", {"body": "Hm"}),
]
SHELVING: list[tuple[str, Json]] = [
    *[("DeleteTicket", {}), ("RestoreTicket", {}), ("RestoreTicket", {}), ("RestoreTicket", {})],
    *[("ArchiveTicket", {}), ("UnarchiveTicket", {}), ("UnarchiveTicket", {})],
]
LAPSING: list[tuple[str, Json]] = [("LapseTicket", {}), ("LapseTicket", {"actor": "system"})]
ADOPTING: list[tuple[str, Json]] = [("AdoptTicket", {}), ("AdoptTicket", {"status": "Open"})]


def random_act(chance: Random) -> Json:
    """Something asked of a ticket; much of it is refused as the ticket stands."""
    ticket_id = chance.choice(TICKETS)
    kind = chance.random()
    if kind < 0.05:
        return random_opening(chance, ticket_id)
    if kind < 0.08:
        return random_row(chance, chance.choice(("I-1", "I-1", "T-3")))
    groups = (*(MOVES,) * 6, *(STATUS_MOVES,) * 3, *(CHANGES,) * 3, *(TALK,) * 3, SHELVING, LAPSING)
    name, fields = chance.choice(ADOPTING if kind < 0.11 else chance.choice(groups))
    asked: Json = {"command": name, "ticket_id": ticket_id, "actor": chance.choice(AGENTS), **fields}
    if chance.random() < 0.08 and name != "LapseTicket":
        asked["ago"] = chance.choice((0, 1, 59, 601, 7_201, 90_000))
    return asked
