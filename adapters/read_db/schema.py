"""The read database: tables made from the row classes of `projections`, and the two views over them and the receipts.

It lies in the file of the log, so that rows and checkpoints can be written in an append's transaction. All of it can be
built again from the log.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, delete, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from adapters.sqlite.store import immediate
from domain.instant import Instant
from projections.backlog import BacklogRow
from projections.base import Column as About
from projections.base import columns
from projections.catalogue import PROJECTIONS
from projections.store import Checkpoint, Parked, TreeRow


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One row a command that was answered for good, refused ones too; a view over the receipts."""

    number: Annotated[int, About("Gapless number of the receipt.")]
    command_id: Annotated[str, About("The command's id.")]
    command: Annotated[str, About("The command's name.")]
    stream: Annotated[str, About("Stream it was decided on, such as ticket:ID.")]
    outcome: Annotated[str, About("accepted (also where nothing changed) or refused.")]
    first_position: Annotated[int | None, About("Position in the log of its first event; null where it made none.")]
    last_position: Annotated[int | None, About("Position of its last event. Its events may have others between them.")]
    reasons: Annotated[str, About("JSON array of the reasons of a refusal: code, sentence, facts; empty if accepted.")]
    principal: Annotated[str, About("Door and principal that sent it.")]
    recorded_at: Annotated[Instant, About("When the answer was recorded.")]


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
BACKLOG: Final = _table("rpt_backlog", BacklogRow, (), is_view=True)
COMMANDS: Final = _table("fct_commands", CommandRow, (), is_view=True)

# An inline projection is written with every append, and each index would be written again with each row: its few
# conditions scan the table instead, which takes milliseconds for 100,000 tickets.
for _one in PROJECTIONS:
    if _one.personal and not _one.inline:
        _rows = TABLES[_one.name]
        Index(f"{_one.name}_person", _rows.c.person, sqlite_where=_rows.c.person.is_not(None))
        # The rows whose texts are of two people (base.SEVERAL_PEOPLE): few, and an erasure must find them.
        Index(f"{_one.name}_people", _rows.c.ticket_id, sqlite_where=text("instr(person, char(10)) > 0"))

VIEWS: Final = {
    "rpt_backlog": (
        "CREATE VIEW rpt_backlog AS\n"
        "    SELECT status, status_type, department, team, count(*) AS tickets\n"
        "    FROM dim_tickets\n"
        "    WHERE NOT is_deleted AND NOT is_archived\n"
        "    GROUP BY status, status_type, department, team"
    ),
    # The receipts keep their answer as JSON bytes, and json_extract reads text only.
    "fct_commands": (
        "CREATE VIEW fct_commands AS\n"
        "    SELECT number, command_id, command, stream, outcome,\n"
        "           json_extract(CAST(answer AS TEXT), '$.positions[0]') AS first_position,\n"
        "           json_extract(CAST(answer AS TEXT), '$.positions[#-1]') AS last_position,\n"
        "           coalesce(json_extract(CAST(answer AS TEXT), '$.reasons'), '[]') AS reasons,\n"
        "           principal, recorded_at\n"
        "    FROM receipts"
    ),
}


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

    A projection's table that is not as its row class has it is dropped with its checkpoint and made anew; the next
    `catch_up` fills it. Opening a database that has everything takes no lock and writes nothing.
    """
    if _missing(connection):
        with joined(connection):
            for statement in _missing(connection):
                connection.execute(statement)


def _missing(connection: sqlite3.Connection) -> list[str]:
    """The statements that are needed, in order."""
    stored: dict[str, str] = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    statements: list[str] = []
    for table in METADATA.sorted_tables:
        if table.info["is_view"]:
            continue
        statement = str(CreateTable(table).compile(dialect=_SQLITE)).strip()
        is_there = table.name in stored
        is_as_wanted = is_there and stored[table.name].split() == statement.split()
        if is_there and not is_as_wanted:
            statements += _dropping(table)
        if not is_as_wanted:
            statements.append(statement)
        statements += [
            str(CreateIndex(index).compile(dialect=_SQLITE))
            for index in sorted(table.indexes, key=lambda one: str(one.name))
            if not is_as_wanted or index.name not in stored
        ]
    for name, view in VIEWS.items():
        if stored.get(name) != view:
            statements += [f"DROP VIEW IF EXISTS {name}", view]
    return statements


def _dropping(table: Table) -> list[str]:
    statements = [str(DropTable(table).compile(dialect=_SQLITE))]
    if table.name in TABLES:
        literal = {"literal_binds": True}
        for kept, name in ((CHECKPOINTS, CHECKPOINTS.c.name), (PARKED, PARKED.c.projection)):
            statements.append(
                str(delete(kept).where(name == table.name).compile(dialect=_SQLITE, compile_kwargs=literal))
            )
    return statements
