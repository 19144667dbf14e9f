"""Whether a log is whole, asked of the file itself in plain SQL: nothing of the engine is used."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

FRAME = (
    "position, stream, version, name, schema, data, occurred_at, recorded_at, actor, via, judged_by, "
    "command_id, correlation_id, cause, rule"
)
RECEIPT = "number, command_id, command, stream, digest, outcome, answer, principal, recorded_at"


def packed(value: str | int | bytes) -> bytes:
    """A text, a natural number or bytes as MessagePack writes them, in the shortest form."""
    if isinstance(value, int):
        sizes = (
            (0x80, b"", 1),
            (0x100, b"\xcc", 1),
            (0x10000, b"\xcd", 2),
            (1 << 32, b"\xce", 4),
            (1 << 64, b"\xcf", 8),
        )
        return next(mark + value.to_bytes(width, "big") for bound, mark, width in sizes if value < bound)
    raw, marks = (value.encode(), b"\xd9\xda\xdb") if isinstance(value, str) else (value, b"\xc4\xc5\xc6")
    if isinstance(value, str) and len(raw) < 32:
        return bytes([0xA0 + len(raw)]) + raw
    width = next(width for width in (1, 2, 4) if len(raw) < 1 << 8 * width)
    return marks[width // 2 : width // 2 + 1] + len(raw).to_bytes(width, "big") + raw


def leaf(values: list[Any]) -> bytes:
    """The RFC 6962 leaf over the MessagePack array of some values (design section 3)."""
    head = bytes([0x90 + len(values)]) if len(values) < 16 else b"\xdc" + len(values).to_bytes(2, "big")
    return sha256(b"\x00" + head + b"".join(packed(value) for value in values)).digest()


def node(leaves: list[bytes]) -> bytes:
    """The RFC 6962 root over a power of two of leaves."""
    half = len(leaves) // 2
    return sha256(b"\x01" + node(leaves[:half]) + node(leaves[half:])).digest() if half else leaves[0]


def peaks(leaves: list[bytes]) -> list[str]:
    """The roots of the perfect subtrees from left to right, largest first."""
    if not leaves:
        return []
    width = 1 << (len(leaves).bit_length() - 1)
    return [node(leaves[:width]).hex(), *peaks(leaves[width:])]


def assert_caught_up(path: Path) -> None:
    """Every projection has passed every event once, and the tree covers every leaf."""
    with closing(sqlite3.connect(path)) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM log ORDER BY position")]
        passed = connection.execute("SELECT name, position, events_folded FROM meta_projections").fetchall()
        parked = connection.execute("SELECT * FROM meta_parked").fetchall()
        [(size, stored)] = connection.execute("SELECT size, peaks FROM meta_tree")
    assert {row[1:] for row in passed} == {(len(leaves), len(leaves))}
    assert parked == []
    assert (size, json.loads(stored)) == (len(leaves), peaks(leaves))


def assert_whole(path: Path) -> None:
    """Positions, versions, receipts, ticket numbers, message keys and leaves are all as the design promises."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT {FRAME}, leaf FROM v_log ORDER BY position").fetchall()
        receipts = connection.execute(f"SELECT {RECEIPT}, leaf FROM receipts ORDER BY number").fetchall()
        claims = connection.execute("SELECT kind, key, stream, version FROM claims ORDER BY kind, key").fetchall()
        sequences = dict(connection.execute("SELECT name, value FROM sequences"))
    _assert_events(rows)
    _assert_receipts(rows, receipts)
    data = [(row, json.loads(row[5])) for row in rows]
    numbers = [event["number"] for row, event in data if row[3] in ("ticket.opened", "ticket.adopted")]
    assert numbers == list(range(1, len(numbers) + 1)), "ticket numbers are dense (F-54)"
    assert sequences == ({"ticket": len(numbers)} if numbers else {})
    keys = [("message", event["message_key"], row[1], row[2]) for row, event in data if event.get("message_key")]
    assert claims == sorted(keys), "each message is taken in once (F-02)"


def _assert_events(rows: list[Any]) -> None:
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1)), "positions are gapless"
    versions: Counter[str] = Counter()
    for row in rows:
        versions[row[1]] += 1
        assert row[2] == versions[row[1]], f"versions of {row[1]} are contiguous"
        assert row[-1] == leaf(["deskledger.leaf.1", *row[:-1]]), f"the leaf of position {row[0]} holds"
    recorded_at = [row[7] for row in rows]
    assert recorded_at == sorted(recorded_at), "recorded_at never decreases"


def _assert_receipts(rows: list[Any], receipts: list[Any]) -> None:
    assert [one[0] for one in receipts] == list(range(1, len(receipts) + 1)), "receipts are gapless"
    assert len({one[1] for one in receipts}) == len(receipts), "each command id has one receipt"
    told: dict[int, str] = {}
    for one in receipts:
        answer = json.loads(one[6])
        told.update(dict.fromkeys(answer["positions"], one[1]))
        assert bool(answer["reasons"]) == (one[5] == "refused")
        assert not (answer["reasons"] and answer["positions"])
        assert one[-1] == leaf(["deskledger.receipt.1", *one[:-1]]), f"the leaf of receipt {one[0]} holds"
    assert told == {row[0]: row[11] for row in rows}, "each event is in the receipt of its command"
