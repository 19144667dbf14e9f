"""What the desk works by: its statuses, its blueprint, its SLA policy and its views, drafted and published by commands.

The documents lie in `definitions/`, one a file, in the form that `deskledger definition draft` reads. All but one are
in force before the month begins; the second version of the SLA policy is published ahead and valid from the 12th on.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.demo.life import CLI, Envelope
from adapters.demo.step import BEGIN, Step, command_id
from adapters.documents import check_document
from commands.definition import DraftDefinition, PublishDefinition
from commands.status import DefineStatus, RetireStatus
from domain.definitions import Kind
from domain.instant import instant
from domain.values import StatusType

DOCUMENTS: Final = Path(__file__).parent / "definitions"
FIRST: Final = ("refund.yaml", "standard.yaml", "refunds_for_approval.yaml", "no_answer_yet.yaml")
"""In force before the first ticket."""
STRICTER: Final = "standard_stricter.yaml"
STRICTER_FROM: Final = datetime.fromisoformat("2026-06-12T06:00:00Z")
"""From when the second version of the SLA policy is valid; tickets that the first one took in keep it."""
_AHEAD: Final = datetime.fromisoformat("2026-06-10T15:00:00Z")

FOR_CUSTOMER: Final = "Waiting for Customer"
FOR_PARTS: Final = "Waiting for Parts"
FOR_BANK: Final = "Waiting for Bank"
RESOLVED: Final = "Resolved"
_UNUSED: Final = "Waiting for Supplier"
_STATUSES: Final = (
    (FOR_CUSTOMER, StatusType.ON_HOLD),
    (FOR_PARTS, StatusType.ON_HOLD),
    (FOR_BANK, StatusType.ON_HOLD),
    ("In Approval", StatusType.OPEN),
    (RESOLVED, StatusType.CLOSED),
    (_UNUSED, StatusType.ON_HOLD),
)
_SET_UP: Final = BEGIN - timedelta(hours=6)
"""On Sunday evening, when nobody works."""


class _Conversation:
    """The commands about one subject, each with an id of its own."""

    def __init__(self, seed: int, subject: str) -> None:
        self.steps: list[Step] = []
        self._seed = seed
        self._subject = subject

    def envelope(self) -> Envelope:
        """The next command's id and sender."""
        return Envelope(
            command_id=command_id(self._seed, self._subject, len(self.steps) + 1),
            actor="system",
            correlation_id=f"conversation:{self._subject}",
        )

    def sent(self, command: Any, moment: datetime) -> None:
        """The command arrives at this moment."""
        self.steps.append(Step(instant(moment), command, CLI))


def rules(seed: int) -> list[Step]:
    """The steps that set the desk up, and what changes about its rules during the month."""
    return [*_statuses(seed), *_definitions(seed)]


def _statuses(seed: int) -> list[Step]:
    """The desk's own statuses; one turns out to be useless, one attempt contradicts another, one status is needed."""
    said = _Conversation(seed, "statuses")
    for place, (status, status_type) in enumerate(_STATUSES):
        asked = DefineStatus(**said.envelope(), status=status, status_type=status_type)
        said.sent(asked, _SET_UP + timedelta(seconds=place))
    third = BEGIN + timedelta(days=2, hours=9)
    said.sent(DefineStatus(**said.envelope(), status=FOR_PARTS, status_type=StatusType.OPEN), third)
    said.sent(RetireStatus(**said.envelope(), status=_UNUSED), third + timedelta(minutes=4))
    # At night no refund is with the bank yet, but the blueprint has a state on the status.
    said.sent(RetireStatus(**said.envelope(), status=FOR_BANK), BEGIN + timedelta(minutes=10))
    return said.steps


def _definitions(seed: int) -> list[Step]:
    said = _Conversation(seed, "definitions")
    for place, name in enumerate(FIRST):
        kind, key, document = read(name)
        moment = _SET_UP + timedelta(minutes=10 + place)
        said.sent(DraftDefinition(**said.envelope(), kind=kind, key=key, document=document), moment)
        published = PublishDefinition(**said.envelope(), kind=kind, key=key, version=1)
        said.sent(published, moment + timedelta(seconds=30))
    kind, key, document = read(STRICTER)
    said.sent(DraftDefinition(**said.envelope(), kind=kind, key=key, document=document), _AHEAD)
    valid_from = instant(STRICTER_FROM)
    published = PublishDefinition(**said.envelope(), kind=kind, key=key, version=2, valid_from=valid_from)
    said.sent(published, _AHEAD + timedelta(minutes=12))
    return said.steps


def read(name: str) -> tuple[Kind, str, dict[str, Any]]:
    """Kind, key and content of one of the documents; ValueError where it is mistaken, which a test would tell."""
    checked = check_document(DOCUMENTS / name)
    if checked.kind is None or checked.key is None or checked.document is None:
        raise ValueError("; ".join(map(str, checked.mistakes)))
    return checked.kind, checked.key, checked.document
