"""One row of a foreign history, as an importer sends it (F-165, design section 4)."""

from typing import Annotated, ClassVar, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field

from commands.message import ChannelName, Id, Label, Line, Moment, Text, World
from commands.ticket import FieldsIn, TagsIn, TicketMessage
from domain.instant import Instant
from domain.recorded import Consequence
from domain.ticket import importing
from domain.ticket.events import TicketEvent
from domain.values import StatusType


class RowFacts(BaseModel):
    """What a source row says of its ticket, a whole picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channel: ChannelName
    subject: Line | None = None
    description: Text | None = None
    contact_id: Id | None = None
    department: Label
    priority: Label | None = None
    status: Label
    status_type: StatusType
    agent: Id | None = None
    team: Label | None = None
    fields: FieldsIn = {}
    tags: TagsIn = ()
    created_at: Moment | None = None
    source_sla_met: bool | None = None


class ImportRevision(TicketMessage):
    """The `ordinal`-th row of a case, from 1; `occurred_at` is the source's instant, wherever it lies in the past."""

    command: Literal["ImportRevision"] = "ImportRevision"
    senders: ClassVar = frozenset({"agent", "service", "system", "contact"})

    occurred_at: Moment
    source: Label
    case: Id
    ordinal: Annotated[int, Field(ge=1)]
    facts: RowFacts

    def decide(self, world: World) -> list[TicketEvent]:
        row = self.facts
        facts = importing.Facts(
            channel=row.channel,
            subject=row.subject,
            description=row.description,
            contact_id=row.contact_id,
            department=row.department,
            priority=row.priority,
            status=row.status,
            status_type=row.status_type,
            agent=row.agent,
            team=row.team,
            fields=row.fields,
            tags=row.tags,
            created_at=None if row.created_at is None else Instant(row.created_at),
            source_sla_met=row.source_sla_met,
        )
        return importing.import_revision(world.ticket, self.ticket_id, self.source, self.ordinal, facts)


class AdoptTicket(TicketMessage):
    """Take an imported open ticket into live rules from this moment on (design section 4)."""

    command: Literal["AdoptTicket"] = "AdoptTicket"
    opens: ClassVar = True
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent | Consequence]:
        return importing.adopt_ticket(world.ticket, self.ticket_id, self.status, world.statuses, world.next_number)


def revision_id(source: str, case: str, ordinal: int) -> str:
    """The command id of a source row: UUIDv5, so that importing again asks for the same command."""
    return str(uuid5(NAMESPACE_URL, f"deskledger:import:{source}:{case}:{ordinal}"))
