"""`deskledger command`: JSON lines in, one receipt a line out, whatever the lines are."""

import io
import json
from types import SimpleNamespace

import pytest

from adapters.cli import command
from adapters.cli.exits import Unreadable
from tests.adapters.cli.conftest import EVENTS, line, opening


@pytest.fixture
def empty(cli):
    assert cli("db", "init").code == 0
    return cli


def send(cli, *lines, as_json=True):
    return cli("command", "send", "-", *(["--json"] if as_json else []), stdin="\n".join(lines))


def test_an_accepted_command_says_where_its_events_are(empty):
    said = send(empty, opening("T-1", "c-1", agent="ana"))
    assert said.code == 0
    (receipt,) = said.lines
    assert receipt["recorded_at"].endswith("Z")
    assert receipt["principal"].startswith("cli:")
    del receipt["recorded_at"], receipt["principal"]
    assert receipt == {
        "outcome": "accepted",
        "command_id": "c-1",
        "command": "OpenTicket",
        "stream": "ticket:T-1",
        "number": 1,
        "positions": [1, 2],
        "versions": {"ticket:T-1": 2},
        "reasons": [],
    }
    assert said.err == ""


def test_the_same_line_again_prints_the_same_bytes(empty):
    first = send(empty, opening("T-1", "c-1"))
    refused = send(empty, opening("T-1", "c-2"))
    assert send(empty, opening("T-1", "c-1")).out == first.out
    assert send(empty, opening("T-1", "c-2")).out == refused.out
    assert send(empty, opening("T-1", "c-1"), opening("T-1", "c-2")).out == first.out + refused.out


def test_a_refused_command_gives_every_reason(empty):
    said = send(empty, line("CloseTicket", "c-1", ticket_id="T-9"))
    assert said.code == 5
    assert said.lines[0]["outcome"] == "refused"
    assert said.lines[0]["reasons"] == [
        {"code": "ticket_not_found", "sentence": "There is no ticket T-9.", "facts": {"ticket_id": "T-9"}}
    ]


def test_a_conflict_is_refused_for_now(empty):
    send(empty, opening("T-1", "c-1"))
    said = send(empty, line("CloseTicket", "c-2", ticket_id="T-1", expected_version=7))
    assert said.code == 5
    assert (said.lines[0]["outcome"], said.lines[0]["number"]) == ("conflict", 0)
    assert send(empty, line("CloseTicket", "c-2", ticket_id="T-1", expected_version=1)).code == 0


def test_a_batch_goes_on_past_what_is_refused_or_unreadable(empty):
    said = send(
        empty,
        opening("T-1", "c-1"),
        "",
        "no JSON",
        line("OpenTicket", "c-2", ticket_id="T-2"),
        line("CloseTicket", "c-3", ticket_id="T-9"),
        "   ",
        opening("T-2", "c-4"),
    )
    assert said.code == 7
    assert [one["outcome"] for one in said.lines] == ["accepted", "unreadable", "unreadable", "refused", "accepted"]
    assert [one.get("line") for one in said.lines] == [None, 3, 4, None, None]
    assert said.lines[2]["mistakes"] == [
        "channel: Field required",
        "subject: Field required",
        "department: Field required",
    ]
    assert said.err == "2 accepted, 1 refused, 2 unreadable\n"
    assert empty("db", "info", "--json").json["receipts"] == 3


def test_nothing_accepted_and_something_unreadable_is_refused(empty):
    assert send(empty, "no JSON", line("CloseTicket", "c-1", ticket_id="T-9")).code == 5


@pytest.mark.parametrize("input_", [b"no JSON\n{}\n[]\n", bytes(range(256)) * 40, b"\xff\xfe\x00", b'{"a": "\xff"}'])
def test_input_without_a_command_is_unreadable(empty, input_):
    said = empty("command", "send", "-", "--json", stdin=input_)
    assert said.code == 2
    assert {one["outcome"] for one in said.lines} == {"unreadable"}
    assert empty("db", "info", "--json").json["events"] == 0


