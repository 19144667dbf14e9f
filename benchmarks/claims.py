"""What is claimed: the bounds of design section 10, by id, and what each figure compares, in one sentence."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Claim:
    """A bound that a figure must keep, and the one it aims at; None where the figure is for information."""

    what: str
    must: float | None = None
    aim: float | None = None
    is_ceiling: bool = False
    """Whether less is better."""

    def is_kept(self, value: float | None) -> bool:
        """Whether a value is within the bound that must be kept; what was not measured misses none."""
        if self.must is None or value is None:
            return True
        return value <= self.must if self.is_ceiling else value >= self.must


CLAIMS: Final[dict[str, Claim]] = {
    "S1": Claim(
        "one command a transaction, from JSON bytes to a durable event with receipt, seals, leaves and inline row: "
        "time of the eventsourcing library (one save, one commit for its view row and tracking) / ours",
        must=2,
        aim=3.5,
    ),
    "S2": Claim(
        "the same commands: time of the bare store call that writes the very rows we wrote, guards included / ours",
        must=0.6,
        aim=0.9,
    ),
    "S3": Claim(
        "batches of 500 commands, a transaction each: time a command of the eventsourcing library one at a time / ours",
        must=12,
        aim=25,
    ),
    "S3-floor": Claim(
        "batches of 500 commands: time of the bare store calls (executemany) that write the very rows we wrote / ours",
        must=0.45,
        aim=0.75,
    ),
    "S6": Claim(
        "typed replay of a log, one event object a row: time of the eventsourcing library's notification log in "
        "sections of 1,000 over as many events / ours",
        must=2.5,
        aim=5,
    ),
    "S7": Claim(
        "verify (contiguity, versions, leaf, strict decode, fold, receipts): time of a bare SELECT of the same rows in "
        "readable form, those of the log and the receipts / ours",
        must=0.2,
        aim=0.4,
    ),
    "S7-projections": Claim(
        "verify with every projection folded afresh and compared: time of the same bare SELECT / ours"
    ),
    "S8": Claim(
        "verify of everything, as `replay verify` does it: time of one process / time of two",
        must=1.4,
        aim=1.7,
    ),
    "S9": Claim(
        "rebuild of projections from the log: time an event of an ORM projector that commits every 1,000 events, into "
        "the same tables / ours",
        must=100,
        aim=250,
    ),
    "S11": Claim(
        "transitions, and dwell by state, of all tickets: time of pm4py on a data frame that was prepared before / "
        "ours from the log",
        must=1.5,
        aim=2,
    ),
    "S12": Claim(
        "MB by which the memory of a fresh process grows at the most over a rebuild of all projections, or over a "
        "verify of everything, whichever is more; 1M events of 100k tickets",
        must=200,
        aim=120,
        is_ceiling=True,
    ),
    "IMPORT": Claim(
        "CSV import, checked and recorded, from an empty ledger: rows a second / commands a second of the batches of "
        "500 (S3) beside it",
        must=0.4,
        aim=0.6,
    ),
    "DASHBOARD": Claim(
        "milliseconds for the blueprint dashboard as of now, 100,000 tickets in flight with 300,000 visits of states, "
        "a fifth over its limit; beside it, the bare count of the rows it is made of",
        must=200,
        aim=100,
        is_ceiling=True,
    ),
    "TRANSITIONS": Claim(
        "milliseconds for the transitions that a ticket of 100,000 in flight offers an agent, from the log: read, "
        "fold, lapse, judge; beside it, the bare SELECT of its stream's rows",
        must=5,
        aim=2,
        is_ceiling=True,
    ),
}
