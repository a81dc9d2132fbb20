"""Tells a payee that a request has been paid, the moment the payment is settled."""

from uuid import UUID

from accounts.requests import operations
from app.jobs import Ctx, Later

LOOK_AGAIN_SECONDS = 60


async def tell(ctx: Ctx, *, code: str, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """A payment for a request: told once settled, however long others had to agree to it."""
    async with ctx.begin(business_id) as work:
        over, told = await operations.to_tell(work, code=code, payment_id=payment_id)
    if not over:
        raise Later(LOOK_AGAIN_SECONDS)
    if told is not None:
        async with ctx.begin(told.business_id) as work:
            await operations.tell(work, told=told)
