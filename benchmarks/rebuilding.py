"""S9: a rebuild of projections, against an ORM that commits every 1,000 events."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any, Final

from adapters.sqlite.store import connect
from benchmarks import memory, ours
from benchmarks.measure import Figure, Lap, Scale, note, ratio, timed, turns
from benchmarks.orm import FILLED, projector
from projections.base import Projection, columns

_READ: Final = 1_000


def rebuilt(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S9. Each round ours folds the whole log, and the ORM the next few thousand events of it."""
    path, other = folder / "ours.db", folder / "orm.db"
    memory.fill(path, scale.rebuilt)
    names = [projection.name for projection in FILLED]
    with ours.ledger(path) as ledger, projector(other) as orm:
        ledger.runner.catch_up()

        def our_side(_: int) -> Lap:
            with timed() as lap:
                ledger.runner.rebuild(*names)
            return Lap(lap.seconds / scale.rebuilt, lap.cpu / scale.rebuilt)

        def orm_side(_: int) -> Lap:
            end = orm.position + scale.orm_events
            with timed() as lap:
                while orm.position < end:
                    orm.project(ledger.journal.read(orm.position, min(_READ, end - orm.position)))
            return Lap(lap.seconds / scale.orm_events, lap.cpu / scale.orm_events)

        laps = turns(folder, {"ours": our_side, "orm": orm_side}, scale.rebuild_pairs)
        same_rows(path, other, orm.position)
    more: dict[str, Any] = {"events": scale.rebuilt, "orm_events": scale.orm_events, "tables": names}
    for name, own in laps.of.items():
        more[f"{name}_events_a_second"] = round(1 / median(lap.seconds for lap in own))
    yield ratio("S9", laps, "orm", **more)


def same_rows(path: Path, other: Path, position: int) -> None:
    """Both sides must have come to the same rows: those of our side over just the events that the ORM took."""
    own = path.with_name("prefix.db")
    with closing(connect(own, create=True)) as prefix:
        prefix.execute("ATTACH ? AS whole", (str(path),))
        for table in ("streams", "texts", "subject_keys"):
            prefix.execute(f"INSERT INTO {table} SELECT * FROM whole.{table} ORDER BY 1")
        prefix.execute("INSERT INTO log SELECT * FROM whole.log WHERE position <= ? ORDER BY position", (position,))
    with ours.ledger(own) as ledger:
        ledger.runner.rebuild(*[projection.name for projection in FILLED])
    with closing(connect(own)) as ours_there, closing(sqlite3.connect(other)) as orms:
        for projection in FILLED:
            found = [_rows(one, projection) for one in (ours_there, orms)]
            note(f"  {projection.name}: {len(found[0])} rows")
            assert found[0]
            assert found[0] == found[1], [pair for pair in zip(*found, strict=True) if pair[0] != pair[1]][:2]


def _rows(connection, projection: Projection[Any]) -> list[Any]:
    names = ", ".join(f'"{about.name}"' for about in columns(projection.row))
    keys = ", ".join(projection.key)
    found: list[Any] = connection.execute(f"SELECT {names} FROM {projection.name} ORDER BY {keys}").fetchall()
    return found
