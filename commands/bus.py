"""The bus: a batch of commands in, recorded events and lasting answers out, in one transaction (design section 4).

A batch is decided on what this process last saw and appended only if nothing that was read has moved; otherwise it is
decided again while every other writer is kept out, so a conflict costs one retry and never a stale answer.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from commands.access import objections
from commands.aggregates import Aggregate, Cache, folded, initial, read_definitions
from commands.answers import momentary, reason_of, repeated
from commands.message import Message, World
from commands.recording import Recording
from commands.submission import Submission
from domain.contacts import Contact, ContactErased
from domain.definitions import DEFINITIONS, NO_DEFINITIONS, Definitions, History, VersionMissing
from domain.instant import Instant
from domain.journal import Appended, Draft, Journal, JournalMoved, Reads, Tip
from domain.receipts import Outcome, Receipt
from domain.recorded import Fact
from domain.refusals import CommandIdReused, Refusal, Refused, VersionConflict
from domain.statuses import STATUSES_STREAM

TICKET_NUMBERS: Final = "ticket"
_NOBODY: Final = Contact()
_CACHED: Final = 50_000
_SHARED_BATCH: Final = 2_000


@dataclass(slots=True)
class _Work:
    """A batch while it is decided: what was read, what the decisions so far made of it, the answers by place."""

    tip: Tip
    number: int
    definitions: Definitions
    read: dict[str, int] = field(default_factory=dict)
    aggregates: dict[str, Aggregate] = field(default_factory=dict)
    claims: dict[tuple[str, str], str] = field(default_factory=dict)
    claims_read: dict[tuple[str, str], str | None] = field(default_factory=dict)
    first_number: int = 0
    drafts: list[Draft] = field(default_factory=list)
    answers: dict[int, Receipt] = field(default_factory=dict)
    drafted: dict[int, int] = field(default_factory=dict)
    """Place of the submission to place of its draft; a repeated command shares the draft of the first."""
    by_id: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Waiting:
    """One caller's commands while they wait for, or share, a transaction."""

    submissions: Sequence[Submission]
    receipts: list[Receipt] | None = None
    error: BaseException | None = None

    @property
    def is_answered(self) -> bool:
        return self.receipts is not None or self.error is not None


