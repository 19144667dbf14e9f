"""Why a ticket is late or not: each target and each state's limit, and the time that did not count (T7, T9, F-93)."""

import pytest

from domain.instant import micros_between
from domain.ticket.sla_events import ResponseMet
from projections.base import Unfoldable
from projections.clocks import SLA_CLOCKS
from replay.explain_clocks import Limit, targets_of
from replay.explain_entry import definitions_of
from replay.explain_ticket import TicketExplained
from tests.examples import ANA, ARCHIVE_ROOM, moment
from tests.replay.explain_desk import BILLING, POLICY, REFUND, Desk, target


@pytest.fixture
def desk(ledger, clock) -> Desk:
    """Nothing is defined yet; the clock stands at Monday nine."""
    return Desk(ledger, clock)


@pytest.fixture
def timed(desk: Desk) -> Desk:
    """With an SLA policy since nine; now it is ten."""
    desk.define(POLICY)
    desk.clock.advance(hours=1)
    return desk


def only_limit(found: TicketExplained) -> Limit:
    (limit,) = found.limits
    return limit


@pytest.mark.parametrize(
    ("reply", "close", "late"),
    [
        (0.5, 5, {"response": None, "resolution": None}),
        (1.5, 5, {"response": 1800, "resolution": None}),
        (0.5, 26, {"response": None, "resolution": 18 * 3600}),
        (1.5, 26, {"response": 1800, "resolution": 18 * 3600}),
    ],
)
def test_t7_each_target_says_whether_and_by_how_much_it_was_late(timed, reply, close, late):
    """T7."""
    timed.open(priority="high")
    timed.clock.advance(hours=reply)
    timed.act("SendReply", body="Seen")
    timed.clock.advance(hours=close - reply)
    timed.act("CloseTicket")
    found = timed.why()
    assert {one.clock: one.late_seconds for one in found.targets} == late
    assert {one.clock: one.due_at for one in found.targets} == {
        "response": moment(hours=2),
        "resolution": moment(hours=9),
    }
    assert found.is_late is any(late.values())
    assert {(one.policy, one.version, one.policy_name) for one in found.targets} == {("standard", 1, "Standard")}
    assert all(one.is_on_record for one in found.targets if one.is_violated)


def test_t7_both_late_and_nobody_answered_yet_is_said_in_words(timed):
    """T7: what time alone caused counts, though nothing is on record."""
    timed.open(priority="high")
    found = timed.why(until=moment(hours=28))
    assert [one.name for one in timed.events()][-1] == "resolution.due_set"
    assert found.is_late
    by_time = "violated when it was due, by time alone and not on record yet"
    response, resolution = found.summary
    assert response == (
        f"the response target for priority high was due 2026-06-01 11:00:00Z: {by_time}; "
        "not answered yet, 1d 2h late so far"
    )
    assert resolution == (
        f"the resolution target for priority high was due 2026-06-01 18:00:00Z: {by_time}; "
        "not closed yet, 19h late so far"
    )
    assert not any(one.is_on_record for one in found.targets)
    assert [one.violated_at for one in found.targets] == [moment(hours=2), moment(hours=9)]


def test_the_explanation_is_the_same_whether_or_not_anything_ticked(timed):
    """F-94, design section 4."""
    timed.open(priority="high", **BILLING)
    timed.clock.advance(hours=3)
    before = timed.why()
    timed.act("LapseTicket", actor="system")
    after = timed.why()
    assert [(one.violated_at, one.late_seconds) for one in before.targets] == [
        (one.violated_at, one.late_seconds) for one in after.targets
    ]
    assert (target(before, "response").is_on_record, target(after, "response").is_on_record) == (False, True)


def test_a_target_is_violated_from_its_due_instant_on(timed):
    """F-92: met strictly before."""
    timed.open(priority="high")
    a_moment_before = timed.why(until=moment(hours=2, microseconds=-1))
    assert not a_moment_before.is_late
    assert target(a_moment_before, "response").said == "runs, 0s to go"
    assert timed.why(until=moment(hours=2)).is_late


