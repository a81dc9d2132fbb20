"""Opens deposit accounts, shows them with their money, and sets their states."""

from datetime import date, datetime
from uuid import UUID

from accounts.deposits import rules
from accounts.deposits.model import (
    Account,
    AccountChanged,
    AccountClass,
    AccountNotFound,
    BalanceAt,
    Deposit,
    Holder,
    NewState,
)
from accounts.ledger import operations as ledger
from accounts.ledger.model import Posting
from app.pages import Page
from app.queries import load
from app.work import Work

sql = load(__name__)


async def open(work: Work, *, number: str, name: str, account_class: AccountClass) -> UUID:
    """Open an account under a number of ours, in the name on the licence; its id.

    The number is unique in the bank, and a firm has one basic account: a second is refused.
    """
    account_id = await ledger.open_account(work)
    await work.run(
        sql.add_deposit, id=account_id, number=number, name=name, account_class=account_class
    )
    await work.run(sql.add_to_directory, number=number, account_id=account_id, name=name)
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


async def set_state(work: Work, *, account_id: UUID, new: NewState) -> Account:
    """Set or lift a state on somebody's order; the ledger refuses accordingly from then on.

    Raises AccountNotFound, AccountChanged, and what `rules.change` and `rules.close` raise.
    """
    deposit = await work.maybe(Deposit, sql.lock_deposit, id=account_id)
    if deposit is None:
        raise AccountNotFound(account_id=account_id)
    if deposit.version != new.version:
        raise AccountChanged(account_id=account_id, version=deposit.version)
    changed = await _decide(work, deposit, new)
    await work.run(
        sql.save_state,
        id=account_id,
        state=changed.state,
        state_reason=changed.state_reason,
        state_set_by=changed.state_set_by,
        state_until=changed.state_until,
        closed_on=changed.closed_on,
        version=changed.version,
    )
    await ledger.set_state(work, account_id=account_id, state=rules.LEDGER_STATE[changed.state])
    await work.record("account.state", object_id=account_id, state=changed.state, by=new.by)
    return await get(work, account_id=account_id)


async def _decide(work: Work, deposit: Deposit, new: NewState) -> Deposit:
    if new.state != "closed":
        return rules.change(
            deposit, new.state, by=new.by, reason=new.reason, until=new.until, now=work.now
        )
    money = await ledger.balance(work, account_id=deposit.id)
    return rules.close(
        deposit,
        balance_fen=money.balance_fen,
        held_fen=money.held_fen,
        away_fen=await work.one(int, sql.away, id=deposit.id),
        others_open=await work.one(int, sql.others_open, id=deposit.id),
        now=work.now,
        reason=new.reason,
        on=work.today,
    )


async def enter_firm_of(work: Work, *, account_id: UUID) -> None:
    """The bank's staff work in the firm whose account it is; AccountNotFound."""
    business_id = await work.maybe(UUID, sql.firm_of_account, id=account_id)
    if business_id is None:
        raise AccountNotFound(account_id=account_id)
    await work.set_business(business_id)
