# ruff: noqa: N802 - the methods have the names of the commands
"""What tickets should be after some commands, in plain dicts: the half of the oracle that is about tickets."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

Json = dict[str, Any]
FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def seconds(start: str, end: str) -> int:
    span = datetime.strptime(end, FORMAT) - datetime.strptime(start, FORMAT)  # noqa: DTZ007 - both are UTC
    return span // timedelta(seconds=1)


def days_later(at: str, days: int) -> str:
    return (datetime.strptime(at, FORMAT) + timedelta(days=days)).strftime(FORMAT)  # noqa: DTZ007 - it is UTC


class No(Exception):
    """A command is not allowed, for these codes."""


def refuse(*codes: str | bool) -> None:
    """Refuse where any code is left; a check that passed is False."""
    if said := [code for code in codes if code]:
        raise No(*said)


class Tickets:
    """The tickets as they should be, and how each command about one changes them."""

    def __init__(self) -> None:
        self.tickets: dict[str, Json] = {}
        self.statuses = [("Open", "open"), ("On Hold", "on_hold"), ("Escalated", "open"), ("Closed", "closed")]
        self.keyed: set[str] = set()
        """Persons of whom a text was kept since they were last erased."""
        self.taken: dict[str, str] = {}
        self.position = 0
        self.number = 0
        self.at = ""
        """When the command that is answered happens."""
        self.actor = ""
        """Who sent it."""

    # Tickets

    def OpenTicket(self, asked: Json) -> None:
        key, status = asked.get("message_key"), asked.get("status") or self.first("open")
        refuse(
            asked["ticket_id"] in self.tickets and "ticket_id_taken",
            key in self.taken and "message_key_taken",
            status not in dict(self.statuses) and "status_unknown",
        )
        self.number += 1
        ticket = self.begin(asked, status, dict(self.statuses)[status], number=self.number, created_at=self.at)
        if key is not None:
            self.taken[key] = asked["ticket_id"]
        for kind in ("team", "agent"):
            if asked.get(kind) is not None:
                self.event(ticket)
                self.assign(ticket, kind, asked[kind])

    def begin(self, asked: Json, status: str, status_type: str, **origin: Any) -> Json:
        ticket: Json = {
            "ticket_id": asked["ticket_id"],
            "number": None,
            "source": None,
            "channel": asked["channel"],
            "contact_id": asked.get("contact_id"),
            "department": asked["department"],
            "priority": asked.get("priority"),
            "status": status,
            "status_type": status_type,
            "agent": None,
            "team": None,
            "due_at": None,
            "tags": set(asked.get("tags", ())),
            "fields": dict(asked.get("fields", {})),
            "opened_at": self.at,
            "closed_at": self.at if status_type == "closed" else None,
            "exchanges": 0,
            "reopen_count": 0,
            "team_change_count": 0,
            "is_source_sla_met": None,
            "restorable_until": None,
            "is_archived": False,
            "version": 0,
            "last_at": self.at,
            "last_action_at": None,
            "sla_policy": None,
            "messages": [],
            "stays": [],
            "assignments": [],
            **origin,
        }
        self.tickets[asked["ticket_id"]] = ticket
        self.event(ticket)
        for name in ("subject", "description"):
            ticket[name] = self.text(ticket, asked.get(name))
        self.stay(ticket)
        return ticket

    def event(self, kept: Json) -> None:
        """One more event of a stream."""
        self.position += 1
        kept.update(version=kept["version"] + 1, position=self.position, last_event_at=self.at)
        kept["last_at"] = max(kept["last_at"], self.at)
        if "last_action_at" in kept and self.actor != "system":
            kept["last_action_at"] = self.at

    def person(self, ticket: Json) -> str:
        contact = ticket["contact_id"]
        return f"ticket:{ticket['ticket_id']}" if contact is None else f"contact:{contact}"

    def text(self, ticket: Json, text: str | None) -> tuple[str | None, str]:
        """A text with the person whose it is."""
        person = self.person(ticket)
        if text is not None:
            self.keyed.add(person)
        return text, person

    def writable(self, asked: Json) -> Json:
        ticket = self.there(asked)
        refuse(
            not is_live(ticket) and "ticket_not_adopted",
            ticket["restorable_until"] is not None and "ticket_is_deleted",
            ticket["is_archived"] and "ticket_is_archived",
        )
        return ticket

    def there(self, asked: Json) -> Json:
        refuse(asked["ticket_id"] not in self.tickets and "ticket_not_found")
        return self.tickets[asked["ticket_id"]]

    def ChangeTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        if "contact_id" in asked:
            self.change(ticket, "contact_id", asked["contact_id"])
        for name in ("subject", "description"):
            if name in asked:
                self.change_text(ticket, name, asked[name])
        for name in ("department", "due_at"):
            if name in asked:
                self.change(ticket, name, asked[name])
        self.change_fields(ticket, asked.get("fields", {}))

    def change_text(self, ticket: Json, name: str, new: str | None) -> None:
        old, owner = ticket[name]
        if new != old:
            self.event(ticket)
            if old is not None:
                self.keyed.add(owner)
            ticket[name] = self.text(ticket, new)

    def change(self, ticket: Json, name: str, new: Any) -> None:
        if ticket[name] != new:
            self.event(ticket)
            ticket[name] = new

    def change_fields(self, ticket: Json, fields: Json) -> None:
        for name, new in sorted(fields.items()):
            if ticket["fields"].get(name) != new:
                self.event(ticket)
                ticket["fields"].pop(name, None)
                if new is not None:
                    ticket["fields"][name] = new

    def AddTags(self, asked: Json) -> None:
        self.tag(self.writable(asked), set(asked["tags"]), set())

    def RemoveTags(self, asked: Json) -> None:
        self.tag(self.writable(asked), set(), set(asked["tags"]))

    def tag(self, ticket: Json, more: set[str], less: set[str]) -> None:
        if more - ticket["tags"]:
            self.event(ticket)
        if less & ticket["tags"]:
            self.event(ticket)
        ticket["tags"] = (ticket["tags"] | more) - less

    def ChangePriority(self, asked: Json) -> None:
        self.change(self.writable(asked), "priority", asked["priority"])

    # Statuses of a ticket

    def first(self, status_type: str) -> str:
        return next(label for label, of_type in self.statuses if of_type == status_type)

    def known(self, status: str) -> str:
        refuse(status not in dict(self.statuses) and "status_unknown")
        return dict(self.statuses)[status]

    def chosen(self, asked: Json, status_type: str) -> str:
        status = asked.get("status")
        if status is None:
            return self.first(status_type)
        refuse(self.known(status) != status_type and "status_type_mismatch")
        return str(status)

    def ChangeStatus(self, asked: Json) -> None:
        self.to_status(self.writable(asked), asked["status"], self.known(asked["status"]))

    def HoldTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        refuse(ticket["status_type"] == "closed" and "ticket_already_closed")
        if asked.get("status") is not None or ticket["status_type"] != "on_hold":
            self.to_status(ticket, self.chosen(asked, "on_hold"), "on_hold")

    def ResumeTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        refuse(ticket["status_type"] != "on_hold" and "ticket_not_on_hold")
        self.to_status(ticket, self.chosen(asked, "open"), "open")

    def CloseTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        refuse(ticket["status_type"] == "closed" and "ticket_already_closed")
        self.to_status(ticket, self.chosen(asked, "closed"), "closed")

    def ReopenTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        refuse(ticket["status_type"] != "closed" and "ticket_not_closed")
        self.to_status(ticket, self.chosen(asked, "open"), "open")

    def to_status(self, ticket: Json, status: str, status_type: str) -> None:
        if (ticket["status"], ticket["status_type"]) == (status, status_type):
            return
        self.event(ticket)
        was_closed, is_closed = ticket["status_type"] == "closed", status_type == "closed"
        ticket["reopen_count"] += was_closed and not is_closed
        if not (was_closed and is_closed):
            ticket["closed_at"] = self.at if is_closed else None
        ticket.update(status=status, status_type=status_type)
        self.end(ticket["stays"][-1], "left", "entered")
        self.stay(ticket)

    def stay(self, ticket: Json) -> None:
        stays = ticket["stays"]
        stays.append(
            {
                "ticket_id": ticket["ticket_id"],
                "seq": len(stays) + 1,
                "status": ticket["status"],
                "status_type": ticket["status_type"],
                "entered_at": self.at,
                "left_at": None,
                "duration_seconds": None,
                "entered_position": self.position,
                "left_position": None,
                "is_backward": False,
            }
        )

    def end(self, interval: Json, end: str, begin: str) -> None:
        interval[f"{end}_at"], interval[f"{end}_position"] = self.at, self.position
        interval["duration_seconds"] = seconds(interval[f"{begin}_at"], self.at)
        interval["is_backward"] = self.at < interval[f"{begin}_at"]

    # Assignment

    def AssignTicket(self, asked: Json) -> None:
        ticket = self.writable(asked)
        for kind in ("team", "agent"):
            if kind in asked and asked[kind] != ticket[kind]:
                self.event(ticket)
                self.assign(ticket, kind, asked[kind])

    def assign(self, ticket: Json, kind: str, assignee: str | None, *, counts: bool = True) -> None:
        ticket[kind] = assignee
        ticket["team_change_count"] += counts and kind == "team"
        earlier = [one for one in ticket["assignments"] if one["kind"] == kind]
        if earlier and earlier[-1]["released_at"] is None:
            self.end(earlier[-1], "released", "assigned")
        if assignee is not None:
            ticket["assignments"].append(
                {
                    "ticket_id": ticket["ticket_id"],
                    "kind": kind,
                    "seq": len(earlier) + 1,
                    "assignee": assignee,
                    "previous_assignee": earlier[-1]["assignee"] if earlier else None,
                    "assigned_at": self.at,
                    "released_at": None,
                    "duration_seconds": None,
                    "assigned_position": self.position,
                    "released_position": None,
                    "is_backward": False,
                }
            )

    # Conversation

    def SendReply(self, asked: Json) -> None:
        ticket = self.writable(asked)
        status = asked.get("status")
        status_type = None if status is None else self.known(status)
        self.message(ticket, asked, "reply", "public")
        ticket["exchanges"] += 1
        if status is not None and status_type is not None:
            self.to_status(ticket, status, status_type)

    def ReceiveReply(self, asked: Json) -> None:
        ticket = self.writable(asked)
        key = asked.get("message_key")
        refuse(key in self.taken and "message_key_taken")
        if key is not None:
            self.taken[key] = asked["ticket_id"]
        self.message(ticket, asked, "customer_reply", "public")
        ticket["exchanges"] += 1
        if ticket["status_type"] != "open":
            self.to_status(ticket, self.first("open"), "open")

    def AddComment(self, asked: Json) -> None:
        self.message(self.writable(asked), asked, "comment", asked.get("visibility", "private"))

    def ForwardTicket(self, asked: Json) -> None:
        self.message(self.writable(asked), asked, "forward", "private")

    def message(self, ticket: Json, asked: Json, kind: str, visibility: str) -> None:
        self.event(ticket)
        body, person = self.text(ticket, asked["body"])
        ticket["messages"].append(
            {
                "ticket_id": ticket["ticket_id"],
                "message": len(ticket["messages"]) + 1,
                "kind": kind,
                "visibility": visibility,
                "author": asked["actor"],
                "recipients": ", ".join(asked.get("recipients", ())) or None,
                "body": body,
                "body_digest": sha256(asked["body"].encode()).hexdigest(),
                "sent_at": self.at,
                "position": self.position,
                "person": person,
            }
        )

    def ChangeCommentVisibility(self, asked: Json) -> None:
        ticket = self.writable(asked)
        found = [one for one in ticket["messages"] if (one["kind"], one["message"]) == ("comment", asked["message"])]
        refuse(not found and "comment_not_found")
        if found[0]["visibility"] != asked["visibility"]:
            self.event(ticket)
            found[0]["visibility"] = asked["visibility"]

    # Shelving

    def DeleteTicket(self, asked: Json) -> None:
        ticket = self.there(asked)
        if ticket["restorable_until"] is None:
            self.event(ticket)
            ticket["restorable_until"] = days_later(self.at, 60)

    def RestoreTicket(self, asked: Json) -> None:
        ticket = self.there(asked)
        refuse(ticket["restorable_until"] is None and "ticket_not_deleted")
        refuse(self.at > ticket["restorable_until"] and "restore_window_passed")
        self.event(ticket)
        ticket["restorable_until"] = None

    def ArchiveTicket(self, asked: Json) -> None:
        ticket = self.there(asked)
        refuse(ticket["restorable_until"] is not None and "ticket_is_deleted")
        self.change(ticket, "is_archived", True)

    def UnarchiveTicket(self, asked: Json) -> None:
        ticket = self.there(asked)
        refuse(
            ticket["restorable_until"] is not None and "ticket_is_deleted",
            not ticket["is_archived"] and "ticket_not_archived",
        )
        self.change(ticket, "is_archived", False)


def is_live(ticket: Json) -> bool:
    """Whether our rules govern it: it is of our own, or an adopted import."""
    return ticket["source"] is None or ticket["number"] is not None
