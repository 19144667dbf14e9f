"""What the tests of the month run it on: the bus's decisions on one command at a time, without a store."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from adapters.demo.step import Step
from commands.aggregates import Aggregate, initial
from commands.message import World
from commands.recording import Recording
from commands.status import RetireStatus
from domain.contacts import Contact
from domain.definitions import NO_DEFINITIONS, Definitions, History
from domain.instant import Instant
from domain.recorded import Fact
from domain.refusals import Refused
from domain.statuses import STATUSES_STREAM
from domain.ticket.state import Ticket


@dataclass
class Ledger:
    """The smallest engine that can run a month: decisions, consequences, folds and receipts, all in memory."""

    aggregates: dict[str, Aggregate] = field(default_factory=dict)
    definitions: Definitions = NO_DEFINITIONS
    message_keys: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    histories: dict[str, list[Fact]] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    reused: int = 0
    repeated: int = 0

    @property
    def tickets(self) -> dict[str, Ticket]:
        return {stream: one.state for stream, one in self.aggregates.items() if isinstance(one.state, Ticket)}

    def run(self, steps: Iterable[Step]) -> "Ledger":
        for step in steps:
            digest = step.command.digest()
            known = self.receipts.get(step.command.command_id)
            if known is not None:
                self.repeated += known == digest
                self.reused += known != digest
                continue
            self.receipts[step.command.command_id] = digest
            try:
                self.decide(step)
            except Refused as refused:
                self.refused += 1
                self.refusals.update(reason.code for reason in refused.reasons)
        return self

    def decide(self, step: Step) -> None:
        command, stream = step.command, step.command.stream
        aggregate = self.aggregates.get(stream, initial(stream))
        now = max(step.at, aggregate.last_at)
        recording = Recording(command, stream, aggregate, None)
        recording.lapse(now)
        if not (decided := command.decide(self.world(command, recording.aggregate.state, now))):
            return
        recording.decided(decided, now, self.definitions)
        self.aggregates[stream] = recording.aggregate
        if isinstance(recording.aggregate.state, History):
            self.definitions = self.definitions.with_history(recording.aggregate.state)
        self.histories.setdefault(stream, []).extend(recording.facts)
        for fact in recording.facts:
            self.events[type(fact.event).__name__] += 1
            if key := getattr(fact.event, "message_key", None):
                self.message_keys[key] = stream

    def world(self, command: Any, state: Any, at: Instant) -> World:
        return World(
            ticket=state if command.KIND == "ticket" else None,
            contact=state if command.KIND == "contact" else Contact(),
            statuses=self.aggregates.get(STATUSES_STREAM, initial(STATUSES_STREAM)).state,
            at=at,
            next_number=self.events["TicketOpened"] + 1,
            message_taken_by=self.message_keys.get(getattr(command, "message_key", None) or ""),
            tickets_in_status=sum(ticket.status == command.status for ticket in self.tickets.values())
            if isinstance(command, RetireStatus)
            else 0,
            definition=state if isinstance(state, History) else None,
            definitions=self.definitions,
        )
