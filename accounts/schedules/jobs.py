"""Finds the dates that have come, over all firms at once, and pays each by a job of its own."""

from datetime import date
from uuid import UUID

from accounts.schedules import operations
from app.actor import SYSTEM
from app.jobs import Ctx
from app.work import Work


async def find_due(ctx: Ctx, **_: object) -> None:
    """Mark what is due and what is to be tried again."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        work = Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault)
        await operations.find_due(work)
    ctx.doorbell.ring()


async def pay(
    ctx: Ctx, *, schedule_id: UUID, nominal_on: date, business_id: UUID, **_: object
) -> None:
    """Pay one date of one schedule, in the name of whoever made it."""
    async with ctx.begin(business_id) as work:
        person_id = await operations.maker_of(work, schedule_id=schedule_id)
    async with ctx.begin(business_id, person_id=person_id) as work:
        await operations.pay(work, schedule_id=schedule_id, nominal_on=nominal_on)
