"""The reference of the read database, made from the row classes: `python -m adapters.read_db.docs` writes the page."""

from pathlib import Path
from typing import Final

from sqlalchemy import Table

from adapters.read_db.schema import METADATA
from adapters.read_db.views import VIEWS
from projections.base import Described, columns
from projections.catalogue import PROJECTIONS

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "tables.md"

_OPENING: Final = """\
# Tables of the read database

Kind of page: reference. Generated from the row classes by `python -m adapters.read_db.docs`; do not edit.

The tables lie in the file of the log and can be built again from it. `_at` columns are UTC text with six fractional
digits and `Z`, so text order is time order; `_seconds` are whole seconds; `is_` columns are 0 or 1. A column marked
*personal* reads `erased` after its person was erased. `meta_projections` tells up to which position the rows hold.
"""
_TYPES: Final = {str: "text", int: "integer", bool: "boolean"}


def page() -> str:
    """The whole page as Markdown."""
    names = [*(one.name for one in PROJECTIONS), *(one.name for one in VIEWS)]
    order = {name: place for place, name in enumerate(names)}
    tables = sorted(METADATA.tables.values(), key=lambda table: (order.get(table.name, len(order)), table.name))
    return "\n".join([_OPENING, *(_section(table) for table in tables)])


def _section(table: Table) -> str:
    kind = "View" if table.info["is_view"] else f"Key: {', '.join(f'`{column.name}`' for column in table.primary_key)}"
    lines = [f"## `{table.name}`", "", f"{table.comment} {kind}.", "", "| column | type | meaning |", "|---|---|---|"]
    return "\n".join([*lines, *map(_line, columns(table.info["row"])), ""])


def _line(about: Described) -> str:
    kind = _TYPES[about.type] + (", may be null" if about.is_nullable else "")
    return f"| `{about.name}` | {kind} | {about.comment}{' *Personal.*' if about.personal else ''} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
