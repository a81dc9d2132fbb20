"""Makes, shows and cancels requests, pays them by ordinary payments, and tells the payee."""

import io
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import segno
from msgspec import Struct

from accounts.deposits import operations as deposits
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import NewPayment, Payee, Payment
from accounts.policies import operations as policies
from accounts.requests import rules
from accounts.requests.model import (
    Asked,
    Landing,
    Listed,
    NewRequest,
    PayerUnknown,
    PayRequest,
    Receipt,
    Request,
    RequestEnded,
    RequestNotFound,
    RequestPaying,
    SealedReceipt,
    StoredRequest,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PAYER = "accounts.request_receipts.payer_name_sealed"
OVER = ("settled", "refused", "rejected", "cancelled", "failed", "returned")


class Told(Struct, frozen=True, kw_only=True):
    """A settled payment of a request, to be told to its payee."""

    business_id: UUID
    request_id: UUID
    payment_id: UUID
    amount_fen: int
    payer_name: str
    paid_at: datetime
    whole: bool


async def make(work: Work, *, new: NewRequest) -> Request:
    """Ask to be paid: AccountNotFound, RequestAmountMissing, PayerUnknown."""
    rules.sound(new)
    account = await deposits.own(work, account_id=new.account_id)
    payer = None
    if new.payer_account_number is not None:
        payer = await work.maybe(UUID, sql.payer_of, number=new.payer_account_number)
        if payer is None or payer == work.business_id:
            raise PayerUnknown()
    request_id = new_id()
    expires_at = work.now + timedelta(days=new.expires_days) if new.kind == "single" else None
    same = {
        "id": request_id,
        "code": "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH)),
        "kind": new.kind,
        "amount_fen": new.amount_fen,
        "partial": new.partial,
        "purpose": new.purpose,
        "memo": new.memo,
        "reference": new.reference,
        "expires_at": expires_at,
    }
    await work.run(
        sql.add_request, account_id=new.account_id, to_named_firm=payer is not None, **same
    )
    await work.run(
        sql.publish,
        payee_name=account.name,
        payee_number=account.number,
        payer_business_id=payer,
        **same,
    )
    await work.record("request.made", object_id=request_id, kind=new.kind)
    return await get(work, request_id=request_id)


async def _stored(work: Work, request_id: UUID) -> StoredRequest:
    stored = await work.maybe(StoredRequest, sql.request, id=request_id)
    if stored is None:
        raise RequestNotFound(request_id=request_id)
    return stored


def _shown(work: Work, stored: StoredRequest) -> Request:
    return rules.shown(stored, now=work.now, public_url=work.settings.public_url)


async def get(work: Work, *, request_id: UUID) -> Request:
    """One request of the firm, or RequestNotFound."""
    return _shown(work, await _stored(work, request_id))


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Request]:
    """The firm's requests, newest first."""
    (after_id,) = pages.decode_cursor(after, UUID) if after else (None,)
    rows = await work.all(StoredRequest, sql.requests_page, after_id=after_id, limit=limit)
    return pages.page([_shown(work, row) for row in rows], limit, lambda row: (row.id,))


async def receipts(work: Work, *, request_id: UUID) -> list[Receipt]:
    """What was paid on a request, newest first; RequestNotFound."""
    await _stored(work, request_id)
    out = []
    for row in await work.all(SealedReceipt, sql.receipts, request_id=request_id):
        name = await work.vault.open(
            work,
            row.payer_name_sealed,
            scope=work.business_id,
            place=PAYER,
            row_id=row.payment_id,
        )
        out.append(
            Receipt(
                payment_id=row.payment_id,
                amount_fen=row.amount_fen,
                payer_name=name,
                paid_at=row.paid_at,
            )
        )
    return out


async def cancel(work: Work, *, request_id: UUID) -> Request:
    """Take a request back; what was paid stays paid. RequestNotFound, RequestEnded."""
    stored = await _stored(work, request_id)
    if not await work.run(sql.cancel_request, id=request_id):
        raise RequestEnded(request_id=request_id)
    await work.run(sql.close_code, code=stored.code)
    await work.record("request.cancelled", object_id=request_id)
    return await get(work, request_id=request_id)


