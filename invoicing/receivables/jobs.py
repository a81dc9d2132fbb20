"""Reacts to issued invoices and to money that came in."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx
from invoicing.receivables import operations


async def open_receivable(ctx: Ctx, *, invoice_id: UUID, business_id: UUID, **_: object) -> None:
    """An issued invoice is owed."""
    async with ctx.begin(business_id) as work:
        await operations.open_receivable(work, invoice_id=invoice_id)


async def match(ctx: Ctx, *, credit_id: UUID, business_id: UUID, **_: object) -> None:
    """Money that came in looks for its invoices."""
    async with ctx.begin(business_id) as work:
        await operations.match(work, receipt_id=credit_id)


async def credit(
    ctx: Ctx,
    *,
    invoice_id: UUID,
    red_letter_id: UUID,
    taken_fen: int,
    business_id: UUID,
    **_: object,
) -> None:
    """A red letter lowers what is owed."""
    async with ctx.begin(business_id) as work:
        await operations.credit(
            work, invoice_id=invoice_id, red_letter_id=red_letter_id, amount_fen=taken_fen
        )
