"""The clock looks at agreements, payment orders carry them on, beneficiaries are told."""

from __future__ import annotations

import time
from uuid import UUID

import structlog

from accounts.escrow import operations
from accounts.escrow.operations import sql
from accounts.guarantees import operations as guarantees
from app.errors import XiaoweiError
from app.jobs import Ctx, Later

log = structlog.get_logger("escrow")
PAGE = 200
# A job has 55 seconds; the next one goes on where it stopped.
WORK_SECONDS = 40
START = (UUID(int=0), UUID(int=0))


async def look(ctx: Ctx, **_: object) -> None:
    """Every agreement whose moment has come, in a transaction of its own; one that fails is left
    for the next time, the others are served."""
    started, place = time.monotonic(), START
    async with ctx.begin() as work:
        now = work.now
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.due.text, now, *place, PAGE)
        for business_id, escrow_id in found:
            if time.monotonic() - started > WORK_SECONDS:
                raise Later(0)
            try:
                async with ctx.begin(business_id) as work:
                    await operations.look(work, escrow_id=escrow_id)
            except XiaoweiError as error:
                log.warning("not looked at", escrow_id=str(escrow_id), error=type(error).__name__)
            place = business_id, escrow_id
        if len(found) < PAGE:
            return


async def settle(ctx: Ctx, *, escrow_id: UUID, business_id: UUID, **_: object) -> None:
    """The bank has decided: what it gave each side moves now."""
    async with ctx.begin(business_id) as work:
        await operations.look(work, escrow_id=escrow_id)


async def follow(ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """A payment order into or out of escrow has come further."""
    async with ctx.begin(business_id) as work:
        await operations.follow(work, payment_id=payment_id)


async def tell(
    ctx: Ctx, *, escrow_id: UUID, beneficiary_business_id: UUID, business_id: UUID, **_: object
) -> None:
    """The beneficiary's own row says what the payer's firm knows."""
    async with ctx.begin(business_id) as work:
        agreement = await operations.get(work, escrow_id=escrow_id)
        payer_name = await operations.payer_name(work, escrow_id=escrow_id)
    async with ctx.begin(beneficiary_business_id) as work:
        await guarantees.tell(
            work, payer_business_id=business_id, payer_name=payer_name, shown=agreement.shown
        )
