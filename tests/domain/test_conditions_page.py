"""The reference page of conditions says what the code says."""

import re
from pathlib import Path

import pytest
import yaml

from domain.conditions import FIELDS, OPERATORS, FieldKind, Operator, read_condition
from domain.conditions.reading import DEEPEST
from domain.documents import Reading
from domain.ticket.subject import TICKET_FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "conditions.md").read_text()
OF_EMPTY = {True: "holds", False: "does not hold", None: "compared like any other"}


def rows(section: str) -> list[list[str]]:
    """The cells of the table in a section of the page, its head left out."""
    part = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"][2:]


def kinds(operator: Operator) -> str:
    every = operator.kinds == frozenset(FieldKind)
    named = "any" if every else ", ".join(kind for kind in FieldKind if kind in operator.kinds)
    return named + (", `priority`" if operator.ranks else "")


def test_the_page_has_every_field_with_its_kind_and_where_it_is_known():
    assert [row[:3] for row in rows("Fields")] == [
        [f"`{name}`", kind, "everywhere" if name in TICKET_FIELDS else "views"] for name, kind in FIELDS.items()
    ]


def test_every_field_has_a_meaning():
    assert all(row[3].endswith(".") for row in rows("Fields"))


def test_the_page_has_every_operator_with_its_kinds_its_value_its_rule_and_what_holds_of_empty_values():
    assert rows("Operators") == [
        [f"`{known.name}`", kinds(known), known.takes, known.line, OF_EMPTY[known.of_empty]]
        for known in OPERATORS.values()
    ]


def test_the_page_says_how_deep_conditions_go():
    assert f"up to {DEEPEST} deep" in PAGE


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_an_example_of_the_page_is_a_condition(example):
    reading = Reading(yaml.safe_load(example))
    condition = read_condition(reading.root, changes=False, time=True)
    reading.finish()
    assert condition.document == yaml.safe_load(example)
