"""A log, its read database in memory and a runner over both, and what one fold over the log gives."""

import sqlite3
from contextlib import closing

from adapters.read_db.schema import create
from adapters.read_db.store import SqliteViews
from projections.catalogue import PROJECTIONS
from projections.folding import advance
from projections.memory import MemoryRows
from projections.parking import skips_of
from projections.runner import Runner
from projections.store import Checkpoint, Step
from tests.projections.histories import Log

NAMES = [one.name for one in PROJECTIONS]


class Desk:
    """A log, its read database in memory, and a runner over both."""

    def __init__(self, log=None, projections=PROJECTIONS, connection=None, **limits):
        self.log = log or Log()
        self.connection = connection or sqlite3.connect(":memory:", isolation_level=None)
        create(self.connection)
        self.views = SqliteViews(self.connection)
        self.runner = Runner(projections, self.views, self.log, **limits)

    def append(self, *events):
        """Fold events into the inline projections as an append would."""
        with self.views.transaction():
            self.runner.inline(events)

    def rows(self, name):
        return self.connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall()

    def all_rows(self):
        return {name: self.rows(name) for name in [*NAMES, "meta_parked"]}

    def checkpoints(self):
        return {name: tuple(rest) for name, *rest in self.rows("meta_projections")}


def at_end(size):
    """The checkpoints of all projections at the end of a log of so many events."""
    return {one.name: (one.version, size, size) for one in PROJECTIONS}


def folded_at_once(log):
    """The rows of one fold in memory over the log as it reads now."""
    fresh = Desk(log)
    with closing(fresh.connection):
        rows = MemoryRows()
        for projection in PROJECTIONS:
            fold_all(projection, rows, log)
            fresh.views.write(_all_of(projection, rows))
        return fresh.all_rows()


def fold_all(projection, rows, log):
    """Fold the whole log at once, with all that it skips known from the start."""
    skipped = skips_of(log, projection)(len(log.events))
    advance(projection, rows, log.events, lambda _: skipped)


def _all_of(projection, rows):
    end = rows.progress().of(projection)
    start = Checkpoint(projection.name, projection.version, 0, 0)
    return Step(projection, start, end, rows.all_rows(projection), rows.parked)
