"""The nouns of founding a firm: its form, its people, the offices' answers, what can be wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import MAX_FEN
from app.names import AreaCode, CompanyName, PersonName, Phone, ResidentId
from onboarding.names.model import EntityType

RegistrationState = Literal["draft", "submitted", "registered", "refused", "withdrawn"]
Part = Literal["licence", "seals", "tax", "social_insurance", "housing_fund", "bank"]
OwnersPart = Literal["seals", "social_insurance", "housing_fund"]
PartState = Literal["waiting", "asked", "done", "failed"]
ContributionForm = Literal["cash", "goods", "intellectual_property", "land_use", "equity", "claim"]

CapitalFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[100000000])]
Address = Annotated[
    str, Meta(min_length=4, max_length=200, examples=["上海市浦东新区示例路88号302室"])
]
ScopeItem = Annotated[str, Meta(min_length=2, max_length=100, examples=["软件开发"])]
IndustryCode = Annotated[str, Meta(pattern="^[A-T][0-9]{4}$", examples=["I6513"])]
PartNumber = Annotated[str, Meta(pattern="^[0-9A-Z-]{4,40}$", examples=["SH-2025-00012345"])]
HolderId = Annotated[str, Meta(min_length=2, max_length=40, examples=["11010519491231002X"])]


DueOn = Annotated[date, Meta(examples=["2030-06-30"])]


class LegalRepresentative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who acts for the firm; the operator of an individual household."""

    name: PersonName
    id_number: ResidentId
    phone: Phone


class Shareholder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One subscriber: a person by resident id, a firm by its unified social credit code."""

    name: Annotated[str, Meta(min_length=2, max_length=100, examples=["王小微"])]
    id_number: HolderId
    subscribed_fen: CapitalFen
    paid_fen: CapitalFen = 0
    form: ContributionForm = "cash"
    due_on: DueOn | None = None
    kind: Literal["person", "firm"] = "person"


class Holding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`holder` owns `ppm` of the firm `held`, upwards of our firm's own shareholders."""

    held: HolderId
    holder: HolderId
    holder_name: Annotated[str, Meta(min_length=2, max_length=100, examples=["李小微"])]
    person: Annotated[bool, Meta(examples=[True])]
    ppm: Annotated[int, Meta(gt=0, le=1_000_000, examples=[600000])]


class Edge(Struct, frozen=True, kw_only=True):
    """`holder` owns `part` of the `whole` of `held`: subscribed fen, or parts per million."""

    held: str
    holder: str
    person: bool
    part: int
    whole: int


class RegistrationDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one form; what is not known yet may be left out until it is submitted."""

    entity_type: EntityType
    name: CompanyName
    area_code: AreaCode
    address: Address | None = None
    industry_code: IndustryCode | None = None
    scope: Annotated[list[ScopeItem], Meta(max_length=50)] = []
    capital_fen: CapitalFen = 0
    staff_count: Annotated[int, Meta(ge=0, le=100_000, examples=[12])] = 0
    legal_representative: LegalRepresentative | None = None
    shareholders: Annotated[list[Shareholder], Meta(max_length=200)] = []
    holdings: Annotated[list[Holding], Meta(max_length=200)] = []


class EditedRegistration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole form again, and the version it was edited from."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
    draft: RegistrationDraft


class FoundingLimits(Struct, frozen=True, kw_only=True):
    """The statute's numbers in force on a day (Company Law 2023 revision, Order 734, Order 3)."""

    paid_in_years: int
    shareholders: dict[str, tuple[int, int]]
    beneficial_owner_ppm: int
    name_reserved_months: int
    registry_working_days: int
    social_insurance_days: int
    housing_fund_days: int


class BeneficialOwner(Struct, frozen=True, kw_only=True):
    """A natural person behind the firm: by equity, or in charge when nobody holds enough."""

    holder: str
    relation: Literal["equity", "in_charge"]
    share_ppm: int


