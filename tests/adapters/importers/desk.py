"""A desk in memory that imports are sent to."""

from collections.abc import Sequence

from commands.importing import ImportRevision
from commands.message import World
from domain.contacts import Contact
from domain.instant import Instant
from domain.receipts import Answer, Outcome, Reason, Receipt
from domain.refusals import CommandIdReused, Refused
from domain.statuses import BUILT_IN
from domain.ticket.events import TicketEvent
from domain.ticket.state import Ticket, evolve


class Ledger:
    """A bus in memory: real decisions, one receipt a command id, nothing else."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.events: list[tuple[str, Instant, TicketEvent]] = []
        self.receipts: dict[str, Receipt] = {}
        self.commands: list[ImportRevision] = []
        self.batches: list[int] = []

    def send(self, commands: Sequence[ImportRevision]) -> Sequence[Receipt]:
        self.batches.append(len(commands))
        return [self._answer(command) for command in commands]

    def _answer(self, command: ImportRevision) -> Receipt:
        digest = command.digest()
        if (stored := self.receipts.get(command.command_id)) is not None:
            if stored.digest == digest:
                return stored
            return self._receipt(command, digest, 0, Outcome.REFUSED, _refused(CommandIdReused(command.command_id)))
        number = len(self.receipts) + 1
        try:
            positions = self._record(command)
        except Refused as refused:
            receipt = self._receipt(command, digest, number, Outcome.REFUSED, _refused(*refused.reasons))
        else:
            receipt = self._receipt(command, digest, number, Outcome.ACCEPTED, Answer(positions))
        self.receipts[command.command_id] = receipt
        self.commands.append(command)
        return receipt

    def _record(self, command: ImportRevision) -> tuple[int, ...]:
        assert command.occurred_at is not None
        at, ticket = Instant(command.occurred_at), self.tickets.get(command.ticket_id)
        made = command.decide(World(ticket, Contact(), BUILT_IN, at))
        for event in made:
            self.tickets[command.ticket_id] = ticket = evolve(ticket, event, at)
            self.events.append((command.ticket_id, at, event))
        return tuple(range(len(self.events) - len(made) + 1, len(self.events) + 1))

    @staticmethod
    def _receipt(command: ImportRevision, digest: bytes, number: int, outcome: Outcome, answer: Answer) -> Receipt:
        at = Instant("2026-06-01T09:00:00.000000Z")
        return Receipt(
            number,
            command.command_id,
            command.command_name,
            command.stream,
            digest,
            outcome,
            answer,
            "import:desk@1",
            at,
        )


def _refused(*reasons):
    return Answer(reasons=tuple(Reason(reason.code, reason.sentence, reason.facts) for reason in reasons))
