"""Parked tickets are folded again and events passed over, by what the log says alone (design section 5, promise 5)."""

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contacts import ContactErased, ContactRegistered
from domain.projecting import (
    Projecting,
    ProjectionPositionSkipped,
    ProjectionRetryRequested,
    evolve,
    projection_stream,
    retry,
    skip,
)
from domain.ticket import events as e
from domain.ticket.state import Ticket
from projections.base import Unfoldable
from projections.catalogue import PROJECTIONS
from projections.contacts import CONTACTS
from projections.folding import advance
from projections.memory import MemoryRows
from projections.messages import MESSAGES
from projections.parking import rows_of_cut, skipped_by, skips_of
from projections.tickets import TICKETS
from projections.tickets_history import TICKETS_HISTORY
from tests.projections.desk import Desk, fold_all, folded_at_once
from tests.projections.histories import STEPS, Log, opened, write_history

ANA = e.TicketAgentChanged(None, "ana")
BOB = e.TicketAgentChanged("ana", "bob")


def stumbling(projection, *kinds, reason="it is poison"):
    """The projection, unable to fold these events."""

    def fold(rows, events):
        if any(isinstance(one.event, kinds) for one in events):
            raise Unfoldable(reason)
        return projection.fold(rows, events)

    return replace(projection, fold=fold)


def skipping(log, projection, ticket_id, position, reason="nobody needs it"):
    event = ProjectionPositionSkipped(projection.name, ticket_id, position, reason)
    return log.record(projection_stream(projection.name), event)


def retrying(log, projection, ticket_id, position):
    event = ProjectionRetryRequested(projection.name, ticket_id, position)
    return log.record(projection_stream(projection.name), event)


@pytest.fixture
def desk():
    """A desk whose tickets' rows stumble over an archiving; T-1 is parked behind position 3, an event waiting."""
    made = Desk(projections=[stumbling(TICKETS, e.TicketArchived), TICKETS_HISTORY])
    made.log.ticket("T-1", opened(), ANA, e.TicketArchived(), BOB)
    made.log.ticket("T-2", opened(), ANA)
    made.runner.catch_up()
    with closing(made.connection):
        yield made


def tickets(desk):
    query = "SELECT ticket_id, agent, is_archived, version, position FROM dim_tickets ORDER BY 1"
    return desk.connection.execute(query).fetchall()


def parked(desk):
    return [(row[1], row[2]) for row in desk.rows("meta_parked")]


# Decisions


def test_a_skip_is_kept_in_its_projections_state_and_a_retry_changes_none():
    (asked,) = retry("dim_tickets", "T-1", 3)
    (skipped,) = skip("dim_tickets", "T-1", 3, "nobody needs it")
    assert skipped == ProjectionPositionSkipped("dim_tickets", "T-1", 3, "nobody needs it")
    assert evolve(evolve(Projecting(), asked), skipped) == Projecting(frozenset({3}))


# Skips


def test_a_skip_passes_over_one_event_and_folds_what_waited_behind_it(desk):
    assert tickets(desk) == [("T-1", "ana", 0, 2, 2), ("T-2", "ana", 0, 2, 6)]
    assert parked(desk) == [("T-1", 3)]
    skipping(desk.log, TICKETS, "T-1", 3)
    desk.runner.catch_up()
    assert tickets(desk) == [("T-1", "bob", 0, 4, 4), ("T-2", "ana", 0, 2, 6)]
    assert parked(desk) == []
    desk.append(*desk.log.ticket("T-1", e.TicketAgentChanged("bob", "eve")))
    assert tickets(desk)[0] == ("T-1", "eve", 0, 5, 8)


def test_a_skip_is_honoured_within_the_append_that_records_it(desk):
    desk.append(skipping(desk.log, TICKETS, "T-1", 3))
    assert tickets(desk)[0] == ("T-1", "bob", 0, 4, 4)


def test_a_skip_is_of_its_own_projection_only(desk):
    skipping(desk.log, TICKETS, "T-1", 3)
    skipping(desk.log, MESSAGES, "T-2", 6)
    desk.runner.catch_up()
    history = "SELECT is_archived FROM dim_tickets_history WHERE ticket_id = 'T-1' ORDER BY seq DESC LIMIT 1"
    assert desk.connection.execute(history).fetchone() == (1,)
    assert tickets(desk)[1] == ("T-2", "ana", 0, 2, 6)


def test_rows_after_a_skip_are_those_of_a_rebuild_and_of_a_comparison_e05(desk):
    skipping(desk.log, TICKETS, "T-1", 3)
    desk.runner.catch_up()
    before = desk.all_rows()
    assert desk.runner.compare() == []
    desk.runner.rebuild()
    assert desk.all_rows() == before


def test_a_skip_of_a_sound_event_takes_nothing_out_of_any_row_e05(desk):
    skipping(desk.log, TICKETS, "T-2", 6)
    desk.runner.catch_up()
    desk.runner.rebuild()
    assert tickets(desk)[1] == ("T-2", "ana", 0, 2, 6)


