"""Makes, releases, decides and shows payment orders; money moves only through the ledger."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict, replace

from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.deposits.model import Holder
from accounts.fees import operations as fees
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting
from accounts.limits import operations as limits
from accounts.mandates import operations as mandates
from accounts.mandates.model import Need
from accounts.monitors import operations as monitors
from accounts.monitors.model import StoppedByMonitor, Verdict
from accounts.monitors.rules import NOTHING
from accounts.parties import operations as parties
from accounts.parties import rules as party_rules
from accounts.payments import rules
from accounts.payments.model import (
    DIRECT,
    KeyReused,
    NewPayment,
    Order,
    Outcome,
    PayeeAccountUnknown,
    PayeeBankUnknown,
    PayeeCannotReceive,
    PayeeIsPayer,
    PayeeMissing,
    Payment,
    PaymentNotFound,
    PaymentSubmitted,
    Resolved,
    SecuredPaymentMoved,
    State,
    Way,
)
from accounts.policies import operations as policies
from accounts.rails import operations as rails
from accounts.rails import rules as rail_rules
from accounts.rails.model import Speed
from accounts.screening import operations as screening
from app import pages
from app.approvals import operations as approvals
from app.errors import Refusal
from app.identity.stepups import operations as stepups
from app.ids import new_id
from app.queries import load
from app.reference import rules as identifiers
from app.work import Work

sql = load(__name__)
PLACE = "accounts.payments.payee_sealed"
KIND = "payment"
# What a decision may change of an order.
SAVED = (
    "id", "state", "rail", "reason", "version", "send_after", "submitted_at", "finished_at",
    "payee_business_id", "payee_account_id", "hold_id", "transfer_id", "refusal", "asked",
    "limit_used_on", "limit_session",
)  # fmt: skip


async def pay(work: Work, *, new: NewPayment, key: str, way: Way = DIRECT) -> Outcome:
    """Make a payment once per key: settle, submit, or ask for a second person.

    A refusal is kept with the order (`refusal`); KeyReused for another body under the key;
    AccountNotFound, PartyNotFound, PartyClosed, PayeeMissing and StepUpNeeded keep nothing, nor
    do HoldNotOpen and HoldTooSmall of a reserved one.
    """
    person = work.actor.person_id
    assert person is not None, "payments are made by people"
    mark = rules.fingerprint(new, person_id=person)
    if (kept := await work.maybe(Order, sql.lock_by_key, key=key)) is not None:
        return _replay(kept, mark)
    payee = await resolve(work, new)
    payer = await deposits.own(work, account_id=new.account_id)
    order = await _claim(work, new, payee, key=key, mark=mark, made_by=person, way=way)
    if order is None:
        return _replay(await work.one(Order, sql.lock_by_key, key=key), mark)
    try:
        deposit_rules.may_pay_online(payer)
        routed = await route(work, order, payee, speed=new.speed)
        need = await needed(work, routed, payee)
        # What stood out is kept, whatever becomes of the payment: outside the savepoint.
        verdict = NOTHING
        if order.amount_fen >= need.examined_from_fen:
            verdict = await monitors.examine(work, payment_id=order.id, amount_fen=order.amount_fen)
        if rules.looked_at(routed, payee):
            index = parties.account_index(work, payee.account_number)
            finding = await screening.look_at(
                work, name=payee.name, account_index=index, party_id=payee.party_id
            )
            verdict = rules.with_finding(verdict, finding)
        async with work.savepoint():
            order = await _begin(work, routed, payee, need, verdict, step_up_id=new.step_up_id)
    except Refusal as refusal:
        order = await save(work, rules.refused(order, refusal, now=work.now))
    await work.record("payment.made", object_id=order.id, state=order.state)
    order = replace(order, answered_state=order.state, first_version=order.version)
    return Outcome(order=order, answer=rules.first_answer(order), replayed=False)


def _replay(kept: Order, mark: bytes) -> Outcome:
    if kept.fingerprint != mark:
        raise KeyReused()
    return Outcome(order=kept, answer=rules.first_answer(kept), replayed=True)


async def resolve(work: Work, new: NewPayment) -> Resolved:
    """Who is paid: from the book by id, or spelled out; whom the book does not know is new."""
    if (new.party_id is None) == (new.payee is None):
        raise PayeeMissing()
    if new.party_id is not None:
        known = await parties.payee_account(work, party_id=new.party_id)
        number = known.account_number
        return rules.resolved(known, number, known, new.party_id, now=work.now)
    payee = new.payee
    assert payee is not None
    party = await parties.by_account(
        work, account_number=payee.account_number, bank_code=payee.bank_code
    )
    party_id = party.id if party else None
    return rules.resolved(payee, payee.account_number, party, party_id, now=work.now)


async def pay_secured(work: Work, *, new: NewPayment, key: str, made_by: UUID, way: Way) -> Order:
    """Pay out of an escrow account what its agreement has decided: nobody is asked again, and no
    person's day counts it. Raises what `payee_here` and `release` raise, and keeps none."""
    mark = rules.fingerprint(new, person_id=made_by)
    payee = await resolve(work, new)
    order = await _claim(work, new, payee, key=key, mark=mark, made_by=made_by, way=way)
    assert order is not None, "one payment per key"
    order = await release(work, await route(work, order, payee, speed=new.speed))
    await work.record("payment.made", object_id=order.id, state=order.state)
    return order


