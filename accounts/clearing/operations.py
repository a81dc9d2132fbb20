"""Sends payments to other banks, records what became of them, sweeps what is in transit."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.clearing import rules
from accounts.clearing.model import Answer, Checks, Home, InTransit, Reference, Step
from accounts.deposits import operations as deposits
from accounts.fees import operations as fees
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds, NewEntry
from accounts.messages import operations as messages
from accounts.messages.model import Direction
from accounts.movements import operations as movements
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import Order, PaymentFailed, State
from accounts.policies import operations as policies
from accounts.suspense import operations as suspense
from accounts.suspense.model import Source
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
STOPPED = "付款账户状态异常"


async def next_step(work: Work, *, payment_id: UUID, heard: bool) -> Step:
    """What to do about a payment now; the first time its money is captured into transit.

    `heard`: the clearing house says it knows more, so that a settled payment is asked about too.
    """
    order = await payments.lock(work, payment_id=payment_id)
    if order.state == "submitted":
        seconds = rules.wait_until(order.send_after, now=work.now)
        if seconds:
            await _remember(work, order, seconds=seconds)
            return Step(do="wait", wait_seconds=seconds)
        return await _capture(work, order)
    if order.state in payment_rules.OPEN_OUTSIDE or (heard and order.state == "settled"):
        return Step(do="ask", reference=str(order.id))
    # One that was called off while it waited for its window is not asked about for ever.
    await work.run(sql.ask_reference_at, reference=str(order.id), ask_at=None)
    return Step(do="nothing")


async def _capture(work: Work, order: Order) -> Step:
    """The held money goes into transit; an account stopped meanwhile calls the payment off."""
    entry = payment_rules.sent_entry(
        order, transit_id=await ledger.bank_side(work, kind="in_transit_out")
    )
    try:
        await ledger.post(work, entries=[entry], holds=[payment_rules.hold(order, "capture")])
    except (AccountRefusesPosting, InsufficientFunds):
        # Stopped, or frozen in part by an authority: what was promised gives way.
        await payments.call_off(work, order, reason=STOPPED)
        await work.emit(PaymentFailed(payment_id=order.id, reason=STOPPED))
        return Step(do="nothing")
    await fees.take(work, cause=payment_rules.fee_cause(order))
    sent = payment_rules.move(order, "processing", now=work.now)
    order = await payments.save(work, replace(sent, hold_id=None))
    await _remember(work, order, seconds=rules.ask_after(0))
    await work.run(sql.sent_today, reference=str(order.id))
    return Step(do="send", reference=str(order.id), document=await _write(work, order))


async def _remember(work: Work, order: Order, *, seconds: int) -> None:
    ask_at = work.now + timedelta(seconds=seconds)
    reference = str(order.id)
    added = await work.run(
        sql.remember_reference, reference=reference, payment_id=order.id, ask_at=ask_at
    )
    if not added:
        await work.run(sql.ask_reference_at, reference=reference, ask_at=ask_at)


async def _write(work: Work, order: Order) -> str:
    """The payment as a pacs.008, made once and kept: a repeat is word for word the same."""
    payer = await deposits.own(work, account_id=order.account_id)
    bank = await policies.bank(work)
    document = rules.transfer(
        order,
        payer_bank=bank.bank_code,
        payer_account=payer.number,
        payer_name=payer.name,
        payee_account=await payments.open_payee(work, order),
        now=work.now,
    )
    await _keep(work, order, direction="out", document=document)
    return document


async def _keep(work: Work, order: Order, *, direction: Direction, document: str) -> None:
    await messages.keep(
        work,
        subject_id=order.id,
        direction=direction,
        reference=str(order.id),
        document=document,
    )


async def message(work: Work, *, payment_id: UUID) -> str:
    """The message that went out, or was about to: to be sent again as it is."""
    return await messages.sent(work, subject_id=payment_id)


async def record_answer(work: Work, *, payment_id: UUID, answer: Answer) -> int:
    """Record what became of a payment; seconds until it is to be asked about again, 0 if final.

    Safe to repeat: an answer that no longer fits the order's state changes nothing.
    """
    order = await payments.lock(work, payment_id=payment_id)
    if answer.document:
        await _keep(work, order, direction="in", document=answer.document)
    if order.state in payment_rules.OPEN_OUTSIDE:
        match answer.state:
            case "done":
                order = await _settle(work, order, answer)
            case "refused":
                order = await _fail(work, order, reason=answer.reason)
            case "returned":
                order = await _return(work, await _settle(work, order, answer), answer)
            case "accepted" | "unknown":
                return await _still_open(work, order, answer)
    elif order.state == "settled" and answer.state == "returned":
        order = await _return(work, order, answer)
    await work.run(sql.ask_reference_at, reference=str(order.id), ask_at=None)
    return 0


async def _still_open(work: Work, order: Order, answer: Answer) -> int:
    state: State = "unknown" if answer.state == "unknown" else "processing"
    if state != order.state:
        order = payment_rules.move(order, state, now=work.now)
    seconds = rules.ask_after(order.asked)
    await payments.save(work, replace(order, asked=order.asked + 1))
    await _remember(work, order, seconds=seconds)
    return seconds


async def _settle(work: Work, order: Order, answer: Answer) -> Order:
    settled = await payments.save(work, payment_rules.move(order, "settled", now=work.now))
    await _note(work, settled, answer)
    checks = await policies.value(work, kind="clearing.checks", shape=Checks)
    check_at = rules.first_check(work.now, days=checks.days)
    await work.run(sql.check_first_at, reference=str(order.id), check_at=check_at)
    await work.emit(payment_rules.settled_event(settled))
    return settled


async def _note(work: Work, order: Order, answer: Answer) -> None:
    """What moved on our account with the clearing house, by its dates."""
    moved = rules.movements(order, answer, today=work.today)
    await movements.note(work, moved=moved, firm=work.business_id)


async def _fail(work: Work, order: Order, *, reason: str) -> Order:
    """The money comes back from where it waited, with the reason kept."""
    transit_id = await ledger.bank_side(work, kind="in_transit_out")
    entry = payment_rules.back_entry(order, kind="payment_failed", transit_id=transit_id)
    await _book_back(work, order, entry, source="payment_failed", reason=reason)
    await fees.refund(work, cause=payment_rules.fee_cause(order), because="failed")
    failed = payment_rules.move(order, "failed", now=work.now, reason=reason)
    failed = await payments.save(work, await payments.give_back(work, failed))
    await work.emit(PaymentFailed(payment_id=order.id, reason=reason))
    return failed


async def _book_back(
    work: Work, order: Order, entry: NewEntry, *, source: Source, reason: str
) -> None:
    """Money that came back is on its account again, or in suspense where that takes nothing."""
    try:
        await ledger.post(work, entries=[entry])
    except AccountRefusesPosting:
        account_id = payment_rules.source(order)
        if account_id != order.account_id:
            raise  # escrow money comes back to escrow or waits
        await suspense.park(work, entry=entry, account_id=account_id, source=source, reason=reason)


async def _return(work: Work, order: Order, answer: Answer) -> Order:
    """A settled payment sent back by the other bank (退汇): it comes in again."""
    reason = answer.reason
    transit_id = await ledger.bank_side(work, kind="in_transit_in")
    entry = payment_rules.back_entry(order, kind="payment_returned", transit_id=transit_id)
    await _book_back(work, order, entry, source="payment_returned", reason=reason)
    await fees.refund(work, cause=payment_rules.fee_cause(order), because="returned")
    returned = payment_rules.move(order, "returned", now=work.now, reason=reason)
    await payments.save(work, returned)
    await _note(work, returned, answer)
    await work.run(sql.check_no_more, reference=str(order.id))
    await work.emit(PaymentFailed(payment_id=order.id, reason=reason))
    return returned


async def firm_of(work: Work, *, reference: str) -> Reference | None:
    """Whose payment a reference is, or None if it is none of ours."""
    return await work.maybe(Reference, sql.firm_of_reference, reference=reference)


async def take_due(work: Work) -> list[str]:
    """References to be asked about now: undecided ones, and settled ones on their days.

    Each is put off, so that one question is under way.
    """
    checks = await policies.value(work, kind="clearing.checks", shape=Checks)
    overdue = await work.all(str, sql.take_references_due)
    return overdue + await work.all(str, sql.take_checks_due, days=checks.days)


async def home(work: Work) -> Home:
    """Where swept money goes; `work` acts in the bank's own firm."""
    account_id = await ledger.bank_side(work, kind="clearing_house")
    return Home(business_id=work.business_id, account_id=account_id)


async def sweep(work: Work, *, home: Home) -> int:
    """Move what is in transit in every firm to the bank itself; how many accounts were swept.

    Runs as `nightly` over all firms: one statement marks, one posting moves.
    """
    return await move(work, await work.all(InTransit, sql.mark_swept), home=home)


async def move(work: Work, moved: Sequence[InTransit], *, home: Home) -> int:
    """Post what has been marked as swept: one transfer each way; how many accounts it touches."""
    entries = [
        entry
        for direction in ("out", "in")
        if (one_way := [one for one in moved if one.direction == direction])
        for entry in rules.sweep_entries(one_way, home=home, transfer_id=new_id())
    ]
    if entries:
        await ledger.post(work, entries=entries)
    return len(moved)
