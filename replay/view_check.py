"""The projections against the log: their rows, their checkpoints, what is parked, and the Merkle frontier (E-05)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain.integrity import Frontier
from projections.base import Projection
from replay.evidence import Comparisons, StoredViews, Values
from replay.findings import Findings, Unreadable
from replay.row_check import can_be_compared, checkpoint_of

CHECKPOINTS: Final = "meta_projections"
PARKED: Final = "meta_parked"
TREE: Final = "meta_tree"


class ViewCheck:
    """The projections, their checkpoints, what is parked, and the Merkle frontier kept beside them."""

    def __init__(
        self,
        views: StoredViews,
        projections: Sequence[Projection[Any]],
        comparisons: Comparisons,
        findings: Findings,
    ) -> None:
        """`comparisons` are of the same views and the same projections."""
        self._views = views
        self._projections = projections
        self._comparisons = comparisons
        self._findings = findings
        self._moved = False
        self._tree: Sequence[Values] = ()
        self._tree_is_readable = True
        try:
            self._tree = views.tree()
        except Unreadable as damage:
            self._tree_is_readable = False
            findings.add(str(damage), table=TREE)

    def sizes(self) -> list[int]:
        """The sizes of the tree whose frontier is to be compared."""
        return [size for size, _ in self._tree if isinstance(size, int)]

    def run(self, events: int, frontiers: Mapping[int, Frontier], on_progress: Callable[[], None]) -> None:
        """Check all against a log of so many events; tells whenever some are done."""
        try:
            compared = self._check_checkpoints(events)
            parked = self._check_rows(on_progress)
            self._check_tickets(compared)
            self._check_parked(parked)
        except Unreadable as damage:
            self._findings.add(str(damage), position=damage.position, table="the projections")
        self._check_tree(events, frontiers)

    def _check_checkpoints(self, events: int) -> list[Projection[Any]]:
        """Say what is wrong with the checkpoints; the projections whose rows can be compared."""
        stored = self._views.checkpoints()
        found = []
        passed = {row[0] for row in stored}
        later = [projection.name for projection in self._projections if not projection.inline]
        # Those that are not inline catch up together, so they have checkpoints all or none.
        if not passed.isdisjoint(later):
            for missing in [name for name in later if name not in passed]:
                self._checkpoint_fault(missing, "has no checkpoint, and others have")
        for projection in self._projections:
            checkpoint = checkpoint_of(projection, stored)
            name, version, position, folded = checkpoint
            if can_be_compared(projection, checkpoint):
                if position > events:
                    reason = f"{name} shows the log up to position {position}, and it ends at {events}"
                    self._findings.add(reason, position=events + 1)
                if folded != position:
                    self._checkpoint_fault(name, f"has passed {folded!r} events up to position {position}")
                found.append(projection)
                self._moved |= position > 0 and not projection.inline
            elif version != projection.version:
                self._checkpoint_fault(name, f"is of version {version}, and this program folds {projection.version}")
            else:
                self._checkpoint_fault(name, f"has come to {position!r}, which is no position")
        known = {projection.name for projection in self._projections}
        for name in [row[0] for row in stored if row[0] not in known]:
            self._checkpoint_fault(name, "is no projection")
        return found

    def _checkpoint_fault(self, name: object, said: str) -> None:
        self._findings.add(f"{name} {said}", table=CHECKPOINTS, key=name)

    def _check_rows(self, on_progress: Callable[[], None]) -> set[Values]:
        """Take in what the parts were found to be; the tickets that a fresh fold parks. Unreadable where one was."""
        parked: set[Values] = set()
        for one in self._comparisons.results():
            self._findings.join(one.findings)
            if one.damage is not None:
                raise one.damage
            parked |= one.parked
            on_progress()
        return parked

    def _check_tickets(self, projections: Sequence[Projection[Any]]) -> None:
        """No row is of a ticket that the log does not have; streams are remembered by hash, as in `side_check`."""
        known = {hash(stream) for stream in self._views.streams()}
        for projection in projections:
            kind = f"{projection.stream}:"
            for ticket_id in self._views.ticket_ids(projection):
                if not isinstance(ticket_id, str) or hash(kind + ticket_id) not in known:
                    reason = f"the row is there, and the log has no such {projection.stream}"
                    self._findings.add(reason, table=projection.name, key=ticket_id)

    def _check_parked(self, fresh: set[Values]) -> None:
        stored = {*self._views.parked()}
        for row in sorted(stored ^ fresh, key=str):
            said = "is parked, and by a fresh fold not" if row in stored else "is not parked, and by a fresh fold it is"
            self._findings.add(f"the ticket {said}", table=PARKED, key=f"{row[0]} {row[1]}")

    # The tree

    def _check_tree(self, events: int, frontiers: Mapping[int, Frontier]) -> None:
        if not self._tree_is_readable:
            return
        if len(self._tree) > 1 or (not self._tree and self._moved):
            self._findings.add(f"it has {len(self._tree)} rows instead of one", table=TREE)
        for size, peaks in self._tree:
            if not isinstance(size, int) or size < 0:
                self._findings.add(f"{size!r} is no size of a tree", table=TREE, key=size)
            elif size > events:
                reason = f"the tree was built over {size} events, and the log ends at {events}"
                self._findings.add(reason, position=events + 1)
            elif peaks != _peaks(frontiers[size]):
                reason = f"the tree over the first {size} events is not that of their leaves"
                self._findings.add(reason, table=TREE, key=size)


def _peaks(frontier: Frontier) -> str:
    return json.dumps([peak.hex() for peak in frontier.peaks], separators=(",", ":"))
