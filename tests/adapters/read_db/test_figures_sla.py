"""The SLA report (F-94, F-100): the truth table, windows, overdue tickets, the same with and without a ticker."""

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.read_db.figures.blueprint import Metric, blueprint_tickets
from adapters.read_db.figures.sla import Promise, Violation, overdue_tickets, sla_tickets, sla_violations
from adapters.read_db.figures.time import EVER, Window
from adapters.read_db.past import past_database
from adapters.saved_views import run_view
from domain.ticket import events as e
from domain.ticket import sla_events as s
from domain.values import StatusType
from domain.views import parse_view
from replay.time_travel import as_of
from tests.examples import OFFICE, moment
from tests.projections.course import STANDARD, resolution_due, response_due
from tests.projections.histories import Log, at, opened
from tests.replay.explain_desk import BILLING, POLICY, REFUND, Desk, target

RESPONSE_DUE, RESOLUTION_DUE = 60, 480
CLOSED = e.TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED)
HELD = e.TicketStatusChanged("Open", StatusType.OPEN, "Waiting", StatusType.ON_HOLD)


def ticket(log, name, replied, closed, *, ticks):
    """A ticket of T7: response due after one hour, resolution after eight; None: not yet."""
    stream = f"ticket:{name}"
    log.record(stream, opened(), 0)
    log.record(stream, s.SlaApplied(*STANDARD, at(0)), 0)
    log.record(stream, response_due(RESPONSE_DUE), 0)
    log.record(stream, resolution_due(RESOLUTION_DUE), 0)
    ends = [
        (replied, RESPONSE_DUE, s.ResponseViolated, s.ResponseMet, s.ResponseCameLate),
        (closed, RESOLUTION_DUE, s.ResolutionViolated, s.ResolutionMet, s.ResolutionCameLate),
    ]
    timed = []
    for minutes, due, violated, met, late in ends:
        is_late = minutes is None or minutes >= due
        if is_late and (ticks or minutes is not None):
            timed.append((due, violated(*STANDARD, "high", at(due))))
        if minutes is not None:
            over = (minutes - due) * 60
            timed.append((minutes, late(*STANDARD, at(due), over) if is_late else met(*STANDARD, at(due))))
    if closed is not None:
        timed.append((closed, CLOSED))
    for minutes, event in sorted(timed, key=lambda one: one[0]):
        log.record(stream, event, minutes)


def asked(log, minutes, question, *more):
    with past_database(as_of(log.events, at(minutes))) as connection:
        return question(connection, *more)


def types(log, minutes, window=EVER):
    rows = asked(log, minutes, sla_tickets, Violation.ALL, at(minutes), window)
    return {row.ticket_id: row.violation for row in rows}


@pytest.mark.parametrize("ticks", [True, False])
@pytest.mark.parametrize(
    ("replied", "closed", "violation"),
    [(30, 300, "none"), (90, 300, "response"), (30, 1_560, "resolution"), (90, 1_560, "both")],
)
def test_the_truth_table_of_the_four_cases_t7_f94(replied, closed, violation, ticks):
    log = Log()
    ticket(log, "a", replied, closed, ticks=ticks)
    (row,) = asked(log, 2_000, sla_tickets, Violation.ALL, at(2_000))
    assert row.violation == violation
    assert row.response_late_seconds == ((replied - 60) * 60 if replied > 60 else None)
    assert row.resolution_late_seconds == ((closed - 480) * 60 if closed > 480 else None)
    assert (row.response_due_at, row.resolution_due_at) == (at(60), at(480))
    assert (row.response_policy, row.response_policy_version, row.response_priority) == ("standard", 1, "high")
    assert not row.is_overdue
    summary = asdict(asked(log, 2_000, sla_violations, at(2_000)))
    counts = {name: summary[name] for name in ("none", "response", "resolution", "both", "overdue")}
    assert counts == {"none": 0, "response": 0, "resolution": 0, "both": 0, "overdue": 0} | {violation: 1}


@pytest.mark.parametrize("ticks", [True, False])
def test_an_open_ticket_past_due_counts_as_violated_from_the_due_instant_on_f94_f100(ticks):
    log = Log()
    ticket(log, "a", None, None, ticks=ticks)
    assert types(log, 59) == {"a": "none"}
    assert types(log, 60) == {"a": "response"}
    assert types(log, 479) == {"a": "response"}
    assert types(log, 480) == {"a": "both"}
    assert asked(log, 59, overdue_tickets, at(59)) == []
    assert asked(log, 60, overdue_tickets, at(60)) == ["a"]
    (row,) = asked(log, 70, sla_tickets, Violation.OVERDUE, at(70))
    assert (row.is_overdue, row.response_late_seconds, row.response_violated_at) == (True, 600, at(60))