async def picture(work: Work, *, request_id: UUID) -> bytes:
    """The code's picture (SVG), which says the link; RequestNotFound."""
    request = await get(work, request_id=request_id)
    out = io.BytesIO()
    segno.make(request.link, error="m").save(out, kind="svg", border=4, scale=8)
    return out.getvalue()


async def _listed(work: Work, code: str) -> Listed:
    """The request under a code; one to a named firm is there for that firm alone."""
    asked = await work.maybe(Listed, sql.by_code, code=code)
    if asked is None:
        raise RequestNotFound()
    if asked.payer_business_id not in (None, work.business_id):
        raise RequestNotFound()
    return asked


async def asked(work: Work, *, code: str) -> Asked:
    """What a code asks the signed-in firm for; RequestNotFound."""
    return rules.to_payer(await _listed(work, code), now=work.now)


async def received(work: Work) -> list[Asked]:
    """What other firms ask this one to pay."""
    found = await work.all(Listed, sql.received)
    return [rules.to_payer(one, now=work.now) for one in found]


async def landing(work: Work, *, code: str) -> Landing:
    """What anybody who holds the code may see; RequestNotFound."""
    found = await work.maybe(Listed, sql.by_code, code=code)
    if found is None:
        raise RequestNotFound()
    return rules.to_stranger(found, now=work.now)


async def pay(work: Work, *, code: str, new: PayRequest) -> Payment:
    """Pay a request by an ordinary payment that is bound to it in the same transaction.

    Raises RequestNotFound, RequestEnded, RequestPaid, RequestAmountWrong, what `payments.pay`
    raises, and every refusal of a payment: then nothing is kept and nothing was paid.
    """
    found = await _listed(work, code)
    if not rules.stands(found, now=work.now):
        raise RequestEnded(code=code)
    bank = await policies.bank(work)
    payee = Payee(
        name=found.payee_name, account_number=found.payee_number, bank_code=bank.bank_code
    )
    ordinary = NewPayment(
        account_id=new.account_id,
        amount_fen=rules.amount(found, new.amount_fen),
        payee=payee,
        purpose=found.purpose,
        memo=found.memo or found.reference,
        confirm_duplicate=True,
    )
    outcome = await payments.pay(work, new=ordinary, key=f"request:{code}:{new_id()}")
    if (refusal := payment_rules.refusal_of(outcome.order)) is not None:
        raise refusal
    why = await work.one(str, sql.claim, code=code, payment_id=outcome.order.id)
    if why == "unknown":
        raise RequestNotFound()
    if why:
        raise rules.REFUSALS[why](code=code)
    await work.emit(RequestPaying(code=code, payment_id=outcome.order.id))
    return outcome.answer


async def to_tell(work: Work, *, code: str, payment_id: UUID) -> tuple[bool, Told | None]:
    """Whether a payment has its outcome, and what the payee is to be told if it is settled."""
    payment = await payments.get(work, payment_id=payment_id)
    if payment.state not in OVER:
        return False, None
    if payment.state != "settled" or payment.finished_at is None:
        return True, None
    found = await work.one(Listed, sql.by_code, code=code)
    payer = await deposits.own(work, account_id=payment.account_id)
    return True, Told(
        business_id=found.business_id,
        request_id=found.request_id,
        payment_id=payment_id,
        amount_fen=payment.amount_fen,
        payer_name=payer.name,
        paid_at=payment.finished_at,
        whole=found.amount_fen == payment.amount_fen,
    )


async def tell(work: Work, *, told: Told) -> None:
    """Tell the payee of a payment, once: by the live stream of its request, and in its list."""
    sealed = await work.vault.seal(
        work, told.payer_name, scope=work.business_id, place=PAYER, row_id=told.payment_id
    )
    added = await work.run(
        sql.add_receipt,
        request_id=told.request_id,
        payment_id=told.payment_id,
        amount_fen=told.amount_fen,
        payer_name_sealed=sealed,
        paid_at=told.paid_at,
    )
    if added:
        await work.progress(
            told.request_id,
            "paid",
            amount_fen=told.amount_fen,
            payment_id=str(told.payment_id),
            final=told.whole,
        )
