"""Drafts invoices, freezes them for the tax platform, records its answer, keeps documents."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.files import operations as files
from app.files.model import File
from app.identity import operations as identity
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.reference import rules as words
from app.work import Work
from invoicing.invoices import rules
from invoicing.invoices.model import (
    ChangedInvoice,
    Invoice,
    InvoiceHead,
    InvoiceIssued,
    InvoiceNotFound,
    InvoiceQuote,
    InvoiceSubmitted,
    LevyRates,
    MonthQuota,
    NewInvoice,
    NewInvoiceQuote,
    NotIssued,
    Quota,
    QuotaAsked,
    QuotedLine,
    Rates,
    SellerNotRegistered,
    State,
    TaxRates,
)
from invoicing.sheets import operations as sheets
from invoicing.sheets.model import Documents

sql = load(__name__)
EMAIL_PLACE = "invoicing.invoices.buyer_email_sealed"


async def quote(work: Work, *, new: NewInvoiceQuote) -> InvoiceQuote:
    """Amounts of lines and totals; raises DiscountTooLarge, AmountTooLarge."""
    known = (await rates(work, on=new.issued_on)).all_ppm
    amounts = [rules.line_amounts(line, new.rounding) for line in new.lines]
    total = rules.totals(amounts)
    return InvoiceQuote(
        lines=[
            QuotedLine(
                amount_fen=found.amount_fen,
                tax_fen=found.tax_fen,
                total_fen=found.total_fen,
                rate_in_force=line.rate_ppm in known,
            )
            for line, found in zip(new.lines, amounts, strict=True)
        ],
        totals=total,
        uppercase=words.uppercase(total.total_fen),
    )


async def rates(work: Work, *, on: date) -> Rates:
    """Levy rates and tax rates in force on a day; none where the law of that day is not known."""
    rows = await reference.values(work, kinds=["vat.small_scale", "vat.general"], on=on)
    levy: frozenset[int] = frozenset()
    tax: frozenset[int] = frozenset()
    if "vat.small_scale" in rows:
        small = msgspec.convert(rows["vat.small_scale"].value, LevyRates)
        levy = frozenset({small.levy_ppm, small.full_levy_ppm})
    if "vat.general" in rows:
        tax = frozenset(msgspec.convert(rows["vat.general"].value, TaxRates).rates_ppm)
    return Rates(levy_ppm=levy, tax_ppm=tax)


async def add(work: Work, *, new: NewInvoice) -> Invoice:
    """A draft with its amounts. Raises SellerNotRegistered and what the rules of a draft raise."""
    seller = await identity.business(work)
    if seller.uscc is None or seller.state in ("forming", "closed"):
        raise SellerNotRegistered(next_step="完成企业登记后再开具发票")
    rules.check_draft(new, rates_ppm=(await rates(work, on=work.today)).all_ppm, on=work.today)
    lines = rules.calculate(new.lines)
    total = rules.invoice_totals(lines)
    invoice_id = new_id()
    await work.run(
        sql.add_invoice,
        id=invoice_id,
        kind=new.kind,
        buyer_name=new.buyer_name,
        buyer_uscc=new.buyer_uscc,
        buyer_email_sealed=await _seal_email(work, invoice_id, new.buyer_email),
        seller_name=seller.name,
        seller_uscc=seller.uscc,
        lines=msgspec.to_builtins(lines),
        amount_fen=total.amount_fen,
        tax_fen=total.tax_fen,
        total_fen=total.total_fen,
        remark=new.remark,
        drawer=new.drawer,
    )
    return await get(work, invoice_id=invoice_id)


async def change(work: Work, *, invoice_id: UUID, new: ChangedInvoice) -> Invoice:
    """Another text for a draft. Raises InvoiceNotFound, AlreadyIssued, StaleInvoice and what the
    rules of a draft raise."""
    rules.editable(await lock(work, invoice_id=invoice_id), version=new.version)
    rules.check_draft(new, rates_ppm=(await rates(work, on=work.today)).all_ppm, on=work.today)
    lines = rules.calculate(new.lines)
    total = rules.invoice_totals(lines)
    await work.run(
        sql.change_invoice,
        id=invoice_id,
        kind=new.kind,
        buyer_name=new.buyer_name,
        buyer_uscc=new.buyer_uscc,
        buyer_email_sealed=await _seal_email(work, invoice_id, new.buyer_email),
        lines=msgspec.to_builtins(lines),
        amount_fen=total.amount_fen,
        tax_fen=total.tax_fen,
        total_fen=total.total_fen,
        remark=new.remark,
        drawer=new.drawer,
    )
    return await get(work, invoice_id=invoice_id)


async def issue(work: Work, *, invoice_id: UUID) -> Invoice:
    """Freeze the draft and ask for a number; the tax platform answers by job. Raises
    InvoiceNotFound, AlreadyIssued, QuotaExceeded, RateNotInForce."""
    invoice = await lock(work, invoice_id=invoice_id)
    month_on = rules.month_of(work.today)
    submitted = rules.submit(
        invoice,
        quota=await work.one(Quota, sql.take_quota, month_on=month_on),
        rates_ppm=(await rates(work, on=work.today)).all_ppm,
        now=work.now,
        today=work.today,
    )
    await work.run(sql.use_quota, month_on=month_on, amount_fen=submitted.amount_fen)
    await work.run(
        sql.mark_submitted,
        id=invoice_id,
        version=submitted.version,
        issued_on=submitted.issued_on,
        quota_month_on=month_on,
    )
    await work.emit(InvoiceSubmitted(invoice_id=invoice_id))
    await work.record("invoice.submitted", object_id=invoice_id, total_fen=submitted.total_fen)
    return submitted


async def accept_number(work: Work, *, invoice_id: UUID, number: str) -> None:
    """The platform gave the number; a second telling changes nothing."""
    if await work.run(sql.mark_issued, id=invoice_id, number=number):
        await work.emit(InvoiceIssued(invoice_id=invoice_id))
        await work.record("invoice.issued", object_id=invoice_id, number=number)


async def accept_refusal(work: Work, *, invoice_id: UUID, reason: str) -> None:
    """The platform refused; the quota is free again and the text may be mended."""
    invoice = await lock(work, invoice_id=invoice_id)
    if await work.run(sql.mark_refused, id=invoice_id, refusal=reason):
        month_on = invoice.quota_month_on
        await work.run(sql.use_quota, month_on=month_on, amount_fen=-invoice.amount_fen)
        await work.record("invoice.refused", object_id=invoice_id)


async def quota(work: Work, *, month_on: date) -> Quota:
    """A month's quota; the limit is None until the platform has told it."""
    found = await work.maybe(Quota, sql.quota, month_on=month_on)
    return found or Quota(month_on=month_on, limit_fen=None, used_fen=0)


