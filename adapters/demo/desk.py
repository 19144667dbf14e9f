"""The desk: its departments, teams and agents, who works when, and when tickets arrive. All hours are UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from adapters.demo.step import BEGIN, END

TEAMS: Final = {
    "Support": "First Line",
    "Billing": "Payments Desk",
    "Returns": "Returns Desk",
    "Technical": "Device Lab",
}
"""The team that works a department's tickets."""

WORKDAYS: Final = frozenset({0, 1, 2, 3, 4})
TUESDAY_TO_SATURDAY: Final = frozenset({1, 2, 3, 4, 5})
SOON: Final = timedelta(hours=3)
"""Work that came at night is not all done by whoever comes first."""
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works tickets, in a shift of eight hours."""

    agent_id: str
    team: str
    starts: int
    """The hour in which the shift begins; it ends eight hours later, on the same day."""
    weekdays: frozenset[int]

    @property
    def actor(self) -> str:
        """The agent as an actor."""
        return "agent:" + self.agent_id

    def is_working(self, moment: datetime) -> bool:
        """Whether the moment lies in a shift."""
        return moment.weekday() in self.weekdays and self.starts <= moment.hour < self.starts + 8

    def available(self, moment: datetime) -> datetime:
        """The moment itself in a shift, else the beginning of the next one."""
        if self.is_working(moment):
            return moment
        begins = moment.replace(hour=self.starts, minute=0, second=0, microsecond=0)
        while begins < moment or begins.weekday() not in self.weekdays:
            begins += _DAY
        return begins

    def after(self, moment: datetime, minutes: float) -> datetime:
        """When so many minutes of the agent's own shifts have passed."""
        left = timedelta(minutes=minutes)
        at = self.available(moment)
        while (ends := at.replace(hour=self.starts, minute=0, second=0, microsecond=0) + 8 * _HOUR) - at <= left:
            left -= ends - at
            at = self.available(ends)
        return at + left


_EARLY = (6, WORKDAYS)
_DAY_SHIFT = (8, WORKDAYS)
_NINE = (9, WORKDAYS)
_LATE = (11, WORKDAYS)
_SATURDAY = (9, TUESDAY_TO_SATURDAY)


def _team(team: str, names: str, *shifts: tuple[int, frozenset[int]]) -> list[Agent]:
    return [Agent(name, team, starts, days) for name, (starts, days) in zip(names.split(), shifts, strict=True)]


AGENTS: Final = (
    *_team("First Line", "ana ben carla dmitri", _EARLY, _EARLY, _DAY_SHIFT, _DAY_SHIFT),
    *_team("First Line", "elif farid greta hugo", _NINE, _LATE, _LATE, _SATURDAY),
    *_team("Payments Desk", "ines jonas kaya liam", _EARLY, _DAY_SHIFT, _LATE, _SATURDAY),
    *_team("Returns Desk", "mira nadia omar petra", _EARLY, _DAY_SHIFT, _LATE, _SATURDAY),
    *_team("Device Lab", "quinn rosa sven tala", _EARLY, _DAY_SHIFT, _LATE, _SATURDAY),
)
AGENT: Final = {agent.agent_id: agent for agent in AGENTS}
"""An agent by id."""


def on_duty(
    luck: Random, team: str, moment: datetime, but: Agent | None = None, patience: timedelta = timedelta(0)
) -> Agent:
    """An agent of the team who is at work, else one of the first who will be; with patience, one who comes later."""
    free = [(agent.available(moment), agent) for agent in AGENTS if agent.team == team and agent is not but]
    limit = min(at for at, _ in free) + patience
    return luck.choice([agent for at, agent in free if at <= limit])


@dataclass(frozen=True, slots=True)
class Intake:
    """A channel, its door, its share of all tickets and its rhythm."""

    channel: str
    via: str
    share: float
    by_weekday: tuple[int, ...]
    by_hour: tuple[int, ...]


# One weight a weekday from Monday, one weight an hour of the day; only their proportions mean something.
_MAIL_HOURS = (3, 2, 1, 1, 1, 2, 5, 12, 20, 24, 23, 20, 16, 18, 20, 19, 16, 13, 10, 9, 8, 7, 6, 4)
_PHONE_HOURS = (0, 0, 0, 0, 0, 0, 0, 6, 14, 18, 18, 15, 11, 13, 15, 15, 12, 8, 0, 0, 0, 0, 0, 0)
_FORM_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 13, 13, 13, 12, 12, 12, 13, 14, 14, 12, 8, 4)

MAIL: Final = Intake("email", "mail:inbox", 0.58, (13, 11, 10, 10, 9, 3, 3), _MAIL_HOURS)
PHONE: Final = Intake("phone", "phone:desk", 0.24, (13, 11, 10, 10, 9, 0, 0), _PHONE_HOURS)
FORM: Final = Intake("web", "form:website", 0.18, (11, 10, 10, 10, 9, 6, 6), _FORM_HOURS)

_HOURS: Final = tuple(BEGIN + hour * _HOUR for hour in range((END - BEGIN) // _HOUR))


def arrivals(luck: Random, count: int) -> list[tuple[datetime, Intake]]:
    """When and where `count` tickets come in over the month, in time order."""
    came: list[tuple[datetime, Intake]] = []
    phone, form = round(count * PHONE.share), round(count * FORM.share)
    for intake, share in ((MAIL, count - phone - form), (PHONE, phone), (FORM, form)):
        weights = [intake.by_weekday[hour.weekday()] * intake.by_hour[hour.hour] for hour in _HOURS]
        came += [(hour + luck.random() * _HOUR, intake) for hour in luck.choices(_HOURS, weights, k=share)]
    return sorted(came, key=lambda arrival: arrival[0])
