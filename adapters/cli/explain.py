"""`deskledger explain` and `deskledger replay explain`: why a ticket is as it is, and why an event happened (E-06)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Final

import typer

from adapters.cli.exits import Exit, NotFound, one_line
from adapters.cli.options import AsOf, AtPosition, Call, Db, Json, KnownAt, TicketId, as_printable, end, os_user
from adapters.cli.output import WIDTH, answer, by_name, document, facts, plain_instant, table
from adapters.cli.past import Past, definition_events, holds, ticket_events
from domain.durations import written

if TYPE_CHECKING:
    from adapters.wiring import Ledger
    from domain.recorded import Recorded
    from replay.explain import Asked, Explanation, Link, Rule, Signature
    from replay.explain_clocks import Held, Limit, Target
    from replay.explain_entry import Candidate
    from replay.explain_ticket import TicketExplained

app: Final = typer.Typer(name="explain", help="Why a ticket is late, waits or stays out.", no_args_is_help=True)

_ANSWERS: Final = {"applies": "applies", "enters": "next", "refuses": "no", "not_asked": "later"}
"""What a table says of a candidate; the reasons stand beside it."""


@app.callback()
def words() -> None:
    """Why a ticket is late, what it may do next, and which definitions take it in."""


@app.command("ticket")
def ticket(
    context: typer.Context,
    ticket_id: TicketId,
    actor: Annotated[
        str | None,
        typer.Option("--actor", metavar="ACTOR", parser=as_printable, help="agent:ID, service:ID or system; else you."),
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_position: AtPosition = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Why a ticket is late or not, what its blueprint offers an actor, and why it is in no blueprint or policy.

    What time alone caused by the instant counts, whether or not it is on record.
    """
    from replay.explain_ticket import explain_ticket

    call = Call.of(context, db, as_json)
    past = Past(as_of, known_at, at_position)
    with call.ledger() as ledger:
        held = holds(ledger, past)
        history = ticket_events(ledger, ticket_id, past)
        found = explain_ticket(
            ticket_id,
            history,
            definition_events(ledger, past),
            held.as_of or ledger.now(),
            actor or f"agent:{os_user()}",
            _skipped(ledger, past),
        )
    if call.as_json:
        document({**by_name(found), **held.as_dict})
        return
    _show_ticket(found)
    answer("")
    answer(held.line)


