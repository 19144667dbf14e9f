"""A real desk's history goes in and the figures that come out of the tables are the independently computed ones."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from adapters.importers.csv_log import import_csv
from adapters.importers.mapping import load_mapping
from adapters.importers.source_log import Imported
from adapters.wiring import Ledger, open_ledger
from commands.access import ACT_FOR, BACKDATE, Door
from domain.instant import Instant
from replay.time_travel import as_of, backlog_at

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LOG = DATA / "uci_incident" / "incident_event_log_mod10.csv"
KEYS = DATA / "keys" / "uci_incident_dev_slice.json"
PRIORITIES = {"1 - Critical": "urgent", "2 - High": "high", "3 - Moderate": "medium", "4 - Low": "low"}

pytestmark = pytest.mark.skipif(not LOG.exists(), reason=f"the real history is not here: {LOG}")


def brought_in(ledger: Ledger, log: Path = LOG) -> Imported:
    mapping = load_mapping("uci_incident")
    door = Door(mapping.via, frozenset({ACT_FOR, BACKDATE}))
    return import_csv(
        log, mapping, lambda rows: ledger.submit(rows, door), tip_before=ledger.journal.tip().receipt, batch_size=500
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("uci") / "uci.db"
    with open_ledger(str(path), create=True) as ledger:
        brought_in(ledger)
    return path


@pytest.fixture
def tables(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture(scope="module")
def key() -> Any:
    return json.loads(KEYS.read_text())


def test_the_paths_through_the_statuses_have_the_digest_of_the_key(tables, key):
    stays: dict[str, list[str]] = {}
    for ticket_id, status in tables.execute(
        "SELECT ticket_id, status FROM fct_status_intervals ORDER BY ticket_id, seq"
    ):
        stays.setdefault(ticket_id, []).append(status)
    assert len(stays) == key["lifecycle"]["cases"]
    lines = [f"{case}\t{'|'.join(path)}\n".encode() for case, path in stays.items()]
    assert hashlib.sha256(b"".join(sorted(lines))).hexdigest() == key["lifecycle"]["state_path_digest_sha256"]
    moves = Counter(f"{one} -> {two}" for path in stays.values() for one, two in pairwise(path))
    assert moves == key["lifecycle"]["all_state_change_transitions"]


def test_the_dwell_in_each_status_is_that_of_the_key(tables, key):
    for status, wanted in key["lifecycle"]["per_state"].items():
        found = tables.execute(
            "SELECT duration_seconds FROM fct_status_intervals WHERE status = ? AND left_at IS NOT NULL", (status,)
        )
        seconds = [row[0] for row in found]
        figures = wanted["dwell_seconds_per_completed_run"]
        assert (len(seconds), sum(seconds)) == (figures["n"], figures["sum"])
        if seconds:
            assert (min(seconds), median(seconds), max(seconds)) == (figures["min"], figures["median"], figures["max"])


def test_reopenings_and_reassignments_are_those_of_the_key(tables, key):
    counters = key["counters"]
    row = tables.execute(
        "SELECT sum(reopen_count), sum(reopen_count > 0), sum(team_change_count), "
        "sum(fields ->> '$.reassignment_count[1]'), sum(fields ->> '$.reopen_count[1]') FROM dim_tickets"
    ).fetchone()
    assert row == (
        counters["observed_reopen_transitions"],
        counters["cases_with_observed_reopen"],
        counters["observed_assignment_group_changes"],
        counters["reassignment_count_sum_final"],
        counters["reopen_count_sum_final"],
    )


def test_the_missed_slas_by_priority_are_those_of_the_key(tables, key):
    for label, wanted in key["made_sla_by_final_priority"].items():
        found = tables.execute(
            "SELECT coalesce(sum(is_source_sla_met), 0), coalesce(sum(NOT is_source_sla_met), 0) FROM dim_tickets "
            "WHERE priority = ?",
            (PRIORITIES[label],),
        ).fetchone()
        assert found == (wanted["made"], wanted["missed"])
    missed = tables.execute(
        "SELECT ticket_id FROM dim_tickets WHERE NOT is_source_sla_met ORDER BY ticket_id"
    ).fetchall()
    assert len(missed) == key["counters"]["cases_made_sla_false_final"]


def test_the_backlog_as_of_each_instant_is_that_of_the_key(path, key):
    """E-03."""
    with open_ledger(str(path)) as ledger:
        for instant, wanted in key["lifecycle"]["state_counts_as_of"].items():
            counted: Counter[str] = Counter()
            for row in backlog_at(as_of(ledger.journal.read(opened=False), Instant(f"{instant}.000000Z"))):
                counted[row.status] += row.tickets
            assert counted == wanted["by_state"]


def test_the_same_file_again_adds_nothing(path):
    with open_ledger(str(path)) as ledger:
        before = ledger.journal.tip()
        again = brought_in(ledger)
        assert (again.events_added, again.rows_skipped, ledger.journal.tip()) == (0, [], before)


def test_half_the_file_and_then_the_whole_add_up(path, tmp_path):
    half = tmp_path / "half.csv"
    lines = LOG.read_bytes().splitlines(keepends=True)
    half.write_bytes(b"".join(lines[:7_000]))
    with open_ledger(str(tmp_path / "two.db"), create=True) as ledger:
        first = brought_in(ledger, half)
        rest = brought_in(ledger)
        assert (first.rows_added, rest.rows_known, rest.rows_added) == (6_999, 6_999, len(lines) - 7_000)
        added = first.events_added + rest.events_added
    with open_ledger(str(path)) as whole:
        assert whole.journal.tip().position == added
