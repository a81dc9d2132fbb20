"""Settles interest over all firms, pays it, and shows an owner how it was reckoned."""

from datetime import date
from uuid import UUID

import msgspec

from accounts.deposits import operations as deposits
from accounts.deposits.model import Place
from accounts.interest import rules
from accounts.interest.model import (
    Accrued,
    Due,
    Interest,
    InterestPaid,
    Running,
    Settlement,
)
from accounts.ledger import operations as ledger
from app.queries import load
from app.work import Work

sql = load(__name__)


async def settle(work: Work, *, on: date, after: Place, most: int) -> list[Place]:
    """Over all firms, as `nightly`: the ended quarters of the next accounts before a date."""
    return await work.all(
        Place,
        sql.settle,
        on=on,
        after_business=after.business_id,
        after=after.account_id,
        most=most,
    )


async def pay_due(work: Work, *, most: int) -> int:
    """Over all firms, as `nightly`: book what is due and can be, in one posting; how many."""
    due = await work.all(Due, sql.take_due, most=most)
    if due:
        payable = await ledger.bank_sides(
            work, businesses=sorted({one.business_id for one in due}), kind="interest_payable"
        )
        await ledger.post(
            work,
            entries=[rules.entry(one, payable_id=payable[one.business_id]) for one in due],
        )
    return len(due)


async def settle_last(work: Work, *, account_id: UUID) -> int:
    """Settle and pay an account's interest up to yesterday, before it is closed; the fen paid.

    Raises AccountNotFound, AccountRefusesPosting.
    """
    deposit = await deposits.lock(work, account_id=account_id)
    accrued = await _accrued(work, account_id)
    if deposit.bears_interest and accrued.from_on < accrued.until_on:
        await work.run(
            sql.add,
            account_id=account_id,
            from_on=accrued.from_on,
            until_on=accrued.until_on,
            parts=msgspec.to_builtins(accrued.parts),
            interest_fen=accrued.interest_fen,
        )
    due = await work.all(Due, sql.pay_due_of, account_id=account_id)
    if not due:
        return 0
    payable_id = await ledger.bank_side(work, kind="interest_payable")
    await ledger.post(work, entries=[rules.entry(one, payable_id=payable_id) for one in due])
    for one in due:
        await work.emit(
            InterestPaid(
                account_id=account_id,
                until_on=one.until_on,
                amount_fen=one.interest_fen,
                paid_on=work.today,
            )
        )
    return sum(one.interest_fen for one in due)


async def of_account(work: Work, *, account_id: UUID) -> Interest:
    """How an account's interest is reckoned: what is under way and what was settled.

    Raises AccountNotFound.
    """
    deposit = await deposits.own(work, account_id=account_id)
    return Interest(
        bears_interest=deposit.bears_interest,
        accrued=await _accrued(work, account_id),
        settled=await work.all(Settlement, sql.settlements, account_id=account_id),
    )


async def _accrued(work: Work, account_id: UUID) -> Accrued:
    running = await work.one(Running, sql.running, account_id=account_id)
    return Accrued(
        from_on=running.from_on,
        until_on=max(running.from_on, work.today),
        parts=running.parts,
        interest_fen=rules.interest_fen(running.parts),
    )