@pytest.mark.parametrize("input_", ["", "\n\n  \n"])
def test_input_without_a_line_is_unreadable(empty, input_):
    said = empty("command", "send", "-", stdin=input_)
    assert said.code == 2
    assert said.err == "error: stdin: holds no command; expected a JSON object a line\n"


def test_a_file_may_have_a_byte_order_mark_and_windows_line_ends(empty, folder):
    text = "\ufeff" + opening("T-1", "c-1") + "\r\n" + opening("T-2", "c-2")
    (folder / "commands.jsonl").write_bytes(text.encode())
    said = empty("command", "send", "commands.jsonl", "--json")
    assert said.code == 0
    assert [one["stream"] for one in said.lines] == ["ticket:T-1", "ticket:T-2"]


@pytest.mark.parametrize("file", ["missing.jsonl", ".", "a\0b"])
def test_a_file_that_cannot_be_read(empty, file):
    said = empty("command", "send", file)
    assert said.code == 2
    assert said.out == ""
    assert "cannot be read" in said.err
    assert len(said.err.splitlines()) == 1


def test_more_than_one_batch_is_answered_in_order(empty):
    count = command.BATCH + 20
    said = send(empty, *(opening(f"T-{n}", f"c-{n}") for n in range(count)))
    assert said.code == 0
    assert [one["stream"] for one in said.lines] == [f"ticket:T-{n}" for n in range(count)]


def test_what_a_human_reads(empty):
    said = send(empty, opening("T-1", "c-1"), line("CloseTicket", "c-2", ticket_id="T-9"), "?", as_json=False)
    first, second, third = said.out.splitlines()
    assert first == "accepted    OpenTicket ticket:T-1  position 1"
    assert second == "refused     CloseTicket ticket:T-9  There is no ticket T-9."
    assert third.startswith("unreadable  line 3: input: ")


def test_the_door_may_speak_for_others_and_say_when(empty):
    asked = opening("T-1", "c-1", "2026-01-01T00:00:00+02:00", actor="service:mail")
    assert send(empty, asked).code == 0
    (event,) = empty("ticket", "history", "T-1", "--json").json["rows"]
    assert (event["actor"], event["occurred_at"]) == ("service:mail", "2025-12-31T22:00:00.000000Z")
    assert event["via"].startswith("cli:")


def test_a_receipt_can_be_read_for_ever(empty):
    sent = send(empty, line("CloseTicket", "c-1", ticket_id="T-9"))
    assert empty("command", "receipt", "c-1", "--json").out == sent.out
    shown = empty("command", "receipt", "c-1")
    assert shown.code == 0
    assert "ticket_not_found: There is no ticket T-9." in shown.out


def test_an_unknown_receipt_is_not_found(desk):
    said = desk("command", "receipt", "c-99", "--json")
    assert said.code == 3
    assert said.out == ""
    assert said.err == "error: there is no receipt for a command with the id c-99\n"


def test_lines_arrive_in_groups_as_they_are_written():
    chunks = iter([b'{"a"', b":1}\n{}\n\n", b"last", b""])
    pipe = SimpleNamespace(read1=lambda size: next(chunks))
    assert list(command.batches(pipe, "-")) == [[(1, b'{"a":1}'), (2, b"{}")], [(4, b"last")]]


def test_a_line_without_end_is_not_read_into_memory(monkeypatch):
    monkeypatch.setattr(command, "LONGEST_LINE", 10)
    with pytest.raises(Unreadable, match="stdin line 2: longer"):
        list(command.batches(io.BytesIO(b"{}\n" + b"x" * 11), "-"))


def test_a_text_of_any_language_comes_back(empty):
    subject = "Ärger mit 日本 \N{GRINNING FACE}"
    send(empty, json.dumps(json.loads(opening("T-1", "c-1", subject=subject)), ensure_ascii=False))
    assert empty("ticket", "show", "T-1", "--json").json["subject"] == subject


def test_everything_the_desk_did_is_in_the_log(desk):
    assert desk("db", "info", "--json").json["events"] == EVENTS
