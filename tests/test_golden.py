"""Stored bytes are for ever: golden files of every name and schema, the frame, the leaf, the head, strict reading, seals."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.codec import EventUnreadable, SealedParts, decode, decode_strictly, form_named, form_of, withheld
from adapters.keyring import SealBroken, SubjectKey, key_id, new_key
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.rows import Row, leaf_of
from domain.instant import Instant
from domain.integrity import LEAF_FORMAT, Frontier, frame, leaf
from domain.recorded import EVENT_CLASSES, STORED_AS, UPCASTERS, stored
from domain.values import ERASED, Personal
from tests.golden.expected import (
    EXPECTED,
    GOLDEN,
    PERSON,
    SUMS,
    VERSION,
    file_of,
    keyring,
    read_seal,
    stored_bytes,
    stream_of,
)

NINE = Instant("2026-06-01T09:00:00.000000Z")

# Golden files


def test_every_name_and_schema_has_a_golden_file_and_an_expected_event() -> None:
    named = {f"{name}.{schema}.json" for name, schema in EVENT_CLASSES}
    assert {path.name for path in GOLDEN.glob("*.*.json")} == named
    assert sorted(file_of(event).name for event in EXPECTED) == sorted(named)


def test_a_golden_file_is_never_changed() -> None:
    sums = dict(reversed(line.split("  ")) for line in SUMS.read_text(encoding="ascii").splitlines())
    files = [path for path in GOLDEN.iterdir() if path.suffix == ".json"]
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in files} == sums


@pytest.mark.parametrize("event", EXPECTED, ids=lambda event: file_of(event).stem)
def test_golden_bytes_are_read_as_the_event_and_written_as_the_same_bytes(event: Any) -> None:
    data = file_of(event).read_bytes()
    name, schema = STORED_AS[type(event)]
    found, person = decode(name, schema, data, stream_of(event), VERSION, keyring(read_seal().key).open)
    assert found == event
    assert person == (PERSON if b"$sealed" in data else None)
    decode_strictly(name, schema, data)
    assert stored_bytes(event) == data


@pytest.mark.parametrize("event", EXPECTED, ids=lambda event: file_of(event).stem)
def test_no_personal_text_stands_in_stored_bytes(event: Any) -> None:
    text = file_of(event).read_text(encoding="utf-8")
    for _, field in form_of(type(event)).personal:
        assert (clear := getattr(event, field)) is None or clear not in text


# The frame, the leaf and the head

TEXTS = st.one_of(
    st.text(max_size=40),
    st.builds(lambda unit, count: unit * count, st.sampled_from("aé日🙂"), st.sampled_from([31, 32, 255, 256])),
    st.builds(lambda count: "x" * count, st.sampled_from([65_534, 65_535, 65_536, 70_001])),
)
BINARIES = st.one_of(
    st.binary(max_size=40), st.builds(bytes, st.sampled_from([255, 256, 65_534, 65_535, 65_536, 70_001]))
)
EDGES = [edge + step for edge in (0, 2**5, 2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**63) for step in (-1, 0, 1)]
INTEGERS = st.one_of(st.sampled_from([edge for edge in EDGES if edge >= 0] + [2**64 - 1]), st.integers(0, 2**64 - 1))


@given(st.lists(st.one_of(TEXTS, INTEGERS, BINARIES), max_size=20))
def test_the_frame_is_what_any_messagepack_encoder_writes(values: list[str | int | bytes]) -> None:
    assert frame(values) == msgspec.msgpack.encode(values)


@given(st.tuples(INTEGERS, TEXTS, INTEGERS, TEXTS, INTEGERS, BINARIES, *[TEXTS] * 9))
def test_the_fast_leaf_is_the_reference_leaf(row: tuple[Any, ...]) -> None:
    assert leaf_of(row) == leaf(frame((LEAF_FORMAT, *row)))


def test_a_frame_holds_no_negative_number() -> None:
    with pytest.raises(ValueError, match="negative"):
        frame([-1])


SPELLED_OUT = b"".join(
    [
        b"\xdc\x00\x10",
        b"\xb1deskledger.leaf.1",
        b"\xce\x00\x01\x11\x70",
        b"\xaaticket:T-1",
        b"\xcd\x01\x2c",
        b"\xafticket.restored",
        b"\x01",
        b"\xc4\x02{}",
        b"\xbb2026-06-01T09:00:00.000000Z",
        b"\xbb2026-06-01T09:00:01.000000Z",
        b"\xa9agent:ana",
        b"\xa7cli:ops",
        b"\xa0",
        b"\xd9\x2412345678-1234-5678-1234-567812345678",
        b"\xa3c-1",
        b"\xa0",
        b"\xacr\xc3\xa9gle:vip@1",
    ]
)


def test_the_leaf_of_a_row_is_the_hash_of_these_bytes() -> None:
    row = Row(
        70_000,
        "ticket:T-1",
        300,
        "ticket.restored",
        1,
        b"{}",
        NINE,
        Instant("2026-06-01T09:00:01.000000Z"),
        "agent:ana",
        "cli:ops",
        "",
        "12345678-1234-5678-1234-567812345678",
        "c-1",
        "",
        "régle:vip@1",
    )
    assert frame((LEAF_FORMAT, *row[:15])) == SPELLED_OUT
    assert leaf_of(row) == sha256(b"\x00" + SPELLED_OUT).digest()
    assert leaf_of(row).hex() == "19f7cca052bc764b355b6ffb9d93a01a9ce8ab42cc499b6093f88266a9223c16"


LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The test vectors of Certificate Transparency."""


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_head_is_the_root_that_certificate_transparency_publishes(size: int) -> None:
    leaves = [leaf(bytes.fromhex(entry)) for entry in LEAVES[:size]]
    assert Frontier().extended(leaves).head == ROOTS[size - 1] == naive_root(leaves).hex()


