"""Our side: a ledger on a file of its own, as `adapters.wiring` opens it, fed with JSON bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.wiring import Ledger, open_ledger
from benchmarks.workload import batches
from commands.access import ACT_FOR, Door
from commands.submission import Submission
from commands.union import parse_command
from domain.receipts import Outcome, Receipt

DOOR: Final = Door("kafka:desk", frozenset({ACT_FOR}))


@contextmanager
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger on this file, laid out where it is missing."""
    with open_ledger(str(path), create=True) as opened:
        yield opened


def send(to: Ledger, commands: Sequence[bytes]) -> list[Receipt]:
    """One transaction for these commands; what a door does with what it was handed."""
    now = to.now()
    return to.bus.submit([Submission(parse_command(raw), DOOR, now) for raw in commands])


def send_singly(to: Ledger, commands: Sequence[bytes]) -> list[Receipt]:
    """One transaction a command."""
    return [receipt for raw in commands for receipt in send(to, (raw,))]


def send_in_batches(to: Ledger, commands: Sequence[bytes]) -> list[Receipt]:
    """One transaction for five hundred commands."""
    return [receipt for batch in batches(commands) for receipt in send(to, batch)]


def accepted(receipts: Sequence[Receipt]) -> None:
    """Nobody is quick by refusing."""
    assert receipts
    assert all(receipt.outcome is Outcome.ACCEPTED for receipt in receipts)