def test_a_ticket_whose_clock_does_not_run_is_not_overdue_and_its_lateness_does_not_grow_f100():
    log = Log()
    ticket(log, "a", None, None, ticks=True)
    log.record("ticket:a", HELD, 500)
    for minutes in (500, 900):
        (row,) = asked(log, minutes, sla_tickets, Violation.ALL, at(minutes))
        assert (row.violation, row.is_overdue) == ("both", False)
        assert (row.response_late_seconds, row.resolution_late_seconds) == (440 * 60, 20 * 60)
    assert asked(log, 900, overdue_tickets, at(900)) == []


def test_a_paused_clock_is_not_due_f93():
    log = Log()
    log.ticket("a", opened(), response_due(60), s.ResponsePaused(*STANDARD, at(60)))
    assert types(log, 600) == {"a": "none"}


def test_a_violation_stays_with_the_promise_that_was_broken_t9():
    log = Log()
    log.record("ticket:a", opened(), 0)
    log.record("ticket:a", response_due(60, "high"), 0)
    log.record("ticket:a", s.ResponseViolated(*STANDARD, "high", at(60)), 60)
    log.record("ticket:a", response_due(480, "low"), 70)
    log.record("ticket:a", s.ResponseMet(*STANDARD, at(480)), 90)
    assert types(log, 100) == {"a": "response"}
    groups = asked(log, 100, sla_violations, at(100)).groups
    assert [(group.priority, group.none, group.response) for group in groups] == [("high", 0, 1), ("low", 1, 0)]


def test_a_verdict_is_in_the_window_in_which_it_fell_f94():
    log = Log()
    ticket(log, "a", 90, 1_560, ticks=True)
    ticket(log, "b", 30, None, ticks=True)
    first, second, third = Window(None, at(60)), Window(at(60), at(480)), Window(at(480), at(2_000))
    assert types(log, 2_000, first) == {"a": "response", "b": "none"}
    assert types(log, 2_000, second) == {"a": "resolution", "b": "resolution"}
    assert types(log, 2_000, third) == {}
    (row,) = asked(log, 2_000, sla_tickets, Violation.NONE, at(2_000), first)
    assert (row.ticket_id, row.response_outcome, row.resolution_policy) == ("b", "met", None)


