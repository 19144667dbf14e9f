"""S12: how much memory a whole fold takes, seen from a fresh process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final

from benchmarks import ours
from benchmarks.measure import Figure, Scale, note
from benchmarks.workload import GAP, text
from commands.bus import TICKET_NUMBERS
from domain.instant import Instant, instant
from domain.journal import Draft, Reads
from domain.receipts import Outcome
from domain.recorded import Fact
from domain.ticket import events as e
from domain.values import FieldType, StatusType, Visibility

_LIFE: Final = 10
"""Events a ticket."""
_CHUNK: Final = 10_000
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEXTS: Final = [text(Random(number), 20 + number) for number in range(60)]
_SUBJECTS: Final = [text(Random(number), 7) for number in range(100)]


def whole_fold(folder: Path, scale: Scale) -> Iterator[Figure]:
    """S12: the log is written by this process, folded by children of their own."""
    path = folder / "ours.db"
    begin = perf_counter()
    fill(path, scale.folded)
    note(f"  wrote {scale.folded:,} events in {perf_counter() - begin:.0f} s")
    found = {}
    for work in ("rebuild", "verify"):
        command = [sys.executable, "-m", "benchmarks.fold", work, str(path)]
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        found[work] = json.loads(child.stdout)
        note(f"  {work}: {found[work]}")
        assert found[work]["events"] == scale.folded
    more = {f"{work}_{name}": one[name] for work, one in found.items() for name in ("mb", "seconds")}
    value = max(one["mb"] for one in found.values())
    yield Figure("S12", value, {"events": scale.folded, "tickets": scale.folded // _LIFE, **more})


def fill(path: Path, events: int) -> None:
    """A valid log of lives that overlap as those of the other benchmarks, an event a command, written past the bus."""
    write(path, _drafts(events))


def write(path: Path, drafts: Iterator[Draft]) -> None:
    """A fresh ledger with these events, one a draft, in their order."""
    with ours.ledger(path) as ledger:
        journal = ledger.journal
        journal.on_append = None
        tip, numbers = journal.tip(), 0
        while chunk := list(islice(drafts, _CHUNK)):
            now = numbers + sum(draft.facts[0].version == 1 for draft in chunk)
            drawn = ({TICKET_NUMBERS: numbers}, {TICKET_NUMBERS: now}) if now > numbers else ({}, {})
            tip = journal.append(chunk, Reads(tip, {}, *drawn), chunk[-1].facts[-1].occurred_at).tip
            numbers = now
        # Or closing would catch up, which takes twice as long.
        ledger.runner.rebuild()


def _drafts(events: int) -> Iterator[Draft]:
    tickets, made = events // _LIFE, 0
    for now in count():
        at = instant(_START + timedelta(seconds=20 * now))
        for place in range(_LIFE):
            if 0 <= (number := now - place * GAP) < tickets:
                made += 1
                yield drafted(f"{made:032x}", number, place, at, _event(number, f"c{number // 3}", place))
        if made == events:
            return


def drafted(command_id: str, number: int, place: int, at: Instant, event: e.TicketEvent) -> Draft:
    """The event at a place of a ticket's life, from 0, as its command would record it."""
    stream, person = f"ticket:T-{number}", f"contact:c{number // 3}"
    return Draft(
        command_id=command_id,
        command="ChangeTicket",
        stream=stream,
        digest=bytes(32),
        outcome=Outcome.ACCEPTED,
        actor=f"agent:a{number % 40}",
        via="kafka:desk",
        correlation_id=command_id,
        facts=(Fact(stream, place + 1, event, at, person, person),),
        versions=((stream, place + 1),),
    )


def _event(number: int, contact: str, place: int) -> e.TicketEvent:
    body = _TEXTS[(number + place) % len(_TEXTS)]
    match place:
        case 0:
            return opened(number, contact, body)
        case 1:
            return e.TicketTeamChanged(None, f"team {number % 20}")
        case 2:
            return e.TicketAgentChanged(None, f"a{number % 40}")
        case 3:
            return e.TicketReplySent(1, body, None, is_reply_all=False)
        case 4:
            return e.TicketStatusChanged("Open", StatusType.OPEN, "On Hold", StatusType.ON_HOLD)
        case 5:
            return e.TicketCustomerReplied(2, body, None)
        case 6:
            return e.TicketStatusChanged("On Hold", StatusType.ON_HOLD, "Open", StatusType.OPEN)
        case 7:
            return e.TicketCommentAdded(3, Visibility.PRIVATE, body)
        case 8:
            return e.TicketReplySent(4, body, None, is_reply_all=False)
        case _:
            return e.TicketStatusChanged("Open", StatusType.OPEN, "Closed", StatusType.CLOSED)


def opened(number: int, contact: str, description: str, *, department: str = "Support") -> e.TicketOpened:
    """A ticket's first event."""
    return e.TicketOpened(
        number=number + 1,
        channel="email",
        subject=_SUBJECTS[number % len(_SUBJECTS)],
        description=description,
        contact_id=contact,
        department=department,
        priority="high",
        status="Open",
        status_type=StatusType.OPEN,
        fields={"product": (FieldType.TEXT, f"P-{number % 500}")},
        tags=(f"t{number % 20}",),
        message_key=None,
    )
