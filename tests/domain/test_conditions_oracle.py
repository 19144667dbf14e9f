"""The condition language against an evaluator that knows no code of ours (design section 4, F-69, F-88, F-105).

Random documents of every kind, operator and depth meet random tickets; what the engine decides, explains and names must
be what the oracle decides. The run is the same every time; DESKLEDGER_SEED names another one, DESKLEDGER_EXAMPLES its
length.
"""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from domain.conditions import ALWAYS, Condition, Explained, ExplainedClause, ExplainedGroup, read_condition
from domain.documents import Mistaken, Reading
from tests.domain import conditions_oracle as oracle
from tests.domain.conditions_oracle import BOOLEANS, INSTANTS, LABELS, NUMBERS, PRIORITIES, SETS, TEXTS, Seen

SEED = int(os.environ.get("DESKLEDGER_SEED", "0"))
EXAMPLES = int(os.environ.get("DESKLEDGER_EXAMPLES", "1800"))
TICKETS_EACH = 2
AT = datetime.fromisoformat("2026-06-03T12:00:00+00:00")

LENGTHS = {"1s": 1, "30m": 1_800, "48h": 172_800, "2h 1s": 7_201, "1d 12h": 129_600}
WORDS = (
    "Fire",
    "fire",
    "f\u00cdr\u00c9",
    "STRASSE",
    "stra\u00dfe",
    "\u0130stanbul",
    "istanbul",
    "e\u0301",
    "\u00e9",
    "a b",
    "\ufb01re",
)
NAMES = ("Open", "open", "ana", "Tier 1", "ANA", "P1", "\u00c5ngstr\u00f6m", "A\u030angstr\u00f6m", "high", "low")
TAGS = ("vip", "VIP", "\u00fcber", "u\u0308ber")
COUNTS = (0, 1, 2, 3, 2**40)
DECIMALS = ("12.50", "12.5", "0", "-3", "3", "3.000", "0.1", "1000000000000.000001")
CUSTOM = ("fields.floor", "fields.Caf\u00e9 no.")


