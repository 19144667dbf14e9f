"""`deskledger tick`: put on record what time alone caused."""

import signal
import sys
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.exits import Exit, Stop
from adapters.cli.options import Call, Db, Json, as_instant
from adapters.cli.output import answer, document, plain_instant
from domain.durations import parse_duration
from domain.instant import Instant

if TYPE_CHECKING:
    from adapters.wiring import Ledger


def _checked(duration: str) -> str:
    try:
        parse_duration(duration)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return duration


def tick(
    context: typer.Context,
    until: Annotated[
        Instant | None,
        typer.Option(
            "--until",
            metavar="INSTANT",
            parser=as_instant,
            help="What was due by this instant, which lies in the past; else by now.",
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until SIGTERM or Ctrl-C.")] = False,
    every: Annotated[
        str, typer.Option("--every", metavar="DURATION", callback=_checked, help="How often with --follow.")
    ] = "5s",
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Record the violations of SLA targets and of states' time limits that are due.

    Nothing depends on it but who wants to hear of them: figures are the same whether anything ticked. With --follow
    one line is printed for each round in which something was due.
    """
    call = Call.of(context, db, as_json)
    if follow and until is not None:
        raise typer.BadParameter("--follow goes by the clock; leave --until out")
    # A queue, because putting into it is safe inside a signal handler, and setting an event may wait for itself.
    stops: SimpleQueue[int] = SimpleQueue()
    if follow:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _: stops.put(received))
    with call.ledger() as ledger:
        if until is not None and until > ledger.now():
            raise Stop(
                Exit.USAGE, f"--until {plain_instant(until)} lies in the future; nothing is recorded before it happened"
            )
        _round(ledger, until or ledger.now(), as_json=call.as_json, is_quiet=False)
        while follow and not _stopped(stops, parse_duration(every)):
            _round(ledger, ledger.now(), as_json=call.as_json, is_quiet=True)


def _stopped(stops: "SimpleQueue[int]", seconds: int) -> bool:
    """Whether a signal came in this time; at once where it does."""
    try:
        stops.get(timeout=seconds)
    except Empty:
        return False
    return True


def _round(ledger: "Ledger", until: Instant, *, as_json: bool, is_quiet: bool) -> None:
    from adapters.ticker import dues
    from adapters.ticker import tick as tick_until

    with ledger.reading() as connection:
        due = dues(connection, until)
    ticked = tick_until(due, ledger.bus.submit, lambda: ledger.journal.tip().receipt)
    if is_quiet and not any(ticked):
        return
    if as_json:
        document({**ticked._asdict(), "until": until})
    else:
        violations = "1 violation" if ticked.violations == 1 else f"{ticked.violations} violations"
        tickets = "1 ticket" if ticked.tickets == 1 else f"{ticked.tickets} tickets"
        answer(f"{violations} in {tickets} due by {plain_instant(until)}")
        sys.stdout.flush()  # with --follow the call is long from its end
