"""The nouns of the one form of a new firm: its people, its capital, and how it is shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.money import MAX_FEN
from app.names import AreaCode, CompanyName, PersonName, Phone, ResidentId
from onboarding.names.model import EntityType, NameApproval
from onboarding.offices.model import Branch, OwnersPart
from onboarding.owners.model import Control, HolderId, Holding

ContributionForm = Literal[
    "cash", "goods", "intellectual_property", "land_use", "equity", "claim", "labour"
]
HolderRole = Literal["general_partner", "limited_partner", "farmer"]
# Nobody must file where the firm is small and owned by persons only: they pledge it instead.
OwnersFiling = Literal["filed", "pledged", "not_needed"]
Position = Literal["director", "manager", "supervisor"]

CapitalFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[100000000])]
Address = Annotated[
    str, Meta(min_length=4, max_length=200, examples=["上海市浦东新区示例路88号302室"])
]
ScopeItem = Annotated[str, Meta(min_length=2, max_length=100, examples=["软件开发"])]
IndustryCode = Annotated[str, Meta(pattern="^[A-T][0-9]{4}$", examples=["I6513"])]


DueOn = Annotated[date, Meta(examples=["2030-06-30"])]


class LegalRepresentative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who acts for the firm; the operator of an individual household."""

    name: PersonName
    id_number: ResidentId
    phone: Phone


class Shareholder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One subscriber: a person by resident id, who signs by `phone`; a firm by its unified social
    credit code, for which its representative signs. Partners and members say their role."""

    name: Annotated[str, Meta(min_length=2, max_length=100, examples=["王小微"])]
    id_number: HolderId
    subscribed_fen: CapitalFen
    paid_fen: CapitalFen = 0
    form: ContributionForm = "cash"
    due_on: DueOn | None = None
    kind: Literal["person", "firm"] = "person"
    role: HolderRole | None = None
    phone: Phone | None = None
    representative: LegalRepresentative | None = None


class Officer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A director, manager or supervisor, who accepts the office by signing."""

    name: PersonName
    id_number: ResidentId
    phone: Phone
    position: Annotated[Position, Meta(examples=["director"])]
    # Elected by the staff; a company of 300 people or more has one on its board.
    of_staff: Annotated[bool, Meta(examples=[False])] = False


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
    controls: Annotated[list[Control], Meta(max_length=20)] = []
    # Without officers the legal representative is sole director and manager, and all shareholders
    # agree by their signature to have no supervisor (Company Law Art. 75, 83).
    officers: Annotated[list[Officer], Meta(max_length=30)] = []
    # Offices the owner goes to without us.
    by_owner: Annotated[list[OwnersPart], Meta(max_length=3)] = []
    bank_branch: Branch | None = None
    name_commitment: Annotated[bool, Meta(examples=[False])] = False
    name_approval: NameApproval | None = None


class MaskedPerson(Struct, frozen=True, kw_only=True):
    """A person with the number and phone masked."""

    name: str
    id_number: str
    phone: str


class MaskedOfficer(Struct, frozen=True, kw_only=True):
    """An officer with the number and phone masked."""

    name: str
    id_number: str
    phone: str
    position: Position
    of_staff: bool


class MaskedShareholder(Struct, frozen=True, kw_only=True):
    """A subscriber with the number masked if it is a person's."""

    name: str
    id_number: str
    kind: Literal["person", "firm"]
    role: HolderRole | None
    subscribed_fen: int
    paid_fen: int
    form: ContributionForm
    due_on: date | None


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
    officers: list[MaskedOfficer]
    by_owner: list[OwnersPart]
    bank_branch: str | None
