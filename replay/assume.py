"""A foreign history read through a blueprint that it never entered: the rows as if its tickets had been inside.

Statuses are read as the states that claim them, stays as visits, and a change of status along an edge of the blueprint
as its transition; where several lead from one state to another, as the first of them. A change for which there is none
is listed with the kind `no_such_transition`, and the visit it leads to begins all the same. A ticket enters with its
first status that is a state and no end, completes at an end state, and leaves with a status that is no state. Entry
condition, department, owners and conditions of transitions are not asked: the history did not know them.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final, NamedTuple

from domain.blueprint import Blueprint, State
from domain.instant import Instant, later, seconds_between
from domain.recorded import Recorded
from domain.ticket.events import TicketDepartmentChanged, TicketImported
from projections.runs import BlueprintRun
from projections.status_intervals import STATUS_INTERVALS, StatusInterval
from projections.transitions import ENTERED, PERFORMED, TransitionRow
from projections.visits import COMPLETED, StateVisit
from replay.time_travel import rows_at

NO_SUCH_TRANSITION: Final = "no_such_transition"


class Assumed(NamedTuple):
    """What the tables would hold."""

    visits: list[StateVisit]
    runs: list[BlueprintRun]
    transitions: list[TransitionRow]


class _Facts(NamedTuple):
    """What stays do not tell, by the position of the event that began one."""

    actors: Mapping[int, str]
    departments: Mapping[int, str]


def assume(blueprint: Blueprint, version: int, events: Iterable[Recorded]) -> Assumed:
    """The rows of the imported tickets among these events; those of our own have a way of their own."""
    imported: dict[str, str] = {}
    actors, departments = dict[int, str](), dict[int, str]()
    kept: list[Recorded] = []
    for recorded in events:
        event, stream = recorded.event, recorded.stream
        if isinstance(event, TicketImported):
            imported[stream] = event.department
        elif stream in imported and isinstance(event, TicketDepartmentChanged):
            imported[stream] = event.new
        if stream in imported and type(event) in STATUS_INTERVALS.folds:
            kept.append(recorded)
            actors[recorded.position], departments[recorded.position] = recorded.actor, imported[stream]
    stays = rows_at(STATUS_INTERVALS, kept)
    assumed, facts = Assumed([], [], []), _Facts(actors, departments)
    for ticket_id, own in groupby(stays, key=lambda stay: stay.ticket_id):
        way = _Way(ticket_id, blueprint, version, facts)
        for stay in own:
            way.go(stay)
        assumed.visits.extend(way.visits)
        assumed.runs.extend(way.runs)
        assumed.transitions.extend(way.transitions)
    return assumed


class _Way:
    """One ticket on its way through the blueprint."""

    def __init__(self, ticket_id: str, blueprint: Blueprint, version: int, facts: _Facts) -> None:
        self.visits: list[StateVisit] = []
        self.runs: list[BlueprintRun] = []
        self.transitions: list[TransitionRow] = []
        self._ticket_id = ticket_id
        self._blueprint = blueprint
        self._version = version
        self._facts = facts
        self._states = {state.status: state for state in blueprint.states}
        self._edges: dict[tuple[str, str], str] = {}
        for transition in blueprint.transitions:
            for origin in transition.from_states:
                self._edges.setdefault((origin, transition.to_state), transition.name)

    def go(self, stay: StatusInterval) -> None:
        """What the beginning of a stay in a status means for the blueprint."""
        state = self._states.get(stay.status)
        is_inside = bool(self.runs) and self.runs[-1].ended_at is None
        if not is_inside:
            if state is not None and not state.is_end:
                self._enter(state, stay)
        elif state is None:
            self._move(self.visits[-1].state, stay.status, stay)
            self._leave(stay, "left", "left")
        elif state.name != self.visits[-1].state:
            came_from = self.visits[-1].state
            is_known = self._move(came_from, state.name, stay)
            self._end_visit(stay, "transition" if is_known else "force")
            self._visit(state, stay, "transition" if is_known else "force")
            if state.is_end:
                self._leave(stay, COMPLETED, "completed")

    def _enter(self, state: State, stay: StatusInterval) -> None:
        at, position, seq = stay.entered_at, stay.entered_position, len(self.runs) + 1
        named = (self._blueprint.key, self._version, self._facts.departments[position])
        self.runs.append(BlueprintRun(self._ticket_id, seq, *named, at, None, None, None, position, None))
        self._moved(ENTERED, None, None, state.name, stay)
        self._visit(state, stay, "entry")

    def _leave(self, stay: StatusInterval, visit_by: str, run_by: str) -> None:
        self._end_visit(stay, visit_by)
        run = self.runs[-1]
        self.runs[-1] = run._replace(
            ended_at=stay.entered_at,
            ended_by=run_by,
            duration_seconds=seconds_between(run.entered_at, stay.entered_at),
            ended_position=stay.entered_position,
        )

    def _move(self, from_state: str, to: str, stay: StatusInterval) -> bool:
        name = self._edges.get((from_state, to))
        self._moved(NO_SUCH_TRANSITION if name is None else PERFORMED, name, from_state, to, stay)
        return name is not None

    def _moved(self, kind: str, name: str | None, from_state: str | None, to: str, stay: StatusInterval) -> None:
        at, position = stay.entered_at, stay.entered_position
        self.transitions.append(
            TransitionRow(
                ticket_id=self._ticket_id,
                seq=len(self.transitions) + 1,
                blueprint=self._blueprint.key,
                blueprint_version=self._version,
                department=self.runs[-1].department,
                transition=name,
                kind=kind,
                from_state=from_state,
                to_state=to,
                actor=self._facts.actors[position],
                performed_at=at,
                duration_seconds=None if from_state is None else seconds_between(self.visits[-1].entered_at, at),
                position=position,
            )
        )

    def _visit(self, state: State, stay: StatusInterval, entered_by: str) -> None:
        at, limit = stay.entered_at, state.limit_seconds
        due: Instant | None = None if limit is None or state.is_end else later(at, seconds=limit)
        self.visits.append(
            StateVisit(
                ticket_id=self._ticket_id,
                seq=len(self.visits) + 1,
                blueprint=self._blueprint.key,
                blueprint_version=self._version,
                department=self.runs[-1].department,
                state=state.name,
                entered_by=entered_by,
                entered_at=at,
                left_at=None,
                left_by=None,
                duration_seconds=None,
                limit_due_at=due,
                limit_violated_at=None,
                is_backward=False,
                entered_position=stay.entered_position,
                left_position=None,
            )
        )

    def _end_visit(self, stay: StatusInterval, left_by: str) -> None:
        at, visit = stay.entered_at, self.visits[-1]
        due = visit.limit_due_at
        self.visits[-1] = visit._replace(
            left_at=at,
            left_by=left_by,
            duration_seconds=seconds_between(visit.entered_at, at),
            limit_violated_at=due if due is not None and due <= at else None,
            is_backward=at < visit.entered_at,
            left_position=stay.entered_position,
        )
