"""Jobs of batches: one whose question has ended by the clock is called off."""

from uuid import UUID

from accounts.batches import operations
from app.jobs import Ctx


async def end_unanswered(
    ctx: Ctx, *, kind: str, object_id: UUID, version: int, business_id: UUID, **_: object
) -> None:
    """Nobody has agreed in time."""
    if kind != operations.KIND:
        return
    async with ctx.begin(business_id) as work:
        await operations.end_unanswered(work, batch_id=object_id, version=version)
