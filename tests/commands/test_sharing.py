"""Threads of one process share transactions: what queued while one commit ran is the next batch (design section 4)."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Semaphore
from typing import Any

import pytest

import commands.bus
from adapters.wiring import Ledger
from commands.bus import _Waiting
from commands.submission import Submission
from domain.receipts import Outcome
from tests.examples import NINE, OFFICE, command, moment, opening, send
from tests.whole import assert_whole

CALLERS = 8


class Watched(deque[Any]):
    """A queue that tells when somebody joined it."""

    def __init__(self) -> None:
        super().__init__()
        self.joined = Semaphore(0)

    def append(self, waiting: Any) -> None:
        super().append(waiting)
        self.joined.release()


@contextmanager
def crowded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The first append waits until all callers have queued; how many commands each append took."""
    queue, append, taken = Watched(), ledger.journal.append, list[int]()

    def slow(drafts: Any, *rest: Any) -> Any:
        if not taken:
            for _ in range(CALLERS):
                assert queue.joined.acquire(timeout=30)
        taken.append(len(drafts))
        return append(drafts, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(ledger.bus, "_queue", queue)
        patched.setattr(ledger.journal, "append", slow)
        yield taken


def together(one_caller: Callable[[int], Any]) -> list[Any]:
    """What each caller gets, or the error that it runs into."""
    with ThreadPoolExecutor(CALLERS) as pool:
        waiting = [pool.submit(one_caller, number) for number in range(CALLERS)]
        return [one.exception(timeout=60) or one.result() for one in waiting]


def test_callers_who_wait_share_the_next_transaction(ledger, monkeypatch, path):
    with crowded(ledger, monkeypatch) as taken:
        answers = together(
            lambda number: send(ledger, opening(f"T-{number}"), command("CloseTicket", ticket_id=f"T-{number}"))
        )
    # Whoever was first had some of the others with it, or none; all the rest went together.
    assert sum(taken) == 2 * CALLERS
    assert len(taken) <= 2
    for number, (opened, closed) in enumerate(answers):
        assert (opened.stream, closed.stream) == (f"ticket:T-{number}",) * 2
        assert (opened.outcome, closed.outcome) == (Outcome.ACCEPTED,) * 2
    assert_whole(path)


def test_callers_who_wait_with_the_same_command_get_the_same_answer(ledger, monkeypatch, path):
    """E-08."""
    asked = opening()
    with crowded(ledger, monkeypatch):
        answers = together(lambda _: send(ledger, asked))
    assert answers == [answers[0]] * CALLERS
    assert len(ledger.journal.read()) == 1
    assert_whole(path)


def test_one_callers_fault_does_not_answer_for_the_others(ledger, monkeypatch, path):
    fold = ledger.journal.on_append

    def poisoned(events: Any) -> None:
        if any(one.stream == "ticket:T-3" for one in events):
            raise RuntimeError("this ticket breaks the store")
        fold(events)

    monkeypatch.setattr(ledger.journal, "on_append", poisoned)
    with crowded(ledger, monkeypatch):
        answers = together(lambda number: send(ledger, opening(f"T-{number}")))
    for number, answer in enumerate(answers):
        if number == 3:
            assert isinstance(answer, RuntimeError)
        else:
            assert [receipt.stream for receipt in answer] == [f"ticket:T-{number}"]
    assert_whole(path)


def test_a_caller_behind_more_than_one_transaction_takes_is_answered_too(ledger, monkeypatch, path):
    """Whoever gets the turn first may stand last in the queue."""
    monkeypatch.setattr(commands.bus, "_SHARED_BATCH", 2)
    others = [_Waiting([Submission(opening(f"T-{caller}-{n}"), OFFICE, NINE) for n in (1, 2)]) for caller in (1, 2)]
    ledger.bus._queue.extend(others)
    [own] = send(ledger, opening("own"), at=moment())
    assert own.stream == "ticket:own"
    assert [len(other.receipts or []) for other in others] == [2, 2]
    assert_whole(path)


def test_whoever_waits_is_not_lost_when_the_one_who_answers_is_stopped(ledger, monkeypatch):
    """A person interrupts the thread that runs the transaction; the next caller answers for those who waited."""
    other = _Waiting([Submission(opening("waits"), OFFICE, NINE)])
    ledger.bus._queue.append(other)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(ledger.journal, "append", stopped)
        with pytest.raises(KeyboardInterrupt):
            send(ledger, opening("stopped"))
    send(ledger, opening("next"))
    assert [receipt.stream for receipt in other.receipts or []] == ["ticket:waits"]
    assert "ticket:stopped" not in {one.stream for one in ledger.journal.read()}
