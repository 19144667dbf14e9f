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

from adapters.cli.demo_rules import show_dashboard, show_sla, show_views
from adapters.cli.exits import Exit
from adapters.cli.options import Call, Json, end
from adapters.cli.output import answer, by_name, document, plain_duration, table
from adapters.cli.replay import verdict, verified
from adapters.cli.ticket import show_history
from domain.values import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.findings import Verification
    from replay.history import Entry

DEMO_URL: Final = "sqlite:///deskledger-demo.db"
_CODES: Final = 5
"""How many codes of refusals are shown."""


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
    """Everything that the demo shows, by name; its present is the end of the month."""
    from adapters.cli.demo_figures import figures
    from adapters.cli.demo_rules import dashboard, sla_report, views
    from adapters.cli.demo_run import SimulatedClock, run_month
    from adapters.cli.past import Past, events, ticket_events
    from adapters.demo.showcase import SHOWCASE
    from adapters.demo.step import BEGIN, END, MIDDLE
    from adapters.read_db.past import past_database
    from adapters.wiring import open_ledger
    from domain.instant import instant
    from replay.history import history

    clock = SimulatedClock(instant(BEGIN))
    middle, end = instant(MIDDLE), instant(END)
    with open_ledger(url, create=True, now=clock) as ledger:
        sent = run_month(ledger, clock, seed, tickets)
        clock.at = end
        with ledger.reading() as connection:
            found = figures(connection)
            at_the_end = sla_report(connection, end)
            found["blueprint"] = dashboard(connection, end)
            found["views"] = views(connection, ledger.definitions(), end)
        with past_database(events(ledger, Past(as_of=middle), opened=False)) as connection:
            found["sla"] = {"middle": sla_report(connection, middle), "end": at_the_end}
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
        "ticket history SHOW-1",
        "ticket transitions SHOW-1 --actor agent:jonas --as-of 2026-06-09T08:34:00Z",
        "report sla --as-of 2026-06-16T00:00:00Z",
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
    _show_by_team(told["by_team"])
    _show_by_channel_and_priority(told["by_channel_and_priority"])
    show_sla(**told["sla"])
    show_dashboard(told["blueprint"])
    show_views(told["views"], told["as_of"])
    _show_run(told["ticket"], told["history"])
    _show_refused(told["refused"])
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


def _show_by_team(rows: list[dict[str, Any]]) -> None:
    shown = [[_or_none(value) for value in row.values()] for row in rows]
    table(list(rows[0]), shown, title="Work by team, as tickets are assigned now")


def _show_by_channel_and_priority(rows: list[dict[str, Any]]) -> None:
    """A line a channel: of each priority how many tickets are closed of how many came in."""
    priorities = [priority.value for priority in reversed(Priority)]
    counted = {(row["channel"], row["priority"]): f"{row['closed']} of {row['opened']}" for row in rows}
    shown = [
        (channel, *(counted.get((channel, priority), "") for priority in (*priorities, None)))
        for channel in sorted({row["channel"] for row in rows})
    ]
    table(["channel", *priorities, "(none)"], shown, title="Closed tickets by channel and priority")


def _or_none(value: object) -> object:
    """A value of a slice; where the tickets name none, that is said."""
    return "(none)" if value is None else value


def _show_run(ticket: str, history: "Sequence[Entry]") -> None:
    """A ticket's way through its blueprint: from its first transition to all that happened at the completion."""
    names = [one.name for one in history]
    first, completed = names.index("transition.performed"), names.index("blueprint.completed")
    shown = [one for one in history[first:] if one.occurred_at <= history[completed].occurred_at]
    title = f"History of ticket {ticket}, events {first + 1} to {first + len(shown)} of {len(history)}: its refund"
    show_history(shown, title=title)


def _show_refused(refused: list[dict[str, Any]]) -> None:
    rows = [(row["code"], row["attempts"], row["example"]) for row in refused]
    left_out = len(rows) - _CODES
    total = f"and {left_out} codes more" if left_out > 0 else ""
    table(["code", "attempts", "for example"], rows[:_CODES], title="Refused attempts, kept as evidence", total=total)
