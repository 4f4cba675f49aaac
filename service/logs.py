"""The log: one JSON object a line on standard error, without texts, tokens or query strings."""

import sys
import traceback
from typing import Protocol, TextIO

import structlog

_MAX_CAUSES = 5


class Log(Protocol):
    """What may be said to the log."""

    def info(self, event: str, **fields: str | float | None) -> None:
        """Say that something happened."""

    def warning(self, event: str, **fields: str | float | None) -> None:
        """Say that somebody should do something."""

    def error(self, event: str, **fields: str | float | None) -> None:
        """Say that something went wrong."""


def open_log(stream: TextIO | None = None) -> Log:
    """A log on ``stream``, standard error by default."""
    logger: Log = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return logger


def describe_fault(error: BaseException) -> str:
    """Where an unexpected error arose: types and lines of code, never messages, which may hold what a citizen wrote."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < _MAX_CAUSES:
        frames = traceback.extract_tb(current.__traceback__)
        lines = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        parts.append(f"{type(current).__name__} at {lines}")
        current = current.__cause__ or current.__context__
    return "; from ".join(parts)
