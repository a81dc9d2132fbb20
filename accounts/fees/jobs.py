"""The monthly account fee: made for every account that owes it, charged where it can be paid."""

from __future__ import annotations

from datetime import date

from accounts.deposits.jobs import over_all_firms
from accounts.deposits.model import Place
from accounts.fees import operations
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from app.jobs import Ctx, Later

SLICE = 500


async def make_monthly(ctx: Ctx, *, on: date, **_: object) -> None:
    """On the first of a month: its fees over all firms, a slice at a time; a repeat makes none."""
    async with ctx.begin() as work:
        listed = await operations.prices(work)
    after = Place()
    while True:
        async with over_all_firms(ctx) as work:
            made = await operations.make_monthly(
                work, month=on, listed=listed, after=after, most=SLICE
            )
        if len(made) < SLICE:
            return await charge_due(ctx)
        after = made[-1]


async def charge_due(ctx: Ctx, **_: object) -> None:
    """Every day: charge what is due and can be paid; an account that changed at this very moment
    is looked at again."""
    while True:
        try:
            async with over_all_firms(ctx) as work:
                charged = await operations.take_due(work, most=SLICE)
        except (AccountRefusesPosting, InsufficientFunds):
            raise Later(5) from None
        if charged < SLICE:
            return
