"""How a figure comes about: sides taking turns, medians of ratios, and what the disk costs meanwhile."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any, Final

PAIRS: Final = 15
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured; `quick` tries a benchmark out and proves nothing."""

    pairs: int = PAIRS
    commands: int = 100
    """Commands a side and pair, one transaction each."""
    batches: int = 2
    """Batches of 500 a pair."""
    stock_commands: int = 150
    """Commands of the stock side beside those batches."""
    replayed: int = 40_000
    """Events that are replayed, and verified, a pair."""
    folded: int = 1_000_000
    """Events of the whole fold; a tenth as many tickets."""
    verify_pairs: int = 9
    """Fewer, because a round takes seconds."""
    imported: int = 20_000
    import_pairs: int = 5
    shared: int = 200_000
    """Events that one process verifies, and several."""
    shared_pairs: int = 5
    rebuilt: int = 100_000
    orm_events: int = 2_000
    """Events the ORM takes a round, for it takes so long with each."""
    rebuild_pairs: int = 7
    state_tickets: int = 20_000
    """Tickets whose states are reported on, with ten events each."""
    in_flight: int = 100_000
    """Tickets inside a blueprint when its dashboard is asked."""


FULL: Final = Scale()
QUICK: Final = Scale(3, 20, 1, 30, 2_000, 10_000, 2, 1_000, 1, 5_000, 1, 5_000, 500, 1, 500, 2_000)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value of a claim, with what it was made of."""

    id: str
    value: float | None
    """None where it could not be measured; `more` says why."""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Lap:
    """What a stretch of work took."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Lap]:
    """Measure the body, by the wall and by this process's CPU, with no garbage of others to collect."""
    gc.collect()
    lap = Lap()
    cpu, begin = process_time(), perf_counter()
    yield lap
    lap.seconds, lap.cpu = perf_counter() - begin, process_time() - cpu


@dataclass(frozen=True, slots=True)
class Laps:
    """The laps of each side, round by round, and what an fsync took in each."""

    of: Mapping[str, list[Lap]]
    fsyncs: list[float]


Side = Callable[[int], Lap]
"""Does the work of a round, and says what one unit of it took."""


def turns(folder: Path, sides: Mapping[str, Side], pairs: int) -> Laps:
    """Every side once a round, another one first each time, so that drift hits all; a round to warm up before."""
    laps: dict[str, list[Lap]] = {name: [] for name in sides}
    fsyncs = []
    names = list(sides)
    gc.collect()
    gc.freeze()
    for turn in range(pairs + 1):
        # A virtual disk may slow down while it is measured, so each round asks it anew.
        fsyncs.append(fsync_microseconds(folder, 10))
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            lap = sides[name](turn)
            if turn:
                laps[name].append(lap)
        shown = ", ".join(f"{name} {own[-1].seconds * 1e6:,.1f} us" for name, own in laps.items() if own)
        note(f"  round {turn}/{pairs}: {shown or 'to warm up'}, fsync {fsyncs[-1]:,.0f} us")
    return Laps(laps, fsyncs)


def ratio(figure: str, laps: Laps, other_side: str, our_side: str = "ours", **more: Any) -> Figure:
    """How many times longer the other side took, the median over the pairs."""
    other, ours = laps.of[other_side], laps.of[our_side]
    ratios = [a.seconds / b.seconds for a, b in zip(other, ours, strict=True)]
    return Figure(
        figure,
        round(median(ratios), 3),
        {
            "pairs": len(ratios),
            "fsync_us": round(median(laps.fsyncs), 1),
            "quartiles": quartiles(ratios, 3),
            "ours_us": microseconds(ours),
            "ours_cpu_us": round(median(lap.cpu for lap in ours) * 1e6, 1),
            "other_us": microseconds(other),
            "other_cpu_us": round(median(lap.cpu for lap in other) * 1e6, 1),
            **more,
        },
    )


def milliseconds(figure: str, laps: Laps, our_side: str = "ours", floor: str = "floor", **more: Any) -> Figure:
    """What one unit of ours takes, the median, with the floor beside it."""
    ours, other = laps.of[our_side], laps.of[floor]
    return Figure(
        figure,
        round(median(lap.seconds for lap in ours) * 1_000, 3),
        {
            "pairs": len(ours),
            "fsync_us": round(median(laps.fsyncs), 1),
            "quartiles": quartiles([lap.seconds * 1_000 for lap in ours], 3),
            "ours_cpu_ms": round(median(lap.cpu for lap in ours) * 1_000, 3),
            "floor_ms": round(median(lap.seconds for lap in other) * 1_000, 3),
            **more,
        },
    )


def quartiles(values: list[float], digits: int) -> list[float]:
    """First and third quartile; of fewer than two values, the value itself."""
    cuts = quantiles(values, n=4) if len(values) > 1 else values * 3
    return [round(cuts[0], digits), round(cuts[2], digits)]


def microseconds(laps: list[Lap]) -> float:
    """The median lap by the wall."""
    return round(median(lap.seconds for lap in laps) * 1e6, 1)


def fsync_microseconds(folder: Path, times: int) -> float:
    """What this disk takes to make one more page of a file durable, as a commit appends it; the median."""
    path = folder / "fsync"
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    taken = []
    try:
        # SQLite writes its write-ahead log over and over, so the blocks are there already.
        os.pwrite(file, bytes(_PAGE * times), 0)
        os.fsync(file)
        for place in range(times):
            os.pwrite(file, os.urandom(_PAGE), place * _PAGE)
            begin = perf_counter()
            os.fdatasync(file)
            taken.append(perf_counter() - begin)
    finally:
        os.close(file)
        path.unlink()
    return round(median(taken) * 1e6, 1)


def note(text: str) -> None:
    """Tell whoever watches; figures alone go to stdout."""
    print(text, file=sys.stderr, flush=True)
