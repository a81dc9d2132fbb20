"""Open the account in the minute of the visit; let appointments fall away with applications."""

from __future__ import annotations

from uuid import UUID

from app.identity.model import BusinessExists
from app.jobs import Ctx
from onboarding.visits import operations
from onboarding.visits.model import BasicAccountTaken


async def activate_account(
    ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object
) -> None:
    """Open the account; where the firm has one already, the application is refused instead."""
    try:
        async with ctx.begin(business_id) as work:
            await operations.activate(work, application_id=application_id)
    except (BasicAccountTaken, BusinessExists):
        async with ctx.begin(business_id) as work:
            await operations.refuse_second_account(work, application_id=application_id)


async def cancel_visit(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """The application ended without an account: nobody needs to come."""
    async with ctx.begin(business_id) as work:
        await operations.cancel_for(work, application_id=application_id)
