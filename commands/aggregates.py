"""Aggregates in memory: loaded once for a batch, evolved by what it decides, kept after the commit only."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from domain import contacts, definitions, projecting, statuses
from domain.contacts import Contact
from domain.definitions import DEFINITIONS, NO_DEFINITIONS, Definitions
from domain.instant import EARLIEST, Instant
from domain.journal import Journal
from domain.projecting import PROJECTION_STREAM, Projecting
from domain.recorded import Recorded
from domain.statuses import BUILT_IN, STATUSES_STREAM
from domain.ticket import state as tickets
from domain.ticket.events import TicketDescriptionChanged, TicketSubjectChanged
from domain.ticket.state import Ticket
from domain.values import contact_stream


class Aggregate(NamedTuple):
    """The state of one stream with its version, 0 before its first event, and the instant of its last event."""

    state: Any
    version: int = 0
    last_at: Instant = EARLIEST

    def after(self, stream: str, event: Any, at: Instant, actor: str) -> "Aggregate":
        """The aggregate after one more event of its stream, which `actor` did."""
        version = self.version + 1
        return Aggregate(evolved(stream, self.state, event, at, version, actor), version, max(self.last_at, at))


def evolved(stream: str, state: Any, event: Any, at: Instant, version: int, actor: str) -> Any:
    """The state after one more event, by the kind of stream."""
    if stream.startswith("ticket:"):
        return tickets.evolve(state, event, at, version, actor)
    if stream.startswith("contact:"):
        return contacts.evolve(state, event)
    if stream == STATUSES_STREAM:
        return statuses.evolve(state, event)
    if stream.startswith(DEFINITIONS):
        return definitions.evolve(state, event, at)
    return projecting.evolve(state, event)


def initial(stream: str) -> Aggregate:
    """What a stream holds before its first event."""
    if stream.startswith("ticket:"):
        return Aggregate(None)
    if stream.startswith("contact:"):
        return Aggregate(Contact())
    if stream.startswith(PROJECTION_STREAM):
        return Aggregate(Projecting())
    return Aggregate(BUILT_IN if stream == STATUSES_STREAM else None)


def folded(stream: str, history: Iterable[Recorded]) -> Aggregate:
    """The aggregate after these events, from nothing."""
    aggregate = initial(stream)
    for recorded in history:
        aggregate = aggregate.after(stream, recorded.event, recorded.occurred_at, recorded.actor)
    return aggregate


def read_definitions(journal: Journal) -> Definitions:
    """Every definition that the log holds, from their streams."""
    streams = [stream for stream in journal.streams_under(DEFINITIONS) if stream != STATUSES_STREAM]
    known = NO_DEFINITIONS
    if streams:
        for stream, history in journal.load(streams).items():
            # A refused command leaves its stream's name and no event.
            if history:
                known = known.with_history(folded(stream, history).state)
    return known


def person_of(stream: str, state: Any) -> str:
    """The subject whose key seals the personal text of a stream: the ticket's contact, or the stream itself."""
    if type(state) is Ticket and state.contact_id is not None:
        return contact_stream(state.contact_id)
    return stream


def former_person_of(stream: str, state: Any, event: Any, person: str) -> str:
    """The subject of the text that a change of subject or description replaces: the contact of when it was recorded."""
    match event:
        case TicketSubjectChanged():
            contact_id = state.subject_of
        case TicketDescriptionChanged():
            contact_id = state.description_of
        case _:
            return person
    return stream if contact_id is None else contact_stream(contact_id)


class Cache:
    """Immutable aggregates by stream, the least recently used ones dropped first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Aggregate] = OrderedDict()

    def get(self, stream: str) -> Aggregate | None:
        """The aggregate as of the last commit this process saw, where it is kept."""
        found = self._kept.get(stream)
        if found is not None:
            self._kept.move_to_end(stream)
        return found

    def put(self, aggregates: dict[str, Aggregate]) -> None:
        """Swap in what a committed batch made."""
        self._kept.update(aggregates)
        for stream in aggregates:
            self._kept.move_to_end(stream)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def drop(self, streams: Iterable[str]) -> None:
        """Forget these streams: another process moved them."""
        for stream in streams:
            self._kept.pop(stream, None)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def __iter__(self) -> Iterator[tuple[str, Aggregate]]:
        return iter(list(self._kept.items()))
