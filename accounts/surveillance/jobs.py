"""Looks through every closed business date of all firms, each in a transaction of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from accounts.surveillance import operations
from app.actor import SYSTEM
from app.jobs import Ctx, Later
from app.work import Work

AT_A_TIME_SECONDS = 20


@asynccontextmanager
async def _over_all_firms(ctx: Ctx) -> AsyncIterator[Work]:
    """Work over all firms at once, through functions only."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        yield Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault)


async def survey(ctx: Ctx, *, on: date, **_: object) -> None:
    """Find large sums and suspicious patterns of the dates before this one, oldest first."""
    began = time.monotonic()
    async with _over_all_firms(ctx) as work:
        days = await operations.days_to_survey(work, on=on)
    for day in days:
        if time.monotonic() - began > AT_A_TIME_SECONDS:
            raise Later(0)
        async with _over_all_firms(ctx) as work:
            await operations.survey(work, day=day)
