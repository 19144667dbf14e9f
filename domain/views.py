"""Saved views: a condition, the columns to show, how they are sorted, and who may look (F-69, F-72, F-73, F-75).

    kind: view
    key: waiting_refunds
    name: Refunds that wait
    order: 10                    # the place in the list of views; 100 where left out
    condition: {field: state, operator: is, value: Requested}
    columns: [ticket_id, subject, fields.order_number, state_entered_at]
    sort:
      - {column: state_entered_at}
      - {column: ticket_id, descending: true}
    audience: [team:Billing, agent:ana]   # everybody where left out

A view holds exactly the tickets for which its condition holds at the instant of the question. It sees no change, so a
condition on one is a mistake. A deleted or archived ticket is in none, unless the condition names `is_deleted` or
`is_archived` (F-51, F-52).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from domain.conditions import Condition, kind_of, read_condition
from domain.documents import Document, Reading, Table, Value, order_in

EVERYBODY: Final = "everybody"
TICKET_ID: Final = "ticket_id"
_MEMBERS: Final = ("agent:", "team:")


@dataclass(frozen=True, slots=True)
class Sorting:
    """A column that a view is sorted by; tickets without a value come last, whichever the direction."""

    column: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A parsed view."""

    key: str
    name: str
    order: int
    condition: Condition
    columns: tuple[str, ...]
    sort: tuple[Sorting, ...]
    """The first column decides, then the next; tickets that are equal in all stand by ticket id."""
    audience: tuple[str, ...]
    """`agent:ID` and `team:NAME`; empty: everybody."""


def is_column(name: str) -> bool:
    """Whether a view can show the column: the ticket's id, a field of conditions, `fields.NAME`."""
    return name == TICKET_ID or kind_of(name) is not None


def parse_view(document: Document) -> View:
    """The view of a document; Mistaken with every mistake at once."""
    reading = Reading(document)
    top = reading.root.table("kind", "key", "name", "order", "condition", "columns", "sort", "audience")
    name, order = top.text("name"), order_in(top)
    condition = read_condition(top.optional("condition"), changes=False, time=True)
    columns, sort, audience = _columns(top), _sort(top), _audience(top.optional("audience"))
    reading.finish()
    return View(str(top.fields.get("key", "")), name, order, condition, columns, sort, audience)


def _columns(top: Table) -> tuple[str, ...]:
    listed = top.required("columns")
    if listed is None:
        return ()
    names = listed.names()
    if not names and isinstance(listed.given, list | tuple):
        listed.mistake("name at least one column")
    for item in listed.items() if names else ():
        _known_column(item)
    return names


def _sort(top: Table) -> tuple[Sorting, ...]:
    listed = top.optional("sort")
    sort: list[Sorting] = []
    for item in () if listed is None else listed.items():
        table = item.table("column", "descending")
        named, descending = table.required("column"), table.optional("descending")
        column = "" if named is None else named.text()
        if named is not None:
            _known_column(named)
            if any(column == earlier.column for earlier in sort):
                named.mistake(f"{column!r} stands twice")
        sort.append(Sorting(column, descending is not None and descending.truth()))
    return tuple(sort)


def _known_column(value: Value) -> None:
    name = value.given
    if isinstance(name, str) and name.strip() and not is_column(name):
        value.mistake(f"there is no column {name!r}; there are ticket_id, fields.NAME and the fields of conditions")


def _audience(value: Value | None) -> tuple[str, ...]:
    if value is None or value.given == EVERYBODY:
        return ()
    if not isinstance(value.given, list | tuple):
        value.mistake(f"expected {EVERYBODY} or a list of agent:ID and team:NAME")
        return ()
    for item in value.items():
        given = item.given
        if isinstance(given, str) and not any(given.startswith(kind) and given != kind for kind in _MEMBERS):
            item.mistake("expected agent:ID or team:NAME")
    if not value.given:
        value.mistake(f"name at least one; {EVERYBODY} is for all")
    return value.names()


def may_run(view: View, actor: str, teams: Collection[str]) -> bool:
    """Whether an actor, `agent:ana`, who belongs to these teams may list and run a view (F-73)."""
    return not view.audience or actor in view.audience or any(f"team:{team}" in view.audience for team in teams)


# Built-in views

BUILT_IN_VERSION: Final = 0
"""The version under which a built-in view is listed; a saved one has 1 or more."""


def built_in_rule(key: str) -> str:
    """How an answer names a built-in view."""
    return f"built_in:view_{key}@1"


def _clause(field: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


_UNFINISHED: Final = _clause("status_type", "is_not", "closed")


def _built_in(
    order: int, key: str, name: str, clauses: list[dict[str, Any]], columns: list[str], *, latest_first: bool = False
) -> Document:
    """A built-in view, sorted by its own columns, the first of them first."""
    return {
        "kind": "view",
        "key": key,
        "name": name,
        "order": order,
        "condition": {"all": clauses},
        "columns": ["ticket_id", "subject", "priority", "status", "department", "team", "agent", *columns],
        "sort": [{"column": column, "descending": latest_first} for column in columns],
        "audience": EVERYBODY,
    }


BUILT_IN: Final[tuple[Document, ...]] = (
    _built_in(
        1, "overdue", "Overdue", [_clause("is_overdue", "is", True)], ["resolution_due_at", "response_due_at", "due_at"]
    ),
    _built_in(2, "closed", "Closed", [_clause("status_type", "is", "closed")], ["closed_at"], latest_first=True),
    # The count holds the first assignment too.
    _built_in(
        3,
        "reassigned",
        "Moved from team to team",
        [_clause("team_change_count", "at_least", 2)],
        ["last_event_at", "team_change_count"],
        latest_first=True,
    ),
    _built_in(
        4,
        "high_priority",
        "High priority, not closed",
        [_clause("priority", "at_least", "high"), _UNFINISHED],
        ["opened_at"],
    ),
    _built_in(
        5,
        "no_action_48h",
        "No action for 48 hours",
        [_clause("last_action_at", "older_than", "48h"), _UNFINISHED],
        ["last_action_at"],
    ),
    _built_in(6, "unassigned", "Without an agent", [_clause("agent", "is_empty"), _UNFINISHED], ["opened_at"]),
    _built_in(7, "open", "Open", [_clause("status_type", "is", "open")], ["opened_at"]),
)
"""The views that every desk has (F-70, F-75).

High priority, no action and without an agent list work that waits, so closed tickets are in none of them.
"""

BUILT_IN_KEYS: Final = frozenset(str(document["key"]) for document in BUILT_IN)
"""Keys that no saved view takes."""
