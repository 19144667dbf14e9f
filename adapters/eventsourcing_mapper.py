"""The `eventsourcing` library's mapper for our events: strict in both directions, by the codec that the bus uses.

A topic is the permanent stored name and the state is the stored bytes; `eventsourcing_recorder` says the rest.
"""

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    DataError,
    JSONTranscoder,
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
)

from adapters.codec import EventUnreadable, Opener, decode, decode_strictly, withheld
from adapters.eventsourcing_recorder import LogNotification, LogRecorder, Proposal, row_of
from adapters.keyring import SealBroken
from adapters.sqlite.rows import Row
from domain.instant import EARLIEST
from domain.recorded import STORED_AS, Recorded


class Entry(Recorded):
    """A recorded event as the library's event store hands it out; equal to the Recorded that the journal reads."""

    __slots__ = ()

    @property
    def originator_id(self) -> str:
        """The stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The place in the stream."""
        return self.version


class LogMapper(Mapper[str]):
    """Between our events and the library's stored form, strictly: a Proposal on the way in, an Entry on the way out."""

    def __init__(self, recorder: LogRecorder) -> None:
        # The library's transcoder, compressor and cipher have no part in our stored bytes.
        super().__init__(JSONTranscoder())
        self._recorder = recorder

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The stored form of a Proposal; DataError where its event has no stored name or is not what its class says."""
        if not isinstance(domain_event, Proposal):
            raise DataError(f"a Proposal is put into the log, not {type(domain_event).__name__}")
        fact = domain_event.fact
        if type(fact.event) not in STORED_AS:
            raise DataError(f"{type(fact.event).__name__} has no stored name")
        try:
            sealed = self._recorder.seal(domain_event)
            decode_strictly(sealed.topic, sealed.schema, sealed.state)
        except (TypeError, ValueError) as error:
            raise DataError(f"{fact.stream}@{fact.version} cannot be stored: {error}") from error
        return sealed

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        """The typed event with its envelope; MapperDeserialisationError for any name or byte that is not ours.

        What did not come from the recorder (a notification that crossed a network, say) has the envelope's defaults,
        and its personal text reads `sealed`.
        """
        row, opener = self._found(stored_event)
        try:
            decode_strictly(row.name, row.schema, row.data)
            event, person = decode(row.name, row.schema, row.data, row.stream, row.version, opener)
        except (EventUnreadable, SealBroken) as error:
            raise MapperDeserialisationError(f"{row.stream}@{row.version}: {error}") from error
        return Entry(row.position, row.stream, row.version, event, *row[6:15], person)

    def _found(self, stored_event: StoredEvent) -> tuple[Row, Opener]:
        if isinstance(stored_event, LogNotification):
            return stored_event.row, self._recorder.open
        position = stored_event.id if isinstance(stored_event, Notification) else 0
        return row_of(stored_event, position, EARLIEST), withheld
