"""Everything that can have happened to a ticket, in lifecycle order. Outcomes with old and new value, never recipes."""

from dataclasses import dataclass
from typing import TypeAlias

from domain.instant import Instant
from domain.recorded import stored
from domain.ticket.blueprint_events import BlueprintEvent
from domain.ticket.sla_events import SlaEvent
from domain.values import Fields, FieldValue, Personal, StatusType, Visibility


@stored("ticket.opened", 1)
@dataclass(frozen=True, slots=True)
class TicketOpened:
    """A request became a ticket with a number of its own (F-01, F-42, F-54)."""

    number: int
    channel: str
    subject: Personal
    description: Personal | None
    contact_id: str | None
    department: str
    priority: str | None
    status: str
    status_type: StatusType
    fields: Fields
    tags: tuple[str, ...]
    message_key: str | None


@stored("ticket.imported", 1)
@dataclass(frozen=True, slots=True)
class TicketImported:
    """The first row of a foreign history: the ticket as its source first showed it (F-165)."""

    source: str
    channel: str
    subject: Personal | None
    description: Personal | None
    contact_id: str | None
    department: str
    priority: str | None
    status: str
    status_type: StatusType
    agent: str | None
    team: str | None
    fields: Fields
    tags: tuple[str, ...]
    created_at: Instant | None
    source_sla_met: bool | None


@stored("ticket.revision_noted", 1)
@dataclass(frozen=True, slots=True)
class TicketRevisionNoted:
    """A source row that changed nothing the mapping tracks."""

    source: str
    ordinal: int


@stored("ticket.source_sla_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketSourceSlaChanged:
    """The source's own word on whether its SLA is met; a fact of the source, not a verdict of ours."""

    old: bool | None
    new: bool


@stored("ticket.subject_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketSubjectChanged:
    old: Personal | None
    new: Personal


@stored("ticket.description_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketDescriptionChanged:
    old: Personal | None
    new: Personal | None


@stored("ticket.contact_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketContactChanged:
    old: str | None
    new: str | None


@stored("ticket.department_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketDepartmentChanged:
    old: str
    new: str


@stored("ticket.field_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketFieldChanged:
    """A custom field got another value, or none (F-45)."""

    field: str
    old: FieldValue | None
    new: FieldValue | None


@stored("ticket.tags_added", 1)
@dataclass(frozen=True, slots=True)
class TicketTagsAdded:
    """Only the tags that the ticket did not have (F-43)."""

    tags: tuple[str, ...]


@stored("ticket.tags_removed", 1)
@dataclass(frozen=True, slots=True)
class TicketTagsRemoved:
    """Only the tags that the ticket had (F-43)."""

    tags: tuple[str, ...]


@stored("ticket.due_date_overridden", 1)
@dataclass(frozen=True, slots=True)
class TicketDueDateOverridden:
    """A person set the due date by hand (F-42)."""

    old: Instant | None
    new: Instant


@stored("ticket.due_date_override_removed", 1)
@dataclass(frozen=True, slots=True)
class TicketDueDateOverrideRemoved:
    old: Instant


@stored("ticket.priority_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketPriorityChanged:
    old: str | None
    new: str


@stored("ticket.status_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketStatusChanged:
    """Closing, reopening, holding and resuming are status changes; the types say which (F-46)."""

    old_status: str
    old_status_type: StatusType
    new_status: str
    new_status_type: StatusType


@stored("ticket.agent_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketAgentChanged:
    """The agent who owns the ticket; the previous one is kept (F-53)."""

    old: str | None
    new: str | None


@stored("ticket.team_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketTeamChanged:
    old: str | None
    new: str | None


@stored("ticket.reply_sent", 1)
@dataclass(frozen=True, slots=True)
class TicketReplySent:
    """A public answer to the customer (F-57)."""

    message: int
    body: Personal
    recipients: Personal | None
    is_reply_all: bool


@stored("ticket.customer_replied", 1)
@dataclass(frozen=True, slots=True)
class TicketCustomerReplied:
    message: int
    body: Personal
    message_key: str | None


@stored("ticket.comment_added", 1)
@dataclass(frozen=True, slots=True)
class TicketCommentAdded:
    message: int
    visibility: Visibility
    body: Personal


@stored("ticket.comment_visibility_changed", 1)
@dataclass(frozen=True, slots=True)
class TicketCommentVisibilityChanged:
    message: int
    old: Visibility
    new: Visibility


@stored("ticket.forwarded", 1)
@dataclass(frozen=True, slots=True)
class TicketForwarded:
    message: int
    body: Personal
    recipients: Personal


@stored("ticket.deleted", 1)
@dataclass(frozen=True, slots=True)
class TicketDeleted:
    """Hidden everywhere but in the audit; restorable until the instant given (F-51)."""

    restorable_until: Instant


@stored("ticket.restored", 1)
@dataclass(frozen=True, slots=True)
class TicketRestored:
    pass


@stored("ticket.archived", 1)
@dataclass(frozen=True, slots=True)
class TicketArchived:
    pass


@stored("ticket.unarchived", 1)
@dataclass(frozen=True, slots=True)
class TicketUnarchived:
    pass


@stored("ticket.adopted", 1)
@dataclass(frozen=True, slots=True)
class TicketAdopted:
    """An imported ticket came under live rules, with a number of our own (design section 4)."""

    number: int


TicketEvent: TypeAlias = (
    TicketOpened
    | TicketImported
    | TicketRevisionNoted
    | TicketSourceSlaChanged
    | TicketSubjectChanged
    | TicketDescriptionChanged
    | TicketContactChanged
    | TicketDepartmentChanged
    | TicketFieldChanged
    | TicketTagsAdded
    | TicketTagsRemoved
    | TicketDueDateOverridden
    | TicketDueDateOverrideRemoved
    | TicketPriorityChanged
    | TicketStatusChanged
    | TicketAgentChanged
    | TicketTeamChanged
    | TicketReplySent
    | TicketCustomerReplied
    | TicketCommentAdded
    | TicketCommentVisibilityChanged
    | TicketForwarded
    | TicketDeleted
    | TicketRestored
    | TicketArchived
    | TicketUnarchived
    | TicketAdopted
    | BlueprintEvent
    | SlaEvent
)
