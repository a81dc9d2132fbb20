"""For jobs of the clock that are made per firm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from app.identity import operations
from app.jobs import Ctx

PAGE = 500


async def active_firms(ctx: Ctx) -> AsyncIterator[UUID]:
    """Every active firm, a page at a time, outside of any transaction."""
    after = UUID(int=0)
    while True:
        async with ctx.begin() as work:
            found = await operations.businesses(work, state="active", after=after, limit=PAGE)
        for business_id in found:
            yield business_id
        if len(found) < PAGE:
            return
        after = found[-1]
