"""`deskledger report`: figures, now and as they were."""

from typing import Final

import typer

from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt
from adapters.cli.output import by_name, document, table
from adapters.cli.past import Past, events, holds, present

app: Final = typer.Typer(name="report", help="Figures, now and at any past instant.", no_args_is_help=True)


@app.command("backlog")
def backlog(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """How many tickets there are by department, team and status; closed ones count, deleted and archived do not."""
    from adapters.read_db.queries import backlog as backlog_now
    from replay.time_travel import backlog_at

    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger:
        if past.is_present:
            with present(ledger) as (connection, held):
                rows = list(backlog_now(connection))
        else:
            held = holds(ledger, past)
            rows = list(backlog_at(events(ledger, past, opened=False)))
    if call.as_json:
        document({"rows": [by_name(row) for row in rows], **held.as_dict})
        return
    shown = [(row.department, row.team, row.status, row.status_type, row.tickets) for row in rows]
    total = f"{sum(row.tickets for row in rows)} tickets {held.line}"
    table(["department", "team", "status", "type", "tickets"], shown, total=total)
