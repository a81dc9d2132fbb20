"""Asks the tax platform for numbers and makes the documents of issued invoices."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.jobs import Ctx, Later
from app.outside.delivery import deliver
from app.outside.model import Outcome
from app.outside.tax import IssuedInvoice, NewNumber
from invoicing.invoices import operations
from invoicing.invoices.model import Invoice

TEMPLATE = "invoicing/invoices/pages/invoice.html"


async def ask_for_number(ctx: Ctx, *, invoice_id: UUID, business_id: UUID, **_: object) -> None:
    """Ask under the invoice's own id; an outcome that is not known is asked for, never resent."""
    async with ctx.begin(business_id) as work:
        invoice = await operations.get(work, invoice_id=invoice_id)
        if invoice.state != "submitted":
            return
        assert invoice.quota_month_on is not None
        known = await operations.quota(work, month_on=invoice.quota_month_on)
    platform = ctx.outside.tax
    outcome = await deliver(_request(invoice), ask=platform.outcome, send=platform.request_number)
    if not outcome.is_final:
        raise Later(0.5)
    async with ctx.begin(business_id) as work:
        if outcome.state == "done":
            await operations.accept_number(work, invoice_id=invoice_id, number=_number(outcome))
        else:
            await operations.accept_refusal(work, invoice_id=invoice_id, reason=outcome.reason)
    if known.limit_fen is None or outcome.state == "refused":
        await refresh_quota(ctx, month_on=invoice.quota_month_on, business_id=business_id)


async def refresh_quota(ctx: Ctx, *, month_on: date, business_id: UUID, **_: object) -> None:
    """Learn the month's limit from the tax platform."""
    async with ctx.begin(business_id) as work:
        uscc = await operations.seller_uscc(work)
    if uscc is None:
        return
    told = await ctx.outside.tax.quota(uscc=uscc, month=f"{month_on:%Y-%m}")
    async with ctx.begin(business_id) as work:
        await operations.learn_quota(work, month_on=month_on, limit_fen=told.limit_fen)


async def render_documents(ctx: Ctx, *, invoice_id: UUID, business_id: UUID, **_: object) -> None:
    """PDF and XML of an issued invoice, stored once."""
    async with ctx.begin(business_id) as work:
        found = await operations.documents(work, invoice_id=invoice_id)
    if found.stored:
        return
    pdf = await ctx.documents.pdf(TEMPLATE, found.page)
    async with ctx.begin(business_id) as work:
        await operations.keep_documents(work, invoice_id=invoice_id, pdf=pdf, xml=found.xml)


def _request(invoice: Invoice) -> NewNumber:
    assert invoice.issued_on is not None
    return NewNumber(
        reference=str(invoice.id),
        kind="01" if invoice.kind == "special" else "02",
        issued_on=invoice.issued_on,
        seller_uscc=invoice.seller_uscc,
        seller_name=invoice.seller_name,
        buyer_uscc=invoice.buyer_uscc or "",
        buyer_name=invoice.buyer_name,
        net_fen=invoice.amount_fen,
        tax_fen=invoice.tax_fen,
        total_fen=invoice.total_fen,
    )


def _number(outcome: Outcome[IssuedInvoice]) -> str:
    assert outcome.result is not None, "a done outcome carries its result"
    return outcome.result.number
