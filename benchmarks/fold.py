"""The child of S12: `python -m benchmarks.fold rebuild|verify FILE` does that and prints what it cost, as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from adapters.process import settle_memory
from adapters.verification import verify_ledger
from adapters.wiring import open_ledger


def rebuild(path: Path) -> int:
    """Every projection from the first event on; how many events there are."""
    with open_ledger(str(path)) as ledger:
        ledger.runner.rebuild()
        ledger.runner.catch_up()
        return ledger.journal.tip().position


def verify(path: Path) -> int:
    """Log, receipts, side tables and projections; how many events there are."""
    found = verify_ledger(path)
    assert found.ok, found
    return found.events


WORK: dict[str, Callable[[Path], int]] = {"rebuild": rebuild, "verify": verify}


def main(work: str, path: str) -> None:
    """By how many MB the memory of this process grows at the most while it does the work."""
    settle_memory()
    before = _status("VmRSS")
    # Forget the peak so far: importing the product is no part of the fold.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begin = perf_counter()
    events = WORK[work](Path(path))
    seconds = round(perf_counter() - begin, 1)
    print(json.dumps({"events": events, "mb": round(_status("VmHWM") - before, 1), "seconds": seconds}))


def _status(name: str) -> float:
    """A figure of this process in MB, as Linux keeps it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
