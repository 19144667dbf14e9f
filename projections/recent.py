"""The rows of recently touched tickets, kept in memory so that an append need not read what it is about to change.

What is held is as of the checkpoint held beside it. Other processes move the checkpoint with the rows, so comparing it
with the log tells; what does not move it (a transaction that rolled back) must be told by `forget`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from projections.base import Key, Projection
from projections.store import Progress, RowStore, Step


class RecentRows:
    """A RowStore over another one, holding rows of the projections given, at most `limit` tickets of each."""

    def __init__(self, store: RowStore, projections: Sequence[Projection[Any]], limit: int) -> None:
        self._store = store
        self._limit = limit
        self._progress: Progress | None = None
        self._held: dict[str, OrderedDict[str, dict[Key, Any]]] = {one.name: OrderedDict() for one in projections}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the store below; where it fails, nothing is held any more."""
        try:
            with self._store.transaction():
                yield
        except BaseException:
            self.forget_all()
            raise

    def progress(self) -> Progress:
        """How far everything has come, as last seen."""
        if self._progress is None:
            self._progress = self._store.progress()
        return self._progress

    def refreshed(self) -> Progress:
        """How far everything has come, read anew; rows held as of another checkpoint are dropped."""
        found = self._store.progress()
        if found != self._progress:
            self.forget_all()
        self._progress = found
        return found

    def rows(self, projection: Projection[Any], ticket_ids: Iterable[str]) -> Mapping[str, Mapping[Key, Any]]:
        """The rows of these tickets by key; those not held are read with one query and then held."""
        held = self._held.get(projection.name)
        if held is None:
            return self._store.rows(projection, ticket_ids)
        wanted = list(ticket_ids)
        missing = [ticket_id for ticket_id in wanted if ticket_id not in held]
        if missing:
            found = self._store.rows(projection, missing)
            held.update((ticket_id, dict(found.get(ticket_id, {}))) for ticket_id in missing)
        for ticket_id in wanted:
            held.move_to_end(ticket_id)
        return {ticket_id: held[ticket_id] for ticket_id in wanted}

    def write(self, step: Step) -> None:
        """Write through, and hold what was written of the tickets held."""
        self._store.write(step)
        self.progress().passed(step)
        held = self._held.get(step.projection.name)
        if held is None:
            return
        key_of, id_of = step.projection.key_of, step.projection.id_of
        for row in step.rows:
            if (ticket_id := id_of(row)) in held:
                held[ticket_id][key_of(row)] = row
        while len(held) > self._limit:
            held.popitem(last=False)

    def erase(self, projection: Projection[Any], person: str) -> None:
        """Take a person's texts out of all rows, those in memory too."""
        self._store.erase(projection, person)
        if projection.name in self._held:
            self._held[projection.name].clear()

    def forget(self, ticket_ids: Iterable[str]) -> None:
        """Drop what is held of these tickets, and the checkpoints."""
        self._progress = None
        for held in self._held.values():
            for ticket_id in ticket_ids:
                held.pop(ticket_id, None)

    def forget_all(self) -> None:
        """Drop everything that is held."""
        self._progress = None
        for held in self._held.values():
            held.clear()
