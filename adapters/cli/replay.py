"""`deskledger replay`: proof that nothing in the log was altered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.exits import Exit
from adapters.cli.options import Call, Db, Json, end
from adapters.cli.output import answer, document, progress, say, table
from adapters.logs import logger

if TYPE_CHECKING:
    from replay.findings import Pin, Verification

app: Final = typer.Typer(name="replay", help="Prove and explain the past.", no_args_is_help=True)


def _pin(text: str) -> "Pin":
    from replay.findings import parse_pin

    try:
        return parse_pin(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.callback()
def words() -> None:
    """Prove that the past is as it was."""


@app.command("verify")
def verify(
    context: typer.Context,
    pin: Annotated[
        Any,  # a Pin, whose module a call for help does not need
        typer.Option(
            "--pin",
            metavar="POSITION:HEAD",
            parser=_pin,
            help="A head that was written down elsewhere; proves that the log still begins with what it covers.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            metavar="N",
            min=1,
            help="How many processes share the work; left out, 2 for a large log on two cores or more, else 1.",
        ),
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Read everything strictly and recompute every leaf, the head, all receipts and all rows of the projections.

    Several processes give the same answer sooner. Without a pin the answer is "consistent, not anchored": whoever can
    rewrite everything can achieve that too. Exit codes: 0 nothing contradicts anything, 1 one of several processes
    was lost, 4 something contradicts.
    """
    from adapters.wiring import path_of

    call = Call.of(context, db, as_json)
    _bring_up(call)
    found = verified(path_of(call.url), pin, processes)
    if call.as_json:
        document(found)
    else:
        _show(found)
    end(Exit.DONE if found.ok else Exit.NOT_VERIFIED)


def _bring_up(call: Call) -> None:
    """Bring tables that an older program left up to this one, so that an upgrade is not taken for tampering.

    Rows are no evidence, the log is; and it is said. A log that cannot be folded is left to the verification.
    """
    from adapters.read_db.versions import left_by_an_older_program
    from adapters.wiring import path_of

    path = path_of(call.url)
    if not call.has_database() or not left_by_an_older_program(path):
        return
    say("the tables are an older program's; they are built anew before they are compared with the log")
    try:
        with call.ledger() as ledger:
            ledger.runner.catch_up()
    except Exception as damage:  # noqa: BLE001 - whatever is wrong, the verification says it with its place
        logger().warning("tables_not_brought_up", reason=f"{type(damage).__name__}: {damage}")


def verified(path: Path, pin: "Pin | None" = None, processes: int | None = None) -> "Verification":
    """The verification of a file, with a bar while it runs."""
    from adapters.verification import verify_ledger

    with progress("verifying") as advance:
        return verify_ledger(path, pin=pin, processes=processes, on_progress=advance)


def verdict(found: "Verification") -> str:
    """The answer in one sentence, without the head."""
    counted = f"{found.events:,} events and {found.receipts:,} receipts"
    if found.ok and found.pin is not None:
        return f"Verified: {counted}; the log still begins with the {found.pin.position:,} events that were pinned."
    if found.ok:
        return f"Verified: {counted}, {found.anchored}."
    faults = "1 fault" if found.findings == 1 else f"{found.findings:,} faults"
    return f"NOT verified: {faults} in {counted}."


def _show(found: "Verification") -> None:
    answer(verdict(found))
    if found.kept:
        rows = [(one.position, one.table, one.key, one.reason) for one in found.kept]
        more = found.findings - len(rows)
        table(["position", "table", "key", "what is wrong"], rows, total=f"and {more:,} more" if more else "")
    answer(f"head {found.head}")
