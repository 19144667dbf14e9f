"""S6 to S8: the log read as typed events, and verified, by one process and by two."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from adapters.sqlite.store import connect
from adapters.verification import verify_ledger
from adapters.wiring import Ledger
from benchmarks import memory, ours
from benchmarks.measure import Figure, Lap, Scale, Side, ratio, timed, turns
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

        laps = turns(folder, {"ours": our_side, "stock": stock_side}, scale.pairs)
    rate = round(1 / median(lap.seconds for lap in laps.of["ours"]))
    yield ratio("S6", laps, "stock", events=scale.replayed, ours_events_a_second=rate)


def verified(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S7, and for information the same with the projections compared."""
    path = folder / "ours.db"
    (commands,) = slices(scale.replayed, 1)
    with ours.ledger(path) as ledger:
        ours.send_in_batches(ledger, commands)
        ledger.runner.catch_up()

    def verify_side(*, projections: bool) -> Lap:
        with timed() as lap:
            found = verify_ledger(path, projections=projections)
        assert found.ok, found
        assert found.events == scale.replayed
        return Lap(lap.seconds / found.events, lap.cpu / found.events)

    def select_side(_: int) -> Lap:
        connection = connect(path)
        with timed() as lap:
            count = sum(1 for _ in connection.execute("SELECT * FROM v_log ORDER BY position"))
            receipts = sum(1 for _ in connection.execute("SELECT * FROM receipts ORDER BY number"))
        connection.close()
        assert receipts == scale.replayed
        assert count == scale.replayed
        return Lap(lap.seconds / count, lap.cpu / count)

    sides: dict[str, Side] = {
        "verify": lambda _: verify_side(projections=False),
        "with projections": lambda _: verify_side(projections=True),
        "select": select_side,
    }
    laps = turns(folder, sides, scale.verify_pairs)
    yield ratio("S7", laps, "select", "verify", events=scale.replayed)
    yield ratio("S7-projections", laps, "select", "with projections", events=scale.replayed)


def shared(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S8: all that `replay verify` does, starting and ending the second process included."""
    path = folder / "ours.db"
    memory.fill(path, scale.shared)
    with ours.ledger(path) as ledger:
        ledger.runner.catch_up()
    found = [verify_ledger(path, processes=processes) for processes in (1, 2)]
    assert found[0].ok, found[0]
    assert found[0] == found[1]

    def side(processes: int) -> Lap:
        with timed() as lap:
            answer = verify_ledger(path, processes=processes)
        assert answer == found[0]
        return Lap(lap.seconds / scale.shared, lap.cpu / scale.shared)

    laps = turns(folder, {"one": lambda _: side(1), "two": lambda _: side(2)}, scale.shared_pairs)
    yield ratio("S8", laps, "one", "two", events=scale.shared)


def _replayed(ledger: Ledger) -> int:
    """Every event as a typed object, personal text left sealed."""
    count = position = 0
    while events := ledger.journal.read(position, _READ, opened=False):
        count += len(events)
        position = events[-1].position
    return count
