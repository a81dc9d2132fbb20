"""Places, renews, lifts and ends the orders of authorities, and carries out what they take."""

from collections.abc import Sequence
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.freezes import rules
from accounts.freezes.model import (
    AccountClosed,
    Authority,
    Deduction,
    Firm,
    Freeze,
    FreezeNotFound,
    History,
    Lifting,
    MoneyTaken,
    NewFreeze,
    Renewal,
    Step,
    StepKind,
    Term,
)
from accounts.ledger import operations as ledger
from accounts.policies import operations as policies
from accounts.suspense import operations as suspense
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def place(work: Work, *, account_id: UUID, new: NewFreeze) -> Freeze:
    """An authority's order, in force at once or queued behind one of the whole account.

    Raises AccountNotFound, AccountClosed or TermTooLong.
    """
    deposit = await deposits.lock(work, account_id=account_id)
    if deposit.state == "closed":
        raise AccountClosed(account_id=account_id)
    terms = await _terms(work)
    present = await _open(work, account_id)
    freeze_id = new_id()
    await work.run(
        sql.add,
        id=freeze_id,
        account_id=account_id,
        place=await work.one(int, sql.last_place, account_id=account_id) + 1,
        authority=new.authority,
        order_number=new.order_number,
        amount_fen=new.amount_fen,
        ends_at=rules.placed_end(new, present, terms=terms, now=work.now),
    )
    placed = await get(work, freeze_id=freeze_id)
    await _step(work, placed, "queued" if rules.waits(present) else "placed", new.order_number)
    await _arrange(work, account_id, [*present, placed], terms=terms)
    await work.record("freeze.placed", object_id=freeze_id, authority=new.authority)
    return await get(work, freeze_id=freeze_id)


async def renew(work: Work, *, freeze_id: UUID, new: Renewal) -> Freeze:
    """A new term before the old one is over. Raises FreezeNotFound and what `rules.renew` does."""
    freeze, _ = await _lock(work, freeze_id=freeze_id, version=new.version)
    renewed = rules.renew(freeze, until=new.until, terms=await _terms(work), now=work.now)
    await _save(work, renewed)
    await _step(work, renewed, "renewed", new.order_number)
    await work.record("freeze.renewed", object_id=freeze_id)
    return await get(work, freeze_id=freeze_id)


async def lift(work: Work, *, freeze_id: UUID, new: Lifting) -> Freeze:
    """Its authority ends it; the next in the queue moves up. FreezeNotFound, FreezeNotOpen."""
    freeze, present = await _lock(work, freeze_id=freeze_id, version=new.version)
    lifted = rules.lift(freeze, now=work.now)
    await _save(work, lifted)
    await _step(work, lifted, "lifted", new.order_number)
    rest = [one for one in present if one.id != freeze_id]
    await _arrange(work, freeze.account_id, rest, terms=await _terms(work))
    await work.record("freeze.lifted", object_id=freeze_id)
    return await get(work, freeze_id=freeze_id)


async def take(work: Work, *, freeze_id: UUID, new: Deduction) -> Freeze:
    """Money taken under an order in force goes to the bank's side, to be handed over (扣划).

    Raises FreezeNotFound, FreezeNotOpen, MoreThanFrozen, and the ledger's refusals.
    """
    freeze, present = await _lock(work, freeze_id=freeze_id, version=new.version)
    money = await ledger.balance(work, account_id=freeze.account_id)
    taken = rules.take(
        present,
        freeze,
        amount_fen=new.amount_fen,
        money_fen=money.balance_fen - money.held_fen,
        now=work.now,
    )
    await _save(work, taken)
    await _step(work, taken, "taken", new.order_number, amount_fen=new.amount_fen)
    if taken.state == "used":
        await _step(work, taken, "used", new.order_number)
    await _open_for_the_order(work, freeze)
    item_id = new_id()
    entry = rules.deduction(
        freeze,
        item_id,
        amount_fen=new.amount_fen,
        suspense_id=await ledger.bank_side(work, kind="suspense"),
        order_number=new.order_number,
    )
    await ledger.post(work, entries=[entry])
    await suspense.note(
        work,
        item_id=item_id,
        source="deduction",
        source_key=str(item_id),
        account_id=freeze.account_id,
        amount_fen=new.amount_fen,
        reason=new.order_number,
    )
    rest = [taken if one.id == freeze_id else one for one in present]
    await _arrange(work, freeze.account_id, rest, terms=await _terms(work))
    await work.record("freeze.taken", object_id=freeze_id)
    await work.emit(
        MoneyTaken(item_id=item_id, account_id=freeze.account_id, amount_fen=new.amount_fen)
    )
    return await get(work, freeze_id=freeze_id)


