"""What the tests of conditions share: clauses, conditions, tickets and the mistakes of a document."""

from decimal import Decimal
from typing import Any

from domain.conditions import (
    Condition,
    FieldKind,
    TicketFacts,
    read_condition,
)
from domain.documents import Reading
from domain.instant import Instant
from domain.values import StatusType

AT = Instant("2026-06-03T09:00:00.000000Z")
OF_KIND = {
    FieldKind.LABEL: "team",
    FieldKind.TEXT: "subject",
    FieldKind.NUMBER: "exchanges",
    FieldKind.INSTANT: "due_at",
    FieldKind.BOOLEAN: "is_overdue",
    FieldKind.SET: "tags",
    FieldKind.CUSTOM: "fields.size",
}
"""A field of each kind."""
EARLY, NOON, LATE = (f"2026-06-01T{hour}:00:00.000000Z" for hour in ("09", "12", "15"))


def clause(field: str, operator: str, value: object = None) -> dict[str, Any]:
    plain = {"field": field, "operator": operator}
    return plain if value is None else {**plain, "value": value}


def condition(document: object, *, changes: bool = True, time: bool = True) -> Condition:
    reading = Reading(document)
    read = read_condition(reading.root, changes=changes, time=time)
    reading.finish()
    return read


def ticket(before: dict[str, object] | None = None, **now: object) -> TicketFacts:
    """A ticket with these values; `fields_size` stands for the custom field `fields.size`."""

    def named(values: dict[str, object]) -> dict[str, object]:
        return {name.replace("fields_", "fields."): value for name, value in values.items()}

    return TicketFacts.of(named(now), None if before is None else named(before), AT)


def holds(field: str, operator: str, wanted: object, value: object, before: object = None) -> bool:
    subject = TicketFacts.of({field: value}, {field: before}, AT)
    return condition(clause(field, operator, wanted)).holds(subject)


def mistakes(document: object, **place: Any) -> list[tuple[str, str]]:
    reading = Reading(document)
    read_condition(reading.root, **{"changes": True, "time": True, **place})
    return [(mistake.path, mistake.sentence) for mistake in reading.mistakes]


# Every operator on every kind: the value that a clause names, values of which it holds, values of which it does not.

