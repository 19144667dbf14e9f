"""The child of S12: `python -m benchmarks.fold FILE` folds the whole log and prints what that cost, as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from adapters.process import settle_memory
from adapters.verification import verify_ledger
from adapters.wiring import open_ledger


def _status(name: str) -> float:
    """A figure of this process in MB, as Linux keeps it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(name)


def _grown(work: Callable[[], object]) -> tuple[float, float]:
    """By how many MB memory grew at the most while the work was done, and the seconds that took."""
    before = _status("VmRSS")
    # Forget the peak so far: what was imported and done before is no part of it.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begin = perf_counter()
    work()
    return round(_status("VmHWM") - before, 1), round(perf_counter() - begin, 1)


def main(path: Path) -> None:
    """Rebuild every projection from the first event, then verify all of it; each in what memory the other left."""
    settle_memory()
    with open_ledger(str(path)) as ledger:
        events = ledger.journal.tip().position
        begun = _status("VmRSS")
        rebuild, rebuild_seconds = _grown(ledger.runner.rebuild)
        ledger.runner.catch_up()
        left = round(_status("VmRSS") - begun, 1)
    found = None

    def verify() -> None:
        nonlocal found
        found = verify_ledger(path)

    verifying, verify_seconds = _grown(verify)
    assert found is not None
    assert found.ok, found
    print(
        json.dumps(
            {
                "grown_mb": max(rebuild, verifying),
                "rebuild_mb": rebuild,
                "verify_mb": verifying,
                "kept_between_mb": left,
                "rebuild_seconds": rebuild_seconds,
                "verify_seconds": verify_seconds,
                "events": events,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
