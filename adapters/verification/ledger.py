"""Verification of one ledger's file."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from adapters.sqlite.store import BUSY_SECONDS, NotALedger
from adapters.verification.codec import StrictCodec
from adapters.verification.layout import has_views
from adapters.verification.log import SideTexts, SqliteLog
from adapters.verification.reading import all_rows
from adapters.verification.views import StoredRows
from domain.integrity import Frontier
from domain.journal import StoreUnavailable
from replay.findings import Finding, Pin, Unreadable, Verification
from replay.verify import OnProgress, quietly, verify

_OUT_OF_REACH: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


def verify_ledger(
    path: Path,
    *,
    pin: Pin | None = None,
    projections: bool = True,
    followed: Collection[str] = (),
    on_progress: OnProgress = quietly,
) -> Verification:
    """Check a ledger's file as it is now, also one too damaged to be opened otherwise; nothing is written.

    With `projections`, their rows are compared with a fresh fold, which reads the log twice, and SQLite checks its
    pages; without, an index that hides a row from those who use it is not noticed. `followed` are upstream applications
    whose positions may stand in `tracking`. Raises NotALedger where there is no file, StoreUnavailable
    where it is out of reach; damage is a finding.
    """
    if not path.exists():
        raise NotALedger(f"{path} does not exist; `deskledger db init` makes it")
    with _reading(path) as connection:
        try:
            texts = SideTexts(connection)
            total = all_rows(connection, "log", "SELECT max(position) FROM log")[0][0] or 0
            views = StoredRows(connection, texts) if projections and has_views(connection) else None
        except Unreadable as damage:
            return _unreadable(str(damage), pin)
        log = SqliteLog(connection, texts, followed, with_pages=projections)
        return verify(log, StrictCodec(), total, views=views, pin=pin, on_progress=on_progress)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One state of the file, whoever writes meanwhile."""
    try:
        location = f"file:{quote(str(path.absolute()))}?mode=ro"
        connection = sqlite3.connect(location, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error}") from None
    try:
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF in _OUT_OF_REACH:
                raise StoreUnavailable(f"{path} cannot be read: {error}") from None
        except UnicodeDecodeError:
            pass  # SQLite complains in the words of a damaged schema; whoever reads a table hears of it again
        yield connection
    finally:
        connection.close()


def _unreadable(reason: str, pin: Pin | None) -> Verification:
    """Nothing can be read, so nothing is proven."""
    found = Finding(None, "the file", "", reason)
    return Verification(False, 0, 0, Frontier().head, "not consistent", pin, found, 1, (found,))