def text_of(moment: datetime) -> str:
    """As the log writes an instant."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# Instants that a condition names, and each of the edges that a length of time or a named instant can have.
NAMED = tuple(AT + timedelta(hours=hours) for hours in (-48, -1, 0, 1))
EDGES = tuple(
    text_of(edge + step)
    for edge in (*NAMED, *(AT - timedelta(seconds=seconds) for seconds in LENGTHS.values()))
    for step in (timedelta(microseconds=-1), timedelta(), timedelta(microseconds=1))
)

words = st.sampled_from(WORDS)
names = st.sampled_from(NAMES)
priorities = st.sampled_from(PRIORITIES)
numbers = st.sampled_from((*COUNTS, *DECIMALS))
lengths = st.sampled_from(tuple(LENGTHS))
tag_lists = st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True)
moments = st.sampled_from(
    (*(text_of(moment) for moment in NAMED), *(moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in NAMED))
) | st.sampled_from(tuple((moment + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00") for moment in NAMED))


def clause(fields: Any, operators: tuple[str, ...], values: Any = None) -> st.SearchStrategy[dict[str, Any]]:
    """Clauses about one of the fields, with one of the operators and a value where the operators take one."""
    parts = {"field": st.sampled_from(fields), "operator": st.sampled_from(operators)}
    return st.fixed_dictionaries({**parts, "value": values} if values is not None else parts)


def lists(values: Any) -> Any:
    return st.lists(values, min_size=1, max_size=3, unique_by=repr)


EXACT, ONE_OF, CHANGED_BY = ("is", "is_not"), ("in", "not_in"), ("changed_from", "changed_to")
IN_TEXT = ("contains", "not_contains", "starts_with", "ends_with")
RANKS = ("less_than", "at_most", "greater_than", "at_least")
EVERY = (*LABELS, *TEXTS, *NUMBERS, *INSTANTS, *BOOLEANS, *SETS, *CUSTOM)
CLAUSES = (
    clause(EVERY, ("is_empty", "is_not_empty", "changed")),
    clause(LABELS, (*EXACT, *CHANGED_BY), names),
    clause(("priority",), (*EXACT, *RANKS, *CHANGED_BY), priorities),
    clause(LABELS, ONE_OF, lists(names)),
    clause(("priority",), ONE_OF, lists(priorities)),
    clause((*LABELS, *TEXTS, *CUSTOM), IN_TEXT, words),
    clause(TEXTS, CHANGED_BY, words),
    clause(NUMBERS, (*EXACT, *RANKS, *CHANGED_BY), numbers),
    clause(NUMBERS, ONE_OF, lists(numbers)),
    clause(INSTANTS, ("before", "after", *CHANGED_BY), moments),
    clause((*INSTANTS, *CUSTOM), ("older_than", "newer_than"), lengths),
    clause(BOOLEANS, ("is", *CHANGED_BY), st.booleans()),
    clause(SETS, ("includes_any", "includes_all", "includes_none"), tag_lists),
    clause(CUSTOM, (*EXACT, *CHANGED_BY), words | numbers | st.booleans()),
    clause(CUSTOM, ONE_OF, lists(words | numbers)),
    clause(CUSTOM, RANKS, numbers),
    clause(CUSTOM, ("before", "after"), moments),
)


def grouped(parts: Any) -> Any:
    join = st.sampled_from(("all", "any"))
    return st.builds(lambda join, parts: {join: parts}, join, st.lists(parts, min_size=1, max_size=3))


documents = st.none() | st.recursive(st.one_of(CLAUSES), grouped, max_leaves=8)

custom_values = st.one_of(
    st.tuples(st.just("text"), st.sampled_from((*WORDS, "12.50", "3", "true", EDGES[0], ""))),
    st.tuples(st.just("integer"), st.sampled_from(("0", "3", "-3", "1099511627776"))),
    st.tuples(st.just("decimal"), st.sampled_from(DECIMALS)),
    st.tuples(st.just("boolean"), st.sampled_from(("true", "false"))),
    st.tuples(st.just("instant"), st.sampled_from(EDGES)),
)
OF_KIND = (
    (LABELS, st.sampled_from((*NAMES, *PRIORITIES))),
    (TEXTS, st.sampled_from((*WORDS, "A Fire, a Stra\u00dfe", ""))),
    (NUMBERS, st.sampled_from(COUNTS)),
    (INSTANTS, st.sampled_from(EDGES)),
    (BOOLEANS, st.booleans()),
    (SETS, st.lists(st.sampled_from(TAGS), max_size=3, unique=True).map(lambda tags: tuple(sorted(tags)))),
    (CUSTOM, custom_values),
)
VALUES = {name: values for fields, values in OF_KIND for name in fields}


@st.composite
def tickets(draw: Any, fields: tuple[str, ...]) -> Seen:
    """A ticket with a value now and one before in each of the fields, or none; often it did not change."""
    now, earlier = {}, {}
    for name in fields:
        now[name] = draw(st.none() | VALUES[name])
        earlier[name] = draw(st.just(now[name]) | st.none() | VALUES[name])
    return Seen(text_of(AT), now, earlier)


def read(document: Any, *, changes: bool = True, time: bool = True) -> Condition:
    """The condition of a document; Mistaken where it is none."""
    reading = Reading(document)
    condition = read_condition(reading.root, changes=changes, time=time)
    reading.finish()
    return condition


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_condition_holds_where_the_oracle_says_so_and_explains_it(data):
    """F-69, F-105; each example asks a document about several tickets."""
    document = data.draw(documents)
    condition = read(document)
    again = read(condition.document)
    assert again.document == condition.document
    assert condition.fields == oracle.named(document)
    assert condition.uses_change == bool(oracle.operators(document) & {*oracle.CHANGES})
    fields = tuple(sorted(oracle.named(document)))
    for _ in range(TICKETS_EACH):
        ticket = data.draw(tickets(fields))
        expected = oracle.holds(document, ticket)
        assert condition.holds(ticket) is expected
        assert again.holds(ticket) is expected
        assert (condition.failures(ticket) == []) is expected
        assert oracle.holds(condition.document, ticket) is expected
        assert_explained(condition.explain(ticket), condition.document, ticket)


def assert_explained(explained: Explained, document: Any, ticket: Seen) -> None:
    """Each node of the explanation says what the oracle says of its node of the canonical document."""
    assert explained.holds is oracle.holds(document, ticket)
    if isinstance(explained, ExplainedClause):
        assert (explained.field, explained.operator) == (document["field"], document["operator"])
        assert explained.value == document.get("value")
        assert explained.sentence
        return
    assert isinstance(explained, ExplainedGroup)
    parts = [] if document is None else document[explained.join]
    assert len(explained.parts) == len(parts)
    for part, of_document in zip(explained.parts, parts, strict=True):
        assert_explained(part, of_document, ticket)


@seed(SEED)
@settings(max_examples=EXAMPLES // 6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(document=documents)
def test_where_there_is_no_before_or_no_clock_only_such_conditions_are_refused(document):
    """F-88, and a saved view has no before."""
    used = oracle.operators(document)
    for changes, time in ((False, True), (True, False), (False, False)):
        barred = ({*oracle.CHANGES} if not changes else set()) | ({*oracle.AGES} if not time else set())
        if used & barred:
            with pytest.raises(Mistaken):
                read(document, changes=changes, time=time)
        else:
            assert read(document, changes=changes, time=time).fields == oracle.named(document)


def test_nothing_is_a_condition_that_always_holds():
    ticket = Seen(text_of(AT))
    for condition in (ALWAYS, read(None), read_condition(None, changes=True, time=True)):
        assert condition.holds(ticket)
        assert condition.failures(ticket) == []
        assert condition.explain(ticket).holds
        assert condition.document is None


def test_groups_nest_up_to_twenty_deep():
    document: Any = {"field": "status", "operator": "is", "value": "Open"}
    for depth in range(1, 21):
        document = {"all" if depth % 2 else "any": [document]}
    assert read(document).holds(Seen(text_of(AT), {"status": "Open"}))
    with pytest.raises(Mistaken):
        read({"all": [document]})


@pytest.mark.parametrize(
    ("seconds", "microseconds", "is_old"), [(172_800, -1, True), (172_800, 0, True), (172_800, 1, False)]
)
def test_an_instant_is_older_than_a_length_of_time_from_exactly_then_on(seconds, microseconds, is_old):
    """F-70: a ticket appears at 48 hours."""
    acted = text_of(AT - timedelta(seconds=seconds) + timedelta(microseconds=microseconds))
    ticket = Seen(text_of(AT), {"last_action_at": acted})
    for operator, expected in (("older_than", is_old), ("newer_than", not is_old)):
        document = {"field": "last_action_at", "operator": operator, "value": "48h"}
        assert read(document).holds(ticket) is expected
        assert oracle.holds(document, ticket) is expected


@pytest.mark.parametrize(
    "document",
    [
        {"all": []},
        {"any": []},
        {"field": "colour", "operator": "is", "value": "red"},
        {"field": "subject", "operator": "older_than", "value": "1h"},
        {"field": "number", "operator": "is", "value": 1.5},
        {"field": "fields.floor", "operator": "at_least", "value": 12.5},
        {"field": "status", "operator": "is"},
        {"field": "status", "operator": "is_empty", "value": "Open"},
        {"field": "status", "operator": "in", "value": []},
        {"field": "status", "operator": "is", "value": "Open", "note": "x"},
        {"field": "is_deleted", "operator": "is", "value": "true"},
        {"field": "last_action_at", "operator": "before", "value": "yesterday"},
        {"field": "priority", "operator": "at_least", "value": "P1"},
        {"all": [{"field": "status", "operator": "is", "value": "Open"}], "any": []},
    ],
)
def test_what_is_no_condition_is_refused(document):
    with pytest.raises(Mistaken):
        read(document)
