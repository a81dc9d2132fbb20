"""Opens receivables, matches money that came in, and lets the owner decide the rest."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from accounts.incoming import operations as incoming
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work
from invoicing.invoices import operations as invoices
from invoicing.receivables import rules
from invoicing.receivables.model import (
    AlreadyAllocated,
    Incoming,
    InvoicePaid,
    NewAllocation,
    Reason,
    Receipt,
    ReceiptNotFound,
    Receivable,
    ReceivableNotFound,
    ReceivableNotYet,
    Share,
    StoredIncoming,
    Suggestion,
)

sql = load(__name__)


async def open_receivable(work: Work, *, invoice_id: UUID) -> None:
    """What an issued invoice brings; a second call changes nothing."""
    invoice = await invoices.get(work, invoice_id=invoice_id)
    assert invoice.number is not None and invoice.issued_on is not None
    await work.run(
        sql.open_receivable,
        id=new_id(),
        invoice_id=invoice_id,
        invoice_number=invoice.number,
        buyer_name=invoice.buyer_name,
        amount_fen=invoice.total_fen,
        issued_on=invoice.issued_on,
    )


async def match(work: Work, *, receipt_id: UUID) -> None:
    """Find the invoices of money that came in, once; what is not certain waits for the owner."""
    if await work.one(bool, sql.has_seen, receipt_id=receipt_id):
        return
    credit = await incoming.get(work, credit_id=receipt_id)
    receipt = Receipt(
        receipt_id=receipt_id,
        amount_fen=credit.amount_fen,
        payer_name=credit.payer_name,
        remark=credit.remark,
    )
    candidates = await work.all(
        Receivable,
        sql.lock_candidates,
        numbers=rules.numbers_in(receipt.remark),
        amount_fen=receipt.amount_fen,
        payer_name=receipt.payer_name,
    )
    found = rules.match(receipt, candidates)
    await work.run(
        sql.see_receipt,
        receipt_id=receipt_id,
        amount_fen=receipt.amount_fen,
        allocated_fen=sum(share.amount_fen for share in found.shares),
        outcome=found.outcome,
        suggestions=[str(one) for one in found.suggestions],
    )
    for share in found.shares:
        assert found.outcome in ("number_in_remark", "amount_and_payer")
        await _allocate(work, share, receipt_id=receipt_id, reason=found.outcome)


async def allocate(work: Work, *, receivable_id: UUID, new: NewAllocation) -> Receivable:
    """The owner's word on what a receipt was for. Raises ReceivableNotFound, ReceiptNotFound,
    AllocationTooLarge, AlreadyAllocated."""
    receivable = await work.maybe(Receivable, sql.lock_receivable, id=receivable_id)
    if receivable is None:
        raise ReceivableNotFound(receivable_id=receivable_id)
    receipt = await work.maybe(StoredIncoming, sql.lock_incoming, receipt_id=new.receipt_id)
    if receipt is None:
        raise ReceiptNotFound(receipt_id=new.receipt_id)
    left = receipt.amount_fen - receipt.allocated_fen
    share = rules.by_owner(receivable, left_fen=left, amount_fen=new.amount_fen)
    await work.run(sql.use_receipt, receipt_id=new.receipt_id, amount_fen=share.amount_fen)
    await _allocate(work, share, receipt_id=new.receipt_id, reason="owner")
    await work.record("receivable.allocated", object_id=receivable_id)
    return await work.one(Receivable, sql.receivable, id=receivable_id)


async def credit(work: Work, *, invoice_id: UUID, red_letter_id: UUID, amount_fen: int) -> None:
    """A red letter took back what was owed, once. Raises ReceivableNotYet: events may overtake
    each other."""
    receivable_id = await work.maybe(UUID, sql.lock_of_invoice, invoice_id=invoice_id)
    if receivable_id is None:
        raise ReceivableNotYet(invoice_id=invoice_id)
    added = await work.run(
        sql.add_credit,
        red_letter_id=red_letter_id,
        receivable_id=receivable_id,
        amount_fen=amount_fen,
    )
    if added:
        await work.run(sql.credit_receivable, id=receivable_id, amount_fen=amount_fen)


async def get(work: Work, *, receivable_id: UUID) -> Receivable:
    """One receivable, or ReceivableNotFound."""
    found = await work.maybe(Receivable, sql.receivable, id=receivable_id)
    if found is None:
        raise ReceivableNotFound(receivable_id=receivable_id)
    return found


async def search(
    work: Work, *, state: Literal["open", "settled"] | None, after: str | None, limit: int
) -> Page[Receivable]:
    """The firm's receivables, newest first."""
    after_on, after_id = decode_cursor(after, date, UUID) if after else (None, None)
    rows = await work.all(
        Receivable,
        sql.receivables_page,
        state=state,
        after_on=after_on,
        after_id=after_id,
        limit=limit,
    )
    return page(rows, limit, lambda row: (row.issued_on, row.id))


async def unallocated(work: Work) -> list[Incoming]:
    """Receipts that wait for the owner, each with what it may be for."""
    waiting = await work.all(StoredIncoming, sql.unallocated)
    ids = sorted({one for receipt in waiting for one in receipt.suggestions})
    known = {row.id: row for row in await work.all(Receivable, sql.named, ids=ids)}
    return [
        Incoming(
            receipt_id=receipt.receipt_id,
            amount_fen=receipt.amount_fen,
            allocated_fen=receipt.allocated_fen,
            outcome=receipt.outcome,
            seen_at=receipt.seen_at,
            suggestions=[
                Suggestion(
                    receivable_id=one,
                    invoice_number=known[one].invoice_number,
                    buyer_name=known[one].buyer_name,
                    open_fen=known[one].open_fen,
                )
                for one in receipt.suggestions
                if one in known
            ],
        )
        for receipt in waiting
    ]


async def _allocate(work: Work, share: Share, *, receipt_id: UUID, reason: Reason) -> None:
    """One part of a receipt on one receivable, and the event that says so."""
    added = await work.run(
        sql.add_allocation,
        receipt_id=receipt_id,
        receivable_id=share.receivable_id,
        amount_fen=share.amount_fen,
        reason=reason,
    )
    if not added:
        raise AlreadyAllocated(receipt_id=receipt_id, receivable_id=share.receivable_id)
    settled = await work.one(
        bool, sql.pay_receivable, id=share.receivable_id, amount_fen=share.amount_fen
    )
    await work.emit(
        InvoicePaid(
            invoice_id=share.invoice_id,
            receipt_id=receipt_id,
            amount_fen=share.amount_fen,
            settled=settled,
        )
    )
