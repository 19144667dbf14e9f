"""The texts behind the log's integers, in memory as far as they were seen, bounded."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from adapters.sqlite.store import among

_KEPT: Final = 50_000


class _ById(dict[int, str]):
    """Texts by id; a dictionary with a way to find what it lacks, because replay looks up six of them a row."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        super().__init__()
        self._connection = connection
        self._find = f"SELECT text FROM {table} WHERE id = ?"

    def __missing__(self, place: int) -> str:
        row = self._connection.execute(self._find, (place,)).fetchone()
        if row is None:
            raise KeyError(place)
        if len(self) > _KEPT:
            self.clear()
        text: str = row[0]
        self[place] = text
        return text


class Texts:
    """One side table: text to id and back. Rows never change, so what is remembered stays true.

    New ids last only if the transaction that wrote them is committed: `keep_new` and `drop_new` say how it ended.
    """

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection = connection
        self._find = f"SELECT text, id FROM {table} WHERE "
        self._last = f"SELECT coalesce(max(id), 0) FROM {table}"
        self._add = f"INSERT INTO {table} (id, text) VALUES (?, ?)"
        self._ids: dict[str, int] = {}
        self.by_id = _ById(connection, table)
        """The texts by id; what was not seen yet is looked up."""
        self._new: dict[str, int] = {}

    def known(self, texts: Iterable[str]) -> dict[str, int]:
        """The ids of those texts that the table has."""
        unknown = [text for text in texts if text not in self._ids]
        if unknown:
            if len(self._ids) > _KEPT:
                self._ids.clear()
                unknown = list(texts)
            condition, values = among("text", unknown)
            self._ids.update(self._connection.execute(self._find + condition, values))
        return {text: self._ids[text] for text in texts if text in self._ids}

    def ids(self, texts: set[str]) -> Mapping[str, int]:
        """The ids of these texts, and of any others, the missing ones added; only inside a write transaction."""
        if len(self._ids) > _KEPT:
            self._ids.clear()
        if missing := texts.difference(self._ids):
            missing = missing.difference(self.known(missing))
        if missing:
            last = self._connection.execute(self._last).fetchone()[0]
            added = {text: last + place for place, text in enumerate(sorted(missing), 1)}
            self._connection.executemany(self._add, [(place, text) for text, place in added.items()])
            self._new.update(added)
            self._ids.update(added)
        return self._ids

    def keep_new(self) -> None:
        """The transaction was committed."""
        self._new.clear()

    def drop_new(self) -> None:
        """The transaction was rolled back: its ids may now stand for other texts, even those read inside it."""
        for text, place in self._new.items():
            self._ids.pop(text, None)
            self.by_id.pop(place, None)
        self._new.clear()

    def text(self, place: int) -> str:
        """The text of an id; KeyError where the table has none."""
        return self.by_id[place]
