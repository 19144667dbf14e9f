"""A condition that was read: whether it holds of a subject, and why not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from domain.conditions.comparisons import Test
from domain.conditions.fields import FieldKind, Subject
from domain.conditions.operators import Needs, Operator, Takes
from domain.conditions.wording import in_words, sentence
from domain.documents import Document

Join: TypeAlias = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class ExplainedClause:
    """What one clause found."""

    holds: bool
    field: str
    operator: str
    value: object
    """The value as the document has it; None for an operator without one."""
    actual: str
    """The subject's value in words, `"low"`, `12`, `empty`. It may repeat what a person wrote."""
    sentence: str
    """What is so, `priority is "low", not one of "high", "urgent"`. It never repeats personal text (E-14)."""


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """What the parts of an `all` or `any` found. A condition that always holds is an `all` without parts."""

    holds: bool
    join: Join
    parts: tuple["Explained", ...]


Explained: TypeAlias = ExplainedClause | ExplainedGroup


class Clause(NamedTuple):
    """One field, one operator and the value that the document names, read and right."""

    field: str
    kind: FieldKind
    operator: Operator
    value: Any


class Group(NamedTuple):
    """Parts of which all must hold, or any."""

    join: Join
    parts: tuple["Tree", ...]


Tree: TypeAlias = Clause | Group


@dataclass(frozen=True, slots=True)
class Condition:
    """A tree of clauses. Two are equal where their documents are."""

    document: Document | None = field(compare=False)
    """Plain JSON that reads back to an equal condition: a clause's keys in the order field, operator, value, and the
    values as written. None: it always holds."""
    canonical: str = field(repr=False)
    """The document as JSON text."""
    fields: frozenset[str]
    """The fields it asks a subject for."""
    uses_change: bool
    """Whether it asks what was before the change."""
    uses_time: bool
    """Whether time alone can change its answer."""
    holds: Test = field(compare=False, repr=False)
    """Whether it holds of a subject. It never raises, whatever the values are."""
    explain: Callable[[Subject], Explained] = field(compare=False, repr=False)
    """Whether it holds of a subject and what each part found, in a tree of the same shape. It never raises."""

    def failures(self, subject: Subject) -> list[str]:
        """The sentences of the clauses that keep it from holding, in their order; none where it holds.

        Of an `any` these are all its clauses, any one of which would do.
        """
        return list(_failures(self.explain(subject)))


def condition_of(tree: Tree) -> Condition:
    """The condition that a tree says."""
    clauses = list(_clauses(tree))
    document = _document(tree)
    return Condition(
        document=document,
        canonical=json.dumps(document, ensure_ascii=False),
        fields=frozenset(clause.field for clause in clauses),
        uses_change=any(clause.operator.needs is Needs.CHANGE for clause in clauses),
        uses_time=any(clause.operator.needs is Needs.TIME for clause in clauses),
        holds=_test(tree),
        explain=_explanation(tree),
    )


def _clauses(tree: Tree) -> Iterator[Clause]:
    if isinstance(tree, Clause):
        yield tree
    else:
        for part in tree.parts:
            yield from _clauses(part)


def _document(tree: Tree) -> Document:
    if isinstance(tree, Group):
        return {tree.join: [_document(part) for part in tree.parts]}
    document = {"field": tree.field, "operator": tree.operator.name}
    return document if tree.operator.takes is Takes.NOTHING else {**document, "value": tree.value}


def _test(tree: Tree) -> Test:
    if isinstance(tree, Clause):
        return tree.operator.compile(tree.field, tree.kind, tree.value)
    tests = tuple(_test(part) for part in tree.parts)
    if len(tests) == 1:
        return tests[0]
    # Loops, because a condition is asked at every command and of every ticket of a view, and a generator takes longer.
    if tree.join == "all":

        def all_hold(subject: Subject) -> bool:
            for test in tests:  # noqa: SIM110
                if not test(subject):
                    return False
            return True

        return all_hold

    def any_holds(subject: Subject) -> bool:
        for test in tests:  # noqa: SIM110
            if test(subject):
                return True
        return False

    return any_holds


def _explanation(tree: Tree) -> Callable[[Subject], Explained]:
    if isinstance(tree, Group):
        return _explanation_of_group(tree)
    name, kind, operator, value = tree
    test = _test(tree)

    def explain(subject: Subject) -> ExplainedClause:
        holds = test(subject)
        return ExplainedClause(
            holds=holds,
            field=name,
            operator=operator.name,
            value=value,
            actual=in_words(kind, subject.value(name)),
            sentence=sentence(name, kind, operator.name, value, subject, holds),
        )

    return explain


def _explanation_of_group(group: Group) -> Callable[[Subject], Explained]:
    join = group.join
    explanations = tuple(_explanation(part) for part in group.parts)
    joined = all if join == "all" else any

    def explain(subject: Subject) -> ExplainedGroup:
        parts = tuple(explanation(subject) for explanation in explanations)
        return ExplainedGroup(joined(part.holds for part in parts), join, parts)

    return explain


def _failures(explained: Explained) -> Iterator[str]:
    if explained.holds:
        return
    if isinstance(explained, ExplainedClause):
        yield explained.sentence
    else:
        for part in explained.parts:
            yield from _failures(part)


ALWAYS: Final = Condition(
    document=None,
    canonical="null",
    fields=frozenset(),
    uses_change=False,
    uses_time=False,
    holds=lambda _: True,
    explain=lambda _: ExplainedGroup(True, "all", ()),
)
"""The condition of nothing written."""
