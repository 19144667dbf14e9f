"""Time in the figures: the instant as of which one holds, the window it looks at, and differences in whole seconds."""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, literal, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain.instant import Instant, seconds_between

Value: TypeAlias = ColumnElement[Any]
_EPOCH: Final = Instant("1970-01-01T00:00:00.000000Z")
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class At:
    """The instant as of which a figure holds, as a query has it."""

    text: Value
    seconds: ColumnElement[int]
    """Whole seconds since 1970."""
    micros: Value
    """The six digits behind them."""


def bound(at: Instant) -> At:
    """An instant that is known."""
    return At(literal(at), literal(seconds_between(_EPOCH, at)), literal(at[20:26]))


@dataclass(frozen=True, slots=True)
class Window:
    """What happened behind `after` and up to `until`, inclusive: (a, b]; None does not limit."""

    after: Instant | None = None
    until: Instant | None = None

    def holds(self, column: Value) -> ColumnElement[bool]:
        """Whether an instant of a row lies in it."""
        parts: list[ColumnElement[bool]] = []
        if self.after is not None:
            parts.append(column > self.after)
        if self.until is not None:
            parts.append(column <= self.until)
        return and_(true(), *parts)

    @property
    def is_open(self) -> bool:
        """Whether it limits nothing."""
        return self.after is None and self.until is None


EVER: Final = Window()
"""Everything up to the instant as of which a figure holds."""


class _EpochSeconds(FunctionElement[int]):
    """Whole seconds since 1970 of an instant's text, exactly; databases differ in how they say it."""

    type = Integer()
    inherit_cache = True


@compiles(_EpochSeconds)
def _epoch_in_sqlite(element: _EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    # Cut to the second first: SQLite rounds to milliseconds, which would carry .9999 into the next second. Days are
    # exact to a tenth of a millisecond, and twice as quick as strftime('%s').
    second = f"substr({compiler.process(element.clauses, **options)}, 1, 19)"
    return f"CAST(round((julianday({second}) - 2440587.5) * 86400.0) AS INTEGER)"


@compiles(_EpochSeconds, "postgresql")
def _epoch_in_postgresql(element: _EpochSeconds, compiler: SQLCompiler, **options: Any) -> str:
    second = f"substr({compiler.process(element.clauses, **options)}, 1, 19) || 'Z'"
    return f"CAST(extract(epoch FROM CAST({second} AS timestamptz)) AS bigint)"


def of(column: Value) -> At:
    """An instant that a row holds."""
    return At(column, _EpochSeconds(column), func.substr(column, 21, 6))


def whole_seconds(start: Value, end: At) -> ColumnElement[int]:
    """Whole seconds from start to end, rounded down as `domain.instant.seconds_between` does."""
    begin = of(start)
    return end.seconds - begin.seconds - case((begin.micros > end.micros, 1), else_=0)


def microseconds(start: At, end: At) -> ColumnElement[int]:
    """Microseconds from start to end, exactly."""
    return (end.seconds - start.seconds) * _MILLION + cast(end.micros, Integer) - cast(start.micros, Integer)
