"""Documents as files: YAML and JSON read alike, and every mistake with its line and column."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents import LARGEST_FILE, as_yaml, check_document, plain, read
from commands.definition import DEEPEST_DOCUMENT
from domain.definitions import Kind
from domain.statuses import BUILT_IN

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs/examples").glob("*.yaml"))


def said(text: str | bytes, *, is_json: bool = False) -> list[tuple[str, int, int, str]]:
    """What is wrong with how a text is written: place, line, column, sentence."""
    written = read(text if isinstance(text, bytes) else text.encode(), is_json=is_json)
    return [(mistake.path, *position, mistake.sentence) for mistake, position in written.mistakes]


def value(text: str, *, is_json: bool = False) -> Any:
    written = read(text.encode(), is_json=is_json)
    assert written.mistakes == []
    return written.value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x: 1", 1),
        ("x: -12", -12),
        ("x: true", True),
        ("x: False", False),
        ("x:", None),
        ("x: ~", None),
        ("x: null", None),
        ("x: word", "word"),
        ("x: '1'", "1"),
        ('x: "no"', "no"),
        ("x: 2026-06-01T09:00:00Z", "2026-06-01T09:00:00Z"),
        ("x: 2026-06-01", "2026-06-01"),
        ("x: 15:30", "15:30"),
        ("x: 1.2.3", "1.2.3"),
        ("x: 4h", "4h"),
        ("x: [a, [b]]", ["a", ["b"]]),
        ("x: |\n  a\n  b", "a\nb"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}x: y", "y"),
        ("%YAML 1.2\n---\nx: y\n...\n", "y"),
    ],
)
def test_a_plain_word_is_text_but_for_true_false_null_and_whole_numbers(text, meant):
    found = value(text)["x"]
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("text", "place", "line", "column", "sentence"),
    [
        ("a: 1\nb: 2\na: 3", "a", 3, 1, "stands twice, first in line 1"),
        ("a:\n  b: 1\n  b: 2", "a.b", 3, 3, "stands twice, first in line 2"),
        ("a: &x 1", "a", 1, 4, "&x is an anchor"),
        ("a: [1, *x]", "a[1]", 1, 8, "*x repeats"),
        ("a: !!int '1'", "a", 1, 4, "is a tag"),
        ("a: !thing {}", "a", 1, 4, "!thing is a tag"),
        ("a: !!python/object:os.system x", "a", 1, 4, "is a tag"),
        ("<<: {a: 1}", "<<", 1, 1, "merge"),
        ("a: 1.5", "a", 1, 4, "a fraction must be written in quotes"),
        ("a:\n  - 1\n  - 1e5", "a[1]", 3, 5, "a fraction must be written in quotes"),
        ("a: .inf", "a", 1, 4, "a fraction must be written in quotes"),
        ("a: 010", "a", 1, 4, "plain digits"),
        ("a: 0x1F", "a", 1, 4, "plain digits"),
        ("a: 1_000", "a", 1, 4, "plain digits"),
        (f"a: {10**16}", "a", 1, 4, "in quotes"),
        ("a: yes", "a", 1, 4, "write true or false, or put yes in quotes"),
        ("a: Off", "a", 1, 4, "write true or false, or put Off in quotes"),
        ("1: a", "1", 1, 1, "a field's name is text"),
        ("no: a", "no", 1, 1, "a field's name is text"),
        ("a: b\n---\nc: d", "document", 2, 1, "a second document"),
        ("a:\n\t- b", "document", 2, 1, "a tab"),
        ("a: 'b\u2028c'", "document", 1, 6, "U+2028 ends a line for some readers only"),
        ("a: [1, 2", "document", 1, 9, "not YAML"),
        ("a: b: c", "document", 1, 5, "not YAML"),
        ("a: \x07", "document", 1, 4, "U+0007 cannot stand"),
        ("? [a]\n: b", "document", 1, 3, "a field's name is text"),
        ("- a", "document", 1, 1, "expected fields"),
        ("text", "document", 1, 1, "expected fields"),
        ("", "document", 1, 1, "the file is empty"),
        ("# nothing\n", "document", 1, 1, "the file is empty"),
        (b"a: b\nc: \xff", "document", 2, 4, "the byte 0xff is not UTF-8"),
        ('a: "x\\0"', "a", 1, 1, "NUL"),
        ("a: " + "x" * LARGEST_FILE, "document", 1, 1, "expected at most"),
    ],
)
def test_what_json_does_not_hold_is_a_mistake_at_its_place(text, place, line, column, sentence):
    (found,) = said(text)
    assert found[:3] == (place, line, column)
    assert sentence in found[3]


def test_all_mistakes_of_writing_are_found_in_one_pass():
    found = said("a: 1.5\nb: &x yes\na: 010\nc: {d: 1, d: 2}\n")
    assert [(line, place) for place, line, _, _ in found] == [
        (1, "a"),
        (2, "b"),
        (2, "b"),
        (3, "a"),
        (3, "a"),
        (4, "c.d"),
    ]


def test_a_tower_of_aliases_is_refused_and_not_built():
    tower = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert {sentence.partition(" ")[2][:5] for *_, sentence in said(tower)} == {"is an", "repea"}


@pytest.mark.parametrize("is_json", [False, True])
def test_nesting_without_end_is_refused(is_json):
    def nested(levels: int) -> str:
        return '{"a": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    assert said(nested(DEEPEST_DOCUMENT), is_json=is_json) == []
    for levels in (DEEPEST_DOCUMENT + 1, 50_000):
        (found,) = said(nested(levels), is_json=is_json)
        assert "nested deeper" in found[3]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"a": 1,}', 1, 9), ("{'a': 1}", 1, 2), ('{"a": 1\n "b": 2}', 2, 2), ("a: b", 1, 1), ('{"a": NaN}', 1, 1)],
)
def test_a_json_file_holds_json(text, line, column):
    (found,) = said(text, is_json=True)
    assert found[1:3] == (line, column)
    assert "not JSON" in found[3]


def test_json_may_be_indented_with_tabs_and_may_escape():
    text = '{\n\t"a":\t"\\ud83d\\ude00 \\/ \\u00e9",\n\t"b": [1, true, null]\n}'
    assert value(text, is_json=True) == json.loads(text)
    assert said('{\n\t"a": 1.5,\n\t"a": 2}', is_json=True) == [
        ("a", 2, 7, "a number with a fraction must be written in quotes"),
        ("a", 3, 2, "stands twice, first in line 2"),
    ]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    [
        "no",
        "1e5",
        "010",
        "<<",
        "~",
        "",
        " ",
        "=",
        "*a",
        "&a",
        "- a",
        "a: b",
        "#",
        "'",
        '"',
        "2026-06-01",
        "1.5",
        "\n",
        "\t",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4)


@given(DOCUMENTS)
def test_what_is_shown_reads_back_the_same(document):
    """`definition show` prints what `definition draft` takes."""
    written = read(as_yaml(document).encode())
    assert (written.mistakes, written.value) == ([], document)


@given(DOCUMENTS)
def test_a_json_file_reads_as_the_standard_library_reads_it(document):
    for text in (json.dumps(document), json.dumps(document, indent=2, ensure_ascii=False)):
        written = read(text.encode(), is_json=True)
        # YAML has its own idea of a few signs that JSON allows raw; it says so and never reads them as something else.
        assert written.mistakes or written.value == document


@given(st.text("0123456789+-._eExXoObBaAfFnNiI:~", min_size=1, max_size=8))
def test_no_word_is_read_as_a_number_that_another_reader_reads_otherwise(word):
    """Whoever reads the same file with YAML 1.1 gets what we get, or we said that it is doubtful."""
    ours, doubt = plain(word)
    if doubt is None and not isinstance(ours, str):
        assert yaml.safe_load(word) == ours
    if doubt is None and isinstance(ours, str):
        assert ours == word


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_of_the_page_have_no_mistake(path):
    checked = check_document(path, BUILT_IN)
    assert checked.mistakes == ()
    assert checked.document == yaml.safe_load(path.read_text())


def test_there_is_an_example_of_each_kind():
    assert {check_document(path).kind for path in EXAMPLES} == set(Kind)


MISTAKEN = """\
# a comment
kind: blueprint
key: refund
name: Refunds
department: Billing
colour: red
states:
  - {name: Requested, status: Open, start: true, limit: 1.5}
  - name: Paid
    status: Gone
    end: true
    extra: 1
