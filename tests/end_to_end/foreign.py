"""Figures of imported histories out of the tables, and a small reader of XES that shares nothing with the importer.

Definitions are those of the keys beside the real histories: a run is a maximal block of rows in one state, a dwell
lasts from a run's start to that of the next.
"""

import gzip
import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree

from adapters.importers.mapping import SourceMapping
from adapters.importers.source_log import Imported
from adapters.importers.xes_log import import_xes
from adapters.wiring import Ledger
from commands.access import ACT_FOR, BACKDATE, Door
from domain.instant import Instant, instant
from replay.time_travel import as_of, backlog_at

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"


class Told(NamedTuple):
    """One event as the small reader finds it."""

    state: str
    at: datetime
    said: tuple[tuple[str | None, str | None], ...]
    """All its attributes."""


def brought_in(ledger: Ledger, log: Path, mapping: SourceMapping) -> Imported:
    """Import an XES log as the command line does."""
    door = Door(mapping.via, frozenset({ACT_FOR, BACKDATE}))
    return import_xes(
        log, mapping, lambda rows: ledger.submit(rows, door), tip_before=ledger.journal.tip().receipt, batch_size=500
    )


# From the tables

Stay = tuple[str, int | None]
"""A status and the seconds in it, None for the last one of a ticket."""


def stays_of(tables: sqlite3.Connection) -> dict[str, list[Stay]]:
    """The stays of each ticket in their order."""
    found: dict[str, list[Stay]] = {}
    for ticket_id, status, seconds in tables.execute(
        "SELECT ticket_id, status, duration_seconds FROM fct_status_intervals ORDER BY ticket_id, seq"
    ):
        found.setdefault(ticket_id, []).append((status, seconds))
    return found


def rows_of(tables: sqlite3.Connection) -> dict[str, list[str]]:
    """The status of each ticket after each row of the source, stays in one status included.

    A row is what one command recorded, and a change of status comes last in it.
    """
    found: dict[str, list[str]] = {}
    for ticket_id, status in tables.execute(
        "SELECT stay.ticket_id, stay.status FROM (SELECT substr(stream, 8) AS ticket_id, max(position) AS position"
        " FROM v_log WHERE stream LIKE 'ticket:%' GROUP BY command_id) told"
        " JOIN fct_status_intervals stay ON stay.ticket_id = told.ticket_id AND told.position >= stay.entered_position"
        " AND told.position < coalesce(stay.left_position, told.position + 1) ORDER BY told.position"
    ):
        found.setdefault(ticket_id, []).append(status)
    return found


def as_of_in_sql(tables: sqlite3.Connection, at: Instant) -> dict[str, int]:
    """How many tickets were in each status at an instant, by the documented rule of the table."""
    return dict(
        tables.execute(
            "SELECT status, count(*) FROM (SELECT status, max(seq) FROM fct_status_intervals WHERE entered_at <= ?"
            " GROUP BY ticket_id) GROUP BY status",
            (at,),
        ).fetchall()
    )


def as_of_in_replay(ledger: Ledger, at: Instant) -> dict[str, int]:
    """The same from the log (E-03)."""
    counted: Counter[str] = Counter()
    for row in backlog_at(as_of(ledger.journal.read(opened=False), at)):
        counted[row.status] += row.tickets
    return dict(counted)


# From paths to figures


def path_digest(paths: Mapping[str, Iterable[str]]) -> str:
    """SHA-256 over `case<TAB>state|state|...<LF>`, cases sorted by the bytes of their id."""
    lines = (f"{case}\t{'|'.join(paths[case])}\n".encode() for case in sorted(paths, key=str.encode))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def case_digest(cases: Iterable[str]) -> str:
    """SHA-256 over `case<LF>`, sorted by bytes."""
    return hashlib.sha256("".join(f"{case}\n" for case in sorted(cases, key=str.encode)).encode()).hexdigest()


def transitions(paths: Iterable[Sequence[str]]) -> Counter[str]:
    """How often one state followed another."""
    return Counter(f"{one} -> {two}" for path in paths for one, two in pairwise(path))


def spent(seconds: Sequence[int]) -> dict[str, Any]:
    """Durations as the keys sum them up."""
    return {
        "n": len(seconds),
        "sum": sum(seconds),
        "mean": round(mean(seconds), 3),
        "median": median(seconds),
        "min": min(seconds),
        "max": max(seconds),
    }


# Without the importer


def read_alone(log: Path, state: Sequence[str]) -> dict[str, list[Told]]:
    """The events of each case in file order; a state is the values of some attributes with a slash between them."""
    found: dict[str, list[Told]] = {}
    with gzip.open(log) as file:
        root = ElementTree.parse(file).getroot()
    for trace in (child for child in root if child.tag.endswith("}trace")):
        case = next(part.get("value", "") for part in trace if part.get("key") == "concept:name")
        for event in (child for child in trace if child.tag.endswith("}event")):
            said = tuple((part.get("key"), part.get("value")) for part in event)
            value = dict(said)
            at = datetime.fromisoformat(value["time:timestamp"] or "")
            found.setdefault(case, []).append(Told("/".join(value[key] or "" for key in state), at, said))
    return found


def stays_alone(told: Mapping[str, Sequence[Told]]) -> dict[str, list[Stay]]:
    """The stays of each case as the definitions say."""
    found: dict[str, list[Stay]] = {}
    for case, rows in told.items():
        runs = [next(block) for _, block in groupby(rows, key=lambda row: row.state)]
        ends = [run.at for run in runs[1:]]
        found[case] = [
            (run.state, int((end - run.at).total_seconds()) if end else None)
            for run, end in zip(runs, [*ends, None], strict=True)
        ]
    return found


def as_of_alone(told: Mapping[str, Sequence[Told]], at: datetime) -> dict[str, int]:
    """How many cases were in each state: that of the last event, in file order, up to the instant."""
    reached = ([row.state for row in rows if row.at <= at] for rows in told.values())
    return dict(Counter(states[-1] for states in reached if states))


def moments_between(told: Mapping[str, Sequence[Told]], count: int) -> list[tuple[datetime, Instant]]:
    """Some instants of the events, evenly among them, as both sides write them."""
    moments = sorted(row.at.astimezone(UTC) for rows in told.values() for row in rows)
    picked = moments[:: max(1, len(moments) // count)]
    return [(moment, instant(moment)) for moment in picked]


def first_half(log: Path, half: Path) -> int:
    """Write the log up to the middle of a case in its middle, closed as a log is; the number of its events."""
    lines = gzip.decompress(log.read_bytes()).decode().splitlines(keepends=True)
    ends = [place for place, line in enumerate(lines) if "</event>" in line]
    cut = next(place for place in ends[len(ends) // 2 :] if "<event" in lines[place + 1])
    half.write_text("".join(lines[: cut + 1]) + "</trace></log>", encoding="utf-8")
    return ends.index(cut) + 1