async def _open_for_the_order(work: Work, freeze: Freeze) -> None:
    """For the deduction itself nothing is frozen; in the same transaction all is again, and the
    account's row stays locked in between."""
    await deposits.obey(
        work, account_id=freeze.account_id, ordered="active", frozen_fen=0, tell=False
    )


async def end_terms(work: Work, *, account_id: UUID) -> int:
    """Orders whose term is over lapse and the next ones move up; how many lapsed."""
    await deposits.lock(work, account_id=account_id)
    present = await _open(work, account_id)
    arranged = await _arrange(work, account_id, present, terms=await _terms(work))
    return sum(one.state == "lapsed" for one in arranged)


async def _arrange(
    work: Work,
    account_id: UUID,
    present: Sequence[Freeze],
    *,
    terms: dict[Authority, Term],
) -> list[Freeze]:
    """The queue as it stands now, and what follows from it on the account."""
    arranged = rules.arrange(present, terms=terms, now=work.now)
    before = {one.id: one for one in present}
    for one in arranged:
        if one != before[one.id]:
            await _save(work, one)
            step: StepKind = "lapsed" if one.state == "lapsed" else "in_force"
            await _step(work, one, step, one.order_number)
    await deposits.obey(
        work,
        account_id=account_id,
        ordered=rules.ordered(arranged),
        frozen_fen=rules.frozen_fen(arranged),
    )
    return arranged


async def _terms(work: Work) -> dict[Authority, Term]:
    return await policies.value(work, kind="deposits.freeze_terms", shape=dict[Authority, Term])


async def _open(work: Work, account_id: UUID) -> list[Freeze]:
    return await work.all(Freeze, sql.open_freezes, account_id=account_id)


async def _lock(work: Work, *, freeze_id: UUID, version: int) -> tuple[Freeze, list[Freeze]]:
    """The order and all open ones of its account, under the account's lock."""
    account_id = (await get(work, freeze_id=freeze_id)).account_id
    await deposits.lock(work, account_id=account_id)
    present = await _open(work, account_id)
    freeze = next((one for one in present if one.id == freeze_id), None)
    if freeze is None:
        freeze = await get(work, freeze_id=freeze_id)
    rules.seen(freeze, version=version)
    return freeze, present


async def _save(work: Work, freeze: Freeze) -> None:
    await work.run(
        sql.save,
        id=freeze.id,
        state=freeze.state,
        taken_fen=freeze.taken_fen,
        renewals=freeze.renewals,
        in_force_at=freeze.in_force_at,
        ends_at=freeze.ends_at,
        ended_at=freeze.ended_at,
    )


async def _step(
    work: Work, freeze: Freeze, step: StepKind, order_number: str, *, amount_fen: int | None = None
) -> None:
    await work.run(
        sql.add_step,
        freeze_id=freeze.id,
        step=step,
        order_number=order_number,
        amount_fen=freeze.amount_fen if amount_fen is None else amount_fen,
        ends_at=freeze.ends_at,
        staff_id=work.actor.staff_id,
    )


async def get(work: Work, *, freeze_id: UUID) -> Freeze:
    """One order, or FreezeNotFound."""
    freeze = await work.maybe(Freeze, sql.freeze, id=freeze_id)
    if freeze is None:
        raise FreezeNotFound(freeze_id=freeze_id)
    return freeze


async def history(work: Work, *, freeze_id: UUID) -> History:
    """One order with everything done about it, or FreezeNotFound."""
    freeze = await get(work, freeze_id=freeze_id)
    return History(freeze=freeze, steps=await work.all(Step, sql.steps, freeze_id=freeze_id))


async def of_account(work: Work, *, account_id: UUID) -> list[Freeze]:
    """Every order there was on an account, in their places; AccountNotFound."""
    await deposits.own(work, account_id=account_id)
    return await work.all(Freeze, sql.freezes, account_id=account_id)


async def enter_firm_of(work: Work, *, freeze_id: UUID) -> None:
    """The bank's staff work in the firm whose account is frozen; FreezeNotFound."""
    firm = await work.maybe(Firm, sql.firm_of_freeze, id=freeze_id)
    if firm is None:
        raise FreezeNotFound(freeze_id=freeze_id)
    await work.set_business(firm.business_id)


async def ring_for_terms(work: Work, *, most: int) -> int:
    """Over all firms, as `nightly`: how many accounts were rung for because a term is over."""
    return await work.one(int, sql.ring_for_terms, most=most)
