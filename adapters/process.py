"""Settings of a whole process, made once where it starts: the console script and the benchmarks."""

import gc


def settle_memory() -> None:
    """Let the garbage collector look less often.

    What the engine makes is immutable and without cycles, so counting references frees it; walking a heap of a
    million cached rows again and again costs a third of the time of a large batch run and frees nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
