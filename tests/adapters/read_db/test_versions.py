"""A new version of a projection is built beside the old one and swapped in one transaction (design section 5).

The older shape is the real one of `dim_tickets` 1, which had no `last_action_at`.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from adapters.read_db.schema import create
from domain.contacts import ContactErased
from domain.ticket import events as e
from projections.catalogue import PROJECTIONS
from projections.tickets import TICKETS
from tests.projections.desk import Desk, folded_at_once
from tests.projections.histories import opened

RECEIPTS = (
    "CREATE TABLE receipts (number INTEGER PRIMARY KEY, command_id TEXT, command TEXT, stream TEXT, digest BLOB, "
    "outcome TEXT, answer BLOB, principal TEXT, recorded_at TEXT, leaf BLOB)"
)
OLD_QUERY = "SELECT ticket_id, subject, agent, version FROM dim_tickets ORDER BY 1"
ANA = e.TicketAgentChanged(None, "ana")


def connected(path):
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def columns(connection, table="dim_tickets"):
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def versions(connection):
    return dict(connection.execute("SELECT name, version FROM meta_projections"))


def make_older(connection):
    """Give the database the rows and the shape that the older program left."""
    connection.execute("ALTER TABLE dim_tickets DROP COLUMN last_action_at")
    connection.execute("UPDATE meta_projections SET version = 1 WHERE name = 'dim_tickets'")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


@pytest.fixture
def desk(path):
    """A desk of two tickets, as the older program left it, and opened again by this one."""
    with closing(connected(path)) as connection:
        connection.execute(RECEIPTS)
        desk = Desk(connection=connection, batch=2)
        desk.log.ticket("T-1", opened(contact_id="7"), ANA, person="contact:7")
        desk.log.ticket("T-2", opened(), e.TicketReplySent(1, "Try again", None, False))
        desk.runner.catch_up()
        make_older(connection)
        yield Desk(desk.log, connection=connection, batch=2)


@pytest.fixture
def reader(path):
    with closing(connected(path)) as connection:
        yield connection


OLD_ROWS = [("T-1", "Printer on fire", "ana", 2), ("T-2", "Printer on fire", None, 2)]


def test_opening_leaves_an_older_version_with_its_rows_and_its_views(desk, reader):
    assert reader.execute(OLD_QUERY).fetchall() == OLD_ROWS
    assert "last_action_at" not in columns(reader)
    assert versions(reader)["dim_tickets"] == 1
    assert reader.execute("SELECT tickets FROM rpt_backlog").fetchall() == [(2,)]
    before = reader.execute("PRAGMA schema_version").fetchone()
    create(desk.connection)
    assert reader.execute("PRAGMA schema_version").fetchone() == before


def test_catching_up_builds_the_new_version_and_swaps_it_in(desk, reader):
    desk.runner.catch_up()
    assert desk.all_rows() == folded_at_once(desk.log)
    assert columns(reader)[-1] == columns(desk.connection)[-1]
    assert "last_action_at" in columns(reader)
    assert versions(reader)["dim_tickets"] == TICKETS.version
    assert desk.runner.compare() == []


def test_a_rebuild_by_name_swaps_it_in_too(desk):
    desk.runner.rebuild("dim_tickets")
    assert versions(desk.connection)["dim_tickets"] == TICKETS.version
    assert desk.all_rows() == folded_at_once(desk.log)


def test_during_the_build_readers_see_the_old_rows_complete_and_writers_append(desk, reader):
    """Whoever reads or writes between two batches of the build finds the database free and the old rows whole."""
    read, seen, new = desk.log.read, [], [e.TicketTeamChanged(None, "desk"), e.TicketPriorityChanged(None, "high")]

    def reading_while_others_work(after, limit):
        found = read(after, limit)
        if not desk.connection.in_transaction:
            seen.append(reader.execute(OLD_QUERY).fetchall())
            with closing(connected(reader.execute("PRAGMA database_list").fetchone()[2])) as writer:
                other = Desk(desk.log, connection=writer)
                if new:
                    other.append(*desk.log.ticket("T-1", new.pop()))
        return found

    desk.log.read = reading_while_others_work
    desk.runner.catch_up()
    assert len(seen) >= 3
    assert all(rows == OLD_ROWS for rows in seen[:2])
    desk.log.read = read
    desk.runner.catch_up()
    assert new == []
    assert desk.all_rows() == folded_at_once(desk.log)


def test_readers_in_a_transaction_keep_the_old_rows_until_it_ends(desk, reader):
    reader.execute("BEGIN")
    assert reader.execute(OLD_QUERY).fetchall() == OLD_ROWS
    desk.log.ticket("T-2", ANA)
    desk.runner.catch_up()
    assert reader.execute(OLD_QUERY).fetchall() == OLD_ROWS
    reader.execute("COMMIT")
    assert reader.execute(OLD_QUERY).fetchall() == [OLD_ROWS[0], ("T-2", "Printer on fire", "ana", 3)]


@pytest.mark.parametrize("when", ["between batches", "in the swap"])
def test_a_build_that_is_stopped_half_way_leaves_the_old_version(desk, reader, path, when):
    read = desk.log.read

    def stopped(after, limit):
        if after == 2 and (when == "between batches"):
            raise KeyboardInterrupt
        return read(after, limit)

    desk.log.read = stopped
    if when == "in the swap":
        # What comes after the table was made anew and filled: writing its checkpoint fails.
        desk.connection.execute(
            "CREATE TEMP TRIGGER stop BEFORE INSERT ON main.meta_projections BEGIN SELECT RAISE(ABORT, 'stopped'); END"
        )
    with pytest.raises((KeyboardInterrupt, sqlite3.IntegrityError)):
        desk.runner.catch_up()
    assert reader.execute(OLD_QUERY).fetchall() == OLD_ROWS
    assert versions(reader)["dim_tickets"] == 1
    with closing(connected(path)) as connection:
        desk.log.read = read
        again = Desk(desk.log, connection=connection)
        again.runner.catch_up()
        assert again.all_rows() == folded_at_once(desk.log)


def test_an_append_goes_on_and_leaves_the_older_rows_alone(desk):
    desk.append(*desk.log.ticket("T-2", ANA))
    assert desk.connection.execute(OLD_QUERY).fetchall() == OLD_ROWS
    desk.runner.catch_up()
    assert desk.all_rows() == folded_at_once(desk.log)


def test_an_erasure_takes_the_persons_texts_out_of_the_older_rows_too_e14(desk):
    desk.connection.execute("ALTER TABLE dim_tickets ADD COLUMN summary TEXT")
    desk.connection.execute("UPDATE dim_tickets SET summary = 'It burns'")
    desk.append(desk.log.record("contact:7", ContactErased(("k",))))
    found = desk.connection.execute("SELECT ticket_id, subject, description, summary, department FROM dim_tickets")
    assert found.fetchall() == [
        ("T-1", "erased", None, "erased", "support"),
        ("T-2", "Printer on fire", None, "It burns", "support"),
    ]
    desk.runner.catch_up()
    assert desk.all_rows() == folded_at_once(desk.log)


def test_what_a_newer_program_made_is_left_as_it_is_and_the_rest_goes_on(desk):
    desk.runner.catch_up()
    before = desk.rows("dim_tickets")
    older = [replace(TICKETS, version=1), *PROJECTIONS[1:]]
    behind = Desk(desk.log, older, desk.connection)
    behind.append(*desk.log.ticket("T-2", ANA))
    behind.runner.catch_up()
    assert behind.rows("dim_tickets") == before
    assert versions(desk.connection)["dim_tickets"] == TICKETS.version
    assert behind.checkpoints()["dim_tickets_history"][1] == len(desk.log.events)


def test_another_process_that_swapped_first_is_not_built_over(desk, path):
    read = desk.log.read
    done: list[bool] = []

    def slow(after, limit):
        found = read(after, limit)
        if not found and not done:
            done.append(True)
            with closing(connected(path)) as connection:
                other = Desk(desk.log, connection=connection)
                other.runner.catch_up()
                connection.execute("UPDATE dim_tickets SET subject = 'of the other' WHERE ticket_id = 'T-1'")
        return found

    desk.log.read = slow
    desk.runner.catch_up()
    assert desk.connection.execute(OLD_QUERY).fetchall()[0][1] == "of the other"


def test_an_index_that_the_code_no_longer_has_is_dropped_and_a_changed_one_made_anew(desk):
    desk.runner.catch_up()
    execute = desk.connection.execute
    execute("CREATE INDEX dim_tickets_status ON dim_tickets (status)")
    execute("DROP INDEX fct_messages_person")
    execute("CREATE INDEX fct_messages_person ON fct_messages (position)")
    execute("CREATE INDEX receipts_of_ours ON receipts (outcome)")
    create(desk.connection)
    found = dict(execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    assert "dim_tickets_status" not in found
    assert "(person)" in found["fct_messages_person"]
    assert "receipts_of_ours" in found
