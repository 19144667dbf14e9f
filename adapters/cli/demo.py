"""`deskledger demo`: a month of a support desk through the bus, and what the log then tells.

The clock is simulated, so all instants and figures are the same in every run of a seed. The head of the log is not:
personal text is sealed under random keys, so the demo does not print it.
"""

import shlex
import shutil
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.exits import Exit
from adapters.cli.options import Call, Json, end
from adapters.cli.output import answer, by_name, document, plain_duration, table
from adapters.cli.replay import verdict, verified
from adapters.cli.ticket import show_history

if TYPE_CHECKING:
    from replay.findings import Verification

DEMO_URL: Final = "sqlite:///deskledger-demo.db"


def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed is another month.")] = 2026,
    tickets: Annotated[int, typer.Option("--tickets", metavar="N", min=1, help="How many tickets come in.")] = 4500,
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="URL", help=f"Where it is kept, {DEMO_URL} if not said; an older demo goes."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a simulated month of a support desk, then show what the log tells about it.

    The figures are the same in every run of a seed. The head of the log is not shown: it covers text that is sealed
    under random keys, and so differs from run to run.
    """
    from adapters.cli.demo_run import fresh_file
    from adapters.wiring import path_of

    call = Call.of(context, db, as_json, default_url=DEMO_URL)
    path = path_of(call.url)
    fresh_file(path)
    told = _told(call.url, seed, tickets)
    found = verified(path)
    told |= {"verify": _without_head(found), "database": str(path), "try": _to_try(call.url)}
    if call.as_json:
        document({**told, "history": [by_name(one) for one in told["history"]]})
    else:
        _show(told, verdict(found))
    end(Exit.DONE if found.ok else Exit.NOT_VERIFIED)


def _without_head(found: "Verification") -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if name != "head"}


def _told(url: str, seed: int, tickets: int) -> dict[str, Any]:
    """Everything that the demo shows, by name."""
    from adapters.cli.demo_figures import figures
    from adapters.cli.demo_run import SimulatedClock, run_month
    from adapters.cli.past import Past, ticket_events
    from adapters.demo.showcase import SHOWCASE
    from adapters.demo.step import BEGIN, END
    from adapters.wiring import open_ledger
    from domain.instant import instant
    from replay.history import history

    clock = SimulatedClock(instant(BEGIN))
    with open_ledger(url, create=True, now=clock) as ledger:
        sent = run_month(ledger, clock, seed, tickets)
        clock.at = instant(END)
        with ledger.reading() as connection:
            found = figures(connection)
        position = ledger.journal.tip().position
        showcase = history(ticket_events(ledger, SHOWCASE, Past()))
    return {
        "seed": seed,
        "tickets": tickets,
        "commands": asdict(sent),
        "events": position,
        **found,
        "ticket": SHOWCASE,
        "history": showcase,
        "position": position,
        "as_of": clock.at,
    }


def _to_try(url: str) -> list[str]:
    """Three calls that work as they are printed."""
    program = _program()
    words = (
        "ticket show SHOW-1 --as-of 2026-06-04T12:00:00Z",
        "ticket diff SHOW-1 2026-06-05T00:00:00Z 2026-06-11T00:00:00Z",
        "report backlog --as-of 2026-06-15T09:00:00Z",
    )
    return [f"{program} {word} --db {shlex.quote(url)}" for word in words]


def _program() -> str:
    """How this program is called from here."""
    called = Path(sys.argv[0])
    if shutil.which("deskledger") is not None:
        return "deskledger"
    if called.name == "deskledger":
        return shlex.quote(sys.argv[0])
    return f"{shlex.quote(sys.executable)} -m adapters.cli"


def _show(told: dict[str, Any], proof: str) -> None:
    sent = told["commands"]
    answer(f"June 2026 at a support desk, seed {told['seed']}: {told['tickets']:,} tickets, {told['events']:,} events.")
    answer(
        f"{sent['commands']:,} commands came in: {sent['accepted']:,} accepted, {sent['refused']:,} refused, "
        f"{sent['repeated']:,} sent a second time\nand answered as the first time."
    )
    _show_backlog(told["backlog"])
    _show_time(told["time_in_status"])
    _show_slice("Work by team, as tickets are assigned now", told["by_team"])
    _show_slice("Work by channel and priority", told["by_channel_and_priority"])
    show_history(told["history"], title=f"History of ticket {told['ticket']}")
    rows = [(row["code"], row["attempts"], row["example"]) for row in told["refused"]]
    table(["code", "attempts", "for example"], rows, title="Refused attempts, kept as evidence")
    answer(f"\n{proof}")
    answer(f"\nThe database is kept in {told['database']}. Try:")
    for line in told["try"]:
        answer(f"  {line}")


def _show_backlog(backlog: list[dict[str, Any]]) -> None:
    """The rows of the report by status and department, which fits a screen."""
    departments = sorted({row["department"] for row in backlog})
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in backlog:
        counts[row["status_type"], row["status"], row["department"]] += row["tickets"]
    rows = []
    for status_type, status in sorted({(row["status_type"], row["status"]) for row in backlog}, key=_not_closed_first):
        of_status = [counts[status_type, status, department] for department in departments]
        rows.append((status, status_type, *of_status, sum(of_status)))
    total = f"{counts.total():,} tickets, without deleted and archived ones"
    columns = ["status", "status_type", *departments, "tickets"]
    table(columns, rows, title="Backlog at the end of the month", total=total)


def _not_closed_first(status: tuple[str, str]) -> tuple[bool, tuple[str, str]]:
    return status[0] == "closed", status


def _show_time(stays: list[dict[str, Any]]) -> None:
    rows = [
        (
            row["status"],
            row["status_type"],
            row["visits"],
            row["still_in"],
            *(plain_duration(row[f"{figure}_seconds"]) for figure in ("mean", "median", "p90")),
        )
        for row in stays
    ]
    columns = ["status", "status_type", "visits", "still in", "mean", "median", "p90"]
    table(columns, rows, title="Time in each status", total="mean, median and p90 over the visits that ended")


def _show_slice(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        table(list(rows[0]), [[_or_none(value) for value in row.values()] for row in rows], title=title)


def _or_none(value: object) -> object:
    """A value of a slice; where the tickets name none, that is said."""
    return "(none)" if value is None else value
