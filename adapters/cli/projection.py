"""`deskledger projection`: how far the read database has come, making it anew from the log, and what stands still."""

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias
from uuid import uuid4

import typer

from adapters.cli.exits import Exit, NotFound, Stop
from adapters.cli.options import Call, Db, Json, as_printable, end, os_user, own_door
from adapters.cli.output import answer, document, say, table

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from commands.projection import ProjectionMessage

Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The projection's table.")]
Parked: TypeAlias = Annotated[
    str, typer.Argument(metavar="TICKET", parser=as_printable, help="The id of the parked ticket, or contact.")
]
_PARKED: Final = ("projection", "ticket_id", "position", "reason")

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
        # All stand at the same end, so that none lacks a checkpoint that others have.
        ledger.runner.catch_up()
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


@app.command("parked")
def parked(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of one projection only.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Which tickets stand still in which projection, behind which position and why, as of the log's end."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        _known(name)
        ledger.runner.catch_up()
        rows = [one for one in _parked(ledger) if name in (None, one["projection"])]
    if call.as_json:
        document(rows)
    else:
        table(list(_PARKED), [list(one.values()) for one in rows])


@app.command("retry")
def retry(context: typer.Context, name: Name, ticket_id: Parked, db: Db = None, as_json: Json = False) -> None:
    """Fold a parked ticket again, with the events that wait behind it; exit code 1 where it stays parked."""
    from commands.projection import RetryParked

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        at = _standing(ledger, name, ticket_id)
        command = RetryParked(
            command_id=str(uuid4()), actor=f"agent:{os_user()}", projection=name, ticket_id=ticket_id, position=at
        )
        _send(ledger, command, call)


@app.command("skip")
def skip(
    context: typer.Context,
    name: Name,
    ticket_id: Parked,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="Position of the event to pass over.")],
    reason: Annotated[
        str, typer.Option("--reason", parser=as_printable, help="Why; it stays on record under your name.")
    ],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Let one projection pass over the event that a ticket stands behind, for good; other projections still fold it.

    Who said so and why stays in the log. Exit code 1 where the ticket stays parked, behind a later event, say.
    """
    from commands.projection import SkipPosition

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        at = _standing(ledger, name, ticket_id)
        if at != position:
            raise Stop(Exit.REFUSED, f"ticket {ticket_id} is parked in {name} behind position {at}, not {position}")
        command = SkipPosition(
            command_id=str(uuid4()),
            actor=f"agent:{os_user()}",
            projection=name,
            ticket_id=ticket_id,
            position=position,
            reason=reason,
        )
        _send(ledger, command, call)


def _known(name: str | None) -> None:
    from projections.catalogue import projection_named

    if name is not None:
        try:
            projection_named(name)
        except LookupError as error:
            raise NotFound(str(error)) from None


def _parked(ledger: "Ledger") -> list[dict[str, Any]]:
    """Every parked ticket there is, by projection and position; not caught up."""
    query = "SELECT projection, ticket_id, position, reason FROM meta_parked ORDER BY projection, position"
    return [dict(zip(_PARKED, row, strict=True)) for row in ledger.journal.connection.execute(query)]


def _standing(ledger: "Ledger", name: str, ticket_id: str) -> int:
    """The position that the ticket is parked behind; Refused with TicketNotParked where it is not parked."""
    from domain.refusals import Refused, TicketNotParked

    _known(name)
    ledger.runner.catch_up()
    for one in _parked(ledger):
        if (one["projection"], one["ticket_id"]) == (name, ticket_id):
            return int(one["position"])
    raise Refused(TicketNotParked(name, ticket_id))


def _send(ledger: "Ledger", command: "ProjectionMessage", call: Call) -> None:
    """Record what was asked, let it take effect, and tell what became of the ticket."""
    from domain.receipts import Outcome

    (receipt,) = ledger.submit([command], own_door())
    if receipt.outcome is not Outcome.ACCEPTED:
        raise Stop(Exit.REFUSED, " ".join(reason.sentence for reason in receipt.answer.reasons))
    ledger.runner.catch_up()
    name, ticket_id = command.projection, command.ticket_id
    left = next((one for one in _parked(ledger) if (one["projection"], one["ticket_id"]) == (name, ticket_id)), None)
    if call.as_json:
        about = {"projection": name, "ticket_id": ticket_id, "command_id": command.command_id}
        document({**about, "positions": receipt.answer.positions, "parked": left})
    elif left is None:
        answer(f"ticket {ticket_id} is no longer parked in {name}; its rows are complete")
    else:
        answer(f"ticket {ticket_id} is still parked in {name}, behind position {left['position']}: {left['reason']}")
    end(Exit.DONE if left is None else Exit.FAILURE)
