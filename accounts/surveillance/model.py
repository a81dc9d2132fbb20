"""The nouns of surveillance: large-value reports, suspicions, their cases, files, and errors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound
from app.names import Text

Pattern = Literal[
    "scattered_in_concentrated_out",
    "concentrated_in_scattered_out",
    "dormant_active",
    "just_under",
    "night_activity",
    "many_firms_one_device",
    "to_one_person",
    "quick_in_out",
    "out_of_scale",
]
CaseState = Literal["open", "proposed", "reported", "closed"]
Proposal = Literal["report", "close"]
Direction = Literal["in", "out"]
Receipt = Annotated[
    str, Meta(min_length=4, max_length=60, pattern=r"^[0-9A-Za-z-]+$", examples=["LH2025090200001"])
]
LongText = Annotated[str, Meta(min_length=1, max_length=2000, examples=["与客户经营规模不符"])]


class LargeReport(Struct, frozen=True, kw_only=True):
    """What one customer received or paid on one business date, at or above the threshold; to be
    filed with the centre by `due_on`."""

    business_id: UUID
    id: UUID
    booked_on: date
    direction: Direction
    medium: Literal["cash", "transfer"]
    currency: str
    amount_fen: int
    movements: int
    due_on: date
    state: Literal["due", "filed"]
    filed_by: str | None
    filed_at: datetime | None
    receipt: str | None


class Filed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The centre took the report under this receipt number."""

    receipt: Receipt


class SuspicionCase(Struct, frozen=True, kw_only=True):
    """Everything suspicious about one firm until two people settle it."""

    business_id: UUID
    id: UUID
    opened_on: date
    patterns: list[Pattern]
    amount_fen: int
    state: CaseState
    claimed_by: UUID | None
    lease_until: datetime | None
    proposal: Proposal | None
    reason: str | None
    proposed_by: UUID | None
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    due_on: date | None
    receipt: str | None
    filed_at: datetime | None


class Suspicion(Struct, frozen=True, kw_only=True):
    """A pattern found on one business date, with what was seen."""

    id: UUID
    pattern: Pattern
    found_on: date
    amount_fen: int
    facts: dict[str, Any]


class CaseNote(Struct, frozen=True, kw_only=True):
    """What a member of staff wrote into a case."""

    id: UUID
    staff_id: UUID
    text: str
    at: datetime


class CaseFile(Struct, frozen=True, kw_only=True):
    """A case with its evidence and notes."""

    case: SuspicionCase
    customer: Customer
    suspicions: list[Suspicion]
    notes: list[CaseNote]


class Customer(Struct, frozen=True, kw_only=True):
    """Whom a report is about."""

    name: str
    uscc: str | None
    accounts: list[str]


class Movement(Struct, frozen=True, kw_only=True):
    """One movement of a report: when, how much, with whom, for what."""

    at: datetime
    account_number: str
    direction: Direction
    amount_fen: int
    currency: str
    counterparty_name: str
    counterparty_account_tail: str
    counterparty_bank_code: str
    purpose: str
    memo: str


class StoredMovement(Struct, frozen=True, kw_only=True):
    """A movement as stored: the name of whoever paid us is sealed."""

    at: datetime
    account_number: str
    amount_fen: int
    currency: str
    payee_name: str | None
    credit_id: UUID | None
    payer_name_sealed: bytes | None
    tail: str
    bank_code: str
    purpose: str
    memo: str


class ReportFile(Struct, frozen=True, kw_only=True):
    """A report as it is handed in: who reports, about whom, why, what moved, and by when."""

    kind: Literal["large_value", "suspicious"]
    reporting_bank_code: str
    reporting_bank_name: str
    report_id: UUID
    made_at: datetime
    due_on: date
    customer: Customer
    booked_from: date
    booked_until: date
    amount_fen: int
    patterns: list[Pattern]
    suspicions: list[Suspicion]
    reason: str
    movements: list[Movement]


class Span(Struct, frozen=True, kw_only=True):
    """From the first to the last business date of a case's suspicions."""

    first_on: date
    last_on: date


class NewNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Write something into the case."""

    text: LongText


class NewProposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Propose to report the firm, or to close the case, and say why."""

    proposal: Annotated[Proposal, Meta(examples=["report"])]
    reason: LongText


class Confirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree with the proposal as another person, or send it back with what is missing."""

    agree: bool
    remark: Text | None = None


class CaseNotFound(NotFound):
    """There is no such case."""

    zh = "可疑交易案例不存在"


class LargeReportNotFound(NotFound):
    """There is no such report."""

    zh = "大额交易报告不存在"


class ReportFiled(Conflict):
    """The report has been filed already."""

    zh = "该报告已报送"


class CaseNotThere(Conflict):
    """The case is not in a state that allows this."""

    zh = "案例当前状态不允许该操作"


class CaseClaimed(Conflict):
    """Another member of staff works on the case."""

    zh = "该案例已被其他人员领取"


class ClaimCaseFirst(Conflict):
    """Claim the case first; a claim lasts an hour."""

    zh = "请先领取案例（领取有效期1小时）"


class NotYourOwnProposal(Forbidden):
    """Whoever proposed it may not confirm it; another person must."""

    zh = "提议人不得复核自己的提议，须由他人复核"
