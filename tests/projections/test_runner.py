"""The runner (design section 5, E-05): however the log comes in, the rows are those of one fold over all of it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.read_db.schema import create
from adapters.read_db.store import SpillingRows
from domain.contacts import ContactErased, ContactRegistered
from domain.integrity import Frontier
from domain.statuses import StatusDefined
from domain.ticket import events as e
from domain.ticket.state import Ticket
from domain.values import StatusType, Visibility
from projections.base import Unfoldable
from projections.catalogue import PROJECTIONS
from projections.folding import advance
from projections.status_intervals import STATUS_INTERVALS
from projections.store import Difference, ProjectionMoved
from projections.tickets import TICKETS
from tests.projections.desk import Desk, at_end, folded_at_once
from tests.projections.histories import STEPS, Log, opened, write_history

HOLD = e.TicketStatusChanged("Open", StatusType.OPEN, "Waiting", StatusType.ON_HOLD)
CUTS = st.lists(
    st.tuples(STEPS, st.sampled_from(["inline", "catch_up", "rebuild", "wait", "forget", "restart"])), max_size=5
)


@pytest.fixture
def desk():
    made = Desk()
    with closing(made.connection):
        yield made


@given(CUTS, st.integers(1, 7), st.integers(0, 2))
def test_rows_after_any_mix_of_inline_catch_up_and_rebuild_are_those_of_one_fold_e05(cuts, batch, recent):
    desk, states = Desk(batch=batch, recent=recent), dict[str, Ticket]()
    with closing(desk.connection):
        for steps, then in cuts:
            before = len(desk.log.events)
            with_texts = _Recording(desk.log)
            write_history(with_texts, steps, states)
            match then:
                case "inline" if with_texts.appended:
                    desk.append(*with_texts.appended)
                case _:
                    for recorded in desk.log.events[before:]:
                        if isinstance(recorded.event, ContactErased):
                            desk.append(recorded)
            match then:
                case "catch_up":
                    desk.runner.catch_up()
                case "rebuild":
                    desk.runner.rebuild()
                case "forget":
                    desk.runner.forget(states)
                case "restart":
                    desk = Desk(desk.log, connection=desk.connection, batch=batch, recent=recent)
        desk.runner.catch_up()
        if desk.log.events:
            assert desk.all_rows() == folded_at_once(desk.log)
            size = len(desk.log.events)
            assert desk.checkpoints() == at_end(size)
            assert desk.views.progress().frontier == Frontier().extended(desk.log.leaves(0, size))


class _Recording(Log):
    """Writes into another log and keeps the events as they were when they were appended, texts in clear."""

    def __init__(self, log):
        self.events, self.versions, self.log, self.appended = log.events, log.versions, log, []

    def record(self, *given, **envelope):
        recorded = self.log.record(*given, **envelope)
        self.events = self.log.events
        self.appended.append(recorded)
        return recorded


@given(STEPS, st.integers(1, 9), st.integers(0, 6))
def test_a_rebuild_that_spills_into_temporary_tables_gives_the_rows_of_one_fold_e05(steps, batch, held):
    desk = Desk(batch=batch)
    with closing(desk.connection):
        write_history(desk.log, steps, {})
        fresh = SpillingRows(desk.connection, held)
        for begin in range(0, len(desk.log.events), batch):
            for projection in PROJECTIONS:
                advance(projection, fresh, desk.log.events[begin : begin + batch])
        with desk.views.transaction():
            for projection in PROJECTIONS:
                fresh.adopt(projection)
        fresh.drop()
        assert desk.all_rows() == folded_at_once(desk.log)
        assert desk.connection.execute("SELECT * FROM sqlite_temp_master").fetchall() == []


def test_an_append_writes_the_inline_projections_and_leaves_the_others(desk):
    desk.append(*desk.log.ticket("T-1", opened()))
    assert [row[0] for row in desk.rows("dim_tickets")] == ["T-1"]
    assert desk.rows("fct_status_intervals") == []
    assert desk.checkpoints() == {"dim_tickets": (TICKETS.version, 1, 1)}


def test_inline_leaves_a_projection_that_is_behind_to_catch_up(desk):
    desk.log.ticket("T-1", opened())
    desk.append(*desk.log.ticket("T-2", opened()))
    assert desk.checkpoints() == {}
    desk.runner.catch_up()
    assert [row[0] for row in desk.rows("dim_tickets")] == ["T-1", "T-2"]


def test_inline_of_nothing_does_nothing(desk):
    desk.append()
    assert desk.checkpoints() == {}


def test_inline_goes_on_where_another_process_left_off(tmp_path):
    with (
        closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as one,
        closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as other,
    ):
        mine = Desk(connection=one)
        theirs = Desk(mine.log, connection=other)
        mine.append(*mine.log.ticket("T-1", opened()))
        theirs.append(*mine.log.ticket("T-1", e.TicketAgentChanged(None, "ana")))
        mine.append(*mine.log.ticket("T-1", e.TicketTeamChanged(None, "desk")))
        assert mine.all_rows()["dim_tickets"] == folded_at_once(mine.log)["dim_tickets"]


def test_what_a_rolled_back_append_left_in_memory_is_dropped_by_forget(desk):
    desk.append(*desk.log.ticket("T-1", opened()))
    lost = desk.log.ticket("T-1", e.TicketAgentChanged(None, "ana"))
    desk.connection.execute("BEGIN IMMEDIATE")
    desk.runner.inline(lost)
    desk.connection.execute("ROLLBACK")
    desk.log.events.pop()
    desk.log.versions["ticket:T-1"] -= 1
    desk.runner.forget_all()
    desk.append(*desk.log.ticket("T-1", e.TicketTeamChanged(None, "desk")))
    assert desk.all_rows()["dim_tickets"] == folded_at_once(desk.log)["dim_tickets"]


def test_rows_that_are_not_as_of_the_checkpoint_are_never_written(desk):
    desk.append(*desk.log.ticket("T-1", opened()))
    desk.connection.execute("UPDATE meta_projections SET position = 0")
    with pytest.raises(ProjectionMoved, match="dim_tickets"):
        desk.append(*desk.log.ticket("T-1", e.TicketAgentChanged(None, "ana")))
    assert desk.connection.execute("SELECT agent FROM dim_tickets").fetchone() == (None,)


def test_a_step_that_fails_leaves_rows_and_checkpoint_as_they_were(desk):
    desk.log.ticket("T-1", opened())
    desk.connection.execute("CREATE TRIGGER full BEFORE INSERT ON fct_messages BEGIN SELECT RAISE(ABORT, 'full'); END")
    desk.log.ticket("T-1", e.TicketCustomerReplied(1, "Hello", None))
    with pytest.raises(sqlite3.IntegrityError, match="full"):
        desk.runner.catch_up()
    assert desk.checkpoints() == {}
    assert desk.rows("dim_tickets") == []
    desk.connection.execute("DROP TRIGGER full")
    desk.runner.catch_up()
    assert desk.all_rows() == folded_at_once(desk.log)


def test_events_of_other_streams_move_the_checkpoint_and_nothing_else(desk):
    desk.log.record("definition:status:catalogue", StatusDefined("Waiting", StatusType.ON_HOLD))
    desk.log.record("ticketing:7", opened())
    desk.log.record("contacting:7", ContactRegistered("Mia", None))
    desk.runner.catch_up()
    assert desk.checkpoints() == at_end(3)
    assert all(rows == [] for rows in desk.all_rows().values())


def test_catching_up_at_the_end_of_the_log_takes_no_lock(tmp_path):
    path = tmp_path / "desk.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as one,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other,
    ):
        one.execute("PRAGMA journal_mode = WAL")
        desk = Desk(connection=one)
        desk.log.ticket("T-1", opened())
        desk.runner.catch_up()
        other.execute("BEGIN IMMEDIATE")
        desk.runner.catch_up()
        create(one)


# Poison


def poisoned(projection, message="it is poison"):
    """The projection, unable to fold a ticket's archiving or a hold."""

    def fold(rows, events):
        if any(isinstance(one.event, e.TicketArchived) or one.event == HOLD for one in events):
            raise Unfoldable(message)
        return projection.fold(rows, events)

    return replace(projection, fold=fold)


