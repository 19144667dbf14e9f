"""What may be asked of a ticket."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from commands.message import ChannelName, Id, Label, Line, Message, Moment, Text, World, storable
from domain.instant import Instant
from domain.recorded import Consequence
from domain.ticket import conversation, lifecycle, properties
from domain.ticket.events import TicketEvent
from domain.ticket.lifecycle import KEPT, Kept
from domain.values import FieldType, Priority, Visibility, ticket_stream

FieldText = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(storable)]
FieldIn = tuple[FieldType, FieldText]


def _in_order(values: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(values.items()))


def _as_set(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(tags)))


# Sets arrive in any order and are kept in one, so the same command has the same digest in every process.
FieldsIn = Annotated[dict[Label, FieldIn], Field(max_length=500), AfterValidator(_in_order)]
ClearableFieldsIn = Annotated[dict[Label, FieldIn | None], Field(max_length=500), AfterValidator(_in_order)]
TagsIn = Annotated[tuple[Label, ...], Field(max_length=100), AfterValidator(_as_set)]
Tags = Annotated[TagsIn, Field(min_length=1)]
Recipients = Annotated[tuple[Line, ...], Field(max_length=100)]

EVERYBODY = frozenset({"agent", "contact", "service", "system"})


class TicketMessage(Message):
    """A command about one ticket."""

    ticket_id: Id

    @property
    def stream(self) -> str:
        return ticket_stream(self.ticket_id)


class OpenTicket(TicketMessage):
    """A new ticket under an id of the sender's choice (F-01, F-42)."""

    command: Literal["OpenTicket"] = "OpenTicket"
    senders: ClassVar = EVERYBODY
    opens: ClassVar = True

    channel: ChannelName
    subject: Line
    description: Text | None = None
    contact_id: Id | None = None
    department: Label
    priority: Priority | None = None
    status: Label | None = None
    agent: Id | None = None
    team: Label | None = None
    fields: FieldsIn = {}
    tags: TagsIn = ()
    message_key: Line | None = None

    @property
    def taken_message(self) -> str | None:
        return self.message_key

    def decide(self, world: World) -> list[TicketEvent]:
        request = lifecycle.Request(
            channel=self.channel,
            subject=self.subject,
            description=self.description,
            contact_id=self.contact_id,
            department=self.department,
            priority=self.priority,
            status=self.status,
            agent=self.agent,
            team=self.team,
            fields=self.fields,
            tags=self.tags,
            message_key=self.message_key,
        )
        return lifecycle.open_ticket(
            world.ticket, self.ticket_id, request, world.statuses, world.next_number, world.message_taken_by
        )


