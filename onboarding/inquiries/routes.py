"""The firm's door: which documents the reviewers still need, and handing one in."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.applications.model import ApplicationNotFound, FileUnknown
from onboarding.inquiries import operations
from onboarding.inquiries.model import Inquiry, InquiryEnded, InquiryNotFound, NewAnswer

OWNER = allow("owner")


@get("", guards=[OWNER])
async def list_inquiries(work: NamedDependency[Work]) -> Page[Inquiry]:
    """What the reviewers ask or asked for, the newest first."""
    return Page(items=await operations.own(work))


@post(
    "/{inquiry_id:uuid}/answer",
    status_code=200,
    guards=[OWNER],
    responses=problems(InquiryNotFound, InquiryEnded, FileUnknown, ApplicationNotFound),
)
@once
async def answer_inquiry(
    work: NamedDependency[Work], data: JSONBody[NewAnswer], inquiry_id: FromPath[UUID]
) -> Inquiry:
    """Hand in the document that was asked for; the review goes on by itself."""
    return await operations.answer(work, inquiry_id=inquiry_id, new=data)


router = Router(
    "/v1/inquiries", route_handlers=[list_inquiries, answer_inquiry], tags=["account opening"]
)
