"""The nouns of opening an account: the application, its documents, whose turn it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import MAX_FEN
from app.names import AreaCode, CompanyName, PersonName, Phone, ResidentId, Text, Uscc
from onboarding.classes.model import AccountClass, ClassTerms, Opening
from onboarding.names.model import EntityType

ApplicationState = Literal[
    "draft", "submitted", "reviewing", "returned", "approved",
    "active", "refused", "referred", "cancelled",
]  # fmt: skip
DocumentKind = Literal[
    "licence", "legal_rep_id_front", "legal_rep_id_back",
    "legal_rep_face", "address_proof", "authorisation", "special_purpose_proof", "temporary_proof",
]  # fmt: skip
Side = Literal["applicant", "system", "reviewer", "branch"]
Route = Literal["straight_through", "one_reviewer", "two_reviewers", "branch"]

NonNegativeFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[50000000])]
Address = Annotated[
    str, Meta(min_length=4, max_length=200, examples=["上海市浦东新区示例路88号302室"])
]
BranchCode = Annotated[str, Meta(pattern="^[0-9]{4}$", examples=["0001"])]
AccountNumber = Annotated[str, Meta(pattern="^[0-9]{19}$", examples=["1001000109000000191"])]
LicenceNumber = Annotated[str, Meta(pattern="^[0-9A-Z]{13,18}$", examples=["310115000000017"])]


EstablishedOn = Annotated[date, Meta(examples=["2024-05-20"])]
ValidUntil = Annotated[date, Meta(examples=["2035-05-20"])]


class Representative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The legal representative, or the operator of a household."""

    name: PersonName
    id_number: ResidentId
    phone: Phone
    id_valid_until: ValidUntil | None = None


class LicenceFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on the business licence; a household may have no name."""

    name: CompanyName | None = None
    uscc: Uscc
    entity_type: EntityType
    area_code: AreaCode
    address: Address
    capital_fen: NonNegativeFen
    established_on: EstablishedOn
    valid_until: ValidUntil | None = None
    licence_number: LicenceNumber | None = None


class NewApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open an account. A firm registered through us leaves licence and representative out; a class
    other than basic says its `terms`; the simplified opening is quicker, with low limits."""

    account_class: AccountClass = "basic"
    opening: Opening = "full"
    terms: ClassTerms = ClassTerms()
    branch: BranchCode = "0001"
    purpose: Text
    expected_monthly_fen: NonNegativeFen = 0
    licence: LicenceFacts | None = None
    legal_representative: Representative | None = None
    number: AccountNumber | None = None


ClientReference = Annotated[
    str, Meta(min_length=1, max_length=64, pattern="^[!-~]+$", examples=["GOV-2025-000123"])
]


class HandedIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application as a portal hands it in; `client_reference` is the portal's own."""

    client_reference: ClientReference
    licence: LicenceFacts
    legal_representative: Representative
    purpose: Text
    branch: BranchCode = "0001"
    expected_monthly_fen: NonNegativeFen = 0


class HandedInApplication(Struct, frozen=True, kw_only=True):
    """An application as the portal that handed it in sees it."""

    id: UUID
    client_reference: str
    state: ApplicationState
    version: int
    account_name: str
    decision_codes: list[str]
    next: NextTurn
    timeline: list[Turn]


class EditedApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The application again, and the version it was edited from."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
    application: NewApplication


class AttachedDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stored file as one of the application's documents; the same kind again replaces it."""

    kind: DocumentKind
    file_id: Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000001"])]


class Document(Struct, frozen=True, kw_only=True):
    """A document of an application."""

    kind: DocumentKind
    file_id: UUID
    attached_at: datetime


class Private(Struct, frozen=True, kw_only=True):
    """What of an application is personal: sealed as one value."""

    legal_representative: Representative
    address: str


