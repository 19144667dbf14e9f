"""Whether a text is an instant as the log writes them, told quickly."""

import re
from typing import Final

from domain.instant import parse_instant

# All days that every month has; the few others are worth the long way.
_COMMON: Final = re.compile(
    r"(?:[1-9][0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z",
    re.ASCII,
).fullmatch


def is_instant(text: object) -> bool:
    """Whether it is UTC text with six fractional digits and `Z` of a day that exists."""
    if not isinstance(text, str):
        return False
    if _COMMON(text):
        return True
    try:
        return parse_instant(text) == text
    except ValueError:
        return False
