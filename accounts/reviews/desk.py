"""The desk's queue of held payments: claim, look at the evidence, release or refuse."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.reviews import operations
from accounts.reviews.model import (
    AgreedAlready,
    Case,
    ClaimedBySomebody,
    ClaimFirst,
    Held,
    HeldLine,
    NewDecision,
    NotHeld,
    ReasonNeeded,
    ReviewClosed,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("reviewer", "supervisor")
ONE = "/{business_id:uuid}/{payment_id:uuid}"


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_held(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[HeldLine]:
    """What waits for a decision, the most urgent first."""
    return await operations.queue(work, after=after, limit=limit)


@get(ONE, guards=[STAFF], responses=problems(NotHeld))
async def read_held(
    work: NamedDependency[Work], business_id: FromPath[UUID], payment_id: FromPath[UUID]
) -> Case:
    """A held payment with what the monitors saw and what its owner says."""
    return await operations.read(work, business_id=business_id, payment_id=payment_id)


@post(
    f"{ONE}/claim",
    status_code=200,
    guards=[STAFF],
    responses=problems(NotHeld, ReviewClosed, ClaimedBySomebody, AgreedAlready),
)
@once
async def claim_held(
    work: NamedDependency[Work], business_id: FromPath[UUID], payment_id: FromPath[UUID]
) -> Held:
    """Take it for fifteen minutes; claiming it again renews the lease."""
    return await operations.claim(work, business_id=business_id, payment_id=payment_id)


@post(f"{ONE}/let-go", status_code=200, guards=[STAFF], responses=problems(NotHeld))
@once
async def let_go_held(
    work: NamedDependency[Work], business_id: FromPath[UUID], payment_id: FromPath[UUID]
) -> Held:
    """Let go of one's claim."""
    return await operations.let_go(work, business_id=business_id, payment_id=payment_id)


@post(
    f"{ONE}/decide",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        NotHeld, ReviewClosed, ClaimFirst, ClaimedBySomebody, AgreedAlready, ReasonNeeded
    ),
)
@once
async def decide_held(
    work: NamedDependency[Work],
    data: JSONBody[NewDecision],
    business_id: FromPath[UUID],
    payment_id: FromPath[UUID],
) -> Held:
    """Release or refuse; above the bank's amount two different people release."""
    return await operations.decide(work, business_id=business_id, payment_id=payment_id, new=data)


router = Router(
    "/desk/v1/payment-reviews",
    route_handlers=[list_held, read_held, claim_held, let_go_held, decide_held],
    tags=["desk: held payments"],
)
