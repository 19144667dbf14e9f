# ruff: noqa: N802 - the methods have the names of the commands
"""What imported tickets should be after some commands: rows of a foreign history, and their adoption."""

from tests.end_to_end.oracle_tickets import Json, Tickets, is_live, refuse


class Imports(Tickets):
    """The tickets of our own and of others."""

    def ImportRevision(self, asked: Json) -> None:
        facts = asked["facts"]
        ticket = self.tickets.get(asked["ticket_id"])
        if ticket is None:
            origin = {"source": asked["source"], "created_at": facts.get("created_at")}
            sla = {"is_source_sla_met": facts.get("source_sla_met")}
            asked = {**facts, "ticket_id": asked["ticket_id"]}
            ticket = self.begin(asked, facts["status"], facts["status_type"], **origin, **sla)
            for kind in ("team", "agent"):
                if facts.get(kind) is not None:
                    self.assign(ticket, kind, facts[kind], counts=False)
            return
        refuse(ticket["source"] != asked["source"] and "source_mismatch")
        refuse(is_live(ticket) and "ticket_already_adopted")
        before = self.position
        self.change(ticket, "contact_id", facts.get("contact_id"))
        if facts.get("subject") is not None:
            self.change_text(ticket, "subject", facts["subject"])
        self.change_text(ticket, "description", facts.get("description"))
        self.change(ticket, "department", facts["department"])
        self.tag(ticket, tags := set(facts.get("tags", ())), ticket["tags"] - tags)
        for kind in ("team", "agent"):
            if facts.get(kind) != ticket[kind]:
                self.event(ticket)
                self.assign(ticket, kind, facts.get(kind))
        if facts.get("priority") is not None:
            self.change(ticket, "priority", facts["priority"])
        self.change_fields(ticket, {**dict.fromkeys(ticket["fields"]), **facts.get("fields", {})})
        if facts.get("source_sla_met") is not None:
            self.change(ticket, "is_source_sla_met", facts["source_sla_met"])
        self.to_status(ticket, facts["status"], facts["status_type"])
        if self.position == before:
            self.event(ticket)

    def AdoptTicket(self, asked: Json) -> None:
        ticket = self.there(asked)
        refuse(ticket["source"] is None and "ticket_not_imported")
        refuse(
            is_live(ticket) and "ticket_already_adopted",
            ticket["restorable_until"] is not None and "ticket_is_deleted",
            ticket["is_archived"] and "ticket_is_archived",
            ticket["status_type"] == "closed" and "ticket_already_closed",
        )
        status_type = self.known(asked["status"]) if "status" in asked else None
        self.number += 1
        self.change(ticket, "number", self.number)
        if status_type is not None:
            self.to_status(ticket, asked["status"], status_type)
