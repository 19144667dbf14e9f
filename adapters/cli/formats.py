"""The forms an answer of many rows can be printed in, and up to where it holds in each of them.

`json`: one document with the rows and, at its end, `position` and `as_of`. `jsonl`: a row a line, and a last line
`{"holds": {"position": ..., "as_of": ...}}`. `csv`: a header and a row a line, and up to where it holds on stderr,
since a CSV file has no place for it. Data alone goes to stdout.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from adapters.cli.output import by_name, document, raw, say

if TYPE_CHECKING:
    from adapters.cli.past import Holds


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


FormatOption: TypeAlias = Annotated[
    Format | None, typer.Option("--format", help="How to print; --json is the same as json.", show_default="table")
]


def parked_line(parked: int | None) -> str:
    """How many tickets are parked in what an answer reads, as the line ends with it that says up to where it holds.

    None where that is not known; then it says nothing.
    """
    if parked is None:
        return ""
    return "; no ticket is parked" if not parked else f"; {parked} parked, so what is said of them may be behind"


def chosen(form: Format | None, as_json: bool) -> Format:
    """The form that was asked for; the more exact word wins."""
    return form or (Format.JSON if as_json else Format.TABLE)


def emit(form: Format, rows: Sequence[Any], columns: Sequence[str], held: "Holds", **beside: Any) -> None:
    """Print rows for programs; `beside` stands in the document and in the last line, beside the rows."""
    emit_rows(form, [by_name(row) for row in rows], columns, held, **beside)


def emit_rows(
    form: Format, plain: Sequence[dict[str, Any]], columns: Sequence[str], held: "Holds", **beside: Any
) -> None:
    """The same for rows whose columns are known only when they are read."""
    if form is Format.JSON:
        document({**beside, "rows": plain, **held.as_dict})
    elif form is Format.JSONL:
        for row in plain:
            document(row)
        document({**beside, "holds": held.as_dict})
    else:
        raw(_csv(columns, ([_cell(row[name]) for name in columns] for row in plain)))
        for name, value in beside.items():
            said = ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else value
            say(f"{name}: {said}")
        say(held.line)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode(errors="replace")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
