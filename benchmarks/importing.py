"""IMPORT: a CSV log into an empty ledger, against the batches of S3 beside it."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from adapters.importers.csv_log import import_csv
from adapters.importers.mapping import parse_mapping
from adapters.wiring import Ledger
from benchmarks import ours
from benchmarks.measure import Figure, Lap, Scale, ratio, timed, turns
from benchmarks.workload import GAP, LIFE, slices, text
from commands.access import ACT_FOR, BACKDATE, Door
from commands.importing import ImportRevision
from domain.receipts import Receipt

_MAPPING = """
source: benchmark
version: 1
missing: ["?"]
ticket:
  case: number
  instant: at
  actor: {column: by, missing: system}
  channel: {column: channel, values: {Mail: email, Portal: web}}
  contact: caller
  department: {constant: IT}
  priority: {column: priority, values: {1 - High: high, 2 - Low: low}}
  status: {column: state, types: {New: open, Active: open, Waiting: on_hold, Resolved: closed}}
  subject: title
  team: group
  agent: owner
  fields: {category: category, reassigned: {column: reassigned, type: integer}}
"""
_HEADER = ("number", "at", "by", "channel", "caller", "priority", "state", "title", "group", "owner", "category")
_STATES = ("New", "Active", "Active", "Waiting", "Resolved")


def csv_import(folder: Path, scale: Scale) -> Iterator[Figure]:
    """IMPORT; each round begins with fresh files on both sides."""
    path, rows = folder / "log.csv", scale.imported
    _write(path, rows)
    (commands,) = slices(rows, 1)

    def import_side(turn: int) -> Lap:
        with ours.ledger(folder / f"import-{turn}.db") as ledger, timed() as lap:
            _imported(ledger, path, rows)
        return Lap(lap.seconds / rows, lap.cpu / rows)

    def batch_side(turn: int) -> Lap:
        with ours.ledger(folder / f"batches-{turn}.db") as ledger, timed() as lap:
            ours.send_in_batches(ledger, commands)
        return Lap(lap.seconds / rows, lap.cpu / rows)

    laps = turns(folder, {"import": import_side, "batches": batch_side}, scale.import_pairs)
    rate = round(1 / median(lap.seconds for lap in laps.of["import"]))
    yield ratio("IMPORT", laps, "batches", "import", rows=rows, rows_a_second=rate)


def _imported(ledger: Ledger, path: Path, rows: int) -> None:
    mapping = parse_mapping(_MAPPING, "benchmark")
    door = Door(mapping.via, frozenset({ACT_FOR, BACKDATE}))

    def send(revisions: Sequence[ImportRevision]) -> Sequence[Receipt]:
        return ledger.submit(revisions, door)

    done = import_csv(path, mapping, send, tip_before=0)
    assert (done.rows, done.rows_added) == (rows, rows), done


def _write(path: Path, rows: int) -> None:
    """A log of cases of five rows each, whose rows lie GAP cases apart, in the order of time."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*_HEADER, "reassigned"))
        written, now = 0, 0
        while written < rows:
            for revision in range(LIFE):
                if (case := now - revision * GAP) >= 0 and written < rows:
                    writer.writerow(_revision(case, revision, now))
                    written += 1
            now += 1


def _revision(case: int, revision: int, now: int) -> tuple[str, ...]:
    chance = Random(case)
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=60 * now + revision)
    return (
        f"INC{case:07}",
        at.isoformat(),
        f"u{chance.randrange(40)}",
        chance.choice(("Mail", "Portal")),
        f"caller {case // 3}",
        chance.choice(("1 - High", "2 - Low")),
        _STATES[revision],
        text(chance, 7),
        f"Group {chance.randrange(20)}",
        f"u{chance.randrange(40)}" if revision else "?",
        f"Category {chance.randrange(30)}",
        str(revision // 2),
    )
