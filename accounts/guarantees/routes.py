"""The beneficiary's door: see the money that waits, accept, deliver, object, give up."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from accounts.deposits.routes import READERS
from accounts.guarantees import operations
from accounts.guarantees.model import (
    Guarantee,
    GuaranteeNotFound,
    GuaranteeNotOpen,
    NewDelivery,
    NewObjection,
    NoSuchMilestone,
    Renunciation,
)
from accounts.payments.routes import MAKERS
from app.http import allow, problems, progress_stream
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

DECIDERS = allow("owner", "finance")
WORDS = problems(GuaranteeNotFound, GuaranteeNotOpen)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_guarantees(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Guarantee]:
    """Agreements in which this firm is the beneficiary, newest first."""
    return await operations.search(work, after=after, limit=limit)


@get("/{guarantee_id:uuid}", guards=[READERS], responses=problems(GuaranteeNotFound))
async def read_guarantee(work: NamedDependency[Work], guarantee_id: FromPath[UUID]) -> Guarantee:
    """One agreement: `secured_fen` is there and cannot be used otherwise."""
    return await operations.get(work, guarantee_id=guarantee_id)


@get(
    "/{guarantee_id:uuid}/progress",
    guards=[READERS],
    responses=problems(GuaranteeNotFound),
    media_type="text/event-stream",
)
async def follow_guarantee(
    work: NamedDependency[Work], request: Request[Any, Any, Any], guarantee_id: FromPath[UUID]
) -> Stream:
    """What happens to the agreement, as Server-Sent Events."""
    await operations.get(work, guarantee_id=guarantee_id)
    return progress_stream(request, guarantee_id)


@post("/{guarantee_id:uuid}/accept", status_code=200, guards=[DECIDERS], responses=WORDS)
@once
async def accept_guarantee(work: NamedDependency[Work], guarantee_id: FromPath[UUID]) -> Guarantee:
    """Agree to the terms; from then on the payer alone cannot take the money back."""
    return await operations.say(work, guarantee_id=guarantee_id, word="accept")


@post("/{guarantee_id:uuid}/decline", status_code=200, guards=[DECIDERS], responses=WORDS)
@once
async def decline_guarantee(
    work: NamedDependency[Work], data: JSONBody[Renunciation], guarantee_id: FromPath[UUID]
) -> Guarantee:
    """Refuse the terms; what was put in goes back."""
    return await operations.say(work, guarantee_id=guarantee_id, word="decline", reason=data.reason)


@post(
    "/{guarantee_id:uuid}/deliver",
    status_code=200,
    guards=[MAKERS],
    responses=problems(GuaranteeNotFound, GuaranteeNotOpen, NoSuchMilestone),
)
@once
async def deliver_milestone(
    work: NamedDependency[Work], data: JSONBody[NewDelivery], guarantee_id: FromPath[UUID]
) -> Guarantee:
    """Say that a milestone, or a part of it, is delivered."""
    return await operations.say(
        work,
        guarantee_id=guarantee_id,
        word="deliver",
        milestone_no=data.milestone_no,
        amount_fen=data.amount_fen,
    )


@post(
    "/{guarantee_id:uuid}/object",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(GuaranteeNotFound, GuaranteeNotOpen, NoSuchMilestone),
)
@once
async def object_as_beneficiary(
    work: NamedDependency[Work], data: JSONBody[NewObjection], guarantee_id: FromPath[UUID]
) -> Guarantee:
    """Take the matter to the bank; nothing more is released until it has decided."""
    return await operations.say(
        work,
        guarantee_id=guarantee_id,
        word="object",
        milestone_no=data.milestone_no,
        reason=data.reason,
    )


@post("/{guarantee_id:uuid}/renounce", status_code=200, guards=[DECIDERS], responses=WORDS)
@once
async def renounce_guarantee(
    work: NamedDependency[Work], data: JSONBody[Renunciation], guarantee_id: FromPath[UUID]
) -> Guarantee:
    """Give up what has not been released; it goes back to the payer."""
    return await operations.say(
        work, guarantee_id=guarantee_id, word="renounce", reason=data.reason
    )


router = Router(
    "/v1/guarantees",
    route_handlers=[
        list_guarantees,
        read_guarantee,
        follow_guarantee,
        accept_guarantee,
        decline_guarantee,
        deliver_milestone,
        object_as_beneficiary,
        renounce_guarantee,
    ],
    tags=["escrow"],
)
