"""The nouns over the queue: an assignment, an escalation, the figures of a period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Refusal
from app.events import Event
from onboarding.colleagues.model import StaffId

Outcome = Literal["assigned", "not_open", "approved_already", "too_near", "claimed", "not_found"]
ReviewIds = Annotated[
    list[UUID],
    Meta(min_length=1, max_length=200, examples=[["01990000-0000-7000-8000-000000000001"]]),
]


class NewAssignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lay these cases on one reviewer's desk."""

    review_ids: ReviewIds
    staff_id: StaffId


class Assigned(Struct, frozen=True, kw_only=True):
    """What became of one case."""

    review_id: UUID
    outcome: Outcome


class Assignment(Struct, frozen=True, kw_only=True):
    """Where the cases lie now: with the one who was named, or with whoever stands in."""

    staff_id: UUID
    items: list[Assigned]


class Escalation(Struct, frozen=True, kw_only=True):
    """A case that was late, once; `was_with` had claimed or been assigned it."""

    review_id: UUID
    account_name: str
    branch: str
    due_at: datetime
    at: datetime
    was_with: UUID | None
    assigned_to: UUID | None
    state: str


class Counted(Struct, frozen=True, kw_only=True):
    """The queue now and what was decided in a period, counted in one statement."""

    open: int
    free: int
    claimed: int
    assigned: int
    waiting: int
    late: int
    age_minutes_50: int | None
    age_minutes_90: int | None
    age_minutes_99: int | None
    oldest_at: datetime | None
    approved: int
    refused: int
    returned: int
    decided_late: int
    took_minutes_50: int | None
    took_minutes_90: int | None
    first_rounds: int
    first_rounds_approved: int


class Statistics(Counted, frozen=True, kw_only=True):
    """With the share of applications that were approved in their first round, in millionths;
    None where none was decided."""

    from_on: date
    until_on: date
    first_pass_ppm: int | None


class ReviewOverdue(Event, frozen=True, kw_only=True):
    """A case was not decided by its time; it lies with a supervisor now."""

    review_id: UUID
    branch: str


class NotAReviewer(Refusal):
    """This colleague does not review cases that you see."""

    zh = "该人员不是本机构审核人员"


class EverybodyAway(Refusal):
    """The colleague is away, and nobody who stands in is there."""

    zh = "该审核员及其代理人均缺勤"


class BadPeriod(Refusal):
    """A period ends after it begins, and is a year long at most."""

    zh = "统计期间有误（最长一年）"