T, W, D, B, N = "text", "integer", "decimal", "boolean", "instant"
CASES: list[tuple[str, str, object, list[object], list[object]]] = [
    ("team", "is", "vip", ["vip"], ["VIP", "vips", "víp"]),
    ("exchanges", "is", 5, [5, Decimal("5.0")], [6, Decimal("5.01")]),
    ("exchanges", "is", "5.50", [Decimal("5.5")], [5]),
    ("is_overdue", "is", True, [True], [False]),
    ("is_overdue", "is", False, [False], [True]),
    ("fields.size", "is", "12.50", [(T, "12.50"), (D, "12.5"), [D, "12.50"]], [(T, "12.5"), (W, "12"), (B, "true")]),
    ("fields.size", "is", 12, [(W, "12"), (D, "12.0"), (W, "+12")], [(T, "12"), (W, "13")]),
    ("fields.size", "is", True, [(B, "true")], [(B, "false"), (T, "true"), (W, "1")]),
    ("fields.size", "is", "2026-06-01T14:00:00+02:00", [(N, NOON)], [(N, LATE), (T, NOON)]),
    ("team", "is_not", "vip", ["VIP", "x"], ["vip"]),
    ("exchanges", "is_not", 5, [4], [5]),
    ("fields.size", "is_not", 5, [(W, "4"), (T, "5")], [(W, "5"), (D, "5.0")]),
    ("team", "in", ["a", "b"], ["a", "b"], ["c", "A"]),
    ("status_type", "in", ["open"], [StatusType.OPEN, "open"], [StatusType.CLOSED]),
    ("exchanges", "in", [1, "2.5"], [1, Decimal("2.50")], [2]),
    ("fields.size", "in", ["S", 5, True], [(T, "S"), (W, "5"), (B, "true")], [(T, "5"), (B, "false"), (W, "1")]),
    ("team", "not_in", ["a", "b"], ["c"], ["a", "b"]),
    ("exchanges", "not_in", [1, 2], [3], [1, 2]),
    ("fields.size", "not_in", ["S", 5], [(T, "5"), (T, "M")], [(T, "S"), (W, "5")]),
    ("team", "contains", "MU", ["Münster", "emu"], ["M", "u"]),
    ("subject", "contains", "überhitzt", ["Telefon UBERHITZT!", "u\u0308berhitzt"], ["berhitzt"]),
    ("fields.size", "contains", "x", [(T, "XL")], [(T, "L"), (W, "10")]),
    ("team", "not_contains", "x", ["a"], ["aX"]),
    ("subject", "not_contains", "x", ["a"], ["aX"]),
    ("fields.size", "not_contains", "1", [(T, "L"), (W, "1")], [(T, "1L")]),
    ("team", "starts_with", "Éc", ["ecole", "ÉCOLE"], ["lecole"]),
    ("subject", "starts_with", "re:", ["RE: x"], ["x RE:"]),
    ("fields.size", "starts_with", "x", [(T, "Xl")], [(T, "lX")]),
    ("team", "ends_with", "E", ["café", "le"], ["cafes"]),
    ("subject", "ends_with", "strasse", ["Straße"], ["Straßen"]),
    ("fields.size", "ends_with", "l", [(T, "XL")], [(T, "LX")]),
    ("exchanges", "less_than", 5, [4, -1, Decimal("4.99")], [5, 6]),
    ("exchanges", "at_most", 5, [4, 5, Decimal("5.00")], [6, Decimal("5.01")]),
    ("exchanges", "greater_than", "5.5", [6, Decimal("5.51")], [5, Decimal("5.5")]),
    ("exchanges", "at_least", "5.5", [6, Decimal("5.5")], [5]),
    ("fields.size", "less_than", "9.5", [(W, "9"), (D, "-10.25")], [(W, "10"), (T, "1")]),
    ("fields.size", "at_most", 9, [(W, "9"), (D, "9.0")], [(D, "9.01"), (T, "9")]),
    ("fields.size", "greater_than", 9, [(W, "10"), (D, "9.01")], [(W, "9"), (T, "10")]),
    ("fields.size", "at_least", "9", [(W, "9")], [(D, "8.99"), (W, "9.5"), (D, "NaN"), (D, "Infinity")]),
    ("priority", "less_than", "high", ["low", "medium"], ["high", "urgent", "P1", "a"]),
    ("priority", "at_most", "high", ["low", "medium", "high"], ["urgent", "P1"]),
    ("priority", "greater_than", "medium", ["high", "urgent"], ["low", "medium", "P1", "z"]),
    ("priority", "at_least", "medium", ["medium", "high", "urgent"], ["low", "P1"]),
    ("due_at", "before", NOON, [EARLY], [NOON, LATE]),
    ("due_at", "before", "2026-06-01T14:00:00+02:00", ["2026-06-01T11:59:59.999999Z"], [NOON]),
    ("fields.size", "before", NOON, [(N, EARLY), (N, "2026-06-01T13:59:00+02:00")], [(N, NOON), (T, EARLY)]),
    ("due_at", "after", NOON, [LATE], [NOON, EARLY]),
    ("fields.size", "after", NOON, [(N, LATE)], [(N, NOON), (T, LATE), (N, "2027-01-01")]),
    (
        "due_at",
        "older_than",
        "48h",
        ["2026-06-01T09:00:00.000000Z"],
        ["2026-06-01T09:00:00.000001Z", "2027-01-01T00:00Z"],
    ),
    ("fields.size", "older_than", "2d", [(N, EARLY)], [(N, NOON), (T, EARLY)]),
    ("due_at", "newer_than", "48h", ["2026-06-01T09:00:00.000001Z", "2027-01-01T00:00Z"], [EARLY]),
    ("fields.size", "newer_than", "2d", [(N, NOON)], [(N, EARLY), (T, NOON)]),
    ("tags", "includes_any", ["a", "b"], [("a",), ["b", "c"], {"a"}, frozenset("ab")], [("c",), ("A",)]),
    ("tags", "includes_all", ["a", "b"], [("a", "b"), ["c", "b", "a"]], [("a",), ("A", "b")]),
    ("tags", "includes_none", ["a", "b"], [("c",), ("A",)], [("a", "c"), ("b",)]),
]