async def _claim(
    work: Work,
    new: NewPayment,
    payee: Resolved,
    *,
    key: str,
    mark: bytes,
    made_by: UUID,
    way: Way,
) -> Order | None:
    """The new order as a draft, or None where its key is taken: a copy in flight waits here."""
    payment_id = new_id()
    return await work.maybe(
        Order,
        sql.claim,
        id=payment_id,
        key=key,
        fingerprint=mark,
        account_id=new.account_id,
        amount_fen=new.amount_fen,
        party_id=new.party_id,
        payee_name=payee.name,
        payee_sealed=await work.vault.seal(
            work, payee.account_number, scope=work.business_id, place=PLACE, row_id=payment_id
        ),
        payee_account_tail=party_rules.tail(payee.account_number),
        payee_bank_code=payee.bank_code,
        purpose=new.purpose,
        memo=new.memo,
        made_by=made_by,
        **asdict(way),
    )


async def needed(work: Work, order: Order, payee: Resolved) -> Need:
    """Who must agree to this order, whether it takes a step-up, and who looks at it."""
    return await mandates.needed(
        work,
        maker=order.made_by,
        amount_fen=order.amount_fen,
        in_bank=order.rail == "in_bank",
        payee=payee.standing,
        party_id=payee.party_id,
        purpose=order.purpose,
    )


async def _begin(
    work: Work,
    order: Order,
    payee: Resolved,
    need: Need,
    verdict: Verdict,
    *,
    step_up_id: UUID | None,
) -> Order:
    """A new order's way: refused, held for the bank's review, to other people, or released."""
    if verdict.action == "refuse":
        raise StoppedByMonitor()
    if need.places.step_up and not need.places.steps:
        facts = rules.facts(order, account_number=payee.account_number)
        await stepups.use(work, step_up_id=step_up_id, action=KIND, facts=facts)
    if verdict.action == "hold":
        return await _hold(work, order, verdict)
    return await ask_or_release(work, order, need)


async def _hold(work: Work, order: Order, verdict: Verdict) -> Order:
    """Set the money aside until the bank has looked at the payment."""
    await limits.check(work, person=order.made_by, amount_fen=order.amount_fen)
    order = replace(rules.move(order, "under_review", now=work.now), hold_id=new_id())
    await ledger.post(work, entries=[], holds=[*rules.taken(order), rules.hold(order, "place")])
    order = await save(work, order)
    await monitors.open_review(
        work, payment_id=order.id, amount_fen=order.amount_fen, verdict=verdict
    )
    return order


async def ask_or_release(work: Work, order: Order, need: Need) -> Order:
    """Put the order to those whose word it needs, or let it go at once; raises like `release`.

    What a review has set aside stays set aside: a reserved payment has taken its part by then."""
    if not need.places.steps:
        return await release(work, order)
    await limits.check(work, person=order.made_by, amount_fen=order.amount_fen)
    order = await save(work, rules.move(order, "pending_approval", now=work.now))
    await mandates.ask(
        work,
        kind=KIND,
        object_id=order.id,
        version=order.version,
        amount_fen=order.amount_fen,
        places=need.places,
        made_by=order.made_by,
    )
    return order


async def route(work: Work, order: Order, payee: Resolved, *, speed: Speed) -> Order:
    """By which way to the payee; raises like `payee_here`."""
    holder = await payee_here(work, payee, paying=rules.source(order))
    if holder is not None:
        return rules.to_holder(order, holder, business_id=work.business_id)
    way = await rails.route(work, amount_fen=order.amount_fen, speed=speed)
    return replace(order, rail=way.rail)


async def payee_here(work: Work, payee: Resolved, *, paying: UUID) -> Holder | None:
    """The payee's account if it is in this bank: PayeeBankUnknown, PayeeAccountUnknown,
    PayeeNameMismatch, PayeeIsPayer."""
    if not identifiers.bank_code(payee.bank_code).valid:
        raise PayeeBankUnknown(bank_code=payee.bank_code)
    bank = await policies.bank(work)
    if not rail_rules.is_in_bank(payee.bank_code, own_bank_code=bank.bank_code):
        return None
    holder = await deposits.holder(work, number=payee.account_number)
    if holder is None:
        raise PayeeAccountUnknown()
    rules.holder_is(payee.name, holder.name)
    if holder.account_id == paying:
        raise PayeeIsPayer(account_id=paying)
    return holder


