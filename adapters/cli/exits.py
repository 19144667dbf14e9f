"""How a call ends: the exit codes, and the one place that says which fault leads to which.

Every problem with the database (missing, foreign, locked, damaged, out of reach) is UNAVAILABLE, so that a script which
asks for a ticket never takes a wrong database for a ticket that does not exist.
"""

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """The exit codes; scripts rely on them."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    """A wrong use of the command line, or input that cannot be read."""
    NOT_FOUND = 3
    """There is no ticket, receipt, contact or projection of that name."""
    NOT_VERIFIED = 4
    REFUSED = 5
    """The domain said no."""
    UNAVAILABLE = 6
    """The database is missing, foreign, locked, damaged or out of reach."""
    PARTIAL = 7
    """Some of a batch was refused or skipped, the rest was done."""
    INTERRUPTED = 130


class Stop(Exception):
    """Ends a call with an exit code and one sentence on stderr."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotFound(Stop):
    """What was asked for does not exist."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Exit.NOT_FOUND, sentence)


class Unreadable(Stop):
    """The input cannot be read."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Exit.USAGE, sentence)


FAULTS: Final = {
    "domain.journal.JournalError": Exit.UNAVAILABLE,
    "sqlite3.DatabaseError": Exit.UNAVAILABLE,
    "sqlalchemy.exc.DBAPIError": Exit.UNAVAILABLE,
    "adapters.codec.EventUnreadable": Exit.UNAVAILABLE,
    "adapters.keyring.SealBroken": Exit.UNAVAILABLE,
    "adapters.wiring.UnknownStore": Exit.USAGE,
    "adapters.importers.mapping.UnreadableInput": Exit.USAGE,
    "adapters.settings.UnreadableSettings": Exit.USAGE,
    "commands.union.CommandUnreadable": Exit.USAGE,
    "domain.refusals.Refused": Exit.REFUSED,
}
"""Exit codes of faults that words let pass, by the class's full name: naming a class must not import its module."""

_DAMAGED: Final = {
    "sqlite3.DatabaseError": "the database cannot be read or written: {}",
    "sqlalchemy.exc.DBAPIError": "the database cannot be read or written: {}",
    "adapters.codec.EventUnreadable": "the log is damaged: {}; `deskledger replay verify` says where it begins",
    "adapters.keyring.SealBroken": "the log is damaged: {}; `deskledger replay verify` says where it begins",
}


def ending(error: Exception) -> tuple[Exit, str] | None:
    """The exit code and the one line that a fault ends a call with; None for a fault that nobody foresaw."""
    if isinstance(error, Stop):
        return error.code, one_line(str(error))
    for cls in type(error).__mro__:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if name in FAULTS:
            # SQLAlchemy wraps the driver's fault in several lines with the statement in it.
            said = one_line(str(getattr(error, "orig", None) or error))
            return FAULTS[name], _DAMAGED.get(name, "{}").format(said)
    if isinstance(error, OSError):
        return Exit.FAILURE, one_line(str(error))
    return None


def one_line(text: str) -> str:
    """The text without line ends and control characters, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(text.split()))
