"""Lengths of time as people write them in a document: `30m`, `4h`, `1d 12h`. Elapsed time, a day is 24 hours."""

import re
from typing import Final

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PART: Final = re.compile(r"(\d{1,9})([smhd])")
_WHOLE: Final = re.compile(r"\d{1,9}[smhd](?: ?\d{1,9}[smhd])*")
EXPECTED: Final = "expected a length of time such as 30m, 4h or 1d 12h"


def parse_duration(text: str) -> int:
    """The seconds of a length of time longer than none; ValueError that says what was expected."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(EXPECTED)
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not 0 < seconds <= 10_000 * _SECONDS["d"]:
        raise ValueError(f"{EXPECTED}, longer than none and at most 10000d")
    return seconds


def written(seconds: int) -> str:
    """The length of time as a person would write it, `1d 12h`; `0s` for none, a sign in front where negative."""
    left, parts = abs(seconds), []
    for unit in "dhms":
        number, left = divmod(left, _SECONDS[unit])
        if number:
            parts.append(f"{number}{unit}")
    return ("-" if seconds < 0 else "") + (" ".join(parts) or "0s")
