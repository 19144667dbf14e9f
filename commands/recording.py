"""The facts of one command: what time had caused before it, what it decided, and what follows from that (design 4)."""

from collections.abc import Sequence
from typing import Any

from commands.access import judged_by
from commands.aggregates import Aggregate, former_person_of, person_of
from commands.message import Message
from domain.definitions import Definitions
from domain.instant import Instant
from domain.recorded import Consequence, Fact
from domain.rules.consequences import consequences
from domain.rules.lapse import SYSTEM, lapse, rule_of, set_by
from domain.ticket.state import Ticket


class Recording:
    """Collects the facts of one command on its stream, each folded into the aggregate as it comes."""

    def __init__(self, command: Message, stream: str, aggregate: Aggregate, claim: tuple[str, str] | None) -> None:
        self.aggregate = aggregate
        self.facts: list[Fact] = []
        self._command = command
        self._stream = stream
        self._claim = claim
        self._judged_by = judged_by(command)

    def lapse(self, until: Instant) -> None:
        """What time alone caused by `until` comes first; the cause of each is the event that set what was due."""
        ticket = self.aggregate.state
        if type(ticket) is not Ticket or not ticket.is_timed:
            return
        for event in lapse(ticket, until):
            cause = f"{self._stream}@{set_by(ticket, event)}"
            self._record(event, event.due_at, cause, rule_of(ticket, event), SYSTEM)

    def decided(self, events: Sequence[Any], at: Instant, definitions: Definitions) -> None:
        """What the command decided at `at`, and what follows from it by the definitions; nothing follows on nothing."""
        before, begin = self.aggregate.state, self.aggregate.version
        for event in events:
            self._decided(event, at, begin)
        ticket = self.aggregate.state
        if type(ticket) is not Ticket or not events:
            return
        follows = consequences(
            before,
            ticket,
            [event.event if type(event) is Consequence else event for event in events],
            version=self.aggregate.version,
            actor=self._command.actor,
            definitions=definitions,
            at=at,
        )
        for consequence in follows:
            self._decided(consequence, at, begin)

    def _decided(self, event: Any, at: Instant, begin: int) -> None:
        cause = rule = ""
        if type(event) is Consequence:
            event, rule, of = event.event, event.rule, event.of
            cause = f"{self._stream}@{self.aggregate.version if of is None else begin + 1 + of}"
        self._record(event, at, cause, rule, "")

    def _record(self, event: Any, at: Instant, cause: str, rule: str, actor: str) -> None:
        stream, before = self._stream, self.aggregate.state
        self.aggregate = aggregate = self.aggregate.after(stream, event, at, actor or self._command.actor)
        person = person_of(stream, aggregate.state)
        former_person = former_person_of(stream, before, event, person)
        claims = (self._claim,) if self._claim and getattr(event, "message_key", None) else ()
        self.facts.append(
            Fact(
                stream,
                aggregate.version,
                event,
                at,
                person,
                former_person,
                # Nobody was asked whether time may pass.
                "" if actor else self._judged_by,
                cause,
                rule,
                claims,
                actor,
            )
        )
