"""What the two clocks of a ticket must have said by an instant, told a second time and knowing no code of ours.

A clock is a stop watch that counts microseconds: it is on while the status type is open and the ticket is neither
deleted nor archived. Nothing is due at an instant here; a target is violated when the watch has counted it off, and
only then is the instant worked out. Rules: features 2.2, F-92, F-93, T7 to T9 and T12 in elapsed time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000


class Happening(NamedTuple):
    """Something that happened to the ticket.

    `what` is `opened` (`to`: the priority), `status` (`to`: the status type), `priority` (`to`: the priority),
    `answered` (a public reply of an agent), `deleted`, `restored`, `archived`, `unarchived` or `other`.
    """

    at: datetime
    what: str
    to: str = ""


class Promise(NamedTuple):
    """The targets for one priority in seconds; None where nothing is promised."""

    response: int | None = None
    resolution: int | None = None


class Verdict(NamedTuple):
    """What a clock said: the target was `violated` or `met`, or the end `came_late`, after the violation."""

    clock: str
    said: str
    at: datetime
    priority: str
    target_seconds: int
    started_at: datetime
    due_at: datetime
    late_seconds: int | None = None


@dataclass
class Watch:
    """A clock: `ran` and `held` count from its start; `target` is None while nothing is promised."""

    clock: str
    started_at: datetime
    priority: str = ""
    target: int | None = None
    ran: int = 0
    held: int = 0
    is_over: bool = False
    violated_due: datetime | None = None
    """What was due when the target of this moment was violated."""

    @property
    def due_at(self) -> datetime:
        """The start, the target and all the time so far in which the watch was off."""
        assert self.target is not None
        return self.started_at + MICROSECOND * (self.target + self.held)

    def verdict(self, said: str, at: datetime, due_at: datetime, late: int | None = None) -> Verdict:
        """What it says at an instant."""
        assert self.target is not None
        return Verdict(self.clock, said, at, self.priority, self.target // SECOND, self.started_at, due_at, late)

    def pass_time(self, until: datetime, since: datetime, is_on: bool) -> Iterable[Verdict]:
        """Count on, and violate the target where it is reached on the way, the end included."""
        if self.is_over:
            return
        span = (until - since) // MICROSECOND
        if not is_on:
            self.held += span
            return
        if self.target is not None and self.violated_due is None and self.ran + span >= self.target:
            self.violated_due = since + MICROSECOND * (self.target - self.ran)
            yield self.verdict("violated", self.violated_due, self.violated_due)
        self.ran += span

    def promise(self, priority: str, seconds: int | None, at: datetime) -> Iterable[Verdict]:
        """Another target, counted from the same start; violated now where it is counted off already (T9)."""
        if self.is_over:
            return
        self.priority, self.violated_due = priority, None
        self.target = None if seconds is None else seconds * SECOND
        if self.target is not None and self.ran >= self.target:
            self.violated_due = self.due_at
            yield self.verdict("violated", at, self.violated_due)

    def end(self, at: datetime) -> Iterable[Verdict]:
        """What it waited for has happened."""
        if self.is_over:
            return
        self.is_over = True
        if self.target is None:
            return
        if self.violated_due is None:
            yield self.verdict("met", at, self.due_at)
        else:
            yield self.verdict("came_late", at, self.violated_due, (self.ran - self.target) // SECOND)


class Clocks:
    """The watches of one ticket, as its happenings go by."""

    def __init__(self, promises: Mapping[str, Promise]) -> None:
        self.promises = promises
        self.watches: dict[str, Watch] = {}
        self.verdicts: list[Verdict] = []
        self.now: datetime | None = None
        self.status_type = "open"
        self.priority = ""
        self.is_deleted = self.is_archived = False

    @property
    def is_on(self) -> bool:
        """Whether watches count."""
        return self.status_type == "open" and not self.is_deleted and not self.is_archived

    def pass_time(self, until: datetime) -> None:
        """Nothing happens until an instant."""
        if self.now is not None:
            for watch in self.watches.values():
                self.verdicts.extend(watch.pass_time(until, self.now, self.is_on))
        self.now = until

    def happen(self, one: Happening) -> None:
        """The next thing happens."""
        self.pass_time(one.at)
        if one.what == "opened":
            self.priority = one.to
            for clock in ("response", "resolution"):
                self.start(clock, one.at)
        elif one.what == "status":
            self.change_status(one.to, one.at)
        elif one.what == "priority":
            self.priority = one.to
            for watch in self.watches.values():
                self.promise(watch, one.at)
        elif one.what == "answered":
            self.verdicts.extend(self.watches["response"].end(one.at))
        elif one.what in ("deleted", "restored"):
            self.is_deleted = one.what == "deleted"
        elif one.what in ("archived", "unarchived"):
            self.is_archived = one.what == "archived"

    def start(self, clock: str, at: datetime) -> None:
        """A watch at nought."""
        self.watches[clock] = Watch(clock, at)
        self.promise(self.watches[clock], at)

    def promise(self, watch: Watch, at: datetime) -> None:
        """The target of the priority of this moment."""
        seconds = getattr(self.promises.get(self.priority, Promise()), watch.clock)
        self.verdicts.extend(watch.promise(self.priority, seconds, at))

    def change_status(self, status_type: str, at: datetime) -> None:
        """Closing ends the resolution clock; leaving a closed status starts another one."""
        was_closed, self.status_type = self.status_type == "closed", status_type
        if status_type == "closed" and not was_closed:
            self.verdicts.extend(self.watches["resolution"].end(at))
        elif was_closed and status_type != "closed":
            self.start("resolution", at)

    def due(self, clock: str) -> datetime | None:
        """When a running clock's target will be violated if nothing happens; None where it stands or is over."""
        watch = self.watches.get(clock)
        if watch is None or watch.is_over or watch.target is None or not self.is_on or watch.violated_due is not None:
            return None
        return watch.due_at


def clocks_at(happenings: Sequence[Happening], promises: Mapping[str, Promise], until: datetime) -> Clocks:
    """The clocks after these happenings, in order, and after all the time until an instant."""
    clocks = Clocks(promises)
    for one in happenings:
        clocks.happen(one)
    clocks.pass_time(until)
    return clocks


def violation_type(verdicts: Iterable[Verdict]) -> str:
    """F-94: none, response, resolution or both."""
    violated = {one.clock for one in verdicts if one.said == "violated"}
    return "both" if len(violated) == 2 else next(iter(violated), "none")
