"""Proof that nothing was altered: every stored row against everything that was derived from it (E-07).

A verification finds whatever contradicts anything else. Whoever rewrites the log, its receipts and all that follows
from them consistently contradicts only what was written down elsewhere: the pin.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from projections.base import Projection
from projections.catalogue import PROJECTIONS
from replay.evidence import Codec, Compared, Comparisons, StoredLog, StoredViews
from replay.findings import Anchored, Findings, Pin, Unreadable, Verification
from replay.log_check import LogCheck
from replay.row_check import RowCheck
from replay.view_check import ViewCheck

OnProgress = Callable[[int, int], None]
"""Told how much is done and how much there is, in events; with projections, each counts twice."""


def quietly(done: int, total: int) -> None:
    """Nobody watches."""


def verify(
    log: StoredLog,
    codec: Codec,
    total: int,
    *,
    views: StoredViews | None = None,
    projections: Sequence[Projection[Any]] = PROJECTIONS,
    comparisons: Comparisons | None = None,
    pin: Pin | None = None,
    on_progress: OnProgress = quietly,
) -> Verification:
    """Check the log and what lies beside it, and, where `views` are given, the projections against a fresh fold.

    `total` is how many events are expected, for the progress alone. `comparisons` does the comparing of rows, where
    that is begun already; else it is done here, after the log. The answer is the same. Damage is a finding and
    never an exception.
    """
    findings, view_check = Findings(), None
    compared: Comparisons = _NOTHING
    if views is not None:
        compared = RowCheck(views, projections) if comparisons is None else comparisons
        view_check = ViewCheck(views, projections, compared, findings)
    work = total * (1 if views is None else 2)

    def tell(checked: int) -> None:
        done = checked + compared.done()
        on_progress(done, max(work, done))

    sizes = [] if view_check is None else view_check.sizes()
    check = LogCheck(log, codec, findings, sizes if pin is None else [*sizes, pin.position])
    check.run(tell)
    _take_faults(log, findings)
    if view_check is not None:
        check.frontiers.setdefault(check.events, check.frontier)
        view_check.run(check.events, check.frontiers, lambda: tell(check.events))
    is_pinned = pin is not None and _is_kept(pin, check, findings)
    first = findings.first()
    return Verification(
        ok=not findings.count,
        events=check.events,
        receipts=check.receipts,
        head=check.frontier.head,
        anchored=_anchored(is_pinned, findings.count),
        pin=pin,
        first_bad=first[0] if first else None,
        findings=findings.count,
        kept=first,
    )


def _take_faults(log: StoredLog, findings: Findings) -> None:
    try:
        for fault in log.faults():
            findings.take(fault)
    except Unreadable as damage:
        findings.add(str(damage), table="the file")


class _Nothing:
    """No rows are compared."""

    def done(self) -> int:
        return 0

    def results(self) -> Iterator[Compared]:
        return iter(())


_NOTHING: Final = _Nothing()


def _anchored(is_pinned: bool, findings: int) -> Anchored:
    if findings:
        return "not consistent"
    return "pinned" if is_pinned else "consistent, not anchored"


def _is_kept(pin: Pin, check: LogCheck, findings: Findings) -> bool:
    """Whether the log still begins with what was pinned."""
    if pin.position > check.events:
        reason = f"the pin {pin} is of {pin.position} events, and the log ends at {check.events}"
        findings.add(reason, position=check.events + 1, table="log", key="pin")
        return False
    head = check.frontiers[pin.position].head
    if head != pin.head:
        reason = f"the first {pin.position} events have the head {head}, and the pin says {pin}"
        findings.add(reason, table="log", key="pin")
    return head == pin.head
