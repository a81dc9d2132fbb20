"""Jobs of mandates: a proposal that nobody answered in time is off."""

from uuid import UUID

from accounts.mandates import operations
from app.jobs import Ctx


async def end_unanswered(
    ctx: Ctx, *, kind: str, object_id: UUID, business_id: UUID, **_: object
) -> None:
    """The clock has ended the question to the other owners."""
    if kind != operations.KIND:
        return
    async with ctx.begin(business_id) as work:
        await operations.end_unanswered(work, mandate_id=object_id)
