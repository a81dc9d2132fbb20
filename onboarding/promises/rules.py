"""By when whoever has the turn should have acted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from app.reference.model import DayKind
from onboarding.promises.model import Acting, Promises
from onboarding.registrations.rules import working_days_later


def due_at(
    acts: Acting | None, promises: Promises, *, now: datetime, special: Mapping[date, DayKind]
) -> datetime | None:
    """Nobody's turn has no end; people's ends with the close of a working day."""
    if acts is None:
        return None
    if acts == "system":
        return now + timedelta(minutes=promises.check_minutes)
    if acts == "reviewer":
        return working_days_later(now, promises.review_working_days, special)
    return now + timedelta(days=promises.applicant_days)
