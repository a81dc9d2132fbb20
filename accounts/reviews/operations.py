"""Claim, read and decide held payments; ask their owner; carry out what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from accounts.decisions import operations as decisions
from accounts.monitors import operations as monitors
from accounts.payments import operations as payments
from accounts.reviews import rules
from accounts.reviews.model import (
    Case,
    Check,
    Evidence,
    Held,
    HeldLine,
    NewAnswer,
    NewDecision,
    NotHeld,
    PaymentReviewed,
    StoredCheck,
)
from app.errors import Refusal
from app.identity import operations as identity
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work

sql = load(__name__)


async def queue(work: Work, *, after: str | None, limit: int) -> Page[HeldLine]:
    """What waits in the whole bank, the most urgent first."""
    key = decode_cursor(after, datetime, UUID, UUID) if after else (None, None, None)
    rows = await work.all(
        HeldLine,
        sql.queue,
        after_due=key[0],
        after_business=key[1],
        after_payment=key[2],
        most=limit + 1,
    )
    return page(rows, limit, lambda row: (row.due_at, row.business_id, row.payment_id))


def _staff(work: Work) -> UUID:
    assert work.actor.staff_id is not None
    return work.actor.staff_id


async def _lock(work: Work, business_id: UUID, payment_id: UUID) -> Held:
    """The case under its lock, in whose firm this goes on; NotHeld."""
    await work.set_business(business_id)
    held = await work.maybe(Held, sql.lock_held, payment_id=payment_id)
    if held is None:
        raise NotHeld(payment_id=payment_id)
    return held


async def read(work: Work, *, business_id: UUID, payment_id: UUID) -> Case:
    """A held payment with what the monitors saw; NotHeld."""
    await work.set_business(business_id)
    held = await work.maybe(Held, sql.held, payment_id=payment_id)
    if held is None:
        raise NotHeld(payment_id=payment_id)
    return Case(
        held=held,
        payment=await payments.get(work, payment_id=payment_id),
        business_name=(await identity.business(work, business_id=business_id)).name,
        evidence=await work.one(Evidence, sql.evidence, payment_id=payment_id),
    )


async def claim(work: Work, *, business_id: UUID, payment_id: UUID) -> Held:
    """Take a case for fifteen minutes; claiming it again renews the lease."""
    held = await _lock(work, business_id, payment_id)
    rules.check_claim(held, staff_id=_staff(work), now=work.now)
    until = work.now + timedelta(minutes=rules.LEASE_MINUTES)
    await work.run(sql.set_claim, payment_id=payment_id, claimed_by=_staff(work), lease_until=until)
    return await work.one(Held, sql.held, payment_id=payment_id)


async def let_go(work: Work, *, business_id: UUID, payment_id: UUID) -> Held:
    """Let go of one's claim; letting go of nothing changes nothing."""
    held = await _lock(work, business_id, payment_id)
    if held.claimed_by == _staff(work):
        await work.run(sql.set_claim, payment_id=payment_id, claimed_by=None, lease_until=None)
    return await work.one(Held, sql.held, payment_id=payment_id)


async def decide(work: Work, *, business_id: UUID, payment_id: UUID, new: NewDecision) -> Held:
    """One member of staff's decision; the last needed one is carried out by a job.

    Raises what `rules.check_decision` raises. Above the policy's amount two people release.
    """
    held = await _lock(work, business_id, payment_id)
    staff_id = _staff(work)
    rules.check_decision(held, new, staff_id=staff_id, now=work.now)
    if new.decision == "refuse":
        await _close(work, held, "refused", reason=new.reason)
    else:
        await work.run(sql.add_agreement, payment_id=payment_id, staff_id=staff_id)
        if len(held.approved_by) + 1 == held.levels:
            await _close(work, held, "released", reason=new.reason or None)
    await work.record(f"payment_review.{new.decision}", object_id=payment_id)
    return await work.one(Held, sql.held, payment_id=payment_id)


async def _close(work: Work, held: Held, state: str, *, reason: str | None) -> None:
    await work.run(sql.close, payment_id=held.payment_id, state=state, reason=reason)
    await monitors.keep_outcome(
        work,
        payment_id=held.payment_id,
        rule_ids=held.rule_ids,
        outcome="good" if state == "released" else "bad",
        said_by="desk",
    )
    await work.emit(PaymentReviewed(payment_id=held.payment_id))


async def carry_out(work: Work, *, payment_id: UUID) -> None:
    """Do with the money what the bank decided; safe to repeat.

    What cannot be paid any more (a payee that closed, a stopped account) is called off with the
    reason, so that the money is free again.
    """
    order = await payments.lock(work, payment_id=payment_id)
    held = await work.one(Held, sql.held, payment_id=payment_id)
    if order.state != "under_review" or held.state not in ("released", "refused"):
        return
    if held.state == "refused":
        await decisions.turn_down(work, order, reason=rules.REFUSED)
        return
    try:
        async with work.savepoint():
            await decisions.go_on(work, order)
    except Refusal as refusal:
        await decisions.turn_down(work, order, reason=refusal.zh)


async def check(work: Work, *, payment_id: UUID) -> Check:
    """What the owner is told of a held payment; PaymentNotFound or NotHeld."""
    return rules.told(await _stored(work, payment_id))


async def _stored(work: Work, payment_id: UUID, *, lock: bool = False) -> StoredCheck:
    query = sql.lock_check if lock else sql.check
    stored = await work.maybe(StoredCheck, query, payment_id=payment_id)
    if stored is None:
        await payments.get(work, payment_id=payment_id)
        raise NotHeld(payment_id=payment_id)
    return stored


async def answer(work: Work, *, payment_id: UUID, new: NewAnswer) -> Check:
    """The owner's word: `mine` is read by the bank's people, who still decide; `not_mine` calls
    the payment off at once. Raises like `payments.cancel`, and ReviewClosed."""
    await payments.lock(work, payment_id=payment_id)
    stored = await _stored(work, payment_id, lock=True)
    rules.may_answer(stored)
    await work.run(sql.answer, payment_id=payment_id, answer=new.answer)
    if new.answer == "not_mine":
        await payments.cancel(
            work, payment_id=payment_id, version=new.version, reason=rules.NOT_MINE
        )
        await monitors.keep_outcome(
            work,
            payment_id=payment_id,
            rule_ids=stored.rule_ids,
            outcome="bad",
            said_by="owner",
        )
    await work.record("payment.answered", object_id=payment_id, answer=new.answer)
    return rules.told(await _stored(work, payment_id))
