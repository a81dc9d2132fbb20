"""Agree to a payment, refuse it, confirm it, carry out a review's word, and say what it takes."""

from uuid import UUID

from msgspec.structs import replace

from accounts.decisions import rules
from accounts.decisions.model import Explained
from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.ledger import operations as ledger
from accounts.limits import operations as limits
from accounts.parties import operations as parties
from accounts.parties.rules import tail
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import NewPayment, Order, Payment, Resolved
from accounts.payments.operations import KIND
from accounts.screening import operations as screening
from app.approvals import operations as approvals
from app.identity.stepups import operations as stepups
from app.identity.stepups.model import StepUp
from app.work import Work

APPROVE = "approve payment"


async def approve(
    work: Work, *, payment_id: UUID, version: int, step_up_id: UUID | None = None
) -> Payment:
    """Agree as another person; the last agreement releases the payment in the same transaction.

    Raises PaymentNotFound, PaymentChanged, WrongState, what approvals raise, StepUpNeeded, and
    every refusal of a release: then nothing is decided and the payment still waits.
    """
    order = await payments.lock(work, payment_id=payment_id)
    payment_rules.waits_for_approval(order, version=version)
    decision = await approvals.decide(
        work, kind=KIND, object_id=payment_id, version=version, approve=True
    )
    if decision.settled and decision.approved:
        if decision.step_up:
            facts = await _facts(work, order)
            await stepups.use(work, step_up_id=step_up_id, action=APPROVE, facts=facts)
        order = await payments.release(work, await _still_payable(work, order))
    return payment_rules.shown(order)


async def _facts(work: Work, order: Order) -> dict[str, str | int | None]:
    number = await payments.open_payee(work, order)
    return rules.confirmed(order, payment_rules.facts(order, account_number=number))


async def reject(work: Work, *, payment_id: UUID, version: int, reason: str) -> Payment:
    """Refuse as another person, with the reason; raises like `approve`."""
    order = await payments.lock(work, payment_id=payment_id)
    payment_rules.waits_for_approval(order, version=version)
    await approvals.decide(
        work, kind=KIND, object_id=payment_id, version=version, approve=False, reason=reason
    )
    return payment_rules.shown(await turn_down(work, order, reason=reason))


async def end_unanswered(work: Work, *, payment_id: UUID, version: int) -> None:
    """Nobody agreed in time: the payment is called off and says so. Safe to repeat."""
    order = await payments.lock(work, payment_id=payment_id)
    if (order.state, order.version) == ("pending_approval", version):
        await payments.call_off(work, order, reason=rules.EXPIRED)
        await work.record("payment.expired", object_id=payment_id)


async def ask_for_payment(work: Work, *, new: NewPayment) -> StepUp:
    """Ask for the confirmation of exactly this payment, before it is made.

    PayeeMissing, PartyNotFound, PartyClosed, AccountNotFound, TooManyCodes."""
    await deposits.own(work, account_id=new.account_id)
    payee = await payments.resolve(work, new)
    order = payment_rules.beforehand(new, payee, now=work.now, made_by=work.actor.person_id)
    text = rules.words(
        payee_name=payee.name, tail=tail(payee.account_number), amount_fen=new.amount_fen
    )
    facts = payment_rules.facts(order, account_number=payee.account_number)
    return await stepups.ask(work, action=KIND, facts=facts, text=text)


async def ask_for_approval(work: Work, *, payment_id: UUID, version: int) -> StepUp:
    """Ask for the confirmation with which the last approver releases this version.

    PaymentNotFound, PaymentChanged, WrongState, TooManyCodes."""
    order = await payments.lock(work, payment_id=payment_id)
    payment_rules.waits_for_approval(order, version=version)
    text = rules.words(
        payee_name=order.payee_name, tail=order.payee_account_tail, amount_fen=order.amount_fen
    )
    facts = await _facts(work, order)
    return await stepups.ask(work, action=APPROVE, facts=facts, text=f"审批{text}")


async def explain(work: Work, *, new: NewPayment) -> Explained:
    """What this payment would take if the caller made it now; nothing is kept.

    PayeeMissing, AccountNotFound, PartyNotFound, PartyClosed, CannotPayOnline, what
    `payments.payee_here` raises."""
    person = work.actor.person_id
    assert person is not None, "payments are made by people"
    deposit_rules.may_pay_online(await deposits.own(work, account_id=new.account_id))
    payee = await payments.resolve(work, new)
    order = payment_rules.beforehand(new, payee, now=work.now, made_by=person)
    order = await payments.route(work, order, payee, speed=new.speed)
    need = await payments.needed(work, order, payee)
    return rules.explained(order, payee, need, await limits.shown(work, person=person))


async def go_on(work: Work, order: Order) -> Order:
    """The bank's review lets the payment go: to other people, or released at once.

    Raises what a release raises; the money is still held then."""
    order = await _still_payable(work, order)
    payee = await _payee(work, order)
    index = parties.account_index(work, payee.account_number)
    await screening.clear(work, name=payee.name, account_index=index, reason=rules.LET_GO)
    need = await payments.needed(work, order, payee)
    return await payments.ask_or_release(work, order, need)


async def turn_down(work: Work, order: Order, *, reason: str) -> Order:
    """The payment is not carried out: what was set aside for it is free again."""
    if order.hold_id is not None:
        await ledger.post(work, entries=[], holds=[payment_rules.hold(order, "release")])
    turned_down = payment_rules.move(order, "rejected", now=work.now, reason=reason)
    return await payments.save(work, replace(turned_down, hold_id=None))


async def _payee(work: Work, order: Order) -> Resolved:
    """The payee of a stored order, as the firm knows it by now."""
    number = await payments.open_payee(work, order)
    party = await parties.by_account(work, account_number=number, bank_code=order.payee_bank_code)
    return Resolved(
        name=order.payee_name,
        account_number=number,
        bank_code=order.payee_bank_code,
        standing=payment_rules.standing(party, now=work.now),
        party_id=party.id if party else None,
        listed=party is not None and party.listed,
    )


async def _still_payable(work: Work, order: Order) -> Order:
    """What may have changed while the payment waited: the payer's state, the payee's name."""
    deposit_rules.may_pay_online(await deposits.own(work, account_id=order.account_id))
    if order.rail != "in_bank":
        return order
    return await payments.route(work, order, await _payee(work, order), speed="instant")
