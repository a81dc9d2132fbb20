"""Reads the promises in force and the calendar they count by."""

from __future__ import annotations

from datetime import datetime

from accounts.policies import operations as policies
from app.reference import operations as reference
from app.work import Work
from onboarding.promises import rules
from onboarding.promises.model import Acting, Promises
from onboarding.registrations.operations import LONGEST_CLOSURE


async def due_at(work: Work, *, acts: Acting | None) -> datetime | None:
    """By when whoever has the turn now should have acted."""
    if acts is None:
        return None
    promises = await policies.value(work, kind="onboarding.promises", shape=Promises)
    special = await reference.special_days(
        work, from_on=work.today, until_on=work.today + LONGEST_CLOSURE
    )
    return rules.due_at(acts, promises, now=work.now, special=special)
