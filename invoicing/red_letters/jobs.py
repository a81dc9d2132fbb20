"""Asks the tax platform for the numbers of red letters and makes their documents."""

from __future__ import annotations

from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.delivery import deliver
from app.outside.tax import NewNumber
from invoicing.invoices import operations as invoices
from invoicing.invoices.model import Invoice
from invoicing.red_letters import operations
from invoicing.red_letters.model import RedLetter

TEMPLATE = "invoicing/invoices/pages/invoice.html"


async def ask_for_number(ctx: Ctx, *, red_letter_id: UUID, business_id: UUID, **_: object) -> None:
    """Ask under the red letter's own id; an outcome not known is asked for, never resent."""
    async with ctx.begin(business_id) as work:
        red = await operations.get(work, red_letter_id=red_letter_id)
        blue = await invoices.get(work, invoice_id=red.invoice_id)
    if red.state != "submitted":
        return
    platform = ctx.outside.tax
    outcome = await deliver(_request(red, blue), ask=platform.outcome, send=platform.request_number)
    if not outcome.is_final:
        raise Later(0.5)
    async with ctx.begin(business_id) as work:
        if outcome.state == "done":
            assert outcome.result is not None, "a done outcome carries its result"
            await operations.accept_number(
                work, red_letter_id=red_letter_id, number=outcome.result.number
            )
        else:
            await operations.accept_refusal(
                work, red_letter_id=red_letter_id, reason=outcome.reason
            )


async def render_documents(
    ctx: Ctx, *, red_letter_id: UUID, business_id: UUID, **_: object
) -> None:
    """PDF and XML of an issued red letter, stored once."""
    async with ctx.begin(business_id) as work:
        found = await operations.documents(work, red_letter_id=red_letter_id)
    if found.stored:
        return
    pdf = await ctx.documents.pdf(TEMPLATE, found.page)
    async with ctx.begin(business_id) as work:
        await operations.keep_documents(work, red_letter_id=red_letter_id, pdf=pdf, xml=found.xml)


def _request(red: RedLetter, blue: Invoice) -> NewNumber:
    return NewNumber(
        reference=str(red.id),
        kind="01" if blue.kind == "special" else "02",
        issued_on=red.issued_on,
        seller_uscc=blue.seller_uscc,
        seller_name=blue.seller_name,
        buyer_uscc=blue.buyer_uscc or "",
        buyer_name=blue.buyer_name,
        net_fen=red.amount_fen,
        tax_fen=red.tax_fen,
        total_fen=red.total_fen,
        red_of=blue.number,
        red_reason=red.reason,
    )
