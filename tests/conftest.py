"""Fixtures that every level shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.wiring import Ledger
from tests.examples import Clock, ledger_at


@pytest.fixture
def clock() -> Clock:
    """Stands at Monday nine until the test moves it."""
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger's file is, or will be."""
    return tmp_path / "desk.db"


@pytest.fixture
def ledger(path: Path, clock: Clock) -> Iterator[Ledger]:
    """An empty ledger on a file of its own."""
    with ledger_at(path, clock) as made:
        yield made


@pytest.fixture
def second(ledger: Ledger, path: Path, clock: Clock) -> Iterator[Ledger]:
    """The same ledger, opened as another process would."""
    with ledger_at(path, clock) as made:
        yield made