class ApplicationRow(Struct, frozen=True, kw_only=True):
    """An application as stored; people and address lie sealed in `private`."""

    business_id: UUID
    id: UUID
    client_id: UUID | None
    client_reference: str | None
    registration_id: UUID | None
    state: ApplicationState
    version: int
    round: int
    branch: str
    account_class: AccountClass
    opening: Opening
    terms: ClassTerms
    account_name: str
    uscc: str
    entity_type: EntityType
    area_code: str
    licence_number: str | None
    licence_until: date | None
    capital_fen: int
    established_on: date
    purpose: str
    expected_monthly_fen: int
    private: bytes
    applied_by: UUID | None
    number: str | None
    risk_score: int | None
    reason_codes: list[str]
    route: Route | None
    risk_version: str | None
    device_mark: bytes | None
    decision_codes: list[str]
    account_id: UUID | None
    filing_number: str | None
    filing_refused_code: str | None
    due_at: datetime | None
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None


class Turn(Struct, frozen=True, kw_only=True):
    """One step of the timeline: who acted, and into which state it brought the application."""

    state: ApplicationState
    acted: Side
    codes: list[str]
    at: datetime


class NextTurn(Struct, frozen=True, kw_only=True):
    """Whose turn it is and until when; nobody's when the application has ended."""

    acts: Side | None
    due_at: datetime | None


class MaskedRepresentative(Struct, frozen=True, kw_only=True):
    """The representative with number and phone masked."""

    name: str
    id_number: str
    phone: str


class Application(Struct, frozen=True, kw_only=True):
    """An application as its owner sees it."""

    id: UUID
    business_id: UUID
    state: ApplicationState
    version: int
    branch: str
    account_class: AccountClass
    opening: Opening
    terms: ClassTerms
    account_name: str
    uscc: str
    address: str
    legal_representative: MaskedRepresentative
    purpose: str
    number: str | None
    decision_codes: list[str]
    documents: list[Document]
    missing_documents: list[DocumentKind]
    next: NextTurn
    timeline: list[Turn]
    account_id: UUID | None
    filing_number: str | None


class ApplicationSubmitted(Event, frozen=True, kw_only=True):
    """The application was sent; the checks begin."""

    application_id: UUID


class ApplicationEnded(Event, frozen=True, kw_only=True):
    """The application ended without an account: what was kept for it is free."""

    application_id: UUID


class HandedInMoved(Event, frozen=True, kw_only=True):
    """An application that a portal handed in has taken a turn: the portal is told."""

    application_id: UUID
    turn_id: UUID


class ApplicationTurned(Event, frozen=True, kw_only=True):
    """The application has taken a turn that the applicant did not take: they are told."""

    application_id: UUID
    turn_id: UUID
    state: ApplicationState


class ApplicationReviewed(Event, frozen=True, kw_only=True):
    """The reviewers have decided."""

    application_id: UUID
    approved: bool


class AccountActivated(Event, frozen=True, kw_only=True):
    """The account exists and may pay and receive."""

    application_id: UUID
    account_id: UUID


class ApplicationNotFound(NotFound):
    """The application does not exist."""

    zh = "开户申请不存在"


class ApplicationNotOpen(Conflict):
    """The application's state does not allow that."""

    zh = "开户申请当前状态不允许该操作"


class StaleApplication(Conflict):
    """Somebody changed the application since this version."""

    zh = "开户申请已被修改，请刷新后重试"


class ApplicationIncomplete(Refusal):
    """Something is missing in the application."""

    zh = "开户申请资料不完整"


class AlreadyApplied(Conflict):
    """The firm already has a basic account or applies for one."""

    zh = "该企业已有基本存款账户或正在申请"


class IdentifierInvalid(Refusal):
    """A number on the licence or of the representative is not valid."""

    zh = "证照号码或身份证号码有误"


class LicenceOfAnotherFirm(Refusal):
    """This licence is another firm's; apply for that firm."""

    zh = "该执照不属于当前企业"


class FileUnknown(Refusal):
    """There is no such file of this firm."""

    zh = "文件不存在"
