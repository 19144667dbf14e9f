"""The child of S12: `python -m benchmarks.fold FILE` folds the whole log and prints what that cost, as JSON."""

import json
import sys
from pathlib import Path
from time import perf_counter

from adapters.process import settle_memory
from adapters.wiring import open_ledger


def _status(name: str) -> float:
    """A figure of this process in MB, as Linux keeps it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(name)


def main(path: str) -> None:
    """Rebuild every projection from the first event, and say by how much memory grew at the most."""
    settle_memory()
    with open_ledger(path) as ledger:
        before = _status("VmRSS")
        # Forget the peak so far: importing the product is no part of the fold.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        begin = perf_counter()
        ledger.runner.rebuild()
        seconds = perf_counter() - begin
        peak = _status("VmHWM")
        events = ledger.journal.tip().position
    grown = round(peak - before, 1)
    print(json.dumps({"grown_mb": grown, "before_mb": before, "peak_mb": peak, "events": events, "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
