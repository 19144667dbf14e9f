"""An Italian help desk's log goes in with its duplicates, and so do two small logs of other shapes."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.importers.mapping import load_mapping, parse_mapping
from adapters.wiring import open_ledger
from tests.end_to_end import foreign

LOG = foreign.DATA / "helpdesk_it" / "helpdesk.xes.gz"
SMALL = foreign.DATA / "xes_small"
CASES, EVENTS, DUPLICATES = 4_580, 21_348, 127
STRAYS = {"VERIFIED": 3, "RESOLVED": 2, "INVALID": 2, "DUPLICATE": 1}

is_here = pytest.mark.skipif(not LOG.exists(), reason=f"the real history is not here: {LOG}")
small_are_here = pytest.mark.skipif(not SMALL.exists(), reason=f"the small histories are not here: {SMALL}")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("helpdesk") / "helpdesk.db"
    with open_ledger(str(path), create=True) as ledger:
        done = foreign.brought_in(ledger, LOG, load_mapping("helpdesk_it"))
    assert (done.tickets, done.rows, done.rows_added, done.rows_skipped) == (CASES, EVENTS, EVENTS, [])
    assert (done.rows_duplicate, done.rows_dropped) == (DUPLICATES, 0)
    return path


@pytest.fixture
def tables(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture(scope="module")
def told() -> dict[str, list[foreign.Told]]:
    """The log as a reader of its own finds it."""
    return foreign.read_alone(LOG, ["concept:name"])


@is_here
def test_the_paths_through_the_activities_have_the_digest_of_the_key(tables):
    paths = {case: [status for status, _ in stays] for case, stays in foreign.stays_of(tables).items()}
    assert len(paths) == CASES
    assert foreign.path_digest(paths) == "d031b58bbc0bda18d4f80786b892296aa8ef5ae915053a8273e88dc136078a1a"


@is_here
def test_runs_transitions_and_dwell_are_those_of_an_independent_reader(tables, told):
    stays, alone = foreign.stays_of(tables), foreign.stays_alone(told)
    assert stays == alone
    rows = foreign.rows_of(tables)
    assert rows == {case: [row.state for row in of_case] for case, of_case in told.items()}
    assert sum(map(len, rows.values())) == EVENTS


@is_here
def test_the_states_as_of_an_instant_are_those_of_an_independent_reader(path, tables, told):
    """E-03: by the documented SQL and from the log."""
    with open_ledger(str(path)) as ledger:
        for moment, at in foreign.moments_between(told, 5):
            wanted = foreign.as_of_alone(told, moment)
            assert foreign.as_of_in_sql(tables, at) == wanted == foreign.as_of_in_replay(ledger, at)


@is_here
def test_exact_duplicates_are_kept_and_noted_under_the_shipped_mapping(tables, told):
    twins = {
        (case, place + 2)
        for case, rows in told.items()
        for place, (one, two) in enumerate(pairwise(rows))
        if one.said == two.said
    }
    assert len(twins) == DUPLICATES
    noted = tables.execute(
        "SELECT substr(stream, 8), data ->> '$.ordinal' FROM v_log WHERE name = 'ticket.revision_noted'"
    )
    assert twins <= set(noted)


@is_here
def test_a_mapping_that_drops_duplicates_finds_the_same_stays(tables, tmp_path):
    mapping = load_mapping("helpdesk_it").model_copy(update={"duplicates": "drop"})
    with open_ledger(str(tmp_path / "dropped.db"), create=True) as ledger:
        done = foreign.brought_in(ledger, LOG, mapping)
    assert (done.rows, done.rows_added, done.rows_duplicate, done.rows_dropped) == (
        EVENTS,
        EVENTS - DUPLICATES,
        DUPLICATES,
        DUPLICATES,
    )
    with closing(sqlite3.connect(tmp_path / "dropped.db")) as dropped:
        assert foreign.stays_of(dropped) == foreign.stays_of(tables)


@is_here
def test_activities_that_strayed_in_from_another_tracker_are_kept_as_labels_of_the_unknown_type(tables):
    rows = Counter(status for path in foreign.rows_of(tables).values() for status in path)
    assert {status: rows[status] for status in STRAYS} == STRAYS
    mapping = load_mapping("helpdesk_it").ticket.status
    assert STRAYS.keys() == rows.keys() - mapping.types.keys()
    marks = ", ".join("?" * len(STRAYS))
    found = tables.execute(
        f"SELECT DISTINCT status_type FROM fct_status_intervals WHERE status IN ({marks})", [*STRAYS]
    ).fetchall()
    assert found == [(mapping.unknown_status_type.value,)]


@is_here
def test_the_same_file_again_adds_nothing(path):
    with open_ledger(str(path)) as ledger:
        before = ledger.journal.tip()
        again = foreign.brought_in(ledger, LOG, load_mapping("helpdesk_it"))
        assert (again.rows_known, again.events_added, again.rows_skipped) == (EVENTS, 0, [])
        assert ledger.journal.tip() == before


@is_here
def test_half_the_file_and_then_the_whole_add_up(path, tmp_path):
    mapping = load_mapping("helpdesk_it")
    rows = foreign.first_half(LOG, tmp_path / "half.xes")
    with open_ledger(str(tmp_path / "two.db"), create=True) as ledger:
        first = foreign.brought_in(ledger, tmp_path / "half.xes", mapping)
        rest = foreign.brought_in(ledger, LOG, mapping)
        assert (first.rows_added, rest.rows_known, rest.rows_added) == (rows, rows, EVENTS - rows)
        added = first.events_added + rest.events_added
    with open_ledger(str(path)) as whole:
        assert whole.journal.tip().position == added


# Two small logs: another namespace, extensions unknown to us, attributes that only some events have

SMALL_MAPPING = """
source: small
version: 1
reads: [xes]
id_prefix: "S-"
ticket:
  case: trace.concept:name
  instant: time:timestamp
  actor: {{column: org:resource, missing: system}}
  channel: {{constant: other:unknown}}
  department: {{constant: IT}}
  status: {{{status}, types: {{}}}}
  agent: org:resource
  fields: {{{fields}}}
"""


@small_are_here
@pytest.mark.parametrize(
    ("name", "columns", "fields"),
    [
        ("running-example", ["concept:name"], "costs: {column: Costs, type: integer}"),
        ("repairExample", ["concept:name", "lifecycle:transition"], "repairs: numberRepairs, phone: phoneType"),
    ],
)
def test_a_small_log_has_the_stays_that_an_independent_reader_finds(tmp_path, name, columns, fields):
    log, path = SMALL / f"{name}.xes.gz", tmp_path / "small.db"
    status = f"column: {columns[0]}" if len(columns) == 1 else f"columns: [{', '.join(columns)}]"
    mapping = parse_mapping(SMALL_MAPPING.format(status=status, fields=fields), "small")
    told = {f"S-{case}": rows for case, rows in foreign.read_alone(log, columns).items()}
    with open_ledger(str(path), create=True) as ledger:
        done = foreign.brought_in(ledger, log, mapping)
        assert (done.tickets, done.rows_added, done.rows_skipped) == (len(told), sum(map(len, told.values())), [])
        assert foreign.brought_in(ledger, log, mapping).events_added == 0
        for moment, at in foreign.moments_between(told, 3):
            assert foreign.as_of_in_replay(ledger, at) == foreign.as_of_alone(told, moment)
    with closing(sqlite3.connect(path)) as tables:
        assert foreign.stays_of(tables) == foreign.stays_alone(told)
        assert foreign.rows_of(tables) == {case: [row.state for row in rows] for case, rows in told.items()}
