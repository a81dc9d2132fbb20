"""Takes issued invoices back: reserves what is left, records the platform's answer, keeps files."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work
from invoicing.invoices import operations as invoices
from invoicing.red_letters import rules
from invoicing.red_letters.model import (
    NewRedLetter,
    RedLetter,
    RedLetterIssued,
    RedLetterNotFound,
    RedLetterSubmitted,
    RedNotIssued,
    Taken,
)
from invoicing.sheets import operations as sheets
from invoicing.sheets.model import Documents

sql = load(__name__)


async def issue(work: Work, *, new: NewRedLetter) -> RedLetter:
    """Reserve what is taken back and ask for a number. Raises InvoiceNotFound, NotReversible,
    RedAmountTooLarge, MustBeWhole."""
    invoice = await invoices.lock(work, invoice_id=new.invoice_id)
    taken = await work.all(Taken, sql.taken, invoice_id=new.invoice_id)
    lines = rules.red_lines(invoice, new, taken)
    amount = sum(line.amount_fen for line in lines)
    tax = sum(line.tax_fen for line in lines)
    await work.run(sql.take, invoice_id=new.invoice_id, amount_fen=-amount, tax_fen=-tax)
    red_letter_id = new_id()
    await work.run(
        sql.add_red_letter,
        id=red_letter_id,
        invoice_id=new.invoice_id,
        reason=new.reason,
        lines=msgspec.to_builtins(lines),
        amount_fen=amount,
        tax_fen=tax,
        total_fen=amount + tax,
        restores_quota=rules.restores_quota(invoice, on=work.today),
    )
    await work.emit(RedLetterSubmitted(red_letter_id=red_letter_id))
    await work.record("invoice.red_submitted", object_id=new.invoice_id, reason=new.reason)
    return await get(work, red_letter_id=red_letter_id)


async def accept_number(work: Work, *, red_letter_id: UUID, number: str) -> None:
    """The platform gave the number; in the blue's own month the quota is free again."""
    red = await _lock(work, red_letter_id)
    if not await work.run(sql.mark_issued, id=red_letter_id, number=number):
        return
    if red.restores_quota:
        await invoices.give_quota_back(work, on=red.issued_on, amount_fen=-red.amount_fen)
    await work.emit(
        RedLetterIssued(
            red_letter_id=red_letter_id, invoice_id=red.invoice_id, taken_fen=-red.total_fen
        )
    )
    await work.record("invoice.red_issued", object_id=red.invoice_id, number=number)


async def accept_refusal(work: Work, *, red_letter_id: UUID, reason: str) -> None:
    """The platform refused; what was reserved may be taken back another way."""
    red = await _lock(work, red_letter_id)
    if await work.run(sql.mark_refused, id=red_letter_id, refusal=reason):
        await invoices.lock(work, invoice_id=red.invoice_id)
        await work.run(
            sql.take, invoice_id=red.invoice_id, amount_fen=red.amount_fen, tax_fen=red.tax_fen
        )
        await work.record("invoice.red_refused", object_id=red.invoice_id)


async def get(work: Work, *, red_letter_id: UUID) -> RedLetter:
    """One red letter, or RedLetterNotFound."""
    found = await work.maybe(RedLetter, sql.red_letter, id=red_letter_id)
    if found is None:
        raise RedLetterNotFound(red_letter_id=red_letter_id)
    return found


async def search(
    work: Work, *, invoice_id: UUID | None, after: str | None, limit: int
) -> Page[RedLetter]:
    """The firm's red letters, newest first."""
    after_at, after_id = decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        RedLetter,
        sql.red_letters_page,
        invoice_id=invoice_id,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return page(rows, limit, lambda row: (row.created_at, row.id))


async def documents(work: Work, *, red_letter_id: UUID) -> Documents:
    """What the documents are made of; raises RedLetterNotFound, RedNotIssued."""
    red = await get(work, red_letter_id=red_letter_id)
    if red.number is None:
        raise RedNotIssued(red_letter_id=red_letter_id)
    blue = await invoices.get(work, invoice_id=red.invoice_id)
    return sheets.documents(work, sheet=rules.sheet(red, blue), stored=red.pdf_file_id is not None)


async def keep_documents(work: Work, *, red_letter_id: UUID, pdf: bytes, xml: bytes) -> None:
    """Store the files; a second rendering is dropped."""
    red = await _lock(work, red_letter_id)
    if red.pdf_file_id is not None:
        return
    assert red.number is not None
    pdf_file_id, xml_file_id = await sheets.keep(work, number=red.number, pdf=pdf, xml=xml)
    await work.run(
        sql.attach_documents, id=red_letter_id, pdf_file_id=pdf_file_id, xml_file_id=xml_file_id
    )


async def document(work: Work, *, red_letter_id: UUID, form: str) -> File:
    """The stored PDF or XML; raises RedLetterNotFound, RedNotIssued while it is not there yet."""
    red = await get(work, red_letter_id=red_letter_id)
    file_id = red.pdf_file_id if form == "pdf" else red.xml_file_id
    if file_id is None:
        raise RedNotIssued(red_letter_id=red_letter_id)
    return await files.fetch(work, file_id=file_id)


async def _lock(work: Work, red_letter_id: UUID) -> RedLetter:
    found = await work.maybe(RedLetter, sql.lock_red_letter, id=red_letter_id)
    if found is None:
        raise RedLetterNotFound(red_letter_id=red_letter_id)
    return found
