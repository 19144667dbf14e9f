"""Keeps the projections up with the log: after the fact, within an append, or all over again (design section 5).

Rows and checkpoint are written in one transaction, so however a run ends, the next one goes on where the rows are.
Nothing here speaks to anybody outside: a rebuild changes rows, and that is all.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from domain.projecting import ProjectionPositionSkipped, ProjectionRetryRequested
from domain.recorded import Recorded
from projections.base import Projection
from projections.folding import Batch, advance, erasures
from projections.parking import advance_with, skips_of
from projections.recent import RecentRows
from projections.store import Difference, LogSource, Progress, RowStore, ViewStore

_REQUESTS: Final = (ProjectionRetryRequested, ProjectionPositionSkipped)


class Runner:
    """Folds the log into the rows of a store.

    `batch` is the number of events a transaction of `catch_up` takes, which bounds how long others wait to write;
    `recent` the number of tickets whose rows the inline projections hold in memory.
    """

    def __init__(
        self,
        projections: Sequence[Projection[Any]],
        store: ViewStore,
        log: LogSource,
        *,
        batch: int = 5_000,
        recent: int = 10_000,
    ) -> None:
        self._projections = tuple(projections)
        self._store = store
        self._log = log
        self._batch = batch
        self._inline = tuple(one for one in self._projections if one.inline)
        self._views = RecentRows(store, self._inline, recent)

    # Following the log

    def catch_up(self) -> None:
        """All projections, and the Merkle frontier, to the end of the log.

        What an older version of a fold made is served until then, and first of all rebuilt: beside the old rows, and
        swapped in one transaction. What a newer program made is left as it is.
        """
        while True:
            progress = self._store.progress()
            outdated = [one for one in self._projections if progress.of(one).version < one.version]
            if outdated:
                self._build(outdated, unless_swapped=True)
            elif self._is_at_end(progress) or not self._step():
                return

    def _is_at_end(self, progress: Progress) -> bool:
        """Looked at without a lock, since most calls find nothing to do."""
        events = self._read_behind(progress, self._current(progress), 1)
        return not events and not self._log.leaves(progress.frontier.size, 1)

    def _current(self, progress: Progress) -> list[Projection[Any]]:
        """The projections whose rows are of the version that this program folds."""
        return [one for one in self._projections if progress.of(one).version == one.version]

    def _read_behind(
        self, progress: Progress, projections: Sequence[Projection[Any]], limit: int
    ) -> Sequence[Recorded]:
        """The next events that one of the projections has not passed."""
        return self._log.read(self._start(progress, projections), limit) if projections else ()

    def _start(self, progress: Progress, projections: Sequence[Projection[Any]]) -> int:
        return min((progress.of(one).position for one in projections), default=0)

    def _step(self) -> bool:
        # The log is read inside the transaction: an erasure that came between reading and writing would be missed.
        with self._views.transaction():
            progress = self._views.refreshed()
            events = self._read_behind(progress, self._current(progress), self._batch)
            leaves = self._log.leaves(progress.frontier.size, self._batch)
            self._pass(self._projections, self._views, events)
            if leaves:
                progress.frontier = progress.frontier.extended(leaves)
                self._store.keep(progress.frontier)
        return bool(events or leaves)

    def _pass(self, projections: Sequence[Projection[Any]], views: RowStore, events: Sequence[Recorded]) -> None:
        events = Batch(events)
        is_asked = not events.classes.isdisjoint(_REQUESTS)
        for projection in projections:
            checkpoint = views.progress().of(projection)
            if checkpoint.version != projection.version:
                continue
            if events and events[0].position > checkpoint.position:
                if is_asked:
                    advance_with(self._log, projection, views, events)
                else:
                    advance(projection, views, events, skips_of(self._log, projection))
            elif ahead := [recorded for recorded in events if recorded.position > checkpoint.position]:
                advance_with(self._log, projection, views, ahead)

    # Within an append

    def inline(self, events: Sequence[Recorded]) -> None:
        """Fold events that were just appended into the inline projections; called inside the append's transaction.

        A projection that is not at the position before the first event is left to `catch_up`. Where a person was
        erased, all rows there are lose the person's texts, in every projection and in this transaction.
        """
        if not events:
            return
        before = events[0].position - 1
        progress = self._views.progress()
        follows = [one for one in self._inline if self._is_at(progress, one, before)]
        if len(follows) < len(self._inline):
            progress = self._views.refreshed()
            follows = [one for one in self._inline if self._is_at(progress, one, before)]
        if persons := erasures(events):
            for projection in self._projections:
                if projection.personal and projection not in follows:
                    for person in persons:
                        self._views.erase(projection, person)
        for projection in follows:
            advance_with(self._log, projection, self._views, events)

    def _is_at(self, progress: Progress, projection: Projection[Any], position: int) -> bool:
        checkpoint = progress.of(projection)
        return (checkpoint.position, checkpoint.version) == (position, projection.version)

    def forget(self, ticket_ids: Iterable[str]) -> None:
        """Drop the rows held of these tickets, because they may no longer be what the store holds."""
        self._views.forget(list(ticket_ids))

    def forget_all(self) -> None:
        """Drop all rows held: the log was moved by others, a transaction rolled back, or a person was erased."""
        self._views.forget_all()

    # All over again

    def rebuild(self, *names: str) -> None:
        """Fold the whole log into fresh rows of these projections, all without names, and swap them in one transaction.

        Readers and writers go on meanwhile; only what they appended during the fold is folded under the lock. Parked
        tickets are tried again.
        """
        self._build(self._chosen(names))

    def _build(self, chosen: Sequence[Projection[Any]], *, unless_swapped: bool = False) -> None:
        with self._store.rebuilt() as fresh:
            self._fill(chosen, fresh)
            with self._store.transaction():
                if unless_swapped:
                    # Another process may have built the same meanwhile, and gone on from it.
                    progress = self._store.progress()
                    chosen = [one for one in chosen if progress.of(one).version < one.version]
                self._fill(chosen, fresh)
                for projection in chosen:
                    fresh.adopt(projection)
                # As in `catch_up`, rows are never there without the frontier beside them: its absence is a finding.
                self._store.keep(self._store.progress().frontier)
        self.forget_all()

    def compare(self, *names: str) -> list[Difference]:
        """The rows that a rebuild would change; nothing is changed (E-05)."""
        chosen = self._chosen(names)
        self.catch_up()
        with self._store.rebuilt() as fresh:
            self._fill(chosen, fresh)
            with self._views.transaction():
                while self._step():
                    pass
                self._fill(chosen, fresh)
                return [difference for projection in chosen for difference in fresh.differences(projection)]

    def _chosen(self, names: Sequence[str]) -> list[Projection[Any]]:
        known = {one.name: one for one in self._projections}
        for name in names:
            if name not in known:
                raise LookupError(f"{name!r} is no projection; there are {', '.join(known)}")
        return [known[name] for name in dict.fromkeys(names or known)]

    def _fill(self, projections: Sequence[Projection[Any]], fresh: RowStore) -> None:
        while events := self._read_behind(fresh.progress(), projections, self._batch):
            with fresh.transaction():
                self._pass(projections, fresh, events)
