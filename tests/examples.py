"""Canonical examples: the ids, moments, doors, events and commands that tests speak of by name."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from adapters.wiring import Ledger, open_ledger
from commands.access import Door
from commands.message import Message
from commands.union import parse_command
from domain.instant import Instant
from domain.receipts import Receipt
from domain.recorded import Recorded
from domain.ticket.events import TicketImported, TicketOpened, TicketStatusChanged
from domain.values import StatusType

TICKET = "T-1"
OTHER_TICKET = "T-2"
CONTACT = "carla"

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def moment(**units: float) -> Instant:
    """Monday the 1st of June 2026 at nine, and the given timedelta units later."""
    return Instant((MONDAY + timedelta(**units)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


NINE = moment()
TEN = moment(hours=1)

ANA = "agent:ana"
"""Works tickets and is at her own desk."""
ANAS_DESK = Door("cli:ana")
OFFICE = Door("cli:office", frozenset({"act_for"}))
"""Sends in other actors' names."""
ARCHIVE_ROOM = Door("import:archive@1", frozenset({"act_for", "backdate"}))
"""Brings in what happened before."""

_COMMAND_IDS = count(1)


def command(name: str, /, **fields: Any) -> Message:
    """A command as a door would parse it; id, actor and ticket are filled in where they are left out."""
    asked = {"command": name, "command_id": f"c-{next(_COMMAND_IDS)}", "actor": ANA, **fields}
    if not name.endswith(("Contact", "Status", "Definition")) or name == "ChangeStatus":
        asked.setdefault("ticket_id", TICKET)
    return parse_command(json.dumps(asked))


def opening(ticket_id: str = TICKET, **fields: Any) -> Message:
    """The command that opens a plain ticket."""
    asked = {"channel": "email", "subject": "Printer on fire", "department": "Support", **fields}
    return command("OpenTicket", ticket_id=ticket_id, **asked)


def row(ordinal: int = 1, **fields: Any) -> Message:
    """The command that imports one source row; what is not of the command itself is a fact of the row."""
    own = {name: fields.pop(name) for name in ("source", "case", "ticket_id", "command_id", "actor") if name in fields}
    at = fields.pop("occurred_at", moment(days=-10, minutes=ordinal))
    facts = {"channel": "web", "department": "IT", "status": "New", "status_type": "open", **fields}
    return command(
        "ImportRevision", source="old_desk@1", case="77", ordinal=ordinal, occurred_at=at, facts=facts, **own
    )


EVERY_COMMAND: dict[str, dict[str, Any]] = {
    "OpenTicket": {"channel": "email", "subject": "Printer on fire", "department": "Support"},
    "ChangeTicket": {"subject": "Fire is out"},
    "AddTags": {"tags": ["hot"]},
    "RemoveTags": {"tags": ["hot"]},
    "ChangePriority": {"priority": "high"},
    "ChangeStatus": {"status": "Closed"},
    "HoldTicket": {},
    "ResumeTicket": {},
    "CloseTicket": {},
    "ReopenTicket": {},
    "AssignTicket": {"agent": "ana"},
    "SendReply": {"body": "On our way"},
    "ReceiveReply": {"body": "Hurry"},
    "AddComment": {"body": "Took the red one"},
    "ChangeCommentVisibility": {"message": 1, "visibility": "public"},
    "ForwardTicket": {"recipients": ["fire@brigade"], "body": "Please"},
    "DeleteTicket": {},
    "RestoreTicket": {},
    "ArchiveTicket": {},
    "UnarchiveTicket": {},
    "PerformTransition": {"transition": "Approve"},
    "ForceState": {"state": "Approved", "reason": "The system was down"},
    "RevokeBlueprint": {"reason": "Opened by mistake"},
    "LapseTicket": {},
    "AdoptTicket": {},
    "ImportRevision": {
        "source": "old_desk@1",
        "case": "77",
        "ordinal": 1,
        "occurred_at": "2026-05-01T09:00:00Z",
        "facts": {"channel": "web", "department": "IT", "status": "New", "status_type": "open"},
    },
    "RegisterContact": {"contact_id": CONTACT},
    "EraseContact": {"contact_id": CONTACT},
    "DefineStatus": {"status": "Mine", "status_type": "open"},
    "RetireStatus": {"status": "Escalated"},
    "DraftDefinition": {"kind": "view", "key": "mine", "document": {"kind": "view", "key": "mine"}},
    "PublishDefinition": {"kind": "view", "key": "mine", "version": 1},
    "RetireDefinition": {"kind": "view", "key": "mine"},
    "RetryParked": {"projection": "fct_messages", "ticket_id": TICKET, "position": 17},
    "SkipPosition": {"projection": "fct_messages", "ticket_id": TICKET, "position": 17, "reason": "Lost at the source"},
}
"""Every command by name, with as little as it can be asked with."""


# Events


def opened(**changes: Any) -> TicketOpened:
    """A plain ticket's opening."""
    plain: dict[str, Any] = {
        "number": 1,
        "channel": "email",
        "subject": "Printer on fire",
        "description": None,
        "contact_id": None,
        "department": "Support",
        "priority": None,
        "status": "Open",
        "status_type": StatusType.OPEN,
        "fields": {},
        "tags": (),
        "message_key": None,
    }
    return TicketOpened(**{**plain, **changes})


def imported(**changes: Any) -> TicketImported:
    """The first row of a plain foreign history."""
    plain: dict[str, Any] = {
        "source": "old_desk@1",
        "channel": "web",
        "subject": None,
        "description": None,
        "contact_id": None,
        "department": "IT",
        "priority": None,
        "status": "New",
        "status_type": StatusType.OPEN,
        "agent": None,
        "team": None,
        "fields": {},
        "tags": (),
        "created_at": None,
        "source_sla_met": None,
    }
    return TicketImported(**{**plain, **changes})


TYPES = {
    "Open": StatusType.OPEN,
    "Escalated": StatusType.OPEN,
    "On Hold": StatusType.ON_HOLD,
    "Closed": StatusType.CLOSED,
}
"""The statuses a desk starts with."""


def moved(old: str, new: str, **types: StatusType) -> TicketStatusChanged:
    """A change between two of the statuses a desk starts with, or of the types given."""
    known = {**TYPES, **types}
    return TicketStatusChanged(old, known[old], new, known[new])


# A ledger


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> Instant:
        return moment(seconds=self.passed.total_seconds())

    def advance(self, **units: float) -> Instant:
        """Move on by the given timedelta units."""
        self.passed += timedelta(**units)
        return self()


@contextmanager
def ledger_at(path: Path, now: Callable[[], Instant] = lambda: NINE) -> Iterator[Ledger]:
    """A ledger on a file that is made where it is missing."""
    with open_ledger(str(path), create=True, now=now) as ledger:
        yield ledger


def send(ledger: Ledger, *commands: Message, door: Door = OFFICE, at: Instant | None = None) -> list[Receipt]:
    """Commands through the bus in one batch."""
    return ledger.submit(commands, door, at)


def codes(receipt: Receipt) -> list[str]:
    """The codes of a refusal, in order."""
    return [reason.code for reason in receipt.answer.reasons]


def history(ledger: Ledger, stream: str) -> Sequence[Recorded]:
    """The events of one stream as they are in the log now."""
    return ledger.journal.load([stream])[stream]


def names(ledger: Ledger, stream: str) -> list[str]:
    """What happened to a stream, by stored names."""
    return [recorded.name for recorded in history(ledger, stream)]
