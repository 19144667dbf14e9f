"""Frame, leaf and head are what other programs compute: an encoder, an RFC, bytes spelled out (E-07)."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sqlite.rows import Row, leaf_of
from domain.instant import Instant
from domain.integrity import LEAF_FORMAT, Frontier, frame, leaf

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
        Instant("2026-06-01T09:00:00.000000Z"),
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
