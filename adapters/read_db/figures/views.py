"""The figures as SQL views as of now, made of the same queries, and the indexes that make them quick.

`adapters.read_db.schema` makes them with the tables. A view asks the database for its clock, to the millisecond.
"""

from typing import Final

from sqlalchemy import Integer, Text, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from adapters.read_db.figures.blueprint import dashboard_query
from adapters.read_db.figures.rows import DashboardRow, SlaTicketRow
from adapters.read_db.figures.sla import sla_query
from adapters.read_db.figures.time import At
from adapters.read_db.views import View

_NOW: Final = At(
    literal_column("strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')", Text()),
    literal_column("CAST(strftime('%s', 'now') AS INTEGER)", Integer()),
    literal_column("substr(strftime('%f000', 'now'), 4)", Text()),
)


def _view(name: str, row: type, query: ClauseElement) -> View:
    text = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return View(name, row, f"CREATE VIEW {name} AS\n{text}")


REPORT_VIEWS: Final = (
    _view("rpt_sla_violations", SlaTicketRow, sla_query(_NOW)),
    _view("rpt_blueprint_dashboard", DashboardRow, dashboard_query(_NOW)),
)
"""The views that answer as of now."""

_BLUEPRINT: Final = ("blueprint", "blueprint_version")

INDEXES: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    "dim_tickets_history_away": ("dim_tickets_history", ("ticket_id",), "is_deleted = 1 OR is_archived = 1"),
    "fct_state_visits_closed": (
        "fct_state_visits",
        (*_BLUEPRINT, "state", "left_at", "left_by", "duration_seconds"),
        "left_at IS NOT NULL",
    ),
    "fct_state_visits_open": (
        "fct_state_visits",
        (*_BLUEPRINT, "state", "left_at", "entered_at", "limit_due_at", "limit_violated_at"),
        "left_at IS NULL",
    ),
    "fct_state_visits_violated": (
        "fct_state_visits",
        (*_BLUEPRINT, "state", "limit_violated_at", "left_at"),
        "limit_violated_at IS NOT NULL",
    ),
    "fct_blueprint_runs_ended": (
        "fct_blueprint_runs",
        (*_BLUEPRINT, "ended_by", "duration_seconds", "ended_at"),
        "ended_by IS NOT NULL",
    ),
    "fct_blueprint_runs_active": ("fct_blueprint_runs", (*_BLUEPRINT, "ended_at", "entered_at"), "ended_at IS NULL"),
    "fct_transitions_kind": (
        "fct_transitions",
        ("kind", *_BLUEPRINT, "transition", "actor", "performed_at", "duration_seconds"),
        "",
    ),
}
"""Index -> table, columns, condition or none: what a metric of the dashboard reads stands in one index."""
