"""Refusals: the states of affairs in which the domain says no.

Refused                                  raised by a decision, carries every reason at once
  Refusal                                one reason: a code, a sentence, facts
    of the sender                        ActorNotPermitted, ActForNotAllowed, BackdateNotAllowed, OccurredInFuture
    of the command                       CommandIdReused, VersionConflict
    of a ticket                          TicketIdTaken, TicketNotFound, TicketIsDeleted, TicketNotDeleted,
                                         RestoreWindowPassed, TicketIsArchived, TicketNotArchived, TicketNotAdopted,
                                         TicketNotImported, TicketAlreadyAdopted, TicketAlreadyClosed,
                                         TicketNotClosed, TicketNotOnHold
    of a blueprint                       TicketInBlueprint, TicketNotInBlueprint, TransitionUnknown,
                                         TransitionNotAllowed, StateUnknown
    of a status                          StatusUnknown, StatusTypeMismatch, StatusAlreadyDefined, StatusInUse,
                                         LastStatusOfType, StatusInDefinition
    of a definition                      DefinitionMistaken, DefinitionNotFound, DefinitionVersionUnknown,
                                         DefinitionAlreadyPublished, DefinitionIsRetired, DefinitionSuperseded,
                                         ValidFromInPast
    of a projection                      TicketNotParked
    of a message                         CommentNotFound, MessageKeyTaken
    of an import                         SourceMismatch, SourceRewritten
    of a contact                         ContactIdTaken

A class's docstring is its sentence, filled with its facts; its code is the wire name, for ever (docs/names.md).

Long because: it is one list, which whoever answers or translates a refusal reads from top to bottom.
"""

from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why something is not allowed."""

    code: ClassVar[str]

    @property
    def sentence(self) -> str:
        """What a person reads: one clear sentence with the facts in it."""
        return (type(self).__doc__ or self.code).format(**self.facts)

    @property
    def facts(self) -> dict[str, object]:
        """The facts of this reason by name, plain enough for JSON."""
        return asdict(self)


class Refused(Exception):
    """A decision said no; `reasons` holds every failed check, in the order they were made."""

    def __init__(self, *reasons: Refusal) -> None:
        super().__init__("; ".join(reason.sentence for reason in reasons))
        self.reasons = reasons


def refuse_if_any(reasons: list[Refusal]) -> None:
    """Raise Refused with all the collected reasons, or do nothing where there is none."""
    if reasons:
        raise Refused(*reasons)


@dataclass(frozen=True, slots=True)
class ActorNotPermitted(Refusal):
    """{actor} may not send {command}."""

    code = "actor_not_permitted"
    actor: str
    command: str


@dataclass(frozen=True, slots=True)
class ActForNotAllowed(Refusal):
    """{principal} may not speak for {actor}; that needs the right act_for."""

    code = "act_for_not_allowed"
    actor: str
    principal: str


@dataclass(frozen=True, slots=True)
class BackdateNotAllowed(Refusal):
    """{principal} may not claim when something happened; that needs the right backdate."""

    code = "backdate_not_allowed"
    principal: str


@dataclass(frozen=True, slots=True)
class OccurredInFuture(Refusal):
    """{occurred_at} lies after {now}; nothing is recorded before it happened."""

    code = "occurred_in_future"
    occurred_at: str
    now: str


@dataclass(frozen=True, slots=True)
class CommandIdReused(Refusal):
    """Command id {command_id} was used before with another content or by another principal."""

    code = "command_id_reused"
    command_id: str


@dataclass(frozen=True, slots=True)
class VersionConflict(Refusal):
    """{stream} is at version {actual}, not at the expected {expected}; read it again and decide anew."""

    code = "version_conflict"
    stream: str
    expected: int
    actual: int


@dataclass(frozen=True, slots=True)
class TicketIdTaken(Refusal):
    """Ticket {ticket_id} exists already; a ticket id is used once."""

    code = "ticket_id_taken"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketNotFound(Refusal):
    """There is no ticket {ticket_id}."""

    code = "ticket_not_found"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketIsDeleted(Refusal):
    """Ticket {ticket_id} is deleted; restore it first."""

    code = "ticket_is_deleted"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketNotDeleted(Refusal):
    """Ticket {ticket_id} is not deleted."""

    code = "ticket_not_deleted"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class RestoreWindowPassed(Refusal):
    """Ticket {ticket_id} could be restored until {restorable_until}."""

    code = "restore_window_passed"
    ticket_id: str
    restorable_until: str


@dataclass(frozen=True, slots=True)
class TicketIsArchived(Refusal):
    """Ticket {ticket_id} is archived and read-only; unarchive it first."""

    code = "ticket_is_archived"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketNotArchived(Refusal):
    """Ticket {ticket_id} is not archived."""

    code = "ticket_not_archived"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketNotAdopted(Refusal):
    """Ticket {ticket_id} is a history imported from {source}; only its importer adds to it."""

    code = "ticket_not_adopted"
    ticket_id: str
    source: str


@dataclass(frozen=True, slots=True)
class TicketNotImported(Refusal):
    """Ticket {ticket_id} is not imported; it lives under our rules already."""

    code = "ticket_not_imported"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TicketAlreadyAdopted(Refusal):
    """Ticket {ticket_id} of {source} was adopted; it lives under our rules and takes no more of its source's rows."""

    code = "ticket_already_adopted"
    ticket_id: str
    source: str


@dataclass(frozen=True, slots=True)
class TicketInBlueprint(Refusal):
    """Ticket {ticket_id} is in state {state} of blueprint {blueprint}; its status changes by a transition only."""

    code = "ticket_in_blueprint"
    ticket_id: str
    blueprint: str
    state: str


