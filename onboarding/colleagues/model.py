"""The nouns of reviewers as colleagues: an absence, a declared relative or firm, the policy."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.actor import StaffRole
from app.errors import Forbidden, NotFound, Refusal
from app.names import ResidentId, Text, Uscc

Relation = Literal["self", "spouse", "parent", "child", "sibling", "in_law", "other"]
StaffId = Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000007"])]
Moment = Annotated[datetime, Meta(examples=["2025-09-08T01:00:00Z"])]


class ReviewTerms(Struct, frozen=True, kw_only=True):
    """The bank's policy for the reviewers' queue, as dated; minutes are of the working day."""

    lease_minutes: int
    opens_minute: int
    closes_minute: int
    high_risk_from: int
    high_risk_minutes: int
    usual_minutes: int
    soon_minutes: int
    answer_days: int
    claims_at_most: int
    central_branch: str


class Colleague(Struct, frozen=True, kw_only=True):
    """Somebody who reviews, and what lies with them."""

    staff_id: UUID
    username: str
    role: StaffRole
    branch: str
    assigned: int
    claimed: int
    away_until: datetime | None
    stand_in: UUID | None


class NewRelative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A relative, or oneself: firms of theirs are reviewed by others. The number is not kept."""

    id_number: ResidentId
    relation: Relation


class Relative(Struct, frozen=True, kw_only=True):
    """A declared relative: only that there is one; of the number only a blind mark is kept."""

    relation: Relation
    declared_at: datetime


class NewInterest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """I have an interest in this firm: my own, a relative's."""

    uscc: Uscc
    reason: Text


class Interest(Struct, frozen=True, kw_only=True):
    """A declared interest."""

    staff_id: UUID
    uscc: str
    declared_at: datetime


class NewAbsence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """I am away from a moment until another; somebody may stand in for me."""

    from_at: Moment
    until_at: Moment
    stand_in: StaffId | None = None


class Absence(Struct, frozen=True, kw_only=True):
    """An absence as declared."""

    id: UUID
    staff_id: UUID
    stand_in: UUID | None
    from_at: datetime
    until_at: datetime


class BadAbsence(Refusal):
    """An absence ends after it begins, within 92 days, and a colleague who reviews stands in."""

    zh = "缺勤期限有误，或代理人不是本机构审核人员"


class AbsenceNotFound(NotFound):
    """There is no such absence of yours."""

    zh = "缺勤记录不存在"


class AwayNow(Forbidden):
    """You have said that you are away; end the absence first."""

    zh = "您已登记缺勤，请先结束缺勤再审核"


class IdNumberInvalid(Refusal):
    """This is no resident identity number."""

    zh = "身份证号码有误"
