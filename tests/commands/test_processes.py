"""Two operating system processes on one file, with the same and with different tickets (E-08, E-09, F-54)."""

from multiprocessing import get_context
from pathlib import Path
from random import Random
from traceback import format_exc
from typing import Any

from adapters.sqlite.journal import SqliteJournal
from commands.message import Message
from domain.receipts import Receipt
from tests.examples import ARCHIVE_ROOM, CONTACT, command, ledger_at, opening, row, send
from tests.whole import assert_whole

NAMES = ("left", "right")
ROUNDS = 60
SHARED = 4
"""How many tickets both work on."""


def plan(name: str) -> list[list[Message]]:
    """Batches of one process; ids that begin with `both` are the same command in both processes."""
    chance = Random(name)
    batches = [[opening(f"shared-{n}", command_id=f"both-open-{n}", contact_id=CONTACT) for n in range(SHARED)]]
    for turn in range(ROUNDS):
        shared = f"shared-{chance.randrange(SHARED)}"
        own = f"{name}-{turn}"
        batch = [
            opening(own, message_key=f"<{turn}@mail>"),
            opening(f"race-{turn}"),
            command("AddComment", ticket_id=shared, body=f"{name} {turn}"),
            command("CloseTicket", ticket_id=shared),
            command("ReopenTicket", ticket_id=shared),
            command("ReceiveReply", ticket_id=shared, body="Hurry", message_key=f"<{turn}@reply>"),
            command("AddTags", ticket_id=own, tags=["x"]),
            command("AddTags", ticket_id=shared, tags=[own], expected_version=chance.randrange(1, 40)),
            row(turn + 1, ticket_id=f"imported-{name}", status=f"S{turn}"),
        ]
        if turn % 20 == 10:
            batch.append(command("EraseContact", contact_id=CONTACT))
        batch = [asked.model_copy(update={"command_id": f"{name}-{turn}-{n}"}) for n, asked in enumerate(batch)]
        batch.append(
            command("AddTags", command_id=f"both-tag-{turn}", ticket_id=f"shared-{turn % SHARED}", tags=[f"{turn}"])
        )
        chance.shuffle(batch)
        cut = chance.randrange(len(batch))
        batches += [part for part in (batch[:cut], batch[cut:]) if part]
    return batches


def work(path: Path, name: str, start: Any, answers: Any) -> None:
    answer: Any
    try:
        with ledger_at(path) as ledger:
            batches = plan(name)
            start.wait(timeout=60)
            answer = [receipt for batch in batches for receipt in send(ledger, *batch, door=ARCHIVE_ROOM)]
    except Exception:  # noqa: BLE001 - the parent is told of it, whatever it is
        answer = format_exc()
    answers.put((name, answer))


def hammered(path: Path) -> dict[str, list[Receipt]]:
    """What both processes were answered."""
    context = get_context("spawn")
    start, answers = context.Barrier(len(NAMES)), context.Queue()
    processes = [context.Process(target=work, args=(path, name, start, answers)) for name in NAMES]
    for process in processes:
        process.start()
    answered = dict(answers.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(timeout=60)
    assert [answer for answer in answered.values() if isinstance(answer, str)] == []
    return answered


def test_two_processes_on_one_file_leave_a_whole_log_and_one_answer_to_each_command(path):
    with ledger_at(path):
        pass
    answered = hammered(path)
    assert_whole(path)
    left, right = (
        {one.command_id: one for one in answered[name] if one.command_id.startswith("both")} for name in NAMES
    )
    assert len(left) == SHARED + ROUNDS
    assert left == right
    journal = SqliteJournal(path)
    kept = journal.receipts([one.command_id for receipts in answered.values() for one in receipts])
    journal.close()
    for receipt in (receipt for receipts in answered.values() for receipt in receipts):
        assert kept.get(receipt.command_id, receipt) == receipt
        assert bool(receipt.number) == (receipt.command_id in kept)
    with ledger_at(path) as ledger:
        assert ledger.runner.compare() == []
