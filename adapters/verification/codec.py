"""Bytes for a verification: the strict decoder and the leaves of the journal, behind the port of `replay`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from adapters.codec import decode_strictly, form_named
from adapters.sqlite.rows import leaf_of, read_answer, receipt_leaf_of, write_answer
from domain.receipts import Answer
from replay.evidence import StoredRow, Values


class StrictCodec:
    """How the journal writes, read strictly (port `replay.evidence.Codec`)."""

    leaf: Callable[[StoredRow], bytes] = staticmethod(leaf_of)
    receipt_leaf: Callable[[Values], bytes] = staticmethod(receipt_leaf_of)

    def reader(self, name: str, schema: int) -> Callable[[bytes], Any]:
        """Reads the stored form of a name; ValueError where there is none or, from it, where the bytes are not ours."""
        form_named(name, schema)
        return partial(decode_strictly, name, schema)

    def personal(self, name: str, schema: int) -> tuple[str, ...]:
        """The personal fields of a stored name."""
        return tuple(field for _, field in form_named(name, schema).personal)

    def answer(self, raw: bytes) -> Answer:
        """The content of a receipt; ValueError where the bytes are not what our encoder writes."""
        answer = read_answer(raw)
        if write_answer(answer) != raw:
            raise ValueError("its answer is not written as our encoder writes it")
        return answer
