"""Reads and checks the rows of a batch beside the requests."""

import asyncio
from uuid import UUID

from accounts.batch_checks import operations, rules
from accounts.initiations import rules as initiations
from accounts.initiations.model import NotAnInitiation
from accounts.spreadsheets import operations as spreadsheets
from accounts.spreadsheets.model import Bounds, Line, NotATable, TableTooLarge
from app.jobs import Ctx


async def check(ctx: Ctx, *, batch_id: UUID, business_id: UUID, **_: object) -> None:
    """Read a new batch's rows, from its file or from the batch whose failed rows it retries."""
    async with ctx.begin(business_id) as work:
        rows = await operations.to_retry(work, batch_id=batch_id)
        file = await operations.source(work, batch_id=batch_id)
        bounds = await operations.bounds(work)
    if rows is None and file is None:
        return
    message_id: str | None = None
    if file is not None:
        try:
            lines, message_id = await _lines(ctx, file.content, bounds, batch_id, business_id)
            rows = await asyncio.to_thread(rules.rows, lines)
        except (NotATable, TableTooLarge, NotAnInitiation) as error:
            async with ctx.begin(business_id) as work:
                reason = operations.why_unreadable(error)
                await operations.unreadable(work, batch_id=batch_id, reason=reason)
            return
    assert rows is not None
    async with ctx.begin(business_id) as work:
        await operations.record_rows(work, batch_id=batch_id, rows=rows, message_id=message_id)


async def _lines(
    ctx: Ctx, content: bytes, bounds: Bounds, batch_id: UUID, business_id: UUID
) -> tuple[list[Line], str | None]:
    """A table's lines, or those of a message with its id; raises what either reader does."""
    if not initiations.is_message(content):
        return await spreadsheets.read(content, bounds=bounds), None
    said = await asyncio.to_thread(initiations.read, content, most=bounds.rows)
    async with ctx.begin(business_id) as work:
        await operations.check_message(work, batch_id=batch_id, said=said)
    return initiations.lines(said), said.message_id
