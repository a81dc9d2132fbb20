"""What nobody has acted on for a month ends by itself, so that it keeps nothing from others."""

from __future__ import annotations

from app.errors import Conflict
from app.jobs import Ctx
from onboarding.applications import operations
from onboarding.applications.operations import sql

PAGE = 200


async def end_lapsed(ctx: Ctx, **_: object) -> None:
    """End every draft, return and approval whose term is over; a repeat finds nothing left."""
    async with ctx.begin() as work:
        now = work.now
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.lapsed.text, now, PAGE)
        for business_id, application_id in found:
            try:
                async with ctx.begin(business_id) as work:
                    await operations.lapse(work, application_id=application_id)
            except Conflict:
                continue  # somebody acted at this very moment
        if len(found) < PAGE:
            return
