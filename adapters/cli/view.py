"""`deskledger view`: saved and built-in views, run now or as of any past instant (F-69 to F-76)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer

from adapters.cli.exits import Exit, NotFound, Stop, Unreadable
from adapters.cli.formats import Format, FormatOption, chosen, emit_rows, parked_line
from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt, as_printable
from adapters.cli.output import plain_instant, table
from adapters.cli.past import Holds, Past, definition_events, holds
from adapters.cli.reported import figures

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adapters.wiring import Ledger
    from domain.definitions import Definitions
    from domain.instant import Instant
    from domain.views import View

app: Final = typer.Typer(
    name="view", help="Saved queries over tickets, now and at any past instant.", no_args_is_help=True
)

Actor: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--actor", metavar="ACTOR", parser=as_printable, help="As agent:ID sees it; whoever can read the file sees all."
    ),
]
Team: TypeAlias = Annotated[
    list[str] | None, typer.Option("--team", metavar="NAME", parser=as_printable, help="A team the actor belongs to.")
]


@app.command("list")
def list_words(
    context: typer.Context, actor: Actor = None, team: Team = None, db: Db = None, as_json: Json = False
) -> None:
    """The views there are, in order: the built-in ones and those that are published."""
    from domain.views import may_run

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        held = holds(ledger, Past())
        views = _views(ledger.definitions(), held.as_of or ledger.now())
    rows: list[dict[str, Any]] = [
        {
            "key": view.key,
            "name": view.name,
            "version": version,
            "columns": list(view.columns),
            "audience": list(view.audience) or ["everybody"],
        }
        for view, version in views
        if actor is None or may_run(view, actor, team or ())
    ]
    if call.as_json:
        emit_rows(Format.JSON, rows, list(rows[0]), held)
        return
    shown = [(row["key"], row["name"], row["version"] or "built in", ", ".join(row["audience"])) for row in rows]
    table(["key", "name", "version", "audience"], shown, total=f"{len(rows)} views {held.line}")


@app.command("run")
def run(
    context: typer.Context,
    key: Annotated[
        str, typer.Argument(metavar="KEY", parser=as_printable, help="The view's key; `view list` shows them.")
    ],
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", min=1, help="This version, whenever it was in force.")
    ] = None,
    actor: Actor = None,
    team: Team = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    form: FormatOption = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The tickets of a view, by the version that was in force at the instant of the answer."""
    from domain.views import may_run

    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger, figures(ledger, past, opened=True) as (connection, at, held):
        view, number = _view(ledger, key, version, past, at)
        if actor is not None and not may_run(view, actor, team or ()):
            raise Stop(Exit.REFUSED, f"view {key} is not for {actor}; it is for {', '.join(view.audience)}")
        _answer(connection, view, held, at, chosen(form, call.as_json), version=number)


@app.command("preview")
def preview(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON, a view that need not be drafted.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    form: FormatOption = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The tickets that a view would hold, before it is saved (F-71)."""
    from adapters.documents import check_document
    from domain.definitions import Kind
    from domain.views import parse_view

    call = Call.of(context, db, as_json)
    try:
        checked = check_document(file)
    except OSError as error:
        raise Unreadable(f"{file}: cannot be read: {error.strerror}") from None
    if checked.document is None or checked.mistakes or checked.document.get("kind") != Kind.VIEW:
        raise Stop(Exit.REFUSED, f"{file} is no view that can be run; `deskledger definition check {file}` says why")
    view = parse_view(checked.document)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger, figures(ledger, past, opened=True) as (connection, at, held):
        _answer(connection, view, held, at, chosen(form, call.as_json), version=None)


def _views(definitions: "Definitions", at: "Instant") -> "list[tuple[View, int]]":
    """Every view that is in force, with its version; 0 stands for built in."""
    from domain.definitions import Kind
    from domain.views import BUILT_IN, BUILT_IN_VERSION, parse_view

    saved = [(one.parsed, one.version) for one in definitions.in_force(Kind.VIEW, at)]
    taken = {view.key for view, _ in saved}
    built_in = [(view, BUILT_IN_VERSION) for view in map(parse_view, BUILT_IN) if view.key not in taken]
    return sorted([*built_in, *saved], key=lambda one: (one[0].order, one[0].key))


def _view(ledger: "Ledger", key: str, version: int | None, past: Past, at: "Instant") -> "tuple[View, int]":
    """The version that was asked for, else the one in force at the instant, as far as was known then."""
    from domain.definitions import Kind
    from replay.explain_entry import definitions_of

    definitions = ledger.definitions()
    if version is not None:
        parsed = definitions.version(Kind.VIEW, key, version)
        if parsed is None:
            raise NotFound(f"there is no version {version} of view {key}")
        return parsed, version
    seen = definitions if past.is_present else definitions_of(definition_events(ledger, past))
    for view, number in _views(seen, at):
        if view.key == key:
            return view, number
    known = definitions.history(Kind.VIEW, key)
    if known is None:
        raise NotFound(f"there is no view {key}; `deskledger view list` shows those there are")
    raise NotFound(f"no version of view {key} was in force at {plain_instant(at)}; name one with --version")


def _answer(
    connection: "Connection", view: "View", held: Holds, at: "Instant", form: Format, *, version: int | None
) -> None:
    from adapters.read_db.figures.tables import VIEWED, parked_tickets
    from adapters.saved_views import run_view

    parked = parked_tickets(connection, VIEWED)
    rows: list[dict[str, Any]] = run_view(connection, view, at)
    if form is not Format.TABLE:
        if form is Format.CSV:
            rows = [{column: _flat(value) for column, value in row.items()} for row in rows]
        beside: dict[str, Any] = {"view": view.key} if version is None else {"view": view.key, "version": version}
        emit_rows(form, rows, list(view.columns), held, **beside, parked=parked)
        return
    shown = [[_plain(row[column]) for column in view.columns] for row in rows]
    table(list(view.columns), shown, title=view.name, total=f"{len(rows)} tickets {held.line}{parked_line(parked)}")


def _flat(value: Any) -> Any:
    """A value as a cell of a CSV file: a custom field without its type, a set as the JSON array of `dim_tickets`."""
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value[1] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """A value as people read it: an instant without its zeroes, a custom field without its type, a set as a list."""
    if isinstance(value, str) and value.endswith("Z") and len(value) == len("2026-06-01T09:00:00.000000Z"):
        return plain_instant(value)
    if isinstance(value, list | tuple):
        return value[1] if isinstance(value, list) else ", ".join(value)
    return value
