"""`deskledger ticket`: tickets as they stand or stood, their history, and what changed between two instants."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.exits import Exit, Stop
from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt, TicketId, as_instant, as_printable
from adapters.cli.output import answer, by_name, document, facts, plain_instant, table
from adapters.cli.past import Holds, Past, events, holds, present, ticket_events
from domain.durations import written
from domain.instant import Instant
from domain.values import FieldType, StatusType

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from projections.tickets import TicketRow
    from replay.history import Entry

app: Final = typer.Typer(name="ticket", help="Read tickets, now and at any past instant.", no_args_is_help=True)


def _filter(name: str, meaning: str) -> Any:
    return typer.Option(f"--{name}", metavar="NAME", parser=as_printable, help=meaning)


_SUBJECT: Final = 24
"""How much of a subject a list shows."""
_TOLD: Final = 60
"""How much of a text a history shows."""
_UNTOLD: Final = {
    *("number", "message", "message_key", "ordinal", "contact_id", "description"),
    *("status_type", "old_status_type", "new_status_type"),
    *("blueprint", "policy", "version", "started_at"),
}
"""What a history leaves to `--json`; the rule beside an event names blueprint and policy with their version."""
_SPELT: Final = {"due_at": "due", "limit_due_at": "until", "claimed_at": "claimed for", "valid_from": "from"}
"""Fields with an instant, by the word that a history puts before it."""
_LENGTHS: Final = {"target_seconds": "within", "held_seconds": "held", "late_seconds": "late by"}
"""Fields with seconds, likewise."""
_FIELD_TYPES: Final = {kind.value for kind in FieldType}


@app.command("list")
def list_words(
    context: typer.Context,
    status: Annotated[str | None, _filter("status", "The status label.")] = None,
    status_type: Annotated[StatusType | None, typer.Option("--status-type", help="What the status means.")] = None,
    agent: Annotated[str | None, _filter("agent", "The agent who has it.")] = None,
    team: Annotated[str | None, _filter("team", "The team it is with.")] = None,
    department: Annotated[str | None, _filter("department", "The department that answers for it.")] = None,
    priority: Annotated[str | None, _filter("priority", "low, medium, high or urgent.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="At most so many, latest event first.")
    ] = 100,
    with_hidden: Annotated[bool, typer.Option("--all", help="Deleted and archived tickets too.")] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Tickets that meet all conditions, those of the latest event first."""
    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    wanted = {
        "status": status,
        "status_type": None if status_type is None else status_type.value,
        "agent": agent,
        "team": team,
        "department": department,
        "priority": priority,
    }
    with call.ledger() as ledger:
        rows, held = _listed(ledger, past, wanted, with_hidden=with_hidden, limit=limit)
    if call.as_json:
        document({"rows": [as_document(row) for row in rows], **held.as_dict})
        return
    columns = ["ticket", "subject", "status", "priority", "team", "agent", "last event"]
    table(columns, [_in_list(row) for row in rows], total=f"{len(rows)} tickets {held.line}")