TICKETS = st.lists(
    st.tuples(st.none() | st.integers(1, 1_000), st.none() | st.integers(1, 1_000)), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(TICKETS, st.integers(0, 1_200), st.integers(0, 1_200), st.integers(1, 1_200))
def test_the_report_equals_a_recount_with_and_without_a_ticker_f94_f100(tickets, minutes, after, length):
    window = Window(at(after), at(after + length))

    def verdict(ended, due):
        """When the verdict fell, and whether it is a violation; None where there is none at T."""
        if ended is not None and ended < due:
            return (ended, False) if ended <= minutes else None
        return (due, True) if due <= minutes else None

    def kind(verdicts):
        response, resolution = (one is not None and one[1] for one in verdicts)
        return "both" if response and resolution else "response" if response else "resolution" if resolution else "none"

    everything, in_window, overdue = {}, {}, []
    for n, (replied, closed) in enumerate(tickets):
        verdicts = [verdict(replied, RESPONSE_DUE), verdict(closed, RESOLUTION_DUE)]
        everything[str(n)] = kind(verdicts)
        fell = [one if one is not None and after < one[0] <= after + length else None for one in verdicts]
        if any(fell):
            in_window[str(n)] = kind(fell)
        waits = [
            due <= minutes and (ended is None or ended > minutes)
            for ended, due in ((replied, RESPONSE_DUE), (closed, RESOLUTION_DUE))
        ]
        if any(waits) and (closed is None or closed > minutes):
            overdue.append(str(n))
    for ticks in (True, False):
        log = Log()
        for n, (replied, closed) in enumerate(tickets):
            ticket(log, str(n), replied, closed, ticks=ticks)
        assert types(log, minutes) == everything
        assert types(log, minutes, window) == in_window
        assert asked(log, minutes, overdue_tickets, at(minutes)) == overdue
        summary = asked(log, minutes, sla_violations, at(minutes), window)
        assert summary.overdue == len(overdue)
        for one in ("none", "response", "resolution", "both"):
            assert getattr(summary, one) == list(in_window.values()).count(one)
            assert sum(getattr(group, one) for group in summary.groups) == getattr(summary, one)


# One answer, whoever is asked

AWAY = (("ArchiveTicket", "UnarchiveTicket"), ("DeleteTicket", "RestoreTicket"))


def test_a_verdict_of_a_target_that_was_over_when_it_was_set_falls_at_the_change_t9():
    log = Log()
    log.record("ticket:a", opened(), 0)
    log.record("ticket:a", response_due(480, "low"), 0)
    log.record("ticket:a", response_due(60, "high"), 300)
    log.record("ticket:a", s.ResponseViolated(*STANDARD, "high", at(60)), 300)
    assert types(log, 400, Window(None, at(299))) == {}
    assert types(log, 400, Window(at(299), at(300))) == {"a": "response"}
    (row,) = asked(log, 400, sla_tickets, Violation.ALL, at(400))
    assert (row.response_due_at, row.response_violated_at) == (at(60), at(300))
    assert row.response_late_seconds == 340 * 60


@pytest.mark.parametrize("words", [*AWAY, (*AWAY[0], *AWAY[1])])
def test_how_late_a_ticket_is_has_one_answer_where_it_was_away_meanwhile_f52_f93(ledger, clock, words):
    """The report, the explanation and the verdict that comes later agree, and so do the two on a state's limit."""
    desk = Desk(ledger, clock)
    desk.define(POLICY)
    desk.define({**REFUND, "states": [{**REFUND["states"][0], "limit": "1h"}, *REFUND["states"][1:]]})
    desk.open(priority="high", **BILLING)
    clock.advance(hours=2, microseconds=7)

    def late():
        with ledger.reading() as connection:
            (row,) = sla_tickets(connection, Violation.ALL, clock())
            (over,) = blueprint_tickets(connection, Metric.OVERSTAYING, clock())
            assert blueprint_tickets(connection, Metric.OVERSTAYS, clock())[0].seconds == over.seconds
        (limit,) = desk.why().limits
        assert over.seconds == limit.late_seconds
        assert row.response_late_seconds == target(desk.why(), "response").late_seconds
        return row.response_late_seconds, over.seconds

    assert late() == (3600, 3600)
    for word in words:
        desk.act(word)
        clock.advance(days=3)
    if len(words) == 2:
        clock.advance(days=-3, hours=1)
    there = 3600 * 2 if len(words) == 2 else 3600 + 2 * 3 * 86_400
    assert late() == (there, there)
    desk.act("SendReply", body="At last")
    (verdict,) = (one.event for one in desk.events() if isinstance(one.event, s.ResponseCameLate))
    assert verdict.late_seconds == there


@pytest.mark.parametrize(
    ("words", "hours", "is_overdue"),
    [
        ([], 2, True),
        ([], 0.9, False),
        ([("ChangeTicket", {"due_at": moment(hours=50)})], 2, False),
        ([("ChangeTicket", {"due_at": moment(hours=0.5)})], 0.6, True),
        ([("ChangeTicket", {"due_at": moment(hours=0.5)}), ("HoldTicket", {})], 0.6, True),
        ([("ChangeTicket", {"due_at": moment(hours=50)}), ("ChangeTicket", {"due_at": None})], 2, True),
        ([("HoldTicket", {})], 2, False),
        ([("ChangeTicket", {"due_at": moment(hours=0.5)}), ("CloseTicket", {})], 2, False),
        ([("ChangeTicket", {"due_at": moment(hours=0.5)}), ("ArchiveTicket", {})], 2, False),
        ([("ChangeTicket", {"due_at": moment(hours=0.5)}), ("DeleteTicket", {})], 2, False),
    ],
)
@pytest.mark.parametrize("priority", ["high", "medium"])
def test_overdue_has_one_answer_by_hand_else_by_a_clock_that_runs_f47_f49_f100(
    ledger, clock, words, hours, is_overdue, priority
):
    """A ticket of medium priority has no target, so only a date set by hand makes it overdue."""
    desk = Desk(ledger, clock)
    desk.define(POLICY)
    desk.open(priority=priority)
    for word, fields in words:
        desk.act(word, OFFICE, **fields)
    clock.advance(hours=hours)
    by_hand = [fields["due_at"] for word, fields in words if word == "ChangeTicket"][-1:] not in ([], [None])
    expected = ["T-1"] if is_overdue and (by_hand or priority == "high") else []
    shown = {"kind": "view", "key": "v", "name": "V", "columns": ["ticket_id", "is_overdue"]}
    view = parse_view({**shown, "condition": {"field": "is_overdue", "operator": "is", "value": True}})
    with ledger.reading() as connection:
        assert overdue_tickets(connection, clock()) == expected
        assert [row.ticket_id for row in sla_tickets(connection, Violation.OVERDUE, clock())] == expected
        assert all(row.is_overdue for row in sla_tickets(connection, Violation.OVERDUE, clock()))
        assert [row.is_overdue for row in sla_tickets(connection, Violation.ALL, clock())] in ([], [bool(expected)])
        assert sla_violations(connection, clock()).overdue == len(expected)
        assert [row["ticket_id"] for row in run_view(connection, view, clock())] == expected


def test_each_group_lists_exactly_the_tickets_it_counts_t9():
    log = Log()
    log.record("ticket:a", opened(), 0)
    log.record("ticket:a", response_due(60, "high"), 0)
    log.record("ticket:a", s.ResponseViolated(*STANDARD, "high", at(60)), 60)
    log.record("ticket:a", response_due(480, "low"), 70)
    log.record("ticket:b", opened(department="sales"), 70)
    log.record("ticket:b", response_due(480, "low"), 70)
    for group in asked(log, 100, sla_violations, at(100)).groups:
        promise = Promise(group.policy, group.policy_version, group.priority, group.department)
        for kind in ("none", "response", "resolution", "both"):
            found = asked(log, 100, sla_tickets, Violation(kind), at(100), EVER, promise)
            assert len(found) == getattr(group, kind)
            assert all(row.response_priority == group.priority for row in found)
