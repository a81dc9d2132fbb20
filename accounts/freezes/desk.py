"""Orders of authorities, carried out by the bank's staff."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits import operations as deposits
from accounts.deposits.desk import STAFF
from accounts.deposits.model import AccountNotFound
from accounts.freezes import operations
from accounts.freezes.model import (
    AccountClosed,
    Deduction,
    Freeze,
    FreezeChanged,
    FreezeNotFound,
    FreezeNotOpen,
    History,
    Lifting,
    MoreThanFrozen,
    NewFreeze,
    NoMoreRenewals,
    Renewal,
    TermTooLong,
)
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from app.http import problems
from app.once import once
from app.work import Work


@post(
    "/accounts/{account_id:uuid}/freezes",
    guards=[STAFF],
    responses=problems(AccountNotFound, AccountClosed, TermTooLong),
)
@once
async def place_freeze(
    work: NamedDependency[Work], data: JSONBody[NewFreeze], account_id: FromPath[UUID]
) -> Freeze:
    """Freeze an account, or an amount on it, by an authority's order; in force or queued."""
    await deposits.enter_firm_of(work, account_id=account_id)
    return await operations.place(work, account_id=account_id, new=data)


@get("/accounts/{account_id:uuid}/freezes", guards=[STAFF], responses=problems(AccountNotFound))
async def list_freezes_of_account(
    work: NamedDependency[Work], account_id: FromPath[UUID]
) -> list[Freeze]:
    """Every order there was on an account, in their places."""
    await deposits.enter_firm_of(work, account_id=account_id)
    return await operations.of_account(work, account_id=account_id)


@get("/freezes/{freeze_id:uuid}", guards=[STAFF], responses=problems(FreezeNotFound))
async def read_freeze(work: NamedDependency[Work], freeze_id: FromPath[UUID]) -> History:
    """One order with everything that was done about it."""
    await operations.enter_firm_of(work, freeze_id=freeze_id)
    return await operations.history(work, freeze_id=freeze_id)


@post(
    "/freezes/{freeze_id:uuid}/renew",
    status_code=200,
    guards=[STAFF],
    responses=problems(FreezeNotFound, FreezeChanged, FreezeNotOpen, NoMoreRenewals, TermTooLong),
)
@once
async def renew_freeze(
    work: NamedDependency[Work], data: JSONBody[Renewal], freeze_id: FromPath[UUID]
) -> Freeze:
    """Renew an order before its term is over."""
    await operations.enter_firm_of(work, freeze_id=freeze_id)
    return await operations.renew(work, freeze_id=freeze_id, new=data)


@post(
    "/freezes/{freeze_id:uuid}/lift",
    status_code=200,
    guards=[STAFF],
    responses=problems(FreezeNotFound, FreezeChanged, FreezeNotOpen),
)
@once
async def lift_freeze(
    work: NamedDependency[Work], data: JSONBody[Lifting], freeze_id: FromPath[UUID]
) -> Freeze:
    """Lift an order by its authority; the next in the queue comes into force."""
    await operations.enter_firm_of(work, freeze_id=freeze_id)
    return await operations.lift(work, freeze_id=freeze_id, new=data)


@post(
    "/freezes/{freeze_id:uuid}/deduct",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        FreezeNotFound,
        FreezeChanged,
        FreezeNotOpen,
        MoreThanFrozen,
        InsufficientFunds,
        AccountRefusesPosting,
    ),
)
@once
async def deduct(
    work: NamedDependency[Work], data: JSONBody[Deduction], freeze_id: FromPath[UUID]
) -> Freeze:
    """Take money under an order; it waits in suspense to be handed to the authority."""
    await operations.enter_firm_of(work, freeze_id=freeze_id)
    return await operations.take(work, freeze_id=freeze_id, new=data)


router = Router(
    "/desk/v1",
    route_handlers=[
        place_freeze,
        list_freezes_of_account,
        read_freeze,
        renew_freeze,
        lift_freeze,
        deduct,
    ],
    tags=["desk: freezes"],
)
