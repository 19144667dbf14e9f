"""What words share: the database, `--json`, the three as-of words, and how a call opens the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from adapters.cli.exits import Exit
from adapters.cli.output import say
from domain.instant import Instant, parse_instant

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from commands.access import Door


def as_instant(text: str) -> Instant:
    """An instant of the command line; a naive one is refused."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def as_printable(text: str) -> str:
    """A name or id of the command line; the log holds no others."""
    if not text or not text.isprintable():
        raise typer.BadParameter(f"{text!r} is no name; expected printable characters")
    return text


_PAST: Final = "Reading the past"

Db: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="The database, sqlite:///FILE; else DESKLEDGER_DATABASE_URL, else sqlite:///deskledger.db here.",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables.")]
AsOf: TypeAlias = Annotated[
    Instant | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        parser=as_instant,
        help="As it stood then: what had happened by this instant. ISO 8601 with an offset or Z.",
        rich_help_panel=_PAST,
    ),
]
KnownAt: TypeAlias = Annotated[
    Instant | None,
    typer.Option(
        "--known-at",
        metavar="INSTANT",
        parser=as_instant,
        help="As it was known then: only what the log had taken by this instant.",
        rich_help_panel=_PAST,
    ),
]
AtPosition: TypeAlias = Annotated[
    int | None,
    typer.Option("--at-position", metavar="N", min=0, help="As of the log's first N events.", rich_help_panel=_PAST),
]
TicketId: TypeAlias = Annotated[str, typer.Argument(metavar="ID", parser=as_printable, help="The ticket's id.")]


@dataclass(frozen=True, slots=True)
class Root:
    """The options that stood before the words."""

    db: str | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """What every word is called with: where the database is, and for whom to print."""

    url: str
    as_json: bool

    @classmethod
    def of(cls, context: typer.Context, db: str | None, as_json: bool, default_url: str | None = None) -> "Call":
        """The options before and after the words, the later ones first, then the environment."""
        from adapters.logs import configure
        from adapters.settings import load_settings

        root = context.find_object(Root) or Root()
        settings = load_settings()
        configure(settings.log_level, settings.log_format)
        return cls(db or root.db or default_url or settings.database_url, as_json or root.as_json)

    def has_database(self) -> bool:
        """Whether the file is there and holds anything."""
        from adapters.wiring import path_of

        path = path_of(self.url)
        return path.exists() and path.stat().st_size > 0

    @contextmanager
    def writing(self) -> Iterator["Ledger"]:
        """The open ledger, made where there is none yet, which is said; words that only read never make one."""
        is_new = not self.has_database()
        with self.ledger(create=True) as ledger:
            if is_new:
                say(f"{ledger.path} is new")
            yield ledger

    @contextmanager
    def ledger(self, *, create: bool = False) -> Iterator["Ledger"]:
        """The open ledger; it is closed at the end."""
        from adapters.wiring import open_ledger

        with open_ledger(self.url, create=create) as ledger:
            yield ledger


def os_user() -> str:
    """Who runs this process, as the operating system knows; not as the environment says."""
    import os

    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        import getpass

        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return f"uid-{os.getuid()}"


def own_door() -> "Door":
    """The door of whoever sits at this machine: trusted to speak for others and to say when something happened."""
    from commands.access import ACT_FOR, BACKDATE, Door

    return Door(f"cli:{os_user()}", frozenset({ACT_FOR, BACKDATE}))


def end(code: Exit) -> None:
    """End the call with this exit code, its answer printed."""
    if code is not Exit.DONE:
        raise typer.Exit(code)
