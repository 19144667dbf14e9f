"""How long tickets stayed in each state and which transitions they took: figures over the log's status events.

Straight from the log and in one pass, so it needs no rows and no rebuild, and serves imported histories as well as our
own. The order of a ticket's events is the truth, and instants are data: where a foreign clock ran backwards, a stay is
negative and counts as it is. A stay is a maximal block of entries in one state; it lasts from its first entry to the
first one of the next stay, and the last one of a ticket has not ended. A transition leads from the state of a stay to
the state of the next.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final, TypeAlias

from domain.instant import Instant
from domain.recorded import Recorded
from domain.ticket.events import TicketImported, TicketOpened, TicketStatusChanged

Entry: TypeAlias = tuple[Hashable, str, Instant]
"""A ticket, by whatever tells it from others, the state it is in from now on, and since when."""

STATE_IN: Final[dict[type, str]] = {TicketOpened: "status", TicketImported: "status", TicketStatusChanged: "new_status"}
"""The event classes that bring a ticket into a state, and the field that names it."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Durations in whole seconds, each rounded down."""

    count: int
    total: int
    least: int
    median: float
    """The middle one, or the mean of the two in the middle."""
    most: int

    @property
    def mean(self) -> float:
        """The total by the count."""
        return self.total / self.count


@dataclass(frozen=True, slots=True)
class Dwell:
    """The stays in one state."""

    state: str
    stays: int
    """Those that have not ended included."""
    ended: Seconds | None
    """How long those that ended took; None where none did."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The moves from one state to another."""

    from_state: str
    to_state: str
    after: Seconds
    """How long the stay was that each of them ended; `count` is how many there were."""


@dataclass(frozen=True, slots=True)
class StateFigures:
    """The report, ordered by the names of the states."""

    tickets: int
    dwell: tuple[Dwell, ...]
    transitions: tuple[Transition, ...]


def entries(events: Iterable[Recorded]) -> Iterator[Entry]:
    """What typed events say of states, all others left out."""
    for recorded in events:
        if (field := STATE_IN.get(type(recorded.event))) is not None:
            yield recorded.stream, getattr(recorded.event, field), recorded.occurred_at


def state_figures(of: Iterable[Entry]) -> StateFigures:
    """The figures of these entries, each ticket's in its order; half a microsecond an entry, 8 bytes a transition."""
    held: dict[Hashable, tuple[str, datetime]] = {}
    moves: defaultdict[tuple[str, str], array[int]] = defaultdict(_no_seconds)
    moment_of = datetime.fromisoformat
    for ticket, state, at in of:
        moment = moment_of(at)
        stay = held.get(ticket)
        if stay is None:
            held[ticket] = (state, moment)
        elif stay[0] != state:
            took = moment - stay[1]
            # Days may be negative, the rest never is: together they are the seconds rounded down.
            moves[stay[0], state].append(took.days * 86_400 + took.seconds)
            held[ticket] = (state, moment)
    return _figures(Counter(state for state, _ in held.values()), moves)


def _no_seconds() -> "array[int]":
    return array("q")


def _figures(open_stays: Counter[str], moves: dict[tuple[str, str], "array[int]"]) -> StateFigures:
    left: defaultdict[str, array[int]] = defaultdict(_no_seconds)
    for (state, _), took in moves.items():
        left[state].extend(took)
    states = sorted({*open_stays, *left})
    return StateFigures(
        open_stays.total(),
        tuple(
            Dwell(state, open_stays[state] + len(left[state]), _seconds(left[state]) if left[state] else None)
            for state in states
        ),
        tuple(Transition(*states, _seconds(took)) for states, took in sorted(moves.items())),
    )


def _seconds(of: Sequence[int]) -> Seconds:
    ordered = sorted(of)
    return Seconds(len(ordered), sum(ordered), ordered[0], median(ordered), ordered[-1])