def test_a_skip_says_how_the_rows_are_from_its_own_position_on_e03(desk):
    skip_event = skipping(desk.log, TICKETS, "T-1", 3)
    (projection, _) = desk.runner._projections
    for upto, agent in ((skip_event.position - 1, "ana"), (skip_event.position, "bob")):
        rows = MemoryRows()
        seen = [one for one in desk.log.events if one.position <= upto]
        advance(projection, rows, seen, skips_of(desk.log, projection))
        assert next(row.agent for row in rows.all_rows(projection) if row.ticket_id == "T-1") == agent


def test_behind_a_skipped_event_the_next_poison_parks_the_ticket_again(desk):
    desk.log.ticket("T-1", e.TicketUnarchived(), e.TicketArchived(), e.TicketAgentChanged("bob", "eve"))
    skipping(desk.log, TICKETS, "T-1", 3)
    desk.runner.catch_up()
    assert tickets(desk)[0] == ("T-1", "bob", 0, 5, 7)
    assert parked(desk) == [("T-1", 8)]
    skipping(desk.log, TICKETS, "T-1", 8)
    desk.runner.catch_up()
    assert tickets(desk)[0] == ("T-1", "eve", 0, 7, 9)
    assert desk.runner.compare() == []


def test_the_event_that_begins_a_ticket_cannot_be_passed_over_and_the_reason_says_so():
    desk = Desk(projections=[stumbling(TICKETS, e.TicketOpened)])
    with closing(desk.connection):
        desk.log.ticket("T-1", opened(), ANA)
        desk.runner.catch_up()
        skipping(desk.log, TICKETS, "T-1", 1)
        desk.runner.catch_up()
        assert parked(desk) == [("T-1", 1)]
        assert "cannot be passed over" in desk.rows("meta_parked")[0][3]


def test_a_cut_of_the_log_is_folded_with_the_skips_in_it_and_those_it_is_told_e03(desk):
    (projection, _) = desk.runner._projections
    skipping(desk.log, TICKETS, "T-1", 3)
    batches = [[one] for one in desk.log.events]
    agents = [row.agent for row in rows_of_cut(projection, batches).all_rows(projection)]
    assert agents == ["bob", "ana"]
    assert [row.agent for row in rows_of_cut(projection, batches[:-1]).all_rows(projection)] == ["ana", "ana"]
    own = [one for one in batches if one[0].stream == "ticket:T-1"]
    assert [row.agent for row in rows_of_cut(projection, own, {3}).all_rows(projection)] == ["bob"]


# Retries


def healed(desk, *projections):
    return Desk(desk.log, projections or [TICKETS, TICKETS_HISTORY], desk.connection)


def test_a_retry_under_a_repaired_fold_completes_the_rows_and_frees_the_ticket(desk):
    desk = healed(desk)
    desk.runner.catch_up()
    assert parked(desk) == [("T-1", 3)]
    retrying(desk.log, TICKETS, "T-1", 3)
    desk.runner.catch_up()
    assert parked(desk) == []
    assert tickets(desk)[0] == ("T-1", "bob", 1, 4, 4)
    assert desk.runner.compare() == []


def test_a_retry_within_an_append_goes_on_with_the_rows_it_made(desk):
    desk = healed(desk)
    desk.append(retrying(desk.log, TICKETS, "T-1", 3))
    desk.append(*desk.log.ticket("T-1", e.TicketAgentChanged("bob", "eve")))
    assert tickets(desk)[0] == ("T-1", "eve", 1, 5, 8)


def test_a_retry_that_fails_leaves_the_ticket_parked_with_the_new_reason(desk):
    again = stumbling(TICKETS, e.TicketArchived, reason="it is still poison")
    desk = healed(desk, again, TICKETS_HISTORY)
    retrying(desk.log, TICKETS, "T-1", 3)
    desk.runner.catch_up()
    assert desk.rows("meta_parked") == [("dim_tickets", "T-1", 3, "ticket.archived: Unfoldable: it is still poison")]
    assert tickets(desk)[0] == ("T-1", "ana", 0, 2, 2)


def test_a_retry_of_a_ticket_that_stands_elsewhere_or_nowhere_does_nothing(desk):
    before = tickets(desk), desk.rows("meta_parked")
    retrying(desk.log, TICKETS, "T-1", 2)
    retrying(desk.log, TICKETS, "T-2", 6)
    retrying(desk.log, TICKETS, "T-9", 1)
    desk.runner.catch_up()
    assert (tickets(desk), desk.rows("meta_parked")) == before


def test_who_was_erased_while_events_waited_reads_erased_when_they_are_folded_e14():
    desk = Desk(projections=[stumbling(MESSAGES, e.TicketForwarded)])
    with closing(desk.connection):
        desk.log.ticket("T-1", opened(), e.TicketForwarded(1, "bob@example.org", "See below"))
        desk.log.ticket("T-1", e.TicketCustomerReplied(2, "It burns", None), person="contact:7")
        desk.runner.catch_up()
        desk.append(desk.log.record("contact:7", ContactErased(("k",))))
        desk.append(skipping(desk.log, MESSAGES, "T-1", 2))
        desk.runner.catch_up()
        assert desk.connection.execute("SELECT message, body FROM fct_messages").fetchall() == [(2, "erased")]
        assert desk.runner.compare() == []


