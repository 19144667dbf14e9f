"""Several processes for one verification: the rows of the streams' parts are compared by whoever is free.

The log itself is read by this process, in order, since streams, receipts, keys and the tree join in every row. The
rows of the projections take two thirds of the work and more, and a part of the streams needs nothing of the others. So
other processes begin with the parts while this one reads the log, and this one takes what is left of them afterwards.
Parts are cut by what is stored alone and their findings are put together in their order, so the answer is that of one
process. A process that dies or fails ends the verification without an answer.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any, Final

from adapters.verification.answers import read
from replay.evidence import Compared, Part
from replay.row_check import RowCheck

_WORKER: Final = "adapters.verification.worker"


class WorkerLost(ChildProcessError):
    """A process of the verification ended before it had answered, so nothing is proven; `str()` says how it ended."""


class Worker:
    """One other process. It is asked by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with the process
        # The child must find the modules that this process found, and none of the folder it happens to be in (-P).
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(one).absolute()) for one in sys.path)}
        command = [sys.executable, "-P", "-m", _WORKER, str(path.absolute())]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors, env=env)  # noqa: S603
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkerLost("a process of the verification cannot be spoken to; nothing was proven")
        self._input, self._output = self._process.stdin, self._process.stdout

    def wait_until_ready(self) -> None:
        """Return when it can be asked."""
        self._answer()

    def begin(self) -> None:
        """Let it see the file as it is now."""
        self._ask("begin")

    def compared(self, part: Part) -> Compared:
        """Have it compare a part; WorkerLost where it cannot."""
        return read(self._ask(part))

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._input, self._output, self._errors):
            # Where it died before it had read everything, what it was told matters no more.
            with suppress(BrokenPipeError):
                stream.close()

    def _ask(self, what: object) -> Any:
        try:
            self._input.write(json.dumps(what).encode() + b"\n")
            self._input.flush()
        except (OSError, ValueError):
            raise self._lost() from None
        return self._answer()

    def _answer(self) -> Any:
        try:
            line = self._output.readline()
        except (ValueError, OSError):
            line = b""
        if not line.endswith(b"\n"):
            raise self._lost()
        answer = json.loads(line)
        if isinstance(answer, dict) and "failed" in answer:
            raise WorkerLost(f"a process of the verification failed: {answer['failed']}; nothing was proven")
        return answer

    def _lost(self) -> WorkerLost:
        code = self._process.wait()
        said = ""
        # Whoever ends the verification closes what another thread may be reading.
        with suppress(ValueError, OSError):
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip().rpartition("\n")[2]
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return WorkerLost(f"a process of the verification {ended}{said and f', {said}'}; nothing was proven")


@contextmanager
def started(path: Path, how_many: int) -> Iterator[list[Worker]]:
    """So many other processes, ready to be asked; none is left at the end."""
    workers: list[Worker] = []
    try:
        for _ in range(how_many):
            workers.append(Worker(path))  # noqa: PERF401 - those that were started must be ended, also where one is not
        for each in workers:
            each.wait_until_ready()
        yield workers
    finally:
        for each in workers:
            each.close()


class SharedComparisons:
    """The parts, compared by other processes and, once its results are asked for, by this one too (`Comparisons`)."""

    def __init__(self, own: RowCheck, workers: Sequence[Worker], parts: Sequence[Part]) -> None:
        """All see the same state of the file; the work begins at once."""
        self._own = own
        self._parts = parts
        self._left = deque(range(len(parts)))
        self._results: dict[int, Compared] = {}
        self._lost: WorkerLost | None = None
        self._threads = [Thread(target=self._served, args=(each,), daemon=True) for each in workers]
        for thread in self._threads:
            thread.start()

    def done(self) -> int:
        """How many events were folded so far, by all; WorkerLost where a process was."""
        if self._lost is not None:
            raise self._lost
        return sum(one.events for one in self._results.copy().values())

    def results(self) -> Iterator[Compared]:
        """What each part was found to be, in their order; WorkerLost where a process was."""
        while (place := self._next()) is not None:
            self._results[place] = self._own.compared(self._parts[place])
            self.done()
        for thread in self._threads:
            thread.join()
        self.done()
        return (self._results[place] for place in range(len(self._parts)))

    def _next(self) -> int | None:
        try:
            return self._left.popleft()
        except IndexError:
            return None

    def _served(self, by: Worker) -> None:
        """Let one process compare parts until none is left."""
        try:
            while self._lost is None and (place := self._next()) is not None:
                self._results[place] = by.compared(self._parts[place])
        except WorkerLost as lost:
            self._lost = lost
