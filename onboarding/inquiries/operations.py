"""Ask for one more document, hand it in, take the question back, let it lapse."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from app.ids import new_id
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import FileUnknown
from onboarding.colleagues import operations as colleagues
from onboarding.inquiries.model import (
    DocumentAsked,
    Inquiry,
    InquiryEnded,
    InquiryNotFound,
    NewAnswer,
    NewInquiry,
)
from onboarding.reviews import operations as reviews

sql = load(__name__)


async def ask(work: Work, *, review_id: UUID, new: NewInquiry) -> Inquiry:
    """Ask the applicant for one document: the claim ends, and the clock stands until the answer.

    What a first reviewer had said falls: both decide on the same papers. NotClaimed.
    """
    review = await reviews.hold(work, review_id=review_id)
    await applications.lock(work, application_id=review.application_id)
    terms, inquiry_id = await colleagues.terms(work), new_id()
    await reviews.stop_clock(work, review=review)
    await work.run(
        sql.add_inquiry, id=inquiry_id, review_id=review_id,
        application_id=review.application_id, kind=new.kind, reason=new.reason,
        asked_by=colleagues.me(work), due_at=work.now + timedelta(days=terms.answer_days),
    )  # fmt: skip
    await work.progress(
        review.application_id, "document_asked", kind=new.kind, inquiry_id=str(inquiry_id),
        next="applicant",
    )  # fmt: skip
    await work.emit(DocumentAsked(inquiry_id=inquiry_id, application_id=review.application_id))
    await work.record("document.asked", object_id=review_id, kind=new.kind)
    return await _one(work, inquiry_id)


async def _one(work: Work, inquiry_id: UUID) -> Inquiry:
    found = await work.maybe(Inquiry, sql.inquiry, id=inquiry_id)
    if found is None:
        raise InquiryNotFound(inquiry_id=inquiry_id)
    return found


async def of_review(work: Work, *, review_id: UUID) -> list[Inquiry]:
    """Everything that a review's applicant was asked for; ReviewNotFound."""
    await reviews.enter(work, review_id=review_id)
    await reviews.row(work, review_id=review_id)
    return await work.all(Inquiry, sql.inquiries_of_review, review_id=review_id)


async def own(work: Work) -> list[Inquiry]:
    """What the firm is or was asked for, the newest first."""
    return await work.all(Inquiry, sql.inquiries)


async def answer(work: Work, *, inquiry_id: UUID, new: NewAnswer) -> Inquiry:
    """Hand the document in: the reviewers go on, about the new version. InquiryEnded when late."""
    found = await _one(work, inquiry_id)
    if not await work.one(bool, sql.file_exists, file_id=new.file_id):
        raise FileUnknown(file_id=new.file_id)
    await _go_on(work, found, state="answered", file_id=new.file_id)
    return await _one(work, inquiry_id)


async def withdraw(work: Work, *, review_id: UUID) -> list[Inquiry]:
    """A reviewer goes on without the document; InquiryNotFound when none is asked for."""
    await reviews.lock(work, review_id=review_id)
    found = await work.maybe(Inquiry, sql.open_inquiry, review_id=review_id)
    if found is None:
        raise InquiryNotFound()
    await _go_on(work, found, state="withdrawn")
    return await work.all(Inquiry, sql.inquiries_of_review, review_id=review_id)


async def lapse(work: Work, *, inquiry_id: UUID) -> None:
    """Its term is over: the reviewers decide on what they have. InquiryEnded."""
    await _go_on(work, await _one(work, inquiry_id), state="lapsed")


async def _go_on(
    work: Work,
    inquiry: Inquiry,
    *,
    state: Literal["answered", "withdrawn", "lapsed"],
    file_id: UUID | None = None,
) -> None:
    review = await reviews.lock_own(work, review_id=inquiry.review_id)
    application = await applications.lock(work, application_id=inquiry.application_id)
    if not await work.run(sql.end_inquiry, id=inquiry.id, state=state, file_id=file_id):
        raise InquiryEnded()
    if review.state != "open":
        raise InquiryEnded()
    if file_id is not None:
        await work.run(
            sql.put_document, application_id=application.id, kind=inquiry.kind, file_id=file_id,
            client_id=application.client_id,
        )  # fmt: skip
    version = await work.one(int, sql.next_version, id=application.id)
    await reviews.start_clock(work, review=review, version=version)
    await work.progress(
        application.id, f"document_{state}", kind=inquiry.kind, inquiry_id=str(inquiry.id),
        next="reviewer",
    )  # fmt: skip
    await work.record(f"document.{state}", object_id=inquiry.review_id, kind=inquiry.kind)


async def end_of_application(work: Work, *, application_id: UUID) -> None:
    """The application has ended: nothing is needed any more."""
    await work.run(sql.end_of_application, application_id=application_id)
