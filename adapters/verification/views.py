"""The stored rows of the projections, and histories opened for a fresh fold (port `replay.evidence.StoredViews`)."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from adapters.codec import decode
from adapters.keyring import Keyring, SealBroken, SubjectKey
from adapters.verification.log import LOG_COLUMNS, SideTexts
from adapters.verification.reading import all_rows, each_row
from domain.recorded import Recorded
from projections.base import Projection, columns
from replay.evidence import Histories, Values
from replay.findings import Finding

_BY_STREAM: Final = f"SELECT {LOG_COLUMNS} FROM log ORDER BY stream, version"  # noqa: S608 - own constant
_SOME: Final = 2_000
"""How many events are folded at a time, and a history more."""


class StoredRows:
    """The read database's rows as stored, over a connection in a read transaction."""

    def __init__(self, connection: sqlite3.Connection, texts: SideTexts) -> None:
        self._connection = connection
        self._texts = texts
        self._keyring = Keyring(self._secret_of, _no_keys)

    def histories(self) -> Iterator[Histories]:
        """Every stream of the log, some at a time."""
        rows: list[Values] = []
        for _, history in groupby(each_row(self._connection, "log", _BY_STREAM), itemgetter(1)):
            rows.extend(history)
            if len(rows) >= _SOME:
                yield self._opened(rows)
                rows = []
        if rows:
            yield self._opened(rows)

    def _opened(self, rows: Sequence[Values]) -> Histories:
        events: list[Recorded] = []
        broken: set[str] = set()
        faults: list[Finding] = []
        for row in zip(*self._texts.readable(list(zip(*rows, strict=True))), strict=True):
            position, stream, version, name, schema, data = row[:6]
            if not isinstance(stream, str):
                continue  # found in the log itself, as is what cannot be read
            try:
                event, person = decode(name, schema, data, stream, version, self._keyring.open)
                events.append(Recorded._make((position, stream, version, event, *row[6:15], person)))
            except (ValueError, TypeError) as error:
                broken.add(stream)
                if isinstance(error, SealBroken):
                    faults.append(Finding(position, "log", str(position), str(error)))
        # Few keys are used by more than some neighbouring streams, and each takes a kilobyte.
        self._keyring.forget()
        return Histories([one for one in events if one.stream not in broken] if broken else events, broken, faults)

    def _secret_of(self, key: str) -> bytes | None:
        found = all_rows(self._connection, "subject_keys", "SELECT secret FROM subject_keys WHERE key = ?", (key,))
        secret: bytes | None = found[0][0] if found else None
        if found and not isinstance(secret, bytes):
            raise SealBroken(f"key {key} is no key")
        return secret

    def rows(self, projection: Projection[Any], ticket_ids: Collection[str]) -> dict[str, list[Values]]:
        """The rows of these tickets, the columns in the order of the row class."""
        names = ", ".join(f'"{about.name}"' for about in columns(projection.row))
        wanted = "ticket_id IN (SELECT value FROM json_each(?))"
        query = f"SELECT {names} FROM {projection.name} WHERE {wanted}"  # noqa: S608 - all names are ours
        found = all_rows(self._connection, projection.name, query, (json.dumps([*ticket_ids]),))
        tickets: dict[str, list[Values]] = {}
        for row in found:
            tickets.setdefault(row[0], []).append(row)
        return tickets

    def ticket_ids(self, projection: Projection[Any]) -> Iterator[Any]:
        """The ticket of each row of a projection, as often as it has rows."""
        query = f"SELECT ticket_id FROM {projection.name}"  # noqa: S608 - the name is one of ours
        return (row[0] for row in each_row(self._connection, projection.name, query))

    def checkpoints(self) -> Sequence[Values]:
        """The rows of meta_projections."""
        query = "SELECT name, version, position, events_folded FROM meta_projections"
        return all_rows(self._connection, "meta_projections", query)

    def parked(self) -> Sequence[Values]:
        """The rows of meta_parked."""
        query = "SELECT projection, ticket_id, position, reason FROM meta_parked"
        return all_rows(self._connection, "meta_parked", query)

    def tree(self) -> Sequence[Values]:
        """The rows of meta_tree."""
        return all_rows(self._connection, "meta_tree", "SELECT size, peaks FROM meta_tree")


def _no_keys(_subjects: Sequence[str]) -> dict[str, SubjectKey]:
    """Nothing is sealed here."""
    return {}
