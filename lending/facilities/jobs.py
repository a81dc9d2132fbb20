"""Asks the bureau about an applicant, and offers limits before they are asked for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from app.jobs import Ctx, Later
from app.outside.bureau import NewReport
from app.outside.model import OutsideRefused
from lending.facilities import operations
from lending.facilities.operations import sql

# The one product that is offered from the firm's own data alone.
OFFERED = "business_quick"
PAGE = 1000
ASK_AGAIN_SECONDS = 30


async def ask_bureau(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """Get the report under the application's id, then decide; a repeat gets the same report."""
    async with ctx.begin(business_id) as work:
        found = await operations.waiting(work, application_id=application_id)
        asked_on = work.today
    if found is None:
        return
    application, subject = found
    try:
        outcome = await ctx.outside.bureau.report(
            NewReport(
                reference=str(application_id),
                subject_kind="firm",
                subject_id=subject.uscc,
                subject_name=subject.name,
                consent_id=str(application.bureau_consent_id),
                asked_on=asked_on,
            )
        )
    except OutsideRefused:
        report = None
    else:
        if outcome.state not in ("done", "refused"):
            raise Later(ASK_AGAIN_SECONDS)
        report = msgspec.to_builtins(outcome.result) if outcome.result is not None else None
    async with ctx.begin(business_id) as work:
        await operations.settle(work, application_id=application_id, report=report)


async def offer_limits(ctx: Ctx, *, on: date, **_: object) -> None:
    """Once a month every active firm without a decision this month, each in a job of its own."""
    after = UUID(int=0)
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.firms_to_offer.text, on, OFFERED, after, PAGE)
        firms = [business_id for (business_id,) in found]
        await ctx.start_each(offer_limit, firms, on=on)
        if len(firms) < PAGE:
            return
        after = firms[-1]


async def offer_limit(ctx: Ctx, *, business_id: UUID, **_: object) -> None:
    """Offer a firm what its own data allow."""
    async with ctx.begin(business_id) as work:
        await operations.offer(work, product_code=OFFERED)
