"""What a ticket is after its events: one immutable value and the fold that makes it."""

from typing import Final, NamedTuple, assert_never

from domain.instant import EARLIEST, Instant, micros_between
from domain.ticket import clocks
from domain.ticket import visit as visits
from domain.ticket.blueprint_events import (
    BlueprintCompleted,
    BlueprintEntered,
    BlueprintLeft,
    BlueprintRevoked,
    StateForced,
    StateLimitDueSet,
    StateLimitViolated,
    TransitionPerformed,
)
from domain.ticket.clocks import Sla
from domain.ticket.events import (
    TicketAdopted,
    TicketAgentChanged,
    TicketArchived,
    TicketCommentAdded,
    TicketCommentVisibilityChanged,
    TicketContactChanged,
    TicketCustomerReplied,
    TicketDeleted,
    TicketDepartmentChanged,
    TicketDescriptionChanged,
    TicketDueDateOverridden,
    TicketDueDateOverrideRemoved,
    TicketEvent,
    TicketFieldChanged,
    TicketForwarded,
    TicketImported,
    TicketOpened,
    TicketPriorityChanged,
    TicketReplySent,
    TicketRestored,
    TicketRevisionNoted,
    TicketSourceSlaChanged,
    TicketStatusChanged,
    TicketSubjectChanged,
    TicketTagsAdded,
    TicketTagsRemoved,
    TicketTeamChanged,
    TicketUnarchived,
)
from domain.ticket.sla_events import (
    ResolutionCameLate,
    ResolutionDueCleared,
    ResolutionDueSet,
    ResolutionMet,
    ResolutionPaused,
    ResolutionViolated,
    ResponseCameLate,
    ResponseDueCleared,
    ResponseDueSet,
    ResponseMet,
    ResponsePaused,
    ResponseViolated,
    SlaApplied,
    SlaReleased,
    VerdictContested,
)
from domain.ticket.visit import Visit
from domain.values import Fields, StatusType, Visibility


class Timing(NamedTuple):
    """Since when the ticket lives under its present rules, and how much of that its clocks did not run.

    They run while the status type is open and the ticket is neither deleted nor archived (features 2.2, F-52).
    """

    live_since: Instant
    """The opening, the adoption or the last move to another department: what clocks count from."""
    off_micros: int = 0
    """Microseconds off in the periods off that have ended since `live_since`."""
    off_since: Instant | None = None
    """When the present period off began; None while clocks run."""
    reopened_at: Instant | None = None
    """When it was last reopened since `live_since`: what the resolution clock counts from."""
    off_when_reopened: int = 0
    """Microseconds off up to then."""

    def off(self, at: Instant) -> int:
        """Microseconds off from `live_since` up to `at`."""
        return self.off_micros + (0 if self.off_since is None else max(0, micros_between(self.off_since, at)))


class Ticket(NamedTuple):
    """A ticket as it stands. The version lives beside it, with whoever loaded it.

    A named tuple, because folding spends its time making the next ticket from the last, and a frozen dataclass takes
    four times as long to copy.
    """

    number: int | None
    """Dense and never reused (F-54); None for an imported history, which keeps its source's id alone."""
    source: str | None
    """The mapping an imported history came from; None for a ticket of our own."""
    channel: str
    subject: str | None
    description: str | None
    contact_id: str | None
    department: str
    priority: str | None
    status: str
    status_type: StatusType
    agent: str | None
    team: str | None
    fields: Fields
    tags: tuple[str, ...]
    """Sorted, each once."""
    opened_at: Instant
    """When the first event happened."""
    created_at: Instant | None
    """When the source says that the ticket was created; the opening itself for a ticket of our own."""
    source_sla_met: bool | None
    subject_of: str | None
    """The contact at the time the subject was recorded, under whose key it is sealed; None: the ticket's own key."""
    description_of: str | None
    """The same for the description."""
    due_at: Instant | None = None
    closed_at: Instant | None = None
    """When it last became closed; None while it is not."""
    messages: int = 0
    """How many messages were numbered so far."""
    exchanges: int = 0
    """Replies sent and received; comments and forwards do not count (F-60)."""
    comments: tuple[tuple[int, Visibility], ...] = ()
    reopen_count: int = 0
    team_change_count: int = 0
    """How often the team became another one or none, the first assignment included."""
    restorable_until: Instant | None = None
    """Set while the ticket is deleted."""
    is_archived: bool = False
    timing: Timing = Timing(EARLIEST)
    is_answered: bool = False
    """Whether an agent ever answered in public (F-92)."""
    sla: Sla | None = None
    visit: Visit | None = None
    """Where it stands in a blueprint; None while it is in none."""
    revoked: tuple[str, ...] = ()
    """Keys of the blueprints it was taken out of by hand; it does not enter them again by itself."""
    away_since: Instant | None = None
    """When it was deleted or archived; None while it is neither."""

    @property
    def is_deleted(self) -> bool:
        """Whether the ticket is hidden by a deletion (F-51)."""
        return self.restorable_until is not None

    @property
    def is_live(self) -> bool:
        """Whether our rules govern it: it is of our own, or an adopted import."""
        return self.source is None or self.number is not None

    @property
    def is_timed(self) -> bool:
        """Whether time alone can cause something: an SLA policy applies or it is in a blueprint."""
        return self.sla is not None or self.visit is not None

    @property
    def runs(self) -> bool:
        """Whether its SLA clocks run."""
        return self.timing.off_since is None


