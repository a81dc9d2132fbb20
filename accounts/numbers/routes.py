"""The owner's door to account numbers: wish, see offers, hold one."""

from __future__ import annotations

from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.numbers import operations
from accounts.numbers.model import (
    AccountClass,
    AccountNumber,
    BranchCode,
    BranchNotFound,
    Hold,
    HoldExpired,
    Holds,
    NewHold,
    NumberNotFree,
    NumberNotOurs,
    NumberPattern,
    Offers,
    PatternImpossible,
)
from app.http import allow, problems
from app.once import once
from app.work import Work


@get(
    "/offers",
    guards=[allow("owner", "finance")],
    responses=problems(BranchNotFound, PatternImpossible),
)
async def offer_numbers(
    work: NamedDependency[Work],
    pattern: FromQuery[NumberPattern],
    branch: FromQuery[BranchCode] = "0001",
    account_class: FromQuery[AccountClass] = "basic",
) -> Offers:
    """Free numbers that fit a wish, the best first: digits, a word like `repeated` or `eights`, or
    `birthday:19900307`. Nothing is held yet."""
    return await operations.offer(
        work, pattern=pattern, branch_code=branch, account_class=account_class
    )


@post(
    "/holds",
    guards=[allow("owner", "finance")],
    responses=problems(NumberNotOurs, NumberNotFree),
)
@once
async def hold_number(work: NamedDependency[Work], data: JSONBody[NewHold]) -> Hold:
    """Hold a number for half an hour; the firm's last hold is let go."""
    return await operations.hold(work, number=data.number)


@get("/holds", guards=[allow("owner", "finance")], responses=problems())
async def list_holds(work: NamedDependency[Work]) -> Holds:
    """The number held for the firm and until when, and those its applications keep."""
    return Holds(items=await operations.holds(work))


@delete("/holds/{number:str}", guards=[allow("owner", "finance")], responses=problems(HoldExpired))
async def let_go_of_number(work: NamedDependency[Work], number: FromPath[AccountNumber]) -> None:
    """Let go of a held number: others may have it at once."""
    await operations.let_go(work, number=number)


router = Router(
    "/v1/account-numbers",
    route_handlers=[offer_numbers, hold_number, list_holds, let_go_of_number],
    tags=["account numbers"],
)
