"""What the domain refuses: the mistakes that a busy desk makes, about one command in a hundred."""

from collections.abc import Callable
from typing import Final

from adapters.demo.desk import on_duty
from adapters.demo.life import Life
from adapters.demo.step import around
from commands.ticket import AddComment, ChangeStatus, CloseTicket, HoldTicket, ReopenTicket, ResumeTicket
from domain.values import StatusType


def while_open(life: Life) -> None:
    """A mistake on a ticket that is not closed; none where the customer keeps it on hold."""
    if life.status_type is StatusType.OPEN:
        life.luck.choice(_WHILE_OPEN)(life)


def _unknown_status(life: Life) -> None:
    status = life.luck.choice(("Solved", "Pending", "In Progress"))
    life.sent(ChangeStatus(**life.by_owner(3), status=status))


def _resume_what_is_open(life: Life) -> None:
    life.sent(ResumeTicket(**life.by_owner(3)))


def _reopen_what_is_open(life: Life) -> None:
    life.sent(ReopenTicket(**life.by_owner(3)))


def _hold_as_resolved(life: Life) -> None:
    life.sent(HoldTicket(**life.by_owner(3), status="Resolved"))


def _mistyped_ticket(life: Life) -> None:
    """The id with a digit too many."""
    envelope = life.by_owner(3)
    envelope["ticket_id"] += "0"
    life.sent(AddComment(**envelope, body=life.one_of(life.topic.notes)))


_WHILE_OPEN: Final[tuple[Callable[[Life], None], ...]] = (
    _unknown_status,
    _unknown_status,
    _resume_what_is_open,
    _reopen_what_is_open,
    _hold_as_resolved,
    _mistyped_ticket,
)


def close_again(life: Life) -> None:
    """A second agent closes what is closed."""
    other = on_duty(life.luck, life.owner.team, life.now, but=life.owner)
    life.sent(CloseTicket(**life.by_agent(other, around(life.luck, 10))))


def answer_to_deleted(life: Life) -> None:
    """The customer writes to a ticket that is deleted."""
    was = life.messages, life.status_type
    life.customer_waits(30)
    life.customer_says("Did you get my message? I have heard nothing so far.")
    life.messages, life.status_type = was


def comment_on_archived(life: Life) -> None:
    """A comment on a ticket that is read-only."""
    life.sent(AddComment(**life.by_owner(around(life.luck, 120)), body=life.one_of(life.topic.notes)))
