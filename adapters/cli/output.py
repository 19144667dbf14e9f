"""What is printed and where: answers on stdout, as JSON or as tables; everything said beside them on stderr."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, Final

from adapters.cli.exits import one_line

WIDTH: Final = 100
"""Columns of a table where stdout is no terminal."""


def document(content: object) -> None:
    """One JSON document on a line of stdout; dataclasses and enums are plain in it."""
    import json

    import msgspec

    try:
        line = msgspec.json.encode(content)
    except UnicodeEncodeError:
        # A verification quotes damaged text as it is, and UTF-8 cannot; ASCII with escapes can.
        line = json.dumps(msgspec.to_builtins(content)).encode()
    raw(line + b"\n")


def by_name(row: Any) -> dict[str, Any]:
    """The fields of a row, a dataclass or a named tuple, by name and in order."""
    names = getattr(row, "_fields", None) or [field.name for field in fields(row)]
    return {name: getattr(row, name) for name in names}


def raw(line: bytes) -> None:
    """Bytes on stdout as they are, because JSON is UTF-8 whatever the terminal speaks."""
    sys.stdout.flush()
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def answer(text: str) -> None:
    """A line of an answer for people, on stdout."""
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """A line beside the answer, on stderr."""
    sys.stderr.write(one_line(text) + "\n")


def _shown(*parts: Any) -> None:
    """Print what rich draws; where stdout is no terminal, in WIDTH columns and without blanks at the ends of lines."""
    from io import StringIO

    from rich.console import Console

    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(*parts, sep="\n")
        return
    drawn = StringIO()
    Console(file=drawn, width=WIDTH, highlight=False, legacy_windows=False).print(*parts, sep="\n")
    sys.stdout.writelines(line.rstrip() + "\n" for line in drawn.getvalue().splitlines())


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    total: str = "",
    unbroken: int = 1,
) -> None:
    """A table for people; a column whose cells are all numbers stands to the right, the first ones are not broken."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    kept = [list(row) for row in rows]
    shown = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    for place, name in enumerate(columns):
        is_number = bool(kept) and all(isinstance(row[place], int | float | None) for row in kept)
        is_unbroken = is_number or place < unbroken
        shown.add_column(name, justify="right" if is_number else "left", no_wrap=is_unbroken, overflow="fold")
    for row in kept:
        shown.add_row(*(Text(cell(value)) for value in row))
    if title:
        answer("")
    # Title and total stand beside the table, not in it, where they would be broken to its width.
    parts = [Text(title, style="bold")] if title else []
    _shown(*parts, shown, *([Text(total)] if total else []))


def facts(pairs: Iterable[tuple[str, object]], *, title: str = "") -> None:
    """What is known of one thing: a name and a value a line."""
    from rich.table import Table
    from rich.text import Text

    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in pairs:
        shown.add_row(Text(name), Text(cell(value)))
    _shown(*([Text(title, style="bold")] if title else []), shown)


def cell(value: object) -> str:
    """A value as a table shows it: yes and no, nothing for null, a tuple line by line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(cell(line) for line in value)
    return one_line(str(value))


def plain_instant(at: str | None) -> str:
    """An instant as people read it: UTC to the second."""
    return "" if at is None else f"{at[:10]} {at[11:19]}Z"


def plain_duration(seconds: float | None) -> str:
    """A duration in the two greatest units that it has."""
    if seconds is None:
        return ""
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 else ""
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{sign}{days}d {hours}h"
    if hours:
        return f"{sign}{hours}h {minutes:02}m"
    return f"{sign}{minutes}m {left:02}s" if minutes else f"{sign}{left}s"


Advance = Callable[[int, int | None], None]
"""Hears how much is done, and of how much where that is known."""


@contextmanager
def progress(what: str, *, beside_lines: bool = False) -> Iterator[Advance]:
    """A bar on stderr while something long runs; none where stderr is no terminal, or shows the lines of an answer."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr)
    is_off = not console.is_terminal or (beside_lines and sys.stdout.isatty())
    columns: tuple[Any, ...] = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=is_off) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
