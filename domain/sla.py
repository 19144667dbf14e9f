"""An SLA policy's document: for whom it is, and the targets by priority (F-91 to F-93, features 2.2).

    kind: sla_policy
    key: standard
    name: Standard
    department: Support         # left out: tickets of every department
    order: 10                   # the first policy in order whose condition holds applies; 100 where left out
    applies: {field: channel, operator: is_not, value: social}
    targets:
      urgent: {response: 15m, resolution: 4h}
      low:    {resolution: 5d}
      none:   {response: 8h}    # for tickets without a priority

A priority that is not named has no target, and a clock without a target does not run. Time is elapsed time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.conditions import Condition, read_condition
from domain.documents import Document, Reading, Value, order_in
from domain.ticket.subject import TICKET_FIELDS
from domain.values import Priority

NO_PRIORITY: Final = "none"
"""What stands for a ticket without a priority among the targets."""
_PRIORITIES: Final = (*(str(priority) for priority in reversed(Priority)), NO_PRIORITY)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is promised for one priority, in seconds; None where nothing is."""

    response_seconds: int | None
    resolution_seconds: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed SLA policy."""

    key: str
    name: str
    department: str | None
    order: int
    applies: Condition
    targets: Mapping[str, Targets]
    """By priority, `none` for tickets without one."""


def parse_policy(document: Document) -> Policy:
    """The policy of a document; Mistaken with every mistake at once."""
    reading = Reading(document)
    top = reading.root.table("kind", "key", "name", "department", "order", "applies", "targets")
    name = top.text("name")
    department, order = top.optional("department"), order_in(top)
    applies = read_condition(top.optional("applies"), changes=True, time=False, known=TICKET_FIELDS)
    targets: dict[str, Targets] = {}
    if (listed := top.required("targets")) is not None:
        by_priority = listed.table(*_PRIORITIES)
        targets = {key: _targets(by_priority.at(key)) for key in by_priority.fields if key in _PRIORITIES}
        if not by_priority.fields:
            listed.mistake("name the targets of at least one priority")
    policy = Policy(
        str(top.fields.get("key", "")),
        name,
        None if department is None else department.text(),
        order,
        applies,
        targets,
    )
    reading.finish()
    return policy


def _targets(value: Value) -> Targets:
    table = value.table("response", "resolution")
    response, resolution = table.optional("response"), table.optional("resolution")
    if response is None and resolution is None:
        value.mistake("name a response, a resolution or both")
    return Targets(
        None if response is None else response.duration(), None if resolution is None else resolution.duration()
    )
