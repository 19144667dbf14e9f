"""What a ticket is for a view, told from the log's events a second time: no projection and no state of ours is read."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.recorded import Recorded
from tests.domain.conditions_oracle import Seen

TAKEN_NEW = {
    "subject_changed": "subject",
    "description_changed": "description",
    "contact_changed": "contact_id",
    "department_changed": "department",
    "priority_changed": "priority",
    "agent_changed": "agent",
    "team_changed": "team",
    "due_date_overridden": "due_at",
}
COPIED = (
    *("channel", "subject", "description", "contact_id", "department", "priority", "status", "status_type"),
    *("source", "agent", "team"),
)


class Told:
    """One ticket after its events so far."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = dict.fromkeys(("exchanges", "reopen_count", "team_change_count", "version"), 0)
        self.now |= {"is_deleted": False, "is_archived": False}
        self.violated: set[str] = set()
        self.on_record: set[str] = set()
        """What of the present targets and limit was violated on record."""

    def after(self, one: Recorded) -> None:
        """One more event."""
        now, kind, what = self.now, *one.name.split(".")
        now["version"] += 1
        now["last_event_at"] = one.occurred_at
        if not one.rule and (one.actor != "system" or one.via.startswith("import:")):
            now["last_action_at"] = one.occurred_at
        if kind == "ticket":
            self.ticket(what, one.event, one.occurred_at)
        elif kind in ("blueprint", "transition", "state"):
            self.blueprint(what, one.event, one.occurred_at)
        else:
            self.clock(kind, what, one.event)

    def ticket(self, what: str, event: Any, at: str) -> None:
        now = self.now
        if what in ("opened", "imported"):
            now |= {name: getattr(event, name, None) for name in COPIED}
            now |= {"number": getattr(event, "number", None), "tags": set(event.tags), "opened_at": at}
            now["created_at"] = at if what == "opened" else event.created_at
            now["is_imported"] = what == "imported"
            now["closed_at"] = at if event.status_type == "closed" else None
            now |= {f"fields.{name}": tuple(value) for name, value in event.fields.items()}
        elif what == "status_changed":
            now["status"], now["status_type"] = event.new_status, event.new_status_type
            if event.new_status_type != "closed":
                now["closed_at"] = None
                now["reopen_count"] += event.old_status_type == "closed"
            elif event.old_status_type != "closed":
                now["closed_at"] = at
        elif what in TAKEN_NEW:
            now[TAKEN_NEW[what]] = event.new
            now["team_change_count"] += what == "team_changed"
        elif what == "field_changed":
            now[f"fields.{event.field}"] = None if event.new is None else tuple(event.new)
        elif what in ("tags_added", "tags_removed"):
            now["tags"] = now["tags"] | set(event.tags) if what == "tags_added" else now["tags"] - set(event.tags)
        elif what in ("reply_sent", "customer_replied"):
            now["exchanges"] += 1
        elif what in ("deleted", "restored"):
            now["is_deleted"] = what == "deleted"
        elif what in ("archived", "unarchived"):
            now["is_archived"] = what == "archived"
        if what in ("deleted", "archived") and (now.get("state_limit_due_at") or "") > at:
            now["state_limit_due_at"] = None  # it stands still, and is set again when the ticket comes back
        elif what == "adopted":
            now["number"] = event.number
        elif what == "due_date_override_removed":
            now["due_at"] = None

    def blueprint(self, what: str, event: Any, at: str) -> None:
        now = self.now
        self.on_record -= {"state_limit"}
        if what == "limit_violated":
            self.on_record.add("state_limit")
        elif what in ("entered", "performed", "forced"):
            now["blueprint"] = event.blueprint
            now["state"] = event.state if what == "entered" else event.to_state
            now["state_entered_at"], now["state_limit_due_at"] = at, event.limit_due_at
        elif what in ("completed", "left", "revoked"):
            now |= dict.fromkeys(("blueprint", "state", "state_entered_at", "state_limit_due_at"))
        elif what == "limit_due_set":
            now["state_limit_due_at"] = event.due_at

    def clock(self, kind: str, what: str, event: Any) -> None:
        now = self.now
        if kind == "sla":
            now["sla_policy"] = event.policy if what == "applied" else None
            if what == "released":
                now |= {"response_due_at": None, "resolution_due_at": None}
        elif kind == "verdict":
            now[f"{event.clock}_due_at"] = None
        else:
            now[f"{kind}_due_at"] = event.due_at if what in ("due_set", "violated") else None
            self.on_record.discard(kind)
            if what == "violated":
                self.violated.add(kind)
                self.on_record.add(kind)

    def seen(self, at: str) -> Seen:
        """The ticket at an instant, with what time alone has made of it."""
        dues = {kind: self.now.get(f"{kind}_due_at") for kind in ("response", "resolution")}
        due = {kind for kind, due_at in dues.items() if due_at is not None and due_at <= at}
        judged = {f"is_{kind}_violated": kind in self.violated | due for kind in dues}
        by_hand, status_type = self.now.get("due_at"), self.now["status_type"]
        is_due = (bool(due) and status_type == "open") if by_hand is None else by_hand <= at
        is_here = not self.now["is_deleted"] and not self.now["is_archived"]
        is_overdue = is_due and is_here and status_type != "closed"
        coming = {name: self.now.get(f"{name}_due_at") for name in ("response", "resolution", "state_limit")}
        lapsed = [when for name, when in coming.items() if when and when <= at and name not in self.on_record]
        told = {
            "version": self.now["version"] + len(lapsed),
            "last_event_at": max([self.now["last_event_at"], *lapsed]),
        }
        return Seen(at, {**self.now, **judged, **told, "is_overdue": is_overdue})


class Tickets(dict[str, Told]):
    """Every ticket by its id."""

    def follow(self, events: Iterable[Recorded]) -> None:
        """What happened since."""
        for one in events:
            kind, _, ticket_id = one.stream.partition(":")
            if kind == "ticket":
                self.setdefault(ticket_id, Told()).after(one)

    def at(self, at: str) -> Iterator[tuple[str, Seen]]:
        """Each ticket at an instant."""
        return ((ticket_id, told.seen(at)) for ticket_id, told in self.items())
