"""The interest of a quarter: settled for every account, then booked where the account takes it."""

from __future__ import annotations

from datetime import date, datetime, time

from accounts.deposits.jobs import over_all_firms
from accounts.deposits.model import Place
from accounts.interest import operations, rules
from accounts.ledger.model import AccountRefusesPosting
from app.clock import SHANGHAI
from app.jobs import Ctx, Later

SLICE = 500


async def settle(ctx: Ctx, *, on: date, **_: object) -> None:
    """On the 21st after a quarter's last 20th: settle all accounts, then pay; a repeat finds
    nothing left. Quarters that the clock jumped over are settled one after the other."""
    if not rules.is_settled_on(on):
        return
    async with ctx.begin() as work:
        midnight = datetime.combine(on, time(), SHANGHAI)
        if seconds := rules.wait_seconds(now=work.now, midnight=midnight):
            raise Later(seconds)
    while await _settle_once(ctx, on):
        pass
    await pay_due(ctx)


async def _settle_once(ctx: Ctx, on: date) -> bool:
    """One pass over all firms; whether it settled anything."""
    after, found = Place(), False
    while True:
        async with over_all_firms(ctx) as work:
            settled = await operations.settle(work, on=on, after=after, most=SLICE)
        if not settled:
            return found
        after, found = settled[-1], True


async def pay_due(ctx: Ctx, **_: object) -> None:
    """Every day: book what is due where the account takes it; one that changed at this very
    moment is looked at again."""
    while True:
        try:
            async with over_all_firms(ctx) as work:
                paid = await operations.pay_due(work, most=SLICE)
        except AccountRefusesPosting:
            raise Later(5) from None
        if paid < SLICE:
            return
