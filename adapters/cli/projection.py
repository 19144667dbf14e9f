"""`deskledger projection`: how far the read database has come, and making it anew from the log."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.exits import NotFound
from adapters.cli.options import Call, Db, Json
from adapters.cli.output import document, say, table

if TYPE_CHECKING:
    from adapters.wiring import Ledger

app: Final = typer.Typer(name="projection", help="Watch and rebuild what readers see.", no_args_is_help=True)


@app.command("status")
def status(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """How far each projection has come and which tickets stand still in it; nothing is caught up for this answer."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        _show(_status(ledger), call)


@app.command("rebuild")
def rebuild(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One projection; all where none is named.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Fold the whole log into fresh rows and swap them in at once; readers and writers go on meanwhile."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        try:
            ledger.runner.rebuild(*([] if name is None else [name]))
        except LookupError as error:
            raise NotFound(str(error)) from None
        say("rebuilt all projections" if name is None else f"rebuilt {name}")
        _show([row for row in _status(ledger) if name in (None, row["name"])], call)


def _status(ledger: "Ledger") -> list[dict[str, Any]]:
    """Read without catching up, which would always answer that nothing lags behind."""
    from projections.catalogue import PROJECTIONS

    execute, last = ledger.journal.connection.execute, ledger.journal.tip().position
    known = {row[0]: row for row in execute("SELECT name, version, position, events_folded FROM meta_projections")}
    parked: dict[str, list[dict[str, Any]]] = {}
    for name, *about in execute("SELECT projection, ticket_id, position, reason FROM meta_parked ORDER BY position"):
        parked.setdefault(name, []).append(dict(zip(("ticket_id", "position", "reason"), about, strict=True)))
    rows = []
    for projection in PROJECTIONS:
        name, version, position, folded = known.get(projection.name, (projection.name, 0, 0, 0))
        rows.append(
            {
                "name": name,
                "version": version,
                "position": position,
                "lag": last - position,
                "events_folded": folded,
                "parked": parked.get(name, []),
            }
        )
    return rows


def _show(rows: list[dict[str, Any]], call: Call) -> None:
    if call.as_json:
        document(rows)
        return
    columns = ["name", "version", "position", "lag", "events_folded"]
    table([*columns, "parked"], [[*(row[column] for column in columns), len(row["parked"])] for row in rows])
    waiting = [(row["name"], *ticket.values()) for row in rows for ticket in row["parked"]]
    if waiting:
        table(["projection", "ticket", "position", "reason"], waiting, title="Parked tickets")
