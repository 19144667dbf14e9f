"""Stored bytes are for ever: a golden file of every name and schema, strict reading, upcasting, seals (E-11, E-14)."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.codec import EventUnreadable, SealedParts, decode, decode_strictly, form_named, form_of, withheld
from adapters.keyring import SealBroken, SubjectKey, key_id, new_key
from adapters.sqlite.journal import SqliteJournal
from adapters.sqlite.rows import Row
from domain.instant import Instant
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
    sums = {name: digest for digest, name in map(str.split, SUMS.read_text(encoding="ascii").splitlines())}
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
    event_class: Any = type(event)
    for _, field in form_of(event_class).personal:
        assert (clear := getattr(event, field)) is None or clear not in text


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
    "half a surrogate pair": b'{"source":"\\ud800","ordinal":1}',
    "nested without end": b'{"source":"a","ordinal":1,"more":%s}' % (b"[" * 100_000),
    "cut off": b'{"source":"a","ordinal":1',
    "nothing": b"",
}


def test_what_the_strict_cases_spoil_is_readable() -> None:
    decode_strictly(NOTED, 1, b'{"source":"a","ordinal":1}')


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_bytes_that_our_encoder_would_not_write_are_refused(data: bytes) -> None:
    with pytest.raises(EventUnreadable, match=NOTED):
        decode_strictly(NOTED, 1, data)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"message":1}', b'{"message":1,"visibility":"\xff"}', b"[" * 100_000])
def test_bytes_that_no_decoder_accepts_are_an_unreadable_event_when_loaded_too(data: bytes) -> None:
    with pytest.raises(EventUnreadable, match=r"s@1: ticket\.comment_added"):
        decode("ticket.comment_added", 1, data, "s", 1, withheld)


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
    registries: list[dict[Any, Any]] = [EVENT_CLASSES, STORED_AS, UPCASTERS]
    before = [dict(registry) for registry in registries]

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
    for registry, content in zip(registries, before, strict=True):
        registry.clear()
        registry.update(content)
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
                Row(
                    place, "lamp:1", place, "lamp.lit", place, data, NINE, NINE, "system", "cli:ops", "", "", "", "", ""
                )
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


@pytest.mark.parametrize("spoil", ["", "AAAA", "not base64", "é", "{}\n", "\n{}", "{}!"])
def test_a_sealed_value_that_is_not_exactly_base64_is_noticed(spoil: str) -> None:
    sealed, stream = sealed_comment()
    spoiled = SealedParts(sealed.subject, sealed.key, spoil.format(sealed.ct))
    with pytest.raises(SealBroken):
        keyring(read_seal().key).open(spoiled, stream, VERSION, "body")


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