class Bus:
    """Turns commands into recorded events. Safe to share between threads; callers who wait share a transaction."""

    def __init__(
        self,
        journal: Journal,
        now: Callable[[], Instant],
        tickets_in_status: Callable[[str], int],
        forget: Callable[[frozenset[str] | None], None],
    ) -> None:
        """`now` stamps `recorded_at`; `forget` drops what others keep in memory of these streams, or (None) of all."""
        self._journal = journal
        self._now = now
        self._tickets_in_status = tickets_in_status
        self._forget = forget
        self._cache = Cache(_CACHED)
        self._tip: Tip | None = None
        self._definitions: Definitions | None = None
        """Every definition as of the tip; None where they are to be read again."""
        self._trusts = True
        """Whether commands are taken for new until the append says otherwise; not after a batch with repeated ones."""
        self._turn = Lock()
        self._queue: deque[_Waiting] = deque()

    @property
    def cached(self) -> Iterator[tuple[str, Aggregate]]:
        """The aggregates kept in memory, for whoever proves that they equal a replay."""
        return iter(self._cache)

    def submit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Handle a batch in order: one receipt a command, in the order given.

        A refusal touches only its own command. Raises StoreUnavailable, with nothing recorded, where the store is out
        of reach.
        """
        waiting = _Waiting(submissions)
        self._queue.append(waiting)
        with self._turn:
            if len(self._queue) == 1 and self._queue[0] is waiting:
                # Nobody to share with, so nothing to divide.
                self._queue.popleft()
                return self._handle(submissions)
            # A transaction takes only so many commands, so those that queued before may fill one or two.
            while not waiting.is_answered:
                self._run_queue(waiting)
        if waiting.error is not None:
            raise waiting.error
        return waiting.receipts or []

    def _run_queue(self, own: _Waiting) -> None:
        """What queued while the last transaction ran is one batch now; `own` is that of the thread that runs it."""
        shared: list[_Waiting] = []
        count = 0
        while self._queue and (not shared or count + len(self._queue[0].submissions) <= _SHARED_BATCH):
            shared.append(self._queue.popleft())
            count += len(shared[-1].submissions)
        try:
            self._answer(shared)
        finally:
            # Where this thread is stopped half-way, those who wait are left to the next one.
            self._queue.extendleft(one for one in reversed(shared) if one is not own and not one.is_answered)

    def _answer(self, shared: Sequence[_Waiting]) -> None:
        try:
            receipts = self._handle([submission for waiting in shared for submission in waiting.submissions])
        except Exception as error:  # noqa: BLE001 - it is handed to the caller it belongs to
            if len(shared) == 1:
                shared[0].error = error
                return
            # One caller's failure must not answer for the others: each gets a transaction of its own.
            for waiting in shared:
                try:
                    waiting.receipts = self._handle(waiting.submissions)
                except Exception as own:  # noqa: BLE001 - likewise
                    waiting.error = own
            return
        for waiting in shared:
            waiting.receipts, receipts = receipts[: len(waiting.submissions)], receipts[len(waiting.submissions) :]

    def _handle(self, submissions: Sequence[Submission]) -> list[Receipt]:
        receipts: list[Receipt] = []
        for part, alone in _parts(submissions):
            receipts += self._decided_alone(part) if alone else self._decided(part)
        return receipts

    def _decided(self, submissions: Sequence[Submission]) -> list[Receipt]:
        try:
            if self._tip is None:
                self._catch_up()
            # Commands are hardly ever repeated ones, and looking that up first costs a read of its own; what leads to
            # no draft is not found out by the append. Where some were repeated, more are likely to follow.
            work = self._decide(submissions, trusting=self._trusts)
            if self._trusts and work.answers:
                work = self._decide(submissions)
            if not work.drafts:
                if len(submissions) == 1:
                    return self._decided_alone(submissions)
                if any(receipt.outcome is Outcome.CONFLICT for receipt in work.answers.values()):
                    self._refuse_if_behind()
                return self._answers(submissions, work, [])
            appended = self._append(work)
        except (JournalMoved, VersionMissing):
            # A ticket read just now may keep a version that was published since this process last looked.
            return self._decided_alone(submissions)
        except BaseException:
            self._forget_everything()
            raise
        return self._committed(submissions, work, appended)

    def _decided_alone(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Decide and append while every other writer is kept out; nothing can move meanwhile."""
        try:
            with self._journal.exclusive():
                self._catch_up()
                work = self._decide(submissions)
                appended = self._append(work) if work.drafts else Appended((), (), work.tip)
        except BaseException:
            self._forget_everything()
            raise
        return self._committed(submissions, work, appended)

    def _append(self, work: _Work) -> Appended:
        drawn = work.number != work.first_number
        reads = Reads(
            tip=work.tip,
            streams=work.read,
            sequences={TICKET_NUMBERS: work.first_number} if drawn else {},
            draws={TICKET_NUMBERS: work.number} if drawn else {},
            claims=work.claims_read,
        )
        return self._journal.append(work.drafts, reads, self._now())

    def _committed(self, submissions: Sequence[Submission], work: _Work, appended: Appended) -> list[Receipt]:
        self._tip = appended.tip
        self._number = work.number
        if appended.moved is not None:
            # What was read did not move, but others did: the tip passes their events, so nothing of theirs may stay.
            self._cache.drop(appended.moved)
            self._forget(appended.moved)
            self._number = self._journal.sequence(TICKET_NUMBERS)
        self._definitions = work.definitions
        self._cache.put(work.aggregates)
        if [draft for draft in work.drafts if draft.erases]:
            self._forget_everything()
        return self._answers(submissions, work, appended.receipts)

    def _answers(self, submissions: Sequence[Submission], work: _Work, receipts: Sequence[Receipt]) -> list[Receipt]:
        if len(receipts) == len(submissions):
            return list(receipts)
        return [
            work.answers[place] if place in work.answers else receipts[work.drafted[place]]
            for place in range(len(submissions))
        ]

    # What this process has seen

    def _catch_up(self) -> None:
        if self._tip is None:
            self._tip = self._journal.tip()
        else:
            movement = self._journal.movement(self._tip)
            if movement.erased:
                self._forget_everything()
            else:
                self._cache.drop(movement.streams)
                self._forget(movement.streams)
                if any(stream.startswith(DEFINITIONS) for stream in movement.streams):
                    self._definitions = None
            self._tip = movement.tip
        self._number = self._journal.sequence(TICKET_NUMBERS)
        if self._definitions is None:
            self._definitions = read_definitions(self._journal)

    def _refuse_if_behind(self) -> None:
        tip = self._journal.tip()
        if self._tip is None or (tip.position, tip.receipt) != (self._tip.position, self._tip.receipt):
            raise JournalMoved("the version that was expected may have been written by another process")

    def _forget_everything(self) -> None:
        self._cache.clear()
        self._forget(None)
        self._tip = None
        self._definitions = None

    # Deciding

    def _decide(self, submissions: Sequence[Submission], *, trusting: bool = False) -> _Work:
        """Decide a batch; `trusting` takes its commands for new, which the append finds out where it is not true."""
        if self._tip is None:
            self._catch_up()
        definitions = self._definitions or NO_DEFINITIONS
        work = _Work(self._tip or Tip(), self._number, definitions, first_number=self._number)
        known: Mapping[str, Receipt] = {}
        if not trusting:
            known = self._journal.receipts([submission.command.command_id for submission in submissions])
            self._trusts = not known
        self._load([command for command, _, _ in submissions if command.command_id not in known], work)
        for place, submission in enumerate(submissions):
            command = submission.command
            if (receipt := known.get(command.command_id)) is not None:
                work.answers[place] = repeated(submission, receipt)
            elif (first := work.by_id.get(command.command_id)) is not None:
                self._repeat_in_batch(place, first, submissions, work)
            else:
                self._draft(place, submission, work)
                if place in work.drafted:
                    work.by_id[command.command_id] = place
        return work

    def _load(self, commands: Sequence[Message], work: _Work) -> None:
        wanted = {command.stream for command in commands}
        if [command for command in commands if command.KIND != "contact"]:
            wanted.add(STATUSES_STREAM)
        kept, aggregates = self._cache.get, work.aggregates
        for stream in wanted:
            if (aggregate := kept(stream)) is not None:
                aggregates[stream] = aggregate
        if len(aggregates) < len(wanted):
            loaded = self._journal.load([stream for stream in wanted if stream not in aggregates])
            aggregates.update((stream, folded(stream, history)) for stream, history in loaded.items())
        work.read.update({stream: aggregate.version for stream, aggregate in aggregates.items()})
        keys = [("message", key) for command in commands if (key := command.taken_message)]
        if keys:
            work.claims.update(self._journal.claims(keys))
            work.claims_read.update((key, work.claims.get(key)) for key in keys)

    def _repeat_in_batch(self, place: int, first: int, submissions: Sequence[Submission], work: _Work) -> None:
        now, before = submissions[place], submissions[first]
        same = now.command.digest() == before.command.digest() and now.door.principal == before.door.principal
        if not same:
            work.answers[place] = momentary(now, Outcome.REFUSED, CommandIdReused(now.command.command_id))
        else:
            work.drafted[place] = work.drafted[first]

    def _draft(self, place: int, submission: Submission, work: _Work) -> None:
        command, door, received_at = submission
        stream = command.stream
        aggregate = work.aggregates[stream]
        reasons: Sequence[Refusal] = objections(command, door, received_at)
        expected = command.expected_version
        if not reasons and expected is not None and expected != aggregate.version:
            conflict = VersionConflict(stream, expected, aggregate.version)
            work.answers[place] = momentary(submission, Outcome.CONFLICT, conflict)
            return
        facts: list[Fact] = []
        if not reasons:
            try:
                facts = self._facts(command, stream, aggregate, max(received_at, aggregate.last_at), work)
            except Refused as refused:
                reasons = refused.reasons
        work.drafted[place] = len(work.drafts)
        work.drafts.append(
            Draft(
                command.command_id,
                command.command_name,
                stream,
                command.digest(),
                Outcome.REFUSED if reasons else Outcome.ACCEPTED,
                command.actor,
                door.via,
                command.correlation_id or command.command_id,
                facts,
                ((stream, work.aggregates[stream].version),),
                tuple([reason_of(reason) for reason in reasons]) if reasons else (),
                _destroyed(facts) if command.erases else (),
            )
        )

    def _facts(self, command: Message, stream: str, aggregate: Aggregate, now: Instant, work: _Work) -> list[Fact]:
        """What the command makes of its stream; nothing, also of what time had caused, where it decides on nothing.

        Time has passed up to `now` whatever instant the command claims, so a verdict does not wait for a claim.
        """
        at = now if command.occurred_at is None else Instant(command.occurred_at)
        message_key = command.taken_message
        claim = ("message", message_key) if message_key else None
        recording = Recording(command, stream, aggregate, claim)
        recording.lapse(now)
        decided = command.decide(self._world(command, recording.aggregate, at, work, claim))
        if not decided and not command.lapses:
            return []
        recording.decided(decided, at, work.definitions)
        if recording.facts:
            work.aggregates[stream] = aggregate = recording.aggregate
            work.number += command.opens
            if claim:
                work.claims[claim] = stream
            if isinstance(aggregate.state, History):
                work.definitions = work.definitions.with_history(aggregate.state)
        return recording.facts

    def _world(
        self, command: Message, aggregate: Aggregate, at: Instant, work: _Work, claim: tuple[str, str] | None
    ) -> World:
        catalogue = work.aggregates.get(STATUSES_STREAM) or initial(STATUSES_STREAM)
        kind = command.KIND
        return World(
            aggregate.state if kind == "ticket" else None,
            aggregate.state if kind == "contact" else _NOBODY,
            catalogue.state,
            at,
            work.number + 1,
            work.claims.get(claim) if claim else None,
            self._tickets_in_status(command.counted_status) if command.counted_status else 0,
            tuple(self._journal.keys_of([command.stream])[command.stream]) if command.erases else (),
            aggregate.state if isinstance(aggregate.state, History) else None,
            work.definitions,
        )


def _destroyed(facts: Sequence[Fact]) -> list[str]:
    return [key for fact in facts if isinstance(fact.event, ContactErased) for key in fact.event.keys]


def _parts(submissions: Sequence[Submission]) -> Iterator[tuple[Sequence[Submission], bool]]:
    """The batch cut where a decision looks at more than its own stream: such a command is decided alone."""
    kinds = {type(submission.command) for submission in submissions}
    if not any(kind.erases or kind.counted_status is not Message.counted_status for kind in kinds):
        if submissions:
            yield submissions, False
        return
    start = 0
    for place, submission in enumerate(submissions):
        if submission.command.counted_status or submission.command.erases:
            if start < place:
                yield submissions[start:place], False
            yield submissions[place : place + 1], True
            start = place + 1
    if start < len(submissions):
        yield submissions[start:], False
