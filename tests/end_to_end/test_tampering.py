"""E-07: whatever is changed, removed, swapped or added in the file is found; in the log it is also located."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.verification import verify_ledger
from domain.integrity import Frontier
from replay.findings import Pin, Verification
from tests.end_to_end.tampered import (
    KEYS,
    Attacker,
    Desk,
    Done,
    Tampering,
    build,
    framed,
    receipt_framed,
    update,
    where,
)
from tests.examples import codes, command, ledger_at, send

ROUNDS = int(os.environ.get("DESKLEDGER_TAMPERINGS", "1000"))
SEED = int(os.environ.get("DESKLEDGER_SEED", "20260601"))
FILLED = [table for table in KEYS if table not in ("tracking", "meta_parked")]
SEVERAL = [table for table in FILLED if table not in ("sequences", "ledger", "meta_tree")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The untouched ledger."""
    return build(tmp_path_factory.mktemp("desk") / "desk.db")


@pytest.fixture
def chance() -> Random:
    """The same chance every time, of the seed that is printed where a test fails."""
    print(f"seed {SEED}")  # noqa: T201 - pytest shows it where a test fails
    return Random(SEED)


@pytest.fixture
def attacker(desk: Desk, chance: Random, tmp_path: Path) -> Attacker:
    """Somebody with the file and a disassembler."""
    return Attacker(desk, chance, tmp_path)


# What an attacker does, by chance


