"""Lets go of uploads that nobody went on with."""

from __future__ import annotations

import asyncio

from app import clock
from app.files.parts import operations
from app.files.parts.operations import sql
from app.jobs import Ctx

PAGE = 200


async def expire(ctx: Ctx, **_: object) -> None:
    """End what is a day old and remove its parts; a repeat finds nothing left."""
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.expire.text, clock.now(), PAGE)
        for upload_id, parts in found:
            await asyncio.to_thread(operations.forget, ctx.settings, upload_id, parts)
        if len(found) < PAGE:
            return
