"""Who may ask for what: the door proves the principal, the command names the actor, rights bridge the two (design 4).

Profiles and departments come with the definitions; until then a door's rights are what its configuration gives it.
"""

from dataclasses import dataclass
from typing import Final

from commands.message import Message
from domain.instant import Instant
from domain.refusals import ActForNotAllowed, ActorNotPermitted, BackdateNotAllowed, OccurredInFuture, Refusal

ACT_FOR: Final = "act_for"
"""The right to send commands in another actor's name."""
BACKDATE: Final = "backdate"
"""The right to claim when something happened."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a command came in, and the principal that was authenticated there."""

    via: str
    """`cli:ops`, `kafka:billing`, `import:uci_incident@1`."""
    rights: frozenset[str] = frozenset()

    @property
    def principal(self) -> str:
        """Who was authenticated, whichever the door and whichever version of it."""
        return principal_of(self.via)


def principal_of(via: str) -> str:
    """`billing` of `kafka:billing`, `uci_incident` of `import:uci_incident@2`."""
    return via.partition(":")[2].partition("@")[0]


def objections(command: Message, door: Door, now: Instant) -> list[Refusal]:
    """Every reason why this sender may not send this command now; none where it may.

    Nobody backdates a definition: what it says then would judge what was judged already (E-04).
    """
    reasons: list[Refusal] = []
    kind, _, who = command.actor.partition(":")
    if kind not in command.senders:
        reasons.append(ActorNotPermitted(command.actor, command.command_name))
    if ACT_FOR not in door.rights and who != door.principal:
        reasons.append(ActForNotAllowed(command.actor, door.principal))
    if command.occurred_at is not None:
        if BACKDATE not in door.rights or not command.may_claim:
            reasons.append(BackdateNotAllowed(door.principal))
        if command.occurred_at > now:
            reasons.append(OccurredInFuture(command.occurred_at, now))
    return reasons


def judged_by(command: Message) -> str:
    """What allowed the command, as its events say it: the right to claim a time, where one was claimed."""
    return "" if command.occurred_at is None else f"right:{BACKDATE}"
