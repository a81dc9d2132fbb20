"""The nouns of the reviewers' queue: a review, its evidence, a decision, and what forbids one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound, Refusal
from onboarding.applications.model import (
    ApplicationState,
    Document,
    MaskedRepresentative,
    Turn,
)
from onboarding.checks.model import CheckRow

ReviewState = Literal["open", "approved", "refused", "returned", "withdrawn"]
Choice = Literal["approve", "refuse", "return"]
View = Literal["all", "free", "mine", "late", "waiting"]
Order = Literal["risk", "due"]
PrivateField = Literal["id_number", "phone"]
RevealReason = Literal["compare_document", "call_applicant", "check_outside"]
# What the applicant is told; a suspicion is never among it (no tipping-off, AML Law).
DecisionCode = Literal[
    "identity_doubtful",
    "purpose_unclear",
    "address_unverified",
    "document_missing",
    "document_unreadable",
    "facts_conflict",
    "outside_policy",
]


class ReviewRow(Struct, frozen=True, kw_only=True):
    """A review as stored and as a line of the queue; nothing personal is in it.

    `calm` orders the queue: the less of it, the riskier. While it waits for the applicant
    (`waiting_since`) its clock stands still with `minutes_left` of the working day.
    """

    business_id: UUID
    id: UUID
    application_id: UUID
    version: int
    round: int
    branch: str
    uscc: str
    levels: int
    approved_by: list[UUID]
    risk_score: int
    calm: int
    reason_codes: list[str]
    account_name: str
    account_class: str
    state: ReviewState
    claimed_by: UUID | None
    lease_until: datetime | None
    assigned_to: UUID | None
    waiting_since: datetime | None
    minutes_left: int | None
    escalated_at: datetime | None
    due_at: datetime
    opened_at: datetime
    decided_at: datetime | None


class QueueLine(ReviewRow, frozen=True, kw_only=True):
    """A line of the queue; `barred` = the caller's own firm or a relative's: others review it."""

    barred: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """What of the queue is asked for."""

    view: View = "all"
    order: Order = "risk"
    risk_from: int = 0
    account_class: str = ""
    uscc: str | None = None


class Compared(Struct, frozen=True, kw_only=True):
    """One field of the application beside what a source says, numbers masked."""

    field: str
    claimed: str
    source: str
    found: str | None
    same: bool


class Said(Struct, frozen=True, kw_only=True):
    """What a reviewer said of an earlier or the present version."""

    username: str | None
    approve: bool
    reason: str
    version: int
    decided_at: datetime


class Subject(Struct, frozen=True, kw_only=True):
    """The application as a reviewer sees it, numbers masked."""

    state: ApplicationState
    version: int
    account_class: str
    account_name: str
    uscc: str
    entity_type: str
    address: str
    legal_representative: MaskedRepresentative
    capital_fen: int
    established_on: date
    purpose: str
    expected_monthly_fen: int
    number: str | None
    documents: list[Document]
    timeline: list[Turn]


class Review(Struct, frozen=True, kw_only=True):
    """A review with everything it is decided on."""

    review: ReviewRow
    application: Subject
    comparison: list[Compared]
    checks: list[CheckRow]
    said: list[Said]
    minutes_left: int


class NewDecision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision about the version that was seen; refusing and returning need a code."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[3])]
    decision: Choice
    codes: Annotated[
        list[DecisionCode], Meta(max_length=7, examples=[["document_unreadable"]])
    ] = []
    reason: Annotated[str, Meta(max_length=200, examples=["身份证照片模糊，请重新拍摄"])] = ""


class NewReveal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show one masked field in full, and why; that it was shown is recorded."""

    field: PrivateField
    why: RevealReason


class Revealed(Struct, frozen=True, kw_only=True):
    """A personal field in full."""

    field: PrivateField
    value: str


class ReviewNotFound(NotFound):
    """The review does not exist."""

    zh = "审核任务不存在"


class ReviewNotOpen(Conflict):
    """The review has been decided or withdrawn."""

    zh = "该审核任务已有结论或已撤回"


class ClaimedByAnother(Conflict):
    """Another reviewer has claimed it."""

    zh = "该审核任务已被其他审核员领取"


class NotClaimed(Conflict):
    """Claim the review first; a claim lasts fifteen minutes."""

    zh = "请先领取审核任务（领取有效期15分钟）"


class OwnFirm(Forbidden):
    """You have an interest in this firm; somebody else must review it."""

    zh = "您与该企业存在利害关系，须回避"


class AlreadyYours(Conflict):
    """You have approved this already; another reviewer must go on."""

    zh = "您已审核通过，须由另一名审核员继续"


class CodesNeeded(Refusal):
    """Say why: refusing and returning need at least one code."""

    zh = "拒绝或退回须注明原因"


class AssignedToAnother(Conflict):
    """It is assigned to a colleague; a supervisor may assign it anew."""

    zh = "该审核任务已分派给其他审核员"


class WaitingForApplicant(Conflict):
    """The applicant has been asked for a document; withdraw the question to decide without it."""

    zh = "正在等待申请人补充材料，可撤回后再作决定"


class TooManyClaims(Conflict):
    """You hold as many cases as one person may; decide or release some."""

    zh = "您领取的任务已达上限，请先处理或释放"
