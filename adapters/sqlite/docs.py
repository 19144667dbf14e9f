"""The reference of the log, made from the comments of its tables: `python -m adapters.sqlite.docs` writes the page."""

from pathlib import Path
from typing import Final

from adapters.sqlite.rows import Row
from adapters.sqlite.schema import COMMENTS
from domain.instant import Instant
from domain.integrity import LEAF_FORMAT, RECEIPT_FORMAT, Framed, frame, leaf

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "log.md"

EXAMPLE: Final = Row(
    position=300,
    stream="ticket:T-1",
    version=2,
    name="ticket.restored",
    schema=1,
    data=b"{}",
    occurred_at=Instant("2026-06-01T09:00:00.000000Z"),
    recorded_at=Instant("2026-06-01T09:00:00.250000Z"),
    actor="agent:ana",
    via="cli:ops",
    judged_by="",
    command_id="01890a5d-ac96-774b-bcce-b302099a8057",
    correlation_id="c-1",
    cause="",
    rule="",
)
"""The row of the worked example."""

CHECK: Final = """\
import sqlite3, sys
from hashlib import sha256
from msgspec import msgpack  # any MessagePack library that writes the shortest forms

log = sqlite3.connect(sys.argv[1])
for position, (*row, leaf) in enumerate(log.execute("SELECT * FROM v_log ORDER BY position"), 1):
    frame = msgpack.encode(["deskledger.leaf.1", *row])
    if row[0] != position or sha256(b"\\x00" + frame).digest() != leaf:
        sys.exit(f"position {position} is missing or was altered")
print("every leaf is the leaf of its row")
"""
"""Ten lines that check every leaf of a file, without anything of ours."""

_OPENING: Final = """\
# The log

Kind of page: reference. Generated from the comments of the tables by `python -m adapters.sqlite.docs`; do not edit.

The log and what belongs to it lie in one SQLite file. All tables are append-only: triggers refuse UPDATE, DELETE and
INSERT OR REPLACE; only rows of `subject_keys` may be destroyed, and a sequence only rises. Instants are UTC text with
six fractional digits and `Z`, so text order is time order. Whoever reads the log with SQL reads the view `v_log`.
"""

_FRAME: Final = f"""\
## The frame, the leaf and the head

The **frame** of a row is the MessagePack array of the text `{LEAF_FORMAT}` and every column of `v_log` but
`leaf`, in the order above: texts as texts, never the ids that stand for them, numbers as unsigned integers, `data` as
binary, each in its shortest form. The **leaf** is SHA-256 over a zero byte and the frame: RFC 6962's leaf hash. The
**head** of the log is the RFC 6962 root over the leaves in order of position: an inner node is SHA-256 over a one byte
and its two children, and the root of no leaves is SHA-256 of nothing. A receipt is framed likewise, as the text
`{RECEIPT_FORMAT}` and its columns but `leaf`, and has a leaf of its own.

A worked example, piece by piece:

| column | value | bytes |
|---|---|---|
"""

_CHECKING: Final = """\
## Checking the leaves without us

A leaf shows that its row is unaltered. That no row was exchanged together with its leaf, and that none is missing at
the end, is shown by the head, compared with one that was kept elsewhere.

```python
{check}```
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_OPENING, *(_section(table) for table in COMMENTS), _worked(), _CHECKING.format(check=CHECK)])


def _section(table: str) -> str:
    meaning, columns = COMMENTS[table]
    if not columns:
        return f"## `{table}`\n\n{meaning} Its columns: {', '.join(f'`{column}`' for column in Row._fields)}.\n"
    lines = [f"| `{column}` | {comment} |" for column, comment in columns.items()]
    return "\n".join([f"## `{table}`", "", meaning, "", "| column | meaning |", "|---|---|", *lines, ""])


def _worked() -> str:
    values: tuple[Framed, ...] = EXAMPLE[:15]
    framed = frame((LEAF_FORMAT, *values))
    pieces = [
        f"| | an array of {1 + len(values)} | `{framed[:3].hex()}` |",
        _piece("", LEAF_FORMAT),
        *(_piece(f"`{column}` ", value) for column, value in zip(Row._fields, values, strict=False)),
    ]
    return _FRAME + "\n".join(pieces) + f"\n\nIts leaf is `{leaf(framed).hex()}`.\n"


def _piece(column: str, value: Framed) -> str:
    shown = value.decode() if isinstance(value, bytes) else str(value)
    said = f"`{shown}`" if shown else "the empty text"
    # A frame of one value is that value behind one byte.
    return f"| {column}| {said} | `{frame((value,))[1:].hex()}` |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