async def month_quota(work: Work) -> MonthQuota:
    """This month's quota and what is left of it."""
    found = await quota(work, month_on=rules.month_of(work.today))
    return rules.month_quota(found)


async def ask_quota(work: Work) -> MonthQuota:
    """Have the limit asked anew; the answer shows in a moment."""
    await work.emit(QuotaAsked(month_on=rules.month_of(work.today)))
    return await month_quota(work)


async def give_quota_back(work: Work, *, on: date, amount_fen: int) -> None:
    """A red letter of the same month frees what its invoice used."""
    await work.run(sql.use_quota, month_on=rules.month_of(on), amount_fen=-amount_fen)


async def seller_uscc(work: Work) -> str | None:
    """The credit code under which the tax platform knows the firm."""
    return (await identity.business(work)).uscc


async def learn_quota(work: Work, *, month_on: date, limit_fen: int) -> None:
    """What the platform says the month's limit is."""
    await work.run(sql.learn_quota, month_on=month_on, limit_fen=limit_fen)


async def get(work: Work, *, invoice_id: UUID) -> Invoice:
    """One invoice, or InvoiceNotFound."""
    found = await work.maybe(Invoice, sql.invoice, id=invoice_id)
    if found is None:
        raise InvoiceNotFound(invoice_id=invoice_id)
    return found


async def search(
    work: Work, *, state: State | None, after: str | None, limit: int
) -> Page[InvoiceHead]:
    """The firm's invoices, newest first."""
    after_at, after_id = decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        InvoiceHead,
        sql.invoices_page,
        state=state,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return page(rows, limit, lambda row: (row.created_at, row.id))


async def documents(work: Work, *, invoice_id: UUID) -> Documents:
    """What the documents of an issued invoice are made of; raises InvoiceNotFound, NotIssued."""
    invoice = await get(work, invoice_id=invoice_id)
    if invoice.number is None:
        raise NotIssued(invoice_id=invoice_id)
    stored = invoice.pdf_file_id is not None
    return sheets.documents(work, sheet=rules.sheet(invoice), stored=stored)


async def keep_documents(work: Work, *, invoice_id: UUID, pdf: bytes, xml: bytes) -> None:
    """Store the files of an issued invoice; a second rendering of the same invoice is dropped."""
    invoice = await lock(work, invoice_id=invoice_id)
    if invoice.pdf_file_id is not None:
        return
    assert invoice.number is not None
    pdf_file_id, xml_file_id = await sheets.keep(work, number=invoice.number, pdf=pdf, xml=xml)
    await work.run(
        sql.attach_documents, id=invoice_id, pdf_file_id=pdf_file_id, xml_file_id=xml_file_id
    )


async def document(work: Work, *, invoice_id: UUID, form: str) -> File:
    """The stored PDF or XML; raises InvoiceNotFound, NotIssued while it is not there yet."""
    invoice = await get(work, invoice_id=invoice_id)
    file_id = invoice.pdf_file_id if form == "pdf" else invoice.xml_file_id
    if file_id is None:
        raise NotIssued(invoice_id=invoice_id)
    return await files.fetch(work, file_id=file_id)


async def lock(work: Work, *, invoice_id: UUID) -> Invoice:
    """The invoice under its row lock, or InvoiceNotFound."""
    found = await work.maybe(Invoice, sql.lock_invoice, id=invoice_id)
    if found is None:
        raise InvoiceNotFound(invoice_id=invoice_id)
    return found


async def _seal_email(work: Work, invoice_id: UUID, email: str | None) -> bytes | None:
    if email is None:
        return None
    return await work.vault.seal(
        work, email, scope=work.business_id, place=EMAIL_PLACE, row_id=invoice_id
    )
