"""Issues, finds and checks receipts; they are drawn by a job, when somebody first wants them."""

import secrets
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.incoming import operations as incoming
from accounts.lines import operations as lines
from accounts.lines.model import Key, Line
from accounts.payments import operations as payments
from accounts.policies import operations as policies
from accounts.receipts import rules
from accounts.receipts.model import (
    Facts,
    Receipt,
    ReceiptAsked,
    ReceiptCheck,
    ReceiptNotFound,
    ReceiptShown,
)
from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.queries import load
from app.reference import tables
from app.work import Work

sql = load(__name__)


async def line_of_payment(work: Work, *, payment_id: UUID) -> tuple[UUID, Key]:
    """The account and the line a payment was booked in; PaymentNotFound, LineNotFound."""
    payment = await payments.get(work, payment_id=payment_id)
    key = await lines.of_entry(
        work, account_id=payment.account_id, kind="payment", business_key=str(payment_id)
    )
    return payment.account_id, key


async def line_of_credit(work: Work, *, credit_id: UUID) -> tuple[UUID, Key]:
    """The account and the line an incoming credit was booked in; CreditNotFound."""
    credit = await incoming.get(work, credit_id=credit_id)
    key = await lines.of_entry(
        work,
        account_id=credit.account_id,
        kind="credit" if credit.source == "outside" else "payment",
        business_key=credit.reference,
    )
    return credit.account_id, key


async def print_one(work: Work, *, account_id: UUID, booked_on: date, seq: int) -> ReceiptShown:
    """The receipt of a line, issued if it is the first time, one print more; it is drawn soon.

    Raises AccountNotFound or LineNotFound.
    """
    line = await lines.one(work, account_id=account_id, booked_on=booked_on, seq=seq)
    [receipt] = await issue(work, account_id=account_id, wanted=[line])
    await count_prints(work, receipts=[receipt])
    if not receipt.ready:
        await work.emit(ReceiptAsked(receipt_id=receipt.id))
    return await show(work, receipt_id=receipt.id)


async def issue(work: Work, *, account_id: UUID, wanted: Sequence[Line]) -> list[Receipt]:
    """The receipts of these lines in their order, issued where there is none yet."""
    found = await _of_lines(work, account_id=account_id, wanted=wanted)
    known = {(receipt.booked_on, receipt.seq) for receipt in found}
    missing = [line for line in wanted if (line.booked_on, line.seq) not in known]
    if missing:
        await _issue(work, account_id=account_id, wanted=missing)
        found = await _of_lines(work, account_id=account_id, wanted=wanted)
    by_line = {(receipt.booked_on, receipt.seq): receipt for receipt in found}
    return [by_line[line.booked_on, line.seq] for line in wanted]


async def count_prints(work: Work, *, receipts: Sequence[Receipt]) -> None:
    """One print more of each, where its firm and where a stranger sees it."""
    await work.run(sql.count_prints, ids=[receipt.id for receipt in receipts])
    await work.run(sql.publish_prints, codes=[receipt.code for receipt in receipts])
    for receipt in receipts:
        await work.record("receipt.printed", object_id=receipt.id)


async def _of_lines(work: Work, *, account_id: UUID, wanted: Sequence[Line]) -> list[Receipt]:
    return await work.all(
        Receipt,
        sql.receipts_of_lines,
        account_id=account_id,
        days=[line.booked_on for line in wanted],
        seqs=[line.seq for line in wanted],
    )


async def _issue(work: Work, *, account_id: UUID, wanted: Sequence[Line]) -> None:
    """Receipts for lines that have none, published under their codes; whoever comes second to a
    line adds nothing."""
    facts = await _facts(work, account_id=account_id, wanted=wanted, codes=_codes(len(wanted)))
    ids = {one.code: new_id() for one in facts}
    added = await work.all(
        str,
        sql.add_receipts,
        account_id=account_id,
        ids=list(ids.values()),
        days=[line.booked_on for line in wanted],
        seqs=[line.seq for line in wanted],
        numbers=[one.number for one in facts],
        codes=list(ids),
    )
    new = [one for one in facts if one.code in added]
    await work.run(
        sql.publish,
        codes=[one.code for one in new],
        ids=[ids[one.code] for one in new],
        numbers=[one.number for one in new],
        kinds=[one.kind for one in new],
        amounts=[one.amount_fen for one in new],
        currencies=[one.currency for one in new],
        days=[one.booked_on for one in new],
        payers=[rules.shortened(one.payer.name) for one in new],
        payees=[rules.shortened(one.payee.name) for one in new],
    )


