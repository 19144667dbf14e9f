"""The read database: tables made from the row classes of `projections`, and the views over them and the receipts.

It lies in the file of the log, so that rows and checkpoints can be written in an append's transaction. All of it can be
built again from the log.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, Column, Delete, Index, Integer, MetaData, Table, Text, delete, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable, ExecutableDDLElement
from sqlalchemy.types import TypeEngine

from adapters.read_db.figures.views import INDEXES, REPORT_VIEWS
from adapters.read_db.views import VIEWS
from adapters.sqlite.store import immediate
from projections.base import Projection, columns
from projections.catalogue import PROJECTIONS
from projections.store import Checkpoint, Parked, TreeRow

_TYPES: Final[dict[type, TypeEngine[Any]]] = {str: Text(), int: Integer(), bool: Boolean()}
_SQLITE: Final = sqlite.dialect()
METADATA: Final = MetaData()


def _table(name: str, row: type, key: tuple[str, ...], *, is_view: bool = False) -> Table:
    # Rows of intervals are short and read by ticket: clustered by their key, one tree serves both.
    with_rowid = len(key) < 2 or any(about.personal for about in columns(row))
    return Table(
        name,
        METADATA,
        *(
            Column(
                about.name,
                _TYPES[about.type],
                primary_key=about.name in key,
                nullable=about.is_nullable,
                autoincrement=False,
                comment=about.comment,
            )
            for about in columns(row)
        ),
        comment=(row.__doc__ or "").strip(),
        info={"row": row, "is_view": is_view},
        sqlite_with_rowid=with_rowid,
    )


TABLES: Final = {one.name: _table(one.name, one.row, one.key) for one in PROJECTIONS}
"""The table of each projection."""
TICKETS: Final = TABLES["dim_tickets"]
CHECKPOINTS: Final = _table("meta_projections", Checkpoint, ("name",))
PARKED: Final = _table("meta_parked", Parked, ("projection", "ticket_id"))
TREE: Final = _table("meta_tree", TreeRow, ("size",))
_BY_NAME: Final = {view.name: _table(view.name, view.row, (), is_view=True) for view in (*VIEWS, *REPORT_VIEWS)}
BACKLOG: Final = _BY_NAME["rpt_backlog"]
COMMANDS: Final = _BY_NAME["fct_commands"]
_VERSIONS: Final = {one.name: one.version for one in PROJECTIONS}

# An inline projection is written with every append, and each index would be written again with each row: its few
# conditions scan the table instead, which takes milliseconds for 100,000 tickets.
for _one in PROJECTIONS:
    if _one.personal and not _one.inline:
        _rows = TABLES[_one.name]
        Index(f"{_one.name}_person", _rows.c.person, sqlite_where=_rows.c.person.is_not(None))
        # The rows whose texts are of two people (base.SEVERAL_PEOPLE): few, and an erasure must find them.
        Index(f"{_one.name}_people", _rows.c[_one.key[0]], sqlite_where=text("instr(person, char(10)) > 0"))

for _name, (_of, _columns, _where) in INDEXES.items():
    Index(_name, *(TABLES[_of].c[_column] for _column in _columns), sqlite_where=text(_where) if _where else None)


@contextmanager
def joined(connection: sqlite3.Connection) -> Iterator[None]:
    """The transaction that is open, or one of its own."""
    if connection.in_transaction:
        yield
    else:
        with immediate(connection):
            yield


def create(connection: sqlite3.Connection) -> None:
    """Make what is missing of the read database, in the caller's transaction or in one of its own.

    A table that another version of its projection made is left as it is, with its indexes and with the views there are,
    so that whoever reads it goes on; `remake` gives way to the new shape when the rows for it are ready. A table that
    is otherwise not as its row class has it is dropped with its checkpoint and made anew; the next `catch_up` fills it.
    Opening a database that has everything takes no lock and writes nothing.
    """
    if _missing(connection):
        with joined(connection):
            for statement in _missing(connection):
                connection.execute(statement)


def remake(connection: sqlite3.Connection, projection: Projection[Any]) -> None:
    """Make a projection's table anew, empty, where it has another shape than the row class; within a transaction."""
    if not has_own_shape(connection, projection):
        table = TABLES[projection.name]
        for statement in (_text(DropTable(table)), *_making(table)):
            connection.execute(statement)


def has_own_shape(connection: sqlite3.Connection, projection: Projection[Any]) -> bool:
    """Whether the stored table of a projection has the columns of its row class."""
    table = TABLES[projection.name]
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (table.name,))
    return [name for (name,) in found] == [column.name for column in table.c]


def _text(statement: ExecutableDDLElement | Delete) -> str:
    return str(statement.compile(dialect=_SQLITE, compile_kwargs={"literal_binds": True})).strip()


@cache
def _indexes(table: Table) -> dict[str, str]:
    """The statement that makes each index of a table, by the index's name."""
    return {str(one.name): _text(CreateIndex(one)) for one in sorted(table.indexes, key=lambda one: str(one.name))}


@cache
def _making(table: Table) -> list[str]:
    return [_text(CreateTable(table)), *_indexes(table).values()]


def _missing(connection: sqlite3.Connection) -> list[str]:
    """The statements that are needed, in order."""
    query = "SELECT name, sql, tbl_name, type FROM sqlite_master WHERE sql IS NOT NULL"
    found = connection.execute(query).fetchall()
    stored: dict[str, str] = {name: sql for name, sql, _, _ in found}
    versions = (
        dict(connection.execute("SELECT name, version FROM meta_projections")) if CHECKPOINTS.name in stored else {}
    )
    statements: list[str] = []
    are_all_current = True
    for table in METADATA.sorted_tables:
        if table.info["is_view"]:
            continue
        making, indexes = _making(table), _indexes(table)
        if table.name not in stored:
            statements += making
        elif stored[table.name].split() != making[0].split():
            if versions.get(table.name, _VERSIONS.get(table.name)) != _VERSIONS.get(table.name):
                are_all_current = False
                continue
            statements += [*_dropping(table), *making]
        else:
            old = {name: sql for name, sql, of, kind in found if kind == "index" and of == table.name}
            gone = [name for name, sql in old.items() if sql.split() != indexes.get(name, "").split()]
            statements += [f'DROP INDEX "{name}"' for name in sorted(gone)]
            statements += [sql for name, sql in indexes.items() if name in gone or name not in old]
    for view in (*VIEWS, *REPORT_VIEWS):
        if view.name not in stored:
            statements.append(view.sql)
        elif stored[view.name] != view.sql and are_all_current:
            statements += [f"DROP VIEW {view.name}", view.sql]
    return statements


def _dropping(table: Table) -> list[str]:
    statements = [_text(DropTable(table))]
    if table.name in TABLES:
        for kept, name in ((CHECKPOINTS, CHECKPOINTS.c.name), (PARKED, PARKED.c.projection)):
            statements.append(_text(delete(kept).where(name == table.name)))
    return statements
