"""Looks through every closed business date of all firms, each in a transaction of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

from accounts.day_close import rules as day_close
from accounts.surveillance import operations
from app.actor import SYSTEM
from app.jobs import Ctx, Later
from app.work import Work

AT_A_TIME_SECONDS = 20
# How soon it looks again whether the dates are sealed.
LOOK_SECONDS = 0.3


@asynccontextmanager
async def _over_all_firms(ctx: Ctx) -> AsyncIterator[Work]:
    """Work over all firms at once, through functions only."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        yield Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault)


async def survey(ctx: Ctx, *, on: date, **_: object) -> None:
    """Find large sums and suspicious patterns of the dates before this one, oldest first; only
    when they are sealed, so that nothing is booked behind it."""
    began = time.monotonic()
    async with ctx.begin() as work:
        sealed = await operations.sealed_until(work)
        seconds = day_close.seconds_until_close(on, now=work.now)
    if sealed < on - timedelta(days=1):
        raise Later(max(seconds, LOOK_SECONDS))
    async with _over_all_firms(ctx) as work:
        days = await operations.days_to_survey(work, on=on)
    for day in days:
        if time.monotonic() - began > AT_A_TIME_SECONDS:
            raise Later(0)
        async with _over_all_firms(ctx) as work:
            await operations.survey(work, day=day)
