"""Rules of the one-time code (RFC 6238): which steps of time a code may belong to."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
# A clock on a phone may be one step behind or ahead.
DRIFT = 1


def step_of(secret: str, otp: str, *, now: datetime) -> int | None:
    """The time step whose code this is, or None; each step is looked at, in constant time."""
    totp, present = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), otp):
            found = step
    return found
