"""`deskledger import`: foreign histories into the log."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from adapters.cli.exits import Exit
from adapters.cli.options import Call, Db, Json, end
from adapters.cli.output import document, facts, progress, table

if TYPE_CHECKING:
    from adapters.importers.source_log import Imported, SourceLog
    from commands.importing import ImportRevision
    from domain.receipts import Receipt

app: Final = typer.Typer(name="import", help="Bring foreign histories into the log.", no_args_is_help=True)

_SHOWN: Final = 20
"""How many skipped rows a table names."""
_MAPPING: Final = typer.Option("--mapping", metavar="NAME|PATH", help="A shipped mapping's name, or a YAML file.")


@app.command("csv")
def csv(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV log: each row a record after one revision.")],
    mapping: Annotated[str, _MAPPING],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Import a CSV log, whose rows are checked first: damaged input leaves no trace.

    Running it again goes on where it stopped. Exit codes: 0 all rows are in, 2 unreadable input, 7 rows were skipped.
    """
    from adapters.importers.csv_log import CsvLog
    from adapters.importers.mapping import load_mapping

    _bring_in(Call.of(context, db, as_json), CsvLog(file, load_mapping(mapping)))


@app.command("xes")
def xes(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An XES log, .xes or .xes.gz: a trace is a case.")],
    mapping: Annotated[str, _MAPPING],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Import an XES log, whose events are checked first: damaged input leaves no trace.

    Running it again goes on where it stopped. Exit codes: 0 all rows are in, 2 unreadable input, 7 rows were skipped.
    """
    from adapters.importers.mapping import load_mapping
    from adapters.importers.xes_log import XesLog

    _bring_in(Call.of(context, db, as_json), XesLog(file, load_mapping(mapping)))


def _bring_in(call: Call, log: "SourceLog") -> None:
    from adapters.importers.source_log import import_log
    from commands.access import ACT_FOR, BACKDATE, Door

    door = Door(log.mapping.via, frozenset({ACT_FOR, BACKDATE}))
    if not call.has_database():
        log.check()  # no database is made for input that cannot be read
    with call.writing() as ledger, progress(f"importing {log.path.name}") as advance:

        def send(revisions: "Sequence[ImportRevision]") -> "Sequence[Receipt]":
            return ledger.submit(revisions, door)

        done = import_log(log, send, tip_before=ledger.journal.tip().receipt, on_progress=advance)
        ledger.runner.catch_up()
    if call.as_json:
        document(done)
    else:
        _show(done)
    end(Exit.PARTIAL if done.rows_skipped else Exit.DONE)


def _show(done: "Imported") -> None:
    skipped = done.rows_skipped
    counts = {**asdict(done), "rows_skipped": len(skipped)}
    facts((name.replace("_", " "), count) for name, count in counts.items())
    if skipped:
        rows = [(row.line, row.case, row.code, row.sentence) for row in skipped[:_SHOWN]]
        more = f"and {len(skipped) - _SHOWN} more; --json names them all" if len(skipped) > _SHOWN else ""
        table(["line", "case", "code", "reason"], rows, title="Skipped rows", total=more)
