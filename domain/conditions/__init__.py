"""Conditions: one language for blueprint entry, transition guards, SLA policies and views (design section 4).

`read_condition` reads a tree of `all`, `any` and clauses once; the `Condition` it gives decides about any `Subject` and
says in sentences what keeps it from holding. What the words mean is in `docs/conditions.md`.
"""

from domain.conditions.condition import ALWAYS, Condition, Explained, ExplainedClause, ExplainedGroup
from domain.conditions.fields import FIELDS, FieldKind, Subject, TicketFacts, kind_of
from domain.conditions.operators import OPERATORS, Operator
from domain.conditions.reading import read_condition

__all__ = [
    "ALWAYS",
    "FIELDS",
    "OPERATORS",
    "Condition",
    "Explained",
    "ExplainedClause",
    "ExplainedGroup",
    "FieldKind",
    "Operator",
    "Subject",
    "TicketFacts",
    "kind_of",
    "read_condition",
]