async def release(work: Work, order: Order) -> Order:
    """Let the money go: to the payee in this bank, or into a hold until it is sent.

    Raises InsufficientFunds, AccountRefusesPosting, PayeeCannotReceive or the limits' refusals.
    """
    if order.rail == "in_bank":
        order = rules.move(order, "settled", now=work.now)
        transfer_id = new_id()
        entries = rules.in_bank_entries(
            order, business_id=work.business_id, transfer_id=transfer_id
        )
        try:
            await ledger.post(work, entries=entries, holds=rules.funds(order))
        except AccountRefusesPosting as refused:
            # Why another firm's account takes nothing is not told, nor its id here.
            if refused.facts["account_id"] == rules.source(order):
                raise
            raise PayeeCannotReceive() from refused
        order = replace(order, transfer_id=transfer_id, hold_id=None)
    else:
        assert order.rail is not None
        order = replace(order, send_after=await rails.send_after(work, rail=order.rail))
        held = order.hold_id is not None
        order = replace(
            rules.move(order, "submitted", now=work.now), hold_id=order.hold_id or new_id()
        )
        if not held:
            holds = [*rules.taken(order), rules.hold(order, "place")]
            await ledger.post(work, entries=[], holds=holds)
    if order.from_account_id is None:
        used = await limits.use(work, person=order.made_by, amount_fen=order.amount_fen)
        order = replace(order, limit_used_on=used.day, limit_session=used.session_id)
    order = await save(work, order)
    if order.state == "settled":
        await work.emit(rules.settled_event(order))
    else:
        await fees.reserve(work, cause=rules.fee_cause(order))
        await work.emit(PaymentSubmitted(payment_id=order.id))
    return order


async def save(work: Work, order: Order) -> Order:
    """Keep the order as decided, in the transaction that moved its money."""
    await work.run(sql.save, **{name: getattr(order, name) for name in SAVED})
    if order.mode in ("guaranteed", "escrowed"):
        await work.emit(SecuredPaymentMoved(payment_id=order.id))
    return order


async def lock(work: Work, *, payment_id: UUID) -> Order:
    """The order under its row lock, or PaymentNotFound."""
    order = await work.maybe(Order, sql.lock_payment, id=payment_id)
    if order is None:
        raise PaymentNotFound(payment_id=payment_id)
    return order


async def open_payee(work: Work, order: Order) -> str:
    """The payee's account number, unsealed."""
    return await work.vault.open(
        work, order.payee_sealed, scope=work.business_id, place=PLACE, row_id=order.id
    )


async def cancel(work: Work, *, payment_id: UUID, version: int, reason: str) -> Payment:
    """Call a payment off before it leaves the bank; its hold and its count go back.

    Raises PaymentNotFound, PaymentChanged, or WrongState once it has been sent.
    """
    order = await lock(work, payment_id=payment_id)
    rules.seen(order, version=version)
    if order.state == "under_review":
        await monitors.call_off_review(work, payment_id=payment_id)
    order = await call_off(work, order, reason=reason)
    await approvals.withdraw(work, kind=KIND, object_id=payment_id)
    await work.record("payment.cancelled", object_id=payment_id)
    return rules.shown(order)


async def call_off(work: Work, order: Order, *, reason: str) -> Order:
    """The order cancelled, its hold released and its count given back."""
    cancelled = rules.move(order, "cancelled", now=work.now, reason=reason)
    if order.hold_id is not None:
        await ledger.post(work, entries=[], holds=[rules.hold(order, "release")])
        await fees.release(work, cause=rules.fee_cause(order))
    return await save(work, await give_back(work, replace(cancelled, hold_id=None)))


async def give_back(work: Work, order: Order) -> Order:
    """The order no longer counted against its maker's day."""
    if order.limit_used_on is None:
        return order
    await limits.give_back(
        work,
        person=order.made_by,
        amount_fen=order.amount_fen,
        used_on=order.limit_used_on,
        session_id=order.limit_session,
    )
    return replace(order, limit_used_on=None, limit_session=None)


async def get(work: Work, *, payment_id: UUID) -> Payment:
    """One payment, or PaymentNotFound."""
    payment = await work.maybe(Payment, sql.payment, id=payment_id)
    if payment is None:
        raise PaymentNotFound(payment_id=payment_id)
    # Whoever asks for a payment's state believes the answer.
    await work.vouch()
    return payment


async def search(
    work: Work, *, state: State | None, account_id: UUID | None, after: str | None, limit: int
) -> pages.Page[Payment]:
    """The firm's payments, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Payment,
        sql.payments_page,
        state=state,
        account_id=account_id,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return pages.page(rows, limit, lambda payment: (payment.created_at, payment.id))