# A real damage, and other streams than tickets


def test_a_ticket_with_a_hole_in_its_stream_is_parked_and_the_others_are_complete(desk):
    log = Log()
    log.ticket("T-1", opened(), ANA)
    log.versions["ticket:T-1"] += 1
    log.ticket("T-1", BOB)
    log.ticket("T-2", opened(), ANA)
    desk = Desk(log)
    with closing(desk.connection):
        desk.runner.catch_up()
        assert desk.rows("meta_parked") == [
            (
                "dim_tickets",
                "T-1",
                3,
                "ticket.agent_changed: Unfoldable: ticket.agent_changed has version 4 where 3 follows",
            )
        ]
        assert tickets(desk) == [("T-1", "ana", 0, 2, 2), ("T-2", "ana", 0, 2, 5)]


def test_a_poison_event_of_a_contact_parks_the_contact_and_no_ticket():
    desk = Desk(projections=[stumbling(CONTACTS, ContactErased), TICKETS])
    with closing(desk.connection):
        desk.log.record("contact:7", ContactRegistered("Mia", None), person="contact:7")
        desk.log.ticket("7", opened())
        desk.append(desk.log.record("contact:7", ContactErased(("k",))))
        desk.runner.catch_up()
        assert desk.rows("meta_parked")[0][:3] == ("dim_contacts", "7", 3)
        assert desk.connection.execute("SELECT name, is_erased FROM dim_contacts").fetchall() == [("erased", 0)]
        assert tickets(desk) == [("7", None, 0, 1, 2)]
        skipping(desk.log, CONTACTS, "7", 3)
        desk.runner.catch_up()
        assert desk.connection.execute("SELECT name, is_erased, version FROM dim_contacts").fetchall() == [
            ("erased", 0, 2)
        ]
        assert desk.runner.compare() == []


DECISIONS = st.lists(
    st.tuples(
        STEPS, st.sampled_from(["skip", "skip", "retry", "early"]), st.sampled_from(["inline", "catch_up", "rebuild"])
    ),
    max_size=4,
)
STUMBLING = [
    stumbling(one, e.TicketArchived, e.TicketForwarded)
    if one.inline
    else stumbling(one, e.TicketForwarded, e.TicketOpened)
    for one in PROJECTIONS
]


@settings(deadline=None, max_examples=50)
@given(DECISIONS, st.integers(1, 7))
def test_rows_after_any_mix_of_poison_skips_and_retries_are_those_of_one_fold_e05(cuts, batch):
    desk, states = Desk(projections=STUMBLING, batch=batch), dict[str, Ticket]()
    with closing(desk.connection):
        for steps, decision, then in cuts:
            before = len(desk.log.events)
            write_history(desk.log, steps, states)
            for recorded in desk.log.events[before:]:
                if isinstance(recorded.event, ContactErased):
                    desk.append(recorded)
            desk.runner.catch_up()
            for name, ticket_id, position, _ in desk.rows("meta_parked"):
                projection = next(one for one in PROJECTIONS if one.name == name)
                ask = retrying if decision == "retry" else skipping
                recorded = ask(desk.log, projection, ticket_id, position + 2 * (decision == "early"))
                if then == "inline":
                    desk.append(recorded)
            if then == "rebuild":
                desk.runner.rebuild()
        desk.runner.catch_up()
        live = desk.all_rows()
        assert desk.runner.compare() == []
        for projection in STUMBLING:
            rows = MemoryRows()
            fold_all(projection, rows, desk.log)
            cut = rows_of_cut(
                projection, [desk.log.events[at : at + batch] for at in range(0, len(desk.log.events), batch)]
            )
            assert (cut.all_rows(projection), {*cut.parked}) == (rows.all_rows(projection), {*rows.parked})
            stored = desk.views.rows(projection, {one.stream.partition(":")[2] for one in desk.log.events})
            folded = {projection.key_of(row): row for row in rows.all_rows(projection)}
            assert {key: row for own in stored.values() for key, row in own.items()} == folded
            assert {(one.ticket_id, one.position, one.reason) for one in rows.parked} == {
                row[1:] for row in live["meta_parked"] if row[0] == projection.name
            }


def test_a_log_without_poison_is_folded_as_before():
    log = Log()
    write_history(log, [("a", "archive", 1, 0), ("a", "agent", 1, 0)], {})
    desk = Desk(log)
    with closing(desk.connection):
        skipping(log, TICKETS, "a", 2)
        desk.runner.catch_up()
        assert desk.all_rows() == folded_at_once(log)


def test_nobody_signs_a_skip_of_what_has_not_happened(desk):
    """A skip of a later position is void, so a poison there parks its ticket like any other."""
    signed = skipping(desk.log, TICKETS, "T-1", 99)
    assert signed.position < 99
    assert skipped_by([signed]) == frozenset()
    assert skipped_by([skipping(desk.log, TICKETS, "T-1", 3)]) == {3}
