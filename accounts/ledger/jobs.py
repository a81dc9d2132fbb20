"""Keeps the ledger's month partitions ahead of the calendar."""

from __future__ import annotations

from accounts.ledger import operations
from app.jobs import Ctx


async def make_months(ctx: Ctx, **_: object) -> None:
    """Once a day: a ledger without its month refuses every posting."""
    async with ctx.begin() as work:
        await operations.make_months(work)
