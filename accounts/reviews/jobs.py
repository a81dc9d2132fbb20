"""Carries out what the bank decided about held payments."""

from __future__ import annotations

from uuid import UUID

from accounts.reviews import operations
from app.jobs import Ctx


async def carry_out(ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """Let a held payment go on its way, or give its money back."""
    async with ctx.begin(business_id) as work:
        await operations.carry_out(work, payment_id=payment_id)
