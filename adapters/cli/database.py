"""`deskledger db`: making the file of a ledger, and saying what is in one."""

import json
from typing import TYPE_CHECKING, Any, Final

import typer

from adapters.cli.options import Call, Db, Json
from adapters.cli.output import document, facts, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adapters.wiring import Ledger

app: Final = typer.Typer(name="db", help="Make a database, or say what is in it.", no_args_is_help=True)


@app.command("init")
def init(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """Make the database file; one that is there already is left as it is."""
    from adapters.wiring import path_of

    call = Call.of(context, db, as_json)
    was_there = path_of(call.url).exists()
    with call.ledger(create=True) as ledger:
        about = {"created": not was_there, **_about(ledger)}
    say(f"{about['path']} was there already" if was_there else f"made {about['path']}")
    _show(about, call)


@app.command("info")
def info(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """How much the log holds, its head, and the versions at work. A missing or foreign file: exit code 6."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        about = _about(ledger)
    _show(about, call)


def _about(ledger: "Ledger") -> dict[str, Any]:
    from platform import python_version
    from sqlite3 import sqlite_version

    from sqlalchemy import column, func, select, table

    from adapters.sqlite.schema import FORMAT

    with ledger.reading() as connection:
        counts = {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in ("log", "streams", "receipts")
        }
        last: int | None = connection.execute(
            select(func.max(column("position"))).select_from(table("log"))
        ).scalar_one()
        head = _head(connection)
    return {
        "events": counts["log"],
        "streams": counts["streams"],
        "receipts": counts["receipts"],
        "last_position": last or 0,
        "head": head,
        "store": "sqlite",
        "path": str(ledger.path),
        "versions": {
            "deskledger": _own_version(),
            "layout": FORMAT,
            "sqlite": sqlite_version,
            "python": python_version(),
        },
    }


def _head(connection: "Connection") -> str:
    """The head of the log, from the right edge of the tree that the read database keeps."""
    from sqlalchemy import select

    from adapters.read_db.schema import TREE
    from domain.integrity import Frontier

    row = connection.execute(select(TREE)).first()
    if row is None:
        return Frontier().head
    return Frontier(row.size, tuple(bytes.fromhex(peak) for peak in json.loads(row.peaks))).head


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("deskledger")
    except PackageNotFoundError:
        return "not installed"


def _show(about: dict[str, Any], call: Call) -> None:
    if call.as_json:
        document(about)
        return
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    facts([*((name, about[name]) for name in about if name != "versions"), ("versions", versions)])
