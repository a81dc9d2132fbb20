"""Opens deposit accounts, shows them with their money, and sets their states."""

from datetime import date, datetime
from uuid import UUID

from accounts.deposits import rules
from accounts.deposits.model import (
    Account,
    AccountClass,
    AccountNotFound,
    BalanceAt,
    Deposit,
    Dormancy,
    Holder,
    Leftovers,
    Move,
    NewMove,
    NewState,
    NewSubAccount,
    Ordered,
    Place,
    State,
    StateChanged,
    Suspension,
)
from accounts.ledger import operations as ledger
from accounts.ledger.model import Posting
from app.ids import new_id
from app.pages import Page
from app.queries import load
from app.work import Work

sql = load(__name__)


async def open(
    work: Work,
    *,
    number: str,
    name: str,
    account_class: AccountClass,
    currency: str = rules.PAYING_CURRENCY,
    parent_id: UUID | None = None,
    label: str = "",
    bears_interest: bool = True,
) -> UUID:
    """Open an account in one currency under a number of ours, in the name on the licence; its id.

    The number is unique in the bank, and a firm has one basic account: a second is refused.
    """
    account_id = await ledger.open_account(work, currency=currency)
    await work.run(
        sql.add_deposit,
        id=account_id,
        number=number,
        name=name,
        account_class=account_class,
        currency=currency,
        parent_id=parent_id,
        label=label,
        bears_interest=bears_interest,
    )
    await work.run(
        sql.add_to_directory, number=number, account_id=account_id, name=name, currency=currency
    )
    await work.record("account.opened", object_id=account_id, account_class=account_class)
    return account_id


async def of_firm(work: Work) -> list[Account]:
    """Every account of the firm with balance, holds and what is available."""
    return await work.all(Account, sql.accounts_of_firm)


async def get(work: Work, *, account_id: UUID) -> Account:
    """One account with its money, or AccountNotFound."""
    account = await work.maybe(Account, sql.account, id=account_id)
    if account is None:
        raise AccountNotFound(account_id=account_id)
    return account


async def own(work: Work, *, account_id: UUID) -> Deposit:
    """The account's own row, or AccountNotFound."""
    deposit = await work.maybe(Deposit, sql.deposit, id=account_id)
    if deposit is None:
        raise AccountNotFound(account_id=account_id)
    return deposit


async def holder(work: Work, *, number: str) -> Holder | None:
    """Whose account of this bank a number is."""
    return await work.maybe(Holder, sql.holder_of, number=number)


async def holders(work: Work, *, numbers: list[str]) -> dict[str, Holder]:
    """Whose accounts of this bank these numbers are; numbers of nobody are left out."""
    found = await work.all(Holder, sql.holders_of, numbers=numbers)
    return {holder.number: holder for holder in found}


async def balance_at(work: Work, *, account_id: UUID, at: datetime) -> BalanceAt:
    """The booked balance as of a moment; AccountNotFound or MomentInvalid."""
    rules.sound_moment(at)
    deposit = await own(work, account_id=account_id)
    balance_fen = await ledger.balance_at(work, account_id=account_id, at=at)
    return BalanceAt(
        account_id=account_id, at=at, balance_fen=balance_fen, currency=deposit.currency
    )


async def postings(
    work: Work,
    *,
    account_id: UUID,
    from_on: date | None,
    until_on: date | None,
    after: str | None,
    limit: int,
) -> Page[Posting]:
    """What was booked in `[from_on, until_on)`; AccountNotFound or RangeInvalid."""
    deposit = await own(work, account_id=account_id)
    days = rules.days_of(deposit, from_on=from_on, until_on=until_on, today=work.today)
    return await ledger.postings(
        work,
        account_id=account_id,
        from_on=days.from_on,
        until_on=days.until_on,
        after=after,
        limit=limit,
    )


async def lock(work: Work, *, account_id: UUID) -> Deposit:
    """The account's own row under its lock, or AccountNotFound: one change of state at a time."""
    deposit = await work.maybe(Deposit, sql.lock_deposit, id=account_id)
    if deposit is None:
        raise AccountNotFound(account_id=account_id)
    return deposit


async def set_state(work: Work, *, account_id: UUID, new: NewState) -> Account:
    """Set or lift a restriction for the bank or the owner; the ledger obeys from then on.

    Raises AccountNotFound, AccountChanged, and what `rules.change` raises.
    """
    deposit = await lock(work, account_id=account_id)
    rules.seen(deposit, version=new.version)
    changed = rules.change(
        deposit,
        new.state,
        by=new.by,
        reason=new.reason,
        until=new.until,
        now=work.now,
        verified=new.verified,
    )
    await save(work, deposit, changed, by=new.by)
    return await get(work, account_id=account_id)


async def suspend(work: Work, *, account_id: UUID, new: Suspension) -> Account:
    """The owner suspends paying online or resumes it; raises like `set_state`."""
    deposit = await lock(work, account_id=account_id)
    rules.seen(deposit, version=new.version)
    to: State = "suspended_noncounter" if new.suspended else "active"
    changed = rules.change(deposit, to, by="owner", reason=new.reason, until=None, now=work.now)
    await save(work, deposit, changed, by="owner")
    return await get(work, account_id=account_id)


