"""A frozen value with some fields changed, three times as fast as `dataclasses.replace`.

Folding spends its time making the next value from the last. `replace` runs the constructor, which sets every field of a
frozen class through a slow check; here the slots are copied, and only what changed is set again.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

Value = TypeVar("Value")
Setter = Callable[[Any, Any], None]


@cache
def _shape(cls: type) -> tuple[Callable[[Any], Any], list[Setter], dict[str, Setter]]:
    setters = {field.name: getattr(cls, field.name).__set__ for field in fields(cls)}
    return attrgetter(*setters), list(setters.values()), setters


def changed(value: Value, **changes: object) -> Value:
    """The value with these fields changed; its class is a frozen dataclass with slots and at least two fields.

    Raises KeyError for a field that the class does not have.
    """
    cls: Any = type(value)
    read, in_order, setters = _shape(cls)
    made: Value = cls.__new__(cls)
    for set_slot, kept in zip(in_order, read(value)):  # noqa: B905 - one each, and this is the hot path
        set_slot(made, kept)
    for name, new in changes.items():
        setters[name](made, new)
    return made