class ChangeTicket(TicketMessage):
    """Properties in place; what is left out stays, null clears where it may (F-45)."""

    command: Literal["ChangeTicket"] = "ChangeTicket"
    clearable: ClassVar = ("description", "contact_id", "due_at")

    subject: Line | None = None
    description: Text | None = None
    contact_id: Id | None = None
    department: Label | None = None
    due_at: Moment | None = None
    fields: ClearableFieldsIn = {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        given = self.model_fields_set & {"subject", "description", "contact_id", "department", "due_at", "fields"}
        if not given:
            raise ValueError("name at least one of subject, description, contact_id, department, due_at, fields")
        for name in ("subject", "department"):
            if name in given and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be cleared")
        return self

    def _given(self, name: str) -> "str | Kept | None":
        value: str | None = getattr(self, name)
        return value if name in self.model_fields_set else KEPT

    def decide(self, world: World) -> list[TicketEvent]:
        due_at = self._given("due_at")
        return properties.change(
            world.ticket,
            self.ticket_id,
            subject=self.subject if self.subject is not None else KEPT,
            description=self._given("description"),
            contact_id=self._given("contact_id"),
            department=self.department if self.department is not None else KEPT,
            due_at=Instant(due_at) if isinstance(due_at, str) else due_at,
            fields=self.fields,
        )


class AddTags(TicketMessage):
    """Tags as a set: what is there already changes nothing (F-43)."""

    command: Literal["AddTags"] = "AddTags"
    tags: Tags

    def decide(self, world: World) -> list[TicketEvent]:
        return properties.add_tags(world.ticket, self.ticket_id, frozenset(self.tags))


class RemoveTags(TicketMessage):
    """Tags as a set: what is absent changes nothing (F-43)."""

    command: Literal["RemoveTags"] = "RemoveTags"
    tags: Tags

    def decide(self, world: World) -> list[TicketEvent]:
        return properties.remove_tags(world.ticket, self.ticket_id, frozenset(self.tags))


class ChangePriority(TicketMessage):
    """Another priority level (F-48)."""

    command: Literal["ChangePriority"] = "ChangePriority"
    priority: Priority

    def decide(self, world: World) -> list[TicketEvent]:
        return properties.change_priority(world.ticket, self.ticket_id, self.priority)


class ChangeStatus(TicketMessage):
    """Any status of the catalogue, by its label (F-46)."""

    command: Literal["ChangeStatus"] = "ChangeStatus"
    status: Label

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.change_status(world.ticket, self.ticket_id, self.status, world.statuses)


class HoldTicket(TicketMessage):
    """Into a status of the type on hold, the named or the first one."""

    command: Literal["HoldTicket"] = "HoldTicket"
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.hold(world.ticket, self.ticket_id, self.status, world.statuses)


class ResumeTicket(TicketMessage):
    """From hold into an open status, the named or the first one."""

    command: Literal["ResumeTicket"] = "ResumeTicket"
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.resume(world.ticket, self.ticket_id, self.status, world.statuses)


class CloseTicket(TicketMessage):
    """Into a closed status, the named or the first one (F-50)."""

    command: Literal["CloseTicket"] = "CloseTicket"
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.close(world.ticket, self.ticket_id, self.status, world.statuses)


class ReopenTicket(TicketMessage):
    """From a closed status into an open one, the named or the first one."""

    command: Literal["ReopenTicket"] = "ReopenTicket"
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.reopen(world.ticket, self.ticket_id, self.status, world.statuses)


class AssignTicket(TicketMessage):
    """To an agent, a team or both; null clears, left out keeps (F-53, F-67)."""

    command: Literal["AssignTicket"] = "AssignTicket"
    clearable: ClassVar = ("agent", "team")
    agent: Id | None = None
    team: Label | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set & {"agent", "team"}:
            raise ValueError("name at least one of agent, team")
        return self

    def decide(self, world: World) -> list[TicketEvent]:
        agent = self.agent if "agent" in self.model_fields_set else KEPT
        team = self.team if "team" in self.model_fields_set else KEPT
        return lifecycle.assign(world.ticket, self.ticket_id, agent, team)


class SendReply(TicketMessage):
    """A public answer; with `status`, answer and status change are one step: send and close (F-50, F-57)."""

    command: Literal["SendReply"] = "SendReply"
    body: Text
    recipients: Recipients = ()
    is_reply_all: bool = False
    status: Label | None = None

    def decide(self, world: World) -> list[TicketEvent]:
        return conversation.send_reply(
            world.ticket,
            self.ticket_id,
            body=self.body,
            recipients=", ".join(self.recipients) or None,
            is_reply_all=self.is_reply_all,
            status=self.status,
            statuses=world.statuses,
        )


class ReceiveReply(TicketMessage):
    """The customer's next message; a ticket on hold or closed opens again."""

    command: Literal["ReceiveReply"] = "ReceiveReply"
    senders: ClassVar = EVERYBODY
    body: Text
    message_key: Line | None = None

    @property
    def taken_message(self) -> str | None:
        return self.message_key

    def decide(self, world: World) -> list[TicketEvent | Consequence]:
        return conversation.receive_reply(
            world.ticket,
            self.ticket_id,
            body=self.body,
            message_key=self.message_key,
            message_taken_by=world.message_taken_by,
            statuses=world.statuses,
        )


class AddComment(TicketMessage):
    """A note on the ticket, for colleagues unless said otherwise (F-58)."""

    command: Literal["AddComment"] = "AddComment"
    visibility: Visibility = Visibility.PRIVATE
    body: Text

    def decide(self, world: World) -> list[TicketEvent]:
        return conversation.add_comment(world.ticket, self.ticket_id, self.visibility, self.body)


class ChangeCommentVisibility(TicketMessage):
    """Show a comment to the customer, or hide it (F-58)."""

    command: Literal["ChangeCommentVisibility"] = "ChangeCommentVisibility"
    message: Annotated[int, Field(ge=1)]
    visibility: Visibility

    def decide(self, world: World) -> list[TicketEvent]:
        return conversation.change_comment_visibility(world.ticket, self.ticket_id, self.message, self.visibility)


class ForwardTicket(TicketMessage):
    """To somebody outside the conversation (F-57)."""

    command: Literal["ForwardTicket"] = "ForwardTicket"
    recipients: Annotated[Recipients, Field(min_length=1)]
    body: Text

    def decide(self, world: World) -> list[TicketEvent]:
        return conversation.forward(world.ticket, self.ticket_id, ", ".join(self.recipients), self.body)


class DeleteTicket(TicketMessage):
    """Hide the ticket; its history stays (F-51)."""

    command: Literal["DeleteTicket"] = "DeleteTicket"

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.delete(world.ticket, self.ticket_id, world.at)


class RestoreTicket(TicketMessage):
    """Take a deletion back, inside the window (F-51)."""

    command: Literal["RestoreTicket"] = "RestoreTicket"

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.restore(world.ticket, self.ticket_id, world.at)


class ArchiveTicket(TicketMessage):
    """Read-only and out of views (F-52)."""

    command: Literal["ArchiveTicket"] = "ArchiveTicket"

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.archive(world.ticket, self.ticket_id)


class UnarchiveTicket(TicketMessage):
    """Back from the archive with the whole history (F-52)."""

    command: Literal["UnarchiveTicket"] = "UnarchiveTicket"

    def decide(self, world: World) -> list[TicketEvent]:
        return lifecycle.unarchive(world.ticket, self.ticket_id)


class LapseTicket(TicketMessage):
    """Put on record what time alone caused by now, and nothing else; what a ticker asks for (design section 4)."""

    command: Literal["LapseTicket"] = "LapseTicket"
    senders: ClassVar = frozenset({"system", "agent", "service"})
    lapses: ClassVar = True

    def decide(self, world: World) -> list[TicketEvent]:
        lifecycle.must_exist(world.ticket, self.ticket_id)
        return []
