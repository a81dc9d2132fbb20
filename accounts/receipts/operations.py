"""Makes, finds and checks receipts; the PDF is rendered by a job between transactions."""

import secrets
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.incoming import operations as incoming
from accounts.payments import operations as payments
from accounts.policies import operations as policies
from accounts.receipts import rules
from accounts.receipts.model import (
    Asked,
    Facts,
    Receipt,
    ReceiptAsked,
    ReceiptCheck,
    ReceiptNotFound,
    Source,
)
from app import clock
from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.queries import load
from app.reference import tables
from app.work import Work

sql = load(__name__)


async def of(work: Work, *, source: Source, source_id: UUID) -> Receipt | None:
    """The receipt of a payment or credit, if it has been made."""
    return await work.maybe(Receipt, sql.receipt_of, source=source, source_id=source_id)


async def facts_of_payment(work: Work, *, payment_id: UUID) -> Facts | None:
    """What the receipt of a settled payment will say, or None if it has been made."""
    if await of(work, source="payment", source_id=payment_id) is not None:
        return None
    payment = await payments.get(work, payment_id=payment_id)
    assert payment.finished_at is not None, "a settled payment has a moment"
    bank = await policies.bank(work)
    return rules.of_payment(
        payment,
        await deposits.own(work, account_id=payment.account_id),
        code=_new_code(),
        booked_on=clock.business_date(payment.finished_at),
        own_bank=bank.name,
        banks=tables.bank_classes(),
    )


async def facts_of_credit(work: Work, *, credit_id: UUID) -> Facts | None:
    """What the receipt of an incoming credit will say, or None if it has been made."""
    if await of(work, source="credit", source_id=credit_id) is not None:
        return None
    credit = await incoming.get(work, credit_id=credit_id)
    bank = await policies.bank(work)
    return rules.of_credit(
        credit,
        await deposits.own(work, account_id=credit.account_id),
        code=_new_code(),
        own_bank=bank.name,
        banks=tables.bank_classes(),
    )


def _new_code() -> str:
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))


async def keep(work: Work, *, source: Source, source_id: UUID, facts: Facts, pdf: bytes) -> None:
    """Keep the rendered receipt and publish its code; a second one is refused by the key."""
    file_id = await files.store(
        work,
        kind="receipt",
        name=f"{facts.title}_{facts.number}.pdf",
        content=pdf,
        media_type="application/pdf",
    )
    receipt_id = new_id()
    await work.run(
        sql.add_receipt,
        id=receipt_id,
        source=source,
        source_id=source_id,
        number=facts.number,
        code=facts.code,
        file_id=file_id,
    )
    await work.run(
        sql.publish,
        code=facts.code,
        receipt_id=receipt_id,
        number=facts.number,
        amount_fen=facts.amount_fen,
        currency=facts.currency,
        booked_on=facts.booked_on,
        payer=rules.shortened(facts.payer.name),
        payee=rules.shortened(facts.payee.name),
    )


async def document(work: Work, *, source: Source, source_id: UUID) -> File:
    """The receipt as a file; ReceiptNotFound while it is not made."""
    receipt = await of(work, source=source, source_id=source_id)
    if receipt is None:
        raise ReceiptNotFound()
    return await files.fetch(work, file_id=receipt.file_id)


async def ask(work: Work, *, credit_id: UUID) -> Asked:
    """Have the receipt of an incoming payment made, unless it is there; CreditNotFound.

    A payment's receipt is made by itself, for its payee; one of incoming money when wanted.
    """
    await incoming.get(work, credit_id=credit_id)
    ready = await of(work, source="credit", source_id=credit_id) is not None
    if not ready:
        await work.emit(ReceiptAsked(credit_id=credit_id))
    return Asked(credit_id=credit_id, ready=ready)


async def check(work: Work, *, code: str) -> ReceiptCheck:
    """What the holder of a code may see, or ReceiptNotFound."""
    found = await work.maybe(ReceiptCheck, sql.check_code, code=code)
    if found is None:
        raise ReceiptNotFound()
    return found
