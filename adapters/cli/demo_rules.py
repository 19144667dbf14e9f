"""What the demo tells about the desk's own rules: SLA violations, the blueprint's dashboard and saved views.

The figures are those of `deskledger report` and `deskledger view`, asked as of an instant of the simulated month.
"""

from typing import TYPE_CHECKING, Any, Final

from adapters.cli.output import by_name, plain_duration, plain_instant, table
from domain.values import Priority

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.definitions import Definitions
    from domain.instant import Instant

FIRST_ROWS: Final = 5
"""How many tickets of a view are shown."""
_TYPES: Final = ("none", "response", "resolution", "both")
_PRIORITIES: Final = ("none", *(priority.value for priority in Priority))
_METRICS: Final = (
    ("active", "active now"),
    ("overstaying", "over their limit now"),
    ("run_time", "run time"),
    ("dwell", "time in each state"),
    ("transitions", "transitions"),
    ("forced", "moves without a transition"),
    ("sla_violating", "tickets that overstayed"),
    ("overstays", "stays over the limit"),
)
"""The dashboard's metrics in the order in which they are shown, each with what it is called."""


# What is told


def sla_report(connection: "Connection", at: "Instant") -> dict[str, Any]:
    """SLA violations as of an instant: by type, and by policy version and priority."""
    from adapters.read_db.figures.sla import sla_violations

    summary = sla_violations(connection, at)
    by_promise: dict[tuple[str, int, str], dict[str, int]] = {}
    for group in summary.groups:
        counts = by_promise.setdefault(
            (group.policy, group.policy_version, group.priority), dict.fromkeys((*_TYPES, "tickets"), 0)
        )
        for name in counts:
            counts[name] += getattr(group, name)
    return {
        "as_of": at,
        "violations": {name: getattr(summary, name) for name in (*_TYPES, "overdue")},
        "by_priority": [
            {"policy": policy, "version": version, "priority": priority, **by_promise[policy, version, priority]}
            for policy, version, priority in sorted(by_promise, key=_urgent_first)
        ],
    }


def _urgent_first(promise: tuple[str, int, str]) -> tuple[str, int, int]:
    policy, version, priority = promise
    return policy, version, -_PRIORITIES.index(priority)


def dashboard(connection: "Connection", at: "Instant") -> list[dict[str, Any]]:
    """Every figure of every blueprint as of an instant."""
    from adapters.read_db.figures.blueprint import blueprint_dashboard

    return [by_name(row) for row in blueprint_dashboard(connection, at)]


def views(connection: "Connection", definitions: "Definitions", at: "Instant") -> list[dict[str, Any]]:
    """The saved views in force at an instant, in order: how many tickets, and the first of them."""
    from adapters.saved_views import run_view
    from domain.definitions import Kind

    told = []
    for saved in definitions.in_force(Kind.VIEW, at):
        rows = run_view(connection, saved.parsed, at)
        told.append(
            {
                "key": saved.key,
                "name": saved.parsed.name,
                "columns": list(saved.parsed.columns),
                "tickets": len(rows),
                "rows": rows[:FIRST_ROWS],
            }
        )
    return told


# How it is shown


def show_sla(middle: dict[str, Any], end: dict[str, Any]) -> None:
    """Two reports of one log, each as of its instant, side by side."""
    then, now = (report["as_of"][:10] for report in (middle, end))
    rows = [(name, middle["violations"][name], end["violations"][name]) for name in (*_TYPES, "overdue")]
    table(["violation", f"as of {then}", f"as of {now}"], rows, title="SLA violations by type")
    before = {_promise(row): row for row in middle["by_priority"]}
    nothing = dict.fromkeys(("none", "tickets"), 0)
    shown = [
        (
            f"{row['policy']}@{row['version']}",
            row["priority"],
            *(row[name] for name in ("response", "resolution", "both", "tickets")),
            _in_time(row),
            before.get(_promise(row), nothing)["tickets"],
            _in_time(before.get(_promise(row), nothing)),
        )
        for row in end["by_priority"]
    ]
    columns = ["policy", "priority", "response", "resolution", "both", "tickets", "% in time"]
    total = f"a ticket keeps the version that took it in; the last two columns are as of {then}"
    table([*columns, "tickets then", "% then"], shown, title="SLA violations by priority", total=total)


def _promise(row: dict[str, Any]) -> tuple[str, int, str]:
    return row["policy"], row["version"], row["priority"]


def _in_time(row: dict[str, Any]) -> float | None:
    """Of a hundred tickets, how many have no violation."""
    return round(100 * row["none"] / row["tickets"], 1) if row["tickets"] else None


def show_dashboard(rows: list[dict[str, Any]]) -> None:
    """The six metrics of each blueprint version, those by actor left out."""
    for blueprint in dict.fromkeys((row["blueprint"], row["blueprint_version"]) for row in rows):
        lines: list[tuple[Any, ...]] = []
        for metric, called in _METRICS:
            own = [
                row
                for row in rows
                if row["metric"] == metric and (row["blueprint"], row["blueprint_version"]) == blueprint
            ]
            lines += [
                (
                    called if row is own[0] else "",
                    row["item"],
                    row["occurrences"],
                    *(plain_duration(row[f"{figure}_seconds"]) for figure in ("mean", "median", "p90")),
                )
                for row in own
            ]
        columns = ["metric", "of", "number", "mean", "median", "p90"]
        table(columns, lines, title=f"Blueprint {blueprint[0]}@{blueprint[1]} at the end of the month")


def show_views(told: list[dict[str, Any]], at: "Instant") -> None:
    """The first tickets of each view, and how to see them all."""
    for view in told:
        shown = [[_plain(row[column]) for column in view["columns"]] for row in view["rows"]]
        columns = [column.removeprefix("fields.") for column in view["columns"]]
        call = f"deskledger view run {view['key']} --as-of {at[:19]}Z"
        total = f"the first {len(shown)} of {view['tickets']}; all: {call}"
        table(columns, shown, title=f"View: {view['name']}", total=total)


def _plain(value: Any) -> Any:
    """An instant without its zeroes, a custom field without its type."""
    if isinstance(value, list):
        return value[1]
    is_instant = isinstance(value, str) and len(value) == len("2026-06-01T09:00:00.000000Z") and value.endswith("Z")
    return plain_instant(value) if is_instant else value
