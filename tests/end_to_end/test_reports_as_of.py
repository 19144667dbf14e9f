"""Any report as of T is the report taken live at T (design section 5, E-03; features 2.1, 2.2, F-94, F-100).

For random T in a random run, with and without a ticker, forwards and after a rebuild, and between these: what ticked is
in no figure. Every figure, every ticket behind one, and saved views are compared; the command line's answers are too,
for fewer runs. The runs are the same every time; DESKLEDGER_SEED names others, DESKLEDGER_EXAMPLES how many.
"""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from adapters.cli.past import Past, holds, present
from adapters.read_db.figures.blueprint import Metric, blueprint_dashboard, blueprint_tickets
from adapters.read_db.figures.sla import Violation, overdue_tickets, sla_tickets, sla_violations
from adapters.read_db.figures.time import Window
from adapters.read_db.past import past_database
from adapters.read_db.queries import backlog
from adapters.saved_views import run_view
from domain.instant import Instant, later, parse_instant
from domain.views import View, parse_view
from replay.time_travel import backlog_at, seen_from
from tests.end_to_end.desk_run import DeskRun, desk_run, random_plan

SEED = int(os.environ.get("DESKLEDGER_SEED", "0"))
EXAMPLES = int(os.environ.get("DESKLEDGER_EXAMPLES", "5"))
TICKETS = (20, 60)
STEPS = 220
LOOKS = 4
DAY = 24

Answers = dict[str, Any]
Asking = Callable[[DeskRun, Past], Answers]


class Look(NamedTuple):
    """What the reports said live."""

    at: Instant
    position: int
    is_at_command: bool
    """Whether the last event was recorded at the very instant."""
    answers: Answers


# Two ways to ask: the queries behind the reports, and the command line


def figures(connection: Connection, at: Instant, views: list[View]) -> Answers:
    """Every figure that there is as of an instant, with the tickets behind it."""
    answers: Answers = {"overdue": overdue_tickets(connection, at)}
    for name, window in {"ever": Window(), "day": Window(later(at, hours=-DAY), at)}.items():
        answers[f"sla {name}"] = sla_violations(connection, at, window)
        answers[f"blueprint {name}"] = blueprint_dashboard(connection, at, window)
    for violation in Violation:
        answers[f"sla {violation}"] = sla_tickets(connection, violation, at)
    for metric in Metric:
        answers[f"blueprint {metric}"] = blueprint_tickets(connection, metric, at)
    for view in views:
        answers[f"view {view.key}"] = run_view(connection, view, at)
    return answers


def by_queries(run: DeskRun, past: Past) -> Answers:
    """The figures of now or of a past, by the queries that the reports are made of."""
    views = [parse_view(document) for document in run.views]
    if past.is_present:
        with present(run.ledger) as (connection, held):
            assert (held.position, held.as_of) == (run.seen, run.clock())
            return {"backlog": list(backlog(connection)), **figures(connection, run.clock(), views)}
    at = holds(run.ledger, past).as_of
    assert at is not None
    seen = list(seen_from(run.ledger.journal.read(), past.viewpoint))
    with past_database(seen) as connection:
        return {"backlog": list(backlog_at(seen)), **figures(connection, parse_instant(at), views)}


REPORTS = ("report backlog", "report sla", "report sla --tickets all", "report blueprint")
WINDOWED = ("report sla", "report blueprint")
HELD = ("position", "as_of")
"""What an answer of the command line says of itself; the rest are its figures."""


def by_command_line(run: DeskRun, past: Past) -> Answers:
    """What the command line prints; each answer says up to where it holds."""
    said = ("--as-of", past.as_of), ("--known-at", past.known_at), ("--at-position", past.at_position)
    cut = [word for name, value in said if value is not None for word in (name, str(value))]
    answers: Answers = {}
    held = holds(run.ledger, past)
    assert held.as_of is not None
    windowed = (f"{words} --from {later(parse_instant(held.as_of), hours=-DAY)}" for words in WINDOWED)
    for words in (*REPORTS, *windowed, *(f"view run {view['key']}" for view in run.views)):
        answer = run.ask(*words.split(), *cut)
        assert (answer["position"], answer["as_of"]) == (held.position, held.as_of), (words, cut)
        answers[words] = {name: value for name, value in answer.items() if name not in HELD}
    return answers


