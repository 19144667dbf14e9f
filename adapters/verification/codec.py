"""Bytes for a verification: the decoders, the encoder and the leaves of the journal, many at a time."""

from collections.abc import Callable
from hashlib import sha256
from itertools import repeat
from typing import Any, Final

import msgspec

from adapters.codec import form_named
from adapters.sqlite.rows import StoredAnswer
from domain.integrity import LEAF_FORMAT, RECEIPT_FORMAT
from replay.evidence import Columns

_FRAME: Final = msgspec.msgpack.Encoder().encode
_JSON: Final = msgspec.json.Encoder()


def _leaves(layout: str, columns: Columns) -> list[bytes]:
    """As domain.integrity has it, without a call a row."""
    return [sha256(b"\x00" + _FRAME(framed)).digest() for framed in zip(repeat(layout), *columns, strict=False)]


class StrictCodec:
    """How the journal writes, read strictly (port `replay.evidence.Codec`)."""

    written = staticmethod(_JSON.encode)
    answer = staticmethod(msgspec.json.Decoder(StoredAnswer).decode)

    def leaves(self, columns: Columns) -> list[bytes]:
        """The leaves of rows of the log."""
        return _leaves(LEAF_FORMAT, columns[:15])

    def receipt_leaves(self, columns: Columns) -> list[bytes]:
        """The leaves of receipts."""
        return _leaves(RECEIPT_FORMAT, columns[:9])

    def reader(self, name: str, schema: int) -> Callable[[bytes], Any]:
        """Reads the stored form of a name; ValueError where there is none or, from it, where the bytes are none."""
        return form_named(name, schema).decoder.decode

    def personal(self, name: str, schema: int) -> tuple[str, ...]:
        """The personal fields of a stored name."""
        return tuple(field for _, field in form_named(name, schema).personal)
