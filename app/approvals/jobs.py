"""The clock of questions: ring for what has waited long, end what has waited too long."""

from __future__ import annotations

from app.jobs import Ctx


async def ring(ctx: Ctx, **_: object) -> None:
    """One statement over all firms; what it finds goes on as events."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        await connection.fetchval("select core.ring_for_approvals($1)", now)
