"""`deskledger db`: what it makes, what it says, and which files it will not take for a ledger."""

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from tests.adapters.cli.conftest import EVENTS, opening


def test_init_makes_the_file_and_says_so(cli, folder):
    said = cli("db", "init", "--json")
    assert said.code == 0
    assert said.json["created"] is True
    assert (said.json["events"], said.json["streams"], said.json["last_position"]) == (0, 0, 0)
    assert said.json["head"] == sha256(b"").hexdigest()
    assert said.err == "made deskledger.db\n"
    assert (folder / "deskledger.db").exists()


def test_init_leaves_what_is_there(desk):
    said = desk("db", "init", "--json")
    assert said.code == 0
    assert said.json["created"] is False
    assert said.json["events"] == EVENTS
    assert said.err == "deskledger.db was there already\n"


def test_info_counts_and_names_versions(desk):
    about = desk("db", "info", "--json").json
    assert (about["events"], about["last_position"], about["receipts"]) == (EVENTS, EVENTS, 9)
    assert about["streams"] == 4
    assert len(about["head"]) == 64
    assert about["store"] == "sqlite"
    assert set(about["versions"]) == {"deskledger", "layout", "sqlite", "python"}


def test_the_head_is_the_one_that_verify_recomputes(desk):
    assert desk("db", "info", "--json").json["head"] == desk("replay", "verify", "--json").json["head"]


def test_info_for_people(desk):
    said = desk("db", "info")
    assert said.code == 0
    assert f"events         {EVENTS}\n" in said.out
    assert said.err == ""


def test_a_missing_file_is_unavailable_and_not_made(cli, folder):
    said = cli("db", "info")
    assert said.code == 6
    assert said.out == ""
    assert said.err == "error: deskledger.db does not exist; `deskledger db init` makes it\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", [("db", "info"), ("db", "init"), ("ticket", "list"), ("projection", "status")])
def test_a_text_file_is_no_database(cli, folder, words):
    (folder / "notes.txt").write_text("buy milk\n" * 100)
    said = cli(*words, "--db", "sqlite:///notes.txt")
    assert said.code == 6
    assert said.err.startswith("error: notes.txt is not a DeskLedger database")
    assert len(said.err.splitlines()) == 1
    assert (folder / "notes.txt").read_text() == "buy milk\n" * 100


def test_another_programs_database_is_left_alone(cli, folder):
    with closing(sqlite3.connect(folder / "other.db")) as other:
        other.execute("CREATE TABLE recipes (name)")
        other.commit()
    before = (folder / "other.db").read_bytes()
    for words in (("db", "init"), ("db", "info"), ("ticket", "show", "T-1")):
        assert cli(*words, "--db", "sqlite:///other.db").code == 6
    assert (folder / "other.db").read_bytes() == before


def test_a_folder_is_no_database(cli, folder):
    said = cli("db", "info", "--db", f"sqlite:///{folder}")
    assert (said.code, len(said.err.splitlines())) == (6, 1)


def test_a_missing_folder_cannot_hold_one(cli):
    said = cli("db", "init", "--db", "sqlite:///no/such/folder/desk.db")
    assert (said.code, len(said.err.splitlines())) == (6, 1)


def test_a_folder_that_cannot_be_written(cli, folder):
    locked = folder / "locked"
    locked.mkdir(mode=0o500)
    try:
        (locked / "probe").touch()
    except OSError:
        said = cli("db", "init", "--db", f"sqlite:///{locked}/desk.db")
        assert (said.code, len(said.err.splitlines())) == (6, 1)
    else:
        pytest.skip("this user may write anywhere")


def test_an_unknown_kind_of_store_is_a_wrong_use(cli):
    said = cli("db", "info", "--db", "oracle://desk")
    assert said.code == 2
    assert "write sqlite:///FILE" in said.err


def test_a_damaged_file_ends_in_one_line_whatever_is_asked(desk, folder):
    file = folder / "deskledger.db"
    raw = bytearray(file.read_bytes())
    for page in range(3, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 4000] = b"\xff" * 4000
    file.write_bytes(raw)
    asked = ["db info", "ticket list", "ticket history T-1", "report backlog", "report backlog --at-position 5"]
    for words in [*asked, "projection status", "projection rebuild", "contact erase carla", "command receipt c-1"]:
        said = desk(*words.split())
        assert said.code in (0, 6), (words, said)
        assert said.code == 0 or len(said.err.splitlines()) == 1, (words, said)
        assert "Traceback" not in said.out + said.err
    sent = desk("command", "send", "-", stdin=opening("T-9", "c-99"))
    assert sent.code == 6
    assert sent.out == ""


def test_a_database_that_another_process_locks_is_unavailable(desk, folder, monkeypatch):
    assert desk("ticket", "list").code == 0
    monkeypatch.setattr("adapters.sqlite.store.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(folder / "deskledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = desk("command", "send", "-", stdin=opening("T-9", "c-99"))
        assert said.code == 6
        assert "locked" in said.err
        assert desk("ticket", "list").code == 0
        other.execute("ROLLBACK")
    assert desk("command", "send", "-", stdin=opening("T-9", "c-99")).code == 0
