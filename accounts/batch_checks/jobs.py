"""Reads and checks the rows of a batch beside the requests."""

import asyncio
from uuid import UUID

from accounts.batch_checks import operations, rules
from accounts.spreadsheets import operations as spreadsheets
from accounts.spreadsheets.model import NotATable, TableTooLarge
from app.jobs import Ctx


async def check(ctx: Ctx, *, batch_id: UUID, business_id: UUID, **_: object) -> None:
    """Read a new batch's rows, from its file or from the batch whose failed rows it retries."""
    async with ctx.begin(business_id) as work:
        rows = await operations.to_retry(work, batch_id=batch_id)
        file = await operations.source(work, batch_id=batch_id)
        bounds = await operations.bounds(work)
    if rows is None and file is None:
        return
    if file is not None:
        try:
            lines = await spreadsheets.read(file.content, bounds=bounds)
            rows = await asyncio.to_thread(rules.rows, lines)
        except (NotATable, TableTooLarge) as error:
            async with ctx.begin(business_id) as work:
                reason = operations.why_unreadable(error)
                await operations.unreadable(work, batch_id=batch_id, reason=reason)
            return
    assert rows is not None
    async with ctx.begin(business_id) as work:
        await operations.record_rows(work, batch_id=batch_id, rows=rows)
