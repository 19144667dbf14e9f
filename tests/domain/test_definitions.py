"""Definitions: versions that never change, and which of them judges at an instant (design section 4)."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.definitions import (
    NO_DEFINITIONS,
    DefinitionDrafted,
    DefinitionEvent,
    DefinitionPublished,
    DefinitionRetired,
    Definitions,
    History,
    Kind,
    definition_stream,
    draft,
    evolve,
    identity,
    is_key,
    publish,
    retire,
)
from domain.documents import Mistaken
from domain.instant import Instant
from domain.refusals import (
    DefinitionAlreadyPublished,
    DefinitionIsRetired,
    DefinitionMistaken,
    DefinitionNotFound,
    DefinitionSuperseded,
    DefinitionVersionUnknown,
    Refusal,
    Refused,
    StatusInDefinition,
    StatusInUse,
    ValidFromInPast,
)
from domain.statuses import BUILT_IN, StatusDefined, StatusRetired
from domain.statuses import evolve as after_status
from domain.statuses import retire as retire_status
from domain.values import StatusType
from tests.examples import moment

VIEW = Kind.VIEW


def view(key: str = "mine", **changes: Any) -> dict[str, Any]:
    return {"kind": "view", "key": key, "name": "Mine", "columns": ["ticket_id"], **changes}


def blueprint(key: str = "refund", closing: str = "Closed", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "blueprint",
        "key": key,
        "name": "Refunds",
        "department": "Billing",
        "states": [
            {"name": "Requested", "status": "Open", "start": True},
            {"name": "Paid", "status": closing, "end": True},
        ],
        "transitions": [{"name": "Pay", "from": "Requested", "to": "Paid", "owners": "any_agent"}],
        **changes,
    }


def drafted(version: int = 1, **changes: Any) -> DefinitionDrafted:
    return DefinitionDrafted(VIEW, "mine", version, view(**changes))


def published(version: int = 1, **units: float) -> DefinitionPublished:
    return DefinitionPublished(VIEW, "mine", version, moment(**units))


RETIRED = DefinitionRetired(VIEW, "mine")


def after(*events: tuple[float, DefinitionEvent]) -> History:
    """The history after events, each so many minutes after Monday nine."""
    history = None
    for minutes, event in events:
        history = evolve(history, event, moment(minutes=minutes))
    assert history is not None
    return history


def refused(decide: Any) -> Sequence[Refusal]:
    with pytest.raises(Refused) as caught:
        decide()
    return caught.value.reasons


# Drafts


def test_the_first_draft_is_version_1_and_the_next_differing_one_2():
    first = draft(None, VIEW, "mine", view(), BUILT_IN)
    assert first == [DefinitionDrafted(VIEW, "mine", 1, view())]
    history = after((0, first[0]))
    assert draft(history, VIEW, "mine", view(name="Ours"), BUILT_IN) == [
        DefinitionDrafted(VIEW, "mine", 2, view(name="Ours"))
    ]


def test_the_document_of_the_latest_version_again_is_no_change():
    history = after((0, drafted()), (1, drafted(2, name="Ours")))
    again = dict(reversed(view(name="Ours").items()))
    assert draft(history, VIEW, "mine", again, BUILT_IN) == []
    assert draft(history, VIEW, "mine", view(), BUILT_IN) == [drafted(3)]


def test_true_is_another_document_than_1():
    def asks(value: object) -> dict[str, Any]:
        return view(condition={"field": "fields.vip", "operator": "is", "value": value})

    history = after((0, DefinitionDrafted(VIEW, "mine", 1, asks(True))))
    assert len(draft(history, VIEW, "mine", asks(1), BUILT_IN)) == 1


def test_every_mistake_is_refused_at_once_by_its_place():
    wrong = view(columns=["ticket_id", "colour"], order="first", extra=1)
    del wrong["name"]
    reasons = refused(lambda: draft(None, VIEW, "mine", wrong, BUILT_IN))
    assert all(isinstance(reason, DefinitionMistaken) for reason in reasons)
    assert sorted(str(reason.facts["place"]) for reason in reasons) == ["columns[1]", "extra", "name", "order"]


@pytest.mark.parametrize(
    ("document", "places"),
    [
        (view(key="other"), ["key"]),
        (view(kind="blueprint"), ["kind"]),
        ({}, ["key", "kind", "name"]),
        (view() | {"key": 7}, ["key"]),
    ],
)
def test_a_document_for_another_definition_is_refused(document, places):
    reasons = refused(lambda: draft(None, VIEW, "mine", document, BUILT_IN))
    assert {str(reason.facts["place"]) for reason in reasons} >= set(places)


def test_a_saved_view_does_not_take_the_key_of_a_built_in_one():
    (reason,) = refused(lambda: draft(None, VIEW, "overdue", view("overdue"), BUILT_IN))
    assert reason == DefinitionMistaken("key", "is the key of a built-in view; take another")


def test_each_state_of_a_blueprint_has_a_status_of_the_catalogue():
    """F-103."""
    (reason,) = refused(lambda: draft(None, Kind.BLUEPRINT, "refund", blueprint(closing="Paid"), BUILT_IN))
    assert reason == DefinitionMistaken(
        "states[1].status", "there is no status 'Paid'; the statuses are Open, On Hold, Escalated, Closed"
    )
    wider = after_status(BUILT_IN, StatusDefined("Paid", StatusType.CLOSED))
    assert len(draft(None, Kind.BLUEPRINT, "refund", blueprint(closing="Paid"), wider)) == 1


@pytest.mark.parametrize("key", ["a", "a-b_9", "x" * 64])
def test_a_key_is_1_to_64_plain_characters(key):
    assert is_key(key)
    assert definition_stream(VIEW, key) == f"definition:view:{key}"


@pytest.mark.parametrize("key", ["", "A", "9a", "_a", "a b", "a:b", "x" * 65, "a\n", "ä"])
def test_nothing_else_is_a_key(key):
    assert not is_key(key)


def test_a_document_says_what_it_is():
    assert identity(view()) == (VIEW, "mine")
    nothing_known: list[object] = [[], None, {"kind": "macro", "key": "a"}, {"kind": "view"}]
    for foreign in nothing_known:
        with pytest.raises(Mistaken):
            identity(foreign)


# Publication


def test_a_version_is_published_at_once_or_for_an_instant_to_come():
    history, at = after((0, drafted())), moment(minutes=5)
    assert publish(history, VIEW, "mine", 1, None, BUILT_IN, at) == [published(minutes=5)]
    assert publish(history, VIEW, "mine", 1, at, BUILT_IN, at) == [published(minutes=5)]
    assert publish(history, VIEW, "mine", 1, moment(days=1), BUILT_IN, at) == [published(days=1)]


def test_a_valid_from_in_the_past_is_refused():
    early, at = moment(minutes=4), moment(minutes=5)
    reasons = refused(lambda: publish(after((0, drafted())), VIEW, "mine", 1, early, BUILT_IN, at))
    assert reasons == (ValidFromInPast(early, at),)


def test_what_does_not_exist_is_not_published_or_retired():
    at = moment()
    missing = (DefinitionNotFound("view", "mine"),)
    assert refused(lambda: publish(None, VIEW, "mine", 1, None, BUILT_IN, at)) == missing
    assert refused(lambda: retire(None, VIEW, "mine")) == missing
    history = after((0, drafted()), (1, drafted(2, name="Ours")))
    for version in (0, 3):
        assert refused(lambda version=version: publish(history, VIEW, "mine", version, None, BUILT_IN, at)) == (
            DefinitionVersionUnknown("view", "mine", version, "1, 2"),
        )


def test_a_version_is_published_once():
    history = after((0, drafted()), (1, published(minutes=1)))
    assert refused(lambda: publish(history, VIEW, "mine", 1, None, BUILT_IN, moment(minutes=2))) == (
        DefinitionAlreadyPublished("view", "mine", 1, moment(minutes=1)),
    )


def test_an_older_version_than_the_published_one_is_drafted_anew():
    history = after((0, drafted()), (1, drafted(2, name="Ours")), (2, published(2, minutes=2)))
    assert refused(lambda: publish(history, VIEW, "mine", 1, None, BUILT_IN, moment(minutes=3))) == (
        DefinitionSuperseded("view", "mine", 1, 2),
    )


def test_statuses_are_checked_again_at_publication_and_all_reasons_are_said():
    history = after((0, DefinitionDrafted(Kind.BLUEPRINT, "refund", 1, blueprint(closing="Escalated"))))
    fewer = after_status(BUILT_IN, StatusRetired("Escalated"))
    at = moment(minutes=5)
    reasons = refused(lambda: publish(history, Kind.BLUEPRINT, "refund", 1, moment(), fewer, at))
    assert [reason.code for reason in reasons] == ["valid_from_in_past", "definition_mistaken"]


# Which version judges


def judges(history: History, minutes: float) -> int | None:
    """The version in force, asked of the collection of everything."""
    found = NO_DEFINITIONS.with_history(history).in_force(VIEW, moment(minutes=minutes))
    return found[0].version if found else None


def test_a_draft_judges_nothing():
    assert judges(after((0, drafted())), 100) is None


def test_a_version_judges_from_its_valid_from_on():
    history = after((0, drafted()), (1, published(minutes=10)))
    assert [judges(history, minutes) for minutes in (1, 9.999, 10, 99)] == [None, None, 1, 1]


def test_a_later_version_takes_over_and_the_past_keeps_its_judge():
    history = after((0, drafted()), (1, published(minutes=1)), (2, drafted(2, order=1)), (3, published(2, minutes=5)))
    assert [judges(history, minutes) for minutes in (0, 1, 4, 5)] == [None, 1, 1, 2]


def test_of_two_versions_from_one_instant_the_later_published_judges():
    history = after((0, drafted()), (1, published(minutes=5)), (2, drafted(2, order=1)), (3, published(2, minutes=5)))
    assert judges(history, 5) == 2


def test_retirement_ends_every_version_also_one_to_come():
    history = after(
        (0, drafted()),
        (1, published(minutes=1)),
        (2, drafted(2, order=1)),
        (3, published(2, minutes=9)),
        (5, RETIRED),
    )
    assert [judges(history, minutes) for minutes in (4, 5, 9, 99)] == [1, None, None, None]


def test_a_draft_after_retirement_takes_the_definition_up_again():
    history = after((0, drafted()), (1, published(minutes=1)), (5, RETIRED))
    assert history.retired_at == moment(minutes=5)
    # The same document is a new version now: the old one is gone for good.
    assert draft(history, VIEW, "mine", view(), BUILT_IN) == [drafted(2)]
    again = evolve(history, drafted(2), moment(minutes=6))
    assert judges(again, 7) is None
    again = evolve(again, published(2, minutes=8), moment(minutes=8))
    assert again.retired_at is None
    assert [judges(again, minutes) for minutes in (1, 5, 7, 8)] == [1, None, None, 2]


def test_a_version_from_before_the_retirement_is_not_published():
    history = after((0, drafted()), (1, RETIRED), (2, drafted(2)))
    assert refused(lambda: publish(history, VIEW, "mine", 1, None, BUILT_IN, moment(minutes=3))) == (
        DefinitionIsRetired("view", "mine"),
    )
    assert len(publish(history, VIEW, "mine", 2, None, BUILT_IN, moment(minutes=3))) == 1


def test_what_is_retired_is_not_retired_again():
    assert retire(after((0, drafted())), VIEW, "mine") == [RETIRED]
    assert refused(lambda: retire(after((0, drafted()), (1, RETIRED)), VIEW, "mine")) == (
        DefinitionIsRetired("view", "mine"),
    )


def test_versions_stay_readable_whatever_became_of_them():
    """A ticket stays with the version that it is pinned to."""
    history = after((0, drafted(name="Old")), (1, published(minutes=1)), (2, drafted(2)), (3, RETIRED))
    everything = NO_DEFINITIONS.with_history(history)
    assert everything.version(VIEW, "mine", 1).name == "Old"
    assert everything.version(VIEW, "mine", 2).name == "Mine"
    for kind, key, number in ((VIEW, "mine", 3), (VIEW, "mine", 0), (VIEW, "yours", 1), (Kind.BLUEPRINT, "mine", 1)):
        assert everything.version(kind, key, number) is None


def test_what_is_in_force_stands_in_the_order_of_the_documents_then_of_the_keys():
    everything = NO_DEFINITIONS
    for key, order in (("b", 100), ("a", None), ("c", 7)):
        document = view(key) if order is None else view(key, order=order)
        history = evolve(None, DefinitionDrafted(VIEW, key, 1, document), moment())
        everything = everything.with_history(evolve(history, DefinitionPublished(VIEW, key, 1, moment()), moment()))
    assert [found.key for found in everything.in_force(VIEW, moment())] == ["c", "a", "b"]
    assert everything.in_force(Kind.SLA_POLICY, moment()) == ()


def test_definitions_never_change_in_place():
    before = NO_DEFINITIONS.with_history(after((0, drafted()), (1, published(minutes=1))))
    later = before.with_history(after((0, drafted()), (1, published(minutes=1)), (2, RETIRED)))
    assert len(before.in_force(VIEW, moment(minutes=3))) == 1
    assert later.in_force(VIEW, moment(minutes=3)) == ()
    assert Definitions() == NO_DEFINITIONS


def test_a_stored_document_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="view mine version 1 cannot be read: columns"):
        evolve(None, DefinitionDrafted(VIEW, "mine", 1, view(columns=[])), moment())


MINUTES = st.integers(0, 6)
STEPS = st.lists(st.tuples(st.sampled_from(["draft", "publish", "retire"]), MINUTES, MINUTES), max_size=10)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_the_collection_gives_what_a_plain_search_through_the_events_gives(steps):
    """The turns that are found by bisection are those of the rule, read literally, at every instant."""
    history: History | None = None
    told: list[tuple[int, DefinitionEvent]] = []
    now = 0
    for what, wait, ahead in steps:
        now += wait
        at, number = moment(minutes=now), 0 if history is None else len(history.versions)
        try:
            match what:
                case "draft":
                    events = draft(history, VIEW, "mine", view(order=number), BUILT_IN)
                case "publish":
                    valid_from = moment(minutes=now + ahead)
                    events = publish(history, VIEW, "mine", number, valid_from, BUILT_IN, at)
                case _:
                    events = retire(history, VIEW, "mine")
        except Refused:
            continue
        for event in events:
            told.append((now, event))
            history = evolve(history, event, at)
    everything = NO_DEFINITIONS if history is None else NO_DEFINITIONS.with_history(history)
    for minute in range(now + 8):
        found = everything.in_force(VIEW, moment(minutes=minute))
        assert [one.version for one in found] == plainly(told, moment(minutes=minute))


def plainly(told: Sequence[tuple[int, DefinitionEvent]], at: Instant) -> list[int]:
    """The version in force: published, valid, with no retirement behind its draft that has come; the latest valid."""
    valid: list[tuple[Instant, int]] = []
    for place, (_, event) in enumerate(told):
        if isinstance(event, DefinitionPublished) and event.valid_from <= at:
            begun = next(
                number
                for number, (_, other) in enumerate(told)
                if isinstance(other, DefinitionDrafted) and other.version == event.version
            )
            ends = [minute for minute, other in told[begun:] if isinstance(other, DefinitionRetired)]
            if not any(moment(minutes=minute) <= at for minute in ends):
                valid.append((event.valid_from, place))
    if not valid:
        return []
    judge = told[max(valid)[1]][1]
    assert isinstance(judge, DefinitionPublished)
    return [judge.version]


# Statuses


def in_force(*documents: dict[str, Any], **units: float) -> Definitions:
    """Blueprints that were published at Monday nine, valid so much later."""
    everything = NO_DEFINITIONS
    for document in documents:
        key = document["key"]
        history = evolve(None, DefinitionDrafted(Kind.BLUEPRINT, key, 1, document), moment())
        event = DefinitionPublished(Kind.BLUEPRINT, key, 1, moment(**units))
        everything = everything.with_history(evolve(history, event, moment()))
    return everything


def test_the_statuses_of_a_blueprint_are_in_use_from_its_publication_on():
    """F-46: also before it is valid, or it would come into force on a status that is gone."""
    used = {"Open": "blueprint:refund@1", "Closed": "blueprint:refund@1"}
    assert in_force(blueprint()).statuses_used(moment()) == used
    assert in_force(blueprint(), days=1).statuses_used(moment()) == used
    assert NO_DEFINITIONS.statuses_used(moment()) == {}


def test_a_retired_blueprint_uses_no_status():
    everything = in_force(blueprint())
    history = everything.history(Kind.BLUEPRINT, "refund")
    gone = evolve(history, DefinitionRetired(Kind.BLUEPRINT, "refund"), moment(hours=1))
    assert everything.with_history(gone).statuses_used(moment(hours=1)) == {}


def test_a_status_that_a_blueprint_uses_is_not_retired():
    """F-46, F-103; with every other reason beside it."""
    by = "blueprint:refund@1"
    assert refused(lambda: retire_status(BUILT_IN, "Escalated", 2, by)) == (
        StatusInUse("Escalated", 2),
        StatusInDefinition("Escalated", by),
    )
    assert retire_status(BUILT_IN, "Escalated", 0, None) == [StatusRetired("Escalated")]
