"""Carries an agreement on: pays what both sides let go, gives the rest back, keeps its history."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from accounts.deposits import operations as deposits
from accounts.escrow import rules
from accounts.escrow.model import (
    ENDED,
    Agreement,
    By,
    Case,
    Dispute,
    Escrow,
    EscrowChanged,
    EscrowNotFound,
    Money,
    Move,
    Part,
    Recorded,
    Step,
    Terms,
)
from accounts.guarantees.model import Shown
from accounts.payments import operations as payments
from accounts.payments.model import NewPayment, Order, Payee
from accounts.policies import operations as policies
from app import pages
from app.errors import Refusal
from app.queries import load
from app.work import Work

sql = load(__name__)
PAYEE = "accounts.escrow_milestones.payee_sealed"
LOST = frozenset({"failed", "returned", "cancelled", "rejected"})


async def lock(work: Work, *, escrow_id: UUID) -> Case:
    """The agreement under its row lock, its milestones and figures; EscrowNotFound."""
    escrow = await work.maybe(Escrow, sql.lock_escrow, id=escrow_id)
    if escrow is None:
        raise EscrowNotFound(escrow_id=escrow_id)
    return await _case(work, escrow)


async def _case(work: Work, escrow: Escrow) -> Case:
    return Case(
        escrow=escrow,
        parts=await work.all(Part, sql.parts, id=escrow.id),
        money=await work.one(Money, sql.money, id=escrow.id),
    )


async def go_on(work: Work, case: Case) -> None:
    """Pay every payee what is due, end what is complete, return the rest of what is over; save.

    A payee who cannot be paid at present is left for the clock, and its money stays.
    """
    terms = await policies.value(work, kind="escrow.terms", shape=Terms)
    escrow, free_fen, number, parts = case.escrow, case.money.free_fen, case.money.orders, []
    blocked = False
    for part in case.parts:
        due = rules.payable(part, free_fen=free_fen) if rules.pays(escrow) else 0
        if due:
            number += 1
            order = await _pay_part(work, escrow, part, due, no=number)
            escrow = await _paid(work, escrow, part, order, amount_fen=due)
            blocked = blocked or order is None
            free_fen -= due if order is not None else 0
            part = rules.moved(part, order)
        parts.append(part)
    if escrow.state == "active" and rules.is_complete(parts):
        escrow = await step(work, escrow, "completed", "clock")
        escrow = rules.end(escrow, "completed", reason=None, now=work.now)
    if escrow.state in ENDED and (rest := rules.returnable(parts, free_fen=free_fen)):
        order = await _give_back(work, escrow, rest, no=number + 1)
        if order is not None:
            escrow = await step(work, escrow, "returned", "clock", amount_fen=rest)
            free_fen -= rest
    case = Case(escrow=escrow, parts=parts, money=case.money)
    look_at = rules.next_look(case, now=work.now, terms=terms, free_fen=free_fen, blocked=blocked)
    await save(work, replace(escrow, look_at=look_at))


async def _paid(
    work: Work, escrow: Escrow, part: Part, order: Order | None, *, amount_fen: int
) -> Escrow:
    what: Step = "not_paid" if order is None else "paid"
    return await step(work, escrow, what, "clock", milestone_no=part.no, amount_fen=amount_fen)


async def _pay_part(
    work: Work, escrow: Escrow, part: Part, amount_fen: int, *, no: int
) -> Order | None:
    number = await work.vault.open(
        work,
        part.payee_sealed,
        scope=work.business_id,
        place=PAYEE,
        row_id=rules.row_of(escrow.id, part.no),
    )
    payee = Payee(name=part.payee_name, account_number=number, bank_code=part.payee_bank_code)
    new = rules.order(
        escrow,
        payee,
        amount_fen=amount_fen,
        purpose=part.purpose,
        memo=f"担保放款 {escrow.title} {part.title}",
    )
    return await _pay(work, escrow, new, no=no, kind="release", milestone_no=part.no)


async def _give_back(work: Work, escrow: Escrow, amount_fen: int, *, no: int) -> Order | None:
    payer = await deposits.own(work, account_id=escrow.account_id)
    bank = await policies.bank(work)
    payee = Payee(name=payer.name, account_number=payer.number, bank_code=bank.bank_code)
    new = rules.order(
        escrow,
        payee,
        amount_fen=amount_fen,
        purpose="own_account",
        memo=f"担保退回 {escrow.title}",
    )
    return await _pay(work, escrow, new, no=no, kind="return", milestone_no=None)


async def _pay(
    work: Work, escrow: Escrow, new: NewPayment, *, no: int, kind: str, milestone_no: int | None
) -> Order | None:
    """The order, or None where its payee takes nothing at present: then nothing was made."""
    try:
        async with work.savepoint():
            order = await payments.pay_secured(
                work,
                new=new,
                key=rules.key(escrow, no),
                made_by=escrow.made_by,
                way=rules.out_of(escrow),
            )
    except Refusal:
        return None
    await add_move(work, escrow, order, no=no, kind=kind, milestone_no=milestone_no)
    return order


async def add_move(
    work: Work, escrow: Escrow, order: Order, *, no: int, kind: str, milestone_no: int | None = None
) -> None:
    """Keep which payment order belongs to the agreement, and what it is for."""
    await work.run(
        sql.add_move,
        payment_id=order.id,
        escrow_id=escrow.id,
        no=no,
        kind=kind,
        milestone_no=milestone_no,
    )


async def save_words(work: Work, escrow: Escrow, part: Part) -> None:
    """Keep what both sides have let go of a milestone."""
    await work.run(
        sql.save_words,
        escrow_id=escrow.id,
        no=part.no,
        payer_word_fen=part.payer_word_fen,
        beneficiary_word_fen=part.beneficiary_word_fen,
        claimed_at=part.claimed_at,
    )


async def save(work: Work, escrow: Escrow) -> None:
    """Keep the agreement as decided; its beneficiary is told."""
    await work.run(
        sql.save_escrow,
        id=escrow.id,
        state=escrow.state,
        reason=escrow.reason,
        steps=escrow.steps,
        look_at=escrow.look_at,
        disputed_at=escrow.disputed_at,
        ended_at=escrow.ended_at,
    )
    await work.emit(
        EscrowChanged(escrow_id=escrow.id, beneficiary_business_id=escrow.beneficiary_business_id)
    )


async def step(
    work: Work, escrow: Escrow, what: Step, by: By, *, milestone_no: int | None = None,
    amount_fen: int | None = None, reason: str | None = None, word_id: UUID | None = None,
) -> Escrow:  # fmt: skip
    """A line of the agreement's history, its audit row and its live progress."""
    escrow = replace(escrow, steps=escrow.steps + 1)
    facts = {"milestone_no": milestone_no, "amount_fen": amount_fen}
    await work.run(
        sql.add_step, escrow_id=escrow.id, no=escrow.steps, step=what, by=by, reason=reason,
        word_id=word_id, **facts,
    )  # fmt: skip
    await work.record(f"escrow.{what}", object_id=escrow.id, by=by, **facts)
    await work.progress(escrow.id, what, by=by, **facts)
    return escrow


