"""Any past as a read database in memory: the rows that the folds give for exactly the events that are seen (E-03).

The figures' queries run over it as they run over the live tables. Only what figures read is in it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex

from adapters.read_db.figures.tables import READ
from adapters.read_db.rows import sql
from adapters.read_db.store import live_rows
from domain.recorded import Recorded
from projections.base import Projection
from projections.folding import advance
from projections.memory import MemoryRows

_BATCH: Final = 5_000

Rows = Mapping[str, Sequence[Any]]
"""Rows by the name of their projection; a projection that is not named has none."""


def folded(events: Iterable[Recorded], projections: Sequence[Projection[Any]] = READ) -> Rows:
    """The rows of these events, which are read once."""
    views, following = MemoryRows(), iter(events)
    while batch := list(islice(following, _BATCH)):
        for projection in projections:
            advance(projection, views, batch)
    return {projection.name: views.take_rows(projection) for projection in projections}


@contextmanager
def database_of(rows: Rows) -> Iterator[Connection]:
    """A database in memory that holds these rows; it is gone at the end."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as raw:
        for projection in READ:
            table = live_rows(projection)
            table.create(raw)
            raw.execute("BEGIN")
            table.write(raw, rows.get(projection.name, ()))
            raw.execute("COMMIT")
            for index in table.table.indexes:
                raw.execute(sql(CreateIndex(index)))
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@contextmanager
def past_database(events: Iterable[Recorded]) -> Iterator[Connection]:
    """The read database as these events left it, such as `replay.time_travel.seen_from` gives them."""
    with database_of(folded(events)) as connection:
        yield connection
