"""A process of a verification: `python -m adapters.verification.worker FILE` compares rows as it is told.

It speaks JSON, a line at a time. It says `ready`; a line `begin` lets it see the file as it is then, and it says
`begun`; a line `[AFTER, UPTO]` has it compare that part of the streams, and it answers what it found. It ends with its
input, so also when whoever started it is no more. What it cannot do it says as `{"failed": REASON}`.
"""

import json
import signal
import sqlite3
import sys
from pathlib import Path

from adapters.process import settle_memory
from adapters.verification.answers import written
from adapters.verification.snapshot import begin, opened
from adapters.verification.texts import SideTexts
from adapters.verification.views import StoredRows
from projections.catalogue import PROJECTIONS
from replay.row_check import RowCheck


def _obey(path: Path, connection: sqlite3.Connection) -> None:
    rows: RowCheck | None = None
    _say("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        if asked == "begin":
            begin(connection, path)
            rows = None
            _say("begun")
        else:
            if rows is None:
                rows = RowCheck(StoredRows(connection, SideTexts(connection)), PROJECTIONS)
            after, upto = asked
            _say(written(rows.compared((after, upto))))


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(path: Path) -> None:
    """Work until the input ends."""
    # Whoever interrupts the verification interrupts the process that started this one, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle_memory()
    try:
        with opened(path) as connection:
            _obey(path, connection)
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as fault:  # noqa: BLE001 - whatever it is, whoever started this process must hear of it
        _say({"failed": f"{type(fault).__name__}: {fault}"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
