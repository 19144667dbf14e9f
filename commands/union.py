"""Every command there is, as one union on the field `command`, and how bytes become one."""

import json
from typing import Annotated, Any, Final, TypeAlias, get_args

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from commands.blueprint import ForceState, PerformTransition, RevokeBlueprint
from commands.contact import EraseContact, RegisterContact
from commands.definition import DraftDefinition, PublishDefinition, RetireDefinition
from commands.importing import AdoptTicket, ImportRevision
from commands.message import EXPECTED, Message
from commands.projection import RetryParked, SkipPosition
from commands.status import DefineStatus, RetireStatus
from commands.ticket import (
    AddComment,
    AddTags,
    ArchiveTicket,
    AssignTicket,
    ChangeCommentVisibility,
    ChangePriority,
    ChangeStatus,
    ChangeTicket,
    CloseTicket,
    DeleteTicket,
    ForwardTicket,
    HoldTicket,
    LapseTicket,
    OpenTicket,
    ReceiveReply,
    RemoveTags,
    ReopenTicket,
    RestoreTicket,
    ResumeTicket,
    SendReply,
    UnarchiveTicket,
)

Command: TypeAlias = (
    OpenTicket
    | ChangeTicket
    | AddTags
    | RemoveTags
    | ChangePriority
    | ChangeStatus
    | HoldTicket
    | ResumeTicket
    | CloseTicket
    | ReopenTicket
    | AssignTicket
    | SendReply
    | ReceiveReply
    | AddComment
    | ChangeCommentVisibility
    | ForwardTicket
    | DeleteTicket
    | RestoreTicket
    | ArchiveTicket
    | UnarchiveTicket
    | PerformTransition
    | ForceState
    | RevokeBlueprint
    | LapseTicket
    | AdoptTicket
    | ImportRevision
    | RegisterContact
    | EraseContact
    | DefineStatus
    | RetireStatus
    | DraftDefinition
    | PublishDefinition
    | RetireDefinition
    | RetryParked
    | SkipPosition
)

COMMANDS: Final[tuple[type[Message], ...]] = get_args(Command)
_UNION: Final[TypeAdapter[Command]] = TypeAdapter(Annotated[Command, Field(discriminator="command")])
_VALIDATOR: Final[Any] = _UNION.validator


class CommandUnreadable(ValueError):
    """The input is not a command; `str()` names every field that is wrong and what was expected of it."""


def parse_command(raw: bytes | str) -> Command:
    """A command from JSON; CommandUnreadable names every mistake at once."""
    try:
        command: Command = _VALIDATOR.validate_json(raw)
        return command
    except ValidationError as error:
        raise CommandUnreadable(explained(_located(raw, error))) from None


def _located(raw: bytes | str, error: ValidationError) -> ValidationError:
    """The mistake with its field: an unpaired surrogate stops pydantic's JSON parser; the standard one passes it on."""
    if error.errors(include_url=False)[0]["type"] == "json_invalid":
        try:
            _UNION.validate_python(json.loads(raw))
        except ValidationError as located:
            return located
        except (ValueError, RecursionError):
            return error
    return error


def explained(error: ValidationError) -> str:
    """Every mistake pydantic found, as `field: what was expected`, in one line."""
    mistakes = []
    for mistake in error.errors(include_url=False, include_input=False):
        path = ".".join(str(step) for step in mistake["loc"][1:]) or (
            "command" if mistake["type"].startswith("union_tag") else "input"
        )
        mistakes.append(f"{path}: {sentence(mistake)}")
    return "; ".join(mistakes)


def sentence(mistake: ErrorDetails) -> str:
    """What was expected, in our words where pydantic would show a pattern or a code point."""
    if mistake["type"] == "string_unicode":
        return "a text must not hold an unpaired surrogate"
    expected = EXPECTED.get(mistake.get("ctx", {}).get("pattern", ""), mistake["msg"])
    return expected.removeprefix("Value error, ")
