"""`python -m benchmarks [ID ...]`: one JSON line a figure on stdout, all else on stderr; 1 where a bound was missed."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from adapters.process import settle_memory
from benchmarks import importing, in_flight, memory, reading, rebuilding, states, writing
from benchmarks.claims import CLAIMS
from benchmarks.measure import FULL, QUICK, Figure, Scale, fsync_microseconds, note

Benchmark = Callable[[Path, Scale], Iterator[Figure]]

BENCHMARKS: Final[tuple[tuple[tuple[str, ...], Benchmark], ...]] = (
    (("S1", "S2"), writing.singles),
    (("S3",), writing.in_batches),
    (("S6",), reading.replay),
    (("S7",), reading.verified),
    (("S8",), reading.shared),
    (("S9",), rebuilding.rebuilt),
    (("S11",), states.reported),
    (("S12",), memory.whole_fold),
    (("IMPORT",), importing.csv_import),
    (("DASHBOARD", "TRANSITIONS"), in_flight.asked),
)
"""Each with the ids of the figures it gives; a second value of a row, such as S3-floor, comes with its row."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was named, or everything."""
    parser = _parser()
    options = parser.parse_args(arguments)
    wanted = set(options.ids)
    if unknown := wanted.difference(name for names, _ in BENCHMARKS for name in names):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    missed = []
    settle_memory()
    begin = perf_counter()
    for ids, benchmark in BENCHMARKS:
        if wanted and not wanted.intersection(ids):
            continue
        note(f"{' '.join(ids)} ({perf_counter() - begin:.0f} s)")
        with TemporaryDirectory(prefix="deskledger-bench-") as folder:
            fsync = fsync_microseconds(Path(folder), 100)
            for figure in benchmark(Path(folder), QUICK if options.quick else FULL):
                if wanted and figure.id.partition("-")[0] not in wanted:
                    continue
                print(_line(figure, fsync), flush=True)
                if figure.value is None:
                    note(f"not measured: {figure.id}, {figure.more['not_measured']}")
                if not CLAIMS[figure.id].is_kept(figure.value):
                    missed.append(figure)
    note(f"done in {perf_counter() - begin:.0f} s")
    for figure in missed:
        note(f"missed: {figure.id} is {figure.value}, must be {CLAIMS[figure.id].must}")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    ids = [name for names, _ in BENCHMARKS for name in names]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the claims of docs/speed.md.")
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"what to measure, of {', '.join(ids)}; all without")
    parser.add_argument("--quick", action="store_true", help="a small run to try out; its figures prove nothing")
    return parser


def _line(figure: Figure, fsync: float) -> str:
    claim = CLAIMS[figure.id]
    return json.dumps(
        {
            "id": figure.id,
            "value": figure.value,
            "must": claim.must,
            "aim": claim.aim,
            "what": claim.what,
            "fsync_us": fsync,
            **figure.more,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
