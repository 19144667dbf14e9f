"""The six metrics (F-119 to F-124): by hand, against a recount from the events, with and without a ticker."""

from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from adapters.read_db.figures.blueprint import ARROW, Metric, blueprint_dashboard, blueprint_tickets
from adapters.read_db.figures.time import EVER, Window
from adapters.read_db.past import past_database
from domain.instant import seconds_between
from domain.ticket import blueprint_events as b
from replay.time_travel import as_of
from tests.projections.course import MOVES, REFUND, entered, force, move, walk
from tests.projections.histories import Log, at, opened


def hand_made():
    """Three tickets: one completes, one overstays in Asked, one is revoked after a forced state."""
    log = Log()
    for ticket in "abc":
        log.record(f"ticket:{ticket}", opened(), 0)
    log.record("ticket:a", entered("New", 30), 0)
    log.record("ticket:a", move("ask", "New", "Asked", 40), 10, actor="agent:ana")
    log.record("ticket:a", move("finish", "Asked", "Done"), 20, actor="agent:bob")
    log.record("ticket:a", b.BlueprintCompleted(*REFUND, "Done"), 20)
    log.record("ticket:b", entered("New", 35), 5)
    log.record("ticket:b", b.StateLimitViolated(*REFUND, "New", at(35)), 35)
    log.record("ticket:b", move("ask", "New", "Asked", 75), 45, actor="agent:ana")
    log.record("ticket:c", entered("New", 37), 7)
    log.record("ticket:c", force("New", "Asked", 49), 19, actor="agent:eve")
    log.record("ticket:c", b.BlueprintRevoked(*REFUND, "Asked", "wrong"), 29)
    return log


def dashboard(log, minutes, window=EVER, **given_):
    with past_database(as_of(log.events, at(minutes))) as connection:
        return blueprint_dashboard(connection, at(minutes), window, **given_)


def figures(rows, metric):
    return {
        (row.item, row.actor) if row.actor else row.item: (row.occurrences, row.total_seconds)
        for row in rows
        if row.metric == metric
    }


def test_the_six_metrics_by_hand_f119_to_f124():
    rows = dashboard(hand_made(), 80)
    assert {(row.blueprint, row.blueprint_version) for row in rows} == {REFUND}
    assert figures(rows, "active") == {None: (1, None)}
    assert figures(rows, "overstaying") == {"Asked": (1, 300)}
    assert figures(rows, "overstays") == {"New": (1, 600), "Asked": (1, 300)}
    assert figures(rows, "run_time") == {"completed": (1, 1_200), "revoked": (1, 1_320)}
    assert figures(rows, "dwell") == {"New": (3, 600 + 2_400 + 720), "Asked": (2, 600 + 600)}
    assert figures(rows, "dwell_open") == {"Asked": (1, 2_100)}
    assert figures(rows, "transitions") == {"ask": (2, 3_000), "finish": (1, 600)}
    assert figures(rows, "transitions_by_actor") == {
        ("ask", "agent:ana"): (2, 3_000),
        ("finish", "agent:bob"): (1, 600),
    }
    assert figures(rows, "forced") == {f"New{ARROW}Asked": (1, 720)}
    assert figures(rows, "sla_violating") == {None: (1, None)}


def test_a_limit_is_over_at_its_due_instant_and_not_before_f120():
    log = Log()
    log.record("ticket:a", opened(), 0)
    log.record("ticket:a", entered("New", 30), 0)
    with past_database(log.events) as connection:
        before, due = at(30 - 1 / 60_000_000), at(30)
        assert before < due
        assert blueprint_tickets(connection, Metric.OVERSTAYING, before) == []
        assert [fact.seconds for fact in blueprint_tickets(connection, Metric.OVERSTAYING, due)] == [0]


