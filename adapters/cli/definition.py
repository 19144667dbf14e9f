"""`deskledger definition`: the documents that say how the desk works, from the file to the day they are retired.

`check` needs no database: it is for the editor and the build. Where one is named with --db, what it says of the
catalogue of statuses holds for that desk. Every mistake is printed as `FILE:LINE:COLUMN place: what was expected`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias
from uuid import uuid4

import typer

from adapters.cli.defined import KeyOf, KindOf, history, history_of, list_words, show
from adapters.cli.exits import Exit, Stop, Unreadable
from adapters.cli.options import Call, Db, Json, Root, as_instant, end, os_user, own_door
from adapters.cli.output import answer, document, plain_instant, say
from domain.definitions import DefinitionDrafted, History, Kind
from domain.instant import Instant

if TYPE_CHECKING:
    from adapters.documents import Checked
    from adapters.wiring import Ledger
    from commands.definition import DefinitionMessage
    from domain.receipts import Receipt
    from domain.statuses import Statuses

app: Final = typer.Typer(
    name="definition", help="Blueprints, SLA policies and views: check, draft, publish, retire.", no_args_is_help=True
)

app.command("list")(list_words)
app.command("show")(show)
app.command("history")(history)

ValidFrom: TypeAlias = Annotated[
    Instant | None,
    typer.Option(
        "--valid-from", metavar="INSTANT", parser=as_instant, help="From when it is in force; now where left out."
    ),
]


# Files


@app.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="YAML or JSON, one definition a file.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Every mistake in these files at once, each with its line and column; exit code 5 where there is any.

    No database is read, unless one is named with --db: then each state of a blueprint must have a status of its
    catalogue.
    """
    from adapters.documents import check_document

    call = Call.of(context, db, as_json)
    statuses = None
    if db is not None or (context.find_object(Root) or Root()).db is not None:
        with call.ledger() as ledger:
            statuses = _statuses(ledger)
    found, unread = list["Checked"](), list[OSError]()
    for file in files:
        try:
            found.append(check_document(file, statuses))
        except OSError as error:
            unread.append(error)
            say(f"error: {file}: cannot be read: {error.strerror}")
    if call.as_json:
        document(_as_checked(found, is_whole=not unread))
    else:
        _print_checked(found)
        if statuses is None and any(one.kind is Kind.BLUEPRINT and not one.mistakes for one in found):
            say("the statuses of a blueprint are checked where a database is named with --db")
    is_mistaken = any(one.mistakes for one in found)
    end(Exit.USAGE if unread else Exit.REFUSED if is_mistaken else Exit.DONE)


def _as_checked(found: Sequence["Checked"], *, is_whole: bool = True) -> dict[str, Any]:
    mistakes = [mistake._asdict() for one in found for mistake in one.mistakes]
    files = [{"path": one.path, "kind": one.kind, "key": one.key, "ok": not one.mistakes} for one in found]
    return {"ok": is_whole and not mistakes, "mistakes": mistakes, "files": files}


def _print_checked(found: Iterable["Checked"]) -> None:
    for one in found:
        for mistake in one.mistakes:
            answer(str(mistake))
        if not one.mistakes and one.kind is not None:
            answer(f"{one.path}: {one.kind.value} {one.key}, no mistake")


def _statuses(ledger: "Ledger") -> "Statuses":
    from commands.aggregates import folded
    from domain.statuses import STATUSES_STREAM

    statuses: Statuses = folded(STATUSES_STREAM, ledger.journal.load([STATUSES_STREAM])[STATUSES_STREAM]).state
    return statuses


# Changes


