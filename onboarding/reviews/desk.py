"""The reviewers' door: the queue in risk order, claim, read the evidence, decide."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from app.approvals.model import AlreadyDecided, DecidedByYou, SelfApproval, StaleVersion
from app.http import allow, problems
from app.names import Uscc
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work
from onboarding.applications.model import ApplicationNotOpen
from onboarding.classes.model import AccountClass
from onboarding.colleagues.model import AwayNow
from onboarding.reviews import operations
from onboarding.reviews.model import (
    AlreadyYours,
    AssignedToAnother,
    ClaimedByAnother,
    CodesNeeded,
    NewDecision,
    NewReveal,
    NotClaimed,
    Order,
    OwnFirm,
    QueueLine,
    Revealed,
    Review,
    ReviewNotFound,
    ReviewNotOpen,
    ReviewRow,
    TooManyClaims,
    View,
    WaitingForApplicant,
    Wanted,
)

RiskFrom = Annotated[int, Meta(ge=0, le=1000, examples=[20])]
REVIEWERS = allow("reviewer", "supervisor")


@get("", guards=[REVIEWERS], responses=problems(BadCursor))
async def list_reviews(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
    view: FromQuery[View] = "all",
    order: FromQuery[Order] = "risk",
    risk_from: FromQuery[RiskFrom] = 0,
    account_class: FromQuery[AccountClass | None] = None,
    uscc: FromQuery[Uscc | None] = None,
) -> Page[QueueLine]:
    """What is open for my branch: the riskiest first (or what is due first), then the oldest."""
    wanted = Wanted(
        view=view, order=order, risk_from=risk_from, account_class=account_class or "", uscc=uscc
    )
    return await operations.queue(work, wanted=wanted, after=after, limit=limit)


@get("/{review_id:uuid}", guards=[REVIEWERS], responses=problems(ReviewNotFound, OwnFirm))
async def read_review(work: NamedDependency[Work], review_id: FromPath[UUID]) -> Review:
    """The application with numbers masked, its documents, and the evidence of every check."""
    return await operations.read(work, review_id=review_id)


@post(
    "/{review_id:uuid}/claim",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(
        ReviewNotFound,
        ReviewNotOpen,
        ClaimedByAnother,
        AssignedToAnother,
        AlreadyYours,
        WaitingForApplicant,
        TooManyClaims,
        OwnFirm,
        AwayNow,
    ),
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
        AwayNow,
        WaitingForApplicant,
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


@post(
    "/{review_id:uuid}/reveal",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(ReviewNotFound, NotClaimed),
)
@once
async def reveal_private(
    work: NamedDependency[Work], data: JSONBody[NewReveal], review_id: FromPath[UUID]
) -> Revealed:
    """One masked field in full, for a reason, to whoever holds the case; it is recorded."""
    return await operations.reveal(work, review_id=review_id, new=data)


router = Router(
    "/desk/v1/reviews",
    route_handlers=[
        list_reviews,
        read_review,
        claim_review,
        release_review,
        decide_review,
        reveal_private,
    ],
    tags=["desk: reviews"],
)
