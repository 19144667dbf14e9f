"""The command line in this process, and a desk with a short past for it to speak of."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.main import run

Cli = Callable[..., "Said"]


@dataclass(frozen=True)
class Said:
    """How a call ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, and no setting that the machine makes."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "LOG_LEVEL", "LOG_FORMAT"):
        monkeypatch.delenv(f"DESKLEDGER_{name}", raising=False)
    return tmp_path


@pytest.fixture
def cli(folder, capsys, monkeypatch) -> Cli:
    """Calls the command line as the console script does; `stdin` is text or bytes."""

    def call(*words: str, stdin: str | bytes = b"") -> Said:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        capsys.readouterr()
        code = run(words)
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return call


def line(command: str, command_id: str, **fields: Any) -> str:
    """A command as a line of JSON."""
    return json.dumps({"command": command, "command_id": command_id, "actor": "agent:ana", **fields})


def opening(ticket_id: str, command_id: str, at: str | None = None, **fields: Any) -> str:
    claimed = {} if at is None else {"occurred_at": at}
    asked = {"channel": "email", "subject": f"About {ticket_id}", "department": "Support", **claimed, **fields}
    return line("OpenTicket", command_id, ticket_id=ticket_id, **asked)


DESK = [
    line("RegisterContact", "c-1", contact_id="carla", name="Carla Roth", address="carla@example.org"),
    opening("T-1", "c-2", "2026-06-01T09:00:00Z", contact_id="carla", priority="high"),
    line("AssignTicket", "c-3", ticket_id="T-1", team="First Line", agent="ana", occurred_at="2026-06-01T10:00:00Z"),
    opening("T-2", "c-4", "2026-06-02T09:00:00Z", department="Billing"),
    line("HoldTicket", "c-5", ticket_id="T-1", occurred_at="2026-06-02T12:00:00Z"),
    line(
        "ReceiveReply",
        "c-6",
        ticket_id="T-1",
        actor="contact:carla",
        body="It still burns",
        occurred_at="2026-06-03T08:00:00Z",
    ),
    line("CloseTicket", "c-7", ticket_id="T-2", occurred_at="2026-06-03T09:00:00Z"),
    opening("T-3", "c-8", "2026-06-03T10:00:00Z"),
    line("DeleteTicket", "c-9", ticket_id="T-3", occurred_at="2026-06-03T11:00:00Z"),
]
EVENTS = 11
"""How many events the desk's commands make."""


@pytest.fixture
def desk(cli: Cli) -> Cli:
    """The command line over a desk of three tickets; the third is deleted."""
    assert cli("db", "init").code == 0
    said = cli("command", "send", "-", "--json", stdin="\n".join(DESK))
    assert said.code == 0, said
    return cli
