"""The nouns of facilities: consents, applications, limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen
from lending.decisions.model import Reason

ConsentKind = Literal["bureau", "tax", "invoices"]
ApplicationState = Literal["asking_bureau", "granted", "declined"]
FacilityState = Literal["offered", "active", "ended"]
ProductCode = Annotated[str, Meta(pattern=r"^[a-z_]{3,40}$", examples=["business_quick"])]
TextVersion = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{1,3}$", examples=["2025-1"])]


class ConsentMissing(Refusal):
    """Each of the consents to the bureau, tax and invoice data must be given separately."""

    zh = "须分别授权查询征信、税务和发票数据"


class ConsentTextOutdated(Refusal):
    """The consent text has changed; show the present one and ask again."""

    zh = "授权书文本已更新，请重新展示并确认"


class AlreadyApplied(Conflict):
    """An application for this product is being decided."""

    zh = "该产品已有申请正在审批"


class ApplicationNotFound(NotFound):
    """There is no such application."""

    zh = "授信申请不存在"


class FacilityNotFound(NotFound):
    """There is no such facility."""

    zh = "授信额度不存在"


class FacilityNotActive(Conflict):
    """The facility cannot be drawn on: not yet agreed to, or ended."""

    zh = "授信额度未生效或已到期"


class LimitExceeded(Refusal):
    """The limit does not suffice."""

    zh = "可用额度不足"


class CreditAsked(Event, frozen=True, kw_only=True):
    """A firm applied for credit and consented to the inquiry."""

    application_id: UUID


class LimitGranted(Event, frozen=True, kw_only=True):
    """A limit can be drawn on."""

    facility_id: UUID
    limit_fen: int


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """What is consented to, in its version."""

    kind: ConsentKind
    version: str
    zh: str
    en: str


# The texts shown before consent is given; a changed text gets a new version.
CONSENT_TEXTS = (
    ConsentText(
        kind="bureau",
        version="2025-1",
        zh="我单位同意贵行为审核本次授信及贷后管理，向金融信用信息基础数据库查询本单位的信用报告。",
        en="We agree that the bank asks the credit reference database for our report, to decide on"
        " this application and to look after the loan.",
    ),
    ConsentText(
        kind="tax",
        version="2025-1",
        zh="我单位同意贵行为审核本次授信，使用本单位的纳税申报和缴税数据。",
        en="We agree that the bank uses our tax filings and payments to decide on this"
        " application.",
    ),
    ConsentText(
        kind="invoices",
        version="2025-1",
        zh="我单位同意贵行为审核本次授信，使用本单位开具和取得的发票数据。",
        en="We agree that the bank uses the invoices we issued and received to decide on this"
        " application.",
    ),
)


class NewConsent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Consent to one use of data, naming the version of the text that was read."""

    kind: ConsentKind
    text_version: TextVersion


class NewApplication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Apply for a limit; without `asked_fen` the largest possible is granted."""

    product_code: ProductCode
    consents: Annotated[list[NewConsent], Meta(min_length=1, max_length=3)]
    asked_fen: PositiveFen | None = None


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One application; the decision is there once the bureau has answered."""

    id: UUID
    product_code: str
    asked_fen: int | None
    state: ApplicationState
    bureau_consent_id: UUID
    decision_id: UUID | None
    submitted_at: datetime
    decided_at: datetime | None


class ApplicationView(msgspec.Struct, frozen=True, kw_only=True):
    """What the firm sees of its application: the outcome and why."""

    id: UUID
    product_code: str
    asked_fen: int | None
    state: ApplicationState
    submitted_at: datetime
    decided_at: datetime | None
    score: int | None = None
    limit_fen: int | None = None
    reasons: list[Reason] = []


class Facility(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the firm for one product, as stored."""

    id: UUID
    product_code: str
    decision_id: UUID
    limit_fen: int
    used_fen: int
    state: FacilityState
    granted_on: date
    ends_on: date
    version: int


class FacilityView(msgspec.Struct, frozen=True, kw_only=True):
    """What the firm sees of a limit: how much is left, and why it is what it is."""

    id: UUID
    product_code: str
    limit_fen: int
    used_fen: int
    available_fen: int
    state: FacilityState
    granted_on: date
    ends_on: date
    score: int
    scorecard_version: str
    reasons: list[Reason]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The firm as the bureau knows it."""

    uscc: str
    name: str
