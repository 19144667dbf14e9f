"""Structured logs on stderr: one event a line, quiet unless something is wrong or the settings ask for more."""

import logging
import sys
from typing import Any, Final, Literal

import structlog

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _Stderr:
    """Whatever stderr is when something is logged."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(level: str, form: Literal["text", "json"]) -> None:
    """Log from this level on, as `key=value` text or as JSON."""
    rendered: list[Any]
    if form == "json":
        rendered = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    else:
        rendered = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=_Stderr()),  # type: ignore[arg-type]  # two methods suffice
        cache_logger_on_first_use=False,
    )


def logger() -> Any:
    """Where to log; quiet where the settings were not read yet."""
    if not structlog.is_configured():
        configure("warning", "text")
    return structlog.get_logger()
