"""The statute's numbers in force, and the kinds of firm by them."""

from __future__ import annotations

from app.reference import operations as reference
from app.work import Work
from onboarding.kinds import rules
from onboarding.kinds.model import FoundingLimits, KindsOfFirm


async def limits(work: Work) -> FoundingLimits:
    """The statute's numbers in force today."""
    return await reference.value(work, kind="founding.limits", on=work.today, shape=FoundingLimits)


async def kinds(work: Work) -> KindsOfFirm:
    """Every kind of firm that can be founded today."""
    return KindsOfFirm(items=rules.kinds(await limits(work)))
