"""Runs a rule over past payments slice by slice, and counts closed days."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from accounts.monitors import operations
from app.actor import SYSTEM
from app.jobs import Ctx, Later
from app.work import Work

SLICE = 200
# A job leaves the worker to others after so long and goes on where it stood.
AT_A_TIME_SECONDS = 15


@asynccontextmanager
async def _over_all_firms(ctx: Ctx) -> AsyncIterator[Work]:
    """Work over all firms at once, through functions only."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        yield Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault)


async def replay(ctx: Ctx, *, replay_id: UUID, **_: object) -> None:
    """Run a version of a rule over past payments; its progress stands after every slice."""
    began = time.monotonic()
    while True:
        async with ctx.begin() as work:
            where, rule, active = await operations.replay_state(work, replay_id=replay_id)
            amount_from = (await operations.terms(work)).examined_from_fen
        if where.state == "done":
            return
        async with _over_all_firms(ctx) as all_firms:
            if where.after_payment.int == 0:
                size = await operations.replay_size(all_firms, where=where, amount_from=amount_from)
            past = await operations.past(
                all_firms, where=where, amount_from=amount_from, most=SLICE
            )
        async with ctx.begin() as work:
            if where.after_payment.int == 0:
                await operations.start_counting(work, replay_id=replay_id, payments=size)
            await operations.add_slice(work, where=where, slice_of=past, rule=rule, active=active)
        if time.monotonic() - began > AT_A_TIME_SECONDS:
            raise Later(0)


async def roll_up(ctx: Ctx, *, on: date, **_: object) -> None:
    """Count closed days of every firm's payments, so that habits are cheap to read."""
    async with _over_all_firms(ctx) as work:
        await operations.roll_up(work, on=on)
