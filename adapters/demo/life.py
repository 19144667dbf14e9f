"""One ticket as the desk knows it while its commands are written, so that nearly all of them are valid."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict

from adapters.demo.desk import MAIL, PHONE, Agent, on_duty
from adapters.demo.phrases import Topic
from adapters.demo.step import END, Step, around, chance, command_id
from commands.ticket import ReceiveReply
from commands.union import Command
from domain.instant import instant
from domain.values import Priority, StatusType

CLI: Final = "cli:desk"
PACE: Final = {Priority.LOW: 1.6, Priority.MEDIUM: 1.0, Priority.HIGH: 0.6, Priority.URGENT: 0.35}
"""How much longer work on a ticket is put off, by priority."""
SENT_AGAIN: Final = 0.004
"""The share of commands whose answer got lost, so that the sender sends them again."""


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, with an invented name and an address that reaches nobody."""

    contact_id: str
    name: str
    address: str

    @property
    def actor(self) -> str:
        """The contact as an actor."""
        return "contact:" + self.contact_id


class Envelope(TypedDict):
    """What every command of a conversation carries."""

    command_id: str
    actor: str
    correlation_id: str


class TicketEnvelope(Envelope):
    """What every command about the ticket carries."""

    ticket_id: str


class Life:
    """A ticket's clock, its commands so far and what they have made of it."""

    def __init__(self, seed: int, ticket_id: str, person: Person, topic: Topic, opened_at: datetime) -> None:
        self.luck = chance(seed, ticket_id)
        self.ticket_id = ticket_id
        self.person = person
        self.topic = topic
        self.now = opened_at
        self.steps: list[Step] = []
        self.product = self.luck.choice(topic.products)
        self.order = f"O-{self.luck.randrange(20_000, 90_000)}"
        self.department = topic.department
        self.priority = Priority.MEDIUM
        self.status_type = StatusType.OPEN
        self.known: set[str] = set()
        """The custom fields that it has so far."""
        self.messages = 0
        self.agent: Agent | None = None
        self._seed = seed
        self._asked = 0

    @property
    def owner(self) -> Agent:
        """The agent whose ticket it is."""
        if self.agent is None:
            raise ValueError(f"{self.ticket_id} has no agent yet")
        return self.agent

    def says(self, text: str) -> str:
        """The phrase with this ticket's order and product in it."""
        return text.format(order=self.order, product=self.product)

    def one_of(self, texts: tuple[str, ...]) -> str:
        """Any of the phrases, as this ticket says it."""
        return self.says(self.luck.choice(texts))

    def maybe(self, share: float) -> bool:
        """Whether something happens that happens to this share of tickets."""
        return self.luck.random() < share

    def envelope(self, actor: str) -> Envelope:
        """The next command's id and sender, in the ticket's conversation."""
        self._asked += 1
        next_id = command_id(self._seed, self.ticket_id, self._asked)
        return Envelope(command_id=next_id, actor=actor, correlation_id=f"conversation:{self.ticket_id}")

    def by(self, actor: str) -> TicketEnvelope:
        """The same for a command about the ticket."""
        return TicketEnvelope(ticket_id=self.ticket_id, **self.envelope(actor))

    def by_agent(self, agent: Agent, minutes: float) -> TicketEnvelope:
        """The same after so many minutes of the agent's working time, at least a few seconds."""
        self.now = agent.after(self.now, minutes + self.luck.uniform(0.05, 0.5))
        return self.by(agent.actor)

    def by_owner(self, minutes: float = 0.5) -> TicketEnvelope:
        """The same by the agent whose ticket it is, sooner where it is urgent."""
        return self.by_agent(self.owner, minutes * PACE[self.priority])

    def sent(self, command: Command, via: str = CLI) -> None:
        """The command arrives now; a few arrive twice, and none after the month."""
        self._arrives(command, via, self.now)
        if self.maybe(SENT_AGAIN):
            self._arrives(command, via, self.now + timedelta(seconds=self.luck.uniform(2, 90)))

    def _arrives(self, command: Command, via: str, moment: datetime) -> None:
        if moment < END:
            self.steps.append(Step(instant(moment), command, via))

    def customer_waits(self, median_minutes: float) -> None:
        """The customer takes time, at home and at night too, when most people sleep."""
        self.now += timedelta(minutes=around(self.luck, median_minutes))
        if (self.now.hour >= 22 or self.now.hour < 5) and self.maybe(0.8):
            morning = self.now.replace(hour=5, minute=0) + timedelta(minutes=self.luck.uniform(0, 240))
            self.now = morning if morning >= self.now else morning + timedelta(days=1)

    def customer_says(self, text: str, is_delivered_twice: bool = False) -> None:
        """The customer's next message: a mail, now and then a call that an agent writes down."""
        if self.maybe(0.12):
            taker = self.agent or on_duty(self.luck, "First Line", self.now)
            self.sent(ReceiveReply(**self.by_agent(taker, 0), body=text), PHONE.via)
        else:
            key = f"<{self.ticket_id}.{self._asked}@mail.example.org>"
            self.sent(ReceiveReply(**self.by(self.person.actor), body=text, message_key=key), MAIL.via)
            if is_delivered_twice:
                self.now += timedelta(seconds=self.luck.uniform(5, 50))
                again = ReceiveReply(**self.by(self.person.actor), body=text, message_key=key)
                self.sent(again, MAIL.via)
        self.messages += 1
        self.status_type = StatusType.OPEN
