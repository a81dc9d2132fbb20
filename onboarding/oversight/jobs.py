"""The clock over the queue: what is late is handed to a supervisor, what lies with somebody who
is away goes to whoever stands in."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx
from onboarding.colleagues import operations as colleagues
from onboarding.oversight import operations


async def look(ctx: Ctx, **_: object) -> None:
    """One statement each over all firms; what was late goes on as events, each once."""
    async with ctx.begin() as work:
        now, central = work.now, (await colleagues.terms(work)).central_branch
    async with ctx.nightly() as connection:
        moved = await connection.fetchval("select onboarding.hand_over_reviews($1)", now)
        late = await connection.fetchval("select onboarding.escalate_reviews($1, $2)", now, central)
    if moved or late:
        async with ctx.begin() as work:
            await work.record("reviews.looked_over", handed_over=moved, escalated=late)


async def note_overdue(ctx: Ctx, *, review_id: UUID, business_id: UUID, **_: object) -> None:
    """Tell the applicant's progress and the audit trail."""
    async with ctx.begin(business_id) as work:
        await operations.note_overdue(work, review_id=review_id)
