"""Structured logs: one JSON line per event, request ids bound, personal data never."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.settings import Settings

# The last wall: whatever looks like a phone, an id or a card never reaches a log line.
_PERSONAL = re.compile(r"(?<![0-9A-Za-z-])(1[3-9]\d{9}|\d{17}[0-9X]|\d{16,19})(?![0-9A-Za-z-])")

# PostgreSQL tells the failing row in the detail of an error, with all its values.
_DETAIL = re.compile(r"DETAIL:.*?(?=\nHINT:|\n\n|\Z)", re.DOTALL)


def plain(text: str) -> str:
    """A text without numbers of people and without rows of the database."""
    return _PERSONAL.sub("[masked]", _DETAIL.sub("DETAIL: [withheld]", text))


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what is personal in every text of a log event."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = plain(value)
    return event


def configure(settings: Settings) -> None:
    """Log to standard error as JSON lines, once per process."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
