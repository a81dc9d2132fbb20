"""Keeps the list of received call-backs short."""

from __future__ import annotations

from app.jobs import Ctx
from app.outside import operations


async def forget_callbacks(ctx: Ctx, **_: object) -> None:
    """Once a day: forget call-backs older than thirty days."""
    async with ctx.begin() as work:
        await operations.forget(work)
