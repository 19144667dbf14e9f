"""Documentation runs: every console block of the README and of docs/ prints what it says, on what `make run` leaves.

A block is a transcript: `$ ` begins a command, `> ` continues it, the rest is its output. `...` stands for any text,
also for any number of lines; `[exit N]` is the exit code where it is not 0.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(transcript: str) -> Iterator[tuple[str, str, int]]:
    """Each command of a transcript with the output and the exit code it promises."""
    for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        more = next((place for place, line in enumerate(lines[1:], 1) if not line.startswith(">")), len(lines))
        asked = "\n".join([lines[0], *(line[2:] for line in lines[1:more])])
        code = 0
        if lines[-1].startswith("[exit "):
            code = int(lines.pop()[len("[exit ") : -1])
        yield asked, "\n".join(lines[more:]), code


def matches(promised: str, said: str) -> bool:
    """Whether the output is what the page promises, `...` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in promised.strip().split("..."))
    return re.fullmatch(pattern, said.strip(), flags=re.DOTALL) is not None


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder as `make run` leaves it, and the environment that the README asks for."""
    folder = tmp_path_factory.mktemp("desk")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        "PATH": path,
        "DESKLEDGER_DATABASE_URL": "sqlite:///deskledger-demo.db",
        "PWD": str(folder),
    }
    subprocess.run(["deskledger", "demo"], cwd=folder, env=environment, check=True, capture_output=True)
    return environment


@pytest.mark.parametrize("page", PAGES)
def test_a_page_prints_what_it_says(page, desk):
    for block in BLOCK.findall((ROOT / page).read_text()):
        for asked, promised, code in steps(block):
            done = subprocess.run(
                ["bash", "-c", asked], check=False, cwd=desk["PWD"], env=desk, capture_output=True, text=True
            )
            said = done.stdout + done.stderr
            assert (done.returncode, asked) == (code, asked), said
            assert matches(promised, said), f"{asked}\n{said}"


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{one.name}" for one in sorted((ROOT / "docs").glob("*.md")))])
def test_a_page_links_only_to_what_is_there(page):
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text())
    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []


def test_the_readme_fits_on_a_page_and_names_every_page():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 150
    assert [one.name for one in (ROOT / "docs").glob("*.md") if one.name not in text and one.name != "log.md"] == []
