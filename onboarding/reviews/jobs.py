"""Applications enter the queue when their checks are done and leave it when they end."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx
from onboarding.reviews import operations


async def open_review(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """Put a checked application into the queue."""
    async with ctx.begin(business_id) as work:
        await operations.open_for(work, application_id=application_id)


async def withdraw_review(
    ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object
) -> None:
    """Take an application that has ended out of the queue."""
    async with ctx.begin(business_id) as work:
        await operations.withdraw_for(work, application_id=application_id)
