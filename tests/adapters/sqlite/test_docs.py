"""docs/log.md is current, its example can be computed by hand, and its ten lines find what was altered (E-07)."""

import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.sqlite.docs import PAGE, page
from adapters.sqlite.schema import COMMENTS
from adapters.wiring import Ledger
from tests.examples import command, opening, send


def program() -> str:
    """The program that the page shows."""
    found = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def check(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Runs the program that the page shows, on the ledger's file."""
    compiled = compile(program(), str(PAGE), "exec")
    monkeypatch.setattr(sys, "argv", ["check", str(path)])
    return lambda: exec(compiled, {})


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_has_every_table_and_column_with_its_meaning() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for table, (meaning, columns) in COMMENTS.items():
        assert f"## `{table}`\n\n{meaning}" in text
        for column, comment in columns.items():
            assert f"| `{column}` | {comment} |" in text


def test_the_pieces_of_the_example_make_its_leaf() -> None:
    text = PAGE.read_text(encoding="utf-8")
    pieces = [bytes.fromhex(piece) for piece in re.findall(r"^\|.*\| `([0-9a-f]+)` \|$", text, re.MULTILINE)]
    assert len(pieces) == 17
    assert f"Its leaf is `{sha256(bytes(1) + b''.join(pieces)).hexdigest()}`." in text


def test_the_program_of_the_page_has_ten_lines_and_finds_nothing_in_an_untouched_log(
    ledger: Ledger, check: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    send(ledger, opening(), command("AddComment", body="Called back"))
    check()
    assert capsys.readouterr().out == "every leaf is the leaf of its row\n"
    assert len(program().splitlines()) == 10


@pytest.mark.parametrize(
    "alteration",
    [
        "UPDATE log SET version = 9 WHERE position = 2",
        "UPDATE log SET occurred_at = recorded_at || ' ' WHERE position = 2",
        "UPDATE log SET data = replace(data, '1', '2') WHERE position = 2",
        "UPDATE log SET actor = via WHERE position = 2",
        "UPDATE texts SET text = text || 'x' WHERE id = (SELECT name FROM log WHERE position = 2)",
        "UPDATE log SET leaf = zeroblob(32) WHERE position = 2",
        "DELETE FROM log WHERE position = 2",
        "DELETE FROM texts WHERE id = (SELECT name FROM log WHERE position = 2)",
    ],
)
def test_the_program_of_the_page_names_the_row_that_was_altered(
    ledger: Ledger, path: Path, check: Callable[[], None], alteration: str
) -> None:
    send(ledger, opening(), command("AddComment", body="Called back"), command("CloseTicket"))
    with closing(sqlite3.connect(path, isolation_level=None)) as intruder:
        for table in ("log", "texts"):
            intruder.execute(f"DROP TRIGGER {table}_no_update")
            intruder.execute(f"DROP TRIGGER {table}_no_delete")
        intruder.execute(alteration)
    with pytest.raises(SystemExit, match="position 2"):
        check()
