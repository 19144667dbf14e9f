"""Every event has its place, every column its meaning, and the names are those of the contract."""

import re
from pathlib import Path

import pytest

from domain.recorded import EVENT_CLASSES
from projections import groups
from projections.base import columns
from projections.catalogue import PROJECTIONS, projection_named

NAMES = (Path(__file__).resolve().parents[2] / "docs" / "names.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (.*) \|$", NAMES.split("## Tables of the read database")[1], re.MULTILINE)
CONTRACT = {table: re.findall(r"`(\w+)`", names) for table, names in ROWS}


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_every_event_class_is_folded_or_ignored_and_never_both_s23(projection):
    assert projection.folds | projection.ignores == set(EVENT_CLASSES.values())
    assert not projection.folds & projection.ignores


def test_every_event_class_is_in_one_group_s23():
    parts = [
        groups.TICKET_EVENTS,
        groups.BLUEPRINT_EVENTS,
        groups.SLA_EVENTS,
        groups.CONTACT_EVENTS,
        groups.DEFINITION_EVENTS,
        groups.PROJECTION_EVENTS,
    ]
    assert frozenset().union(*parts) == set(EVENT_CLASSES.values())
    assert sum(map(len, parts)) == len(EVENT_CLASSES)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_a_projection_folds_events_of_its_own_streams_only(projection):
    groups_of = {"ticket": groups.TICKET_STREAM_EVENTS, "contact": groups.CONTACT_EVENTS}
    assert projection.folds <= groups_of[projection.stream]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_tables_and_columns_are_those_of_the_contract(projection):
    assert [about.name for about in columns(projection.row)] == CONTRACT[projection.name]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_a_row_with_personal_text_says_whose_it_is_e14(projection):
    names = [about.name for about in columns(projection.row)]
    assert bool(projection.personal) == ("person" in names)


def test_every_projection_is_named_once():
    names = [one.name for one in PROJECTIONS]
    assert len(set(names)) == len(names)
    assert [projection_named(name) for name in names] == list(PROJECTIONS)


def test_an_unknown_projection_is_refused_with_those_there_are():
    with pytest.raises(LookupError, match="dim_tickets"):
        projection_named("dim_cases")
