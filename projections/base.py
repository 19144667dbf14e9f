"""What a projection is: a row, its keys and a pure fold, under a permanent name and a version (design section 5).

A fold takes the rows of one ticket and the ticket's next events and gives the rows that are new or changed. It takes
several events at once because a row that is built once for ten events costs a tenth; one event is the shortest case,
and however a stream is cut, the rows are the same. The same fold serves the live view, the rebuild and time travel.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Final, Generic, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.recorded import Recorded
from domain.values import ERASED

Row = TypeVar("Row")
Key: TypeAlias = Any
"""The values of a row's key columns: one value where there is one key column, else a tuple."""
Fold: TypeAlias = Callable[[Mapping[Key, Row], Sequence[Recorded]], Sequence[Row]]
"""Rows of one ticket by key, in key order, and its next events in order -> the new and changed rows, each key once."""

SEVERAL_PEOPLE: Final = "\n"
"""Parts the `person` of a row whose personal columns hold texts of different people; no subject key can contain it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Stands in the place of an event that is passed over (`domain.projecting`), where a fold wants to be told."""


SKIPPED: Final = Skipped()


class Unfoldable(ValueError):
    """The event does not fit what was folded before; the message names the event and what is wrong."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a row class says about a column, in `Annotated`: its meaning, and whether its text belongs to a person."""

    comment: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """A column as schema and documents need it."""

    name: str
    type: type
    """str, int or bool."""
    is_nullable: bool
    comment: str
    personal: bool


def _described(name: str, hint: object) -> Described:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"the column {name} has no Column that says what it means")
    plain, about = get_args(hint)
    options = get_args(plain) if get_origin(plain) in (Union, UnionType) else (plain,)
    kept = [option for option in options if option is not type(None)]
    kind = getattr(kept[0], "__supertype__", kept[0])
    return Described(name, kind, len(kept) < len(options), about.comment, about.personal)


def columns(row: type) -> tuple[Described, ...]:
    """The columns of a row class in order; TypeError where one does not say what it means."""
    return tuple(_described(name, hint) for name, hint in get_type_hints(row, include_extras=True).items())


@dataclass(frozen=True, slots=True)
class Projection(Generic[Row]):
    """A table that events are folded into. The name is permanent; another meaning of a column is another version."""

    name: str
    version: int
    row: type[Row]
    key: tuple[str, ...]
    """Key columns; the first is the id of what is folded by: `ticket_id` where that is a ticket."""
    fold: Fold[Row]
    folds: frozenset[type]
    """Event classes that can change a row."""
    ignores: frozenset[type]
    """Event classes that change none; every event class is in one of the two."""
    inline: bool = False
    """Whether rows are written in the transaction of the append."""
    reads: frozenset[type] | None = None
    """The event classes whose fold looks at rows there are already; None: all."""
    stream: str = "ticket"
    """The kind of stream it folds by: ticket or contact."""
    marks_skipped: bool = False
    """Whether the fold takes SKIPPED for an event that is passed over, because its rows tell the stream's version."""
    key_of: Callable[[Row], Key] = field(init=False, repr=False, compare=False)
    id_of: Callable[[Row], str] = field(init=False, repr=False, compare=False)
    """The id of the ticket or contact that a row is of."""
    personal: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Columns that hold a person's text; the row's `person` says whose."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_of", attrgetter(*self.key))
        object.__setattr__(self, "id_of", attrgetter(self.key[0]))
        object.__setattr__(self, "personal", tuple(about.name for about in columns(self.row) if about.personal))


def merged(projection: Projection[Row], rows: Mapping[Key, Row], changed: Iterable[Row]) -> dict[Key, Row]:
    """All rows of a ticket after a fold: those there were, with the new and changed ones."""
    return {**rows, **{projection.key_of(row): row for row in changed}}


def joined_people(people: Sequence[str]) -> str | None:
    """The `person` of a row: the one subject key, or one line a personal column where they differ."""
    return (people[0] if len(set(people)) == 1 else SEVERAL_PEOPLE.join(people)) or None if people else None


def erased(projection: Projection[Row], row: Row, person: str) -> Row:
    """The row without this person's texts, as a fold over the erased log gives it; null stays null (E-14)."""
    named: Any = row
    if named.person is None:
        return row
    people = named.person.split(SEVERAL_PEOPLE)
    owners = people * len(projection.personal) if len(people) == 1 else people
    gone = {
        name: ERASED
        for name, owner in zip(projection.personal, owners, strict=True)
        if owner == person and getattr(row, name) is not None
    }
    return named._replace(**gone) if gone else row
