"""Agents, teams, departments and contacts as far as facts name them."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings

from adapters.read_db.schema import METADATA
from domain.contacts import ContactErased, ContactRegistered
from domain.ticket import events as e
from domain.ticket.state import Ticket
from domain.values import StatusType
from tests.projections.desk import Desk
from tests.projections.histories import STEPS, at, imported, opened, write_history

CLOSE = e.TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED)


@pytest.fixture
def desk():
    made = Desk()
    with closing(made.connection):
        yield made


def view(desk, name):
    """The rows of a view by its first column, each column by name."""
    desk.runner.catch_up()
    desk.connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in desk.connection.execute(f"SELECT * FROM {name} ORDER BY 1")]
    desk.connection.row_factory = None
    assert all([*row] == [column.name for column in METADATA.tables[name].c] for row in rows)
    return {next(iter(row.values())): tuple(list(row.values())[1:]) for row in rows}


def test_agents_and_teams_are_there_once_a_ticket_was_theirs_f53(desk):
    desk.log.ticket("T-1", opened(), e.TicketAgentChanged(None, "ana"), e.TicketAgentChanged("ana", "bob"))
    desk.log.ticket("T-2", imported(agent="ana", team="desk"), e.TicketTeamChanged("desk", None))
    desk.log.ticket("T-3", imported(agent="bob", team="desk"), CLOSE)
    desk.log.ticket("T-4", imported(agent="bob", team="desk"), e.TicketDeleted(at(90)))
    assert view(desk, "dim_agents") == {"ana": (at(2), at(4), 2, 1), "bob": (at(3), at(8), 3, 1)}
    assert view(desk, "dim_teams") == {"desk": (at(4), at(8), 3, 0)}


def test_departments_are_there_once_they_answered_for_a_ticket_f42(desk):
    desk.log.ticket("T-1", opened(), e.TicketDepartmentChanged("support", "billing"))
    desk.log.ticket("T-2", opened(), CLOSE)
    assert view(desk, "dim_departments") == {"billing": (1, 1, at(2)), "support": (2, 0, at(1))}


def test_contacts_whom_nobody_registered_are_shown_beside_those_who_were_e14(desk):
    desk.log.record("contact:1", ContactRegistered("Mia", None), person="contact:1")
    desk.log.record("contact:2", ContactErased(("k",)))
    desk.log.ticket("T-1", opened(contact_id="1"), e.TicketContactChanged("1", "3"))
    assert view(desk, "rpt_contacts") == {
        "1": ("Mia", None, 1, 0, 1, 0, at(3)),
        "2": (None, None, 0, 1, 0, 0, None),
        "3": (None, None, 0, 0, 1, 1, at(4)),
    }
    assert [row[0] for row in desk.rows("dim_contacts")] == ["1", "2"]


def test_a_registered_contact_reads_erased_in_the_append_of_the_erasure_e14(desk):
    desk.log.record("contact:1", ContactRegistered("Mia", "mia@example.org"), person="contact:1")
    desk.runner.catch_up()
    desk.append(desk.log.record("contact:1", ContactErased(("k",))))
    assert desk.connection.execute("SELECT name, address FROM dim_contacts").fetchall() == [("erased", "erased")]
    desk.runner.catch_up()
    assert view(desk, "rpt_contacts") == {"1": ("erased", "erased", 1, 1, 0, 0, None)}


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_the_open_tickets_of_the_dims_are_the_tickets_as_the_domain_has_them(steps):
    desk, states = Desk(), dict[str, Ticket]()
    with closing(desk.connection):
        write_history(desk.log, steps, states)
        open_ones = [
            one
            for one in states.values()
            if one.status_type is StatusType.OPEN and not one.is_deleted and not one.is_archived
        ]
        for name, column, kept in (
            ("dim_agents", "agent", 3),
            ("dim_teams", "team", 3),
            ("dim_departments", "department", 1),
            ("rpt_contacts", "contact_id", 5),
        ):
            counted = {key: row[kept] for key, row in view(desk, name).items() if row[kept]}
            theirs = [getattr(one, column) for one in open_ones if getattr(one, column) is not None]
            assert counted == {key: theirs.count(key) for key in theirs}
