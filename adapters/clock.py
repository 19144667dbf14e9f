"""The one place that reads the time of day."""

from datetime import UTC, datetime

from domain.instant import Instant, instant


def system_now() -> Instant:
    """The instant by the machine's clock."""
    return instant(datetime.now(UTC))
