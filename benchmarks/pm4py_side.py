"""The child of S11, run by an interpreter that has pm4py and nothing of ours.

`python pm4py_side.py FILE` reads JSON rows of case, state and instant in the order of the log. A line on stdin is a
wish, a line of JSON on stdout its answer: `prepare` makes the data frame, `time` discovers and says how long that took,
`figures` says what was discovered.
"""

import gc
import json
import os
import sys
import warnings
from time import perf_counter, process_time

warnings.filterwarnings("ignore")
# Whatever the libraries print goes to stderr: stdout is for answers alone.
_ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402
import pm4py  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: E402

_CASE, _STATE, _AT = "case:concept:name", "concept:name", "time:timestamp"
_DWELL = ["count", "sum", "min", "median", "max"]


def prepare(path):
    """The data frame as pm4py wants it: sorted by case, instants parsed."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - an interpreter of its own, kept plain
        frame = pandas.DataFrame(json.load(file), columns=["case", "state", "at"])
    frame["case"] = frame["case"].astype(str)
    frame["at"] = pandas.to_datetime(frame["at"], utc=True)
    return pm4py.format_dataframe(frame, case_id="case", activity_key="state", timestamp_key="at")


def discover(frame):
    """Transitions by frequency and by performance, and the dwell of each state."""
    frequency, _, _ = pm4py.discover_dfg(frame)
    performance, _, _ = pm4py.discover_performance_dfg(frame)
    following = frame.groupby(_CASE, sort=False)[_AT].shift(-1)
    seconds = (following - frame[_AT]).dt.total_seconds().dropna()
    dwell = seconds.groupby(frame[_STATE]).agg(_DWELL)
    return frequency, performance, dwell


def figures(frame):
    """What was discovered, in whole seconds."""
    frequency, performance, dwell = discover(frame)
    transitions = [
        [*edge, int(count), *(round(performance[edge][name]) for name in ("sum", "min", "max"))]
        for edge, count in sorted(frequency.items())
    ]
    states = [
        [state, *(round(row[name]) for name in ("count", "sum", "min")), float(row["median"]), round(row["max"])]
        for state, row in sorted(dwell.iterrows())
    ]
    return {"transitions": transitions, "dwell": states}


def timed(frame):
    """What a discovery took."""
    gc.collect()
    cpu, begin = process_time(), perf_counter()
    discover(frame)
    return {"seconds": perf_counter() - begin, "cpu": process_time() - cpu}


def main(path):
    """Answer until the input ends."""
    frame = None
    for wish in sys.stdin:
        if frame is None:
            frame = prepare(path)
            # Garbage of the imports is not looked at again, as on our side.
            gc.collect()
            gc.freeze()
        match wish.strip():
            case "prepare":
                answer = {"rows": len(frame), "pm4py": pm4py.__version__}
            case "figures":
                answer = {"figures": figures(frame)}
            case _:
                answer = timed(frame)
        print(json.dumps(answer), file=_ANSWERS, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
