"""Closes and seals every business date that has ended, in slices of firms."""

from __future__ import annotations

import asyncio
import time
from datetime import date, timedelta

from accounts.day_close import rules
from accounts.day_close.operations import NOBODY, sql
from app.jobs import Ctx, Later

SLICE = 500
# How often it looks whether those who began before the close have ended, and how long.
LOOK_SECONDS, LOOKS = 0.05, 60
# A job has 55 seconds; it goes on where it stopped.
WORK_SECONDS = 40


async def close_days(ctx: Ctx, *, on: date, **_: object) -> None:
    """At the beginning of a business date: close and seal all dates before it."""
    async with ctx.begin() as work:
        seconds = rules.seconds_until_close(on, now=work.now)
    if seconds:
        raise Later(seconds)
    await close(ctx, until=on - timedelta(days=1))


async def close(ctx: Ctx, *, until: date) -> None:
    """Close every date up to one that has ended, then seal them in order; a repeat is harmless."""
    stop = time.monotonic() + WORK_SECONDS
    await _close(ctx, until)
    async with ctx.nightly() as connection:
        on: date | None = await connection.fetchval(sql.first_unsealed.text)
    while on is not None and on <= until:
        await _seal(ctx, on, stop)
        on += timedelta(days=1)
    # Dates before the first account are whole as well: nobody is missing on them.
    async with ctx.nightly() as connection:
        await connection.execute(sql.mark_sealed.text, until)


async def _close(ctx: Ctx, until: date) -> None:
    for _ in range(LOOKS):
        async with ctx.nightly() as connection:
            if await connection.fetchval(sql.close_dates.text, until):
                return
        await asyncio.sleep(LOOK_SECONDS)
    raise Later(1)


async def _seal(ctx: Ctx, on: date, stop: float) -> None:
    """One date, slice by slice; its digest goes into the audit chain before it counts as whole."""
    after, firms = NOBODY, SLICE
    while firms == SLICE:
        if time.monotonic() > stop:
            raise Later(0)
        async with ctx.nightly() as connection:
            [row] = await connection.fetch(sql.seal_day.text, on, after, SLICE)
        firms, after = row["firms"], row["last_firm"]
    async with ctx.nightly() as connection:
        digest: bytes = await connection.fetchval(sql.day_digest.text, on)
    async with ctx.begin() as work:
        await work.record("day.sealed", on=on.isoformat(), digest=digest.hex())
    async with ctx.nightly() as connection:
        await connection.execute(sql.mark_sealed.text, on)
