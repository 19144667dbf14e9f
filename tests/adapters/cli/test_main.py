"""How a call ends: exit codes, one line on stderr, nothing heavy for a call for help."""

import builtins
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from adapters.cli import exits, main
from adapters.cli.exits import FAULTS, Exit, Stop, ending

ROOT = Path(__file__).resolve().parents[3]
GROUPS = [
    *("db", "command", "import", "ticket", "report", "projection", "replay", "contact"),
    *("definition", "view", "explain"),
]
ALONE = (("demo",), ("tick",))
"""Words that are no groups."""


def process(*words, stdout=subprocess.PIPE, **environment):
    """Another process that runs this code with these words; it finds the source where it is."""
    return subprocess.run(
        [sys.executable, "-c", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


CALL = "from adapters.cli.main import main; main()"


def every_word():
    for name, group in typer.main.get_group(main.app).commands.items():
        yield (name,)
        yield from ((name, word) for word in getattr(group, "commands", ()))


def test_the_words_are_the_fixed_ones():
    assert sorted(" ".join(words) for words in every_word() if len(words) == 2 or words in ALONE) == [
        "command receipt",
        "command send",
        "contact erase",
        "db info",
        "db init",
        "definition check",
        "definition draft",
        "definition history",
        "definition list",
        "definition publish",
        "definition retire",
        "definition show",
        "demo",
        "explain ticket",
        "import csv",
        "import xes",
        "projection parked",
        "projection rebuild",
        "projection retry",
        "projection skip",
        "projection status",
        "replay explain",
        "replay verify",
        "report backlog",
        "report blueprint",
        "report sla",
        "tick",
        "ticket diff",
        "ticket history",
        "ticket list",
        "ticket show",
        "ticket transitions",
        "view list",
        "view preview",
        "view run",
    ]


def test_help_needs_no_database():
    code = (
        "import sys; from adapters.cli.main import run\n"
        f"for words in {[list(words) for words in every_word()]}:\n"
        "    assert run([*words, '--help']) == 0, words\n"
        "assert run(['--help']) == 0\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = process(code)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.decode().split())
    assert "typer" in loaded
    assert not loaded & {"sqlalchemy", "kafka", "sqlite3", "eventsourcing", "cryptography", "yaml"}
    assert b"--as-of" in done.stdout


@pytest.mark.parametrize("words", list(every_word()), ids=" ".join)
def test_every_word_takes_the_database_and_prints_json(cli, words):
    said = cli(*words, "--help")
    assert said.code == 0
    if len(words) == 2 or words in ALONE:
        assert "--db" in said.out
        assert "--json" in said.out


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)], ids=" ".join)
def test_words_that_are_not_complete_show_what_there_is(cli, words):
    said = cli(*words)
    assert said.code == 2
    assert "Usage:" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("tickets",), "ticket"),
        (("ticket", "lst"), "list"),
        (("ticket", "list", "--bogus"), "--bogus"),
        (("db", "info", "extra"), "extra"),
        (("db", "info", "--db"), "--db"),
    ],
)
def test_a_wrong_use_ends_in_one_line(cli, words, named):
    said = cli(*words)
    assert said.code == 2
    assert said.out == ""
    assert named in said.err
    assert said.err.startswith("error: ")
    assert len(said.err.splitlines()) == 1


def test_the_database_may_be_named_before_or_after_the_words_or_by_the_environment(cli, monkeypatch):
    assert cli("--db", "sqlite:///a.db", "db", "init").code == 0
    assert cli("db", "info", "--db", "sqlite:///a.db", "--json").json["path"] == "a.db"
    assert cli("--json", "--db", "sqlite:///b.db", "db", "info", "--db", "sqlite:///a.db").json["path"] == "a.db"
    assert cli("db", "info").code == 6
    monkeypatch.setenv("DESKLEDGER_DATABASE_URL", "sqlite:///a.db")
    assert cli("db", "info", "--json").json["path"] == "a.db"
    assert cli("db", "info", "--db", "sqlite:///b.db").code == 6


def test_an_unusable_setting_is_named(cli, monkeypatch):
    monkeypatch.setenv("DESKLEDGER_LOG_LEVEL", "loud")
    said = cli("db", "info")
    assert said.code == 2
    assert said.err.startswith("error: DESKLEDGER_LOG_LEVEL: ")
    assert len(said.err.splitlines()) == 1


def test_a_fault_that_nobody_foresaw_is_one_line(cli, monkeypatch):
    cli("db", "init")

    def fails(*_):
        raise RuntimeError("the sky\nfell")

    monkeypatch.setattr("adapters.cli.database._about", fails)
    said = cli("db", "info")
    assert (said.code, said.out) == (1, "")
    assert said.err == "error: unexpected RuntimeError: the sky fell; DESKLEDGER_LOG_LEVEL=debug shows where\n"
    monkeypatch.setenv("DESKLEDGER_LOG_LEVEL", "debug")
    said = cli("db", "info")
    assert "Traceback" in said.err
    assert said.out == ""
    monkeypatch.setenv("DESKLEDGER_LOG_FORMAT", "json")
    assert '"event": "unforeseen"' in cli("db", "info").err


def test_an_interrupted_call_ends_with_130(cli, monkeypatch):
    cli("db", "init")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("adapters.cli.database._about", interrupted)
    said = cli("db", "info")
    assert (said.code, said.err) == (130, "error: interrupted\n")


def test_a_reader_that_goes_away_ends_the_call_without_a_word(desk, folder):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = process(CALL, "ticket", "list", stdout=pipe)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said(desk, folder):
    with Path("/dev/full").open("wb") as full:
        done = process(CALL, "ticket", "list", "--json", stdout=full)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert b"No space left" in done.stderr


def test_a_terminal_that_cannot_show_a_character_shows_another(desk, folder):
    done = process(CALL, "ticket", "history", "T-1", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_that_is_mapped_exists(name):
    module, _, cls = name.rpartition(".")
    fault = getattr(importlib.import_module(module), cls)
    assert issubclass(fault, Exception)
    if cls not in ("DBAPIError", "Refused"):
        assert ending(fault("why\nit is so")) is not None


def test_what_leads_to_which_exit_code():
    from sqlite3 import OperationalError

    from sqlalchemy.exc import OperationalError as Wrapped

    from adapters.sqlite.store import NotALedger
    from domain.journal import StoreUnavailable
    from domain.refusals import Refused, TicketNotFound

    locked = OperationalError("database is locked")
    assert ending(NotALedger("no")) == (Exit.UNAVAILABLE, "no")
    assert ending(StoreUnavailable("later")) == (Exit.UNAVAILABLE, "later")
    assert ending(locked) == (6, "the database cannot be read or written: database is locked")
    assert ending(Wrapped("SELECT\n1", {}, locked)) == ending(locked)
    assert ending(Refused(TicketNotFound("T-1"))) == (Exit.REFUSED, "There is no ticket T-1.")
    assert ending(exits.NotFound("no\tsuch\x1b thing")) == (Exit.NOT_FOUND, "no such\N{REPLACEMENT CHARACTER} thing")
    assert ending(Stop(Exit.PARTIAL, "half")) == (Exit.PARTIAL, "half")
    assert ending(builtins.OSError(28, "No space left on device")) == (1, "[Errno 28] No space left on device")
    assert ending(ZeroDivisionError()) is None
