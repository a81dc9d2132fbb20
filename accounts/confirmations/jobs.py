"""The first of the month: the month before is closed for all accounts in one statement."""

from __future__ import annotations

from datetime import date, datetime, time

from accounts.confirmations import operations, rules
from accounts.confirmations.model import LetterPolicy
from accounts.deposits.jobs import over_all_firms
from accounts.policies import operations as policies
from app.clock import SHANGHAI
from app.jobs import Ctx, Later

# What began before midnight is committed by then: no transaction lives longer.
SETTLED_SECONDS = 60


async def close_month(ctx: Ctx, *, on: date, **_: object) -> None:
    """Balances of the month before for every account, and the letters after a quarter; nothing
    is drawn: a document is made when its firm wants it."""
    async with ctx.begin() as work:
        policy = await policies.value(work, kind="statements.letters", shape=LetterPolicy)
        since = (work.now - datetime.combine(on, time(), SHANGHAI)).total_seconds()
    if since < SETTLED_SECONDS:
        raise Later(SETTLED_SECONDS - since)
    month_on = rules.month_before(on)
    async with over_all_firms(ctx) as work:
        await operations.make_month(
            work, month_on=month_on, letters=rules.wants_letters(month_on, policy)
        )
