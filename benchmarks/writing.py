"""S1, S2 and S3: commands into the log, singly and in batches, against the stock library and against the floor."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import floor, ours
from benchmarks.measure import Figure, Lap, Scale, note, ratio, timed, turns
from benchmarks.stock import stock
from benchmarks.workload import BATCH, batches, slices


def _a_unit(lap: Lap, units: int) -> Lap:
    return Lap(lap.seconds / units, lap.cpu / units)


def _singles(of: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return ((raw,) for raw in of)


def singles(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S1 and S2."""
    size = scale.commands
    parts = slices(size, scale.pairs + 1)
    tape = floor.recorded(folder / "recorded.db", parts, _singles)
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.ledger(folder / "ours.db"))
        library = stack.enter_context(stock(folder / "stock.db"))
        store = stack.enter_context(floor.store(folder / "floor.db"))

        def our_side(turn: int) -> Lap:
            with timed() as lap:
                receipts = ours.send_singly(ledger, parts[turn])
            ours.accepted(receipts)
            return _a_unit(lap, size)

        def stock_side(turn: int) -> Lap:
            with timed() as lap:
                library.send_all(parts[turn])
            return _a_unit(lap, size)

        def floor_side(turn: int) -> Lap:
            with timed() as lap:
                floor.write_singly(store, tape[turn])
            return _a_unit(lap, size)

        laps = turns(folder, {"ours": our_side, "stock": stock_side, "floor": floor_side}, scale.pairs)
        _same_rows(ledger.journal.connection, store)
    yield ratio("S1", laps, "stock", commands=size * scale.pairs)
    yield ratio("S2", laps, "floor", commands=size * scale.pairs)


def in_batches(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S3, against both."""
    size, alone = scale.batches * BATCH, scale.stock_commands
    parts = slices(size, scale.pairs + 1)
    stock_parts = slices(alone, scale.pairs + 1)
    tape = floor.recorded(folder / "recorded.db", parts, batches)
    with ExitStack() as stack:
        ledger = stack.enter_context(ours.ledger(folder / "ours.db"))
        library = stack.enter_context(stock(folder / "stock.db"))
        store = stack.enter_context(floor.store(folder / "floor.db"))

        def our_side(turn: int) -> Lap:
            with timed() as lap:
                receipts = ours.send_in_batches(ledger, parts[turn])
            ours.accepted(receipts)
            return _a_unit(lap, size)

        def stock_side(turn: int) -> Lap:
            with timed() as lap:
                library.send_all(stock_parts[turn])
            return _a_unit(lap, alone)

        def floor_side(turn: int) -> Lap:
            with timed() as lap:
                floor.write_in_bulk(store, tape[turn])
            return _a_unit(lap, size)

        laps = turns(folder, {"ours": our_side, "stock": stock_side, "floor": floor_side}, scale.pairs)
        _same_rows(ledger.journal.connection, store)
    rate = round(1 / median(lap.seconds for lap in laps.of["ours"]))
    yield ratio("S3", laps, "stock", commands=size * scale.pairs, ours_commands_a_second=rate)
    yield ratio("S3-floor", laps, "floor", commands=size * scale.pairs)


def _same_rows(*connections) -> None:
    """Both sides must have written as much, or their times compare nothing."""
    counts = []
    for connection in connections:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts.append({name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables})
    note("  rows: " + ", ".join(f"{name} {rows}" for name, rows in counts[0].items() if rows))
    assert counts[0] == counts[1], counts