def event(
    context: typer.Context,
    position: Annotated[int, typer.Argument(metavar="POSITION", min=1, help="Place of the event in the log.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Why an event happened, back to the command that somebody sent, and what it caused at once.

    Exit code 4 where an event on the way names a cause that is not there.
    """
    from replay.explain import explain_event

    call = Call.of(context, db, as_json)
    with call.ledger() as ledger:
        journal = ledger.journal
        last = journal.tip().position
        found = journal.read(position - 1, 1, opened=False) if position <= last else []
        if not found or found[0].position != position:
            raise NotFound(f"there is no event at position {position}; the log ends at {last}")

        @cache
        def stream(name: str) -> "Sequence[Recorded]":
            return journal.load([name])[name]

        explained = explain_event(found[0], stream, lambda command_id: journal.receipts([command_id]).get(command_id))
    if call.as_json:
        document({"position": position, **by_name(explained)})
    else:
        _show_event(explained)
    end(Exit.DONE if explained.broken is None else Exit.NOT_VERIFIED)


def _skipped(ledger: "Ledger", past: Past) -> dict[str, frozenset[int]]:
    """The positions that the projections behind an explanation pass over, as far as the past knows, by their names."""
    from domain.projecting import projection_stream
    from projections.parking import skipped_by
    from replay.explain_ticket import READ
    from replay.time_travel import seen_from

    streams = {one.name: projection_stream(one.name) for one in READ}
    found = ledger.journal.load([*streams.values()])
    return {name: skipped_by(seen_from(found.get(stream, ()), past.viewpoint)) for name, stream in streams.items()}


# A ticket


def _show_ticket(found: "TicketExplained") -> None:
    answer(f"{found.ticket_id} {_standing(found)}")
    _sentences(found.summary)
    if found.not_running is not None:
        _sentences([f"its clocks do not run now: {found.not_running}"])
    _show_targets(found.targets)
    for limit in found.limits:
        answer("")
        facts(_of_limit(limit), title=f"time allowed in state {limit.state}")
    if found.due_by_hand is not None:
        answer("")
        facts([("due by hand", plain_instant(found.due_by_hand.due_at))])
    _show_inside(found)
    _show_candidates("blueprint", found.blueprints, "In no blueprint, and why none took it in")
    when = plain_instant(found.policy_applied_at)
    standing = f"as of {when}, command {found.policy_applied_with}" if when else "as the ticket stands"
    _show_candidates("SLA policy", found.policies, f"SLA policies in order, {standing}")
    if not found.policies:
        answer("")
        answer("no SLA policy is in force")


def _show_targets(targets: "Sequence[Target]") -> None:
    from replay.explain_clocks import WITHOUT_VERDICT

    ended = [target for target in targets if target.outcome in WITHOUT_VERDICT and not target.is_violated]
    for target in targets:
        if target not in ended:
            answer("")
            facts(_of_target(target), title=f"{target.clock} target for priority {target.priority}")
    if ended:
        rows = [
            (one.clock, one.priority, plain_instant(one.started_at), plain_instant(one.ended_at), one.said)
            for one in ended
        ]
        columns = ["clock", "priority", "from", "to", "what became of it"]
        table(columns, rows, title="Targets that ended without a verdict", unbroken=4)


def _standing(found: "TicketExplained") -> str:
    if not found.is_late:
        return "is not late"
    ends = [one.ended_at for one in found.targets if one.is_violated]
    ends += [one.left_at for one in found.limits if one.is_violated]
    is_over = all(ends) and not (found.due_by_hand and found.due_by_hand.is_past)
    return "was late" if is_over else "is late"


def _of_target(target: "Target") -> Iterator[tuple[str, object]]:
    yield "policy", _version(target.policy, target.version, target.policy_name)
    yield "target", f"{written(target.target_seconds)} from {plain_instant(target.started_at)}"
    yield "due", plain_instant(target.due_at) or "never as it stands"
    if target.held:
        yield "not counted", tuple(_period(one) for one in target.held)
    if target.violated_at is not None:
        yield "violated", plain_instant(target.violated_at)
    if target.ended_at is not None:
        yield "ended", plain_instant(target.ended_at)
    yield "so", target.said


def _of_limit(limit: "Limit") -> Iterator[tuple[str, object]]:
    yield "blueprint", _version(limit.blueprint, limit.version, limit.blueprint_name)
    yield "allowed", f"{written(limit.limit_seconds or 0)} from {plain_instant(limit.entered_at)}"
    yield "due", plain_instant(limit.due_at) or "never as it stands"
    if limit.held:
        yield "not counted", tuple(_period(one) for one in limit.held)
    if limit.left_at is not None:
        yield "left", plain_instant(limit.left_at)
    yield "so", limit.said


def _period(held: "Held") -> str:
    until = f" to {plain_instant(held.ended_at)}" if held.ended_at else " on"
    return f"{plain_instant(held.began_at)}{until}, {written(held.seconds)}: {held.why}"


def _show_inside(found: "TicketExplained") -> None:
    inside = found.inside
    for run in found.past_runs:
        answer("")
        answer(
            f"was in {run.blueprint}@{run.version} from {plain_instant(run.entered_at)} "
            f"to {plain_instant(run.ended_at)}: {run.ended_by}"
        )
    if inside is None:
        if not found.blueprints:
            answer("")
            answer("in no blueprint, and none is in force")
        return
    title = f"In state {inside.state} of {_version(inside.blueprint, inside.version, inside.name)}"
    if inside.refused:
        answer("")
        answer(f"{title}; nothing is offered:")
        _sentences(inside.refused)
        return
    rows = [
        (move.transition, move.to_state, "yes" if move.is_offered else "no", tuple(one.reason for one in move.reasons))
        for move in inside.moves
    ]
    table(["transition", "to", "offered", "why not"], rows, title=title, total=f"for {found.actor}")


def _show_candidates(what: str, candidates: "Sequence[Candidate]", title: str) -> None:
    if not candidates:
        return
    rows = [
        (f"{one.key}@{one.version}", one.name, one.order, _ANSWERS[one.answer], (*one.reasons, *one.notes))
        for one in candidates
    ]
    table([what, "name", "order", "taken", "why"], rows, title=title)


def _version(key: str, version: int, name: str | None) -> str:
    return f"{key}@{version}" if name is None else f"{key}@{version}, {name}"


def _sentences(said: Iterable[str]) -> None:
    for one in said:
        for line in wrap(one_line(one), WIDTH, initial_indent="- ", subsequent_indent="  "):
            answer(line)


# An event


def _show_event(explained: "Explanation") -> None:
    chain = explained.chain
    columns = ["position", "event", "occurred at", "actor", "what"]
    table(columns, [_in_chain(one) for one in chain], title=f"Why {chain[0].name} happened, back to its command")
    if explained.broken is not None:
        _sentences([f"the chain is broken here: {explained.broken}; `deskledger replay verify` says more"])
    answer("")
    facts(_of_command(explained.command), title="The command")
    if explained.recorded_with is not None:
        answer("")
        facts(_of_command(explained.recorded_with), title="Recorded with, by time alone and not asked for by it")
    if explained.effects:
        table(columns, [_in_chain(one) for one in explained.effects], title="What it caused at once")
    else:
        answer("")
        answer("it caused no other event")
    rules = {link.rule.text: link.rule for link in (*chain, *explained.effects) if link.rule is not None}
    if rules:
        columns = ["rule", "name", "drafted", "published"]
        table(columns, [_of_rule(rule) for rule in rules.values()], title="The rules")


def _in_chain(link: "Link") -> tuple[object, ...]:
    told = [link.said]
    if link.rule is not None:
        told.append(f"by {link.rule.text}")
    if link.is_by_time:
        told.append(f"by time alone; recorded with command {link.command_id} at {plain_instant(link.recorded_at)}")
    return link.position, (link.name, link.place), plain_instant(link.occurred_at), link.actor, tuple(told)


def _of_rule(rule: "Rule") -> tuple[object, ...]:
    if rule.kind == "built_in":
        return rule.text, "a rule of the program", "", ""
    name = rule.name if rule.drafted is not None else "the log holds no such version"
    return rule.text, name, _signature(rule.drafted), _signature(rule.published)


def _signature(signed: "Signature | None") -> tuple[str, ...]:
    if signed is None:
        return ()
    return f"by {signed.actor}", plain_instant(signed.at), f"position {signed.position}"


def _of_command(asked: "Asked") -> Iterator[tuple[str, object]]:
    yield "command", asked.command or "its name is on no receipt"
    yield "id", asked.command_id
    yield "by", asked.actor
    yield "through", asked.via + ("" if asked.principal in (None, asked.via) else f", principal {asked.principal}")
    if asked.judged_by:
        yield "allowed by", asked.judged_by
    yield "recorded at", plain_instant(asked.recorded_at)
    yield "correlation", asked.correlation_id
    if asked.receipt is None:
        yield "receipt", "none is kept"
        return
    positions = ", ".join(str(position) for position in asked.positions)
    yield "receipt", f"number {asked.receipt}, {asked.outcome}, positions {positions}"
    if asked.reasons:
        yield "because", tuple(reason.sentence for reason in asked.reasons)
