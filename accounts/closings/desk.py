"""The desk's side of closing accounts."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.closings import operations
from accounts.closings.model import (
    Closing,
    ClosingChanged,
    ClosingNotFound,
    ClosingRequest,
    Rejection,
    RestCannotGoThere,
    Seen,
)
from accounts.deposits.desk import STAFF
from accounts.deposits.model import DebtLeft, MoneyLeft, OtherAccountsOpen, StateNotAllowed
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from app.http import problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_open_closings(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[ClosingRequest]:
    """Accounts that their owners want closed, oldest first."""
    return await operations.queue(work, after=after, limit=limit)


@post(
    "/{closing_id:uuid}/settle",
    status_code=200,
    guards=[STAFF],
    responses=problems(ClosingNotFound, ClosingChanged, AccountRefusesPosting),
)
@once
async def settle_closing(
    work: NamedDependency[Work], data: JSONBody[Seen], closing_id: FromPath[UUID]
) -> Closing:
    """Pay the last interest, so that the owner can take everything away."""
    await operations.enter_firm_of(work, closing_id=closing_id)
    return await operations.settle(work, closing_id=closing_id, version=data.version)


@post(
    "/{closing_id:uuid}/close",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        ClosingNotFound,
        ClosingChanged,
        StateNotAllowed,
        MoneyLeft,
        OtherAccountsOpen,
        DebtLeft,
        RestCannotGoThere,
        InsufficientFunds,
        AccountRefusesPosting,
    ),
)
@once
async def close_account(
    work: NamedDependency[Work], data: JSONBody[Seen], closing_id: FromPath[UUID]
) -> Closing:
    """Settle the last interest, move the rest where the owner said, and close the account."""
    await operations.enter_firm_of(work, closing_id=closing_id)
    return await operations.close(work, closing_id=closing_id, version=data.version)


@post(
    "/{closing_id:uuid}/refuse",
    status_code=200,
    guards=[STAFF],
    responses=problems(ClosingNotFound, ClosingChanged),
)
@once
async def refuse_closing(
    work: NamedDependency[Work], data: JSONBody[Rejection], closing_id: FromPath[UUID]
) -> Closing:
    """Do not close the account, and say why."""
    await operations.enter_firm_of(work, closing_id=closing_id)
    return await operations.refuse(
        work, closing_id=closing_id, version=data.version, reason=data.reason
    )


router = Router(
    "/desk/v1/closings",
    route_handlers=[list_open_closings, settle_closing, close_account, refuse_closing],
    tags=["desk: closings"],
)