def test_a_poison_event_parks_its_ticket_and_no_other_one():
    desk = Desk(projections=[poisoned(TICKETS), STATUS_INTERVALS])
    with closing(desk.connection):
        desk.log.ticket("T-1", opened(), e.TicketAgentChanged(None, "ana"), e.TicketArchived())
        desk.log.ticket("T-1", e.TicketAgentChanged("ana", "bob"))
        desk.log.ticket("T-2", opened())
        desk.runner.catch_up()
        desk.log.ticket("T-1", e.TicketAgentChanged("bob", "eve"), HOLD)
        desk.log.ticket("T-2", e.TicketAgentChanged(None, "bob"))
        desk.runner.catch_up()
        found = desk.connection.execute("SELECT ticket_id, agent, version FROM dim_tickets ORDER BY 1").fetchall()
        assert found == [("T-1", "ana", 2), ("T-2", "bob", 2)]
        assert desk.rows("meta_parked") == [("dim_tickets", "T-1", 3, "ticket.archived: Unfoldable: it is poison")]
        assert len(desk.rows("fct_status_intervals")) == 3
        assert desk.checkpoints()["dim_tickets"] == (TICKETS.version, 8, 8)


def test_a_parked_ticket_stays_parked_in_the_next_process_and_inline():
    desk = Desk(projections=[poisoned(TICKETS)])
    with closing(desk.connection):
        desk.append(*desk.log.ticket("T-1", opened(), e.TicketArchived()))
        desk.append(*desk.log.ticket("T-1", e.TicketAgentChanged(None, "ana")))
        again = Desk(desk.log, projections=[TICKETS], connection=desk.connection)
        again.append(*desk.log.ticket("T-1", e.TicketTeamChanged(None, "desk")))
        assert desk.connection.execute("SELECT version FROM dim_tickets").fetchall() == [(1,)]
        assert len(desk.rows("meta_parked")) == 1


