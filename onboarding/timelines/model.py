"""The nouns of the course: a step, what is to be done, what has happened."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from onboarding.applications.model import ApplicationState, DocumentKind, Turn
from onboarding.inquiries.model import Inquiry
from onboarding.products.model import Product
from onboarding.promises.model import Acting
from onboarding.visits.model import Visit

StepCode = Literal["fill", "check", "review", "visit", "account", "filing", "products"]
StepState = Literal["done", "now", "ahead", "skipped", "stopped"]
ToDoCode = Literal[
    "attach_document", "submit", "correct", "hand_in_document", "book_visit", "come_to_branch",
    "collect_product",
]  # fmt: skip


class Facts(Struct, frozen=True, kw_only=True):
    """Everything the course is drawn from."""

    application_id: UUID
    state: ApplicationState
    due_at: datetime | None
    codes: list[str]
    turns: list[Turn]
    missing: list[DocumentKind]
    inquiries: list[Inquiry]
    visit: Visit | None
    products: list[Product]
    filing_number: str | None


class CourseStep(Struct, frozen=True, kw_only=True):
    """A step of the course; `late` when whoever acts has let the time pass."""

    code: StepCode
    title: str
    state: StepState
    acts: Acting | None
    at: datetime | None
    due_at: datetime | None
    late: bool


class ToDo(Struct, frozen=True, kw_only=True):
    """Something the applicant can do now; `path` is where."""

    code: ToDoCode
    text: str
    path: str
    document: DocumentKind | None
    due_at: datetime | None


class NextAct(Struct, frozen=True, kw_only=True):
    """Who acts next, what, and by when; nobody when all is done or over."""

    acts: Acting | None
    text: str
    due_at: datetime | None
    late: bool


class Course(Struct, frozen=True, kw_only=True):
    """The whole course of an opening; `live` is the stream that says when to read it again."""

    application_id: UUID
    state: ApplicationState
    next: NextAct
    to_do: list[ToDo]
    steps: list[CourseStep]
    turns: list[Turn]
    expected_at: datetime | None
    live: str