def test_a_ticket_that_is_in_time_says_how_much_is_left(timed):
    timed.open(priority="high")
    timed.clock.advance(minutes=30)
    found = timed.why()
    assert not found.is_late
    assert found.summary == ("response: runs, 30m to go", "resolution: runs, 7h 30m to go")
    assert [one.left_seconds for one in found.targets] == [1800, 27000]


def test_t9_a_violation_under_high_stays_and_the_new_target_stands_beside_it(timed):
    """T9."""
    timed.open(priority="high")
    timed.clock.advance(hours=9)
    timed.act("ChangePriority", priority="low")
    found = timed.why()
    resolutions = [one for one in found.targets if one.clock == "resolution"]
    assert [(one.priority, one.outcome, one.is_violated) for one in resolutions] == [
        ("high", "superseded", True),
        ("low", "running", False),
    ]
    assert found.is_late
    assert resolutions[0].said == "violated when it was due; ended: another target took its place"
    assert resolutions[1].due_at == moment(hours=49)
    assert target(found, "response").outcome == "cleared"


def test_t9_a_target_that_is_over_when_it_is_set_is_violated_then(timed):
    """T9."""
    timed.open(priority="low")
    timed.clock.advance(hours=10)
    timed.act("ChangePriority", priority="high")
    found = target(timed.why(), "resolution")
    assert (found.due_at, found.violated_at) == (moment(hours=9), moment(hours=11))
    assert found.said.startswith("violated when it was set, for it was over then already; not closed yet, 2h late")


def test_a_hold_is_named_with_its_reason_and_moves_what_is_due(timed):
    """F-93, pain "hold time mishandled"."""
    timed.open(priority="high")
    timed.clock.advance(minutes=10)
    timed.act("HoldTicket")
    timed.clock.advance(minutes=5)
    held = target(timed.why(), "response")
    assert (held.outcome, held.due_at, held.left_seconds) == ("paused", None, 3000)
    assert held.said == "stands still because status On Hold is on_hold, 50m to go"
    assert timed.why().not_running == "status On Hold is on_hold"
    timed.clock.advance(minutes=15)
    timed.act("ResumeTicket")
    found = timed.why()
    assert found.not_running is None
    (period,) = target(found, "response").held
    assert (period.began_at, period.ended_at, period.seconds, period.why) == (
        *(moment(hours=1, minutes=10), moment(hours=1, minutes=30), 1200, "status On Hold is on_hold"),
    )
    assert target(found, "response").due_at == moment(hours=2, minutes=20)


def test_every_reason_why_no_time_counts_is_a_period_of_its_own(timed):
    """F-52: closed, archived and deleted stop the clocks as well."""
    timed.open(priority="high")
    for name in ("HoldTicket", "CloseTicket", "ArchiveTicket", "UnarchiveTicket", "ReopenTicket", "DeleteTicket"):
        timed.clock.advance(minutes=10)
        timed.act(name)
    timed.clock.advance(minutes=10)
    timed.act("RestoreTicket")
    held = target(timed.why(), "response").held
    assert [(one.why, one.seconds) for one in held] == [
        ("status On Hold is on_hold", 600),
        ("status Closed is closed", 600),
        ("archived and status Closed is closed", 600),
        ("status Closed is closed", 600),
        ("deleted", 600),
    ]
    assert all(one.ended_at for one in held)


def test_what_is_due_is_the_start_the_target_and_all_that_was_held(timed):
    """Features 2.2: the periods that are told add up."""
    timed.open(priority="low")
    for name in ("HoldTicket", "ResumeTicket", "DeleteTicket", "RestoreTicket", "CloseTicket", "ReopenTicket"):
        timed.clock.advance(hours=3)
        timed.act(name)
    timed.clock.advance(hours=3)
    timed.act("HoldTicket")
    timed.clock.advance(hours=1)
    timed.act("ResumeTicket")
    for one in timed.why().targets:
        if one.due_at is not None:
            held = sum(period.seconds for period in one.held)
            assert micros_between(one.started_at, one.due_at) == (one.target_seconds + held) * 1_000_000
    assert target(timed.why(), "resolution").started_at == moment(hours=19)


