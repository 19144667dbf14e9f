"""What all sides are sent: the commands of tickets' lives, as the JSON bytes that come in at a door.

A life is five commands of one event each: opened by a contact, assigned, answered, commented on, closed. Lives overlap
as they do at a desk: between two commands of a ticket lie those of GAP others. A third of the tickets comes from
contacts who asked before. The same seed gives the same content to every side.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import count, islice
from random import Random
from typing import Any, Final
from uuid import UUID

GAP: Final = 40
LIFE: Final = 5
BATCH: Final = 500

_PROSE: Final = (
    "the printer on our second floor prints blank pages since this morning after we changed the toner and restarted "
    "it twice please tell me whether a technician can come today or if there is something else that I should try "
    "first my invoice of last month shows an amount which does not match order number we signed in with new password "
    "but account stays locked could you look into this soon because customers are waiting thank you kind regards"
)
_WORDS: Final = _PROSE.split()
_AGENTS: Final = [f"a{number}" for number in range(40)]
_DEPARTMENTS: Final = ("Support", "Billing", "Field service")
_CHANNELS: Final = ("email", "web", "phone")
_PRIORITIES: Final = ("low", "medium", "high", "urgent")


def text(chance: Random, words: int) -> str:
    """That many words."""
    return " ".join(chance.choices(_WORDS, k=words))


def _life(number: int) -> list[dict[str, Any]]:
    """The five commands of a ticket, in order."""
    chance = Random(number)
    agent, contact = chance.choice(_AGENTS), f"c{number // 3 if number % 3 == 2 else number}"
    contents: list[tuple[str, str, dict[str, Any]]] = [
        (
            "OpenTicket",
            f"contact:{contact}",
            {
                "channel": chance.choice(_CHANNELS),
                "subject": text(chance, 7),
                "description": text(chance, 60),
                "contact_id": contact,
                "department": chance.choice(_DEPARTMENTS),
                "priority": chance.choice(_PRIORITIES),
                "fields": {"product": ["text", f"P-{chance.randrange(500)}"]},
                "tags": [f"t{chance.randrange(20)}"],
            },
        ),
        ("AssignTicket", "service:router", {"agent": agent}),
        ("SendReply", f"agent:{agent}", {"body": text(chance, 80), "recipients": [f"{contact}@example.org"]}),
        ("AddComment", f"agent:{agent}", {"visibility": "private", "body": text(chance, 25)}),
        ("CloseTicket", f"agent:{agent}", {}),
    ]
    return [
        {
            "command": command,
            "command_id": str(UUID(int=chance.getrandbits(128), version=4)),
            "actor": actor,
            "ticket_id": f"T-{number}",
            **content,
        }
        for command, actor, content in contents
    ]


def commands() -> Iterator[bytes]:
    """The endless stream of commands, the same every time."""
    waiting: dict[int, list[list[dict[str, Any]]]] = {}
    for now in count():
        waiting.setdefault(now, []).append(_life(now))
        for life in waiting.pop(now):
            yield json.dumps(life.pop(0)).encode()
            if life:
                waiting.setdefault(now + GAP, []).append(life)


def slices(size: int, how_many: int) -> list[list[bytes]]:
    """The first commands of the stream, cut into slices."""
    stream = commands()
    return [list(islice(stream, size)) for _ in range(how_many)]


def batches(of: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Commands in the batches of S3."""
    for begin in range(0, len(of), BATCH):
        yield of[begin : begin + BATCH]
