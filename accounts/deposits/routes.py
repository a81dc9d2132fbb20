"""Accounts, balances and postings for the owner."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.deposits import operations
from accounts.deposits.model import (
    Account,
    AccountChanged,
    AccountNotFound,
    BalanceAt,
    CannotPayOnline,
    CurrenciesDiffer,
    MomentInvalid,
    Move,
    NewMove,
    NewSubAccount,
    NoSubAccountHere,
    NotOneFamily,
    NotYoursToSet,
    RangeInvalid,
    StateNotAllowed,
    Suspension,
)
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds, Posting
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

# Litestar enforces bounds of its own parameters only, not those of `Meta`.
READERS = allow("owner", "finance", "maker", "checker", "accountant")
FromOn = Annotated[date | None, QueryParameter(name="from", description="first business date")]
UntilOn = Annotated[
    date | None, QueryParameter(name="until", description="business date after the last")
]


@get("", guards=[READERS])
async def list_accounts(work: NamedDependency[Work]) -> list[Account]:
    """Every account of the firm with balance, holds and what is available."""
    return await operations.of_firm(work)


@get("/{account_id:uuid}", guards=[READERS], responses=problems(AccountNotFound))
async def read_account(work: NamedDependency[Work], account_id: FromPath[UUID]) -> Account:
    """One account with its money in one consistent read."""
    return await operations.get(work, account_id=account_id)


@get(
    "/{account_id:uuid}/balance",
    guards=[READERS],
    responses=problems(AccountNotFound, MomentInvalid),
)
async def read_balance(
    work: NamedDependency[Work], account_id: FromPath[UUID], at: FromQuery[datetime | None] = None
) -> BalanceAt:
    """The booked balance as of a moment (RFC 3339 with offset), by default now."""
    return await operations.balance_at(work, account_id=account_id, at=at or work.now)


@get(
    "/{account_id:uuid}/postings",
    guards=[READERS],
    responses=problems(AccountNotFound, RangeInvalid, BadCursor),
)
async def list_postings(
    work: NamedDependency[Work],
    account_id: FromPath[UUID],
    from_on: FromOn = None,
    until_on: UntilOn = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Posting]:
    """What was booked on the account in `[from, until)`, by default since it was opened."""
    return await operations.postings(
        work, account_id=account_id, from_on=from_on, until_on=until_on, after=after, limit=limit
    )


@post(
    "/{account_id:uuid}/suspension",
    status_code=200,
    guards=[allow("owner")],
    responses=problems(AccountNotFound, AccountChanged, StateNotAllowed, NotYoursToSet),
)
@once
async def suspend_account(
    work: NamedDependency[Work], data: JSONBody[Suspension], account_id: FromPath[UUID]
) -> Account:
    """Suspend paying online from this account at once, or resume it."""
    return await operations.suspend(work, account_id=account_id, new=data)


@post(
    "/{account_id:uuid}/sub-accounts",
    guards=[allow("owner", "finance")],
    responses=problems(AccountNotFound, NoSubAccountHere),
)
@once
async def open_sub_account(
    work: NamedDependency[Work], data: JSONBody[NewSubAccount], account_id: FromPath[UUID]
) -> Account:
    """Open a named account under this one, in yuan or another currency."""
    return await operations.open_sub_account(work, parent_id=account_id, new=data)


@post(
    "/{account_id:uuid}/moves",
    guards=[allow("owner", "finance")],
    responses=problems(
        AccountNotFound,
        NotOneFamily,
        CurrenciesDiffer,
        CannotPayOnline,
        InsufficientFunds,
        AccountRefusesPosting,
    ),
)
@once
async def move_money(
    work: NamedDependency[Work], data: JSONBody[NewMove], account_id: FromPath[UUID]
) -> Move:
    """Move money from this account to its sub-account, or back."""
    return await operations.move(work, account_id=account_id, new=data)


router = Router(
    "/v1/accounts",
    route_handlers=[
        list_accounts,
        read_account,
        read_balance,
        list_postings,
        suspend_account,
        open_sub_account,
        move_money,
    ],
    tags=["accounts"],
)
