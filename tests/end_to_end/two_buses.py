"""What the state machines share: two processes' worth of buses on one file, and the ways to a row compared."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from adapters.wiring import Ledger
from commands.access import Door
from commands.aggregates import Aggregate, initial
from commands.union import parse_command
from domain.receipts import Receipt
from domain.recorded import Recorded
from domain.refusals import Refusal
from projections.catalogue import PROJECTIONS
from projections.folding import advance
from projections.memory import MemoryRows
from tests.end_to_end.oracle_tickets import Json
from tests.examples import Clock, ledger_at
from tests.whole import assert_whole

SEED = int(os.environ.get("DESKLEDGER_SEED", "0"))
DOORS = {
    "office": Door("cli:office", frozenset({"act_for", "backdate"})),
    "ana": Door("cli:ana"),
    "mail": Door("kafka:mail"),
}
PLACES = st.sampled_from([0, 1])
OFFICES = st.sampled_from(["office", "office", "office", "office", "ana", "mail"])

REFUSALS = {made.code for made in Refusal.__subclasses__()} - {"source_rewritten", "ticket_not_parked"}
"""Every reason that one of the machines must meet; the importer alone sees a source that was rewritten, and the command
line alone asks whether a ticket is parked."""
OF_RULES = frozenset(
    {
        *("ticket_in_blueprint", "ticket_not_in_blueprint", "transition_unknown", "transition_not_allowed"),
        *("state_unknown", "status_in_definition", "definition_mistaken", "definition_not_found"),
        *("definition_version_unknown", "definition_already_published", "definition_is_retired"),
        *("definition_superseded", "valid_from_in_past"),
        *("ticket_not_imported", "ticket_already_adopted"),
    }
)
"""Those of definitions, blueprints and adoption."""


class Answer(NamedTuple):
    """What one of the two buses answered."""

    place: int
    asked: Json
    receipt: Receipt


class TwoBuses(RuleBasedStateMachine):
    """A desk with two processes' worth of buses on one file; a machine says what is compared after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.files = TemporaryDirectory()
        self.path = Path(self.files.name) / "desk.db"
        self.clock = Clock()
        self.named_so_far = 0
        self.open_ledgers = [ExitStack(), ExitStack()]
        self.ledgers = [self.opened(0), self.opened(1)]
        self.erased_since = [False, False]

    def opened(self, place: int) -> Ledger:
        ledger = self.open_ledgers[place].enter_context(ledger_at(self.path, self.clock))
        ledger.journal.connection.execute("PRAGMA synchronous = OFF")
        return ledger

    def teardown(self) -> None:
        try:
            assert self.ledgers[0].runner.compare() == []
        finally:
            for ledgers in self.open_ledgers:
                ledgers.close()
        assert_whole(self.path)
        self.files.cleanup()

    def compare(self, place: int) -> None:
        """What must be so after a step at one of the two."""
        raise NotImplementedError

    @rule(place=PLACES)
    def a_process_starts_again(self, place: int) -> None:
        self.open_ledgers[place].close()
        self.ledgers[place] = self.opened(place)
        self.erased_since[place] = False
        self.compare(place)

    @rule(place=PLACES, which=st.sampled_from([one.name for one in PROJECTIONS]))
    def a_projection_is_rebuilt(self, place: int, which: str) -> None:
        self.ledgers[place].runner.rebuild(which)
        self.compare(1 - place)

    def compare_cache(self, replayed: Mapping[str, Aggregate]) -> None:
        """A bus may lag behind the other until its next look, but what it keeps of a version is that version."""
        for ledger, lags in zip(self.ledgers, self.erased_since, strict=True):
            for stream, kept in ledger.bus.cached:
                now = replayed.get(stream) or initial(stream)
                assert kept.version <= now.version
                if kept.version == now.version and not lags:
                    assert kept == now

    def named(self, one: Json, actor: str) -> Json:
        """The command under an id of its own, by an actor where it names none."""
        self.named_so_far += 1
        return {"command_id": f"c-{self.named_so_far}", "actor": actor, **one}

    def submit(self, place: int, office: str, batch: Sequence[Json]) -> list[Answer]:
        parsed = [parse_command(json.dumps(one)) for one in batch]
        receipts = self.ledgers[place].submit(parsed, DOORS[office])
        return [Answer(place, one, receipt) for one, receipt in zip(batch, receipts, strict=True)]


def rebuilt(events: Sequence[Recorded]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection as the log alone gives it, by table."""
    fresh = MemoryRows()
    for projection in PROJECTIONS:
        advance(projection, fresh, events)
    assert fresh.parked == []
    return {one.name: [tuple(row) for row in fresh.all_rows(one)] for one in PROJECTIONS}


def stored(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Every row as its table holds it after the ledger's projections caught up, by key."""
    ledger.runner.catch_up()
    connection = ledger.journal.connection
    return {
        one.name: connection.execute(f"SELECT * FROM {one.name} ORDER BY {', '.join(one.key)}").fetchall()
        for one in PROJECTIONS
    }


def as_objects(table: str, rows: Sequence[Sequence[Any]]) -> list[Json]:
    """Rows with the names of their columns."""
    return [dict(zip(COLUMNS[table], row, strict=True)) for row in rows]


COLUMNS = {one.name: list(one.row._fields) for one in PROJECTIONS}
