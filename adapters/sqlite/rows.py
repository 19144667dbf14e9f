"""Rows of the log in readable form, their leaves, and receipts as they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from domain.instant import Instant
from domain.integrity import LEAF_FORMAT, RECEIPT_FORMAT, leaf
from domain.receipts import Answer, Outcome, Reason, Receipt

framed: Final = msgspec.msgpack.Encoder().encode
"""The frame of a tuple of texts, integers and bytes; `domain.integrity.frame` is the slow reference."""
_ANSWERS: Final = msgspec.json.Encoder()


class StoredAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a receipt as it is stored: the fields of an answer by name."""

    positions: tuple[int, ...]
    versions: tuple[tuple[str, int], ...]
    reasons: tuple[Reason, ...]


_ANSWER: Final = msgspec.json.Decoder(StoredAnswer)


class Row(NamedTuple):
    """A row of the log in readable form, as `v_log` shows it: what the frame is made of, and the leaf."""

    position: int
    stream: str
    version: int
    name: str
    schema: int
    data: bytes
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    via: str
    judged_by: str
    command_id: str
    correlation_id: str
    cause: str
    rule: str
    leaf: bytes = b""


def stored_row(
    row: Sequence[Any], leaf_hash: bytes, streams: Mapping[str, int], texts: Mapping[str, int]
) -> tuple[Any, ...]:
    """A readable row as the table keeps it, integers for the repeated texts; its first fifteen columns are used."""
    position, stream, version, name, schema, data, occurred_at, recorded_at, actor, via, judged_by, *origin = row[:15]
    command_id, correlation_id, cause, rule = origin
    return (
        position,
        streams[stream],
        version,
        texts[name],
        schema,
        data,
        occurred_at,
        recorded_at,
        texts[actor],
        texts[via],
        texts[judged_by],
        command_id,
        correlation_id,
        cause,
        texts[rule],
        leaf_hash,
    )


def leaf_of(row: Sequence[Any]) -> bytes:
    """The leaf of a readable row, from its first fifteen columns; domain.integrity is the slow reference."""
    return leaf(framed((LEAF_FORMAT, *row[:15])))


def receipt_leaf_of(row: Sequence[Any]) -> bytes:
    """The leaf of a receipt's row (its first nine columns)."""
    return leaf(framed((RECEIPT_FORMAT, *row[:9])))


def read_answer(raw: bytes) -> Answer:
    """The content of a stored receipt."""
    stored = _ANSWER.decode(raw)
    return Answer(stored.positions, stored.versions, stored.reasons)


def write_answer(answer: Answer) -> bytes:
    """The content of a receipt as it is stored."""
    positions, versions, reasons = answer
    return _ANSWERS.encode(StoredAnswer(positions, versions, reasons))


def read_receipt(row: Sequence[Any]) -> Receipt:
    """A receipt from its first nine columns."""
    number, command_id, command, stream, digest, outcome, answer, principal, recorded_at = row
    return Receipt(
        number, command_id, command, stream, digest, Outcome(outcome), read_answer(answer), principal, recorded_at
    )