def _opened(event: TicketOpened, at: Instant) -> Ticket:
    return Ticket(
        number=event.number,
        source=None,
        channel=event.channel,
        subject=event.subject,
        description=event.description,
        contact_id=event.contact_id,
        department=event.department,
        priority=event.priority,
        status=event.status,
        status_type=event.status_type,
        agent=None,
        team=None,
        fields=event.fields,
        tags=event.tags,
        opened_at=at,
        created_at=at,
        source_sla_met=None,
        subject_of=event.contact_id,
        description_of=event.contact_id,
        closed_at=at if event.status_type is StatusType.CLOSED else None,
        timing=Timing(at, off_since=None if event.status_type is StatusType.OPEN else at),
    )


def _imported(event: TicketImported, at: Instant) -> Ticket:
    return Ticket(
        number=None,
        source=event.source,
        channel=event.channel,
        subject=event.subject,
        description=event.description,
        contact_id=event.contact_id,
        department=event.department,
        priority=event.priority,
        status=event.status,
        status_type=event.status_type,
        agent=event.agent,
        team=event.team,
        fields=event.fields,
        tags=event.tags,
        opened_at=at,
        created_at=event.created_at,
        source_sla_met=event.source_sla_met,
        subject_of=event.contact_id,
        description_of=event.contact_id,
        closed_at=at if event.status_type is StatusType.CLOSED else None,
        timing=Timing(at, off_since=None if event.status_type is StatusType.OPEN else at),
    )


def _status_changed(ticket: Ticket, event: TicketStatusChanged, at: Instant) -> Ticket:
    was_closed = event.old_status_type is StatusType.CLOSED
    is_closed = event.new_status_type is StatusType.CLOSED
    changed = _with(
        ticket,
        status=event.new_status,
        status_type=event.new_status_type,
        closed_at=(ticket.closed_at if was_closed else at) if is_closed else None,
        reopen_count=ticket.reopen_count + (was_closed and not is_closed),
    )
    if event.new_status_type is event.old_status_type:
        return changed
    changed = _timed(changed, at)
    if was_closed:
        timing = changed.timing
        return _with(changed, timing=timing._replace(reopened_at=at, off_when_reopened=timing.off(at)))
    return changed


def _timed(ticket: Ticket, at: Instant) -> Ticket:
    """The ticket with the periods in which it is off, or away, begun or ended at `at`."""
    away = ticket.is_deleted or ticket.is_archived
    timing = ticket.timing
    # A claimed instant may lie before the ticket lived by its rules; its clocks did not run then, so nothing is held.
    at = max(at, timing.live_since)
    is_off = away or ticket.status_type is not StatusType.OPEN
    if is_off is (timing.off_since is None):
        off_since = at if is_off else None
        timing = timing._replace(off_micros=timing.off(at), off_since=off_since)
    away_since = None if not away else at if ticket.away_since is None else ticket.away_since
    return _with(ticket, timing=timing, away_since=away_since)


def _begun_anew(ticket: Ticket, at: Instant) -> Ticket:
    """The ticket under other rules from `at` on: what counted before counts no longer."""
    return _with(ticket, timing=Timing(at, off_since=None if ticket.runs else at))


def _field_changed(fields: Fields, event: TicketFieldChanged) -> Fields:
    kept = {name: value for name, value in fields.items() if name != event.field}
    return kept if event.new is None else dict(sorted([*kept.items(), (event.field, event.new)]))


_PLACES: Final = {name: place for place, name in enumerate(Ticket._fields)}


def _with(ticket: Ticket, **changes: object) -> Ticket:
    """The ticket with these fields changed; twice as fast as `_replace`, and folding does little else."""
    values: list[object] = list(ticket)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return tuple.__new__(Ticket, values)