# A run and its past


def look(run: DeskRun, asking: Asking) -> Look:
    """Every report, now."""
    [(last,)] = run.ledger.journal.connection.execute("SELECT max(recorded_at) FROM log")
    return Look(run.clock(), run.seen, last == run.clock(), asking(run, Past()))


def lived(run: DeskRun, number: int, tickets: int, asking: Asking, *, ticks: bool) -> list[Look]:
    """The plan's days with a look now and then."""
    ticker, looks = Random(number), []
    for step in random_plan(number, tickets, STEPS, LOOKS):
        run.pass_time(step)
        if step.kind == "command":
            run.send(step.asked)
        elif step.kind == "tick" and ticks and run.tickets:
            run.tick(ticker.sample(run.tickets, ticker.randint(1, len(run.tickets))))
        elif step.kind == "look":
            looks.append(look(run, asking))
            # What is recorded at the very instant of a look, but after it, would be part of that instant.
            run.clock.advance(microseconds=1)
    return looks


def assert_same(found: Answers, expected: Answers, *about: object) -> None:
    """Name by name, so that a difference names its report."""
    for name, answer in expected.items():
        assert found[name] == answer, (name, *about)
    assert found.keys() == expected.keys()


def assert_the_past_is_as_it_was(run: DeskRun, looks: list[Look], asking: Asking) -> None:
    """The three words give each look again."""
    for taken in looks:
        cuts = [
            Past(as_of=taken.at),
            Past(known_at=taken.at),
            Past(as_of=taken.at, known_at=taken.at),
            Past(as_of=taken.at, at_position=taken.position),
        ]
        if taken.is_at_command:
            cuts.append(Past(at_position=taken.position))
        for past in cuts:
            assert_same(asking(run, past), taken.answers, past.said)


def assert_any_instant_is_as_it_was(number: int, tickets: int, asking: Asking) -> None:
    """A run without a ticker and the same run with one, forwards and after a rebuild of each."""
    lives: list[list[Look]] = []
    for ticks in (False, True):
        with TemporaryDirectory() as folder, desk_run(Path(folder)) as run:
            looks = lived(run, number, tickets, asking, ticks=ticks)
            assert_the_past_is_as_it_was(run, looks, asking)
            now = look(run, asking)
            run.ledger.runner.rebuild()
            assert_same(asking(run, Past()), now.answers, "rebuilt")
            for taken in looks:
                assert_same(asking(run, Past(as_of=taken.at)), taken.answers, "rebuilt", taken.at)
            lives.append([*looks, now])
    for one, other in zip(*lives, strict=True):
        assert one.at == other.at
        assert_same(other.answers, one.answers, "with a ticker", one.at)


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a run is as long as it is whatever its number, so there is nothing to shrink
    suppress_health_check=list(HealthCheck),
)
@given(number=st.integers(0, 2**32 - 1), tickets=st.integers(*TICKETS))
def test_any_report_as_of_an_instant_is_the_report_taken_live_then(number, tickets):
    """E-03: without a ticker, with one, and after a rebuild."""
    assert_any_instant_is_as_it_was(number, tickets, by_queries)


@pytest.mark.parametrize("number", [SEED, SEED + 1])
def test_the_command_line_says_of_the_past_what_it_said_then(number):
    """E-03: `report` and `view run`, with the position and the instant up to which each answer holds."""
    assert_any_instant_is_as_it_was(number, TICKETS[0], by_command_line)


def test_a_later_claim_changes_what_had_happened_but_not_what_was_known(path):
    """Design section 5: `--as-of` sees what is claimed of the past, `--known-at` the report as it was produced."""
    with desk_run(path.parent) as run:
        looks = lived(run, SEED, TICKETS[0], by_queries, ticks=False)
        run.clock.advance(hours=1)
        claimed = [
            run.send({"command": "AddTags", "ticket_id": one, "tags": ["late"], "occurred_at": looks[0].at})
            for one in run.tickets
        ]
        assert any(receipt.outcome == "accepted" for receipt in claimed)
        for taken in looks:
            assert_same(by_queries(run, Past(known_at=taken.at)), taken.answers)
            both = Past(as_of=taken.at, at_position=taken.position)
            assert_same(by_queries(run, both), taken.answers)
