"""S11: transitions and dwell of all tickets, from the log, against pm4py on a data frame.

pm4py is under the AGPL, so it is no dependency of ours: it is installed into an environment of its own inside the
benchmark's folder, which is thrown away, and runs in a process of its own that is spoken to in JSON lines. It is given
the status events of the very log that ours reads, ordered as they are there, and makes a formatted data frame of them
before anything is timed: reading, parsing and sorting cost it nothing. What is timed of it is the discovery of the
directly-follows graph, by frequency and by performance, and the dwell of each state. Ours is timed from the stored rows
of the log, among which status events are every second, to the same figures.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from adapters.sqlite.states import state_entries
from adapters.sqlite.store import connect
from benchmarks import memory
from benchmarks.measure import Figure, Lap, Scale, note, ratio, timed, turns
from benchmarks.workload import text
from domain.instant import instant
from domain.journal import Draft
from domain.ticket import events as e
from domain.values import StatusType, Visibility
from projections.dwell import StateFigures, state_figures

PREPARED: Final = "DESKLEDGER_PM4PY"
"""Names an interpreter that has pm4py, so that none is installed."""
_PACKAGE: Final = "pm4py>=2.7,<3"
_CHILD: Final = Path(__file__).with_name("pm4py_side.py")
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LIFE: Final = 10
_STATUSES: Final = {
    "Open": StatusType.OPEN,
    "In Progress": StatusType.OPEN,
    "Waiting on Customer": StatusType.ON_HOLD,
    "Waiting on Vendor": StatusType.ON_HOLD,
    "Escalated": StatusType.OPEN,
    "Resolved": StatusType.CLOSED,
    "Closed": StatusType.CLOSED,
}
_BODIES: Final = [text(Random(number), 20 + number) for number in range(60)]


class NotInstalled(Exception):
    """pm4py cannot be had; `str()` says why."""


def reported(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S11."""
    path = folder / "ours.db"
    try:
        interpreter = _interpreter(folder)
    except NotInstalled as reason:
        yield Figure("S11", None, {"not_measured": str(reason)})
        return
    memory.write(path, _drafts(scale.state_tickets))
    with closing(connect(path)) as connection, _child(interpreter, folder, connection) as child:
        entries = child.prepared["rows"]
        assert child.asked("figures")["figures"] == _plain(state_figures(state_entries(connection)))

        def our_side(_: int) -> Lap:
            with timed() as lap:
                figures = state_figures(state_entries(connection))
            assert figures.tickets == scale.state_tickets
            return Lap(lap.seconds / entries, lap.cpu / entries)

        def pm4py_side(_: int) -> Lap:
            took = child.asked("time")
            return Lap(took["seconds"] / entries, took["cpu"] / entries)

        laps = turns(folder, {"ours": our_side, "pm4py": pm4py_side}, scale.pairs)
        more = {"events": scale.state_tickets * _LIFE, "status_events": entries, "pm4py": child.prepared["pm4py"]}
    yield ratio("S11", laps, "pm4py", **more)


def _plain(figures: StateFigures) -> dict[str, Any]:
    """The figures as the child has them."""
    return {
        "transitions": [
            [one.from_state, one.to_state, one.after.count, one.after.total, one.after.least, one.after.most]
            for one in figures.transitions
        ],
        "dwell": [
            [one.state, one.ended.count, one.ended.total, one.ended.least, one.ended.median, one.ended.most]
            for one in figures.dwell
            if one.ended is not None
        ],
    }


# The log


def _drafts(tickets: int) -> Iterator[Draft]:
    """Lives of ten events that overlap: half of them changes of status on paths and after times of chance."""
    dated = sorted(
        ((at, number, place, event) for number in range(tickets) for at, place, event in _life(number)),
        key=lambda one: one[:3],
    )
    for made, (at, number, place, event) in enumerate(dated, start=1):
        yield memory.drafted(f"{made:032x}", number, place, instant(at), event)


def _life(number: int) -> Iterator[tuple[datetime, int, e.TicketEvent]]:
    chance = Random(number)
    at, status, messages = _START + timedelta(seconds=30 * number), "Open", 0
    yield at, 0, memory.opened(number, f"c{number // 3}", _BODIES[number % len(_BODIES)])
    for place in range(1, _LIFE):
        at += timedelta(seconds=chance.randrange(1, 40_000))
        if place % 2:
            new = chance.choice([name for name in _STATUSES if name != status])
            yield at, place, e.TicketStatusChanged(status, _STATUSES[status], new, _STATUSES[new])
            status = new
        else:
            messages += 1
            yield at, place, e.TicketCommentAdded(messages, Visibility.PRIVATE, chance.choice(_BODIES))


# The other side


class _Child:
    """The process with pm4py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.prepared: dict[str, Any] = {}

    def asked(self, what: str) -> dict[str, Any]:
        """What it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _interpreter(folder: Path) -> str:
    """A Python that has pm4py: the one that is named, or one that is made."""
    if named := os.environ.get(PREPARED):
        return named
    where = folder / "pm4py"
    note(f"  installing {_PACKAGE} for this measurement only")
    venv.create(where, with_pip=True)
    python = str(where / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _PACKAGE]
    try:
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=600)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        said = fault.stderr if isinstance(fault.stderr, str) else str(fault)
        raise NotInstalled(f"{_PACKAGE} cannot be installed: {said.strip().rpartition(chr(10))[2]}") from None
    return python


@contextmanager
def _child(interpreter: str, folder: Path, connection) -> Iterator[_Child]:
    """The process, with its frame prepared."""
    table = folder / "status_events.json"
    table.write_text(json.dumps(list(state_entries(connection))), encoding="utf-8")
    command = [interpreter, str(_CHILD), str(table)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
    try:
        child = _Child(process)
        child.prepared = child.asked("prepare")
        note(f"  pm4py {child.prepared['pm4py']}, {child.prepared['rows']:,} rows")
        yield child
    finally:
        process.kill()
        process.communicate()
