"""Looks for an earlier payment alike, before a new one is made."""

from datetime import timedelta

from accounts.duplicates.model import LikelyDuplicate, Policy, Twin
from accounts.parties.rules import tail
from accounts.payments import operations as payments
from accounts.payments.model import NewPayment
from accounts.policies import operations as policies
from app.queries import load
from app.work import Work

sql = load(__name__)
NEXT_STEP = "确认不是重复付款后，用同一幂等键并设 confirm_duplicate 为 true 再次提交"


async def policy(work: Work) -> Policy:
    """The bank's policy in force."""
    return await policies.value(work, kind="payments.duplicates", shape=Policy)


async def ask(work: Work, *, new: NewPayment, key: str) -> None:
    """Raise LikelyDuplicate where the same amount went to the same payee lately.

    Nothing is kept: the same key pays once the payer has confirmed. Small amounts, repeats under
    a key that has its payment, and confirmed payments are not asked about; nor are payments that
    were refused, rejected, called off, or came back.
    """
    if new.confirm_duplicate:
        return
    terms = await policy(work)
    if new.amount_fen < terms.from_fen:
        return
    payee = await payments.resolve(work, new)
    account_tail = tail(payee.account_number)
    alike = f"{work.business_id}|{payee.bank_code}|{account_tail}|{new.amount_fen}"
    await work.one(bool, sql.one_at_a_time, alike=alike)
    twin = await work.maybe(
        Twin,
        sql.twin,
        key=key,
        amount_fen=new.amount_fen,
        tail=account_tail,
        bank_code=payee.bank_code,
        since=work.now - timedelta(days=terms.within_days),
    )
    if twin is not None:
        raise LikelyDuplicate(
            payment_id=twin.id,
            payment_state=twin.state,
            paid_at=twin.created_at,
            within_days=terms.within_days,
            next_step=NEXT_STEP,
        )
