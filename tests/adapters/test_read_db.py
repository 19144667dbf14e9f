"""The read database: tables as the row classes say, views that agree with the projections, queries that hide."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from adapters.read_db import docs, queries
from adapters.read_db.queries import ProjectionStatus
from adapters.read_db.schema import METADATA, TABLES, create
from adapters.read_db.store import SqliteViews, erase_person, live_rows
from domain.contacts import ContactErased
from domain.integrity import Frontier
from domain.ticket import events as e
from domain.values import StatusType
from projections.backlog import backlog
from projections.catalogue import PROJECTIONS
from projections.messages import MESSAGES
from projections.runner import Runner
from projections.store import Parked, Step
from projections.tickets import TICKETS
from tests.projections.histories import STEPS, Log, at, opened, write_history

NAMES = (Path(__file__).resolve().parents[2] / "docs" / "names.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (.*) \|$", NAMES.split("## Tables of the read database")[1], re.MULTILINE)
CONTRACT = {table: re.findall(r"`(\w+)`", names) for table, names in ROWS}
RECEIPTS = (
    "CREATE TABLE receipts (number INTEGER PRIMARY KEY, command_id TEXT, command TEXT, stream TEXT, digest BLOB, "
    "outcome TEXT, answer BLOB, principal TEXT, recorded_at TEXT, leaf BLOB)"
)


class ReadDb:
    """A log, its read database in memory, and SQLAlchemy over the same connection."""

    def __init__(self):
        self.log = Log()
        self.raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        create(self.raw)
        self.runner = Runner(PROJECTIONS, SqliteViews(self.raw), self.log)
        self.engine = create_engine("sqlite://", creator=lambda: self.raw, poolclass=StaticPool)

    def ask(self, query, *given, **named):
        self.runner.catch_up()
        with self.engine.connect() as connection:
            return query(connection, *given, **named)

    def close(self):
        self.engine.dispose()
        self.raw.close()


@pytest.fixture
def db():
    with closing(ReadDb()) as made:
        yield made


# Schema


def test_tables_and_columns_are_those_of_the_contract():
    assert {name: [column.name for column in table.c] for name, table in METADATA.tables.items()} == CONTRACT


def test_every_table_and_column_says_what_it_means():
    for table in METADATA.tables.values():
        assert table.comment, table.name
        assert [column.name for column in table.c if not column.comment] == []


def test_the_database_has_the_tables_and_views_of_the_metadata(db):
    db.raw.execute(RECEIPTS)
    for name, table in METADATA.tables.items():
        columns = [row[1] for row in db.raw.execute(f"PRAGMA table_info({name})")]
        assert columns == [column.name for column in table.c]


def test_creating_again_writes_nothing(db):
    before = db.raw.execute("PRAGMA schema_version").fetchone()
    create(db.raw)
    assert db.raw.execute("PRAGMA schema_version").fetchone() == before


def test_a_table_of_an_older_shape_is_made_anew_and_filled_again(db):
    db.log.ticket("T-1", opened())
    db.runner.catch_up()
    db.raw.execute(RECEIPTS)
    db.raw.execute("ALTER TABLE dim_tickets DROP COLUMN channel")
    create(db.raw)
    assert [row.channel for row in db.ask(queries.list_tickets)] == ["email"]


def test_creating_joins_the_transaction_that_is_open():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        create(raw)
        raw.execute("ROLLBACK")
        assert raw.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_the_page_of_the_tables_is_current():
    assert docs.PAGE.read_text(encoding="utf-8") == docs.page(), "python -m adapters.read_db.docs writes it"


# Rows


@given(STEPS)
def test_rows_come_back_from_the_database_as_they_went_in(steps):
    log = Log()
    write_history(log, steps, {})
    with closing(ReadDb()) as db:
        db.log.events = log.events
        db.runner.catch_up()
        streams = {one.stream for one in log.events if one.stream.startswith("ticket:")}
        views = SqliteViews(db.raw)
        for stream in streams:
            own = [one for one in log.events if one.stream == stream]
            for projection in PROJECTIONS:
                folded = (
                    projection.fold({}, [one for one in own if type(one.event) not in projection.ignores])
                    if any(type(one.event) in projection.folds for one in own)
                    else []
                )
                stored = views.rows(projection, [stream.partition(":")[2], "other"])
                rows = list(stored.get(stream.partition(":")[2], {}).values())
                assert sorted(map(repr, rows)) == sorted(map(repr, folded))


def test_booleans_are_0_and_1_in_sql(db):
    db.log.ticket("T-1", opened(), e.TicketArchived())
    db.runner.catch_up()
    found = db.raw.execute("SELECT is_deleted, is_archived, is_source_sla_met, typeof(is_archived) FROM dim_tickets")
    assert found.fetchone() == (0, 1, None, "integer")


def test_an_id_with_any_printable_character_is_found_again(db):
    for name in ("ü 🖨", "a'b\"c", "x%_?", "1"):
        db.log.ticket(name, opened())
        db.log.ticket(name, e.TicketAgentChanged(None, "ana"))
    db.runner.catch_up()
    assert {row.ticket_id for row in db.ask(queries.list_tickets, agent="ana")} == {"ü 🖨", "a'b\"c", "x%_?", "1"}
    assert db.raw.execute("SELECT count(*) FROM meta_parked").fetchone() == (0,)


def test_the_frontier_is_kept_in_one_row(db):
    views = SqliteViews(db.raw)
    assert views.progress().frontier == Frontier()
    for size in (1, 6, 7):
        frontier = Frontier().extended(bytes([number]) * 32 for number in range(size))
        views.keep(frontier)
        assert views.progress().frontier == frontier
    assert db.raw.execute("SELECT count(*) FROM meta_tree").fetchone() == (1,)


# Erasure


def test_erasing_a_person_makes_personal_columns_read_erased_and_keeps_null_e14(db):
    db.log.ticket("T-1", opened(), e.TicketReplySent(1, "Try again", None, False), person="contact:7")
    db.log.ticket("T-2", opened(), person="contact:8")
    db.runner.catch_up()
    before = {row.ticket_id: row for row in db.ask(queries.list_tickets)}
    erase_person(db.raw, "contact:7")
    after = {row.ticket_id: row for row in db.ask(queries.list_tickets)}
    assert after == {"T-1": before["T-1"]._replace(subject="erased"), "T-2": before["T-2"]}
    found = db.raw.execute("SELECT body, body_digest, recipients FROM fct_messages").fetchall()
    assert found == [("erased", "erased", None)]


def test_erasing_one_of_two_people_keeps_the_text_of_the_other_e14(db):
    db.log.ticket("T-1", opened(description="It burns"), person="contact:1")
    db.log.ticket("T-1", e.TicketSubjectChanged("Printer on fire", "Again"), person="contact:10")
    db.runner.catch_up()
    erase_person(db.raw, "contact:1")
    (row,) = db.ask(queries.list_tickets)
    assert (row.subject, row.description) == ("Again", "erased")
    db.log.record("contact:1", ContactErased(("k",)))
    assert db.runner.compare() == []


def test_an_erasure_rolls_back_with_its_transaction_e14(db):
    db.log.ticket("T-1", opened(), person="contact:7")
    db.runner.catch_up()
    db.raw.execute("BEGIN IMMEDIATE")
    erase_person(db.raw, "contact:7")
    db.raw.execute("ROLLBACK")
    assert [row.subject for row in db.ask(queries.list_tickets)] == ["Printer on fire"]


def test_an_inline_projection_has_no_index_that_each_append_would_write_again(db):
    assert [one.name for one in PROJECTIONS if one.inline and TABLES[one.name].indexes] == []


@pytest.mark.parametrize("projection", [MESSAGES], ids=lambda one: one.name)
def test_an_erasure_finds_its_rows_through_indexes_e14(db, projection):
    plan = db.raw.execute(f"EXPLAIN QUERY PLAN {live_rows(projection).find_of_person}", ("contact:7",) * 2).fetchall()
    used = " ".join(step[3] for step in plan)
    assert f"{projection.name}_person" in used
    assert f"{projection.name}_people" in used


# Views


@given(STEPS)
def test_the_view_of_the_backlog_is_the_projections_backlog_f51(steps):
    with closing(ReadDb()) as db:
        write_history(db.log, steps, {})
        tickets = db.ask(queries.list_tickets, with_hidden=True, limit=None)
        assert db.ask(queries.backlog) == backlog(tickets)


def test_commands_are_shown_with_their_positions_and_reasons(db):
    db.raw.execute(RECEIPTS)
    answers: list[tuple[str, dict[str, Any]]] = [
        ("accepted", {"positions": [4, 5, 9], "versions": {"ticket:T-1": 3}, "reasons": []}),
        ("accepted", {"positions": [], "versions": {}, "reasons": []}),
        (
            "refused",
            {"positions": [], "reasons": [{"code": "ticket_not_found", "sentence": "None.", "facts": {"a": 1}}]},
        ),
    ]
    for number, (outcome, answer) in enumerate(answers, start=1):
        raw = json.dumps(answer).encode()
        row = (number, f"c{number}", "OpenTicket", "ticket:T-1", b"d", outcome, raw, "cli:ops", at(number), b"l")
        db.raw.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    found = db.raw.execute("SELECT * FROM fct_commands ORDER BY number").fetchall()
    assert found[0] == (1, "c1", "OpenTicket", "ticket:T-1", "accepted", 4, 9, "[]", "cli:ops", at(1))
    assert found[1][5:8] == (None, None, "[]")
    assert json.loads(found[2][7]) == answers[2][1]["reasons"]


# Queries


def test_lists_hide_deleted_and_archived_tickets_unless_asked_f51_f52(db):
    for name in "abc":
        db.log.ticket(name, opened())
    db.log.ticket("a", e.TicketDeleted(at(90)))
    db.log.ticket("b", e.TicketArchived())
    assert [row.ticket_id for row in db.ask(queries.list_tickets)] == ["c"]
    assert [row.ticket_id for row in db.ask(queries.list_tickets, with_hidden=True)] == ["b", "a", "c"]
    assert db.ask(queries.find_ticket, "a").is_deleted is True
    assert db.ask(queries.find_ticket, "z") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "Waiting"),
        ("status_type", "on_hold"),
        ("agent", "ana"),
        ("team", "desk"),
        ("department", "billing"),
        ("priority", "high"),
    ],
)
def test_every_property_filters_f42(db, name, value):
    db.log.ticket("a", opened())
    db.log.ticket(
        "b",
        opened(department="billing", priority="high"),
        e.TicketStatusChanged("Open", StatusType.OPEN, "Waiting", StatusType.ON_HOLD),
        e.TicketAgentChanged(None, "ana"),
        e.TicketTeamChanged(None, "desk"),
    )
    assert [row.ticket_id for row in db.ask(queries.list_tickets, **{name: value})] == ["b"]


def test_the_latest_tickets_come_first_and_no_more_than_asked_for_f42(db):
    for name in "abc":
        db.log.ticket(name, opened())
    db.log.ticket("a", e.TicketAgentChanged(None, "ana"))
    assert [row.ticket_id for row in db.ask(queries.list_tickets, limit=2)] == ["a", "c"]


def test_the_status_of_a_projection_tells_how_far_it_is_behind(db):
    assert db.ask(queries.projection_status, 0) == [
        ProjectionStatus(one, 0, 0, 0, 0, 0) for one in sorted(one.name for one in PROJECTIONS)
    ]
    db.log.ticket("T-1", opened())
    db.runner.catch_up()
    views = SqliteViews(db.raw)
    before = views.progress().of(TICKETS)
    parked = [Parked("dim_tickets", "T-1", 2, "ticket.archived: Unfoldable: why")]
    views.write(Step(TICKETS, before, before._replace(position=2, events_folded=2), [], parked))
    with db.engine.connect() as connection:
        status = {one.name: one for one in queries.projection_status(connection, 3)}
        assert status["dim_tickets"] == ProjectionStatus("dim_tickets", TICKETS.version, 2, 2, 1, 1)
        assert (status["fct_messages"].behind, status["fct_messages"].parked) == (2, 0)
        assert queries.parked_tickets(connection) == [tuple(getattr(parked[0], one.name) for one in fields(Parked))]
