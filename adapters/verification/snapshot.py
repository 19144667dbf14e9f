"""Reading connections to one ledger's file, and one state of it for several of them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.sqlite.store import BUSY_SECONDS, read_only_uri
from domain.journal import StoreUnavailable

_OUT_OF_REACH: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_TRIES: Final = 200
"""How often a common state is tried for; a try takes a fraction of a millisecond, and fails where somebody commits."""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write; StoreUnavailable where the file is out of reach."""
    try:
        connection = sqlite3.connect(read_only_uri(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error}") from None
    try:
        yield connection
    finally:
        connection.close()


def begin(connection: sqlite3.Connection, path: Path) -> None:
    """See one state of the file from now on, that of now, whoever writes meanwhile; damage is not told here."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in _OUT_OF_REACH:
            raise StoreUnavailable(f"{path} cannot be read: {error}") from None
    except UnicodeDecodeError:
        pass  # SQLite complains in the words of a damaged schema; whoever reads a table hears of it again


def begin_together(path: Path, begins: Sequence[Callable[[], None]]) -> bool:
    """Let several begin to see one and the same state; False where others commit so often that it was not possible.

    SQLite has no way to hand a state on. But `data_version` of a connection that looks on changes with every commit of
    another one, so where it is the same before and after, all that began between see the same.
    """
    try:
        with opened(path) as onlooker:
            for _ in range(_TRIES):
                before = onlooker.execute("PRAGMA data_version").fetchone()
                for each in begins:
                    each()
                if onlooker.execute("PRAGMA data_version").fetchone() == before:
                    return True
    except (sqlite3.Error, UnicodeDecodeError):
        return False  # so damaged that it cannot be asked, which whoever reads a table says better
    return False
