"""Pays a released batch beside the requests, and follows it until every row has its outcome."""

from uuid import UUID

from accounts.payouts import operations
from app import crash
from app.jobs import Ctx, Later


async def pay(ctx: Ctx, *, batch_id: UUID, business_id: UUID, **_: object) -> None:
    """Pay slice after slice, each a transaction of its own, then wait for the other banks.

    Who takes over from a worker that died goes on where the last slice was committed.
    """
    more = True
    while more:
        try:
            async with ctx.begin(business_id) as work:
                more = await operations.pay_slice(work, batch_id=batch_id)
        except operations.Again as again:
            raise Later(operations.PAUSE_SECONDS) from again
        crash.point(ctx.settings, "slice.batch")
    async with ctx.begin(business_id) as work:
        seconds = await operations.follow(work, batch_id=batch_id)
    if seconds:
        raise Later(seconds)
