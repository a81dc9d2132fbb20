"""The books over HTTP: chart, vouchers one by one and in bulk, reversal, the end of a month."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.http import allow, problems
from app.once import once
from app.pages import MAX_LIMIT, BadCursor, Cursor, Page
from app.work import Work
from bookkeeping.journal import operations
from bookkeeping.journal.model import (
    Account,
    AccountExists,
    AccountMisplaced,
    AccountUnknown,
    AlreadyReversed,
    BulkResults,
    DateOutOfRange,
    LineAmountInvalid,
    MonthClosing,
    NewAccount,
    NewReversal,
    NewVoucher,
    NewVouchers,
    Period,
    PeriodIsClosed,
    PeriodNotReady,
    Voucher,
    VoucherNotFound,
    VoucherUnbalanced,
)

# Litestar checks what stands in QueryParameter, not what stands in the type.
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT)]
WRITERS = allow("owner", "finance", "accountant")
READERS = allow("owner", "finance", "accountant")
BAD_VOUCHER = (
    VoucherUnbalanced,
    LineAmountInvalid,
    AccountUnknown,
    DateOutOfRange,
    PeriodIsClosed,
)


@post(
    "/accounts",
    status_code=201,
    guards=[WRITERS],
    responses=problems(AccountExists, AccountMisplaced),
)
@once
async def add_account(work: NamedDependency[Work], data: JSONBody[NewAccount]) -> Account:
    """Add an account of the firm's own to the standard chart."""
    return await operations.add_account(work, new=data)


@get("/accounts", guards=[READERS])
async def list_accounts(work: NamedDependency[Work]) -> list[Account]:
    """The chart of accounts."""
    return await operations.accounts(work)


@post("/vouchers", status_code=201, guards=[WRITERS], responses=problems(*BAD_VOUCHER))
@once
async def add_voucher(work: NamedDependency[Work], data: JSONBody[NewVoucher]) -> Voucher:
    """Write a voucher; it gets the next number of its month and never changes."""
    return await operations.add_voucher(work, new=data)


@post("/vouchers/bulk", status_code=200, guards=[WRITERS])
@once
async def add_vouchers(work: NamedDependency[Work], data: JSONBody[NewVouchers]) -> BulkResults:
    """Bring vouchers from other books: each is judged by itself, with a result per row."""
    return await operations.add_vouchers(work, new=data.vouchers)


@get("/vouchers", guards=[READERS], responses=problems(BadCursor))
async def list_vouchers(
    work: NamedDependency[Work],
    from_on: Annotated[date, QueryParameter(name="from")] = date(1990, 1, 1),
    until_on: Annotated[date, QueryParameter(name="until")] = date(2200, 1, 1),
    after: FromQuery[Cursor | None] = None,
    limit: PageSize = 50,
) -> Page[Voucher]:
    """Vouchers in the order of the books."""
    return await operations.vouchers(
        work, from_on=from_on, until_on=until_on, after=after, limit=limit
    )


@get("/vouchers/{voucher_id:uuid}", guards=[READERS], responses=problems(VoucherNotFound))
async def read_voucher(work: NamedDependency[Work], voucher_id: FromPath[UUID]) -> Voucher:
    """One voucher with its lines."""
    return await operations.voucher(work, voucher_id=voucher_id)


@post(
    "/vouchers/{voucher_id:uuid}/reverse",
    status_code=201,
    guards=[WRITERS],
    responses=problems(VoucherNotFound, AlreadyReversed, PeriodIsClosed, DateOutOfRange),
)
@once
async def reverse_voucher(
    work: NamedDependency[Work], data: JSONBody[NewReversal], voucher_id: FromPath[UUID]
) -> Voucher:
    """Take a voucher back by one in red letters; nothing is ever deleted."""
    return await operations.reverse(work, voucher_id=voucher_id, new=data)


@get("/periods", guards=[READERS])
async def list_periods(work: NamedDependency[Work]) -> list[Period]:
    """The months of the books, open and closed."""
    return await operations.periods(work)


@post(
    "/periods/close",
    status_code=200,
    guards=[WRITERS],
    responses=problems(PeriodIsClosed, PeriodNotReady),
)
@once
async def close_period(work: NamedDependency[Work], data: JSONBody[MonthClosing]) -> Period:
    """Close a month: income and expenses go to 3103, in December 3103 to 310405."""
    return await operations.close_period(work, month=data.month)


router = Router(
    "/v1/books",
    route_handlers=[
        add_account,
        list_accounts,
        add_voucher,
        add_vouchers,
        list_vouchers,
        read_voucher,
        reverse_voucher,
        list_periods,
        close_period,
    ],
    tags=["books"],
)
