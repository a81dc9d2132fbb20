"""The quiet year: accounts that nothing moves are told of it, and a month later set aside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from accounts.deposits import operations
from accounts.deposits.model import Dormancy, Place
from accounts.policies import operations as policies
from app.actor import SYSTEM
from app.jobs import Ctx
from app.work import Work

SLICE = 500


@asynccontextmanager
async def over_all_firms(ctx: Ctx) -> AsyncIterator[Work]:
    """A transaction over all firms at once, through functions only, at the business moment."""
    async with ctx.begin() as current:
        now = current.now
    async with ctx.nightly() as connection:
        yield Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault)


async def find_quiet(ctx: Ctx, **_: object) -> None:
    """Ring for accounts to tell and for those whose notice is over, a slice at a time."""
    async with ctx.begin() as work:
        terms = await policies.value(work, kind="deposits.dormancy", shape=Dormancy)
    after = Place()
    while True:
        async with over_all_firms(ctx) as work:
            rung = await operations.ring_for_quiet(work, terms=terms, after=after, most=SLICE)
        if len(rung) < SLICE:
            return
        after = rung[-1]


async def set_aside(ctx: Ctx, *, account_id: UUID, business_id: UUID, **_: object) -> None:
    """The notice is over: dormant, unless something has moved meanwhile."""
    async with ctx.begin(business_id) as work:
        await operations.become_dormant(work, account_id=account_id)
