"""Rows of a projection in one SQLite table: the statements, and the way between row objects and column values.

SQLAlchemy Core writes each statement once; the raw connection runs it, which is several times faster in bulk.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Table, bindparam, delete, select, text, union_all
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import ClauseElement

from projections.base import Key, Projection, erased

_DIALECT: Final = sqlite.dialect()


def sql(statement: ClauseElement) -> str:
    """The text of a Core statement for SQLite, with `?` for each parameter in order."""
    return str(statement.compile(dialect=_DIALECT))


class RowTable:
    """Reads and writes the rows of one projection, in its own table or in a copy of it."""

    def __init__(self, projection: Projection[Any], table: Table) -> None:
        self.projection = projection
        self.table = table
        key = list(table.primary_key)
        insert = sqlite.insert(table)
        kept = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
        by = projection.key[0]
        ticket_id = table.c[by]
        mine = select(table).where(table.c.person == bindparam("person")) if projection.personal else None
        several = text(f"{by} IN (SELECT value FROM json_each(?))")  # noqa: S608 - a column of ours
        self._insert = sql(insert)
        self._replace = self._insert.replace("INSERT", "INSERT OR REPLACE", 1)
        self._upsert = sql(insert.on_conflict_do_update(index_elements=key, set_=kept))
        self._find_one = sql(select(table).where(ticket_id == bindparam(by)).order_by(*key))
        self._find_several = sql(select(table).where(several).order_by(*key))
        # The two conditions are those of the two indexes over `person`, as `schema` has them.
        shared = select(table).where(text("instr(person, char(10)) > 0 AND instr(person, ?) > 0"))
        self.find_of_person = "" if mine is None else sql(union_all(mine, shared))
        self._booleans = [place for place, column in enumerate(table.c) if isinstance(column.type, Boolean)]

    def row(self, values: Sequence[Any]) -> Any:
        """The row object of column values; SQLite has no booleans of its own."""
        plain = list(values)
        for place in self._booleans:
            if plain[place] is not None:
                plain[place] = bool(plain[place])
        return self.projection.row(*plain)

    def write(self, connection: sqlite3.Connection, rows: Sequence[Any]) -> None:
        """Insert the rows, or put them in the place of those of the same key."""
        if len(rows) == 1:
            connection.execute(self._upsert, rows[0])
        elif rows:
            connection.executemany(self._upsert, rows)

    def put(self, connection: sqlite3.Connection, rows: Sequence[Any]) -> None:
        """As `write`, of a table without indexes beside its key: a row that is there goes, and costs no comparison."""
        connection.executemany(self._replace, rows)

    def find(self, connection: sqlite3.Connection, ticket_ids: Iterable[str]) -> dict[str, dict[Key, Any]]:
        """The rows of these tickets by key, in key order; one query."""
        wanted = list(ticket_ids)
        if len(wanted) == 1:
            found = connection.execute(self._find_one, wanted)
        else:
            found = connection.execute(self._find_several, (json.dumps(wanted, ensure_ascii=False),))
        tickets: dict[str, dict[Key, Any]] = {}
        key_of, id_of = self.projection.key_of, self.projection.id_of
        for row in map(self.row, found):
            tickets.setdefault(id_of(row), {})[key_of(row)] = row
        return tickets

    def erase(self, connection: sqlite3.Connection, person: str) -> None:
        """Take a person's texts out of all rows (E-14), those that hold another person's too (base.SEVERAL_PEOPLE)."""
        found = connection.execute(self.find_of_person, (person, person)).fetchall()
        self.write(connection, [erased(self.projection, row, person) for row in map(self.row, found)])

    def copied_from(self, connection: sqlite3.Connection, other: "RowTable") -> None:
        """Put the rows of the other table in the place of all of this one; its indexes are to be made anew."""
        self._empty(connection)
        ordered = select(other.table).order_by(*other.table.primary_key)
        connection.execute(sql(self.table.insert().from_select(list(self.table.c), ordered)))

    def replaced_by(self, connection: sqlite3.Connection, rows: Sequence[Any]) -> None:
        """Put the rows given in the place of all; the table's indexes are to be made anew."""
        self._empty(connection)
        connection.executemany(self._insert, rows)

    def _empty(self, connection: sqlite3.Connection) -> None:
        """Without rows and without indexes, which are made in a third of the time when all rows are there."""
        of_table = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        for (name,) in connection.execute(of_table, (self.table.name,)).fetchall():
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute(sql(delete(self.table)))

    def without(self, connection: sqlite3.Connection, other: "RowTable") -> dict[Key, Any]:
        """The rows that the other table does not have, or has otherwise, by key."""
        found = connection.execute(sql(select(self.table).except_(select(other.table))))
        return {self.projection.key_of(row): row for row in map(self.row, found)}

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the table, without its indexes."""
        connection.execute(sql(CreateTable(self.table)))
