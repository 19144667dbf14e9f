"""The one place that reads the time of day."""

from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns

from domain.instant import Instant, instant


def system_now() -> Instant:
    """The instant by the machine's clock."""
    second, nanoseconds = divmod(time_ns(), 1_000_000_000)
    return Instant(f"{_until_the_second(second)}{nanoseconds // 1_000:06d}Z")


@lru_cache(maxsize=2)
def _until_the_second(second: int) -> str:
    """The text of an instant up to its fraction; every command asks twice for the time, and a second is long."""
    return instant(datetime.fromtimestamp(second, UTC))[:20]
