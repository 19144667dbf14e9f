"""The closed problems of BPI Challenge 2013 go in, and the figures out of the tables are the independent key's."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adapters.importers.columns import StatusColumn
from adapters.importers.mapping import SourceMapping, load_mapping
from adapters.wiring import open_ledger
from domain.instant import Instant, instant, moment_of, seconds_between
from tests.end_to_end import foreign

LOG = foreign.DATA / "bpi2013_closed_problems" / "bpic2013_closed.xes.gz"
KEY = foreign.DATA / "keys" / "bpi2013_closed_problems.json"
PRIORITIES = {"Major": "urgent", "High": "high", "Medium": "medium", "Low": "low"}

pytestmark = pytest.mark.skipif(
    not (LOG.exists() and KEY.exists()), reason=f"the real history and its key are not here: {LOG}"
)


def by_status_only() -> SourceMapping:
    """The shipped mapping without the sub-status."""
    mapping = load_mapping("bpi2013")
    status = StatusColumn(column="concept:name", types={})
    return mapping.model_copy(update={"ticket": mapping.ticket.model_copy(update={"status": status})})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bpi") / "bpi.db"
    with open_ledger(str(path), create=True) as ledger:
        foreign.brought_in(ledger, LOG, load_mapping("bpi2013"))
    return path


@pytest.fixture(scope="module")
def path_of_status_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bpi") / "status.db"
    with open_ledger(str(path), create=True) as ledger:
        foreign.brought_in(ledger, LOG, by_status_only())
    return path


@pytest.fixture
def tables(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture(scope="module")
def key() -> Any:
    return json.loads(KEY.read_text())


def figures(tables: sqlite3.Connection) -> dict[str, Any]:
    """Paths, transitions and dwell as the key has them, out of the tables."""
    stays, rows = foreign.stays_of(tables), foreign.rows_of(tables)
    paths = {case: [status for status, _ in of_case] for case, of_case in stays.items()}
    moves = foreign.transitions(paths.values())
    per_state = {}
    for state in {status for path in paths.values() for status in path}:
        runs = [[spent for status, spent in of_case if status == state] for of_case in stays.values()]
        completed = [[spent for spent in of_case if spent is not None] for of_case in runs]
        per_state[state] = {
            "events": sum(path.count(state) for path in rows.values()),
            "runs": sum(map(len, runs)),
            "cases": sum(map(bool, runs)),
            "dwell_seconds_per_completed_run": foreign.spent([spent for of_case in completed for spent in of_case]),
            "dwell_seconds_per_case_with_completed_run": foreign.spent([sum(spent) for spent in completed if spent]),
        }
    return {
        "cases_by_final_state": Counter(path[-1] for path in paths.values()),
        "state_change_transitions_total": moves.total(),
        "all_state_change_transitions": moves,
        "per_state": per_state,
        "state_path_digest_sha256": foreign.path_digest(paths),
    }


def test_the_paths_have_the_digest_that_everybody_knows(tables):
    paths = {case: [status for status, _ in stays] for case, stays in foreign.stays_of(tables).items()}
    assert foreign.path_digest(paths) == "1c2f76248cdad9ef61aca73873c447f5dfe06c19060c4ab4c6f2c2a8d3e5ad29"


def test_paths_transitions_and_dwell_per_state_are_those_of_the_key(tables, key):
    found = figures(tables)
    assert found == {name: key["lifecycle"][name] for name in found}


def test_paths_transitions_and_dwell_by_status_alone_are_those_of_the_key(path_of_status_only, key):
    with closing(sqlite3.connect(path_of_status_only)) as tables:
        found = figures(tables)
        wanted = key["lifecycle_by_status_only"]
        assert found == {name: wanted[name] for name in found}
        for at, states in wanted["state_counts_as_of"].items():
            assert foreign.as_of_in_sql(tables, Instant(instant_of(at))) == states["by_state"]


def test_cases_and_the_states_they_begin_in_are_those_of_the_key(tables, key):
    wanted = key["lifecycle"]
    rows = foreign.rows_of(tables)
    assert (len(rows), sum(map(len, rows.values()))) == (wanted["cases"], wanted["events"]) == (1_487, 6_660)
    assert foreign.spent([len(path) for path in rows.values()]) == wanted["events_per_case"]
    assert Counter(path[0] for path in rows.values()) == wanted["cases_by_first_state"]
    assert len({status for path in rows.values() for status in path}) == wanted["distinct_states"]


def test_pairs_and_variants_of_rows_are_those_of_the_key(tables, key):
    wanted = key["lifecycle"]
    rows = foreign.rows_of(tables)
    pairs = foreign.transitions(rows.values())
    assert pairs.total() == wanted["event_pairs_total"]
    assert [list(pair) for pair in pairs.most_common(8)] == wanted["top10_event_pairs_with_self_loops"][:8]
    assert dict(wanted["top10_event_pairs_with_self_loops"]).items() <= pairs.items()
    variants = Counter(tuple(path) for path in rows.values())
    ((states, cases),) = variants.most_common(1)
    assert len(variants) == wanted["distinct_event_variants"]
    assert {"cases": cases, "states": list(states)} == wanted["top_variant"]


def test_instants_are_compared_as_instants_whatever_their_offset(tables, key):
    """The figures of the key that a comparison of texts would miss."""
    wanted = key["lifecycle"]
    assert set(key["utc_offsets_in_file"]) == {"+01:00", "+02:00"}
    told = tables.execute("SELECT stream, occurred_at FROM v_log WHERE stream LIKE 'ticket:%' ORDER BY position")
    instants: dict[str, list[Instant]] = {}
    for stream, at in told:
        instants.setdefault(stream, []).append(at)
    ends = [at for of_case in instants.values() for at in (of_case[0], of_case[-1])]
    assert (min(ends), max(ends)) == (instant_of(wanted["first_instant"]), instant_of(wanted["last_instant"]))
    lasted = [seconds_between(of_case[0], of_case[-1]) for of_case in instants.values()]
    assert foreign.spent(lasted) == wanted["case_duration_seconds_first_to_last_event"]
    backward = sum(two < one for of_case in instants.values() for one, two in pairwise(of_case))
    assert backward == wanted["ordering"]["file_order_backward_steps"] == 0
    assert tables.execute("SELECT sum(is_backward) FROM fct_status_intervals").fetchone() == (0,)


def test_the_states_as_of_each_instant_are_those_of_the_key(path, tables, key):
    """E-03: by the documented SQL and from the log."""
    with open_ledger(str(path)) as ledger:
        for at, wanted in key["lifecycle"]["state_counts_as_of"].items():
            counted = foreign.as_of_in_sql(tables, Instant(instant_of(at)))
            assert counted == wanted["by_state"] == foreign.as_of_in_replay(ledger, Instant(instant_of(at)))
            assert sum(counted.values()) == wanted["cases"]


def test_reopenings_waits_teams_and_owners_are_those_of_the_key(tables, key):
    counters, changed = key["counters"], key["changed_fields_between_consecutive_events"]
    reopened, cases, teams = tables.execute(
        "SELECT sum(reopen_count), sum(reopen_count > 0), sum(team_change_count) FROM dim_tickets"
    ).fetchone()
    assert (reopened, cases) == (counters["reopen_transitions_completed_to_other"], counters["reopened_cases"])
    assert teams == changed["organization involved"]
    found = tables.execute("SELECT ticket_id FROM dim_tickets WHERE reopen_count > 0")
    assert foreign.case_digest(row[0] for row in found) == key["reopened_case_ids_digest_sha256"]
    waited = "SELECT count(DISTINCT ticket_id) FROM fct_status_intervals WHERE status_type = 'on_hold'"
    assert tables.execute(waited).fetchone() == (counters["cases_with_any_wait"],)
    named = dict(tables.execute("SELECT name, count(*) FROM v_log GROUP BY name").fetchall())
    assert named["ticket.agent_changed"] == changed["org:resource"]
    assert named.get("ticket.priority_changed", 0) == changed["impact"] == 0


def test_fields_and_priorities_are_those_of_the_key(tables, key):
    changed = key["changed_fields_between_consecutive_events"]
    found = dict(
        tables.execute(
            "SELECT data ->> '$.field', count(*) FROM v_log WHERE name = 'ticket.field_changed' GROUP BY 1"
        ).fetchall()
    )
    read = {name: part.column for name, part in load_mapping("bpi2013").ticket.fields.items()}
    assert {name: found.get(name, 0) for name in read} == {name: changed[column] for name, column in read.items()}
    by_impact = dict(tables.execute("SELECT priority, count(*) FROM dim_tickets GROUP BY priority").fetchall())
    assert by_impact == {PRIORITIES[impact]: count for impact, count in key["impact_by_final_event"].items()}


def test_a_small_reader_of_its_own_finds_the_same_stays(tables):
    told = foreign.read_alone(LOG, ["concept:name", "lifecycle:transition"])
    assert foreign.stays_of(tables) == foreign.stays_alone(told)
    assert foreign.rows_of(tables) == {case: [row.state for row in rows] for case, rows in told.items()}


def test_the_same_file_again_adds_nothing(path):
    with open_ledger(str(path)) as ledger:
        before = ledger.journal.tip()
        again = foreign.brought_in(ledger, LOG, load_mapping("bpi2013"))
        assert (again.rows, again.rows_known, again.events_added, again.rows_skipped) == (6_660, 6_660, 0, [])
        assert ledger.journal.tip() == before


def test_half_the_file_and_then_the_whole_add_up(path, tmp_path):
    mapping = load_mapping("bpi2013")
    rows = foreign.first_half(LOG, tmp_path / "half.xes")
    with open_ledger(str(tmp_path / "two.db"), create=True) as ledger:
        first = foreign.brought_in(ledger, tmp_path / "half.xes", mapping)
        rest = foreign.brought_in(ledger, LOG, mapping)
        assert (first.rows_added, rest.rows_known, rest.rows_added) == (rows, rows, 6_660 - rows)
        added = first.events_added + rest.events_added
    with open_ledger(str(path)) as whole:
        assert whole.journal.tip().position == added


def instant_of(text: str) -> Instant:
    """An instant of the key, which writes offsets."""
    return instant(moment_of(Instant(text)))