def test_a_window_leaves_out_its_beginning_and_holds_its_end_f125():
    window = Window(at(20), at(45))
    rows = dashboard(hand_made(), 80, window)
    assert figures(rows, "run_time") == {"revoked": (1, 1_320)}
    assert figures(rows, "transitions") == {"ask": (1, 2_400)}
    assert figures(rows, "overstays") == {"New": (1, 600)}
    assert figures(rows, "active") == {None: (1, None)}


def test_median_and_p90_are_durations_that_occurred_f121():
    log = Log()
    for n in range(1, 12):
        log.record(f"ticket:{n}", opened(), 0)
        log.record(f"ticket:{n}", entered("New"), 0)
        log.record(f"ticket:{n}", b.BlueprintCompleted(*REFUND, "New"), n)
    (row,) = [row for row in dashboard(log, 60) if row.metric == "run_time"]
    assert (row.occurrences, row.mean_seconds) == (11, 360)
    assert (row.median_seconds, row.p90_seconds) == (6 * 60, 10 * 60)


def test_versions_of_a_blueprint_are_apart_and_can_be_asked_for_alone_f125():
    log = Log()
    for ticket, blueprint in (("a", REFUND), ("b", ("refund", 2)), ("c", ("other", 1))):
        log.record(f"ticket:{ticket}", opened(), 0)
        log.record(f"ticket:{ticket}", entered("New", None, blueprint), 1)
    active = {(row.blueprint, row.blueprint_version) for row in dashboard(log, 9) if row.metric == "active"}
    assert active == {REFUND, ("refund", 2), ("other", 1)}
    assert {row.blueprint_version for row in dashboard(log, 9, blueprint="refund")} == {1, 2}
    assert {row.blueprint_version for row in dashboard(log, 9, blueprint="refund", version=2)} == {2}


# Against a recount


def recount(log, minutes, window):
    """The figures from the events alone, by a loop that knows no rows."""
    now = at(minutes)

    def holds(instant):
        return (window.after is None or instant > window.after) and (window.until is None or instant <= window.until)

    counts, totals = Counter[Any](), defaultdict[Any, int](int)
    tickets = defaultdict[Any, set[str]](set)

    def count(blueprint, metric, item, seconds, actor=None):
        counts[*blueprint, metric, item, actor] += 1
        totals[*blueprint, metric, item, actor] += seconds

    def leave(ticket, where, left_at, by):
        blueprint, state, since, due, _ = where
        if by != "completed" and holds(left_at):
            count(blueprint, "dwell", state, seconds_between(since, left_at))
        if due is not None and due <= left_at and holds(due):
            count(blueprint, "overstays", state, seconds_between(due, left_at))
            tickets[blueprint].add(ticket)

    places, begun = {}, {}
    for one in as_of(log.events, now):
        event, when, ticket = one.event, one.occurred_at, one.stream
        match event:
            case b.BlueprintEntered():
                blueprint = (event.blueprint, event.version)
                places[ticket] = (blueprint, event.state, when, event.limit_due_at, one.actor)
                begun[ticket] = when
            case b.TransitionPerformed() | b.StateForced():
                blueprint, state, since = places[ticket][:3]
                leave(ticket, places[ticket], when, "move")
                places[ticket] = (blueprint, event.to_state, when, event.limit_due_at, one.actor)
                if holds(when):
                    spent = seconds_between(since, when)
                    if isinstance(event, b.StateForced):
                        count(blueprint, "forced", f"{state}{ARROW}{event.to_state}", spent)
                    else:
                        count(blueprint, "transitions", event.transition, spent)
                        count(blueprint, "transitions_by_actor", event.transition, spent, one.actor)
            case b.BlueprintCompleted() | b.BlueprintLeft() | b.BlueprintRevoked():
                by = type(event).__name__.removeprefix("Blueprint").lower()
                where = places.pop(ticket)
                leave(ticket, where, when, by)
                if holds(when):
                    count(where[0], "run_time", by, seconds_between(begun[ticket], when))
    for ticket, (blueprint, state, since, due, _) in places.items():
        count(blueprint, "active", None, 0)
        count(blueprint, "dwell_open", state, seconds_between(since, now))
        if due is not None and due <= now:
            count(blueprint, "overstaying", state, seconds_between(due, now))
            if holds(due):
                count(blueprint, "overstays", state, seconds_between(due, now))
                tickets[blueprint].add(ticket)
    for blueprint, own in tickets.items():
        counts[*blueprint, "sla_violating", None, None] = len(own)
    return {
        key: (number, None if key[2] in ("active", "sla_violating") else totals[key]) for key, number in counts.items()
    }


