"""Draws receipts that somebody wants."""

from uuid import UUID

import msgspec

from accounts.receipts import operations, rules
from accounts.receipts.model import Facts
from app.documents import Documents
from app.jobs import Ctx, Later

TEMPLATE = "accounts/receipts/pages/receipt.html"
# A job that waits for the one pen holds a job's place: beyond these it comes back later, so that
# however many receipts are wanted, payments keep theirs.
MOST_WAITING = 3
AGAIN_SECONDS = 0.5


async def draw(ctx: Ctx, *, receipt_id: UUID, business_id: UUID, **_: object) -> None:
    """The receipt of a booked line, drawn once, when it is first wanted."""
    if ctx.documents.waiting >= MOST_WAITING:
        raise Later(AGAIN_SECONDS)
    async with ctx.begin(business_id) as work:
        facts = await operations.to_draw(work, receipt_id=receipt_id)
    if facts is None:
        return
    pdf = await render(ctx.documents, [facts], public_url=ctx.settings.public_url)
    async with ctx.begin(business_id) as work:
        await operations.keep(work, receipt_id=receipt_id, facts=facts, pdf=pdf)


async def render(documents: Documents, facts: list[Facts], *, public_url: str) -> bytes:
    """One PDF with a page for each receipt."""
    receipts = [
        msgspec.to_builtins(one) | {"check_url": rules.check_url(one.code, public_url=public_url)}
        for one in facts
    ]
    return await documents.pdf(TEMPLATE, {"receipts": receipts})
