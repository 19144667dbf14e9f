"""What must be so of a log under blueprints and policies, read from the events alone, one command after another.

Nothing of the engine decides here: definitions are folded from their events as plain documents, and a ticket is what
its own events say. The clock that stamped the log must never have run backwards.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from domain.recorded import Recorded
from domain.ticket import blueprint_events as b
from domain.ticket import events as e
from domain.ticket import sla_events as s

Json = dict[str, Any]
VIOLATIONS = (s.ResponseViolated, s.ResolutionViolated, b.StateLimitViolated)
MOVES = (b.TransitionPerformed, b.StateForced)
OUT = (b.BlueprintCompleted, b.BlueprintLeft, b.BlueprintRevoked)
DUE_SET = (s.ResponseDueSet, s.ResolutionDueSet)
ENDED = (
    *(s.ResponseMet, s.ResponseCameLate, s.ResponseDueCleared),
    *(s.ResolutionMet, s.ResolutionCameLate, s.ResolutionDueCleared, s.VerdictContested),
)
JUDGED = (b.BlueprintEntered, s.SlaApplied)
"""Where a version is chosen; every other event keeps the version of the last of these."""


@dataclass
class Versions:
    """One definition: the document of each version, from when it is valid, when it went out of use."""

    documents: dict[int, Json] = field(default_factory=dict)
    valid_from: dict[int, str] = field(default_factory=dict)
    retired_at: dict[int, str] = field(default_factory=dict)

    def in_force(self, at: str) -> int | None:
        """The version that judges at an instant."""
        valid = [
            (begins, number)
            for number, begins in self.valid_from.items()
            if begins <= at and not self.retired_at.get(number, "9999") <= at
        ]
        return max(valid)[1] if valid else None


@dataclass
class Due:
    """Something that time alone will violate."""

    at: str | None
    set_by: str
    is_violated: bool = False


@dataclass
class Seen:
    """A ticket as its events say it is."""

    status: str
    status_type: str
    department: str
    is_live: bool
    version: int = 0
    is_deleted: bool = False
    is_archived: bool = False
    visit: tuple[str, int, str] | None = None
    """Blueprint, version, state."""
    policy: tuple[str, int] | None = None
    revoked: set[str] = field(default_factory=set)
    dues: dict[str, Due] = field(default_factory=dict)
    """By `response`, `resolution` and `limit`."""

    @property
    def is_away(self) -> bool:
        return self.is_deleted or self.is_archived

    def due_by(self, until: str) -> list[tuple[str, str]]:
        """What is due by then and not on record, in due order: the instant and what it is of."""
        found = [
            (due.at, name)
            for name, due in self.dues.items()
            if due.at is not None and due.at <= until and not due.is_violated and not (name == "limit" and self.is_away)
        ]
        return sorted(found)


def clock_of(event: Any) -> str:
    """What an event with something due is about."""
    name = type(event).__name__
    return "response" if "Response" in name else "resolution" if "Resolution" in name else "limit"


class Account:
    """The log so far."""

    def __init__(self) -> None:
        self.definitions: dict[tuple[str, str], Versions] = {}
        self.tickets: dict[str, Seen] = {}
        self.known: set[str] = set()
        """Every event so far, as `stream@version`."""
        self.position = 0
        self.names: Counter[str] = Counter()

    def follow(self, events: Sequence[Recorded]) -> None:
        """The next events of the log."""
        for _, group in groupby(events, key=lambda recorded: recorded.command_id):
            self._command(list(group))

    def _command(self, events: list[Recorded]) -> None:
        stream = events[0].stream
        assert {one.stream for one in events} == {stream}
        if stream.startswith("ticket:"):
            self._about_a_ticket(stream, events)
        for recorded in events:
            self.position += 1
            assert recorded.position == self.position
            self.names[recorded.name] += 1
            self.known.add(f"{recorded.stream}@{recorded.version}")
            if stream.startswith("definition:") and not recorded.name.startswith("status."):
                self._define(recorded)

    def _define(self, recorded: Recorded) -> None:
        event: Any = recorded.event
        versions = self.definitions.setdefault((str(event.kind), event.key), Versions())
        if recorded.name == "definition.drafted":
            assert event.version == len(versions.documents) + 1
            versions.documents[event.version] = dict(event.document)
        elif recorded.name == "definition.published":
            assert event.valid_from >= recorded.occurred_at
            assert event.version not in versions.valid_from
            versions.valid_from[event.version] = event.valid_from
        else:
            for number in versions.documents.keys() - versions.retired_at.keys():
                versions.retired_at[number] = recorded.occurred_at

    # Of a ticket

    def _about_a_ticket(self, stream: str, events: list[Recorded]) -> None:
        ticket = self.tickets.get(stream)
        begun = set(self.known)
        lapsed = self._lapsed(ticket, events) if ticket is not None else 0
        judged: dict[tuple[str, str], set[int]] = {}
        for place, recorded in enumerate(events):
            self._check_origin(recorded, begun)
            begun.add(f"{stream}@{recorded.version}")
            if ticket is None:
                ticket = self.tickets[stream] = begin(recorded)
            else:
                self._check(ticket, recorded, events[:place], place < lapsed)
                self._take(ticket, recorded)
            if isinstance(recorded.event, JUDGED):
                kind, key, version = judgement(recorded.event)
                judged.setdefault((kind, key), set()).add(version)
        assert all(len(versions) == 1 for versions in judged.values()), "one command is judged by one version"
        assert ticket is not None
        if ticket.visit is not None:
            assert ticket.status == self._state(ticket.visit)["status"], "the status is that of the state"
        if lapsed < len(events):
            self._check_nothing_is_missing(ticket, events)

    def _lapsed(self, ticket: Seen, events: list[Recorded]) -> int:
        """How many events at the beginning are what time alone caused; they must be all that was due, in due order."""
        due = ticket.due_by(events[0].recorded_at)
        for recorded, (due_at, name) in zip(events, due, strict=False):
            event: Any = recorded.event
            assert isinstance(event, VIOLATIONS), f"{name} was due at {due_at} and is not on record"
            assert (recorded.actor, recorded.occurred_at, event.due_at) == ("system", due_at, due_at)
        assert len(events) >= len(due)
        named = sorted(clock_of(recorded.event) for recorded in events[: len(due)])
        assert named == sorted(name for _, name in due)
        return len(due)

    def _check_origin(self, recorded: Recorded, begun: set[str]) -> None:
        """(f) A cause is an earlier event; a rule is a version that exists."""
        if recorded.cause:
            assert recorded.cause in begun, f"{recorded.cause} is no earlier event"
        kind, _, rest = recorded.rule.partition(":")
        if recorded.rule:
            assert recorded.cause, f"{recorded.name} by {recorded.rule} has no cause"
        if kind in ("blueprint", "sla_policy"):
            key, _, number = rest.partition("@")
            assert int(number) in self.definitions[kind, key].documents
        else:
            assert kind in ("", "built_in")

    def _check(self, ticket: Seen, recorded: Recorded, before: list[Recorded], is_lapsed: bool) -> None:
        event: Any = recorded.event
        if isinstance(event, VIOLATIONS):
            due = ticket.dues[clock_of(event)]
            assert not due.is_violated, "a violation is on record once"
            assert event.due_at == due.at
            assert recorded.cause == due.set_by
            if not is_lapsed:
                # Past already when it was set: violated at once (T9).
                assert before
                assert isinstance(before[-1].event, DUE_SET)
                assert event.due_at <= recorded.occurred_at == before[-1].occurred_at
        elif isinstance(event, e.TicketStatusChanged) and ticket.visit is not None:
            move: Any = before[-1]
            assert isinstance(move.event, MOVES), "inside a blueprint the status moves with the state"
            assert recorded.cause == f"{move.stream}@{move.version}"
            assert recorded.rule == "blueprint:{}@{}".format(*ticket.visit)
        elif isinstance(event, JUDGED):
            self._check_judgement(ticket, recorded)
        elif isinstance(event, b.BlueprintEvent):
            assert ticket.visit is not None
            assert (event.blueprint, event.version) == ticket.visit[:2], "the version is kept until the ticket leaves"
            assert getattr(event, "from_state", ticket.visit[2]) == ticket.visit[2]
            if isinstance(event, b.TransitionPerformed):
                self._check_transition(ticket.visit, event)
        elif isinstance(event, s.SlaEvent):
            assert (event.policy, event.version) == ticket.policy, "the version is kept until the policy goes"

    def _check_judgement(self, ticket: Seen, recorded: Recorded) -> None:
        """(b) What newly judges is what is in force at the command's instant by the log before the command."""
        kind, key, version = judgement(recorded.event)
        assert version == self.definitions[kind, key].in_force(recorded.occurred_at)
        assert recorded.rule == f"{kind}:{key}@{version}"
        document = self.definitions[kind, key].documents[version]
        assert document.get("department", ticket.department) == ticket.department
        assert ticket.is_live
        assert not ticket.is_away
        if kind == "blueprint":
            assert ticket.visit is None
            assert key not in ticket.revoked
        else:
            assert ticket.policy is None

    def _check_transition(self, visit: tuple[str, int, str], event: b.TransitionPerformed) -> None:
        blueprint, version, _ = visit
        document = self.definitions["blueprint", blueprint].documents[version]
        [transition] = [one for one in document["transitions"] if one["name"] == event.transition]
        assert transition["to"] == event.to_state
        assert transition["from"] in ("*", event.from_state)
        assert event.from_state not in transition.get("except", ())

    def _check_nothing_is_missing(self, ticket: Seen, events: list[Recorded]) -> None:
        """A definition in force that asks for nothing takes in every ticket that it is for."""
        at = events[-1].occurred_at
        if not ticket.is_live or ticket.is_away:
            return
        if ticket.visit is None and not any(isinstance(one.event, OUT[::2]) for one in events):
            for key, version in self._in_force("blueprint", at):
                document = self.definitions["blueprint", key].documents[version]
                entered = [one for one in document["states"] if one["status"] == ticket.status and not one.get("end")]
                is_for = (
                    "entry" not in document
                    and document["department"] == ticket.department
                    and key not in ticket.revoked
                )
                assert not (is_for and entered), f"nothing kept the ticket out of {key}@{version}"
        if ticket.policy is None and ticket.status_type != "closed":
            for key, version in self._in_force("sla_policy", at):
                document = self.definitions["sla_policy", key].documents[version]
                is_for = document.get("department", ticket.department) == ticket.department
                assert "applies" in document or not is_for, f"nothing kept the ticket from {key}@{version}"

    def _in_force(self, kind: str, at: str) -> Iterator[tuple[str, int]]:
        for (of_kind, key), versions in self.definitions.items():
            if of_kind == kind and (version := versions.in_force(at)) is not None:
                yield key, version

    def _state(self, visit: tuple[str, int, str]) -> Json:
        blueprint, version, name = visit
        document = self.definitions["blueprint", blueprint].documents[version]
        [state] = [one for one in document["states"] if one["name"] == name]
        return dict(state)

    def _take(self, ticket: Seen, recorded: Recorded) -> None:
        """What the event makes of the ticket."""
        event: Any = recorded.event
        here = f"{recorded.stream}@{recorded.version}"
        match event:
            case e.TicketStatusChanged():
                ticket.status, ticket.status_type = event.new_status, str(event.new_status_type)
            case e.TicketDepartmentChanged():
                ticket.department = event.new
            case e.TicketAdopted():
                ticket.is_live = True
            case e.TicketDeleted() | e.TicketRestored():
                ticket.is_deleted = isinstance(event, e.TicketDeleted)
            case e.TicketArchived() | e.TicketUnarchived():
                ticket.is_archived = isinstance(event, e.TicketArchived)
            case b.BlueprintEntered():
                ticket.visit = event.blueprint, event.version, event.state
                ticket.dues["limit"] = Due(event.limit_due_at, here)
            case b.TransitionPerformed() | b.StateForced():
                ticket.visit = event.blueprint, event.version, event.to_state
                ticket.dues["limit"] = Due(event.limit_due_at, here)
            case b.BlueprintCompleted() | b.BlueprintLeft() | b.BlueprintRevoked():
                ticket.visit = None
                ticket.dues.pop("limit")
                if isinstance(event, b.BlueprintRevoked):
                    ticket.revoked.add(event.blueprint)
            case b.StateLimitDueSet():
                ticket.dues["limit"] = Due(event.due_at, here)
            case s.SlaApplied():
                ticket.policy = event.policy, event.version
            case s.SlaReleased():
                ticket.policy = None
                ticket.dues = {name: due for name, due in ticket.dues.items() if name == "limit"}
            case s.ResponseDueSet() | s.ResolutionDueSet():
                ticket.dues[clock_of(event)] = Due(event.due_at, here)
            case s.ResponsePaused() | s.ResolutionPaused():
                ticket.dues[clock_of(event)].at = None
            case _ if isinstance(event, VIOLATIONS):
                ticket.dues[clock_of(event)].is_violated = True
            case _ if isinstance(event, ENDED):
                ticket.dues.pop(event.clock if isinstance(event, s.VerdictContested) else clock_of(event))


def begin(recorded: Recorded) -> Seen:
    """The ticket after the first event of its stream."""
    event: Any = recorded.event
    assert isinstance(event, e.TicketOpened | e.TicketImported)
    return Seen(event.status, str(event.status_type), event.department, isinstance(event, e.TicketOpened))


def judgement(event: Any) -> tuple[str, str, int]:
    """Kind, key and version that an event names."""
    if isinstance(event, b.BlueprintEntered):
        return "blueprint", event.blueprint, event.version
    return "sla_policy", event.policy, event.version
