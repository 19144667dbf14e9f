"""What a part of the streams was found to be, as a line of JSON between two processes."""

from dataclasses import astuple
from typing import Any

from replay.evidence import Compared
from replay.findings import Finding, Findings, Unreadable


def written(compared: Compared) -> dict[str, Any]:
    """What was found, as JSON can carry it."""
    damage = compared.damage
    return {
        "findings": compared.findings.count,
        "first": [astuple(one) for one in compared.findings.first()],
        "events": compared.events,
        "parked": [*compared.parked],
        "damage": None if damage is None else [str(damage), damage.position],
    }


def read(answer: dict[str, Any]) -> Compared:
    """What `written` wrote."""
    damage = answer["damage"]
    return Compared(
        Findings.of(answer["findings"], [Finding(*one) for one in answer["first"]]),
        answer["events"],
        {tuple(one) for one in answer["parked"]},
        None if damage is None else Unreadable(*damage),
    )