@app.command("show")
def show(
    context: typer.Context,
    ticket_id: TicketId,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """One ticket as it stands, or stood; deleted and archived ones too."""
    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger:
        row, held = _ticket(ledger, ticket_id, past)
    shown = as_document(row)
    if call.as_json:
        document({**shown, "holds": held.as_dict})
        return
    shown["tags"] = ", ".join(shown["tags"])
    custom = shown.pop("fields")
    pairs = [(name, plain_instant(value) if name.endswith("_at") else value) for name, value in shown.items()]
    pairs += [(f"field {name}", text) for name, (_, text) in custom.items()]
    facts([(name, value) for name, value in pairs if value not in (None, "")])
    answer(held.line)


@app.command("history")
def history(
    context: typer.Context,
    ticket_id: TicketId,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Everything that happened to a ticket: when, by whom, through which door, and why."""
    from replay.history import history as entries_of

    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger:
        held = holds(ledger, past)
        entries = entries_of(ticket_events(ledger, ticket_id, past))
    if call.as_json:
        document({"ticket_id": ticket_id, "rows": [by_name(one) for one in entries], **held.as_dict})
        return
    show_history(entries)
    answer(held.line)


@app.command("diff")
def diff(
    context: typer.Context,
    ticket_id: TicketId,
    first: Annotated[Instant, typer.Argument(metavar="T1", parser=as_instant, help="An instant with an offset or Z.")],
    second: Annotated[Instant, typer.Argument(metavar="T2", parser=as_instant, help="Another, earlier or later.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """What is different at T2 from what was at T1, and the events that made it so."""
    from replay.diff import diff as between
    from replay.time_travel import Viewpoint

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        found = between(ticket_events(ledger, ticket_id, Past()), Viewpoint(first), Viewpoint(second))
        position = ledger.journal.tip().position
    if call.as_json:
        document(
            {
                "ticket_id": ticket_id,
                "from": first,
                "to": second,
                "changes": [by_name(change) for change in found.changes],
                "events": [by_name(one) for one in found.events],
                "position": position,
            }
        )
        return
    title = f"{ticket_id} from {plain_instant(first)} to {plain_instant(second)}"
    rows = [(change.field, _plain(change.old), _plain(change.new)) for change in found.changes]
    table(["property", "was", "is"], rows, title=title, total="" if rows else "nothing changed")
    if found.events:
        show_history(found.events)


def as_document(row: "TicketRow") -> dict[str, Any]:
    """A ticket's row with its tags and custom fields as JSON values."""
    return {**by_name(row), "tags": json.loads(row.tags), "fields": json.loads(row.fields)}


def show_history(entries: "Sequence[Entry]", *, title: str = "") -> None:
    """A history as a table: an event a line, with what it says and what caused it."""
    rows = [
        (
            one.version,
            plain_instant(one.occurred_at),
            one.name.removeprefix("ticket.").replace(".", " ").replace("_", " "),
            one.actor,
            _told(one),
        )
        for one in entries
    ]
    table(["", "occurred at", "event", "actor", "what, and why"], rows, title=title, unbroken=4)


def _listed(
    ledger: "Ledger", past: Past, wanted: dict[str, str | None], *, with_hidden: bool, limit: int
) -> "tuple[list[TicketRow], Holds]":
    from adapters.read_db.queries import list_tickets
    from projections.tickets import TICKETS
    from replay.time_travel import rows_at

    if past.is_present:
        with present(ledger) as (connection, held):
            return list_tickets(connection, **wanted, with_hidden=with_hidden, limit=limit), held
    held = holds(ledger, past)
    rows = [
        row
        for row in rows_at(TICKETS, events(ledger, past, opened=True))
        if (with_hidden or not (row.is_deleted or row.is_archived))
        and all(value is None or getattr(row, name) == value for name, value in wanted.items())
    ]
    return sorted(rows, key=lambda row: -row.position)[:limit], held


def _ticket(ledger: "Ledger", ticket_id: str, past: Past) -> "tuple[TicketRow, Holds]":
    from adapters.read_db.queries import find_ticket
    from domain.projecting import projection_stream
    from projections.parking import skipped_by
    from projections.tickets import TICKETS
    from replay.time_travel import rows_at, seen_from

    if past.is_present:
        with present(ledger) as (connection, held):
            if (row := find_ticket(connection, ticket_id)) is not None:
                return row, held
    held = holds(ledger, past)
    requests = projection_stream(TICKETS.name)
    skipped = skipped_by(seen_from(ledger.journal.load([requests])[requests], past.viewpoint))
    rows = rows_at(TICKETS, ticket_events(ledger, ticket_id, past), skipped)
    if not rows:
        raise Stop(Exit.FAILURE, f"ticket {ticket_id} cannot be folded; `deskledger projection status` says why")
    return rows[0], held


def _in_list(row: "TicketRow") -> tuple[object, ...]:
    marks = [mark for mark, is_so in (("deleted", row.is_deleted), ("archived", row.is_archived)) if is_so]
    status = ", ".join([row.status, *marks])
    return (
        row.ticket_id,
        _shortened(row.subject or "", _SUBJECT),
        status,
        row.priority,
        row.team,
        row.agent,
        plain_instant(row.last_event_at),
    )


def _told(one: "Entry") -> tuple[str, ...]:
    """The content of an event in a few words, then what caused it."""
    data = dict(one.data)
    name = f"{data.pop('field')}: " if "field" in data else ""
    said = []
    for old, new in (("old", "new"), ("old_status", "new_status"), ("from_state", "to_state")):
        if new in data:
            was, becomes = (_plain(data.pop(key, None)) or "(none)" for key in (old, new))
            said.append(f"{name}{_shortened(was, _TOLD)} \N{RIGHTWARDS ARROW} {_shortened(becomes, _TOLD)}")
    said += [_shortened(_said(key, value), _TOLD) for key, value in data.items() if key not in _UNTOLD and value]
    lines = [", ".join(said)] if said else []
    if one.cause:
        lines.append(f"because of event {one.cause.rpartition('@')[2]}" + (", by the rule" if one.rule else ""))
    return (*lines, one.rule) if one.rule else tuple(lines)


def _said(name: str, value: object) -> str:
    if name in _SPELT:
        return f"{_SPELT[name]} {plain_instant(str(value))}"
    return f"{_LENGTHS[name]} {written(int(str(value)))}" if name in _LENGTHS else _plain(value)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _plain(value: object) -> str:
    """A value of an event's content as people read it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case [str() as kind, str() as text] if kind in _FIELD_TYPES:
            return text
        case list():
            return ", ".join(_plain(one) for one in value)
        case dict():
            return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
        case _:
            return str(value)