def test_a_rebuild_tries_parked_tickets_again_e05():
    desk = Desk(projections=[poisoned(TICKETS)])
    with closing(desk.connection):
        desk.log.ticket("T-1", opened(), e.TicketArchived())
        desk.runner.catch_up()
        desk.runner.rebuild()
        assert len(desk.rows("meta_parked")) == 1
        healed = Desk(desk.log, connection=desk.connection)
        healed.runner.rebuild("dim_tickets")
        healed.runner.catch_up()
        assert healed.all_rows() == folded_at_once(desk.log)


def test_an_event_class_that_no_projection_names_is_not_passed_over_in_silence(desk):
    blind = replace(STATUS_INTERVALS, ignores=frozenset())
    desk = Desk(desk.log, projections=[blind], connection=desk.connection)
    desk.log.ticket("T-1", opened(), e.TicketArchived())
    desk.runner.catch_up()
    assert "ticket.archived has no place" in desk.rows("meta_parked")[0][3]


# Rebuilding


def test_another_version_of_a_fold_is_rebuilt_by_the_next_catch_up(desk):
    desk.log.ticket("T-1", opened())
    desk.runner.catch_up()
    desk.connection.execute("UPDATE dim_tickets SET subject = 'stale'")
    newer = replace(TICKETS, version=TICKETS.version + 1)
    desk = Desk(desk.log, projections=[newer], connection=desk.connection)
    desk.append(*desk.log.ticket("T-1", e.TicketAgentChanged(None, "ana")))
    assert desk.connection.execute("SELECT agent FROM dim_tickets").fetchone() == (None,)
    desk.runner.catch_up()
    assert desk.connection.execute("SELECT subject, agent FROM dim_tickets").fetchone() == ("Printer on fire", "ana")
    assert desk.checkpoints()["dim_tickets"] == (newer.version, 2, 2)


