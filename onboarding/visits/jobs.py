"""Open the account in the minute of the visit; let appointments fall away with applications."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.identity.model import BusinessExists
from app.jobs import Ctx
from onboarding.visits import operations
from onboarding.visits.model import BasicAccountTaken

PAGE = 200


async def activate_account(
    ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object
) -> None:
    """Open the account, unless the firm has a basic account by now, here or at another bank; one
    of another class, unless the basic account is gone.

    银发〔2019〕41号: uniqueness is asked online at the moment of opening.
    """
    async with ctx.begin(business_id) as work:
        found = await operations.to_activate(work, application_id=application_id)
    if found is None:
        return
    basic = await ctx.outside.account_filing.basic_account(found.uscc)
    code = "basic_account_exists" if found.account_class == "basic" else "no_basic_account"
    try:
        async with ctx.begin(business_id) as work:
            if (basic is not None) == (found.account_class == "basic"):
                raise BasicAccountTaken(uscc=found.uscc)
            await operations.activate(work, application_id=application_id)
    except (BasicAccountTaken, BusinessExists):
        async with ctx.begin(business_id) as work:
            await operations.refuse_account(work, application_id=application_id, code=code)


async def cancel_visit(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """The application ended without an account: nobody needs to come."""
    async with ctx.begin(business_id) as work:
        await operations.cancel_for(work, application_id=application_id)


async def look(ctx: Ctx, **_: object) -> None:
    """Who did not come by the end of the branch's day, and who comes tomorrow; a repeat finds
    nothing left."""
    async with ctx.begin() as work:
        now, terms = work.now, await operations.terms(work)
    remind = timedelta(hours=terms.remind_hours)
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(operations.sql.due.text, now, remind, PAGE)
        for business_id, visit_id, what in found:
            async with ctx.begin(business_id) as work:
                await operations.look_at(work, visit_id=visit_id, what=what)
        if len(found) < PAGE:
            return
