"""What the definitions make of a ticket: its way through a blueprint, its clocks, what time and commands entail."""

from typing import Final

MOVED: Final = "moved"
"""Why a ticket leaves what it was in when it goes to another department."""