def test_comparing_lists_what_a_rebuild_would_change_and_changes_nothing_e05(desk):
    desk.log.ticket("T-1", opened())
    assert desk.runner.compare() == []
    desk.connection.execute("UPDATE fct_status_intervals SET status = 'Wrong'")
    desk.connection.execute("DELETE FROM dim_tickets")
    before = desk.all_rows()
    (ticket, stay) = desk.runner.compare()
    assert (ticket.projection, ticket.key, ticket.live, ticket.rebuilt.subject) == (
        "dim_tickets",
        "T-1",
        None,
        "Printer on fire",
    )
    assert stay == Difference(
        "fct_status_intervals", ("T-1", 1), stay.rebuilt._replace(status="Wrong"), stay.live._replace(status="Open")
    )
    assert desk.all_rows() == before
    desk.runner.rebuild("fct_status_intervals")
    assert [one.projection for one in desk.runner.compare()] == ["dim_tickets"]


def test_only_projections_that_exist_can_be_rebuilt(desk):
    with pytest.raises(LookupError, match="dim_tickets"):
        desk.runner.rebuild("dim_cases")


def test_events_appended_during_a_rebuild_are_in_the_rows_that_are_swapped_in_e05(desk):
    desk.log.ticket("T-1", opened())
    desk.runner.catch_up()
    read, pending = desk.log.read, [e.TicketAgentChanged(None, "ana")]

    def reading_while_others_write(after, limit):
        found = read(after, limit)
        if not found and pending:
            desk.append(*desk.log.ticket("T-1", pending.pop()))
        return found

    desk.log.read = reading_while_others_write
    desk.runner.rebuild()
    assert desk.all_rows() == folded_at_once(desk.log)


# Erasure


def test_an_erasure_takes_the_texts_out_of_every_projection_in_the_append_e14(desk):
    desk.log.ticket("T-1", opened(contact_id="7"), e.TicketCustomerReplied(1, "It burns", None), person="contact:7")
    desk.log.ticket("T-2", e.TicketCustomerReplied(1, "Same here", None), person="contact:8")
    desk.runner.catch_up()
    desk.append(desk.log.record("contact:7", ContactErased(("k",))))
    assert desk.connection.execute("SELECT subject FROM dim_tickets").fetchall() == [("erased",)]
    found = desk.connection.execute("SELECT body, body_digest, recipients FROM fct_messages ORDER BY 1 DESC").fetchall()
    assert found[0] == ("erased", "erased", None)
    assert found[1][0] == "Same here"
    desk.runner.catch_up()
    assert desk.all_rows() == folded_at_once(desk.log)


def test_what_a_person_writes_after_the_erasure_stays_e14(desk):
    comment = e.TicketCommentAdded(1, Visibility.PRIVATE, "before")
    desk.append(*desk.log.ticket("T-1", opened(contact_id="7"), comment, person="contact:7"))
    desk.append(desk.log.record("contact:7", ContactErased(("k",))))
    desk.append(*desk.log.ticket("T-1", e.TicketSubjectChanged("erased", "Me again"), person="contact:7"))
    desk.runner.catch_up()
    assert desk.connection.execute("SELECT subject FROM dim_tickets").fetchone() == ("Me again",)
    assert desk.all_rows() == folded_at_once(desk.log)


def test_a_text_that_was_read_before_an_erasure_does_not_outlive_it_in_a_rebuild_e14(desk):
    desk.log.ticket("T-1", opened(), e.TicketCustomerReplied(1, "It burns", None), person="contact:7")
    desk.runner.catch_up()
    read, pending = desk.log.read, [ContactErased(("k",))]

    def reading_while_others_erase(after, limit):
        found = read(after, limit)
        if not found and pending:
            desk.append(desk.log.record("contact:7", pending.pop()))
        return found

    desk.log.read = reading_while_others_erase
    desk.runner.rebuild()
    assert desk.all_rows() == folded_at_once(desk.log)
    assert "burns" not in str(desk.all_rows())
