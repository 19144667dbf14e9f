"""A command as a door hands it to the bus."""

from typing import NamedTuple

from commands.access import Door
from commands.message import Message
from domain.instant import Instant


class Submission(NamedTuple):
    """A command as a door hands it in."""

    command: Message
    door: Door
    received_at: Instant
    """When the door took it in; a live command happens then, or at its stream's last event if that is later."""
