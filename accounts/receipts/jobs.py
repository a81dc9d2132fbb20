"""Renders receipts of settled payments and of money that came in."""

from uuid import UUID

import msgspec

from accounts.receipts import operations
from accounts.receipts.model import Facts
from app.jobs import Ctx

TEMPLATE = "accounts/receipts/pages/receipt.html"


async def render_payment(ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """The receipt of a settled payment, made once."""
    async with ctx.begin(business_id) as work:
        facts = await operations.facts_of_payment(work, payment_id=payment_id)
    if facts is None:
        return
    pdf = await _render(ctx, facts)
    async with ctx.begin(business_id) as work:
        await operations.keep(work, source="payment", source_id=payment_id, facts=facts, pdf=pdf)


async def render_credit(ctx: Ctx, *, credit_id: UUID, business_id: UUID, **_: object) -> None:
    """The receipt of money that came in, made once, when the firm asks for it."""
    async with ctx.begin(business_id) as work:
        facts = await operations.facts_of_credit(work, credit_id=credit_id)
    if facts is None:
        return
    pdf = await _render(ctx, facts)
    async with ctx.begin(business_id) as work:
        await operations.keep(work, source="credit", source_id=credit_id, facts=facts, pdf=pdf)


async def _render(ctx: Ctx, facts: Facts) -> bytes:
    check_url = f"{ctx.settings.public_url}/receipts/{facts.code}"
    data = msgspec.to_builtins(facts) | {"check_url": check_url}
    return await ctx.documents.pdf(TEMPLATE, data)
