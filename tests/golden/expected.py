"""What every golden file holds, as the typed event that reading it must give.

`python -m tests.golden.expected` writes the files that are missing and their lines in SHA256SUMS; it never touches one
that is there. An event that is sealed stands at the place below, under the key and the nonce of `seal.json`.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from adapters.codec import encode
from adapters.keyring import Keyring, SubjectKey
from domain.contacts import ContactErased, ContactRegistered
from domain.definitions import DefinitionDrafted, DefinitionPublished, DefinitionRetired, Kind
from domain.instant import Instant
from domain.projecting import ProjectionPositionSkipped, ProjectionRetryRequested
from domain.recorded import STORED_AS, Fact
from domain.statuses import STATUSES_STREAM, StatusDefined, StatusRetired
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintLeft,
    BlueprintRevoked,
    StateForced,
    StateLimitDueSet,
    StateLimitViolated,
    TransitionPerformed,
)
from domain.ticket.events import (
    TicketAdopted,
    TicketAgentChanged,
    TicketArchived,
    TicketCommentAdded,
    TicketCommentVisibilityChanged,
    TicketContactChanged,
    TicketCustomerReplied,
    TicketDeleted,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketDueDateOverridden,
    TicketDueDateOverrideRemoved,
    TicketFieldChanged,
    TicketForwarded,
    TicketImported,
    TicketOpened,
    TicketPriorityChanged,
    TicketReplySent,
    TicketRestored,
    TicketRevisionNoted,
    TicketSourceSlaChanged,
    TicketStatusChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
    TicketTeamChanged,
    TicketUnarchived,
)
from domain.ticket.sla_events import (
    ResolutionCameLate,
    ResolutionDueCleared,
    ResolutionDueSet,
    ResolutionMet,
    ResolutionPaused,
    ResolutionViolated,
    ResponseCameLate,
    ResponseDueCleared,
    ResponseDueSet,
    ResponseMet,
    ResponsePaused,
    ResponseViolated,
    SlaApplied,
    SlaReleased,
    VerdictContested,
)
from domain.values import FieldType, StatusType, Visibility

GOLDEN: Final = Path(__file__).resolve().parent
SUMS: Final = GOLDEN / "SHA256SUMS"
VERSION: Final = 3
"""The version that every golden event stands at."""
PERSON: Final = "contact:7"

_JUNE: Final = Instant("2026-06-01T09:00:00.000000Z")
_LATER: Final = Instant("2026-06-30T23:59:59.999999Z")

EXPECTED: Final[tuple[Any, ...]] = (
    TicketOpened(
        number=1042,
        channel="email",
        subject='Screen "black" \\ naïve 日本',
        description="Line one\nline two\ttabbed",
        contact_id="7",
        department="support",
        priority="high",
        status="Open",
        status_type=StatusType.OPEN,
        fields={
            "amount": (FieldType.DECIMAL, "12.50"),
            "count": (FieldType.INTEGER, "9007199254740993"),
            "is_vip": (FieldType.BOOLEAN, "true"),
            "note": (FieldType.TEXT, ""),
            "seen": (FieldType.INSTANT, _JUNE),
        },
        tags=("billing", "é/\u2028"),
        message_key="<m1@example.org>",
    ),
    TicketImported(
        source="uci_incident@1",
        channel="other:import",
        subject=None,
        description="As the source has it",
        contact_id=None,
        department="it",
        priority=None,
        status="Active",
        status_type=StatusType.ON_HOLD,
        agent="ana",
        team=None,
        fields={},
        tags=(),
        created_at=_JUNE,
        source_sla_met=True,
    ),
    TicketRevisionNoted(source="uci_incident@1", ordinal=2),
    TicketSourceSlaChanged(old=None, new=False),
    TicketSubjectChanged(old=None, new="New subject"),
    TicketDescriptionChanged(old="Old description", new=None),
    TicketContactChanged(old="7", new=None),
    TicketDepartmentChanged(old="support", new="billing"),
    TicketFieldChanged(field="amount", old=None, new=(FieldType.DECIMAL, "-0.10")),
    TicketTagsAdded(tags=("a", "b")),
    TicketTagsRemoved(tags=("a",)),
    TicketDueDateOverridden(old=None, new=_LATER),
    TicketDueDateOverrideRemoved(old=_LATER),
    TicketPriorityChanged(old=None, new="urgent"),
    TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED),
    TicketAgentChanged(old=None, new="ana"),
    TicketTeamChanged(old="tier1", new="tier2"),
    TicketReplySent(message=1, body="We are on it", recipients=None, is_reply_all=False),
    TicketCustomerReplied(message=2, body="Thank you 🙂", message_key=None),
    TicketCommentAdded(message=3, visibility=Visibility.PRIVATE, body="</script>&amp; stays as it is"),
    TicketCommentVisibilityChanged(message=3, old=Visibility.PRIVATE, new=Visibility.PUBLIC),
    TicketForwarded(message=4, body="Please look", recipients="lab@example.org, dock@example.org"),
    TicketDeleted(restorable_until=_LATER),
    TicketRestored(),
    TicketArchived(),
    TicketUnarchived(),
    TicketAdopted(number=7),
    BlueprintEntered("refund", 2, "Billing", "Requested", _LATER),
    BlueprintCompleted("refund", 2, "Refunded"),
    BlueprintLeft("refund", 2, "Requested", "moved"),
    BlueprintRevoked("refund", 2, "Requested", "Opened by mistake"),
    TransitionPerformed("refund", 2, "Approve", "Requested", "Approved", None),
    StateForced("refund", 2, "Requested", "Approved", "The system was down", _LATER),
    StateLimitDueSet("refund", 2, "Requested", _LATER),
    StateLimitViolated("refund", 2, "Requested", _LATER),
    SlaApplied("standard", 3, _JUNE),
    SlaReleased("standard", 3, "moved"),
    ResponseDueSet("standard", 3, "high", 3600, _JUNE, 60, _LATER),
    ResponsePaused("standard", 3, _LATER),
    ResponseDueCleared("standard", 3),
    ResponseMet("standard", 3, _LATER),
    ResponseViolated("standard", 3, "high", _LATER),
    ResponseCameLate("standard", 3, _LATER, 59),
    ResolutionDueSet("standard", 3, "high", 3600, _JUNE, 60, None),
    ResolutionPaused("standard", 3, _LATER),
    ResolutionDueCleared("standard", 3),
    ResolutionMet("standard", 3, _LATER),
    ResolutionViolated("standard", 3, "high", _LATER),
    ResolutionCameLate("standard", 3, _LATER, 59),
    VerdictContested("standard", 3, "response", _LATER, _JUNE),
    ContactRegistered(name="Carla Ruiz", address=None),
    ContactErased(keys=("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")),
    StatusDefined(status="Waiting for parts", status_type=StatusType.ON_HOLD),
    StatusRetired(status="Escalated"),
    DefinitionDrafted(
        Kind.VIEW, "mine", 2, {"kind": "view", "key": "mine", "name": "日本", "columns": ["ticket_id"], "order": 1}
    ),
    DefinitionPublished(Kind.BLUEPRINT, "refund", 2, _LATER),
    DefinitionRetired(Kind.SLA_POLICY, "standard"),
    ProjectionRetryRequested("fct_messages", "T-1042", 17),
    ProjectionPositionSkipped("fct_messages", "T-1042", 17, "The source lost its text"),
)


@dataclass(frozen=True, slots=True)
class Seal:
    """The fixed key and nonce of the golden files; a nonce of the log is used once, so this is for tests only."""

    key: SubjectKey
    nonce: bytes


def read_seal() -> Seal:
    """From `seal.json`."""
    raw = json.loads((GOLDEN / "seal.json").read_bytes())
    return Seal(SubjectKey(raw["key"], raw["subject"], bytes.fromhex(raw["secret"])), bytes.fromhex(raw["nonce"]))


def keyring(*keys: SubjectKey) -> Keyring:
    """A keyring that finds these keys and no others."""
    return Keyring(
        {key.key: key.secret for key in keys}.get,
        lambda subjects: {key.subject: key for key in keys if key.subject in subjects},
    )


def stream_of(event: Any) -> str:
    """Where the golden event of this kind stands."""
    kind = STORED_AS[type(event)][0].partition(".")[0]
    if kind == "definition":
        return f"definition:{event.kind}:{event.key}"
    elsewhere = {"contact": PERSON, "status": STATUSES_STREAM, "projection": "projection:fct_messages"}
    return elsewhere.get(kind, "ticket:T-1042")


def file_of(event: Any) -> Path:
    """The golden file of this kind of event."""
    name, schema = STORED_AS[type(event)]
    return GOLDEN / f"{name}.{schema}.json"


def stored_bytes(event: Any) -> bytes:
    """The event as the log would store it, sealed under the fixed key and nonce."""
    seal = read_seal()
    ring = keyring(seal.key)
    ring.prepare([PERSON])
    with patch("adapters.keyring.os.urandom", return_value=seal.nonce):
        return encode(Fact(stream_of(event), VERSION, event, _JUNE, PERSON, PERSON), ring.seal)[1]


if __name__ == "__main__":
    for missing in [one for one in EXPECTED if not file_of(one).exists()]:
        data = stored_bytes(missing)
        file_of(missing).write_bytes(data)
        with SUMS.open("a", encoding="ascii") as sums:
            sums.write(f"{sha256(data).hexdigest()}  {file_of(missing).name}\n")
