"""What the demo tells about its month, read from the read database as an analyst would."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from json import loads
from math import ceil
from statistics import fmean, median
from typing import Any

from sqlalchemy import Column, Connection, func, select

from adapters.cli.output import by_name
from adapters.read_db.queries import backlog
from adapters.read_db.schema import COMMANDS, TABLES, TICKETS

STAYS = TABLES["fct_status_intervals"]


@dataclass(frozen=True, slots=True)
class TimeInStatus:
    """How long tickets stay in a status; the figures are over the stays that have ended."""

    status: str
    status_type: str
    visits: int
    still_in: int
    mean_seconds: int | None
    median_seconds: int | None
    p90_seconds: int | None


@dataclass(frozen=True, slots=True)
class RefusedAttempts:
    """Commands that the domain said no to, by the reason's code."""

    code: str
    attempts: int
    example: str


def figures(connection: Connection) -> dict[str, Any]:
    """Every figure of the month by name."""
    return {
        "backlog": [by_name(row) for row in backlog(connection)],
        "time_in_status": [asdict(row) for row in time_in_status(connection)],
        "by_team": sliced(connection, TICKETS.c.team),
        "by_channel_and_priority": sliced(connection, TICKETS.c.channel, TICKETS.c.priority),
        "refused": [asdict(row) for row in refused_attempts(connection)],
    }


def time_in_status(connection: Connection) -> list[TimeInStatus]:
    """Every status that a ticket was in, the most visited first."""
    seconds: dict[tuple[str, str], list[int]] = defaultdict(list)
    still_in: Counter[tuple[str, str]] = Counter()
    for status, status_type, duration in connection.execute(
        select(STAYS.c.status, STAYS.c.status_type, STAYS.c.duration_seconds)
    ):
        ended = seconds[status, status_type]
        if duration is None:
            still_in[status, status_type] += 1
        else:
            ended.append(duration)
    rows = [
        TimeInStatus(*status, len(ended) + still_in[status], still_in[status], *_averages(ended))
        for status, ended in seconds.items()
    ]
    return sorted(rows, key=lambda row: (-row.visits, row.status))


def _averages(seconds: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    """Mean, median and 90th percentile (the smallest value that nine tenths do not exceed)."""
    if not seconds:
        return None, None, None
    in_order = sorted(seconds)
    return round(fmean(in_order)), round(median(in_order)), in_order[ceil(0.9 * len(in_order)) - 1]


def sliced(connection: Connection, *by: Column[Any]) -> list[dict[str, Any]]:
    """The work by these properties of a ticket as they are now: came in, is closed, came back, messages exchanged."""
    query = (
        select(
            *by,
            func.count().label("opened"),
            func.count(TICKETS.c.closed_at).label("closed"),
            func.sum(TICKETS.c.reopen_count).label("reopened"),
            func.sum(TICKETS.c.exchanges).label("exchanges"),
        )
        .group_by(*by)
        .order_by(*(part for column in by for part in (column.is_(None), column)))
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def refused_attempts(connection: Connection) -> list[RefusedAttempts]:
    """The codes of all refusals, the most frequent first, each with the sentence of its first attempt."""
    query = select(COMMANDS.c.reasons).where(COMMANDS.c.outcome == "refused").order_by(COMMANDS.c.number)
    attempts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for reason in _each(loads(reasons) for (reasons,) in connection.execute(query)):
        attempts[reason["code"]] += 1
        examples.setdefault(reason["code"], reason["sentence"])
    return [RefusedAttempts(code, count, examples[code]) for code, count in sorted(attempts.items(), key=_most_first)]


def _each(lists: Iterable[list[Any]]) -> Iterable[Any]:
    return (one for several in lists for one in several)


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
