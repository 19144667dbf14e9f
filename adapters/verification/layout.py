"""What the file must be made of: every table, index, view and guard as this version lays it out, and nothing else."""

import sqlite3
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from adapters.read_db import schema as read_db
from adapters.sqlite.schema import FORMAT, GUARDS, TABLES
from adapters.verification.reading import all_rows
from replay.findings import Finding

_OBJECTS: Final = "SELECT name, type, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_INTEGRITY: Final = "PRAGMA integrity_check(20)"

Objects = dict[str, tuple[str, list[str]]]
"""Type and the words of the definition, by name."""


def _objects(connection: sqlite3.Connection) -> Objects:
    found = all_rows(connection, "sqlite_master", _OBJECTS)
    return {name: (kind, str(sql).split()) for name, kind, sql in found}


@cache
def _wanted() -> tuple[Objects, Objects]:
    """The log's part and the read database's part, as SQLite itself writes them down."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in (*TABLES, *GUARDS):
            connection.execute(statement)
        log = _objects(connection)
        read_db.create(connection)
        return log, {name: one for name, one in _objects(connection).items() if name not in log}
    finally:
        connection.close()


def has_views(connection: sqlite3.Connection) -> bool:
    """Whether the file has a read database, or a part of one."""
    return not _wanted()[1].keys().isdisjoint(_objects(connection))


def layout_faults(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What is missing, changed or foreign among tables, indexes, views and triggers; a dropped guard is found here."""
    stored = _objects(connection)
    log, views = _wanted()
    wanted = log | views if has_views(connection) else log
    for name, (kind, words) in wanted.items():
        if name not in stored:
            yield Finding(None, "sqlite_master", name, f"the {kind} {name} is missing")
        elif stored[name] != (kind, words):
            yield Finding(None, "sqlite_master", name, f"the {kind} {name} is not as this version lays it out")
    for name in sorted(stored.keys() - wanted.keys()):
        yield Finding(None, "sqlite_master", name, f"the {stored[name][0]} {name} is not part of a ledger")


def property_faults(connection: sqlite3.Connection, followed: Collection[str]) -> Iterator[Finding]:
    """The ledger's properties, and the upstream positions of applications that nobody says it follows."""
    stored = dict(all_rows(connection, "ledger", "SELECT name, value FROM ledger"))
    for name in sorted({"format", *stored}, key=str):
        wanted = FORMAT if name == "format" else None
        if stored.get(name) != wanted:
            yield Finding(None, "ledger", str(name), f"{name} is {stored.get(name)!r}, and should be {wanted!r}")
    for application, at in all_rows(connection, "tracking", "SELECT application, notification_id FROM tracking"):
        if application not in followed or not isinstance(at, int):
            reason = f"position {at!r} of {application!r} is tracked, which this ledger does not follow"
            yield Finding(None, "tracking", f"{application} {at}", reason)


def page_faults(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What SQLite's own check says of pages and indexes: an index that hides a row from those who use it, say."""
    for (said,) in all_rows(connection, "the file", _INTEGRITY):
        if said != "ok":
            yield Finding(None, "the file", "", f"SQLite says: {' '.join(str(said).split())}")
