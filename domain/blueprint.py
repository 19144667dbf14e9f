"""A blueprint's document: states on statuses, and the transitions between them (F-102 to F-106, features 2.1).

    kind: blueprint
    key: refund                 # permanent; its versions share it
    name: Refunds
    department: Billing         # tickets of another department never enter (F-106)
    order: 10                   # the first blueprint in order whose entry holds takes the ticket in; 100 where left out
    entry: {field: tags, operator: includes_any, value: [refund]}
    states:
      - {name: Requested, status: Open, start: true, limit: 4h}
      - {name: Paid, status: Closed, end: true}
    transitions:
      - {name: Pay, from: Requested, to: Paid, owners: any_agent}

A transition names who may take it: there is no silent "everybody". `from: "*"` means every state that is no end, less
those of `except`; the parsed blueprint lists the concrete edges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.conditions import Condition, read_condition
from domain.documents import Document, Reading, Table, Value, order_in
from domain.ticket.subject import TICKET_FIELDS

ANY_AGENT: Final = "any_agent"
TICKET_AGENT: Final = "ticket_agent"
_EVERYWHERE: Final = "*"
_OWNER_KINDS: Final = ("agent:", "service:")


@dataclass(frozen=True, slots=True)
class State:
    """A state: a status of the catalogue with a place in the graph (F-103)."""

    name: str
    status: str
    limit_seconds: int | None = None
    """The time allowed in one visit, elapsed; None: no limit (F-110)."""
    is_start: bool = False
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A named move from any of some states to one (F-104)."""

    name: str
    from_states: tuple[str, ...]
    to_state: str
    owners: tuple[str, ...]
    """`any_agent`, `ticket_agent`, `agent:ID`, `service:ID` or `system`."""
    when: Condition


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A parsed blueprint. What it allows never changes; another document is another version."""

    key: str
    name: str
    department: str
    order: int
    entry: Condition
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    states_by_name: Mapping[str, State] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "states_by_name", {state.name: state for state in self.states})

    def state_of(self, status: str) -> State | None:
        """The state that claims a status."""
        return next((state for state in self.states if state.status == status), None)

    def transition_named(self, name: str) -> Transition | None:
        """The transition of that name."""
        return next((transition for transition in self.transitions if transition.name == name), None)


def parse_blueprint(document: Document) -> Blueprint:
    """The blueprint of a document; Mistaken with every mistake at once."""
    reading = Reading(document)
    top = reading.root.table("kind", "key", "name", "department", "order", "entry", "states", "transitions")
    name, department = top.text("name"), top.text("department")
    order = order_in(top)
    entry = read_condition(top.optional("entry"), changes=True, time=False, known=TICKET_FIELDS)
    read = [(item, _state(item)) for item in top.items("states")]
    states = tuple(state for _, state in read)
    moves = [(item, _transition(item, states)) for item in top.items("transitions")]
    transitions = tuple(transition for _, transition in moves)
    _check_names("state", [(item, state.name) for item, state in read])
    _check_names("transition", [(item, transition.name) for item, transition in moves])
    _check_statuses(read)
    if not any(mistake.place[:1] in (("states",), ("transitions",)) for mistake in reading.mistakes):
        _check_graph(top, states, transitions)
    key = str(top.fields.get("key", ""))
    reading.finish()
    return Blueprint(key, name, department, order, entry, states, transitions)


def _state(item: Value) -> State:
    table = item.table("name", "status", "limit", "start", "end")
    limit, start, end = table.optional("limit"), table.optional("start"), table.optional("end")
    is_end = end is not None and end.truth()
    if is_end and limit is not None:
        limit.mistake("an end state is left at once, so it takes no limit")
    return State(
        table.text("name"),
        table.text("status"),
        None if limit is None else limit.duration(),
        start is not None and start.truth(),
        is_end,
    )


def _transition(item: Value, states: Sequence[State]) -> Transition:
    table = item.table("name", "from", "except", "to", "owners", "when")
    known = {state.name for state in states}
    to_state = _known_state(table.required("to"), known)
    origin, left_out = table.required("from"), table.optional("except")
    from_states: tuple[str, ...] = ()
    if origin is not None and origin.given == _EVERYWHERE:
        excluded = {_known_state(value, known) for value in left_out.items()} if left_out is not None else set()
        names = (state.name for state in states if not state.is_end)
        from_states = tuple(name for name in names if name not in excluded and name != to_state)
    elif origin is not None:
        if left_out is not None:
            left_out.mistake('stands beside from: "*" only')
        listed = origin.items() if isinstance(origin.given, list | tuple) else iter((origin,))
        from_states = tuple(dict.fromkeys(_known_state(value, known) for value in listed))
        if any(state.is_end and state.name in from_states for state in states):
            origin.mistake("an end state has no way on")
    if origin is not None and not from_states:
        origin.mistake("leads from no state")
    return Transition(
        table.text("name"),
        from_states,
        to_state,
        _owners(table.required("owners")),
        read_condition(table.optional("when"), changes=False, time=False, known=TICKET_FIELDS),
    )


def _known_state(value: Value | None, known: set[str]) -> str:
    if value is None:
        return ""
    name = value.text()
    if name and name not in known:
        value.mistake(f"there is no state {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    return name


def _owners(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    listed = value.items() if isinstance(value.given, list | tuple) else iter((value,))
    owners: list[str] = []
    for item in listed:
        owner = item.text()
        named = any(owner.startswith(kind) and owner != kind for kind in _OWNER_KINDS)
        if owner and not named and owner not in (ANY_AGENT, TICKET_AGENT, "system"):
            item.mistake(f"expected {ANY_AGENT}, {TICKET_AGENT}, agent:ID, service:ID or system")
        owners.append(owner)
    if not owners:
        value.mistake(f"name at least one owner; {ANY_AGENT} is for every agent")
    return tuple(owners)


def _check_names(what: str, named: Sequence[tuple[Value, str]]) -> None:
    seen: set[str] = set()
    for item, name in named:
        if name and name in seen:
            item.mistake(f"a {what} named {name!r} stands above already")
        seen.add(name)


def _check_statuses(states: Sequence[tuple[Value, State]]) -> None:
    claimed: dict[str, str] = {}
    for item, state in states:
        if state.status and (holder := claimed.get(state.status)) is not None:
            item.mistake(f"status {state.status!r} is that of {holder!r} already; one status is one state (F-103)")
        claimed.setdefault(state.status, state.name)


def _check_graph(top: Table, states: Sequence[State], transitions: Sequence[Transition]) -> None:
    """One start, at least one end, every state reachable from the start, every state with a way to an end (F-102)."""
    starts = [state.name for state in states if state.is_start]
    ends = [state.name for state in states if state.is_end]
    if len(starts) != 1:
        top.at("states").mistake(f"exactly one state is the start (start: true), not {len(starts)}")
    elif starts[0] in ends:
        top.at("states").mistake("the start cannot be an end")
    if not ends:
        top.at("states").mistake("at least one state is an end (end: true)")
    if len(starts) != 1 or not ends:
        return
    onward: dict[str, set[str]] = {state.name: set() for state in states}
    back: dict[str, set[str]] = {state.name: set() for state in states}
    for transition in transitions:
        for name in transition.from_states:
            onward[name].add(transition.to_state)
            back[transition.to_state].add(name)
    reached, ending = _spread(starts, onward), _spread(ends, back)
    for place, state in enumerate(states):
        if state.name not in reached:
            top.mistake_in("states", place, f"no way leads from {starts[0]!r} to {state.name!r}")
        if state.name not in ending:
            top.mistake_in("states", place, f"no way leads from {state.name!r} to an end")


def _spread(origins: Sequence[str], edges: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = set(origins), list(origins)
    while waiting:
        for name in edges[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen
