"""Books money that comes in, once, or decides that it goes back; shows it to its firm."""

from datetime import date, datetime
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.deposits.model import Holder
from accounts.incoming import rules
from accounts.incoming.model import (
    Arrival,
    CreditNotFound,
    Decision,
    IncomingCredit,
    StoredCredit,
)
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting
from accounts.movements import operations as movements
from accounts.parties import rules as party_rules
from accounts.payments import operations as payments
from accounts.payments.model import MoneyReceived
from accounts.policies import operations as policies
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PLACE = "accounts.incoming_credits.payer_name_sealed"


async def holder_of(work: Work, *, arrival: Arrival) -> Holder | None:
    """Whose account the credit is for, unless it must go back."""
    holder = await deposits.holder(work, number=arrival.payee_account)
    return None if rules.objection(arrival, holder) else holder


async def accept(work: Work, *, arrival: Arrival, account_id: UUID) -> Decision:
    """Book a credit from another bank in its firm; the first decision about it stands.

    An account that takes nothing at present sends it back with the reason; AccountRefusesPosting
    where it was settled for good and cannot be refused.
    """
    firm = work.business_id
    if not await _decide(work, arrival, firm=firm, reason=""):
        return await _decision(work, arrival)
    transit_id = await ledger.bank_side(work, kind="in_transit_in")
    entry = rules.entry(arrival, account_id=account_id, transit_id=transit_id)
    try:
        await ledger.post(work, entries=[entry])
    except AccountRefusesPosting:
        if arrival.final:
            raise
        await work.run(
            sql.change_to_refused, reference=arrival.reference, reason=rules.ACCOUNT_REFUSES
        )
    else:
        await _receive(work, arrival, account_id=account_id)
    return await _moved(work, arrival)


async def refuse(work: Work, *, arrival: Arrival) -> Decision:
    """Decide that a credit goes back, with the reason; the first decision about it stands."""
    holder = await deposits.holder(work, number=arrival.payee_account)
    reason = rules.objection(arrival, holder)
    if reason and await _decide(work, arrival, firm=None, reason=reason):
        return await _moved(work, arrival)
    return await _decision(work, arrival)


async def _decide(work: Work, arrival: Arrival, *, firm: UUID | None, reason: str) -> int:
    return await work.run(
        sql.decide,
        reference=arrival.reference,
        firm=firm,
        amount_fen=arrival.amount_fen,
        accepted=not reason,
        reason=reason,
    )


async def _decision(work: Work, arrival: Arrival) -> Decision:
    return await work.one(Decision, sql.decision, reference=arrival.reference)


async def _moved(work: Work, arrival: Arrival) -> Decision:
    """The decision just made, with what it moved at the clearing house noted."""
    decision = await _decision(work, arrival)
    moved = rules.movements(arrival, decision)
    await movements.note(work, moved=moved, firm=decision.business_id)
    return decision


async def _receive(
    work: Work, arrival: Arrival, *, account_id: UUID, swept_on: date | None = None
) -> None:
    """The firm's record of the money, and the event that the books and receivables wait for."""
    credit_id = new_id()
    added = await work.run(
        sql.add_credit,
        id=credit_id,
        source=arrival.source,
        reference=arrival.reference,
        account_id=account_id,
        amount_fen=arrival.amount_fen,
        payer_name_sealed=await work.vault.seal(
            work, arrival.payer_name, scope=work.business_id, place=PLACE, row_id=credit_id
        ),
        payer_account_tail=party_rules.tail(arrival.payer_account),
        payer_bank_code=arrival.payer_bank_code,
        remark=arrival.remark,
        swept_on=swept_on,
    )
    if added:
        await work.emit(
            MoneyReceived(credit_id=credit_id, account_id=account_id, amount_fen=arrival.amount_fen)
        )


async def decided(work: Work, *, reference: str) -> bool:
    """Whether somebody has decided about a reference."""
    return await work.maybe(Decision, sql.decision, reference=reference) is not None


async def suspend(work: Work, *, reference: str, amount_fen: int) -> bool:
    """Decide, in the bank's own firm, that a credit lies in suspense; False: decided otherwise."""
    return bool(await work.run(sql.suspend, reference=reference, amount_fen=amount_fen))


async def sent_back(work: Work, *, reference: str, reason: str) -> None:
    """What lay in suspense was paid back to its sender."""
    await work.run(sql.change_to_refused, reference=reference, reason=reason)


async def receive_applied(work: Work, *, arrival: Arrival, account_id: UUID) -> None:
    """Record in a firm what the desk has booked there from suspense, in the same transaction."""
    await _receive(work, arrival, account_id=account_id, swept_on=work.today)


async def confirmed(work: Work, *, reference: str) -> None:
    """The clearing house has our decision."""
    await work.run(sql.mark_confirmed, reference=reference)
    await work.run(sql.stop_ringing, reference=reference)


async def concerns_us(work: Work, *, reference: str) -> bool:
    """Whether a call-back may be about incoming money: not if it is about a payment of ours."""
    return not await work.one(bool, sql.is_payment_of_ours, reference=reference)


async def to_ring_for(work: Work, *, references: list[str]) -> list[str]:
    """Of the credits seen waiting those to ring for now."""
    return await work.all(str, sql.ring, references=references)


async def from_payment(work: Work, *, payment_id: UUID) -> tuple[UUID, UUID, Arrival] | None:
    """The other side of an in-bank payment: payee's firm, account and the arrival there.

    None between a firm's own accounts, which is no income.
    """
    order = await payments.lock(work, payment_id=payment_id)
    if order.payee_business_id is None or order.payee_business_id == work.business_id:
        return None
    assert order.payee_account_id is not None
    payer = await deposits.own(work, account_id=order.account_id)
    bank = await policies.bank(work)
    arrival = Arrival(
        source="in_bank",
        reference=str(payment_id),
        amount_fen=order.amount_fen,
        payer_name=payer.name,
        payer_account=payer.number,
        payer_bank_code=bank.bank_code,
        payee_account=order.payee_account_tail,
        payee_name=order.payee_name,
        remark=order.memo,
    )
    return order.payee_business_id, order.payee_account_id, arrival


async def note(work: Work, *, arrival: Arrival, account_id: UUID) -> None:
    """Record in the payee's firm what an in-bank payment has already booked there."""
    await _receive(work, arrival, account_id=account_id)


async def get(work: Work, *, credit_id: UUID) -> IncomingCredit:
    """One credit with the payer's name, or CreditNotFound."""
    stored = await work.maybe(StoredCredit, sql.credit, id=credit_id)
    if stored is None:
        raise CreditNotFound(credit_id=credit_id)
    return await _opened(work, stored)


async def search(
    work: Work, *, account_id: UUID | None, after: str | None, limit: int
) -> pages.Page[IncomingCredit]:
    """The firm's incoming money, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        StoredCredit,
        sql.credits_page,
        account_id=account_id,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    opened = [await _opened(work, row) for row in rows]
    return pages.page(opened, limit, lambda credit: (credit.received_at, credit.id))


async def _opened(work: Work, stored: StoredCredit) -> IncomingCredit:
    shown = {name: getattr(stored, name) for name in StoredCredit.__struct_fields__}
    sealed = shown.pop("payer_name_sealed")
    return IncomingCredit(
        payer_name=await open_payer(work, credit_id=stored.id, sealed=sealed), **shown
    )


async def open_payer(work: Work, *, credit_id: UUID, sealed: bytes) -> str:
    """The payer's name, unsealed."""
    return await work.vault.open(
        work, sealed, scope=work.business_id, place=PLACE, row_id=credit_id
    )