def test_the_head_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().head == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == naive_root([]).hex()


@given(st.lists(st.integers(0, 70), max_size=6))
def test_the_head_is_the_naive_root_however_the_leaves_arrive(portions: list[int]) -> None:
    leaves = [leaf(bytes([number % 256, number // 256])) for number in range(sum(portions))]
    frontier, taken = Frontier(), 0
    for portion in portions:
        frontier = frontier.extended(leaves[taken : taken + portion])
        taken += portion
    assert (frontier.size, frontier.head) == (len(leaves), naive_root(leaves).hex())


# Strict reading

NOTED = "ticket.revision_noted"
UNREADABLE = {
    "unknown key": b'{"source":"a","ordinal":1,"more":2}',
    "repeated key": b'{"source":"a","ordinal":1,"ordinal":1}',
    "missing key": b'{"source":"a"}',
    "space": b'{"source":"a", "ordinal":1}',
    "line end": b'{"source":"a","ordinal":1}\n',
    "other order": b'{"ordinal":1,"source":"a"}',
    "whole float": b'{"source":"a","ordinal":1.0}',
    "float": b'{"source":"a","ordinal":1.5}',
    "exponent": b'{"source":"a","ordinal":1e0}',
    "text for a number": b'{"source":"a","ordinal":"1"}',
    "number for a text": b'{"source":1,"ordinal":1}',
    "null": b'{"source":null,"ordinal":1}',
    "boolean for a number": b'{"source":"a","ordinal":true}',
    "escape that is not needed": b'{"source":"\\u0061","ordinal":1}',
    "array": b'["a",1]',
    "byte order mark": b'\xef\xbb\xbf{"source":"a","ordinal":1}',
    "not UTF-8": b'{"source":"\xff","ordinal":1}',
    "cut off": b'{"source":"a","ordinal":1',
    "nothing": b"",
}


def test_what_the_strict_cases_spoil_is_readable() -> None:
    decode_strictly(NOTED, 1, b'{"source":"a","ordinal":1}')


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_bytes_that_our_encoder_would_not_write_are_refused(data: bytes) -> None:
    with pytest.raises(EventUnreadable, match=NOTED):
        decode_strictly(NOTED, 1, data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"status":"A","status_type":"paused"}',
        b'{"status":"A","status_type":"open","$sealed":{}}',
    ],
    ids=["no such status type", "unknown key"],
)
def test_a_value_outside_its_list_is_refused(data: bytes) -> None:
    with pytest.raises(EventUnreadable):
        decode_strictly("status.defined", 1, data)


@pytest.mark.parametrize("body", [b'"clear text"', b"null", b'{"$sealed":{"subject":"s","key":"k"}}'])
def test_a_personal_field_that_is_not_sealed_is_refused(body: bytes) -> None:
    with pytest.raises(EventUnreadable):
        decode_strictly("ticket.comment_added", 1, b'{"message":1,"visibility":"public","body":%s}' % body)


@pytest.mark.parametrize(("name", "schema"), [("no.such", 1), ("ticket.opened", 2), ("ticket.opened", 0), ("", 1)])
def test_an_unknown_name_or_schema_is_refused_never_skipped(name: str, schema: int) -> None:
    with pytest.raises(EventUnreadable, match="no event is stored under"):
        decode_strictly(name, schema, b"{}")
    with pytest.raises(EventUnreadable, match="no event is stored under"):
        decode(name, schema, b"{}", "ticket:T-1", 1, withheld)


# Upcasting


@pytest.fixture
def lamp() -> Iterator[type]:
    """A name with three schemas, each with its upcaster to the next; forgotten at the end."""
    before = dict(EVENT_CLASSES), dict(STORED_AS), dict(UPCASTERS)

    @stored("lamp.lit", 1)
    @dataclass(frozen=True, slots=True)
    class FirstLampLit:
        watts: int

    @stored("lamp.lit", 2)
    @dataclass(frozen=True, slots=True)
    class SecondLampLit:
        watts: int
        owner: Personal | None

    @stored("lamp.lit", 3)
    @dataclass(frozen=True, slots=True)
    class LampLit:
        milliwatts: int
        owner: Personal | None

    UPCASTERS[FirstLampLit] = lambda old: SecondLampLit(old.watts, None)
    UPCASTERS[SecondLampLit] = lambda old: LampLit(old.watts * 1000, old.owner)
    yield LampLit
    for registry, content in zip((EVENT_CLASSES, STORED_AS, UPCASTERS), before, strict=True):
        registry.clear()
        registry.update(content)  # type: ignore[arg-type]
    form_of.cache_clear()
    form_named.cache_clear()


@pytest.mark.parametrize(
    ("schema", "data", "owner"),
    [
        (1, b'{"watts":60}', None),
        (2, b'{"watts":60,"owner":null}', None),
        (2, b'{"watts":60,"owner":{"$sealed":{"subject":"s","key":"k","ct":""}}}', "sealed"),
        (3, b'{"milliwatts":60000,"owner":null}', None),
    ],
)
def test_an_event_of_any_schema_is_read_as_the_newest(lamp: type, schema: int, data: bytes, owner: str | None) -> None:
    event, _ = decode("lamp.lit", schema, data, "lamp:1", 1, withheld)
    assert event == lamp(60_000, owner)
    decode_strictly("lamp.lit", schema, data)
    if schema != 2:
        with pytest.raises(EventUnreadable):
            decode_strictly("lamp.lit", 2, data)


def test_the_log_loads_every_older_schema_and_keeps_its_bytes(lamp: type, tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "ledger.db", create=True)
    bytes_of = {1: b'{"watts":60}', 2: b'{"watts":60,"owner":null}', 3: b'{"milliwatts":60000,"owner":null}'}
    with journal.exclusive():
        journal.write_rows(
            [
                Row(place, "lamp:1", place, "lamp.lit", place, data, NINE, NINE, "system", "cli:ops", *[""] * 5)
                for place, data in bytes_of.items()
            ]
        )
    assert [recorded.event for recorded in journal.load(["lamp:1"])["lamp:1"]] == [lamp(60_000, None)] * 3
    assert {row.schema: row.data for row in journal.rows()} == bytes_of
    journal.close()


# Seals


def sealed_comment() -> tuple[SealedParts, str]:
    """A sealed body of a golden file, and the stream it stands in."""
    raw = json.loads((GOLDEN / "ticket.comment_added.1.json").read_bytes())
    return SealedParts(**raw["body"]["$sealed"]), "ticket:T-1042"


def test_a_sealed_value_opens_in_its_place_only() -> None:
    sealed, stream = sealed_comment()
    ring = keyring(read_seal().key)
    assert ring.open(sealed, stream, VERSION, "body") == "</script>&amp; stays as it is"
    for place in [("ticket:T-2", VERSION, "body"), (stream, VERSION + 1, "body"), (stream, VERSION, "subject")]:
        with pytest.raises(SealBroken, match="does not open"):
            ring.open(sealed, *place)


@pytest.mark.parametrize("byte", [0, 11, 12, -1])
def test_a_changed_byte_of_a_sealed_value_is_noticed(byte: int) -> None:
    sealed, stream = sealed_comment()
    raw = bytearray(b64decode(sealed.ct))
    raw[byte] ^= 1
    changed = SealedParts(sealed.subject, sealed.key, b64encode(raw).decode())
    with pytest.raises(SealBroken):
        keyring(read_seal().key).open(changed, stream, VERSION, "body")


@pytest.mark.parametrize("ct", ["", "AAAA", "not base64", "é"])
def test_a_sealed_value_that_is_none_is_noticed(ct: str) -> None:
    sealed, stream = sealed_comment()
    with pytest.raises(SealBroken):
        keyring(read_seal().key).open(SealedParts(sealed.subject, sealed.key, ct), stream, VERSION, "body")


def test_a_value_that_names_another_key_is_noticed() -> None:
    sealed, stream = sealed_comment()
    other = new_key(PERSON)
    renamed = SealedParts(sealed.subject, other.key, sealed.ct)
    with pytest.raises(SealBroken):
        keyring(read_seal().key, other).open(renamed, stream, VERSION, "body")


def test_a_key_that_was_altered_no_longer_has_its_id_and_opens_nothing() -> None:
    sealed, stream = sealed_comment()
    key = read_seal().key
    altered = replace(key, secret=bytes([key.secret[0] ^ 1]) + key.secret[1:])
    assert key_id(key.secret) == key.key == sealed.key
    assert key_id(altered.secret) != altered.key
    with pytest.raises(SealBroken):
        keyring(altered).open(sealed, stream, VERSION, "body")


def test_a_value_whose_key_is_gone_reads_erased() -> None:
    sealed, stream = sealed_comment()
    assert keyring().open(sealed, stream, VERSION, "body") == ERASED


def test_two_seals_of_one_text_differ_and_every_key_has_its_own_id() -> None:
    ring = keyring(read_seal().key)
    ring.prepare([PERSON])
    assert ring.seal(PERSON, "s", 1, "f", "text") != ring.seal(PERSON, "s", 1, "f", "text")
    one, two = new_key(PERSON), new_key(PERSON)
    assert one != two
    assert one == SubjectKey(key_id(one.secret), PERSON, one.secret)
