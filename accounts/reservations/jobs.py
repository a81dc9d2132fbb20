"""The clock ends reservations past their term, firm by firm."""

from __future__ import annotations

import time
from uuid import UUID

import structlog

from accounts.reservations import operations
from accounts.reservations.operations import sql
from app.errors import XiaoweiError
from app.jobs import Ctx, Later

log = structlog.get_logger("reservations")
PAGE = 200
# A job has 55 seconds; the next one goes on where it stopped.
WORK_SECONDS = 40


async def expire(ctx: Ctx, **_: object) -> None:
    """Let go of what is left of every reservation past its term; a firm that fails is left for
    the next time, the others are served."""
    started, after = time.monotonic(), UUID(int=0)
    async with ctx.begin() as work:
        now = work.now
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.firms_with_lapsed.text, now, after, PAGE)
        for (business_id,) in found:
            if time.monotonic() - started > WORK_SECONDS:
                raise Later(0)
            await _expire_in(ctx, business_id)
            after = business_id
        if len(found) < PAGE:
            return


async def _expire_in(ctx: Ctx, business_id: UUID) -> None:
    try:
        while True:
            async with ctx.begin(business_id) as work:
                if await operations.expire(work, limit=PAGE) < PAGE:
                    return
    except XiaoweiError as error:
        log.warning("not ended", business_id=str(business_id), error=type(error).__name__)
