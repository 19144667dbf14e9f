"""What a condition must say of a ticket: the rules of the language written down a second time, knowing no code of ours.

Plain recursion over the document. A custom field's value is `(type, text)`; instants are ISO text; nothing is cached.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

_LABELS = "channel contact_id department priority status status_type agent team source blueprint state sla_policy"
_INSTANTS = "opened_at created_at closed_at due_at last_event_at last_action_at response_due_at resolution_due_at"
LABELS = tuple(_LABELS.split())
TEXTS = ("subject", "description")
NUMBERS = ("number", "exchanges", "reopen_count", "team_change_count", "version")
INSTANTS = (*_INSTANTS.split(), "state_entered_at", "state_limit_due_at")
BOOLEANS = ("is_deleted", "is_archived", "is_imported", "is_overdue", "is_response_violated", "is_resolution_violated")
SETS = ("tags",)
PRIORITIES = ("low", "medium", "high", "urgent")

NEGATIVE = ("is_not", "not_in", "not_contains", "includes_none")
CHANGES = ("changed", "changed_from", "changed_to")
AGES = ("older_than", "newer_than")
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass
class Seen:
    """A ticket as a condition sees it: values now, values before the change, and the instant it is asked at."""

    at: Any
    now: Mapping[str, Any] = field(default_factory=dict)
    earlier: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The current value; None where there is none."""
        return self.now.get(name)

    def before(self, name: str) -> Any:
        """The value before the change; None where there was none."""
        return self.earlier.get(name)


def holds(document: Any, ticket: Seen) -> bool:
    """Whether the condition of this document holds for the ticket."""
    if document is None:
        return True
    if "all" in document:
        return all(holds(part, ticket) for part in document["all"])
    if "any" in document:
        return any(holds(part, ticket) for part in document["any"])
    name, operator, wanted = document["field"], document["operator"], document.get("value")
    value = ticket.value(name)
    if operator.startswith("changed"):
        before = ticket.before(name)
        has_changed = bool(value != before) and not (is_empty(value) and is_empty(before))
        if operator == "changed":
            return has_changed
        return has_changed and same(name, before if operator == "changed_from" else value, wanted)
    if is_empty(value):
        return operator == "is_empty" or operator in NEGATIVE
    if operator in ("is_empty", "is_not_empty"):
        return bool(operator == "is_not_empty")
    return compare(name, operator, value, wanted, ticket.at)


def named(document: Any) -> set[str]:
    """The fields that a document names."""
    if document is None:
        return set()
    parts = document.get("all") or document.get("any")
    return set().union(*(named(part) for part in parts)) if parts else {document["field"]}


def operators(document: Any) -> set[str]:
    """The operators that a document uses."""
    if document is None:
        return set()
    parts = document.get("all") or document.get("any")
    return set().union(*(operators(part) for part in parts)) if parts else {document["operator"]}


def compare(name: str, operator: str, value: Any, wanted: Any, at: str) -> bool:
    """A clause about a value that is there."""
    if operator == "is_not":
        return not same(name, value, wanted)
    if operator == "not_in":
        return not any(same(name, value, one) for one in wanted)
    if operator == "not_contains":
        return not compare(name, "contains", value, wanted, at)
    if operator == "is":
        return same(name, value, wanted)
    if operator == "in":
        return any(same(name, value, one) for one in wanted)
    if operator.startswith("includes_"):
        common = set(value) & set(wanted)
        return bool(
            {"includes_any": common, "includes_all": common == set(wanted), "includes_none": not common}[operator]
        )
    if operator in ("contains", "starts_with", "ends_with"):
        text = value if not is_custom(name) else value[1] if value[0] == "text" else None
        return text is not None and in_text(operator, plain(text), plain(wanted))
    if operator in ("before", "after", *AGES):
        moment = value if not is_custom(name) else value[1] if value[0] == "instant" else None
        return moment is not None and in_time(operator, datetime.fromisoformat(moment), wanted, at)
    return in_order(name, operator, value, wanted)


def same(name: str, value: Any, wanted: Any) -> bool:
    """Whether a value is the one a document names."""
    if is_empty(value):
        return False
    if is_custom(name):
        of_type, text = value
        if of_type == "text":
            return bool(text == wanted)
        if of_type == "boolean":
            return bool(isinstance(wanted, bool) and text == ("true" if wanted else "false"))
        if of_type == "instant":
            return is_moment(wanted) and datetime.fromisoformat(text) == datetime.fromisoformat(wanted)
        return is_number(wanted) and Fraction(text) == Fraction(wanted)
    if name in NUMBERS:
        return Fraction(value) == Fraction(wanted)
    if name in INSTANTS:
        return datetime.fromisoformat(value) == datetime.fromisoformat(wanted)
    if name in SETS:
        return set(value) == set(wanted)
    return bool(value == wanted)


def in_text(operator: str, text: str, part: str) -> bool:
    if operator == "contains":
        return part in text
    return text.startswith(part) if operator == "starts_with" else text.endswith(part)


def in_time(operator: str, moment: datetime, wanted: str, at: str) -> bool:
    if operator == "before":
        return moment < datetime.fromisoformat(wanted)
    if operator == "after":
        return moment > datetime.fromisoformat(wanted)
    seconds = sum(int(part[:-1]) * UNITS[part[-1]] for part in wanted.split())
    is_older = datetime.fromisoformat(at) - moment >= timedelta(seconds=seconds)
    return is_older if operator == "older_than" else not is_older


def in_order(name: str, operator: str, value: Any, wanted: Any) -> bool:
    if name == "priority":
        if value not in PRIORITIES:
            return False
        left, right = Decimal(PRIORITIES.index(value)), Decimal(PRIORITIES.index(wanted))
    elif is_custom(name):
        if value[0] not in ("integer", "decimal"):
            return False
        left, right = Decimal(value[1]), Decimal(wanted)
    else:
        left, right = Decimal(value), Decimal(wanted)
    return {
        "less_than": left < right,
        "at_most": left <= right,
        "greater_than": left > right,
        "at_least": left >= right,
    }[operator]


def is_custom(name: str) -> bool:
    return name.startswith("fields.")


def is_empty(value: Any) -> bool:
    """None, no text and no element; a custom field is empty where its text is."""
    return (
        value is None or value == "" or value in ((), frozenset()) or (isinstance(value, tuple) and value[1:] == ("",))
    )


def is_number(wanted: Any) -> bool:
    try:
        return not isinstance(wanted, bool) and Fraction(wanted) is not None
    except (ValueError, TypeError):
        return False


def is_moment(wanted: Any) -> bool:
    try:
        return datetime.fromisoformat(wanted).tzinfo is not None
    except (ValueError, TypeError):
        return False


def plain(text: str) -> str:
    """The text without accents and capitals."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    ).casefold()
