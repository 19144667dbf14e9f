"""The shape of the source: what a reviewer would otherwise have to look for by hand.

Sizes have ceilings, because what does not fit a screen is not read. Whoever must exceed one says why, in a line of the
module's or function's docstring that starts with `Long because:`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parent.parent
CORE = ("domain", "projections", "replay")
PACKAGES = (*CORE, "commands", "adapters")

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
REASON = re.compile(r"^\s*Long because: \S", re.MULTILINE)
UNFINISHED = re.compile(r"\b(TODO|FIXME)\b")
VAGUE = re.compile(r".(Manager|Helper|Impl|Event|Command)$")


def sources(*packages: str) -> Iterator[tuple[str, str]]:
    """The path, as a reader would write it, and the text of every module of these packages."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def nodes(*packages: str) -> Iterator[tuple[str, ast.AST]]:
    for path, text in sources(*packages):
        for node in ast.walk(ast.parse(text)):
            yield f"{path}:{getattr(node, 'lineno', 1)}", node


def imported(node: ast.AST) -> list[str]:
    """The top-level packages that this statement imports."""
    match node:
        case ast.Import():
            return [alias.name.partition(".")[0] for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
        case _:
            return []


def test_every_package_has_source() -> None:
    assert [package for package in PACKAGES if not any(sources(package))] == []


def test_a_file_has_at_most_400_lines_or_says_why() -> None:
    assert [
        f"{path}: {length} lines"
        for path, text in sources(*PACKAGES)
        if (length := len(text.splitlines())) > LINES_OF_A_FILE
        and not REASON.search(ast.get_docstring(ast.parse(text)) or "")
    ] == []


def test_a_function_has_at_most_50_lines_or_says_why() -> None:
    assert [
        f"{place} {node.name}: {length} lines"
        for place, node in nodes(*PACKAGES)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
        and not REASON.search(ast.get_docstring(node) or "")
    ] == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    assert [
        f"{place} {node.name}"
        for place, node in nodes(*PACKAGES)
        if isinstance(node, ast.ClassDef) and VAGUE.search(node.name)
    ] == []


def test_nothing_is_left_for_later() -> None:
    assert [
        f"{path}:{number} {line.strip()}"
        for path, text in sources(*PACKAGES, "benchmarks")
        for number, line in enumerate(text.splitlines(), start=1)
        if UNFINISHED.search(line)
    ] == []


def test_the_core_imports_the_standard_library_and_itself_only() -> None:
    known = sys.stdlib_module_names | set(CORE)
    assert [
        f"{place} imports {package}"
        for place, node in nodes(*CORE)
        for package in imported(node)
        if package not in known
    ] == []


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    status = cli.lint_imports(no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out
