"""Proof that nothing was altered: every stored row against everything that was derived from it (E-07).

A verification finds whatever contradicts anything else. Whoever rewrites the log, its receipts and all that follows
from them consistently contradicts only what was written down elsewhere: the pin.
"""

from collections.abc import Callable, Sequence
from typing import Any

from projections.base import Projection
from projections.catalogue import PROJECTIONS
from replay.evidence import Codec, StoredLog, StoredViews
from replay.findings import Anchored, Findings, Pin, Unreadable, Verification
from replay.log_check import LogCheck
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
    pin: Pin | None = None,
    on_progress: OnProgress = quietly,
) -> Verification:
    """Check the log and what lies beside it, and, where `views` are given, the projections against a fresh fold.

    `total` is how many events are expected, for the progress alone. Damage is a finding and never an exception.
    """
    findings = Findings()
    work = total * (1 if views is None else 2)
    view_check = None if views is None else ViewCheck(views, projections, findings)
    sizes = [] if view_check is None else view_check.sizes()
    check = LogCheck(log, codec, findings, sizes if pin is None else [*sizes, pin.position])
    check.run(lambda done: on_progress(done, max(work, done)))
    try:
        for fault in log.faults():
            findings.take(fault)
    except Unreadable as damage:
        findings.add(str(damage), table="the file")
    if view_check is not None:
        check.frontiers.setdefault(check.events, check.frontier)
        view_check.run(check.events, check.frontiers, lambda done: on_progress(total + done, max(work, total + done)))
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
