"""S6: the log read as typed events, against the stock library."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from adapters.wiring import Ledger
from benchmarks import ours
from benchmarks.measure import Figure, Lap, Scale, ratio, timed, turns
from benchmarks.stock import stock
from benchmarks.workload import slices

_READ: Final = 500
"""Events a read of ours: as many as stay in the processor's cache until they are let go."""


def replay(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S6."""
    (commands,) = slices(scale.replayed, 1)
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.ledger(folder / "ours.db"))
        library = stack.enter_context(stock(folder / "stock.db"))
        ours.send_in_batches(ledger, commands)
        library.fill(commands)

        def our_side(_: int) -> Lap:
            with timed() as lap:
                count = _replayed(ledger)
            assert count == scale.replayed
            return Lap(lap.seconds / count, lap.cpu / count)

        def stock_side(_: int) -> Lap:
            with timed() as lap:
                count = library.replay()
            assert count == scale.replayed
            return Lap(lap.seconds / count, lap.cpu / count)

        laps = turns({"ours": our_side, "stock": stock_side}, scale.pairs)
    rate = round(1 / median(lap.seconds for lap in laps["ours"]))
    yield ratio("S6", laps["stock"], laps["ours"], events=scale.replayed, ours_events_a_second=rate)


def _replayed(ledger: Ledger) -> int:
    """Every event as a typed object, personal text left sealed."""
    count = position = 0
    while events := ledger.journal.read(position, _READ, opened=False):
        count += len(events)
        position = events[-1].position
    return count
