"""The end of terms: accounts are rung for over all firms, each then ends its own orders."""

from __future__ import annotations

from uuid import UUID

from accounts.deposits.jobs import over_all_firms
from accounts.freezes import operations
from app.jobs import Ctx

SLICE = 500


async def find_ended(ctx: Ctx, **_: object) -> None:
    """One statement over all firms finds the terms that are over and rings for their accounts."""
    async with over_all_firms(ctx) as work:
        await operations.ring_for_terms(work, most=SLICE)


async def end_terms(ctx: Ctx, *, account_id: UUID, business_id: UUID, **_: object) -> None:
    """What is over lapses; what waited behind it comes into force."""
    async with ctx.begin(business_id) as work:
        await operations.end_terms(work, account_id=account_id)
