"""Any past as a read database in memory: the rows that the folds give for exactly the events that are seen (E-03).

The figures' queries run over it as they run over the live tables. Only what figures read is in it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.read_db.figures.tables import READ
from adapters.read_db.rows import sql
from adapters.read_db.schema import PARKED
from adapters.read_db.store import live_rows
from domain.projecting import projection_stream
from domain.recorded import Recorded
from projections.base import Projection
from projections.folding import advance
from projections.memory import MemoryRows
from projections.parking import fold_again, requests, skips_of
from projections.store import Parked

_BATCH: Final = 5_000
_ANYWHERE: Final = 2**63 - 1
"""Behind every position: a skip that stands in the cut counts wherever it stands, as in `parking.rows_of_cut`."""

Rows = Mapping[str, Sequence[Any]]
"""Rows by the name of their projection; a projection that is not named has none."""


@dataclass(slots=True)
class _Kept:
    """What must be kept of a log that is read once: what people signed for, and what waits behind a parked event."""

    streams: dict[str, list[Recorded]] = field(default_factory=dict)

    def load(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded]]:
        """What is kept of these streams, in order."""
        return {stream: self.streams[stream] for stream in streams if stream in self.streams}

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Nothing follows."""
        return ()

    def leaves(self, after: int, limit: int) -> Sequence[bytes]:
        """No leaf follows."""
        return ()

    def keep(self, batch: Sequence[Recorded], streams: Set[str]) -> None:
        """Take in the events of these streams."""
        for recorded in batch:
            if recorded.stream in streams:
                self.streams.setdefault(recorded.stream, []).append(recorded)


@dataclass(frozen=True, slots=True)
class Folded:
    """What a cut of the log folds to."""

    rows: Rows
    parked: tuple[Parked, ...]
    """The tickets whose rows stand still, as far as the cut knows."""


def folded(events: Iterable[Recorded], projections: Sequence[Projection[Any]] = READ) -> Folded:
    """The rows of these events, which are read once; the skips that stand among them count (E-03).

    They are what `parking.rows_of_cut` gives for each projection: an event that a later skip passes over parks its
    ticket, what waits behind it is kept, and the ticket is folded again at the end.
    """
    views, kept, following = MemoryRows(), _Kept(), iter(events)
    decisions = {projection_stream(projection.name) for projection in projections}
    while batch := list(islice(following, _BATCH)):
        kept.keep(batch, decisions)
        for projection in projections:
            advance(projection, views, batch, skips_of(kept, projection))
        parked = views.progress().parked
        waiting = {f"{one.stream}:{ticket_id}" for one in projections for ticket_id in parked.get(one.name, ())}
        if waiting:
            kept.keep(batch, waiting)
    for projection in projections:
        asked = requests(kept.streams.get(projection_stream(projection.name), ()))
        if asked:
            fold_again(kept, projection, views, asked, _ANYWHERE)
    return Folded({one.name: views.take_rows(one) for one in projections}, tuple(views.parked))


@contextmanager
def database_of(rows: Rows, parked: Sequence[Parked] = ()) -> Iterator[Connection]:
    """A database in memory that holds these rows, and which tickets are parked; it is gone at the end."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as raw:
        for projection in READ:
            table = live_rows(projection)
            table.create(raw)
            raw.execute("BEGIN")
            table.write(raw, rows.get(projection.name, ()))
            raw.execute("COMMIT")
            for index in table.table.indexes:
                raw.execute(sql(CreateIndex(index)))
        raw.execute(sql(CreateTable(PARKED)))
        told = [(one.projection, one.ticket_id, one.position, one.reason) for one in parked]
        raw.executemany("INSERT INTO meta_parked (projection, ticket_id, position, reason) VALUES (?, ?, ?, ?)", told)
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@contextmanager
def past_database(events: Iterable[Recorded]) -> Iterator[Connection]:
    """The read database as these events left it, such as `replay.time_travel.seen_from` gives them."""
    found = folded(events)
    with database_of(found.rows, found.parked) as connection:
        yield connection
