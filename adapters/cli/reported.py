"""What the words of `deskledger report` share: the window, the tables of now or of then, and printing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from adapters.cli.exits import NotFound, Unreadable
from adapters.cli.formats import Format, emit, parked_line
from adapters.cli.options import as_instant
from adapters.cli.output import answer, by_name, plain_duration, plain_instant, table
from adapters.cli.past import Holds, Past, events, holds, present
from domain.instant import EARLIEST, Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adapters.read_db.figures.rows import DashboardRow, SlaSummary
    from adapters.read_db.figures.time import Window
    from adapters.wiring import Ledger

_WINDOW: Final = "The window"
From: TypeAlias = Annotated[
    Instant | None,
    typer.Option(
        "--from",
        metavar="INSTANT",
        parser=as_instant,
        help="What happened after this instant; else from the beginning.",
        rich_help_panel=_WINDOW,
    ),
]
To: TypeAlias = Annotated[
    Instant | None,
    typer.Option(
        "--to",
        metavar="INSTANT",
        parser=as_instant,
        help="What happened up to this instant, inclusive; else up to the instant the report is as of.",
        rich_help_panel=_WINDOW,
    ),
]
SLA_TICKETS: Final = ("none", "response", "resolution", "both", "violated", "overdue", "all")
METRICS: Final = (
    "active",
    "overstaying",
    "overstays",
    "run_time",
    "dwell",
    "dwell_open",
    "transitions",
    "forced",
    "no_such_transition",
    "sla_violating",
    "transitions_by_actor",
)
MOVES: Final = ("transitions", "transitions_by_actor", "forced", "no_such_transition")
"""The metrics whose facts are moves, which have an actor."""
OF_STATES: Final = ("overstaying", "overstays", "dwell", "dwell_open", "sla_violating")
"""The metrics whose facts are of a state."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as it was asked for."""

    past: Past
    form: Format
    after: Instant | None = None
    until: Instant | None = None

    @property
    def window(self) -> "Window":
        from adapters.read_db.figures.time import Window

        return Window(self.after, self.until)

    @property
    def said(self) -> str:
        """The window as a title ends with it; empty where none was asked for."""
        after, until = plain_instant(self.after), plain_instant(self.until)
        return (f" after {after}" if after else "") + (f" up to {until}" if until else "")


def check_window(after: Instant | None, until: Instant | None) -> None:
    if after is not None and until is not None and until <= after:
        raise Unreadable(f"--to {until} does not lie after --from {after}")


def one_of(name: str, value: str | None, known: Sequence[str]) -> str | None:
    if value is not None and value not in known:
        raise Unreadable(f"{value!r} is nothing that {name} lists; expected one of {', '.join(known)}")
    return value


# Figures over the tables, of now or of then


@contextmanager
def figures(ledger: "Ledger", past: Past, *, opened: bool = False) -> "Iterator[tuple[Connection, Instant, Holds]]":
    """The tables as they are asked for, the instant as of which they hold, and the same for readers.

    Where not `opened`, personal text of a past reads `sealed`: figures need none.
    """
    if past.is_present:
        with present(ledger) as (connection, held):
            yield connection, held.as_of or EARLIEST, held
        return
    from adapters.read_db.past import past_database

    held = holds(ledger, past)
    with past_database(events(ledger, past, opened=opened)) as connection:
        yield connection, held.as_of or EARLIEST, held


def key_and_version(text: str, what: str = "blueprint") -> tuple[str, int | None]:
    key, separator, version = text.partition("@")
    if not key or (separator and not version.isdecimal()):
        raise Unreadable(f"{text!r} is no {what}; expected NAME or NAME@VERSION")
    return key, int(version) if separator else None


def check_blueprint(ledger: "Ledger", key: str, version: int | None) -> None:
    """NotFound where there is no such blueprint, whenever it was in force."""
    from domain.definitions import Kind

    definitions = ledger.definitions()
    if definitions.history(Kind.BLUEPRINT, key) is None:
        raise NotFound(f"there is no blueprint {key}")
    if version is not None and definitions.version(Kind.BLUEPRINT, key, version) is None:
        raise NotFound(f"there is no version {version} of blueprint {key}")


@contextmanager
def blueprint_tables(ledger: "Ledger", past: Past, assume: str | None) -> "Iterator[tuple[Connection, Instant, Holds]]":
    if assume is None:
        with figures(ledger, past) as found:
            yield found
        return
    from adapters.read_db.past import database_of
    from domain.blueprint import Blueprint
    from domain.definitions import Kind
    from replay.assume import assume as assumed_rows

    key, version = key_and_version(assume)
    if version is None:
        raise Unreadable(f"--assume {assume!r} names no version; expected NAME@VERSION")
    parsed = ledger.definitions().version(Kind.BLUEPRINT, key, version)
    if not isinstance(parsed, Blueprint):
        raise NotFound(f"there is no version {version} of blueprint {key}")
    held = holds(ledger, past)
    assumed = assumed_rows(parsed, version, events(ledger, past, opened=False))
    rows: dict[str, Sequence[Any]] = {
        "fct_state_visits": assumed.visits,
        "fct_blueprint_runs": assumed.runs,
        "fct_transitions": assumed.transitions,
    }
    with database_of(rows) as connection:
        yield connection, held.as_of or EARLIEST, held