def change(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """One byte of one column."""
    table = chance.choice(FILLED)
    one = attacker.one(connection, table)
    if one is None:
        return None
    column = chance.choice(one.keys())
    new = attacker.other(one[column])
    update(connection, table, one, {column: new})
    moved = column == "position" and table == "log"
    position = min(one["position"], new) if moved else one["position"] if table == "log" else None
    return Done(f"{table}.{column}: {one[column]!r} is {new!r}", position)


def retype(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """A value of another type that looks the same."""
    table = chance.choice(FILLED)
    one = attacker.one(connection, table)
    if one is None:
        return None
    column = chance.choice([name for name in one.keys() if not isinstance(one[name], int | None)])  # noqa: SIM118
    old = one[column]
    update(connection, table, one, {column: old.encode() if isinstance(old, str) else old.hex()})
    return Done(f"{table}.{column} has another type", one["position"] if table == "log" else None)


def mangle(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """Text that is no UTF-8."""
    table = chance.choice(FILLED)
    one = attacker.one(connection, table)
    if one is None:
        return None
    texts = [name for name in one.keys() if isinstance(one[name], str) and name not in KEYS[table]]  # noqa: SIM118
    if not texts:
        return None
    column = chance.choice(texts)
    condition, key = where(table, one)
    connection.execute(f"UPDATE {table} SET \"{column}\" = CAST(X'80FFC0' AS TEXT) WHERE {condition}", key)
    return Done(f"{table}.{column} is no UTF-8", one["position"] if table == "log" else None)


def remove(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """One row."""
    table = chance.choice(FILLED)
    one = attacker.one(connection, table)
    if one is None:
        return None
    condition, key = where(table, one)
    connection.execute(f"DELETE FROM {table} WHERE {condition}", key)
    return Done(f"{table} lost {key}", one["position"] if table == "log" else None)


def add(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """A row like another one, under a key of its own."""
    table = chance.choice([*KEYS])
    found = attacker.some(connection, table)
    values = list(found[0]) if found else ["tickets", 7] if table == "tracking" else ["dim_tickets", "T-1", 7, "why"]
    names = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
    own = dict(zip(names, values, strict=True))
    last = KEYS[table][-1]
    taken = {one[0] for one in connection.execute(f'SELECT "{last}" FROM {table}')}
    own[last] = max(taken, default=0) + chance.choice((1, 1, 5)) if isinstance(own[last], int) else f"{own[last]}+"
    for unique in ("text", "command_id"):
        if unique in own and unique != last and table != "log":
            own[unique] += "+"
    if table == "log":
        own["version"] += 1000
    marks = ", ".join("?" * len(own))
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", [*own.values()])
    return Done(f"{table} has one more, {own[last]!r}", max(taken) + 1 if table == "log" else None)


def swap(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """What two rows say, their keys left."""
    table = chance.choice(SEVERAL)
    found = attacker.some(connection, table, 2)
    if found is None:
        return None
    first, second = found
    names = [name for name in first.keys() if name not in KEYS[table]]  # noqa: SIM118
    if [first[name] for name in names] == [second[name] for name in names]:
        return None
    # Unique columns would collide half-way, so the first row steps aside.
    condition, key = where(table, first)
    connection.execute(f"DELETE FROM {table} WHERE {condition}", key)
    update(connection, table, second, {name: first[name] for name in names})
    swapped = [first[name] if name in KEYS[table] else second[name] for name in first.keys()]  # noqa: SIM118
    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(swapped))})", swapped)
    position = min(first["position"], second["position"]) if table == "log" else None
    return Done(f"{table}: {key} and another one are swapped", position)


def cut(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """The last rows of the log, or its last transactions whole: receipts, keys and claims too."""
    last = connection.execute("SELECT max(position) FROM log").fetchone()[0]
    first = last - chance.randrange(1, 9)
    if chance.random() < 0.5:
        connection.execute("DELETE FROM log WHERE position >= ?", (first,))
        return Done("the log's tail", first)
    command_id = connection.execute("SELECT command_id FROM log WHERE position = ?", (first,)).fetchone()[0]
    number = connection.execute("SELECT number FROM receipts WHERE command_id = ?", (command_id,)).fetchone()[0]
    first = connection.execute("SELECT min(position) FROM log WHERE command_id = ?", (command_id,)).fetchone()[0]
    connection.execute("DELETE FROM log WHERE position >= ?", (first,))
    connection.execute("DELETE FROM receipts WHERE number >= ?", (number,))
    return Done("the tail of log and receipts", first)


def recompute(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """One column of a row of the log, with the leaf of the row as it now is."""
    one = attacker.one(connection, "log")
    if one is None:
        return None
    column = chance.choice(("data", "occurred_at", "recorded_at", "correlation_id", "cause", "actor", "judged_by"))
    texts = connection.execute("SELECT max(id) FROM texts").fetchone()[0]
    new = one[column] % texts + 1 if isinstance(one[column], int) else attacker.other(one[column])
    update(connection, "log", one, {column: new})
    framed(connection, one["position"])
    return Done(f"log.{column} with its leaf")


def unguard(attacker: Attacker, connection: sqlite3.Connection, chance: Random) -> Done | None:
    """Something of the layout: an index or a view less, a trigger more."""
    kinds: list[tuple[str, str]] = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('index', 'view') AND sql IS NOT NULL"
    ).fetchall()
    kind, name = chance.choice([*kinds, ("trigger", "helpful")])
    if kind == "trigger":
        connection.execute(f"CREATE TRIGGER {name} AFTER INSERT ON log BEGIN DELETE FROM claims; END")
    else:
        connection.execute(f"DROP {kind} {name}")
    return Done(f"the {kind} {name}")


WAYS: dict[Tampering, int] = {
    change: 40,
    retype: 6,
    mangle: 4,
    remove: 14,
    add: 10,
    swap: 12,
    cut: 5,
    recompute: 6,
    unguard: 3,
}
"""Each way with how often it is tried, in a hundred."""


def tampered(attacker: Attacker, chance: Random) -> Done:
    """One tampering by chance; what changes nothing or what SQLite itself refuses is no tampering."""
    (way,) = chance.choices([*WAYS], [*WAYS.values()])
    while True:
        try:
            with attacker.at_work() as connection:
                done = way(attacker, connection, chance)
        except sqlite3.IntegrityError:
            continue
        if done is not None:
            return Done(f"{way.__name__}: {done.what}", done.position)


def test_the_untouched_ledger_is_consistent(desk: Desk) -> None:
    found = verify_ledger(desk.path)
    assert found.kept == ()
    assert (found.ok, found.anchored) == (True, "consistent, not anchored")
    assert found.events > 250
    assert found.receipts > found.events / 2


def test_a_thousand_tamperings_are_found_and_those_of_the_log_are_located(
    attacker: Attacker, chance: Random, desk: Desk
) -> None:
    """E-07, design section 9, promise 4."""
    missed: list[str] = []
    tried: Counter[str] = Counter()
    for _ in range(ROUNDS):
        done = tampered(attacker, chance)
        tried[done.what.partition(" ")[0].partition(":")[0]] += 1
        found = verify_ledger(attacker.path)
        named = found.first_bad.position if found.first_bad else None
        if found.ok or (done.position is not None and named != done.position):
            missed.append(f"{done.what}: first bad is {named} and should be {done.position}; {found.kept[:3]}")
    assert missed == []
    assert len(tried) == len(WAYS) or ROUNDS < 500


@pytest.mark.parametrize("guard", range(8))
def test_a_dropped_guard_is_found(guard: int, attacker: Attacker, chance: Random) -> None:
    with attacker.at_work():
        pass
    with closing(sqlite3.connect(attacker.path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name").fetchall()
        name = names[guard * len(names) // 8][0]
        connection.execute(f"DROP TRIGGER {name}")
        connection.commit()
    found = verify_ledger(attacker.path)
    assert [(one.table, one.key) for one in found.kept] == [("sqlite_master", name)]


def test_a_key_that_was_destroyed_and_is_put_back_is_found(desk: Desk, attacker: Attacker) -> None:
    """E-14: who kept a copy of a key cannot make the erasure undone unnoticed."""
    assert desk.erased_keys
    for row in desk.erased_keys:
        with attacker.at_work() as connection:
            connection.execute("INSERT INTO subject_keys VALUES (?, ?, ?)", row)
        found = verify_ledger(attacker.path)
        assert not found.ok
        assert (found.kept[0].table, found.kept[0].key) == ("subject_keys", row[0])
        assert "was destroyed by the erasure" in found.kept[0].reason


def test_an_index_that_hides_a_row_is_found(attacker: Attacker) -> None:
    with attacker.at_work() as connection:
        connection.execute("PRAGMA writable_schema = ON")
        find = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (page,) = connection.execute(find, ("log_stream_version",)).fetchone()
        connection.execute("CREATE INDEX other ON log (stream, version) WHERE position <> 9")
        (other,) = connection.execute(find, ("other",)).fetchone()
        connection.execute("DELETE FROM sqlite_master WHERE name = 'other'")
        connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = 'log_stream_version'", (other,))
        assert page != other
    found = verify_ledger(attacker.path)
    assert not found.ok
    assert any(one.table == "the file" for one in found.kept)


def test_damage_in_the_bytes_of_the_file_never_breaks_the_verification(
    desk: Desk, attacker: Attacker, chance: Random
) -> None:
    """Either the damage is found, or nothing that the tables say has changed: the byte was in use by nobody."""
    with attacker.at_work():
        pass
    whole, said = attacker.path.read_bytes(), _content(attacker.path)
    found_of = Counter[bool]()
    for _ in range(150):
        place, length = chance.randrange(len(whole)), chance.choice((1, 1, 64, 4096))
        damaged = bytearray(whole)
        damaged[place : place + length] = chance.randbytes(min(length, len(whole) - place))
        attacker.path.write_bytes(damaged)
        found = verify_ledger(attacker.path)
        found_of[not found.ok] += 1
        assert not found.ok or _content(attacker.path) == said
    assert found_of[True] > 60


def _content(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in KEYS]


def test_a_file_that_is_no_database_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "noise.db"
    for content in (b"", b"not a database, not even nearly; " * 400):
        path.write_bytes(content)
        found = verify_ledger(path)
        assert not found.ok
        assert found.first_bad is not None


# Whoever rewrites everything


def rewritten(attacker: Attacker, position: int) -> Verification:
    """Another actor at a position, and everything that follows from the log made anew."""
    with attacker.at_work() as connection:
        others = "SELECT actor FROM log WHERE actor <> (SELECT actor FROM log WHERE position = ?) ORDER BY position"
        actor = connection.execute(others, (position,)).fetchone()[0]
        connection.execute("UPDATE log SET actor = ? WHERE position = ?", (actor, position))
        framed(connection, position)
        connection.execute("DELETE FROM meta_tree")
    with ledger_at(attacker.path) as ledger:
        ledger.runner.rebuild()
        ledger.runner.catch_up()
    return verify_ledger(attacker.path)


def test_a_log_that_was_rewritten_whole_is_consistent_and_not_anchored(attacker: Attacker) -> None:
    found = rewritten(attacker, 40)
    assert found.kept == ()
    assert found.anchored == "consistent, not anchored"


def test_a_pin_proves_that_a_rewritten_log_is_another_one(desk: Desk, attacker: Attacker, chance: Random) -> None:
    with closing(sqlite3.connect(desk.path)) as connection:
        leaves = [leaf for (leaf,) in connection.execute("SELECT leaf FROM log ORDER BY position")]
    for _ in range(12):
        position = chance.randrange(1, len(leaves) + 1)
        pinned = chance.randrange(position, len(leaves) + 1)
        pin = Pin(pinned, Frontier().extended(leaves[:pinned]).head)
        assert verify_ledger(desk.path, pin=pin).anchored == "pinned"
        assert rewritten(attacker, position).ok
        found = verify_ledger(attacker.path, pin=pin)
        assert (found.ok, found.anchored, found.findings) == (False, "not consistent", 1)
        assert found.first_bad is not None
        assert str(pin) in found.first_bad.reason
        # What was pinned before the rewritten position is still there.
        earlier = Pin(position - 1, Frontier().extended(leaves[: position - 1]).head)
        assert verify_ledger(attacker.path, pin=earlier).anchored == "pinned"


def test_a_pin_proves_that_a_tail_was_cut_with_all_that_belongs_to_it(desk: Desk, attacker: Attacker) -> None:
    """The last transactions, whole: their events, receipts and rows, as if they had never been."""
    whole = verify_ledger(desk.path)
    with attacker.at_work() as connection:
        number, first = _last_answered(connection)
        connection.execute("DELETE FROM log WHERE position >= ?", (first,))
        connection.execute("DELETE FROM receipts WHERE number >= ?", (number,))
        for table in ("meta_tree", "meta_projections", *[name for name in KEYS if name[:3] in ("dim", "fct")]):
            connection.execute(f"DELETE FROM {table}")
    with ledger_at(attacker.path) as ledger:
        ledger.runner.rebuild()
        ledger.runner.catch_up()
    assert verify_ledger(attacker.path).kept == ()
    found = verify_ledger(attacker.path, pin=Pin(whole.events, whole.head))
    assert found.first_bad is not None
    assert found.first_bad.position == first
    assert f"{whole.events}:{whole.head}" in found.first_bad.reason


def _last_answered(connection: sqlite3.Connection) -> tuple[int, int]:
    """Number of the last receipt with events, and the first of these."""
    command_id, first = connection.execute(
        "SELECT command_id, min(position) FROM log GROUP BY command_id ORDER BY min(position) DESC LIMIT 1"
    ).fetchone()
    number = connection.execute("SELECT number FROM receipts WHERE command_id = ?", (command_id,)).fetchone()[0]
    return number, first


# What nothing in the file contradicts


def _without_last_refusal(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM receipts WHERE number = (SELECT max(number) FROM receipts)")


def _with_another_digest(connection: sqlite3.Connection) -> None:
    number = connection.execute("SELECT max(number) FROM receipts").fetchone()[0]
    connection.execute("UPDATE receipts SET digest = zeroblob(32) WHERE number = ?", (number,))
    receipt_framed(connection, number)


@pytest.mark.parametrize("tamper", [_without_last_refusal, _with_another_digest])
def test_a_refusal_cut_from_the_end_or_rewritten_with_its_leaf_leaves_no_trace(
    tamper: Callable[[sqlite3.Connection], None], desk: Desk, chance: Random, tmp_path: Path
) -> None:
    """The limit that docs/auditor.md tells: receipts have leaves and no tree, so no head and no pin covers them."""
    path = tmp_path / "refused.db"
    shutil.copyfile(desk.path, path)
    with ledger_at(path) as ledger:
        (receipt,) = send(ledger, command("ReopenTicket", ticket_id="nowhere"))
        assert codes(receipt) == ["ticket_not_found"]
    whole = verify_ledger(path)
    assert whole.ok
    attacker = Attacker(Desk(path, ()), chance, tmp_path)
    with attacker.at_work() as connection:
        tamper(connection)
    assert verify_ledger(attacker.path, pin=Pin(whole.events, whole.head)).ok
