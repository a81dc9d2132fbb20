"""Ask the public register about a firm that wants to join, and let in who has proved it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app.jobs import Ctx
from onboarding.joins import operations
from onboarding.joins.model import RegisterEntry


async def look_up(ctx: Ctx, *, join_id: UUID, business_id: UUID, **_: object) -> None:
    """Read the register; a register that is down is asked again later."""
    async with ctx.begin(business_id) as work:
        uscc = await operations.to_look_up(work, join_id=join_id)
    if uscc is None:
        return
    licence = await ctx.outside.registry.licence(uscc)
    entry = None
    if licence is not None:
        entry = msgspec.convert(msgspec.structs.asdict(licence), RegisterEntry)
    async with ctx.begin(business_id) as work:
        await operations.take_register(work, join_id=join_id, entry=entry)


async def let_in(ctx: Ctx, *, subject_id: UUID, business_id: UUID, **_: object) -> None:
    """A text was signed: if it was a join's, the firm is let in."""
    async with ctx.begin(business_id) as work:
        await operations.let_in(work, join_id=subject_id)
