"""Asks settled payments back, and keeps what the other bank answers."""

from datetime import timedelta
from uuid import UUID

from accounts.clearing import operations as clearing
from accounts.messages import operations as messages
from accounts.payments import operations as payments
from accounts.policies import operations as policies
from accounts.recalls import rules
from accounts.recalls.model import (
    Answer,
    Answered,
    NewRecall,
    Recall,
    RecallAsked,
    RecallUnderWay,
    Sent,
)
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def ask(work: Work, *, payment_id: UUID, new: NewRecall) -> Recall:
    """Ask a payment back; PaymentNotFound, NothingToRecall, RecallUnderWay."""
    order = await payments.lock(work, payment_id=payment_id)
    rules.recallable(order)
    recall_id = new_id()
    added = await work.run(
        sql.add, id=recall_id, payment_id=payment_id, why=new.why, words=new.words
    )
    if not added:
        raise RecallUnderWay(payment_id=payment_id)
    await work.emit(RecallAsked(recall_id=recall_id))
    await work.record("payment.recalled", object_id=payment_id)
    return await work.one(Recall, sql.recall, id=recall_id)


async def of_payment(work: Work, *, payment_id: UUID) -> list[Recall]:
    """The recalls of a payment, oldest first; PaymentNotFound."""
    await payments.get(work, payment_id=payment_id)
    return await work.all(Recall, sql.of_payment, payment_id=payment_id)


async def message(work: Work, *, recall_id: UUID) -> str | None:
    """The camt.056 of a recall that waits for its answer, made once; None: it is answered."""
    recall = await work.one(Recall, sql.recall, id=recall_id)
    if recall.state != "asked":
        return None
    reference = str(recall_id)
    added = await work.run(
        sql.remember,
        reference=reference,
        payment_id=recall.payment_id,
        recall_id=recall_id,
        ask_at=work.now + timedelta(seconds=rules.ASK_AGAIN_SECONDS),
    )
    if not added:
        return await messages.sent(work, subject_id=recall_id)
    order = await payments.lock(work, payment_id=recall.payment_id)
    sent = await work.one(Sent, sql.sent, reference=str(order.id))
    document = rules.request(
        recall,
        order,
        our_bank=(await policies.bank(work)).bank_code,
        settled_on=sent.sent_on,
        now=work.now,
    )
    await messages.keep(
        work, subject_id=recall_id, direction="out", reference=reference, document=document
    )
    return document


async def record(work: Work, *, recall_id: UUID, answer: Answer) -> None:
    """Keep the other bank's word; where it agrees, the payment is asked about: it comes back."""
    reference = str(recall_id)
    await messages.keep(
        work,
        subject_id=recall_id,
        direction="in",
        reference=reference,
        document=answer.document,
    )
    if answer.state == "accepted":
        return
    state = "agreed" if answer.state == "done" else "refused"
    changed = await work.run(sql.answer, id=recall_id, state=state, answer=answer.reason)
    await work.run(sql.no_more_asking, reference=reference)
    if changed and state == "agreed":
        recall = await work.one(Recall, sql.recall, id=recall_id)
        await work.emit(Answered(system="clearing_house", reference=str(recall.payment_id)))


async def named(work: Work, *, reference: str) -> tuple[UUID, UUID] | None:
    """Firm and recall that a reference names, or None."""
    known = await clearing.firm_of(work, reference=reference)
    if known is None or known.recall_id is None:
        return None
    return known.business_id, known.recall_id