transitions:
  - {name: Pay, from: Requested, to: Payed, owners: any_agent}
  - {name: Wait, from: Requested, owners: anybody}
"""


def test_mistakes_of_writing_and_of_meaning_are_told_together_from_top_to_bottom(tmp_path):
    path = tmp_path / "refund.yaml"
    path.write_text(MISTAKEN)
    checked = check_document(path, BUILT_IN)
    assert (checked.document, checked.kind, checked.key) == (None, Kind.BLUEPRINT, "refund")
    assert [(one.line, one.column, one.place) for one in checked.mistakes] == [
        (6, 1, "colour"),
        (8, 57, "states[0].limit"),
        (12, 5, "states[1].extra"),
        (14, 34, "transitions[0].to"),
        (15, 5, "transitions[1].to"),
        (15, 35, "transitions[1].owners"),
    ]
    assert str(checked.mistakes[0]).startswith(f"{path}:6:1 colour: ")


def test_a_status_that_does_not_exist_is_a_mistake_where_the_catalogue_is_known(tmp_path):
    """F-103."""
    path = tmp_path / "refund.yaml"
    path.write_text((ROOT / "docs/examples/refund.yaml").read_text().replace("status: Escalated", "status: Gone"))
    assert check_document(path).mistakes == ()
    (mistake,) = check_document(path, BUILT_IN).mistakes
    assert (mistake.line, mistake.place) == (10, "states[2].status")


def test_a_mistake_that_somebody_else_found_has_its_place_in_the_file():
    checked = check_document(ROOT / "docs/examples/refund.yaml")
    for place, line in (
        ("states[2].status", 10),
        ("states[2].gone", 10),
        ("states[9]", 7),
        ("gone", 1),
        ("document", 1),
    ):
        assert checked.locate(place, "is wrong").line == line


def test_a_file_that_is_not_there_is_no_mistake_in_a_document(tmp_path):
    with pytest.raises(FileNotFoundError):
        check_document(tmp_path / "none.yaml")
