"""Reacts to what happened: each event makes its voucher, once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.jobs import Ctx
from bookkeeping.journal import operations as journal
from bookkeeping.postings import operations


async def open_books(ctx: Ctx, *, business_id: UUID, **_: object) -> None:
    """A firm with an account has books."""
    async with ctx.begin(business_id) as work:
        await journal.open_books(work)


async def record_sale(ctx: Ctx, *, invoice_id: UUID, business_id: UUID, **_: object) -> None:
    """An invoice was issued."""
    async with ctx.begin(business_id) as work:
        await operations.sale(work, invoice_id=invoice_id)


async def record_red_letter(
    ctx: Ctx, *, red_letter_id: UUID, business_id: UUID, **_: object
) -> None:
    """An invoice was taken back."""
    async with ctx.begin(business_id) as work:
        await operations.taken_back(work, red_letter_id=red_letter_id)


async def record_receipt(ctx: Ctx, *, credit_id: UUID, business_id: UUID, **_: object) -> None:
    """Money came in."""
    async with ctx.begin(business_id) as work:
        await operations.receipt(work, credit_id=credit_id)


async def record_allocation(
    ctx: Ctx,
    *,
    invoice_id: UUID,
    receipt_id: UUID,
    amount_fen: int,
    business_id: UUID,
    **_: object,
) -> None:
    """A receipt settled an invoice."""
    async with ctx.begin(business_id) as work:
        await operations.allocation(
            work, invoice_id=invoice_id, receipt_id=receipt_id, amount_fen=amount_fen
        )


async def record_payment(ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """A payment reached its payee."""
    async with ctx.begin(business_id) as work:
        await operations.payment(work, payment_id=payment_id)


async def record_payment_back(
    ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object
) -> None:
    """A payment failed or came back; what was booked of it is taken back."""
    async with ctx.begin(business_id) as work:
        await operations.payment_back(work, payment_id=payment_id)


async def record_interest(
    ctx: Ctx,
    *,
    account_id: UUID,
    until_on: date,
    amount_fen: int,
    paid_on: date,
    business_id: UUID,
    **_: object,
) -> None:
    """The bank has paid interest."""
    async with ctx.begin(business_id) as work:
        await operations.interest(
            work,
            account_id=account_id,
            until_on=until_on,
            amount_fen=amount_fen,
            paid_on=paid_on,
        )


async def record_fee(
    ctx: Ctx,
    *,
    fee_id: UUID,
    amount_fen: int,
    charged_on: date,
    business_id: UUID,
    **_: object,
) -> None:
    """The bank has taken a fee."""
    async with ctx.begin(business_id) as work:
        await operations.fee(work, fee_id=fee_id, amount_fen=amount_fen, charged_on=charged_on)


async def record_fee_back(
    ctx: Ctx, *, fee_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """The bank has given a fee back."""
    async with ctx.begin(business_id) as work:
        await operations.fee_back(work, fee_id=fee_id, amount_fen=amount_fen)


async def record_taken(
    ctx: Ctx, *, item_id: UUID, amount_fen: int, business_id: UUID, **_: object
) -> None:
    """An authority has taken money from an account."""
    async with ctx.begin(business_id) as work:
        await operations.taken_by_order(work, item_id=item_id, amount_fen=amount_fen)


async def record_drawdown(
    ctx: Ctx, *, loan_id: UUID, principal_fen: int, drawn_on: date, business_id: UUID, **_: object
) -> None:
    """A loan was drawn."""
    async with ctx.begin(business_id) as work:
        await operations.drawdown(
            work, loan_id=loan_id, principal_fen=principal_fen, drawn_on=drawn_on
        )


async def record_instalment(
    ctx: Ctx,
    *,
    loan_id: UUID,
    instalment_no: int,
    part: int,
    paid_on: date,
    principal_fen: int,
    interest_fen: int,
    business_id: UUID,
    **_: object,
) -> None:
    """Money was taken for an instalment."""
    async with ctx.begin(business_id) as work:
        await operations.instalment(
            work,
            loan_id=loan_id,
            instalment_no=instalment_no,
            part=part,
            paid_on=paid_on,
            principal_fen=principal_fen,
            interest_fen=interest_fen,
        )
