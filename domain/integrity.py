"""Proof that nothing was altered: the frame of a row, its leaf, and the RFC 6962 head over all leaves.

The frame is a MessagePack array that any language can rebuild from the readable row. This module writes it by hand with
the standard library, as the reference; the append uses a faster encoder that tests hold to these bytes.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

LEAF_FORMAT: Final = "deskledger.leaf.1"
RECEIPT_FORMAT: Final = "deskledger.receipt.1"

Framed = str | int | bytes


def _framed_text(text: str) -> bytes:
    raw = text.encode()
    size = len(raw)
    if size < 32:
        return bytes([0xA0 | size]) + raw
    if size < 0x100:
        return b"\xd9" + bytes([size]) + raw
    return (b"\xda" + struct.pack(">H", size) if size < 0x10000 else b"\xdb" + struct.pack(">I", size)) + raw


def _framed_bytes(raw: bytes) -> bytes:
    size = len(raw)
    if size < 0x100:
        return b"\xc4" + bytes([size]) + raw
    return (b"\xc5" + struct.pack(">H", size) if size < 0x10000 else b"\xc6" + struct.pack(">I", size)) + raw


def _framed_integer(number: int) -> bytes:
    if number < 0:
        raise ValueError(f"{number} is negative; positions, versions and schemas are not")
    if number < 0x80:
        return bytes([number])
    if number < 0x100:
        return b"\xcc" + bytes([number])
    if number < 0x10000:
        return b"\xcd" + struct.pack(">H", number)
    return b"\xce" + struct.pack(">I", number) if number < 0x100000000 else b"\xcf" + struct.pack(">Q", number)


def frame(values: Sequence[Framed]) -> bytes:
    """The MessagePack array of the values, shortest forms; texts, integers and bytes."""
    size = len(values)
    parts = [bytes([0x90 | size]) if size < 16 else b"\xdc" + struct.pack(">H", size)]
    for value in values:
        if isinstance(value, str):
            parts.append(_framed_text(value))
        elif isinstance(value, bytes):
            parts.append(_framed_bytes(value))
        else:
            parts.append(_framed_integer(value))
    return b"".join(parts)


LEAF: Final = sha256(b"\x00")
"""What every leaf hash begins with; a copy of it takes the frame."""


def leaf(framed: bytes) -> bytes:
    """The RFC 6962 leaf hash of a frame."""
    hashed = LEAF.copy()
    hashed.update(framed)
    return hashed.digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of the Merkle tree: enough to add leaves and to know the head, 32 bytes a level."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    """Roots of the perfect subtrees from left to right, largest first."""

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after more leaves, under a microsecond each; level by level, so many at once are quickest."""
        level, peaks = list(leaves), list(self.peaks)
        size, subtrees = self.size + len(level), self.size
        added: list[bytes] = []
        while level:
            # An odd count of subtrees of this size has left one as a peak, which the first new one completes.
            if subtrees & 1:
                level.insert(0, peaks.pop())
            if len(level) & 1:
                added.append(level.pop())
            pairs = iter(level)
            level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            subtrees >>= 1
        return Frontier(size, (*peaks, *reversed(added)))

    @property
    def head(self) -> str:
        """The RFC 6962 root over all leaves as hex; of no leaves, the hash of nothing."""
        if not self.peaks:
            return sha256(b"").hexdigest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = _node(peak, root)
        return root.hex()
