"""The owner's door to account numbers: wish, see offers, hold one."""

from __future__ import annotations

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from accounts.numbers import operations
from accounts.numbers.model import (
    BranchCode,
    BranchNotFound,
    Hold,
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
) -> Offers:
    """Free numbers that fit a wish: digits, `repeated`, `rising` or `no4`. Nothing is held yet."""
    return await operations.offer(work, pattern=pattern, branch_code=branch)


@post(
    "/holds",
    guards=[allow("owner", "finance")],
    responses=problems(NumberNotOurs, NumberNotFree),
)
@once
async def hold_number(work: NamedDependency[Work], data: JSONBody[NewHold]) -> Hold:
    """Hold a number for thirty minutes; the firm's last hold is let go."""
    return await operations.hold(work, number=data.number)


router = Router(
    "/v1/account-numbers", route_handlers=[offer_numbers, hold_number], tags=["account numbers"]
)
