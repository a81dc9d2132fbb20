"""The lending day: every due instalment is taken, then every loan is accrued and classified."""

from __future__ import annotations

import time
from datetime import date
from uuid import UUID

from app.jobs import Ctx, Later, LeaseLost
from lending.servicing import operations
from lending.servicing.operations import sql

PAGE = 200
# A job has 55 seconds; it goes on where it stopped.
WORK_SECONDS = 40
START = (UUID(int=0), UUID(int=0))


async def service_loans(ctx: Ctx, *, on: date, **_: object) -> None:
    """Take what is due on a business date, a transaction per loan; a repeat finds nothing left.

    A loan that fails is left for the repeat; the others are served and accrued before it is
    reported.
    """
    started, failed, place = time.monotonic(), None, START
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.loans_to_service.text, on, *place, PAGE)
        for business_id, loan_id in found:
            if time.monotonic() - started > WORK_SECONDS:
                raise Later(0)
            try:
                async with ctx.begin(business_id) as work:
                    await operations.catch_up(work, loan_id=loan_id, on=on)
            except LeaseLost:
                raise
            except Exception as error:
                failed = error
            place = business_id, loan_id
        if len(found) < PAGE:
            break
    async with ctx.nightly() as connection:
        await connection.execute(sql.accrue.text, on)
    if failed is not None:
        raise failed
