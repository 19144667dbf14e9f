"""The three as-of words: what they let one see of the log, and up to where the answer holds.

`--as-of` with the instant and `--at-position` with the position that an answer names give the same answer again,
whatever is recorded later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adapters.cli.exits import NotFound
from adapters.cli.output import plain_instant, progress

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adapters.wiring import Ledger
    from domain.instant import Instant
    from domain.recorded import Recorded
    from replay.time_travel import Viewpoint

_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Past:
    """What a call asked for with the three words; nothing where it asks for the present."""

    as_of: "Instant | None" = None
    known_at: "Instant | None" = None
    at_position: int | None = None

    @property
    def is_present(self) -> bool:
        """Whether none of the words was said."""
        return self.as_of is None and self.known_at is None and self.at_position is None

    @property
    def viewpoint(self) -> "Viewpoint":
        """The same for whoever replays."""
        from replay.time_travel import Viewpoint

        return Viewpoint(self.as_of, self.known_at, self.at_position)

    @property
    def said(self) -> str:
        """The words as a sentence ends with them; empty for the present."""
        words = [
            ("as of", plain_instant(self.as_of)),
            ("as known at", plain_instant(self.known_at)),
            ("at position", "" if self.at_position is None else str(self.at_position)),
        ]
        return "".join(f" {word} {value}" for word, value in words if value)


@dataclass(frozen=True, slots=True)
class Holds:
    """Up to where an answer holds."""

    position: int
    as_of: "Instant | None"
    """None where the log was empty."""

    @property
    def as_dict(self) -> dict[str, Any]:
        """The two as an answer's document ends with them."""
        return {"position": self.position, "as_of": self.as_of}

    @property
    def line(self) -> str:
        """The same for people."""
        return f"as of {plain_instant(self.as_of) or 'the empty log'}, position {self.position}"


def holds(ledger: "Ledger", past: Past) -> Holds:
    """Up to where an answer holds that is read from now on."""
    condition, values = "1", list[Any]()
    if past.known_at is not None:
        condition, values = "recorded_at <= ?", [past.known_at]
    if past.at_position is not None:
        condition, values = f"{condition} AND position <= ?", [*values, past.at_position]
    found = ledger.journal.connection.execute(
        f"SELECT position, recorded_at FROM log WHERE {condition} ORDER BY position DESC LIMIT 1",  # noqa: S608 no input
        values,
    ).fetchone()
    position, recorded_at = found or (0, None)
    instants = (past.as_of, past.known_at, None if past.at_position is None else recorded_at)
    named = next((at for at in instants if at is not None), None)
    return Holds(position, named if named is not None or past.at_position is not None else ledger.now())


@contextmanager
def present(ledger: "Ledger") -> "Iterator[tuple[Connection, Holds]]":
    """The read database, caught up and standing still while it is read, and up to where it holds."""
    from sqlalchemy import select

    from adapters.read_db.schema import CHECKPOINTS
    from projections.tickets import TICKETS

    position = select(CHECKPOINTS.c.position).where(CHECKPOINTS.c.name == TICKETS.name)
    with ledger.reading() as connection:
        # The driver begins no transaction for reading, and without one every statement sees another moment.
        connection.exec_driver_sql("BEGIN")
        yield connection, Holds(connection.execute(position).scalar_one_or_none() or 0, ledger.now())


def events(ledger: "Ledger", past: Past, *, opened: bool) -> "Iterator[Recorded]":
    """What of the whole log is seen, with a bar while it is read; where not `opened`, personal text reads `sealed`."""
    from replay.time_travel import seen_from

    last = holds(ledger, past).position

    def read() -> "Iterator[Recorded]":
        after = 0
        with progress("reading the log") as advance:
            while after < last and (batch := ledger.journal.read(after, min(_BATCH, last - after), opened=opened)):
                yield from batch
                after = batch[-1].position
                advance(after, last)

    return seen_from(read(), past.viewpoint)


def ticket_events(ledger: "Ledger", ticket_id: str, past: Past) -> "list[Recorded]":
    """What of a ticket's history is seen; NotFound where the ticket does not exist, or not yet."""
    from domain.values import ticket_stream
    from replay.time_travel import seen_from

    stream = ticket_stream(ticket_id)
    history = ledger.journal.load([stream])[stream]
    seen = list(seen_from(history, past.viewpoint))
    if not history:
        raise NotFound(f"there is no ticket {ticket_id}")
    if not seen:
        raise NotFound(f"there was no ticket {ticket_id}{past.said}")
    return seen


def definition_events(ledger: "Ledger", past: Past) -> "list[Recorded]":
    """What is seen of every blueprint, SLA policy and view, in order: what the three words hide publishes nothing."""
    from domain.definitions import DEFINITIONS, Kind
    from replay.time_travel import seen_from

    names = [
        name
        for name in ledger.journal.streams_under(DEFINITIONS)
        if name.removeprefix(DEFINITIONS).partition(":")[0] in set(Kind)
    ]
    streams = ledger.journal.load(names).values() if names else ()
    seen = [recorded for stream in streams for recorded in seen_from(stream, past.viewpoint)]
    return sorted(seen, key=lambda recorded: recorded.position)
