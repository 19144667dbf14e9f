"""What people see: values, durations and tables."""

import pytest

from adapters.cli.options import os_user
from adapters.cli.output import WIDTH, cell, plain_duration, plain_instant, table


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0, "0s"),
        (59.6, "1m 00s"),
        (61, "1m 01s"),
        (3_600, "1h 00m"),
        (86_399, "23h 59m"),
        (90_000, "1d 1h"),
        (-61, "-1m 01s"),
    ],
)
def test_a_duration_has_the_two_greatest_units(seconds, shown):
    assert plain_duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (True, "yes"), (12_345, "12345"), ("a\n b\x07", "a b\ufffd"), (("a", "b"), "a\nb")]
)
def test_a_cell_is_plain(value, shown):
    assert cell(value) == shown


def test_an_instant_is_shown_to_the_second():
    assert plain_instant("2026-06-01T09:00:07.123456Z") == "2026-06-01 09:00:07Z"
    assert plain_instant(None) == ""


def test_a_wide_table_is_folded_and_numbers_stand_to_the_right(capsys):
    table(["name", "count", "text"], [["a", 5, "long words " * 30], ["b", 1234, "x" * 300]], title="Title", total="end")
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[:2] == ["", "Title"]
    assert max(map(len, lines)) <= WIDTH
    assert any(line.split()[:4] == ["a", "5", "long", "words"] for line in lines)
    assert any(line.startswith("b") and "1234   xxx" in line for line in lines)
    assert printed.count("x") - printed.count("text") == 300
    assert all(line == line.rstrip() for line in lines)


def test_markup_in_a_value_is_text(capsys):
    table(["name"], [["[bold]not bold[/bold]"]])
    assert "[bold]not bold[/bold]" in capsys.readouterr().out


def test_the_user_is_the_one_the_system_knows(monkeypatch):
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert os_user() != "somebody-else"
