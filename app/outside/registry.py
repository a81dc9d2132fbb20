"""The registration authority (登记机关): names, establishment of companies, the public register."""

from __future__ import annotations

from datetime import date
from typing import Literal
from urllib.parse import quote

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire

EntityType = Literal[
    "limited_company",
    "joint_stock_company",
    "sole_proprietorship",
    "partnership",
    "individual_household",
    "farmers_cooperative",
]


class NameVerdict(Struct, frozen=True, kw_only=True):
    """Whether a name may be used, and names near it that may."""

    name: str
    available: bool
    code: str = ""
    reason: str = ""
    suggestions: list[str] = []


class Shareholder(Struct, frozen=True, kw_only=True):
    """One subscriber of the registered capital."""

    name: str
    id_number: str
    subscribed_fen: int
    role: str = ""


class Officer(Struct, frozen=True, kw_only=True):
    """A director, manager or supervisor as filed."""

    name: str
    id_number: str
    position: str


class NewCompany(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application for establishment (设立登记)."""

    reference: Reference
    name: str
    entity_type: EntityType = "limited_company"
    area_code: str
    address: str
    scope: str
    capital_fen: int
    legal_representative: str
    legal_id_number: str
    phone: str = ""
    shareholders: list[Shareholder] = []
    officers: list[Officer] = []
    # Approval of the State Council for a name that begins with the state's.
    name_approval: str = ""
    # SHA-256 of the text that everyone signed, in hexadecimal.
    signed_sha256: str = ""
    applied_on: date


Office = Literal["seals", "social_insurance", "housing_fund"]


class NewOfficeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One office's part of founding a firm, asked through the registry's one window (一网通办)."""

    reference: Reference
    office: Office
    uscc: str
    name: str


class OfficeAnswer(Struct, frozen=True, kw_only=True):
    """The number an office gave the firm: the seals' filing, the insurance's, the fund's."""

    number: str


class Licence(Struct, frozen=True, kw_only=True):
    """What stands on a business licence (营业执照) and in the public register."""

    uscc: str
    licence_number: str
    name: str
    entity_type: EntityType
    area_code: str
    address: str
    scope: str
    capital_fen: int
    legal_representative: str
    registered_on: date
    # 存续 or 注销 or 经营异常, as the register says
    status: str = "存续"


class Registry:
    """Requests to the registration authority."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def check_name(
        self, *, name: str, area_code: str, entity_type: EntityType = "limited_company"
    ) -> NameVerdict:
        """Is the name free and well formed? Nothing is reserved."""
        verdict = await self._wire.get(
            "/names", NameVerdict, name=name, area_code=area_code, entity_type=entity_type
        )
        assert verdict is not None, "the register answers about every name"
        return verdict

    async def register(self, new: NewCompany) -> Outcome[Licence]:
        """Apply; the USCC and the licence number come with the outcome."""
        return await self._wire.post("/registrations", new, Outcome[Licence])

    async def outcome(self, reference: str) -> Outcome[Licence] | None:
        """What became of the application; None: it never arrived."""
        return await self._wire.get(f"/registrations/{quote(reference)}", Outcome[Licence])

    async def ask_office(self, new: NewOfficeRequest) -> Outcome[OfficeAnswer]:
        """Ask one office for its part; its number comes with the outcome."""
        return await self._wire.post("/office-requests", new, Outcome[OfficeAnswer])

    async def office_outcome(self, reference: str) -> Outcome[OfficeAnswer] | None:
        """What an office answered; None: the request never arrived."""
        return await self._wire.get(
            f"/office-requests/{quote(reference)}", Outcome[OfficeAnswer]
        )  # fmt: skip

    async def licence(self, uscc: str) -> Licence | None:
        """Read the public register (企业信用信息公示) by USCC."""
        return await self._wire.get(f"/licences/{quote(uscc)}", Licence)
