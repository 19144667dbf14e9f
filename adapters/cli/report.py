"""`deskledger report`: figures, now and as they were, and the tickets behind them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from adapters.cli.exits import Unreadable
from adapters.cli.formats import Format, FormatOption, chosen, emit
from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt
from adapters.cli.output import table
from adapters.cli.past import Holds, Past, events, holds, present
from adapters.cli.reported import (
    METRICS,
    MOVES,
    OF_STATES,
    SLA_TICKETS,
    Asked,
    From,
    To,
    blueprint_tables,
    check_blueprint,
    check_window,
    figures,
    key_and_version,
    names_of,
    one_of,
    print_dashboard,
    print_list,
    print_sla,
    print_sla_tickets,
)
from domain.instant import Instant

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from projections.tickets import TicketRow

app: Final = typer.Typer(name="report", help="Figures, now and at any past instant.", no_args_is_help=True)

# The backlog


@app.command("backlog")
def backlog(
    context: typer.Context,
    tickets: Annotated[bool, typer.Option("--tickets", help="The tickets behind the figures.")] = False,
    status: Annotated[str | None, typer.Option("--status", help="With --tickets: only these.")] = None,
    department: Annotated[str | None, typer.Option("--department", help="With --tickets: only these.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="With --tickets: only these.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    form: FormatOption = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """How many tickets there are by department, team and status; closed ones count, deleted and archived do not."""
    from projections.backlog import BacklogRow
    from projections.base import columns

    call = Call.of(context, db, as_json)
    asked = Asked(Past(as_of, known_at, at_position), chosen(form, call.as_json))
    filters = {"status": status, "department": department, "team": team}
    if not tickets and any(value is not None for value in filters.values()):
        raise Unreadable("--status, --department and --team go with --tickets")
    with call.ledger() as ledger:
        if tickets:
            listed, held = _backlog_tickets(ledger, asked.past, filters)
            _print_backlog_tickets(asked, listed, held)
            return
        rows, held = _backlog_rows(ledger, asked.past)
    if asked.form is not Format.TABLE:
        emit(asked.form, rows, [about.name for about in columns(BacklogRow)], held)
        return
    shown = [(row.department, row.team, row.status, row.status_type, row.tickets) for row in rows]
    total = f"{sum(row.tickets for row in rows)} tickets {held.line}"
    table(["department", "team", "status", "type", "tickets"], shown, total=total)


def _backlog_rows(ledger: "Ledger", past: Past) -> tuple[list[Any], Holds]:
    from adapters.read_db.queries import backlog as backlog_now
    from replay.time_travel import backlog_at

    if past.is_present:
        with present(ledger) as (connection, held):
            return list(backlog_now(connection)), held
    held = holds(ledger, past)
    return list(backlog_at(events(ledger, past, opened=False))), held


def _backlog_tickets(ledger: "Ledger", past: Past, filters: dict[str, str | None]) -> "tuple[list[TicketRow], Holds]":
    from adapters.read_db.queries import list_tickets
    from projections.tickets import TICKETS
    from replay.time_travel import rows_at

    if past.is_present:
        with present(ledger) as (connection, held):
            found = list_tickets(connection, limit=None, **cast("dict[str, Any]", filters))
    else:
        held = holds(ledger, past)
        everything = rows_at(TICKETS, events(ledger, past, opened=False))
        shown = [row for row in everything if not row.is_deleted and not row.is_archived]
        wanted = {name: value for name, value in filters.items() if value is not None}
        found = [row for row in shown if all(getattr(row, name) == value for name, value in wanted.items())]
    return sorted(found, key=lambda row: row.ticket_id), held


@dataclass(frozen=True, slots=True)
class _BacklogTicket:
    ticket_id: str
    department: str
    team: str | None
    status: str
    status_type: str
    agent: str | None
    opened_at: Instant


def _print_backlog_tickets(asked: Asked, listed: "list[TicketRow]", held: Holds) -> None:
    rows = [
        _BacklogTicket(row.ticket_id, row.department, row.team, row.status, row.status_type, row.agent, row.opened_at)
        for row in listed
    ]
    print_list(asked, rows, _BacklogTicket, held, "tickets")


@app.command("sla")
def sla(
    context: typer.Context,
    tickets: Annotated[
        str | None, typer.Option("--tickets", metavar="TYPE", help=f"The tickets: {', '.join(SLA_TICKETS)}.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", metavar="KEY[@VERSION]", help="With --tickets: only what this promised.")
    ] = None,
    priority: Annotated[
        str | None, typer.Option("--priority", help="With --tickets: only what was promised for this priority.")
    ] = None,
    department: Annotated[str | None, typer.Option("--department", help="With --tickets: only these.")] = None,
    after: From = None,
    until: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    form: FormatOption = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """SLA violations by type, and by policy, priority and department; how many tickets are overdue.

    Long because: every option of a word is a parameter of its function.
    """
    from adapters.read_db.figures.rows import SlaGroupRow, SlaTicketRow
    from adapters.read_db.figures.sla import Promise, Violation, sla_tickets, sla_violations
    from adapters.read_db.figures.tables import OF_SLA, parked_tickets

    call = Call.of(context, db, as_json)
    check_window(after, until)
    one_of("--tickets", tickets, SLA_TICKETS)
    if tickets is None and any(value is not None for value in (policy, priority, department)):
        raise Unreadable("--policy, --priority and --department go with --tickets")
    key, version = (None, None) if policy is None else key_and_version(policy, "policy")
    promise = Promise(key, version, priority, department)
    asked = Asked(Past(as_of, known_at, at_position), chosen(form, call.as_json), after, until)
    with call.ledger() as ledger, figures(ledger, asked.past) as (connection, at, held):
        parked = parked_tickets(connection, OF_SLA)
        if tickets is not None:
            listed = sla_tickets(connection, Violation(tickets), at, asked.window, promise)
            print_sla_tickets(asked, listed, SlaTicketRow, held, parked)
            return
        summary = sla_violations(connection, at, asked.window)
    counts = {name: getattr(summary, name) for name in ("none", "response", "resolution", "both", "overdue")}
    if asked.form is not Format.TABLE:
        emit(asked.form, summary.groups, names_of(SlaGroupRow), held, violations=counts, parked=parked)
        return
    print_sla(asked, summary, counts, held, parked)


@app.command("blueprint")
def blueprint(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME[@VERSION]]", help="Only this blueprint.")] = None,
    tickets: Annotated[
        str | None, typer.Option("--tickets", metavar="METRIC", help=f"The tickets: {', '.join(METRICS)}.")
    ] = None,
    state: Annotated[str | None, typer.Option("--state", help="With --tickets: only of this state.")] = None,
    transition: Annotated[
        str | None, typer.Option("--transition", help="With --tickets: only of this transition.")
    ] = None,
    mover: Annotated[
        str | None, typer.Option("--actor", help="With --tickets transitions_by_actor and other moves: only by them.")
    ] = None,
    assume: Annotated[
        str | None,
        typer.Option("--assume", metavar="NAME@VERSION", help="Read imported histories as if they had been inside."),
    ] = None,
    after: From = None,
    until: To = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    form: FormatOption = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The six metrics of each blueprint: active, overstaying, run time, dwell by state, transitions, SLA violating.

    Long because: every option of a word is a parameter of its function.
    """
    from adapters.read_db.figures.blueprint import Metric, blueprint_dashboard, blueprint_tickets
    from adapters.read_db.figures.rows import BlueprintFact, DashboardRow
    from adapters.read_db.figures.tables import OF_BLUEPRINTS, parked_tickets

    call = Call.of(context, db, as_json)
    check_window(after, until)
    one_of("--tickets", tickets, METRICS)
    _check_chosen(tickets, state, transition, mover)
    asked = Asked(Past(as_of, known_at, at_position), chosen(form, call.as_json), after, until)
    key, version = (None, None) if name is None else key_and_version(name)
    given: dict[str, Any] = {"blueprint": key, "version": version}
    with call.ledger() as ledger, blueprint_tables(ledger, asked.past, assume) as (connection, at, held):
        if key is not None:
            check_blueprint(ledger, key, version)
        parked = parked_tickets(connection, OF_BLUEPRINTS) if assume is None else None
        if tickets is not None:
            item = state if state is not None else transition
            facts = blueprint_tickets(connection, Metric(tickets), at, asked.window, item=item, actor=mover, **given)
            print_list(asked, facts, BlueprintFact, held, tickets, parked)
            return
        rows = blueprint_dashboard(connection, at, asked.window, **given)
    if asked.form is not Format.TABLE:
        emit(asked.form, rows, names_of(DashboardRow), held, **({} if parked is None else {"parked": parked}))
        return
    print_dashboard(asked, rows, held, parked)


def _check_chosen(tickets: str | None, state: str | None, transition: str | None, mover: str | None) -> None:
    """Refuse what chooses among tickets that are not asked for, and what chooses twice."""
    if tickets is None and any(value is not None for value in (state, transition, mover)):
        raise Unreadable("--state, --transition and --actor go with --tickets")
    if state is not None and transition is not None:
        raise Unreadable("--state and --transition both name the item of a figure; expected one of them")
    if mover is not None and tickets not in MOVES:
        raise Unreadable(f"--actor goes with --tickets {', '.join(MOVES)}; nobody moves in {tickets}")
    if transition is not None and tickets not in MOVES:
        raise Unreadable(f"--transition goes with --tickets {', '.join(MOVES)}; {tickets} has none")
    if state is not None and tickets not in OF_STATES:
        raise Unreadable(f"--state goes with --tickets {', '.join(OF_STATES)}; {tickets} has none")
