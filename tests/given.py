"""given(events).when(command).then(events or refusal): a pure decision and nothing around it."""

from collections.abc import Sequence
from typing import Any

from commands.message import Message, World
from domain import contacts, statuses
from domain.contacts import Contact
from domain.instant import Instant
from domain.recorded import Consequence
from domain.refusals import Refusal, Refused
from domain.statuses import BUILT_IN, StatusDefined, StatusRetired
from domain.ticket.state import Ticket, evolve
from tests.examples import moment


def given(*events: Any, at: Instant | None = None, **looked_up: Any) -> "Situation":
    """What has happened, a minute after another from Monday nine on; and what the bus would look up."""
    return Situation(events, at or moment(hours=1), looked_up)


class Situation:
    """The ticket, the contact and the catalogue after some events, ready for a command at `at`."""

    def __init__(self, events: Sequence[Any], at: Instant, looked_up: dict[str, Any]) -> None:
        ticket, contact, catalogue = None, Contact(), BUILT_IN
        for minute, event in enumerate(events):
            if isinstance(event, StatusDefined | StatusRetired):
                catalogue = statuses.evolve(catalogue, event)
            elif isinstance(event, contacts.ContactRegistered | contacts.ContactErased):
                contact = contacts.evolve(contact, event)
            else:
                ticket = evolve(ticket, event, moment(minutes=minute))
        self.ticket: Ticket | None = ticket
        self.contact = contact
        self.catalogue = catalogue
        self._at = at
        self._looked_up = looked_up

    def when(self, command: Message) -> "Outcome":
        """Ask for a decision."""
        world = World(self.ticket, self.contact, self.catalogue, self._at, **self._looked_up)
        try:
            return Outcome(self.ticket, list(command.decide(world)), (), self._at)
        except Refused as refused:
            return Outcome(self.ticket, [], refused.reasons, self._at)


class Outcome:
    """What the decision said."""

    def __init__(self, before: Ticket | None, events: list[Any], reasons: tuple[Refusal, ...], at: Instant) -> None:
        self._before = before
        self._events = events
        self._reasons = reasons
        self._at = at

    def then(self, *events: Any) -> "Outcome":
        """Exactly these events, in this order."""
        assert self._reasons == ()
        assert self._events == list(events)
        return self

    def then_nothing(self) -> None:
        """Accepted, and nothing changed."""
        self.then()

    def then_refused(self, *reasons: Refusal) -> None:
        """Every one of these reasons, and no event."""
        assert self._events == []
        assert self._reasons == reasons

    @property
    def ticket(self) -> Ticket:
        """The ticket after the decision's events."""
        ticket = self._before
        for item in self._events:
            event: Any = item.event if isinstance(item, Consequence) else item
            ticket = evolve(ticket, event, self._at)
        assert ticket is not None
        return ticket