def begin(event: TicketEvent, at: Instant) -> Ticket:
    """The ticket after the first event of its stream, which happened at `at`; any other first event is a ValueError."""
    match event:
        case TicketOpened():
            return _opened(event, at)
        case TicketImported():
            return _imported(event, at)
        case _:
            raise ValueError(f"a ticket's stream begins with its opening or its import, not {type(event).__name__}")


def evolve(ticket: Ticket | None, event: TicketEvent, at: Instant, version: int = 0, actor: str = "") -> Ticket:
    """The ticket after one more event that happened at `at`; ValueError where a stream does not begin with its opening.

    `version` is the event's place in the stream and `actor` who did it; clocks keep the one and look at the other.

    Long because: one match over every event is what lets the type checker prove that none was forgotten.
    """
    if ticket is None:
        return begin(event, at)
    match event:
        case TicketOpened() | TicketImported():
            raise ValueError(f"{type(event).__name__} stands inside a stream; it can only begin one")
        case TicketStatusChanged():
            return _status_changed(ticket, event, at)
        case TicketRevisionNoted():
            return ticket
        case TicketReplySent():
            answered = ticket.is_answered or actor.startswith("agent:")
            return _with(ticket, messages=event.message, exchanges=ticket.exchanges + 1, is_answered=answered)
        case TicketCustomerReplied():
            return _with(ticket, messages=event.message, exchanges=ticket.exchanges + 1)
        case TicketForwarded():
            return _with(ticket, messages=event.message)
        case TicketCommentAdded():
            comments = (*ticket.comments, (event.message, event.visibility))
            return _with(ticket, messages=event.message, comments=comments)
        case TicketCommentVisibilityChanged():
            comments = tuple((n, event.new if n == event.message else seen_by) for n, seen_by in ticket.comments)
            return _with(ticket, comments=comments)
        case TicketAgentChanged():
            return _with(ticket, agent=event.new)
        case TicketTeamChanged():
            return _with(ticket, team=event.new, team_change_count=ticket.team_change_count + 1)
        case TicketPriorityChanged():
            return _with(ticket, priority=event.new)
        case TicketFieldChanged():
            return _with(ticket, fields=_field_changed(ticket.fields, event))
        case TicketTagsAdded():
            return _with(ticket, tags=tuple(sorted({*ticket.tags, *event.tags})))
        case TicketTagsRemoved():
            return _with(ticket, tags=tuple(tag for tag in ticket.tags if tag not in event.tags))
        case TicketSubjectChanged():
            return _with(ticket, subject=event.new, subject_of=ticket.contact_id)
        case TicketDescriptionChanged():
            return _with(ticket, description=event.new, description_of=ticket.contact_id)
        case TicketContactChanged():
            return _with(ticket, contact_id=event.new)
        case TicketDepartmentChanged():
            return _begun_anew(_with(ticket, department=event.new), at)
        case TicketDueDateOverridden():
            return _with(ticket, due_at=event.new)
        case TicketDueDateOverrideRemoved():
            return _with(ticket, due_at=None)
        case TicketSourceSlaChanged():
            return _with(ticket, source_sla_met=event.new)
        case TicketDeleted():
            return _timed(_with(ticket, restorable_until=event.restorable_until), at)
        case TicketRestored():
            return _timed(_with(ticket, restorable_until=None), at)
        case TicketArchived():
            return _timed(_with(ticket, is_archived=True), at)
        case TicketUnarchived():
            return _timed(_with(ticket, is_archived=False), at)
        case TicketAdopted():
            return _begun_anew(_with(ticket, number=event.number), at)
        case BlueprintRevoked():
            revoked = tuple(sorted({*ticket.revoked, event.blueprint}))
            return _with(ticket, visit=None, revoked=revoked)
        case (
            BlueprintEntered()
            | BlueprintCompleted()
            | BlueprintLeft()
            | TransitionPerformed()
            | StateForced()
            | StateLimitDueSet()
            | StateLimitViolated()
        ):
            return _with(ticket, visit=visits.evolve(ticket.visit, event, at, version))
        case (
            SlaApplied()
            | SlaReleased()
            | ResponseDueSet()
            | ResponsePaused()
            | ResponseDueCleared()
            | ResponseMet()
            | ResponseViolated()
            | ResponseCameLate()
            | ResolutionDueSet()
            | ResolutionPaused()
            | ResolutionDueCleared()
            | ResolutionMet()
            | ResolutionViolated()
            | ResolutionCameLate()
            | VerdictContested()
        ):
            return _with(ticket, sla=clocks.evolve(ticket.sla, event, version))
        case _:
            assert_never(event)