async def obey(
    work: Work, *, account_id: UUID, ordered: Ordered, frozen_fen: int, tell: bool = True
) -> None:
    """What authorities order now stands on the account, and the ledger holds it."""
    deposit = await lock(work, account_id=account_id)
    if ordered != deposit.ordered:
        await save(work, deposit, rules.under_order(deposit, ordered), by="order", tell=False)
    await ledger.set_frozen(work, account_id=account_id, frozen_fen=frozen_fen)
    if tell:
        account = await get(work, account_id=account_id)
        await work.emit(
            StateChanged(account_id=account_id, state=account.state, frozen_fen=frozen_fen)
        )


async def close(work: Work, *, account_id: UUID, reason: str) -> Account:
    """Close an empty account; raises what `rules.close` raises."""
    deposit = await lock(work, account_id=account_id)
    facts = await in_the_way(work, account_id=account_id)
    closed = rules.close(deposit, facts, reason=reason, on=work.today)
    await save(work, deposit, closed, by="bank")
    return await get(work, account_id=account_id)


async def in_the_way(work: Work, *, account_id: UUID) -> Leftovers:
    """What still stands on the account, is on its way from it, or is to be closed before it."""
    money = await ledger.balance(work, account_id=account_id)
    return Leftovers(
        balance_fen=money.balance_fen,
        held_fen=money.held_fen,
        away_fen=await work.one(int, sql.away, id=account_id),
        others_open=await work.one(int, sql.others_open, id=account_id),
        owed_fen=await work.one(int, sql.owed),
    )


async def bear_interest(work: Work, *, account_id: UUID, bears: bool) -> None:
    """Whether the account earns interest from today on."""
    await work.run(sql.bear_interest, id=account_id, bears=bears)


async def become_dormant(work: Work, *, account_id: UUID) -> bool:
    """A month after its notice a quiet account is set aside; False where it is quiet no more."""
    deposit = await lock(work, account_id=account_id)
    if deposit.state != "active" or not await work.maybe(bool, sql.is_quiet, id=account_id):
        return False
    changed = rules.change(
        deposit, "dormant", by="system", reason="久悬未取", until=None, now=work.now
    )
    await save(work, deposit, changed, by="system")
    return True


async def ring_for_quiet(work: Work, *, terms: Dormancy, after: Place, most: int) -> list[Place]:
    """Over all firms, as `nightly`: the next accounts that are told, or whose notice is over."""
    return await work.all(
        Place,
        sql.ring_for_quiet,
        months=terms.quiet_months,
        notice_days=terms.notice_days,
        after_business=after.business_id,
        after=after.account_id,
        most=most,
    )


async def save(work: Work, was: Deposit, changed: Deposit, *, by: str, tell: bool = True) -> None:
    """Keep a decided state; the ledger is told where it lets through something else."""
    await work.run(
        sql.save_state,
        id=changed.id,
        state=changed.state,
        restriction=changed.restriction,
        ordered=changed.ordered,
        state_reason=changed.state_reason,
        state_set_by=changed.state_set_by,
        state_until=changed.state_until,
        closed_on=changed.closed_on,
        version=changed.version,
    )
    state = rules.ledger_state(changed)
    if state != rules.ledger_state(was):
        await ledger.set_state(work, account_id=changed.id, state=state)
    await work.record("account.state", object_id=changed.id, state=changed.state, by=by)
    if tell and changed.state != was.state:
        account = await get(work, account_id=changed.id)
        await work.emit(
            StateChanged(account_id=changed.id, state=changed.state, frozen_fen=account.frozen_fen)
        )


async def open_sub_account(work: Work, *, parent_id: UUID, new: NewSubAccount) -> Account:
    """A named account under a main one, with a number of its own; NoSubAccountHere."""
    parent = await lock(work, account_id=parent_id)
    present = await work.one(int, sql.sub_accounts, id=parent_id)
    account_id = await open(
        work,
        number=rules.sub_number(parent, present=present),
        name=parent.name,
        account_class="sub",
        currency=new.currency,
        parent_id=parent_id,
        label=new.label,
        bears_interest=parent.bears_interest and new.currency == rules.PAYING_CURRENCY,
    )
    return await get(work, account_id=account_id)


async def move(work: Work, *, account_id: UUID, new: NewMove) -> Move:
    """Move money within one main account and its sub-accounts, by one posting.

    Raises AccountNotFound, what `rules.move_entry` raises, and the ledger's refusals.
    """
    from_ = await own(work, account_id=account_id)
    to = await own(work, account_id=new.to_account_id)
    move_id = new_id()
    await ledger.post(work, entries=[rules.move_entry(move_id, new, from_=from_, to=to)])
    await work.record("account.moved", object_id=move_id)
    return await work.one(
        Move,
        sql.add_move,
        id=move_id,
        from_account_id=account_id,
        to_account_id=new.to_account_id,
        amount_fen=new.amount_fen,
        currency=from_.currency,
        memo=new.memo,
    )


async def enter_firm_of(work: Work, *, account_id: UUID) -> None:
    """The bank's staff work in the firm whose account it is; AccountNotFound."""
    business_id = await work.maybe(UUID, sql.firm_of_account, id=account_id)
    if business_id is None:
        raise AccountNotFound(account_id=account_id)
    await work.set_business(business_id)
