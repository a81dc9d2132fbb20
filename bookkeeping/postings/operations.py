"""Makes the voucher of one event, once, whichever job brings it how often."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.incoming import operations as incoming
from accounts.payments import operations as payments
from app import clock
from app.work import Work
from bookkeeping.journal import operations as journal
from bookkeeping.postings import rules
from invoicing.invoices import operations as invoices
from invoicing.red_letters import operations as red_letters


async def sale(work: Work, *, invoice_id: UUID) -> None:
    """An issued invoice: receivable, revenue, tax."""
    invoice = await invoices.get(work, invoice_id=invoice_id)
    assert invoice.issued_on is not None
    rates = await invoices.rates(work, on=invoice.issued_on)
    await journal.record(
        work,
        template_id=rules.sale_template(
            {line.rate_ppm for line in invoice.lines}, levy_ppm=rates.levy_ppm
        ),
        amounts={"net": invoice.amount_fen, "tax": invoice.tax_fen},
        dated_on=invoice.issued_on,
        summary=f"销售 发票 {invoice.number}",
        source_event=f"invoice:{invoice_id}",
        party=rules.party_name(invoice.buyer_name),
    )


async def taken_back(work: Work, *, red_letter_id: UUID) -> None:
    """A red letter: the sale's voucher in red, for what was taken back."""
    red = await red_letters.get(work, red_letter_id=red_letter_id)
    invoice = await invoices.get(work, invoice_id=red.invoice_id)
    rates = await invoices.rates(work, on=red.issued_on)
    await journal.record(
        work,
        template_id=rules.sale_template(
            {line.rate_ppm for line in invoice.lines}, levy_ppm=rates.levy_ppm
        ),
        amounts={"net": red.amount_fen, "tax": red.tax_fen},
        dated_on=red.issued_on,
        summary=f"红冲 发票 {invoice.number}",
        source_event=f"red_letter:{red_letter_id}",
        party=rules.party_name(invoice.buyer_name),
    )


async def receipt(work: Work, *, credit_id: UUID) -> None:
    """Money that came in: from a customer, or capital if its remark says so."""
    credit = await incoming.get(work, credit_id=credit_id)
    capital = rules.is_capital(credit.remark)
    await journal.record(
        work,
        template_id="CAPITAL" if capital else "RECEIPT",
        amounts={"amount": credit.amount_fen},
        dated_on=credit.received_on,
        summary="收到投资款" if capital else "收到货款",
        source_event=f"receipt:{credit_id}",
        party=rules.party_name(credit.payer_name),
    )


async def allocation(work: Work, *, invoice_id: UUID, receipt_id: UUID, amount_fen: int) -> None:
    """A payment from another name than the invoice's buyer moves between the two customers."""
    credit = await incoming.get(work, credit_id=receipt_id)
    invoice = await invoices.get(work, invoice_id=invoice_id)
    payer, buyer = rules.party_name(credit.payer_name), rules.party_name(invoice.buyer_name)
    if payer == buyer or rules.is_capital(credit.remark):
        return
    await journal.record(
        work,
        lines=rules.transfer(amount_fen, payer=payer, buyer=buyer),
        dated_on=work.today,
        summary=f"代付核销 发票 {invoice.number}",
        source_event=f"allocation:{receipt_id}:{invoice_id}",
    )


async def payment(work: Work, *, payment_id: UUID) -> None:
    """A settled payment by its purpose; one that came back before it was booked moved nothing."""
    order = await payments.lock(work, payment_id=payment_id)
    booking = rules.payment(
        order.purpose,
        order.amount_fen,
        in_bank=order.payee_business_id == work.business_id,
        escrow=rules.escrow_side(into=order.into_account_id, out_of=order.from_account_id),
    )
    if booking is None or order.state != "settled":
        return
    assert order.finished_at is not None
    await journal.record(
        work,
        template_id=booking.template_id,
        amounts=booking.amounts,
        accounts=booking.accounts,
        dated_on=clock.business_date(order.finished_at),
        summary=f"付款 {order.memo}".strip(),
        source_event=f"payment:{payment_id}",
        party=rules.party_name(order.payee_name),
    )


async def payment_back(work: Work, *, payment_id: UUID) -> None:
    """A payment that was booked and came back is taken back in red."""
    await journal.take_back(
        work, source_event=f"payment:{payment_id}", dated_on=work.today, reason="付款退回"
    )


async def interest(
    work: Work, *, account_id: UUID, until_on: date, amount_fen: int, paid_on: date
) -> None:
    """Interest on a deposit lowers the finance expenses."""
    await journal.record(
        work,
        lines=rules.interest(amount_fen),
        dated_on=paid_on,
        summary=f"存款利息 至{until_on.isoformat()}",
        source_event=f"interest:{account_id}:{until_on.isoformat()}",
    )


async def fee(work: Work, *, fee_id: UUID, amount_fen: int, charged_on: date) -> None:
    """A fee of the bank."""
    await journal.record(
        work,
        lines=rules.fee(amount_fen),
        dated_on=charged_on,
        summary="银行手续费",
        source_event=f"fee:{fee_id}",
    )


async def fee_back(work: Work, *, fee_id: UUID, amount_fen: int) -> None:
    """A fee given back, whether or not the fee itself has come to the books yet."""
    await journal.record(
        work,
        lines=rules.fee_back(amount_fen),
        dated_on=work.today,
        summary="手续费退回",
        source_event=f"fee:{fee_id}:back",
    )


async def taken_by_order(work: Work, *, item_id: UUID, amount_fen: int) -> None:
    """What an authority took is an expense until the firm's bookkeeper knows better."""
    await journal.record(
        work,
        lines=rules.taken_by_order(amount_fen),
        dated_on=work.today,
        summary="有权机关扣划",
        source_event=f"taken:{item_id}",
    )


async def drawdown(work: Work, *, loan_id: UUID, principal_fen: int, drawn_on: date) -> None:
    """A loan paid out to the firm's account; booked on its day, whenever the job comes to it."""
    await journal.record(
        work,
        template_id="LOAN_DRAW",
        amounts={"principal": principal_fen},
        dated_on=drawn_on,
        summary="取得借款",
        source_event=f"loan:{loan_id}:drawn",
    )


async def instalment(
    work: Work,
    *,
    loan_id: UUID,
    instalment_no: int,
    part: int,
    paid_on: date,
    principal_fen: int,
    interest_fen: int,
) -> None:
    """One debit for an instalment; `interest_fen` with the penalty."""
    await journal.record(
        work,
        template_id="LOAN_INSTALMENT",
        amounts={"principal": principal_fen, "interest": interest_fen},
        dated_on=paid_on,
        summary=f"归还借款本息 第{instalment_no}期",
        source_event=f"loan:{loan_id}:{instalment_no}:{part}",
    )
