"""`replay verify` finds every row of a projection that was made by hand, and names its table and key (E-05)."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.verification import verify_ledger
from projections.base import Projection, columns
from projections.catalogue import PROJECTIONS
from tests.end_to_end.desk_run import desk_run, random_plan
from tests.end_to_end.test_adoption import ask, revision

STEPS = 120
IDS = [one.name for one in PROJECTIONS]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk of which every projection has rows: blueprints, policies, contacts, messages, imports, adoptions."""
    folder = tmp_path_factory.mktemp("desk")
    with desk_run(folder) as run:
        run.send({"command": "RegisterContact", "contact_id": "carla", "name": "Carla", "address": "c@example.org"})
        for step in random_plan(1, 6, STEPS, 0):
            run.pass_time(step)
            if step.kind == "command":
                run.send(step.asked)
        run.send(revision(1))
        run.send(ask("AdoptTicket", status="Open"))
        run.ledger.runner.catch_up()
    assert verify_ledger(folder / "desk.db").ok
    return folder / "desk.db"


@pytest.fixture
def copy(desk: Path, tmp_path: Path) -> Path:
    """The desk's file, to be written into by hand."""
    return Path(shutil.copyfile(desk, tmp_path / "copy.db"))


Row = dict[str, Any]


def rows(path: Path, table: str) -> list[Row]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(one) for one in connection.execute(f"SELECT * FROM {table}")]


@contextmanager
def by_hand(path: Path, *statements: tuple[str, tuple[Any, ...]]) -> Iterator[None]:
    """The file with these written into it; as it was at the end."""
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement, values in statements:
            assert connection.execute(statement, values).rowcount == 1
    yield
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.write_bytes(whole)


def key_of(projection: Projection[Any], row: Row) -> str:
    return " ".join(str(row[name]) for name in projection.key)


def at_key(projection: Projection[Any], row: Row) -> tuple[str, tuple[Any, ...]]:
    return " AND ".join(f'"{name}" = ?' for name in projection.key), tuple(row[name] for name in projection.key)


def inserted(projection: Projection[Any], row: Row) -> tuple[str, tuple[Any, ...]]:
    return f"INSERT INTO {projection.name} VALUES ({', '.join('?' * len(row))})", (*row.values(),)


def others(value: Any, of_type: type) -> list[Any]:
    """Values that it could be instead: one like it, and none where there is one."""
    if value is None:
        return [1 if of_type in (int, bool) else "x"]
    if of_type is bool:
        return [1 - value]
    return (
        [value + 1, None] if isinstance(value, int) else [f"{value[:-1]}{'y' if value[-1:] == 'x' else 'x'}", "", None]
    )


def assert_found(path: Path, projection: Projection[Any], keys: set[str], what: object) -> None:
    found = verify_ledger(path)
    named = {(one.table, one.key) for one in found.kept}
    assert not found.ok, what
    assert named & {(projection.name, key) for key in keys}, (what, named)
    assert {table for table, _ in named} == {projection.name}, (what, named)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=IDS)
def test_a_change_of_any_column_by_hand_is_found(projection: Projection[Any], copy: Path) -> None:
    """Each column of a row, one at a time: another value, none, and where it has none, one."""
    stored = rows(copy, projection.name)
    wanted, tried = {about.name for about in columns(projection.row)}, set[str]()
    for about in columns(projection.row):
        # Where some row has a value and some have none, both are tried.
        chosen = {one[about.name] is None: one for one in stored}
        for row in chosen.values():
            where, key = at_key(projection, row)
            for new in others(row[about.name], about.type):
                statement = f'UPDATE {projection.name} SET "{about.name}" = ? WHERE {where}'
                try:
                    with by_hand(copy, (statement, (new, *key))):
                        tried.add(about.name)
                        keys = {key_of(projection, row), key_of(projection, {**row, about.name: new})}
                        assert_found(copy, projection, keys, (about.name, row[about.name], new))
                except sqlite3.IntegrityError:
                    continue  # the table itself does not take it
    assert tried == wanted


@pytest.mark.parametrize("projection", PROJECTIONS, ids=IDS)
def test_a_row_that_is_removed_or_added_by_hand_is_found(projection: Projection[Any], copy: Path) -> None:
    """Every row of the table taken away in turn; one more of a ticket that there is, and of one that there is not."""
    stored = rows(copy, projection.name)
    assert stored
    for row in stored[:: max(1, len(stored) // 6)]:
        where, key = at_key(projection, row)
        with by_hand(copy, (f"DELETE FROM {projection.name} WHERE {where}", key)):
            assert_found(copy, projection, {key_of(projection, row)}, "deleted")
    last = stored[-1]
    first, final = projection.key[0], projection.key[-1]
    made = [{**last, first: "nowhere"}]
    if final != first:
        made.append({**last, final: max(one[final] for one in stored) + 1})
    for row in made:
        with by_hand(copy, inserted(projection, row)):
            # The rows of a ticket that the log does not know are told by the ticket.
            keys = {"nowhere"} if row[first] == "nowhere" else {key_of(projection, row)}
            assert_found(copy, projection, keys, "added")


@pytest.mark.parametrize("projection", PROJECTIONS, ids=IDS)
def test_verify_ends_with_four_and_says_where(
    projection: Projection[Any], copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same through the command line, for people."""
    from adapters.cli.main import run

    row = rows(copy, projection.name)[0]
    where, key = at_key(projection, row)
    with by_hand(copy, (f"DELETE FROM {projection.name} WHERE {where}", key)):
        assert run(["replay", "verify", "--db", f"sqlite:///{copy}"]) == 4
        printed = capsys.readouterr().out
    assert projection.name in printed
    assert key_of(projection, row) in printed
