"""What was said on each ticket: one row a message, with its text and the digest of its text (F-57, F-58).

The digest lets an auditor show what was said without keeping the text at hand; it goes with the text when the person is
erased, because a short text can be found again from its digest.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Final, NamedTuple

from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket import events as e
from domain.values import ERASED, SEALED, Visibility
from projections.base import Column, Key, Projection, Unfoldable
from projections.groups import BLUEPRINT_EVENTS, OTHER_STREAMS, SLA_EVENTS

REPLY: Final = "reply"
CUSTOMER_REPLY: Final = "customer_reply"
COMMENT: Final = "comment"
FORWARD: Final = "forward"
PUBLIC: Final = Visibility.PUBLIC.value
PRIVATE: Final = Visibility.PRIVATE.value


class MessageRow(NamedTuple):
    """One row a message of a ticket: reply, customer's reply, comment or forward."""

    ticket_id: Annotated[str, Column("The ticket's id.")]
    message: Annotated[int, Column("Counts the ticket's messages from 1.")]
    kind: Annotated[str, Column("reply, customer_reply, comment or forward.")]
    visibility: Annotated[
        str, Column("public: the customer may read it; private: colleagues only. Replies are public, forwards private.")
    ]
    author: Annotated[str, Column("Who wrote it: agent:ID, contact:ID, service:ID or system.")]
    recipients: Annotated[str | None, Column("To whom it went; null where nobody was named.", personal=True)]
    body: Annotated[str, Column("The text.", personal=True)]
    body_digest: Annotated[
        str, Column("SHA-256 of the text in UTF-8 as 64 hex digits; erased or sealed where the text is.", personal=True)
    ]
    sent_at: Annotated[Instant, Column("When it was sent or taken in.")]
    position: Annotated[int, Column("Position in the log of the event that brought it.")]
    person: Annotated[str | None, Column("Subject key of the person whose text the row holds.")]


def digest_of(body: str) -> str:
    """SHA-256 of a text as hex; of a text that reads `erased` or `sealed`, that word."""
    return body if body in (ERASED, SEALED) else sha256(body.encode()).hexdigest()


def _message(
    recorded: Recorded, message: int, kind: str, visibility: str, recipients: str | None, body: str
) -> MessageRow:
    return MessageRow(
        recorded.stream.partition(":")[2],
        message,
        kind,
        visibility,
        recorded.actor,
        recipients,
        body,
        digest_of(body),
        recorded.occurred_at,
        recorded.position,
        recorded.person,
    )


def _shown(row: MessageRow | None, event: e.TicketCommentVisibilityChanged, recorded: Recorded) -> MessageRow:
    if row is None or row.kind != COMMENT:
        raise Unfoldable(f"{recorded.name} names message {event.message}, which is no comment of the ticket")
    return row._replace(visibility=event.new.value)


def fold(rows: Mapping[Key, MessageRow], events: Sequence[Recorded]) -> Sequence[MessageRow]:
    """The messages that came, and the comments that were shown or hidden."""
    changed: dict[Key, MessageRow] = {}
    for recorded in events:
        event = recorded.event
        match event:
            case e.TicketReplySent():
                row = _message(recorded, event.message, REPLY, PUBLIC, event.recipients, event.body)
            case e.TicketCustomerReplied():
                row = _message(recorded, event.message, CUSTOMER_REPLY, PUBLIC, None, event.body)
            case e.TicketCommentAdded():
                row = _message(recorded, event.message, COMMENT, event.visibility.value, None, event.body)
            case e.TicketForwarded():
                row = _message(recorded, event.message, FORWARD, PRIVATE, event.recipients, event.body)
            case e.TicketCommentVisibilityChanged():
                key = (recorded.stream.partition(":")[2], event.message)
                row = _shown(changed.get(key) or rows.get(key), event, recorded)
            case _:
                raise Unfoldable(f"{recorded.name} has no place among the messages")
        changed[row.ticket_id, row.message] = row
    return list(changed.values())


MESSAGES: Final = Projection(
    name="fct_messages",
    version=1,
    row=MessageRow,
    key=("ticket_id", "message"),
    fold=fold,
    folds=frozenset(
        {
            e.TicketReplySent,
            e.TicketCustomerReplied,
            e.TicketCommentAdded,
            e.TicketCommentVisibilityChanged,
            e.TicketForwarded,
        }
    ),
    ignores=frozenset(
        {
            *OTHER_STREAMS,
            *BLUEPRINT_EVENTS,
            *SLA_EVENTS,
            e.TicketAdopted,
            e.TicketOpened,
            e.TicketImported,
            e.TicketRevisionNoted,
            e.TicketSourceSlaChanged,
            e.TicketSubjectChanged,
            e.TicketDescriptionChanged,
            e.TicketContactChanged,
            e.TicketDepartmentChanged,
            e.TicketFieldChanged,
            e.TicketTagsAdded,
            e.TicketTagsRemoved,
            e.TicketDueDateOverridden,
            e.TicketDueDateOverrideRemoved,
            e.TicketPriorityChanged,
            e.TicketStatusChanged,
            e.TicketAgentChanged,
            e.TicketTeamChanged,
            e.TicketDeleted,
            e.TicketRestored,
            e.TicketArchived,
            e.TicketUnarchived,
        }
    ),
    reads=frozenset({e.TicketCommentVisibilityChanged}),
)
