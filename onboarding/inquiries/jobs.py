"""Questions end with their term or with their application."""

from __future__ import annotations

from uuid import UUID

from app.errors import Conflict
from app.jobs import Ctx
from onboarding.inquiries import operations
from onboarding.inquiries.operations import sql

PAGE = 200


async def end_lapsed(ctx: Ctx, **_: object) -> None:
    """What was not answered in its term goes back to the reviewers; a repeat finds nothing."""
    async with ctx.begin() as work:
        now = work.now
    async with ctx.nightly() as connection:
        found = await connection.fetch(sql.lapsed.text, now, PAGE)
    for business_id, inquiry_id in found:
        try:
            async with ctx.begin(business_id) as work:
                await operations.lapse(work, inquiry_id=inquiry_id)
        except Conflict:
            continue  # it was answered at this very moment


async def withdraw_open(ctx: Ctx, *, application_id: UUID, business_id: UUID, **_: object) -> None:
    """The application has ended: nothing is needed any more."""
    async with ctx.begin(business_id) as work:
        await operations.end_of_application(work, application_id=application_id)
