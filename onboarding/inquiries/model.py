"""The nouns of a question for one more document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound
from app.events import Event
from app.names import Text
from onboarding.applications.model import DocumentKind

InquiryState = Literal["open", "answered", "lapsed", "withdrawn"]


class NewInquiry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which document, and what is wrong with the present one or why it is needed; the applicant
    reads the reason."""

    kind: DocumentKind
    reason: Text


class NewAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The document: a file stored before."""

    file_id: Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000001"])]


class Inquiry(Struct, frozen=True, kw_only=True):
    """A question for one document, as both sides see it."""

    id: UUID
    review_id: UUID
    application_id: UUID
    kind: DocumentKind
    reason: str
    state: InquiryState
    asked_at: datetime
    due_at: datetime
    file_id: UUID | None
    ended_at: datetime | None


class DocumentAsked(Event, frozen=True, kw_only=True):
    """A reviewer needs one more document."""

    inquiry_id: UUID
    application_id: UUID


class InquiryNotFound(NotFound):
    """There is no such question for a document."""

    zh = "补充材料要求不存在"


class InquiryEnded(Conflict):
    """The document has been handed in, or is not needed any more."""

    zh = "该补充材料要求已结束"
