"""When a call-back is tried again, when it is given up, when an endpoint is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from onboarding.applications.model import ApplicationState
from onboarding.callbacks.model import EndpointState, Kind

MOST_ENDPOINTS = 5
# Seconds between attempts: quickly at first, then up to twelve hours; three days in all, as
# Standard Webhooks 1.0 advises. After the last one a call-back is a dead letter.
WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000, 43200, 43200, 43200, 44245)
# After so many failures in a row an endpoint is not called for a while, longer each time.
PATIENCE = 5
SHORTEST_QUIET, LONGEST_QUIET = 30, 3600
PROBE_SECONDS = 15
OLD_SECRET_LIFE = timedelta(hours=24)
KEPT_DAYS = 90
GONE = 410
SHOWN_OF_ANSWER = 500


def kind_of(state: ApplicationState) -> Kind | None:
    """What a portal is told of a turn; of a draft nothing, for it is sent in the same moment."""
    return None if state == "draft" else f"application.{state}"  # type: ignore[return-value]


def wanted(kinds: Sequence[Kind], state: EndpointState, kind: Kind) -> bool:
    """Whether an endpoint is told of this."""
    return state == "active" and (not kinds or kind in kinds)


def next_wait(tries: int) -> int | None:
    """Seconds until the next attempt after so many; None when it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def quiet_until(failures: int, now: datetime) -> datetime | None:
    """Until when an endpoint that failed so often in a row is left in peace."""
    if failures < PATIENCE:
        return None
    doubled = min(SHORTEST_QUIET << min(failures - PATIENCE, 10), LONGEST_QUIET)
    return now + timedelta(seconds=doubled)


def taken(status: int) -> bool:
    """Whether the endpoint has it: any 2xx; a redirect is not followed and counts as refused."""
    return 200 <= status < 300


def body(kind: Kind, at: datetime, data: dict[str, Any]) -> str:
    """The body as it is signed and sent, the same in every attempt (Standard Webhooks 1.0)."""
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": data}).decode()


def shown_answer(content: bytes) -> str | None:
    """The beginning of an answer for the log, without what would not print."""
    text = content[:SHOWN_OF_ANSWER].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text) or None
