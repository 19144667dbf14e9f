"""Rows in memory: for a rebuild, for reading the past, for trying things out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any

from projections.base import Key, Projection, erased
from projections.store import Parked, Progress, ProjectionMoved, Step


class MemoryRows:
    """A RowStore that keeps all rows in memory. Its transactions do not roll back; after a fault it is thrown away."""

    def __init__(self) -> None:
        self.parked: list[Parked] = []
        """Every parked ticket with its reason."""
        self._progress = Progress()
        self._tables: dict[str, dict[str, dict[Key, Any]]] = {}
        self._counts: Counter[str] = Counter()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing to begin and nothing to end."""
        yield

    def progress(self) -> Progress:
        """How far everything has come."""
        return self._progress

    def rows(self, projection: Projection[Any], ticket_ids: Iterable[str]) -> Mapping[str, Mapping[Key, Any]]:
        """The rows of these tickets by key."""
        table = self._tables.get(projection.name, {})
        return {ticket_id: table[ticket_id] for ticket_id in ticket_ids if ticket_id in table}

    def write(self, step: Step) -> None:
        """Take in rows and checkpoint; ProjectionMoved where the checkpoint is not the one the step began at."""
        if self._progress.of(step.projection) != step.before:
            raise ProjectionMoved(f"{step.projection.name} is not at position {step.before.position}")
        table = self._tables.setdefault(step.projection.name, {})
        key_of, id_of, added = step.projection.key_of, step.projection.id_of, 0
        for row in step.rows:
            own = table.get(id_of(row))
            if own is None:
                own = table[id_of(row)] = {}
            added -= len(own)
            own[key_of(row)] = row
            added += len(own)
        self._counts[step.projection.name] += added
        if step.freed:
            name = step.projection.name
            self.parked = [one for one in self.parked if one.projection != name or one.ticket_id not in step.freed]
        self.parked.extend(step.parked)
        self._progress.passed(step)

    def erase(self, projection: Projection[Any], person: str) -> None:
        """Take a person's texts out of all rows of a projection."""
        for own in self._tables.get(projection.name, {}).values():
            for key, row in own.items():
                own[key] = erased(projection, row, person)

    def all_rows(self, projection: Projection[Any]) -> list[Any]:
        """Every row of a projection, by key."""
        table, rows = self._tables.get(projection.name, {}), list[Any]()
        # A key begins with the ticket's id, and a ticket has few rows: two short sorts in the place of a long one.
        for ticket_id in sorted(table):
            own = table[ticket_id]
            rows.extend(own.values() if len(own) == 1 else [own[key] for key in sorted(own)])
        return rows

    def count(self, projection: Projection[Any]) -> int:
        """How many rows of a projection are held."""
        return self._counts[projection.name]

    def total(self) -> int:
        """How many rows of all projections are held."""
        return self._counts.total()

    def hold(self, projection: Projection[Any], ticket_id: str, rows: dict[Key, Any]) -> None:
        """Take in rows of a ticket that were kept elsewhere, in the place of those held."""
        table = self._tables.setdefault(projection.name, {})
        self._counts[projection.name] += len(rows) - len(table.get(ticket_id, ()))
        table[ticket_id] = rows

    def take_rows(self, projection: Projection[Any], but: Set[str] = frozenset()) -> list[Any]:
        """Every row of a projection, but those of some tickets, by key; they are kept elsewhere and held no longer."""
        table = self._tables.get(projection.name, {})
        kept = {ticket_id: table.pop(ticket_id) for ticket_id in but if ticket_id in table}
        rows = self.all_rows(projection)
        self._tables[projection.name] = kept
        self._counts[projection.name] = sum(map(len, kept.values()))
        return rows
