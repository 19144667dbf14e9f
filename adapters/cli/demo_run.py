"""Running the demo: a file of its own, and the month's commands through the bus under a simulated clock."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.cli.exits import Exit, Stop
from adapters.cli.output import progress, say
from commands.access import ACT_FOR, Door
from commands.submission import Submission
from domain.instant import Instant

if TYPE_CHECKING:
    from adapters.demo.step import Step
    from adapters.wiring import Ledger

BATCH: Final = 500
_TO_THE_HOUR: Final = len("2026-06-01T09")
MARK: Final = 0x44_45_4D_4F
"""SQLite's application id of a demo's file. Only such a file is ever replaced."""


class SimulatedClock:
    """Stands where the simulation is."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def __call__(self) -> Instant:
        return self.at


@dataclass(slots=True)
class Sent:
    """How the month's commands were answered."""

    commands: int = 0
    accepted: int = 0
    refused: int = 0
    repeated: int = 0
    """Commands that came twice, and got the answer of the first time."""


def fresh_file(path: Path) -> None:
    """Make an empty file that is marked as a demo's, in the place of an older demo; any other file is left alone."""
    if path.exists():
        if not _is_demo(path):
            raise Stop(Exit.USAGE, f"{path} exists and is no demo of ours; name another file with --db")
        say(f"replacing the older demo in {path}")
        for file in (path, *(path.with_name(path.name + part) for part in ("-wal", "-shm", "-journal"))):
            file.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(path)
        try:
            connection.execute(f"PRAGMA application_id = {MARK}")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Stop(Exit.UNAVAILABLE, f"{path} cannot be made: {error}") from None


def _is_demo(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return bool(connection.execute("PRAGMA application_id").fetchone()[0] == MARK)
        finally:
            connection.close()
    except sqlite3.Error:
        return False


def run_month(ledger: "Ledger", clock: SimulatedClock, seed: int, tickets: int) -> Sent:
    """Send every step of the month through the bus."""
    from adapters.demo.month import month

    sent, last_number = Sent(), 0
    # A demo that a power cut takes is run again: only here, nothing waits for the disk.
    ledger.journal.connection.execute("PRAGMA synchronous = OFF")
    with progress("simulating June 2026") as advance:
        steps = list(month(seed, tickets))
        for batch in _batches(steps):
            clock.at = batch[-1].at
            receipts = ledger.bus.submit(
                [Submission(step.command, Door(step.via, frozenset({ACT_FOR})), step.at) for step in batch]
            )
            for receipt in receipts:
                sent.commands += 1
                # Numbers rise in the order of the answers, so a number that was seen is an answer given again.
                if receipt.number <= last_number:
                    sent.repeated += 1
                    continue
                last_number = receipt.number
                sent.accepted += receipt.outcome == "accepted"
                sent.refused += receipt.outcome == "refused"
            advance(sent.commands, len(steps))
    ledger.journal.connection.execute("PRAGMA synchronous = FULL")
    return sent


def _batches(steps: "Iterable[Step]") -> "Iterator[list[Step]]":
    """What came in within an hour, so that nothing is recorded much later than it happened; at most BATCH."""
    for _, hour in groupby(steps, lambda step: step.at[:_TO_THE_HOUR]):
        while batch := list(islice(hour, BATCH)):
            yield batch
