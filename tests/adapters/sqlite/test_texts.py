"""The texts behind the log's integers are what was committed, whatever was read before a rollback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.rows import Row
from domain.instant import Instant

NINE = Instant("2026-06-01T09:00:00.000000Z")


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    made = SqliteJournal(path, create=True)
    yield made
    made.close()


def row(position: int, stream: str, version: int = 1) -> Row:
    return Row(position, stream, version, "any.name", 1, b"{}", NINE, NINE, "system", "cli:ops", "", "", "", "", "")


@contextmanager
def given_up(journal: SqliteJournal) -> Iterator[None]:
    """A write transaction that is rolled back at its end."""
    try:
        with journal.exclusive():
            yield
            raise InterruptedError
    except InterruptedError:
        pass


def test_an_id_that_was_read_inside_a_transaction_is_forgotten_with_it(journal: SqliteJournal) -> None:
    with given_up(journal):
        journal.write_rows([row(1, "ticket:LOST")])
        assert [kept.stream for kept in journal.rows()] == ["ticket:LOST"]
    with journal.exclusive():
        journal.write_rows([row(1, "ticket:KEPT")])
    assert [kept.stream for kept in journal.rows()] == ["ticket:KEPT"]


def test_an_id_that_was_given_twice_inside_a_transaction_is_forgotten_with_it(journal: SqliteJournal) -> None:
    with given_up(journal):
        journal.write_rows([row(1, "ticket:LOST")])
        journal.write_rows([row(2, "ticket:LOST", 2)])
    with journal.exclusive():
        journal.write_rows([row(1, "ticket:KEPT"), row(2, "ticket:LOST")])
    assert [(kept.stream, kept.version) for kept in journal.rows()] == [("ticket:KEPT", 1), ("ticket:LOST", 1)]