@dataclass(frozen=True, slots=True)
class TicketNotInBlueprint(Refusal):
    """Ticket {ticket_id} is in no blueprint."""

    code = "ticket_not_in_blueprint"
    ticket_id: str


@dataclass(frozen=True, slots=True)
class TransitionUnknown(Refusal):
    """Blueprint {blueprint} has no transition {transition} in version {version}; it has {known}."""

    code = "transition_unknown"
    transition: str
    blueprint: str
    version: int
    known: str


@dataclass(frozen=True, slots=True)
class TransitionNotAllowed(Refusal):
    """Transition {transition} is not allowed: {reason}."""

    code = "transition_not_allowed"
    transition: str
    guard: str
    reason: str


@dataclass(frozen=True, slots=True)
class StateUnknown(Refusal):
    """Blueprint {blueprint} has no state {state} in version {version}; it has {known}."""

    code = "state_unknown"
    state: str
    blueprint: str
    version: int
    known: str


@dataclass(frozen=True, slots=True)
class TicketAlreadyClosed(Refusal):
    """Ticket {ticket_id} is closed already, in status {status}."""

    code = "ticket_already_closed"
    ticket_id: str
    status: str


@dataclass(frozen=True, slots=True)
class TicketNotClosed(Refusal):
    """Ticket {ticket_id} is not closed; it is in status {status}."""

    code = "ticket_not_closed"
    ticket_id: str
    status: str


@dataclass(frozen=True, slots=True)
class TicketNotOnHold(Refusal):
    """Ticket {ticket_id} is not on hold; it is in status {status}."""

    code = "ticket_not_on_hold"
    ticket_id: str
    status: str


@dataclass(frozen=True, slots=True)
class StatusUnknown(Refusal):
    """There is no status {status!r}; the statuses are {known}."""

    code = "status_unknown"
    status: str
    known: str


@dataclass(frozen=True, slots=True)
class StatusTypeMismatch(Refusal):
    """Status {status!r} has the type {status_type}, where the type {wanted} is needed."""

    code = "status_type_mismatch"
    status: str
    status_type: str
    wanted: str


@dataclass(frozen=True, slots=True)
class StatusAlreadyDefined(Refusal):
    """Status {status!r} is defined already, with the type {status_type}."""

    code = "status_already_defined"
    status: str
    status_type: str


@dataclass(frozen=True, slots=True)
class StatusInUse(Refusal):
    """Status {status!r} is in use by {tickets} tickets, in it or in a blueprint version with a state on it."""

    code = "status_in_use"
    status: str
    tickets: int


@dataclass(frozen=True, slots=True)
class LastStatusOfType(Refusal):
    """Status {status!r} is the last one of the type {status_type}; define another first."""

    code = "last_status_of_type"
    status: str
    status_type: str


@dataclass(frozen=True, slots=True)
class StatusInDefinition(Refusal):
    """Status {status} is a state's status in {definition}; retire or publish that anew first."""

    code = "status_in_definition"
    status: str
    definition: str


@dataclass(frozen=True, slots=True)
class DefinitionMistaken(Refusal):
    """{place}: {mistake}."""

    code = "definition_mistaken"
    place: str
    mistake: str


@dataclass(frozen=True, slots=True)
class DefinitionNotFound(Refusal):
    """There is no {kind} {key}."""

    code = "definition_not_found"
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class DefinitionVersionUnknown(Refusal):
    """There is no version {version} of {kind} {key}; there is {known}."""

    code = "definition_version_unknown"
    kind: str
    key: str
    version: int
    known: str


@dataclass(frozen=True, slots=True)
class DefinitionAlreadyPublished(Refusal):
    """Version {version} of {kind} {key} is published already, valid from {valid_from}."""

    code = "definition_already_published"
    kind: str
    key: str
    version: int
    valid_from: str


@dataclass(frozen=True, slots=True)
class DefinitionIsRetired(Refusal):
    """The {kind} {key} is retired; draft a new version to take it up again."""

    code = "definition_is_retired"
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class DefinitionSuperseded(Refusal):
    """Version {version} of {kind} {key} is older than version {by}, which is published; draft it anew."""

    code = "definition_superseded"
    kind: str
    key: str
    version: int
    by: int


@dataclass(frozen=True, slots=True)
class ValidFromInPast(Refusal):
    """A definition cannot be valid from {valid_from}, which lies before {now}; the past was judged already."""

    code = "valid_from_in_past"
    valid_from: str
    now: str


@dataclass(frozen=True, slots=True)
class TicketNotParked(Refusal):
    """Ticket {ticket_id} is not parked in {projection}."""

    code = "ticket_not_parked"
    projection: str
    ticket_id: str


@dataclass(frozen=True, slots=True)
class CommentNotFound(Refusal):
    """Ticket {ticket_id} has no comment with the number {message}."""

    code = "comment_not_found"
    ticket_id: str
    message: int


@dataclass(frozen=True, slots=True)
class MessageKeyTaken(Refusal):
    """Message {message_key} was taken in before, by {stream}."""

    code = "message_key_taken"
    message_key: str
    stream: str


@dataclass(frozen=True, slots=True)
class SourceMismatch(Refusal):
    """Ticket {ticket_id} belongs to {held_by}, not to {source}; give the mapping an id prefix."""

    code = "source_mismatch"
    ticket_id: str
    source: str
    held_by: str


@dataclass(frozen=True, slots=True)
class SourceRewritten(Refusal):
    """Row {ordinal} of case {case} of {source} differs from what was imported before."""

    code = "source_rewritten"
    source: str
    case: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class ContactIdTaken(Refusal):
    """Contact {contact_id} is registered already."""

    code = "contact_id_taken"
    contact_id: str
