"""Opens what comes with an account in the minute it comes alive."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx
from onboarding.products import operations


async def open_products(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """Receipts and messages work at once; for token and card the branch has a day to keep."""
    async with ctx.begin(business_id) as work:
        await operations.open_all(work, application_id=application_id)
