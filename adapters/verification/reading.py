"""Reading a file that may be damaged: what SQLite cannot give becomes `Unreadable`; text that is no UTF-8 is kept."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

from replay.findings import Unreadable


def _kept(raw: bytes) -> str:
    """Text whose bytes are no UTF-8 stays what it is: it cannot be encoded again, so no leaf matches it."""
    return raw.decode("utf-8", "surrogateescape")


BATCH: Final = 250
"""Rows read at a time: as many as stay in the processor's cache until they are let go."""


FAULTS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file raises; SQLite's own message can be no UTF-8 either."""


@contextmanager
def leniently(connection: sqlite3.Connection) -> Iterator[None]:
    """Read text that is no UTF-8 too, at half the speed."""
    connection.text_factory = _kept
    try:
        yield
    finally:
        connection.text_factory = str


def all_rows(connection: sqlite3.Connection, table: str, query: str, values: Sequence[Any] = ()) -> list[Any]:
    """All rows of a query; Unreadable, naming the table, where it is damaged."""
    try:
        try:
            return connection.execute(query, values).fetchall()
        except FAULTS:
            with leniently(connection):
                return connection.execute(query, values).fetchall()
    except FAULTS as error:
        raise Unreadable(f"{table} cannot be read: {error}") from None


def batches(connection: sqlite3.Connection, table: str, query: str) -> Iterator[list[Any]]:
    """The rows of a query, some at a time; Unreadable where they are damaged."""
    try:
        cursor = connection.execute(query)
        while batch := cursor.fetchmany(BATCH):
            yield batch
    except FAULTS as error:
        raise Unreadable(f"{table} cannot be read: {error}") from None


def each_row(connection: sqlite3.Connection, table: str, query: str) -> Iterator[Any]:
    """The rows of a query one by one; Unreadable where they are damaged."""
    return chain.from_iterable(batches(connection, table, query))
