"""For jobs of the clock that are made per firm."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.identity import operations
from app.jobs import Ctx, JobFunction

PAGE = 1000


async def start_for_active(ctx: Ctx, job: JobFunction, *, on: date) -> None:
    """A job of its own for every active firm, a page at a time; a repeat starts what is missing."""
    after = UUID(int=0)
    while True:
        async with ctx.begin() as work:
            found = await operations.businesses(work, state="active", after=after, limit=PAGE)
        await ctx.start_each(job, found, on=on)
        if len(found) < PAGE:
            return
        after = found[-1]
