"""`deskledger`: the words, and how a call ends.

Answers go to stdout, everything else to stderr, and every fault ends in one line and an exit code (see `exits`).
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import typer
from typer.exceptions import TyperException

from adapters.cli import (
    command,
    contact,
    database,
    definition,
    demo,
    explain,
    importing,
    projection,
    replay,
    report,
    tick,
    ticket,
    transitions,
    view,
)
from adapters.cli.exits import Exit, ending, one_line
from adapters.cli.options import Db, Json, Root
from adapters.process import settle_memory

PROGRAM: Final = "deskledger"

app: Final = typer.Typer(
    name=PROGRAM,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Exit codes: 0 done, 1 failure, 2 usage or unreadable input, 3 not found, 4 verification failed, "
        "5 refused by the domain, 6 database unavailable, 7 partial, 130 interrupted."
    ),
)
for words in (database, command, ticket, report, importing, projection, replay, contact, definition, view, explain):
    app.add_typer(words.app)
app.command("demo")(demo.demo)
app.command("tick")(tick.tick)
ticket.app.command("transitions")(transitions.transitions)
replay.app.command("explain")(explain.event)


@app.callback()
def root(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """An event-sourced ticket ledger: every change of a ticket is an event that stays.

    Answers go to stdout, everything else to stderr. The options here may also stand after the words.
    """
    context.obj = Root(db, as_json)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows another one, and the answer goes on.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # both are text streams here
    settle_memory()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """One call: its exit code, with everything printed that it had to say."""
    code = _called(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        # Nobody reads any more, or a disk is full.
        _leave_stdout()
        if code == Exit.DONE:
            is_unread = isinstance(error, BrokenPipeError)
            return Exit.FAILURE if is_unread else _ended(Exit.FAILURE, f"stdout: {error}")
    return code


def _called(arguments: Sequence[str]) -> int:
    try:
        code = typer.main.get_command(app).main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
        # So typer answers Ctrl-C, without a word.
        return _ended(code, "interrupted") if code == Exit.INTERRUPTED else int(code or Exit.DONE)
    except TyperException as error:
        return _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        return _ended(Exit.INTERRUPTED, "interrupted")
    except SystemExit:
        # So typer ends a call whose reader has gone.
        _leave_stdout()
        return Exit.FAILURE
    except Exception as error:  # noqa: BLE001 - the last place before a traceback would reach a user
        return _ended(*(ending(error) or _unforeseen(error)))


def _misused(error: TyperException) -> int:
    """A wrong use in one line; help that was asked for by naming no word is printed already."""
    code = getattr(error, "exit_code", Exit.USAGE)
    said = error.format_message().strip().replace("Value error, ", "")
    if not said:
        return int(code)
    context = getattr(error, "ctx", None)
    words = PROGRAM if context is None else context.command_path
    return _ended(code, f"{said.removesuffix('.')} (see {words} --help)")


def _unforeseen(error: Exception) -> tuple[Exit, str]:
    from adapters.logs import logger

    logger().debug("unforeseen", exc_info=error)
    said = f"unexpected {type(error).__name__}: {error}"
    return Exit.FAILURE, f"{said}; DESKLEDGER_LOG_LEVEL=debug shows where"


def _ended(code: int, sentence: str) -> int:
    with suppress(OSError):
        sys.stderr.write(f"error: {one_line(sentence)}\n")
        sys.stderr.flush()
    return int(code)


def _leave_stdout() -> None:
    """Let nothing go to stdout any more, or Python would complain when it flushes at the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
