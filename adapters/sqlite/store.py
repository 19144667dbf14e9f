"""Opening the one file: pragmas, layout, transactions, and what goes wrong said in one sentence."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from adapters.sqlite.schema import FORMAT, GUARDS, TABLES
from domain.journal import JournalError, StoreUnavailable

BUSY_SECONDS: Final = 30.0
"""How long a writer waits for another one before it gives up with StoreUnavailable."""


class NotALedger(JournalError):
    """The file is missing, or is not a DeskLedger database of a layout this version reads."""


def read_only_uri(path: Path) -> str:
    """What opens a file, wherever it lies, for reading alone; for `sqlite3.connect(..., uri=True)`."""
    return f"file:{quote(str(path.absolute()))}?mode=ro"


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection to a ledger file; with `create` a missing or empty file gets the layout.

    Raises NotALedger for a foreign or missing file and StoreUnavailable where it cannot be opened or is locked.
    """
    if not create and not path.exists():
        raise NotALedger(f"{path} does not exist; `deskledger db init` makes it")
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"{path} cannot be opened: {error}") from None
    try:
        _prepare(connection, path, create=create)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    try:
        # A key that is destroyed must not linger in free pages of the file (E-14).
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        # Pages of 16 MB hold the trees' inner pages of a million events, and little more would be used again.
        connection.execute("PRAGMA cache_size = -16384")
        if _format_of(connection) is None:
            if not create or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise NotALedger(f"{path} is not a DeskLedger database")
            connection.execute("PRAGMA journal_mode = WAL")
            _lay_out(connection)
        if (found := _format_of(connection)) != FORMAT:
            raise NotALedger(f"{path} has the layout {found}, this version reads the layout {FORMAT}")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise StoreUnavailable(f"{path}: {error}") from None
        raise NotALedger(f"{path} is not a DeskLedger database: {error}") from None


def _format_of(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ledger' AND type = 'table'").fetchone():
        return None
    row = connection.execute("SELECT value FROM ledger WHERE name = 'format'").fetchone()
    return None if row is None else str(row[0])


def _lay_out(connection: sqlite3.Connection) -> None:
    with immediate(connection):
        if _format_of(connection) is not None:
            return  # another process was first
        for statement in (*TABLES, *GUARDS):
            connection.execute(statement)
        connection.execute("INSERT INTO ledger VALUES ('format', ?)", (FORMAT,))


class immediate:  # noqa: N801 - used as a function; a generator would cost every command more
    """A write transaction that takes its place at once: committed at the end, rolled back on any exception."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"the database is locked by another writer: {error}") from None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._roll_back()
            return
        try:
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            raise StoreUnavailable(f"the database could not be written: {error}") from None

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def among(column: str, values: Sequence[str]) -> tuple[str, tuple[str]]:
    """The condition that a column is one of these texts, and its parameter; one text is looked up directly."""
    if len(values) == 1:
        return f"{column} = ?", (values[0],)
    return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(values),)


def scrub(connection: sqlite3.Connection) -> bool:
    """Bring the write-ahead log into the file and empty it, so that destroyed keys are in no file of the database.

    False where another process still reads older pages; the same call succeeds when it has finished.
    """
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False  # another process is about to do the same, or recovers the file
    return not busy