def counted(rows):
    return {
        (row.blueprint, row.blueprint_version, row.metric, row.item, row.actor): (row.occurrences, row.total_seconds)
        for row in rows
    }


WINDOWS = st.sampled_from([EVER, Window(at(100), None), Window(None, at(300)), Window(at(60), at(260))])


@settings(max_examples=60, deadline=None)
@given(MOVES, st.integers(0, 700), WINDOWS)
def test_every_figure_equals_a_recount_with_and_without_a_ticker_f119_to_f124(steps, minutes, window):
    ticked, unticked = walk(steps, ticks=True), walk(steps, ticks=False)
    expected = recount(unticked, minutes, window)
    assert counted(dashboard(unticked, minutes, window)) == expected
    assert dashboard(ticked, minutes, window) == dashboard(unticked, minutes, window)


@settings(max_examples=30, deadline=None)
@given(MOVES, st.integers(0, 700), WINDOWS)
def test_the_tickets_behind_a_figure_are_as_many_as_it_says(steps, minutes, window):
    log, now = walk(steps, ticks=False), at(minutes)
    with past_database(as_of(log.events, now)) as connection:
        for row in blueprint_dashboard(connection, now, window):
            if row.metric not in list(Metric):
                continue
            where: Any = {"blueprint": row.blueprint, "version": row.blueprint_version}
            facts = blueprint_tickets(connection, Metric(row.metric), now, window, item=row.item, **where)
            if row.metric == Metric.SLA_VIOLATING:
                assert len({fact.ticket_id for fact in facts}) == row.occurrences
            else:
                assert len(facts) == row.occurrences
                if row.total_seconds is not None:
                    assert sum(fact.seconds or 0 for fact in facts) == row.total_seconds


# The view


@contextmanager
def database(log):
    import sqlite3

    from adapters.read_db.schema import create
    from adapters.read_db.store import SqliteViews
    from projections.catalogue import PROJECTIONS
    from projections.runner import Runner

    raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    create(raw)
    Runner(PROJECTIONS, SqliteViews(raw), log).catch_up()
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        raw.close()


@settings(max_examples=15, deadline=None)
@given(MOVES, st.integers(0, 700))
def test_the_live_tables_answer_as_the_past_in_memory_does_e03(steps, minutes):
    log, now = walk(steps, ticks=True), at(100_000 + minutes)
    with database(log) as live, past_database(log.events) as past:
        assert blueprint_dashboard(live, now) == blueprint_dashboard(past, now)


def test_the_view_counts_what_the_figure_counts_as_of_now():
    log = hand_made()
    with database(log) as live:
        viewed = live.exec_driver_sql("SELECT * FROM rpt_blueprint_dashboard").fetchall()
        now = live.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')").scalar_one()
        rows = blueprint_dashboard(live, now)
    assert {tuple(row)[:6] for row in viewed} == {
        (row.blueprint, row.blueprint_version, row.metric, row.item, row.actor, row.occurrences) for row in rows
    }


@pytest.mark.parametrize("metric", list(Metric))
def test_a_metric_of_nothing_lists_nothing(metric):
    with past_database([]) as connection:
        assert blueprint_tickets(connection, metric, at(0)) == []
        assert blueprint_dashboard(connection, at(0)) == []
