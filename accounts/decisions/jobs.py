"""Jobs of decisions: a payment whose question has ended by the clock is called off."""

from uuid import UUID

from accounts.decisions import operations
from accounts.payments.operations import KIND
from app.jobs import Ctx


async def end_unanswered(
    ctx: Ctx, *, kind: str, object_id: UUID, version: int, business_id: UUID, **_: object
) -> None:
    """Nobody has agreed in time."""
    if kind != KIND:
        return
    async with ctx.begin(business_id) as work:
        await operations.end_unanswered(work, payment_id=object_id, version=version)
