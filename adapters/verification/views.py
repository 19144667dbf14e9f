"""The stored rows of the projections, and histories opened for a fresh fold (port `replay.evidence.StoredViews`)."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence, Set
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final

from adapters.codec import decode
from adapters.keyring import Keyring, SealBroken, SubjectKey
from adapters.verification.reading import all_rows, each_row
from adapters.verification.texts import LOG_COLUMNS, SideTexts
from domain.projecting import ProjectionPositionSkipped
from domain.recorded import Recorded
from projections.base import Projection, columns
from replay.evidence import Histories, Part, Values
from replay.findings import Finding

_BY_STREAM: Final = f"SELECT {LOG_COLUMNS} FROM log WHERE {{}} ORDER BY stream, version"  # noqa: S608 - own constant
_SMALLEST_PART: Final = 256
"""Streams of a part: a few thousand events, so that asking for it costs nothing beside them."""
_MOST_PARTS: Final = 64
"""Into how many parts the streams are cut at the most: enough for processes to end within a hundredth of each other."""
_SOME: Final = 2_000
"""How many events are folded at a time, and a history more."""


class StoredRows:
    """The read database's rows as stored, over a connection in a read transaction."""

    def __init__(self, connection: sqlite3.Connection, texts: SideTexts) -> None:
        self._connection = connection
        self._texts = texts
        self._keyring = Keyring(self._secret_of, _no_keys)

    def parts(self) -> Sequence[Part]:
        """The streams in parts by their ids, which rise with the time of their first event."""
        last = max(self._texts.streams, default=0)
        bounds = range(0, last, max(_SMALLEST_PART, -(-last // _MOST_PARTS)))[1:]
        return list(pairwise((None, *bounds, None)))

    def streams(self) -> Iterator[Any]:
        """The text of every stream that has an event, None where it is missing."""
        found = each_row(self._connection, "log", "SELECT DISTINCT stream FROM log")
        return (self._texts.streams.get(one) for (one,) in found)

    def histories(self, part: Part) -> Iterator[Histories]:
        """Every stream of a part, some at a time."""
        after, upto = part
        wanted = "TRUE" if after is None else f"stream > {after:d}"
        wanted += "" if upto is None else f" AND stream <= {upto:d}"
        rows: list[Values] = []
        for _, history in groupby(each_row(self._connection, "log", _BY_STREAM.format(wanted)), itemgetter(1)):
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
        """The rows of these tickets or contacts, the columns in the order of the row class."""
        names = ", ".join(f'"{about.name}"' for about in columns(projection.row))
        wanted = "IN (SELECT value FROM json_each(?))"
        query = f"SELECT {names} FROM {projection.name} WHERE {projection.key[0]} {wanted}"  # noqa: S608 - our names
        found = all_rows(self._connection, projection.name, query, (json.dumps([*ticket_ids]),))
        tickets: dict[str, list[Values]] = {}
        for row in found:
            tickets.setdefault(row[0], []).append(row)
        return tickets

    def skipped(self, projection: str, upto: int) -> Set[int]:
        """The positions that a projection passes over, as the events of its own stream up to a position say."""
        wanted = f"projection:{projection}"
        streams = [place for place, text in self._texts.streams.items() if text == wanted]
        query = f"SELECT {LOG_COLUMNS} FROM log WHERE stream = ? AND position <= ?"  # noqa: S608 - own constant
        found = [row for stream in streams for row in all_rows(self._connection, "log", query, (stream, upto))]
        events = [one.event for one in self._opened(found).events] if found else []
        return {event.position for event in events if isinstance(event, ProjectionPositionSkipped)}

    def ticket_ids(self, projection: Projection[Any]) -> Iterator[Any]:
        """The ticket or contact of each row of a projection, as often as it has rows."""
        query = f"SELECT {projection.key[0]} FROM {projection.name}"  # noqa: S608 - the name is one of ours
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
