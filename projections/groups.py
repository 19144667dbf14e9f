"""Event classes by subject, from the unions of `domain`, so that a projection says in a line what it ignores.

Every event class is in exactly one group; a class that no group has is a mistake that a test finds.
"""

from typing import Any, Final, get_args

from domain.contacts import ContactEvent
from domain.definitions import DefinitionEvent
from domain.projecting import ProjectionEvent
from domain.statuses import StatusEvent
from domain.ticket.blueprint_events import BlueprintEvent
from domain.ticket.events import TicketEvent
from domain.ticket.sla_events import SlaEvent


def _of(*unions: Any) -> frozenset[type]:
    return frozenset(event for union in unions for event in get_args(union))


BLUEPRINT_EVENTS: Final = _of(BlueprintEvent)
"""Stand in the streams of tickets."""
SLA_EVENTS: Final = _of(SlaEvent)
"""Stand in the streams of tickets."""
TICKET_STREAM_EVENTS: Final = _of(TicketEvent)
"""All that can stand in the stream of a ticket."""
TICKET_EVENTS: Final = TICKET_STREAM_EVENTS - BLUEPRINT_EVENTS - SLA_EVENTS
"""What becomes of a ticket itself."""
CONTACT_EVENTS: Final = _of(ContactEvent)
STATUS_EVENTS: Final = _of(StatusEvent)
DEFINITION_EVENTS: Final = _of(DefinitionEvent) | STATUS_EVENTS
"""Versions of documents, and the catalogue of statuses."""
PROJECTION_EVENTS: Final = _of(ProjectionEvent)
OTHER_STREAMS: Final = CONTACT_EVENTS | DEFINITION_EVENTS | PROJECTION_EVENTS
"""What never stands in the stream of a ticket."""
