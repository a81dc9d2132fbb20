"""The reviewers' door: ask for one more document, see what was asked, go on without it."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.work import Work
from onboarding.inquiries import operations
from onboarding.inquiries.model import Inquiry, InquiryEnded, InquiryNotFound, NewInquiry
from onboarding.reviews.model import NotClaimed, ReviewNotFound

REVIEWERS = allow("reviewer", "supervisor")
ONE = "/desk/v1/reviews/{review_id:uuid}/inquiries"


@get(ONE, guards=[REVIEWERS], responses=problems(ReviewNotFound))
async def list_asked(work: NamedDependency[Work], review_id: FromPath[UUID]) -> list[Inquiry]:
    """Everything that the applicant was asked for in this review."""
    return await operations.of_review(work, review_id=review_id)


@post(ONE, guards=[REVIEWERS], responses=problems(ReviewNotFound, NotClaimed))
@once
async def ask_for_document(
    work: NamedDependency[Work], data: JSONBody[NewInquiry], review_id: FromPath[UUID]
) -> Inquiry:
    """Ask the applicant for one document; the case leaves my hands and its clock stands."""
    return await operations.ask(work, review_id=review_id, new=data)


@post(
    f"{ONE}/withdraw",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(ReviewNotFound, InquiryNotFound, InquiryEnded),
)
@once
async def withdraw_inquiry(work: NamedDependency[Work], review_id: FromPath[UUID]) -> list[Inquiry]:
    """Go on without the document."""
    return await operations.withdraw(work, review_id=review_id)


router = Router(
    "",
    route_handlers=[list_asked, ask_for_document, withdraw_inquiry],
    tags=["desk: reviews"],
)
