"""Which program made the tables of a file: told by the versions beside the checkpoints."""

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.sqlite.store import read_only_uri
from projections.catalogue import PROJECTIONS


def left_by_an_older_program(path: Path) -> bool:
    """Whether the file lacks a projection of this program or has an older version; False for an unreadable file."""
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True)) as connection:
            versions = dict(connection.execute("SELECT name, version FROM meta_projections").fetchall())
    except sqlite3.Error:
        return False
    if not versions:
        return False
    return any(versions.get(one.name, 0) < one.version for one in PROJECTIONS)