# Printing


def names_of(row: type) -> list[str]:
    return [field.name for field in fields(row)]


def print_list(asked: Asked, rows: Sequence[Any], row: type, held: Holds, what: str, parked: int | None = None) -> None:
    """Tickets behind a figure; a table leaves out the columns in which nothing stands."""
    names = names_of(row)
    if asked.form is not Format.TABLE:
        emit(asked.form, rows, names, held, **({} if parked is None else {"parked": parked}))
        return
    kept = [name for name in names if any(getattr(one, name) is not None for one in rows)] or names
    shown = [[_for_people(name, getattr(one, name)) for name in kept] for one in rows]
    total = f"{len(rows)} {what}{asked.said} {held.line}" + parked_line(parked)
    table([name.removesuffix("_seconds").replace("_", " ") for name in kept], shown, total=total)


def _for_people(name: str, value: Any) -> Any:
    if name.endswith("_seconds") or name == "seconds":
        return plain_duration(value)
    return plain_instant(value) if name == "at" or name.endswith("_at") else value


_TITLES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("Active, over their limit, and violating", "tickets", ("active", "overstaying", "sla_violating")),
    ("Overstays by state", "visits", ("overstays",)),
    ("Runs", "runs", ("run_time",)),
    ("Time in each state", "visits", ("dwell", "dwell_open")),
    ("Transitions, the most frequent first", "times", ("transitions", "forced", "no_such_transition")),
)
_SHOWN: Final[dict[str, str]] = {"dwell_open": "still there", "dwell": "left", "run_time": ""}


def print_dashboard(asked: Asked, rows: "Sequence[DashboardRow]", held: Holds, parked: int | None) -> None:
    whose = dict.fromkeys((row.blueprint, row.blueprint_version) for row in rows)
    for key, version in whose:
        own = [row for row in rows if (row.blueprint, row.blueprint_version) == (key, version)]
        for title, counted, metrics in _TITLES:
            lines = [_dashboard_line(row) for row in own if row.metric in metrics]
            if lines:
                names = ["", "what", counted, "mean", "median", "p90", "total"]
                filled = [place for place in range(7) if any(line[place] not in ("", None) for line in lines)]
                over = f"{key}@{version}: {title}{asked.said}"
                table([names[n] for n in filled], [[line[n] for n in filled] for line in lines], title=over)
    _print_end(len(whose), held, parked)


def _dashboard_line(row: "DashboardRow") -> list[Any]:
    durations = (row.mean_seconds, row.median_seconds, row.p90_seconds, row.total_seconds)
    what = _SHOWN.get(row.metric, row.metric.replace("_", " "))
    return [row.item or "", what, row.occurrences, *map(plain_duration, durations)]


def _print_end(blueprints: int, held: Holds, parked: int | None) -> None:
    answer(f"\n{blueprints} blueprint version{'' if blueprints == 1 else 's'} {held.line}{parked_line(parked)}")


def print_sla(asked: Asked, summary: "SlaSummary", counts: dict[str, int], held: Holds, parked: int) -> None:
    table(["violation", "tickets"], list(counts.items()), title=f"SLA violations{asked.said}")
    names = ["policy", "version", "priority", "department", "none", "response", "resolution", "both", "tickets"]
    groups = [list(by_name(group).values()) for group in summary.groups]
    total = f"{sum(counts.values()) - counts['overdue']} tickets {held.line}{parked_line(parked)}"
    table(names, groups, title="By what was promised", total=total)


_CLOCKS: Final = ("response", "resolution")


def print_sla_tickets(asked: Asked, rows: Sequence[Any], row: type, held: Holds, parked: int) -> None:
    """Tickets with what was promised for each clock, and what became of it."""
    if asked.form is not Format.TABLE:
        emit(asked.form, rows, names_of(row), held, parked=parked)
        return
    shown = [
        (
            one.ticket_id,
            one.department,
            one.violation,
            one.is_overdue,
            _promise(one, "response"),
            _promise(one, "resolution"),
        )
        for one in rows
    ]
    names = ["ticket", "department", "violation", "overdue", "response", "resolution"]
    total = f"{len(rows)} tickets{asked.said} {held.line}{parked_line(parked)}"
    table(names, shown, total=total, unbroken=4)


def _promise(row: Any, clock: str) -> tuple[str, ...]:
    policy, version, priority, due_at, outcome, violated_at, late = (
        getattr(row, f"{clock}_{name}")
        for name in ("policy", "policy_version", "priority", "due_at", "outcome", "violated_at", "late_seconds")
    )
    if policy is None:
        return ()
    due = f"due {plain_instant(due_at or violated_at)}" if violated_at or due_at else "not due"
    became = f"{outcome}, {plain_duration(late)} late" if violated_at else outcome
    return f"{policy}@{version} {priority}", due, became
