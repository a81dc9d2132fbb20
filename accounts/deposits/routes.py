"""Accounts, balances and postings for the owner."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from accounts.deposits import operations
from accounts.deposits.model import (
    Account,
    AccountNotFound,
    BalanceAt,
    MomentInvalid,
    RangeInvalid,
)
from accounts.ledger.model import Posting
from app.http import allow, problems
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


router = Router(
    "/v1/accounts",
    route_handlers=[list_accounts, read_account, read_balance, list_postings],
    tags=["accounts"],
)
