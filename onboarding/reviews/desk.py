"""The reviewers' door: the queue in risk order, claim, read the evidence, decide."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from app.approvals.model import AlreadyDecided, DecidedByYou, SelfApproval, StaleVersion
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work
from onboarding.applications.model import ApplicationNotOpen
from onboarding.reviews import operations
from onboarding.reviews.model import (
    AlreadyYours,
    ClaimedByAnother,
    CodesNeeded,
    Interest,
    NewDecision,
    NewInterest,
    NotClaimed,
    OwnFirm,
    Review,
    ReviewNotFound,
    ReviewNotOpen,
    ReviewRow,
)

REVIEWERS = allow("reviewer", "supervisor")


@get("", guards=[REVIEWERS], responses=problems(BadCursor))
async def list_reviews(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[ReviewRow]:
    """The queue: what is open, the riskiest first, then the oldest."""
    key = None
    if after is not None:
        calm, opened_at, review_id = decode_cursor(after, int, datetime, UUID)
        key = (calm, opened_at, review_id)
    return await operations.queue(work, after=key, limit=limit)


@get("/{review_id:uuid}", guards=[REVIEWERS], responses=problems(ReviewNotFound))
async def read_review(work: NamedDependency[Work], review_id: FromPath[UUID]) -> Review:
    """The application with numbers masked, its documents, and the evidence of every check."""
    return await operations.read(work, review_id=review_id)


@post(
    "/{review_id:uuid}/claim",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(ReviewNotFound, ReviewNotOpen, ClaimedByAnother, AlreadyYours, OwnFirm),
)
@once
async def claim_review(work: NamedDependency[Work], review_id: FromPath[UUID]) -> ReviewRow:
    """Take it for fifteen minutes; claiming it again renews the lease."""
    return await operations.claim(work, review_id=review_id)


@post(
    "/{review_id:uuid}/release",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(ReviewNotFound),
)
@once
async def release_review(work: NamedDependency[Work], review_id: FromPath[UUID]) -> ReviewRow:
    """Let go of one's claim."""
    return await operations.release(work, review_id=review_id)


@post(
    "/{review_id:uuid}/decide",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(
        ReviewNotFound,
        ReviewNotOpen,
        NotClaimed,
        ClaimedByAnother,
        AlreadyYours,
        OwnFirm,
        CodesNeeded,
        StaleVersion,
        AlreadyDecided,
        DecidedByYou,
        SelfApproval,
        ApplicationNotOpen,
    ),
)
@once
async def decide_review(
    work: NamedDependency[Work], data: JSONBody[NewDecision], review_id: FromPath[UUID]
) -> ReviewRow:
    """Approve, refuse or return the version that was seen. Two approvals, where the route asks for
    them, come from two different reviewers."""
    return await operations.decide(work, review_id=review_id, new=data)


@post("/interests", guards=[REVIEWERS], responses=problems())
@once
async def declare_interest(work: NamedDependency[Work], data: JSONBody[NewInterest]) -> Interest:
    """Declare a firm of one's own or a relative's: from now on others review it."""
    return await operations.declare_interest(work, new=data)


router = Router(
    "/desk/v1/reviews",
    route_handlers=[
        list_reviews,
        read_review,
        claim_review,
        release_review,
        decide_review,
        declare_interest,
    ],
    tags=["desk: reviews"],
)
