"""The nouns of founding a firm: its form, its people, the offices' answers, what can be wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from onboarding.forms.model import (
    LegalRepresentative,
    MaskedDraft,
    Officer,
    OwnersFiling,
    RegistrationDraft,
    Shareholder,
)
from onboarding.names.model import EntityType, Finding
from onboarding.offices.model import OwnersPart, PartStatus, Turn
from onboarding.owners.model import Control, Holding, NamedOwner
from onboarding.signatures.model import Signature

RegistrationState = Literal["draft", "submitted", "registered", "refused", "withdrawn"]


class EditedRegistration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole form again, and the version it was edited from."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
    draft: RegistrationDraft


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
    signed_version: int | None
    submitted_at: datetime | None
    created_at: datetime


class Private(Struct, frozen=True, kw_only=True):
    """What of a registration is personal: sealed as one value."""

    address: str | None
    legal_representative: LegalRepresentative | None
    shareholders: list[Shareholder]
    holdings: list[Holding]
    controls: list[Control] = []
    officers: list[Officer] = []
    by_owner: list[OwnersPart] = []
    bank_branch: str | None = None
    name_commitment: bool = False
    name_approval: str | None = None


class Resumed(Struct, frozen=True, kw_only=True):
    """A form in clear for its owner, to go on with it on any device, and the version to name."""

    version: int
    draft: RegistrationDraft


class ToRegister(Struct, frozen=True, kw_only=True):
    """What the registry is sent: the form, the day it was submitted, the text that was signed."""

    draft: RegistrationDraft
    applied_on: date
    signed_text: str | None


class Registration(Struct, frozen=True, kw_only=True):
    """A registration as its owner sees it; ids and phones are masked."""

    id: UUID
    business_id: UUID
    state: RegistrationState
    version: int
    draft: MaskedDraft
    name_reserved_until: date
    beneficial_owners: list[NamedOwner]
    owners_filing: OwnersFiling
    # What still keeps the form from being submitted, besides signatures.
    findings: list[Finding]
    signatures: list[Signature]
    signed_version: int | None
    uscc: str | None
    licence_number: str | None
    registered_on: date | None
    refused_code: str | None
    submitted_at: datetime | None
    parts: list[PartStatus]
    timeline: list[Turn]


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
    """The form was saved elsewhere since that version; see what changed and go on from there."""

    zh = "登记申请已被修改，请刷新后重试"


class RegistrationIncomplete(Refusal):
    """The form is not complete or breaks a rule."""

    zh = "登记信息不完整或不符合规定"


class AlreadyFounding(Conflict):
    """This firm already has a registration under way."""

    zh = "该企业已有在办登记"


class SignaturesMissing(Conflict):
    """Not everyone has signed this version of the form; ask them, or wait for them."""

    zh = "尚有人未签署当前版本，请发起签署或等待签署完成"