def test_an_archived_ticket_waits_and_is_not_late(timed):
    """F-52."""
    timed.open(priority="high")
    timed.clock.advance(minutes=10)
    timed.act("CloseTicket")
    timed.act("ArchiveTicket")
    found = timed.why(until=moment(days=30))
    assert not found.is_late
    assert found.not_running == "archived and status Closed is closed"


def test_a_claim_that_it_was_in_time_is_said_and_the_verdict_stands(timed):
    """Design section 4."""
    timed.open(priority="high")
    timed.clock.advance(hours=2)
    timed.act("SendReply", ARCHIVE_ROOM, body="Before", occurred_at=moment(hours=1, minutes=30), actor=ANA)
    found = target(timed.why(), "response")
    assert (found.is_violated, found.is_contested) == (True, True)
    assert "somebody claims that it was in time; the verdict stands" in found.said


def test_a_due_date_set_by_hand_makes_a_ticket_late_while_it_is_not_closed(timed):
    timed.open()
    timed.act("ChangeTicket", due_at=moment(hours=2))
    assert not timed.why().is_late
    late = timed.why(until=moment(hours=2))
    assert late.summary == ("the due date set by hand, 2026-06-01 11:00:00Z, has passed",)
    timed.act("CloseTicket")
    assert not timed.why(until=moment(hours=3)).is_late


def test_a_priority_without_a_target_is_why_nothing_is_late(timed):
    timed.open()
    assert timed.why().summary == ("its SLA policy standard promises nothing for a ticket without a priority",)


def test_a_states_limit_runs_until_the_ticket_moves_on(desk):
    """F-110."""
    desk.define(REFUND)
    desk.open(**BILLING)
    running = only_limit(desk.why(until=moment(hours=3)))
    assert (running.blueprint_name, running.limit_seconds, running.said) == (
        *("Refunds", 14400, "runs, 1h to go, until 2026-06-01 13:00:00Z"),
    )
    lapsed = desk.why(until=moment(hours=5))
    assert lapsed.is_late
    assert only_limit(lapsed).said == (
        "violated when it was over, by time alone and not on record yet; still in the state, 1h late so far"
    )
    assert (only_limit(lapsed).is_on_record, only_limit(lapsed).late_seconds) == (False, 3600)
    desk.clock.advance(hours=6)
    desk.act("PerformTransition", transition="Dispute")
    left = only_limit(desk.why())
    assert (left.left_at, left.is_on_record, left.late_seconds) == (moment(hours=6), True, 7200)
    assert left.said == "violated when it was over; the state was left 2h late"


def test_a_states_limit_stands_still_while_the_ticket_is_deleted(desk):
    """F-52."""
    desk.define(REFUND)
    desk.open(**BILLING)
    desk.clock.advance(hours=1)
    desk.act("DeleteTicket")
    away = only_limit(desk.why(until=moment(hours=9)))
    assert (away.due_at, away.is_violated, away.said) == (None, False, "stands still because deleted")
    desk.clock.advance(hours=1)
    desk.act("RestoreTicket")
    back = only_limit(desk.why())
    assert (back.due_at, back.held[0].seconds, back.held[0].why) == (moment(hours=5), 3600, "deleted")


def test_a_clock_whose_end_the_rows_pass_over_is_said_to_be_due_with_no_time_to_go(timed, monkeypatch):
    """E-03: the rows know the skips that were signed, and only they."""
    timed.open(priority="high")
    timed.clock.advance(minutes=30)
    timed.act("SendReply", body="Seen")
    timed.clock.advance(hours=2)
    (met,) = (one for one in timed.events() if isinstance(one.event, ResponseMet))
    sound = SLA_CLOCKS.fold

    def stumbling(rows, events):
        if any(isinstance(one.event, ResponseMet) for one in events):
            raise Unfoldable("it is poison")
        return sound(rows, events)

    definitions = definitions_of(timed.definition_events())
    with monkeypatch.context() as patched:
        patched.setattr(type(SLA_CLOCKS), "__setattr__", object.__setattr__)
        patched.setattr(SLA_CLOCKS, "fold", stumbling)
        found = targets_of(timed.events(), definitions, timed.clock(), {met.position})
    said = next(one.said for one in found if one.clock == "response")
    assert said == "due 1h 30m ago, and no verdict of it is on record"
