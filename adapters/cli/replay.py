"""`deskledger replay`: proof that nothing in the log was altered."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.exits import Exit
from adapters.cli.options import Call, Db, Json, end
from adapters.cli.output import answer, document, table

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from replay.findings import Pin, Verification

app: Final = typer.Typer(name="replay", help="Prove that the past is as it was.", no_args_is_help=True)