@app.command("draft")
def draft(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON, one definition.")],
    is_published: Annotated[bool, typer.Option("--publish", help="Publish the version too, in the same call.")] = False,
    valid_from: ValidFrom = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Keep a checked document as the next version of its definition; it judges nothing before it is published.

    The document of the latest version again changes nothing; with --publish, where that version is published already,
    neither does publishing it, so a script may say it every day.
    """
    from adapters.documents import check_document
    from commands.definition import DraftDefinition

    if valid_from is not None and not is_published:
        raise typer.BadParameter("--valid-from needs --publish; a draft is in force at no time")
    call = Call.of(context, db, as_json)
    try:
        checked = check_document(file)
    except OSError as error:
        raise Unreadable(f"{file}: cannot be read: {error.strerror}") from None
    if checked.document is None or checked.kind is None or checked.key is None:
        _show_mistakes(checked, call)
        return
    kind, key = checked.kind, checked.key
    with call.writing() as ledger:
        drafting = DraftDefinition(**_asked(), kind=kind, key=key, document=checked.document)
        receipt = _submitted(ledger, drafting)
        if mistakes := [reason for reason in receipt.answer.reasons if reason.code == "definition_mistaken"]:
            located = [checked.locate(str(one.facts["place"]), str(one.facts["mistake"])) for one in mistakes]
            _show_mistakes(replace(checked, mistakes=tuple(sorted(located))), call)
            return
        _must_be_accepted(receipt)
        defined, _ = history_of(ledger, kind, key)
        # No position: the document is that of the latest version.
        version = _drafted(ledger, receipt) or len(defined.versions)
        done = _Done(kind, key, version, [receipt])
        was = defined.version(version)
        if is_published and (was is None or was.valid_from is None):
            done.receipts.append(_published(ledger, kind, key, version, valid_from))
            defined, _ = history_of(ledger, kind, key)
    done.show(call, defined)


@app.command("publish")
def publish(
    context: typer.Context,
    kind: KindOf,
    key: KeyOf,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The number of a drafted version.")],
    valid_from: ValidFrom = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Bring a drafted version into force, now or at an instant to come; never in the past, which was judged already."""
    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        done = _Done(kind, key, version, [_published(ledger, kind, key, version, valid_from)])
        defined, _ = history_of(ledger, kind, key)
    done.show(call, defined)


@app.command("retire")
def retire(context: typer.Context, kind: KindOf, key: KeyOf, db: Db = None, as_json: Json = False) -> None:
    """Take a definition out of use from now on; what it has judged stands, and tickets keep the version they are in."""
    from commands.definition import RetireDefinition

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        receipt = _submitted(ledger, RetireDefinition(**_asked(), kind=kind, key=key))
        _must_be_accepted(receipt)
        defined, _ = history_of(ledger, kind, key)
    _Done(kind, key, len(defined.versions), [receipt]).show(call, defined)


class _Done:
    """What one call changed of a definition."""

    def __init__(self, kind: Kind, key: str, version: int, receipts: list["Receipt"]) -> None:
        self.kind, self.key, self.version, self.receipts = kind, key, version, receipts

    def show(self, call: Call, history: History) -> None:
        """Say what was changed, and how the version stands now."""
        version = history.version(self.version)
        valid_from = None if version is None else version.valid_from
        positions = [position for receipt in self.receipts for position in receipt.answer.positions]
        if call.as_json:
            document(
                {
                    "kind": self.kind,
                    "key": self.key,
                    "version": self.version,
                    "valid_from": valid_from,
                    "retired_at": history.retired_at,
                    "command_ids": [receipt.command_id for receipt in self.receipts],
                    "positions": positions,
                }
            )
            return
        names = {"DraftDefinition": "drafted", "PublishDefinition": "published", "RetireDefinition": "retired"}
        done = [names[receipt.command] for receipt in self.receipts if receipt.answer.positions]
        what = f"{self.kind.value} {self.key}"
        if done == ["retired"]:
            answer(f"retired {what} at {plain_instant(history.retired_at)}")
            return
        since = "" if valid_from is None else f", valid from {plain_instant(valid_from)}"
        answer(f"{' and '.join(done) or 'nothing changed:'} {what} version {self.version}{since}")


def _asked() -> dict[str, Any]:
    return {"command_id": str(uuid4()), "actor": f"agent:{os_user()}"}


def _submitted(ledger: "Ledger", command: "DefinitionMessage") -> "Receipt":
    (receipt,) = ledger.submit([command], own_door())
    return receipt


def _published(ledger: "Ledger", kind: Kind, key: str, version: int, valid_from: Instant | None) -> "Receipt":
    from commands.definition import PublishDefinition

    asked = PublishDefinition(**_asked(), kind=kind, key=key, version=version, valid_from=valid_from)
    receipt = _submitted(ledger, asked)
    _must_be_accepted(receipt)
    return receipt


def _must_be_accepted(receipt: "Receipt") -> None:
    from domain.receipts import Outcome

    if receipt.outcome is not Outcome.ACCEPTED:
        raise Stop(Exit.REFUSED, " ".join(reason.sentence for reason in receipt.answer.reasons))


def _drafted(ledger: "Ledger", receipt: "Receipt") -> int | None:
    """The version that a command made; None where it changed nothing."""
    history = ledger.journal.load([receipt.stream])[receipt.stream]
    made = (recorded.event for recorded in history if recorded.position in receipt.answer.positions)
    return next((event.version for event in made if isinstance(event, DefinitionDrafted)), None)


def _show_mistakes(checked: "Checked", call: Call) -> None:
    if call.as_json:
        document(_as_checked([checked]))
    else:
        _print_checked([checked])
    end(Exit.REFUSED)