def _codes(count: int) -> list[str]:
    signs = rules.ALPHABET, rules.CODE_LENGTH
    return ["".join(secrets.choice(signs[0]) for _ in range(signs[1])) for _ in range(count)]


async def _facts(
    work: Work, *, account_id: UUID, wanted: Sequence[Line], codes: Sequence[str]
) -> list[Facts]:
    own = await deposits.own(work, account_id=account_id)
    bank = await policies.bank(work)
    banks = tables.bank_classes()
    return [
        rules.facts(line, own, code=code, own_bank=bank.name, banks=banks)
        for line, code in zip(wanted, codes, strict=True)
    ]


async def facts_of(
    work: Work, *, account_id: UUID, wanted: Sequence[Line], receipts: Sequence[Receipt]
) -> list[Facts]:
    """What the receipts of these lines say, for drawing."""
    codes = [receipt.code for receipt in receipts]
    return await _facts(work, account_id=account_id, wanted=wanted, codes=codes)


async def to_draw(work: Work, *, receipt_id: UUID) -> Facts | None:
    """What a receipt says, or None if it has been drawn."""
    receipt = await get(work, receipt_id=receipt_id)
    if receipt.ready:
        return None
    line = await lines.one(
        work, account_id=receipt.account_id, booked_on=receipt.booked_on, seq=receipt.seq
    )
    [found] = await facts_of(work, account_id=receipt.account_id, wanted=[line], receipts=[receipt])
    return found


async def keep(work: Work, *, receipt_id: UUID, facts: Facts, pdf: bytes) -> None:
    """Keep the drawn receipt; if it was drawn twice, the first drawing stays."""
    file_id = await files.store(
        work,
        kind="receipt",
        name=f"{facts.title}_{facts.number}.pdf",
        content=pdf,
        media_type="application/pdf",
    )
    await work.run(sql.keep_file, id=receipt_id, file_id=file_id)


async def get(work: Work, *, receipt_id: UUID) -> Receipt:
    """A receipt of the firm, or ReceiptNotFound."""
    receipt = await work.maybe(Receipt, sql.receipt, id=receipt_id)
    if receipt is None:
        raise ReceiptNotFound(receipt_id=receipt_id)
    return receipt


async def show(work: Work, *, receipt_id: UUID) -> ReceiptShown:
    """A receipt for its firm, or ReceiptNotFound."""
    receipt = await get(work, receipt_id=receipt_id)
    return rules.shown(receipt, public_url=work.settings.public_url)


async def document(work: Work, *, receipt_id: UUID) -> File:
    """The receipt as a file; ReceiptNotFound while it is not drawn."""
    return await _fetched(work, await get(work, receipt_id=receipt_id))


async def document_of_line(work: Work, *, account_id: UUID, key: Key) -> File:
    """The receipt of a line as a file; ReceiptNotFound unless it was printed and drawn."""
    receipt = await work.maybe(
        Receipt,
        sql.receipt_of_line,
        account_id=account_id,
        booked_on=key.booked_on,
        seq=key.seq,
    )
    return await _fetched(work, receipt)


async def _fetched(work: Work, receipt: Receipt | None) -> File:
    if receipt is None or receipt.file_id is None:
        raise ReceiptNotFound()
    return await files.fetch(work, file_id=receipt.file_id)


async def check(work: Work, *, code: str) -> ReceiptCheck:
    """What the holder of a code may see, or ReceiptNotFound."""
    found = await work.maybe(ReceiptCheck, sql.check_code, code=rules.typed(code))
    if found is None:
        raise ReceiptNotFound()
    return found


async def check_page(work: Work, *, code: str) -> tuple[dict[str, object], int]:
    """What the page of the check shows and its status; 404 where no receipt has the code."""
    typed = rules.typed(code)
    if not typed:
        return {"code": "", "receipt": None}, 200
    found = await work.maybe(ReceiptCheck, sql.check_code, code=typed)
    shown = None if found is None else rules.for_a_person(found)
    return {"code": rules.in_fours(typed), "receipt": shown}, 200 if found else 404
