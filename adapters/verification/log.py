"""The stored log in one SQLite file, and what lies beside it, for a verification (port `replay.evidence.StoredLog`)."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, Final

from adapters.keyring import key_id
from adapters.verification.reading import BATCH, FAULTS, batches, each_row, leniently
from adapters.verification.texts import LOG_COLUMNS, TEXT_COLUMNS, SideTexts, Texts
from replay.evidence import Columns, Values
from replay.findings import Finding, Unreadable

_ROWS: Final = f"SELECT {LOG_COLUMNS} FROM log WHERE position > ? ORDER BY position"  # noqa: S608 - own constant
_RECEIPTS: Final = (
    "SELECT number, command_id, command, stream, digest, outcome, answer, principal, recorded_at, leaf FROM receipts "
    "ORDER BY number"
)
_LOWEST: Final = -(1 << 63)


class SqliteLog:
    """One ledger's log as stored, over a connection in a read transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        texts: SideTexts,
        followed: Collection[str] = (),
        *,
        with_pages: bool = True,
    ) -> None:
        """`followed` are the upstream applications whose positions may be tracked; `with_pages` asks SQLite too."""
        self._connection = connection
        self._texts = texts
        self._followed = followed
        self._with_pages = with_pages
        self._used_streams: set[Any] = set()
        self._used_texts: set[Any] = set()

    def rows(self) -> Iterator[Columns]:
        """Every row of the log, by position; Unreadable from where the file is damaged."""
        last = _LOWEST
        try:
            for columns in self._columns(last):
                last = columns[0][-1]
                yield self._texts.readable(columns)
        except FAULTS:
            with leniently(self._connection):
                yield from self._one_by_one(last)

    def _columns(self, after: int) -> Iterator[Columns]:
        cursor = self._connection.execute(_ROWS, (after,))
        while batch := cursor.fetchmany(BATCH):
            yield self._noted(batch)

    def _noted(self, batch: Sequence[Values]) -> Columns:
        """Some rows as columns, the ids in them kept in mind."""
        columns = list(zip(*batch, strict=True))
        self._used_streams.update(columns[1])
        self._used_texts.update(*[columns[at] for at in TEXT_COLUMNS])
        return columns

    def _one_by_one(self, last: int) -> Iterator[Columns]:
        try:
            for row in self._connection.execute(_ROWS, (last,)):
                last = row[0]
                yield self._texts.readable(self._noted([row]))
        except FAULTS as error:
            position = max(last, 0) + 1
            raise Unreadable(f"the log cannot be read from position {position} on: {error}", position) from None

    def receipts(self) -> Iterator[Columns]:
        """Every row of the receipts, by number."""
        for batch in batches(self._connection, "receipts", _RECEIPTS):
            yield list(zip(*batch, strict=True))

    def claims(self) -> Iterator[Values]:
        """Every claim."""
        return each_row(self._connection, "claims", "SELECT kind, key, stream, version FROM claims")

    def subject_keys(self) -> Iterator[tuple[Any, Any, str]]:
        """Every key: its id as stored, its subject, and the id that its secret has; the secret stays here."""
        query = "SELECT key, subject, secret FROM subject_keys"
        for key, subject, secret in each_row(self._connection, "subject_keys", query):
            yield key, subject, key_id(secret) if isinstance(secret, bytes) else "no key at all"

    def sequences(self) -> Iterator[Values]:
        """Every sequence."""
        return each_row(self._connection, "sequences", "SELECT name, value FROM sequences")

    def faults(self) -> Iterable[Finding]:
        """Layout, properties, side texts and pages; each is looked at though another is damaged."""
        # The layout is SQLAlchemy's to write down, and a process that compares rows starts sooner without it.
        from adapters.verification.layout import layout_faults, page_faults, property_faults

        checks: tuple[Callable[[], Iterator[Finding]], ...] = (
            lambda: layout_faults(self._connection),
            lambda: property_faults(self._connection, self._followed),
            lambda: _text_faults("streams", self._texts.streams, self._used_streams),
            lambda: _text_faults("texts", self._texts.texts, self._used_texts),
            lambda: page_faults(self._connection) if self._with_pages else iter(()),
        )
        for check in checks:
            try:
                yield from check()
            except Unreadable as damage:
                yield Finding(None, "the file", "", str(damage))


def _text_faults(table: str, texts: Texts, used: set[Any]) -> Iterator[Finding]:
    """Ids are 1, 2, 3 ..., each stands for one text, and each is used by the log."""
    is_dense = not texts or (min(texts), max(texts)) == (1, len(texts))
    if (
        is_dense
        and used == texts.keys()
        and {*map(type, texts.values())} <= {str}
        and len({*texts.values()}) == len(texts)
    ):
        return
    places: dict[Any, int] = {}
    wanted = chain(range(1, len(texts) + 1), repeat(None))
    for place, following in zip(sorted(texts), wanted, strict=False):
        text = texts[place]
        if place != following:
            yield Finding(None, table, str(place), f"id {place} stands where {following} follows")
        elif not isinstance(text, str):
            yield Finding(None, table, str(place), "it is no text")
        elif places.setdefault(text, place) != place:
            yield Finding(None, table, str(place), f"it is the text of id {places[text]}")
        elif place not in used:
            yield Finding(None, table, str(place), "no row of the log uses it")
