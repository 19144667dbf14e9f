"""Verification of one ledger's file."""

import os
import sqlite3
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from adapters.sqlite.store import NotALedger
from adapters.verification.codec import StrictCodec
from adapters.verification.log import SqliteLog
from adapters.verification.reading import all_rows
from adapters.verification.snapshot import begin, begin_together, opened
from adapters.verification.texts import SideTexts
from adapters.verification.views import StoredRows
from adapters.verification.workers import SharedComparisons, Worker, started
from domain.integrity import Frontier
from projections.catalogue import PROJECTIONS
from replay.findings import Finding, Pin, Unreadable, Verification
from replay.row_check import RowCheck
from replay.verify import OnProgress, quietly, verify

LARGE: Final = 20_000
"""From how many events on a second process pays: it takes a fifth of a second to start, as 5,000 events do."""


def processes_for(events: int) -> int:
    """How many processes a verification takes where nobody says: two for a large log, where there are two cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 2 if events >= LARGE and cores > 1 else 1


def verify_ledger(
    path: Path,
    *,
    pin: Pin | None = None,
    projections: bool = True,
    followed: Collection[str] = (),
    processes: int | None = 1,
    on_progress: OnProgress = quietly,
) -> Verification:
    """Check a ledger's file as it is now, also one too damaged to be opened otherwise; nothing is written.

    With `projections`, their rows are compared with a fresh fold, which reads the log twice, and SQLite checks its
    pages; without, an index that hides a row from those who use it is not noticed. `followed` are upstream applications
    whose positions may stand in `tracking`.

    `processes` share the comparing of rows, None being `processes_for` the log; the answer is the same. Where others
    commit so often that two processes cannot come to see one state, one does everything. Raises WorkerLost where one
    of them ends early, NotALedger where there is no file, StoreUnavailable where it is out of reach; damage is a
    finding.
    """
    if not path.exists():
        raise NotALedger(f"{path} does not exist; `deskledger db init` makes it")
    with opened(path) as connection, ExitStack() as stack:
        begin(connection, path)
        try:
            workers: list[Worker] = []
            if projections and _has_views(connection):
                wanted = processes_for(_end(connection)) if processes is None else processes
                workers = _joined(path, connection, wanted - 1, stack)
            texts = SideTexts(connection)
            total = _end(connection)
            views = StoredRows(connection, texts) if projections and _has_views(connection) else None
        except Unreadable as damage:
            return _unreadable(str(damage), pin)
        comparisons = None
        if views is not None and workers:
            comparisons = SharedComparisons(RowCheck(views, PROJECTIONS), workers, views.parts())
        log = SqliteLog(connection, texts, followed, with_pages=projections)
        return verify(log, StrictCodec(), total, views=views, comparisons=comparisons, pin=pin, on_progress=on_progress)


def _has_views(connection: sqlite3.Connection) -> bool:
    # A process that compares rows imports this module, and starts sooner without the layout's SQLAlchemy.
    from adapters.verification.layout import has_views

    return has_views(connection)


def _end(connection: sqlite3.Connection) -> int:
    """The log's last position."""
    return all_rows(connection, "log", "SELECT max(position) FROM log")[0][0] or 0


def _joined(path: Path, connection: sqlite3.Connection, how_many: int, stack: ExitStack) -> list[Worker]:
    """Other processes that see the same state as the connection does after this; none where that was not possible."""
    if how_many < 1:
        return []
    workers = stack.enter_context(started(path, how_many))
    begins = [lambda: begin(connection, path), *(each.begin for each in workers)]
    return workers if begin_together(path, begins) else []


def _unreadable(reason: str, pin: Pin | None) -> Verification:
    """Nothing can be read, so nothing is proven."""
    found = Finding(None, "the file", "", reason)
    return Verification(False, 0, 0, Frontier().head, "not consistent", pin, found, 1, (found,))
