"""The incident log of UCI data set 498, imported, has the figures that were computed independently of us."""

import json
from collections import Counter, defaultdict
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.importers.csv_log import import_csv
from adapters.importers.mapping import load_mapping
from adapters.importers.source_log import Imported
from domain.instant import Instant, seconds_between
from domain.ticket.events import (
    TicketAgentChanged,
    TicketContactChanged,
    TicketFieldChanged,
    TicketImported,
    TicketPriorityChanged,
    TicketRevisionNoted,
    TicketSourceSlaChanged,
    TicketStatusChanged,
    TicketTeamChanged,
)
from domain.values import Priority
from tests.adapters.importers.desk import Ledger

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
LOG = DATA / "uci_incident" / "incident_event_log_mod10.csv"
KEY = DATA / "keys" / "uci_incident_dev_slice.json"

pytestmark = pytest.mark.skipif(
    not (LOG.exists() and KEY.exists()), reason=f"the incident log and its key file are not in {DATA}"
)


class Run(NamedTuple):
    """A maximal block of rows in one state."""

    state: str
    entered_at: Instant


@pytest.fixture(scope="module")
def key():
    return json.loads(KEY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(scope="module")
def result(ledger) -> Imported:
    return import_csv(LOG, load_mapping("uci_incident"), ledger.send, tip_before=0)


@pytest.fixture(scope="module")
def runs(ledger, result) -> dict[str, list[Run]]:
    """The states of every case in log order, from the events alone."""
    found = defaultdict(list)
    for case, at, event in ledger.events:
        if isinstance(event, TicketImported):
            found[case].append(Run(event.status, at))
        elif isinstance(event, TicketStatusChanged):
            found[case].append(Run(event.new_status, at))
    return found


def transitions(runs):
    return Counter(f"{before.state} -> {after.state}" for path in runs.values() for before, after in pairwise(path))


def of(ledger, kind):
    return [event for _, _, event in ledger.events if isinstance(event, kind)]


def events_by_row(ledger):
    return [
        [ledger.events[position - 1][2] for position in receipt.answer.positions]
        for receipt in ledger.receipts.values()
    ]


def number(ticket, field):
    return int(ticket.fields[field][1])


def digest(cases):
    return sha256("".join(f"{case}\n" for case in sorted(cases, key=str.encode)).encode()).hexdigest()


def as_listed(kinds):
    """How many changes set, changed or cleared an assignee."""
    return Counter("set" if event.old is None else "cleared" if event.new is None else "changed" for event in kinds)


def test_every_row_is_imported_once(key, ledger, result):
    assert (result.tickets, result.rows) == (key["lifecycle"]["cases"], key["rows"])
    assert (result.rows_added, result.rows_known, result.rows_skipped) == (key["rows"], 0, [])
    assert result.events_added == len(ledger.events)
    assert len(of(ledger, TicketImported)) == key["importer_event_counts"]["opened"]


def test_importing_again_adds_nothing(key, ledger, result):
    again = import_csv(LOG, load_mapping("uci_incident"), ledger.send, tip_before=len(ledger.receipts))
    assert (again.rows_known, again.rows_added, again.events_added) == (key["rows"], 0, 0)


def test_the_state_paths_are_the_keys(key, runs):
    paths = (f"{case}\t{'|'.join(run.state for run in runs[case])}\n" for case in sorted(runs, key=str.encode))
    assert sha256("".join(paths).encode()).hexdigest() == key["lifecycle"]["state_path_digest_sha256"]


def test_the_transitions_are_the_keys(key, runs):
    counted = transitions(runs)
    assert counted == key["lifecycle"]["all_state_change_transitions"]
    assert counted.total() == key["lifecycle"]["state_change_transitions_total"]


def test_first_and_final_states_are_the_keys(key, runs):
    assert Counter(path[0].state for path in runs.values()) == key["lifecycle"]["cases_by_first_state"]
    assert Counter(path[-1].state for path in runs.values()) == key["lifecycle"]["cases_by_final_state"]


def test_the_dwell_in_every_state_is_the_keys(key, runs):
    dwell = defaultdict(list)
    for path in runs.values():
        for run, following in pairwise(path):
            dwell[run.state].append(seconds_between(run.entered_at, following.entered_at))
    expected = {
        state: figures["dwell_seconds_per_completed_run"] for state, figures in key["lifecycle"]["per_state"].items()
    }
    assert {state: (len(spent), sum(spent), min(spent), max(spent)) for state, spent in dwell.items()} == {
        state: (spent["n"], spent["sum"], spent["min"], spent["max"]) for state, spent in expected.items()
    }


def test_the_states_as_of_an_instant_are_the_keys(key, runs):
    for at, expected in key["lifecycle"]["state_counts_as_of"].items():
        until = f"{at}.000000Z"
        reached = [[run.state for run in path if run.entered_at <= until] for path in runs.values()]
        assert Counter(states[-1] for states in reached if states) == expected["by_state"]


def test_reopenings_are_the_keys_and_the_sources_own(key, ledger, runs):
    counters = key["counters"]
    observed = Counter(
        {name: count for name, count in transitions(runs).items() if name in key["observed_reopen_by_transition"]}
    )
    assert observed == key["observed_reopen_by_transition"]
    tickets = ledger.tickets
    assert sum(ticket.reopen_count for ticket in tickets.values()) == counters["observed_reopen_transitions"]
    assert sum(number(ticket, "reopen_count") for ticket in tickets.values()) == counters["reopen_count_sum_final"]
    assert (
        Counter(
            "equal" if ticket.reopen_count == number(ticket, "reopen_count") else "different"
            for ticket in tickets.values()
        )
        == key["reopen_counter_vs_observed_per_case"]
    )
    assert max(number(ticket, "reopen_count") for ticket in tickets.values()) == key["max_reopen_count"]
    reopened = [case for case, ticket in tickets.items() if ticket.reopen_count]
    assert len(reopened) == counters["cases_with_observed_reopen"]
    assert digest(reopened) == key["reopened_case_ids_digest_sha256"]


def test_team_changes_are_the_keys_and_nearly_the_sources_own(key, ledger):
    counters, tickets = key["counters"], ledger.tickets.values()
    assert sum(ticket.team_change_count for ticket in tickets) == counters["observed_assignment_group_changes"]
    reassigned = [number(ticket, "reassignment_count") for ticket in tickets]
    assert sum(reassigned) == counters["reassignment_count_sum_final"]
    assert max(reassigned) == key["max_reassignment_count"]
    assert sum(count > 0 for count in reassigned) == counters["cases_reassignment_count_gt_0"]
    assert (
        Counter(
            "equal" if seen == counted else "fewer_observed" if seen < counted else "more_observed"
            for seen, counted in zip((ticket.team_change_count for ticket in tickets), reassigned, strict=True)
        )
        == key["reassignment_counter_vs_group_changes_per_case"]
    )


def test_assignments_are_the_keys(key, ledger):
    counts = key["importer_event_counts"]
    first = of(ledger, TicketImported)
    assert sum(event.agent is not None for event in first) == counts["first_row_has_assignee"]
    assert sum(event.team is not None for event in first) == counts["first_row_has_group"]
    for prefix, kind in (("assignee", TicketAgentChanged), ("group", TicketTeamChanged)):
        expected = {how: counts[f"{prefix}_{how}"] for how in ("set", "changed", "cleared")}
        assert as_listed(of(ledger, kind)) == expected


def test_priority_changes_are_the_keys(key, ledger):
    levels = list(Priority)
    raised = Counter(levels.index(event.new) > levels.index(event.old) for event in of(ledger, TicketPriorityChanged))
    counts = key["importer_event_counts"]
    assert (raised[True], raised[False]) == (counts["priority_raised"], counts["priority_lowered"])


def test_the_sources_sla_verdicts_are_the_keys(key, ledger):
    flips = of(ledger, TicketSourceSlaChanged)
    assert {(flip.old, flip.new) for flip in flips} == {(True, False)}
    assert len(flips) == key["counters"]["cases_made_sla_flipped"]
    words = {"urgent": "1 - Critical", "high": "2 - High", "medium": "3 - Moderate", "low": "4 - Low"}
    verdicts = Counter((words[ticket.priority], ticket.source_sla_met) for ticket in ledger.tickets.values())
    assert {
        priority: {"made": verdicts[priority, True], "missed": verdicts[priority, False]} for priority in words.values()
    } == key["made_sla_by_final_priority"]
    missed = [case for case, ticket in ledger.tickets.items() if ticket.source_sla_met is False]
    assert digest(missed) == key["missed_sla_case_ids_digest_sha256"]


def test_the_verdict_turns_with_the_row_that_closes(key, ledger):
    transitions_of_flips = Counter(
        f"{event.old_status} -> {event.new_status}"
        for made in events_by_row(ledger)
        if any(isinstance(event, TicketSourceSlaChanged) for event in made)
        for event in made
        if isinstance(event, TicketStatusChanged)
    )
    assert transitions_of_flips == key["made_sla_true_to_false_flip_by_transition"]


def test_rows_without_a_change_that_the_key_tracks_are_as_many_as_it_says(key, ledger):
    def is_beyond_the_key(event):
        """The key compares neither the caller nor the source's own counters; the mapping tracks both."""
        is_counter = isinstance(event, TicketFieldChanged) and event.field in ("reassignment_count", "reopen_count")
        return is_counter or isinstance(event, TicketContactChanged | TicketRevisionNoted)

    unchanged = [made for made in events_by_row(ledger) if all(is_beyond_the_key(event) for event in made)]
    assert len(unchanged) == key["consecutive_rows_with_no_tracked_change"]


def test_changed_custom_fields_are_the_keys(key, ledger):
    changed = Counter(event.field for event in of(ledger, TicketFieldChanged))
    for field in ("active", "category", "subcategory", "impact", "urgency"):
        assert changed[field] == key["changed_fields_between_consecutive_rows"][field]


def test_no_ticket_knows_of_a_closing_before_it_happened(key, ledger, runs):
    for case, ticket in ledger.tickets.items():
        closings = [run.entered_at for run in runs[case] if run.state in ("Resolved", "Closed")]
        assert ticket.closed_at in closings
    fields = {field for event in of(ledger, TicketImported) for field in event.fields}
    assert fields <= {"active", "category", "subcategory", "impact", "urgency", "reassignment_count", "reopen_count"}
