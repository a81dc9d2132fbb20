"""The lending day: every due instalment is taken, then every loan is accrued and classified."""

from __future__ import annotations

import time
from datetime import date
from uuid import UUID

from app.errors import XiaoweiError
from app.jobs import Ctx, Later
from lending.servicing import operations
from lending.servicing.operations import sql

PAGE = 200
# A job has 55 seconds; it goes on where it stopped.
WORK_SECONDS = 40


async def service_loans(ctx: Ctx, *, on: date, **_: object) -> None:
    """Take what is due on a business date, a transaction per loan; a repeat finds nothing left.

    A loan that fails is left for the repeat; the others are served before it is reported.
    """
    started, failed, seen = time.monotonic(), None, set[UUID]()
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.loans_to_service.text, on, PAGE + len(seen))
        fresh = [row for row in found if row["loan_id"] not in seen]
        if not fresh:
            break
        for row in fresh:
            if time.monotonic() - started > WORK_SECONDS:
                raise Later(0)
            try:
                async with ctx.begin(row["business_id"]) as work:
                    await operations.collect(work, loan_id=row["loan_id"], on=on)
            except XiaoweiError as error:
                failed = error
                seen.add(row["loan_id"])
    if failed is not None:
        raise failed
    async with ctx.nightly() as connection:
        await connection.execute(sql.accrue.text, on)