async def look(work: Work, *, escrow_id: UUID) -> None:
    """What time does to an agreement: rules speak where nobody objected, terms end, money that
    could not be paid is tried again."""
    case = await lock(work, escrow_id=escrow_id)
    escrow = case.escrow
    if escrow.state == "active":
        parts = [
            rules.by_silence(escrow, part, now=work.now, today=work.today) for part in case.parts
        ]
        for was, part in zip(case.parts, parts, strict=True):
            if part != was:
                await save_words(work, escrow, part)
                escrow = await step(work, escrow, "agreed", "clock", milestone_no=part.no,
                                    amount_fen=part.payer_word_fen)  # fmt: skip
        case = Case(escrow=escrow, parts=parts, money=case.money)
    if escrow.state in rules.OPEN and escrow.expires_at <= work.now:
        escrow = await step(work, escrow, "expired", "clock")
        ended = rules.end(escrow, "expired", reason=rules.EXPIRED, now=work.now)
        case = replace(case, escrow=ended)
    await go_on(work, case)


async def follow(work: Work, *, payment_id: UUID) -> None:
    """A payment order of an agreement is in another state: go on from there. A release that came
    back goes to the bank's desk, for it would only come back again."""
    move = await work.maybe(Move, sql.escrow_of_payment, payment_id=payment_id)
    if move is None:
        return
    case = await lock(work, escrow_id=move.escrow_id)
    order = await payments.lock(work, payment_id=payment_id)
    if order.from_account_id is not None and order.state in LOST:
        lost = [rules.renounce(part) for part in case.parts if part.no == move.milestone_no]
        for part in lost:
            await save_words(work, case.escrow, part)
        case = await lock(work, escrow_id=move.escrow_id)
        if case.escrow.state == "active":
            reason = f"付款未成功：{order.reason}"
            escrow = await step(work, case.escrow, "objected", "clock", reason=reason)
            escrow = rules.dispute(escrow, reason=reason, now=work.now)
            case = replace(case, escrow=escrow)
    await go_on(work, case)


# --- reads ---------------------------------------------------------------------------------------


async def get(work: Work, *, escrow_id: UUID) -> Agreement:
    """The agreement with its history, or EscrowNotFound."""
    escrow = await work.maybe(Escrow, sql.escrow, id=escrow_id)
    if escrow is None:
        raise EscrowNotFound(escrow_id=escrow_id)
    case = await _case(work, escrow)
    return Agreement(
        shown=rules.shown(case.escrow, case.parts, case.money),
        account_id=escrow.account_id,
        steps=await work.all(Recorded, sql.steps, id=escrow_id),
    )


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Shown]:
    """The agreements that this firm pays under, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Escrow, sql.escrows_page, after_at=after_at, after_id=after_id, limit=limit
    )
    shown = []
    for row in rows:
        case = await _case(work, row)
        shown.append(rules.shown(case.escrow, case.parts, case.money))
    return pages.page(shown, limit, lambda one: (one.created_at, one.id))


async def disputes(work: Work, *, after: str | None, limit: int) -> pages.Page[Dispute]:
    """What the desk must decide, the oldest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(Dispute, sql.disputes, after_at=after_at, after_id=after_id, limit=limit)
    return pages.page(rows, limit, lambda one: (one.disputed_at, one.id))


async def payer_name(work: Work, *, escrow_id: UUID) -> str:
    """In whose name the payer's account is."""
    escrow = await work.one(Escrow, sql.escrow, id=escrow_id)
    return (await deposits.own(work, account_id=escrow.account_id)).name


async def enter_firm_of(work: Work, *, escrow_id: UUID) -> None:
    """The bank's staff work in the payer's firm; EscrowNotFound."""
    business_id = await work.maybe(UUID, sql.firm_of_escrow, id=escrow_id)
    if business_id is None:
        raise EscrowNotFound(escrow_id=escrow_id)
    await work.set_business(business_id)
