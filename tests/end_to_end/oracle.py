# ruff: noqa: N802 - the methods have the names of the commands
"""What a desk should be after some commands: an independent model of features.md that knows no code of ours.

It takes commands as JSON objects, in the order in which they were answered, and says for each how it must be answered;
and it says what every row of every table must then be.
"""

import json

from tests.end_to_end.oracle_imports import Imports
from tests.end_to_end.oracle_tickets import Json, No, is_live, refuse

CUSTOMERS_SEND = ("OpenTicket", "ReceiveReply", "ImportRevision")


class Desk(Imports):
    """The desk as it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, Json] = {}
        self.erasures = 0
        self.status_version = 0
        self.status_at = ""
        self.recorded_at = ""
        self.receipts: list[Json] = []
        self.answered: dict[str, Json] = {}

    # Answers

    def answer(self, asked: Json, door: str, rights: set[str], now: str) -> Json:
        """How the command must be answered: outcome, codes, positions, versions, number."""
        stream = self.stream_of(asked)
        if (known := self.answered.get(asked["command_id"])) is not None:
            same = known["asked"] == content(asked) and known["door"].partition(":")[2] == door.partition(":")[2]
            return known if same else momentary("refused", "command_id_reused")
        objections = self.objections(asked, door.partition(":")[2], rights, now)
        expected = asked.get("expected_version")
        if not objections and expected is not None and expected != self.version(stream):
            return momentary("conflict", "version_conflict")
        before = self.position
        self.actor = asked["actor"]
        self.at = asked.get("occurred_at") or max(now, self.last_at(stream))
        if not objections:
            try:
                getattr(self, asked["command"])(asked)
            except No as no:
                objections = list(no.args)
        self.recorded_at = max(self.recorded_at, now)
        answer = {
            "asked": content(asked),
            "door": door,
            "number": len(self.receipts) + 1,
            "command_id": asked["command_id"],
            "command": asked["command"],
            "stream": stream,
            "outcome": "refused" if objections else "accepted",
            "codes": objections,
            "positions": list(range(before + 1, self.position + 1)),
            "versions": [(stream, self.version(stream))],
            "recorded_at": self.recorded_at,
        }
        self.receipts.append(answer)
        self.answered[asked["command_id"]] = answer
        return answer

    def stream_of(self, asked: Json) -> str:
        if "ticket_id" in asked:
            return f"ticket:{asked['ticket_id']}"
        return f"contact:{asked['contact_id']}" if "contact_id" in asked else "definition:status:catalogue"

    def version(self, stream: str) -> int:
        kind, _, key = stream.partition(":")
        if kind == "definition":
            return self.status_version
        kept = (self.tickets if kind == "ticket" else self.contacts).get(key)
        return kept["version"] if kept else 0

    def last_at(self, stream: str) -> str:
        kind, _, key = stream.partition(":")
        if kind == "definition":
            return self.status_at
        kept = (self.tickets if kind == "ticket" else self.contacts).get(key)
        return kept["last_at"] if kept else ""

    def objections(self, asked: Json, principal: str, rights: set[str], now: str) -> list[str]:
        kind, _, who = asked["actor"].partition(":")
        claims = asked.get("occurred_at")
        said = [
            kind == "contact" and asked["command"] not in CUSTOMERS_SEND and "actor_not_permitted",
            who != principal and "act_for" not in rights and "act_for_not_allowed",
            claims is not None and "backdate" not in rights and "backdate_not_allowed",
            claims is not None and claims > now and "occurred_in_future",
        ]
        return [code for code in said if code]

    # Contacts and the catalogue

    def contact(self, asked: Json) -> Json:
        empty = {"registered": False, "name": None, "address": None, "erasures": 0, "version": 0, "last_at": ""}
        return self.contacts.setdefault(asked["contact_id"], empty)

    def RegisterContact(self, asked: Json) -> None:
        contact = self.contact(asked)
        refuse(contact["registered"] and "contact_id_taken")
        self.event(contact)
        contact.update(registered=True, name=asked.get("name"), address=asked.get("address"))
        if asked.get("name") is not None or asked.get("address") is not None:
            self.keyed.add(f"contact:{asked['contact_id']}")

    def EraseContact(self, asked: Json) -> None:
        person = f"contact:{asked['contact_id']}"
        if person not in self.keyed:
            return
        self.keyed.remove(person)
        contact = self.contact(asked)
        self.event(contact)
        contact["erasures"] += 1
        self.erasures += 1
        gone(contact, "name", "address")
        for ticket in self.tickets.values():
            for name in ("subject", "description"):
                text, owner = ticket[name]
                if owner == person and text is not None:
                    ticket[name] = "erased", owner
            for message in ticket["messages"]:
                if message["person"] == person:
                    gone(message, "recipients", "body", "body_digest")

    def DefineStatus(self, asked: Json) -> None:
        known = dict(self.statuses).get(asked["status"])
        refuse(known not in (None, asked["status_type"]) and "status_already_defined")
        if known is None:
            self.catalogue_event()
            self.statuses.append((asked["status"], asked["status_type"]))

    def RetireStatus(self, asked: Json) -> None:
        status, status_type = asked["status"], self.known(asked["status"])
        in_it = [one for one in self.tickets.values() if one["status"] == status and is_live(one)]
        refuse(
            bool(in_it) and "status_in_use",
            [of_type for _, of_type in self.statuses].count(status_type) == 1 and "last_status_of_type",
        )
        self.catalogue_event()
        self.statuses.remove((status, status_type))

    def catalogue_event(self) -> None:
        self.position += 1
        self.status_version += 1
        self.status_at = max(self.status_at, self.at)

    # Rows

    def rows(self) -> dict[str, list[Json]]:
        """Every row of every projection, by key."""
        tickets = [self.tickets[key] for key in sorted(self.tickets)]
        assignments = [one for ticket in tickets for one in ticket["assignments"]]
        return {
            "dim_tickets": [ticket_row(ticket) for ticket in tickets],
            "fct_status_intervals": [one for ticket in tickets for one in ticket["stays"]],
            "fct_assignment_intervals": sorted(
                assignments, key=lambda one: (one["ticket_id"], one["kind"], one["seq"])
            ),
            "fct_messages": [one for ticket in tickets for one in ticket["messages"]],
        }


def gone(kept: Json, *names: str) -> None:
    for name in names:
        if kept[name] is not None:
            kept[name] = "erased"


def momentary(outcome: str, code: str) -> Json:
    """An answer that nothing is kept of."""
    return {"outcome": outcome, "codes": [code], "positions": [], "versions": [], "number": 0}


def content(asked: Json) -> Json:
    """What makes a command the same: all but the moment and the conversation."""
    return {name: value for name, value in asked.items() if name not in ("issued_at", "correlation_id")}


def ticket_row(ticket: Json) -> Json:
    """The row that lists show of a ticket."""
    texts = [ticket["subject"], ticket["description"]]
    people = [person for text, person in texts if text is not None]
    hidden = ("messages", "stays", "assignments", "restorable_until", "last_at")
    return {
        **{name: value for name, value in ticket.items() if name not in hidden},
        "subject": texts[0][0],
        "description": texts[1][0],
        "person": (people[0] if len(set(people)) == 1 else "\n".join(people)) if people else None,
        "tags": json.dumps(sorted(ticket["tags"]), separators=(",", ":")),
        "fields": json.dumps(ticket["fields"], separators=(",", ":"), sort_keys=True),
        "is_deleted": ticket["restorable_until"] is not None,
    }
