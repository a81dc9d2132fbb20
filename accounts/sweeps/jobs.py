"""Every business date that is over, swept once, kind by kind and slice by slice."""

from datetime import date, timedelta

from accounts.policies import operations as policies
from accounts.sweeps import operations, rules
from app.actor import SYSTEM
from app.jobs import Ctx
from app.work import Work


async def sweep(ctx: Ctx, *, on: str, **_: object) -> None:
    """Sweep what lay in every firm when the date before this one ended."""
    ended_on = date.fromisoformat(on) - timedelta(days=1)
    async with ctx.begin() as work:
        bank = await policies.bank(work)
        now = work.now
    async with ctx.begin(bank.business_id) as work:
        homes = await operations.homes(work)
    for kind, home_id in homes.items():
        swept = rules.SLICE
        while swept == rules.SLICE:
            async with ctx.nightly() as connection:
                work = Work(
                    connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault
                )
                swept = await operations.sweep(
                    work, on=ended_on, kind=kind, home=bank.business_id, home_id=home_id
                )
