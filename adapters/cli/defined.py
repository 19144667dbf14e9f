"""What `deskledger definition list`, `show` and `history` say: the definitions there are, and how they came to be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from adapters.cli.exits import NotFound
from adapters.cli.options import Call, Db, Json
from adapters.cli.output import document, plain_instant, raw, say, table
from adapters.cli.past import Past, holds
from domain.definitions import (
    DEFINITIONS,
    KEY_EXPECTED,
    DefinitionDrafted,
    DefinitionPublished,
    DefinitionRetired,
    History,
    Kind,
    definition_stream,
    is_key,
)
from domain.instant import Instant
from domain.views import BUILT_IN, BUILT_IN_VERSION

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from domain.recorded import Recorded


def as_key(text: str) -> str:
    """A definition's key of the command line."""
    if not is_key(text):
        raise typer.BadParameter(f"{text!r} is no key; {KEY_EXPECTED}")
    return text


KindOf: TypeAlias = Annotated[Kind, typer.Argument(metavar="KIND", help="blueprint, sla_policy or view.")]
KeyOf: TypeAlias = Annotated[str, typer.Argument(metavar="KEY", parser=as_key, help="The definition's key.")]


def list_words(
    context: typer.Context,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only these.")] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Every definition: its latest version, the one in force now, and since when; the built-in views as version 0."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        held = holds(ledger, Past())
        now = ledger.now()
        histories = [_folded(recorded) for recorded in _all(ledger)]
    rows = [_in_list(history, now) for history in histories if kind in (None, history.kind)]
    if kind in (None, Kind.VIEW):
        rows += [_built_in(one) for one in BUILT_IN]
    rows.sort(key=lambda row: (list(Kind).index(row["kind"]), row["order"], row["key"]))
    if call.as_json:
        document({"rows": rows, **held.as_dict})
        return
    shown = [[*(row[name] for name in ("kind", "key", "name", "drafted", "in_force")), _stands(row)] for row in rows]
    columns = ["kind", "key", "name", "drafted", "in force", "stands"]
    table(columns, shown, total=f"{len(rows)} definitions {held.line}", unbroken=2)


def show(
    context: typer.Context,
    kind: KindOf,
    key: KeyOf,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", min=0, help="This version, whatever became of it.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """The document of a version as YAML: of the one in force now, or of the latest draft where none is.

    What it prints can be changed and drafted again. --json prints the document as JSON.
    """
    from adapters.documents import as_yaml

    call = Call.of(context, db, as_json)
    shown: Any = next((one for one in BUILT_IN if (kind, key) == (Kind.VIEW, one["key"])), None)
    if shown is None or version not in (None, BUILT_IN_VERSION):
        with call.ledger() as ledger:
            found, _ = history_of(ledger, kind, key)
            chosen = found.in_force(ledger.now()) or found.versions[-1]
        if version is not None:
            wanted = found.version(version)
            if wanted is None:
                known = ", ".join(str(one.number) for one in found.versions)
                raise NotFound(f"there is no version {version} of {kind.value} {key}; there is {known}")
            chosen = wanted
        shown = chosen.document
        say(f"version {chosen.number} of {len(found.versions)}, {_standing(chosen.valid_from, chosen.retired_at)}")
    if call.as_json:
        document(shown)
    else:
        raw(as_yaml(shown).encode())


def history(context: typer.Context, kind: KindOf, key: KeyOf, db: Db = None, as_json: Json = False) -> None:
    """Every change of a definition: when, by whom, and what."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        held = holds(ledger, Past())
        _, recorded = history_of(ledger, kind, key)
    rows = [_change(one) for one in recorded]
    if call.as_json:
        document({"kind": kind, "key": key, "rows": rows, **held.as_dict})
        return
    shown = [
        [row["position"], plain_instant(row["occurred_at"]), row["actor"], row["version"], row["what"]] for row in rows
    ]
    table(["position", "at", "actor", "version", "what"], shown, total=held.line, unbroken=2)


def _all(ledger: "Ledger") -> "list[Sequence[Recorded]]":
    streams = [
        stream
        for stream in ledger.journal.streams_under(DEFINITIONS)
        if stream.removeprefix(DEFINITIONS).partition(":")[0] in set(Kind)
    ]
    # A refused command gives a stream a name and no event.
    return [recorded for recorded in ledger.journal.load(streams).values() if recorded] if streams else []


def history_of(ledger: "Ledger", kind: Kind, key: str) -> "tuple[History, Sequence[Recorded]]":
    """All versions of a definition and the events that made them; NotFound where there is none."""
    stream = definition_stream(kind, key)
    recorded = ledger.journal.load([stream])[stream]
    if not recorded:
        raise NotFound(f"there is no {kind.value} {key}")
    return _folded(recorded), recorded


def _folded(recorded: "Sequence[Recorded]") -> History:
    from commands.aggregates import folded

    history: History = folded(recorded[0].stream, recorded).state
    return history


def _in_list(history: History, now: Instant) -> dict[str, Any]:
    latest, judge = history.versions[-1], history.in_force(now)
    coming = min((at for at in history.turns() if at > now), default=None)
    following = None if coming is None else history.in_force(coming)
    return {
        "kind": history.kind,
        "key": history.key,
        "name": latest.document["name"],
        "order": latest.parsed.order,
        "drafted": latest.number,
        "in_force": None if judge is None else judge.number,
        "valid_from": None if judge is None else judge.valid_from,
        "coming": None if following is None else following.number,
        "coming_at": None if following is None else coming,
        "retired_at": history.retired_at,
        "is_built_in": False,
    }


def _built_in(view: Any) -> dict[str, Any]:
    return {
        "kind": Kind.VIEW,
        **{name: view[name] for name in ("key", "name", "order")},
        "drafted": BUILT_IN_VERSION,
        "in_force": BUILT_IN_VERSION,
        **dict.fromkeys(("valid_from", "coming", "coming_at", "retired_at")),
        "is_built_in": True,
    }


def _stands(row: dict[str, Any]) -> str:
    if row["is_built_in"]:
        return "built in"
    if row["retired_at"] is not None:
        return f"retired at {plain_instant(row['retired_at'])}"
    said = [] if row["valid_from"] is None else [f"valid from {plain_instant(row['valid_from'])}"]
    if row["coming"] is not None:
        said.append(f"version {row['coming']} from {plain_instant(row['coming_at'])}")
    return ", ".join(said) or "not published"


def _standing(valid_from: str | None, retired_at: str | None) -> str:
    if retired_at is not None:
        return f"retired at {plain_instant(retired_at)}"
    return "not published" if valid_from is None else f"valid from {plain_instant(valid_from)}"


def _change(recorded: "Recorded") -> dict[str, Any]:
    version, what = None, "retired"
    match recorded.event:
        case DefinitionDrafted() as drafted:
            version, what = drafted.version, "drafted"
        case DefinitionPublished() as published:
            version, what = published.version, f"published, valid from {plain_instant(published.valid_from)}"
        case DefinitionRetired():
            pass
    return {
        "position": recorded.position,
        "occurred_at": recorded.occurred_at,
        "actor": recorded.actor,
        "version": version,
        "what": what,
        "command_id": recorded.command_id,
    }
