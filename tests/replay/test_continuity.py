"""Events that contradict those before them are told: blueprints, clocks, adoption, definitions (E-07)."""

from types import SimpleNamespace
from typing import Any

import pytest

from replay.continuity import STEPS, Course

REFUND = {"blueprint": "refund", "version": 2}
GOLD = {"policy": "gold", "version": 3}


def course(**slots: Any) -> Course:
    made = Course()
    for name, value in {"blueprint": None, "sla": None, "is_imported": False, **slots}.items():
        setattr(made, name, value)
    return made


def told(before: Course, name: str, **fields: Any) -> str | None:
    return STEPS[name](before, SimpleNamespace(**fields))


def test_a_way_through_a_blueprint_and_under_a_policy_contradicts_nothing() -> None:
    ticket = course()
    assert told(ticket, "blueprint.entered", **REFUND, state="Asked") is None
    assert told(ticket, "state.limit_due_set", **REFUND, state="Asked") is None
    assert told(ticket, "transition.performed", **REFUND, from_state="Asked", to_state="Checked") is None
    assert told(ticket, "state.forced", **REFUND, from_state="Checked", to_state="Paid") is None
    assert told(ticket, "state.limit_violated", **REFUND, state="Paid") is None
    assert told(ticket, "blueprint.completed", **REFUND, state="Paid") is None
    assert told(ticket, "blueprint.entered", **REFUND, state="Asked") is None
    assert told(ticket, "sla.applied", **GOLD) is None
    assert told(ticket, "response.due_set", **GOLD) is None
    assert told(ticket, "resolution.violated", **GOLD) is None
    assert told(ticket, "sla.released", **GOLD) is None


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("blueprint.entered", {**REFUND, "state": "Asked"}),
        ("blueprint.left", {**REFUND, "state": "Paid"}),
        ("blueprint.revoked", {"blueprint": "refund", "version": 1, "state": "Asked"}),
        ("transition.performed", {**REFUND, "from_state": "Paid", "to_state": "Asked"}),
        ("state.limit_violated", {**REFUND, "state": "Paid"}),
        ("sla.released", {"policy": "gold", "version": 2}),
        ("response.met", {"policy": "silver", "version": 3}),
        ("ticket.adopted", {"number": 1}),
    ],
)
def test_what_is_about_another_state_or_policy_is_told(name: str, fields: dict[str, Any]) -> None:
    assert told(course(blueprint=("refund", 2, "Asked"), sla=("gold", 3)), name, **fields) is not None


@pytest.mark.parametrize("name", ["blueprint.left", "state.limit_due_set", "blueprint.completed"])
def test_nothing_happens_in_a_blueprint_that_was_not_entered(name: str) -> None:
    assert "in no blueprint" in str(told(course(), name, **REFUND, state="Asked"))


def test_an_import_is_adopted_once() -> None:
    ticket = course(is_imported=True)
    assert told(ticket, "ticket.adopted", number=1) is None
    assert told(ticket, "ticket.adopted", number=2) is not None


def test_versions_of_a_definition_follow_on_each_other_and_only_drafts_are_published() -> None:
    definition = Course()
    assert told(definition, "definition.retired") is not None
    assert told(definition, "definition.published", version=1) is not None
    assert told(definition, "definition.drafted", version=1) is None
    assert told(definition, "definition.published", version=1) is None
    assert told(definition, "definition.drafted", version=3) is not None
    assert told(definition, "definition.retired") is None