class NamedOwner(Struct, frozen=True, kw_only=True):
    """A beneficial owner as shown: the name, the number masked, the share rounded down."""

    name: str
    id_number: str
    relation: Literal["equity", "in_charge"]
    share_ppm: int


class PartRow(Struct, frozen=True, kw_only=True):
    """One office's part as stored."""

    part: Part
    state: PartState
    due_at: datetime | None
    number: str | None


class PartStatus(Struct, frozen=True, kw_only=True):
    """One office's part: its state, who acts next, by when, and the number it gave."""

    part: Part
    state: PartState
    acts: Literal["office", "owner", "bank", "nobody"]
    due_at: datetime | None
    number: str | None


class Turn(Struct, frozen=True, kw_only=True):
    """One thing that happened to one part."""

    part: Part
    state: PartState
    note: str
    at: datetime


class RegistrationRow(Struct, frozen=True, kw_only=True):
    """A registration as stored; people and address lie sealed in `private`."""

    id: UUID
    state: RegistrationState
    version: int
    entity_type: EntityType
    name: str
    name_key: str
    area_code: str
    industry_code: str | None
    scope: list[str]
    capital_fen: int
    staff_count: int
    private: bytes
    uscc: str | None
    licence_number: str | None
    registered_on: date | None
    refused_code: str | None
    name_reserved_until: date
    submitted_at: datetime | None
    created_at: datetime


class Private(Struct, frozen=True, kw_only=True):
    """What of a registration is personal: sealed as one value."""

    address: str | None
    legal_representative: LegalRepresentative | None
    shareholders: list[Shareholder]
    holdings: list[Holding]


class Registration(Struct, frozen=True, kw_only=True):
    """A registration as its owner sees it; ids and phones are masked."""

    id: UUID
    business_id: UUID
    state: RegistrationState
    version: int
    draft: MaskedDraft
    name_reserved_until: date
    beneficial_owners: list[NamedOwner]
    uscc: str | None
    licence_number: str | None
    registered_on: date | None
    refused_code: str | None
    submitted_at: datetime | None
    parts: list[PartStatus]
    timeline: list[Turn]


class MaskedDraft(Struct, frozen=True, kw_only=True):
    """The form with ids and phones masked."""

    entity_type: EntityType
    name: str
    area_code: str
    address: str | None
    industry_code: str | None
    scope: list[str]
    capital_fen: int
    staff_count: int
    legal_representative: MaskedPerson | None
    shareholders: list[MaskedShareholder]


class MaskedPerson(Struct, frozen=True, kw_only=True):
    """A person with the number and phone masked."""

    name: str
    id_number: str
    phone: str


class MaskedShareholder(Struct, frozen=True, kw_only=True):
    """A subscriber with the number masked if it is a person's."""

    name: str
    id_number: str
    subscribed_fen: int
    paid_fen: int
    form: ContributionForm
    due_on: date | None


class PartConfirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number an office gave the firm, as the firm records it."""

    number: PartNumber


class RegistrationSubmitted(Event, frozen=True, kw_only=True):
    """The form was sent; the registry is to be asked."""

    registration_id: UUID


class CompanyRegistered(Event, frozen=True, kw_only=True):
    """The firm exists: licence and unified social credit code are there."""

    registration_id: UUID
    uscc: str


class RegistrationNotFound(NotFound):
    """The registration does not exist."""

    zh = "登记申请不存在"


class RegistrationNotDraft(Conflict):
    """Only a draft can be changed or submitted."""

    zh = "登记申请已提交，不能再修改"


class StaleRegistration(Conflict):
    """Somebody changed the form since this version."""

    zh = "登记申请已被修改，请刷新后重试"


class RegistrationIncomplete(Refusal):
    """The form is not complete or breaks a rule."""

    zh = "登记信息不完整或不符合规定"


class PartNotOpen(Conflict):
    """That part cannot be confirmed now."""

    zh = "该事项当前不能确认"


class AlreadyFounding(Conflict):
    """This firm already has a registration under way."""

    zh = "该企业已有在办登记"
