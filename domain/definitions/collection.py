"""Every definition at once, as a decision asks for it: what is in force at an instant."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from domain.definitions.events import Kind
from domain.definitions.history import History
from domain.instant import Instant


class VersionMissing(LookupError):
    """A ticket keeps a version that is not there: what is known is older than the ticket, or the log is damaged."""


class InForce(NamedTuple):
    """A definition at an instant: the version that judges."""

    key: str
    version: int
    parsed: Any


class _Turns(NamedTuple):
    """What is in force of one kind from each turn on; before the first nothing is."""

    instants: tuple[Instant, ...] = ()
    in_force: tuple[tuple[InForce, ...], ...] = ()


_NOTHING: Final = _Turns()


@dataclass(frozen=True, slots=True)
class Definitions:
    """Every definition. Immutable, so that a batch of commands is judged by one of it."""

    histories: Mapping[tuple[Kind, str], History] = field(default_factory=dict)
    _turns: Mapping[Kind, _Turns] = field(default_factory=dict, compare=False, repr=False)

    def with_history(self, history: History) -> "Definitions":
        """The definitions with this history in the place of what was known of the same one."""
        histories = {**self.histories, (history.kind, history.key): history}
        return Definitions(histories, {**self._turns, history.kind: _turns_of(histories, history.kind)})

    def history(self, kind: Kind, key: str) -> History | None:
        """All versions of a definition."""
        return self.histories.get((kind, key))

    def version(self, kind: Kind, key: str, number: int) -> Any:
        """What a version says, as its kind's parser read it; None where there is no such version.

        Old and retired ones too: what a ticket is pinned to stays readable.
        """
        history = self.histories.get((kind, key))
        found = None if history is None else history.version(number)
        return None if found is None else found.parsed

    def pinned(self, kind: Kind, key: str, number: int) -> Any:
        """What the version says that a ticket keeps; VersionMissing where it is not among these definitions."""
        parsed = self.version(kind, key, number)
        if parsed is None:
            raise VersionMissing(f"there is no version {number} of {kind.value} {key}, which a ticket keeps")
        return parsed

    def in_force(self, kind: Kind, at: Instant) -> tuple[InForce, ...]:
        """What judges at an instant, in order: the order that each document names, then the key."""
        turns = self._turns.get(kind, _NOTHING)
        if not turns.instants:
            return ()
        # Commands ask for now, which lies behind all turns but those to come.
        if at >= turns.instants[-1]:
            return turns.in_force[-1]
        place = bisect_right(turns.instants, at)
        return turns.in_force[place - 1] if place else ()

    def versions_with(self, status: str) -> list[tuple[str, int]]:
        """Key and number of every blueprint version that has a state on a status, old and retired ones too."""
        return [
            (history.key, version.number)
            for history in self.histories.values()
            if history.kind is Kind.BLUEPRINT
            for version in history.versions
            if any(state.status == status for state in version.parsed.states)
        ]

    def statuses_used(self, at: Instant) -> Mapping[str, str]:
        """The blueprint version that uses each status, `blueprint:KEY@V`, in force at an instant or to come (F-46)."""
        turns = self._turns.get(Kind.BLUEPRINT, _NOTHING)
        used: dict[str, str] = {}
        for moment in (at, *turns.instants[bisect_right(turns.instants, at) :]):
            for judge in self.in_force(Kind.BLUEPRINT, moment):
                for state in judge.parsed.states:
                    used.setdefault(state.status, f"{Kind.BLUEPRINT.value}:{judge.key}@{judge.version}")
        return used


NO_DEFINITIONS: Final = Definitions()


def _turns_of(histories: Mapping[tuple[Kind, str], History], kind: Kind) -> _Turns:
    concerned = [history for history in histories.values() if history.kind is kind]
    instants = tuple(sorted({moment for history in concerned for moment in history.turns()}))
    return _Turns(instants, tuple(_judges(concerned, moment) for moment in instants))


def _judges(histories: list[History], at: Instant) -> tuple[InForce, ...]:
    found = [
        InForce(history.key, version.number, version.parsed)
        for history in histories
        if (version := history.in_force(at)) is not None
    ]
    return tuple(sorted(found, key=lambda judge: (judge.parsed.order, judge.key)))
