"""Erasing a person from a table that another version of its projection made, until it is swapped (E-14).

The row class of that version is not at hand, so more is erased rather than less: every personal column of today's class
and every text column that it does not know, in all rows that hold a text of the person. The rows built beside it are
exact.
"""

import sqlite3
from typing import Any

from adapters.read_db.schema import TABLES
from domain.values import ERASED
from projections.base import Projection


def erase_in_other_shape(connection: sqlite3.Connection, projection: Projection[Any], person: str) -> None:
    """Take a person's texts out of the stored table of a projection, whatever columns it has."""
    known = {column.name for column in TABLES[projection.name].c}
    found = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (projection.name,)).fetchall()
    if "person" not in {name for name, _, _ in found}:
        return
    texts = [
        name
        for name, kind, key in found
        if not key and (name in projection.personal or (kind == "TEXT" and name not in known))
    ]
    if not texts:
        return
    changes = ", ".join(f'"{name}" = iif("{name}" IS NULL, NULL, ?)' for name in texts)
    connection.execute(
        f"UPDATE {projection.name} SET {changes} "  # noqa: S608 - names of our own table
        "WHERE person = ? OR (instr(person, char(10)) > 0 AND instr(person, ?) > 0)",
        (*[ERASED] * len(texts), person, person),
    )
