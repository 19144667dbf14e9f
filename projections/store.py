"""The ports of the runner: the log it reads and the place where rows and checkpoints are kept together."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, Protocol

from domain.integrity import Frontier
from domain.recorded import Recorded
from projections.base import Column, Key, Projection


class ProjectionMoved(Exception):
    """The rows are not as of the position that the fold began at; nothing was written. Read again."""


class Checkpoint(NamedTuple):
    """How far a projection has come; saved in the transaction of its rows."""

    name: Annotated[str, Column("The projection's table.")]
    version: Annotated[int, Column("Version of the fold that made the rows.")]
    position: Annotated[int, Column("The rows show the log up to this position.")]
    events_folded: Annotated[int, Column("How many events it passed, those it ignores included.")]


@dataclass(frozen=True, slots=True)
class Parked:
    """A ticket whose rows stand still in one projection, because an event of it cannot be folded."""

    projection: Annotated[str, Column("The projection's table.")]
    ticket_id: Annotated[str, Column("The ticket's id; the contact's, in a projection of contacts.")]
    position: Annotated[
        int, Column("Position in the log of the event that cannot be folded; later ones wait behind it.")
    ]
    reason: Annotated[str, Column("Why it cannot be folded.")]


@dataclass(frozen=True, slots=True)
class TreeRow:
    """The right edge of the Merkle tree over the log, in the one row there is."""

    size: Annotated[int, Column("How many leaves the tree has: the last position it covers.")]
    peaks: Annotated[str, Column("JSON array of the roots of its perfect subtrees as hex, largest first.")]


@dataclass(slots=True)
class Progress:
    """How far everything has come."""

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    """By projection; none where it was never run."""
    parked: dict[str, dict[str, int]] = field(default_factory=dict)
    """The position that each parked ticket stands behind, by projection and id."""
    frontier: Frontier = field(default_factory=Frontier)

    def of(self, projection: Projection[Any]) -> Checkpoint:
        """The checkpoint of a projection; that of the empty log where it was never run."""
        found = self.checkpoints.get(projection.name)
        return Checkpoint(projection.name, projection.version, 0, 0) if found is None else found

    def parked_in(self, projection: Projection[Any]) -> frozenset[str]:
        """Ids of the tickets that are parked in a projection."""
        found = self.parked.get(projection.name)
        return frozenset(found) if found else frozenset()

    def passed(self, step: "Step") -> None:
        """Take in that a step was written."""
        name = step.projection.name
        self.checkpoints[name] = step.after
        for ticket_id in step.freed:
            self.parked[name].pop(ticket_id, None)
        if step.parked:
            self.parked.setdefault(name, {}).update((one.ticket_id, one.position) for one in step.parked)


class Step(NamedTuple):
    """What a batch of events makes of a projection: all of it is written, or nothing."""

    projection: Projection[Any]
    before: Checkpoint
    after: Checkpoint
    rows: Sequence[Any]
    parked: Sequence[Parked] = ()
    freed: Sequence[str] = ()
    """Tickets that were parked before and were folded again; they may be parked anew."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that a rebuild would change; None stands for a row that is not there."""

    projection: str
    key: Key
    live: Any
    rebuilt: Any


class LogSource(Protocol):
    """The log, as whoever follows it needs it."""

    def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """The next events after a position in order, at most `limit`; empty at the end."""
        ...

    def load(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded]]:
        """All events of these streams in order; none for a stream that is not there."""
        ...

    def leaves(self, after: int, limit: int) -> Sequence[bytes]:
        """The next leaves after a position in order, at most `limit`; empty at the end."""
        ...


class RowStore(Protocol):
    """Rows of projections with their checkpoints."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written within is written or nothing; one that is open already is joined."""
        ...

    def progress(self) -> Progress:
        """How far everything has come."""
        ...

    def rows(self, projection: Projection[Any], ticket_ids: Iterable[str]) -> Mapping[str, Mapping[Key, Any]]:
        """The rows of these tickets by key, in key order; a ticket without rows may be left out."""
        ...

    def write(self, step: Step) -> None:
        """Write a step; ProjectionMoved, and nothing written, where the checkpoint is not the one it began at."""
        ...

    def erase(self, projection: Projection[Any], person: str) -> None:
        """Take a person's texts out of all rows of a projection (E-14)."""
        ...


class Rebuilt(RowStore, Protocol):
    """Fresh rows beside the live ones."""

    def adopt(self, projection: Projection[Any]) -> None:
        """Put the fresh rows, checkpoint and parked tickets in the place of the live ones; within a transaction."""
        ...

    def differences(self, projection: Projection[Any]) -> Sequence[Difference]:
        """Rows in which fresh and live differ, by key."""
        ...


class ViewStore(RowStore, Protocol):
    """The live rows, with the frontier of the Merkle tree."""

    def keep(self, frontier: Frontier) -> None:
        """Keep the frontier in the place of the one before."""
        ...

    def rebuilt(self) -> AbstractContextManager[Rebuilt]:
        """An empty place for fresh rows that nobody else sees; what is not adopted is gone at the end."""
        ...
