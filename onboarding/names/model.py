"""The nouns of a name: its four parts, what is wrong with it, and the answer to a wish."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from app.errors import Conflict, Refusal
from app.names import AreaCode, CompanyName

EntityType = Literal[
    "limited_company",
    "joint_stock_company",
    "sole_proprietorship",
    "partnership",
    "individual_household",
    "farmers_cooperative",
]


class NameQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """May a firm of this type have this name in this place?"""

    name: CompanyName
    entity_type: EntityType
    area_code: AreaCode


class NameParts(Struct, frozen=True, kw_only=True):
    """行政区划, 字号, 行业, 组织形式; a missing part is empty."""

    division: str
    trade_name: str
    industry: str
    form: str


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: a stable code, and words for the one who must mend it."""

    code: str
    zh: str
    subject: str = ""


class NameAnswer(Struct, frozen=True, kw_only=True):
    """Whether the name may be declared, what it was read as, and other ideas if not."""

    acceptable: bool
    parts: NameParts
    findings: list[Finding]
    suggestions: list[str]


class NameRefused(Refusal):
    """The name cannot be declared."""

    zh = "名称不符合规定"


class NameTaken(Conflict):
    """Another firm of the same authority and industry has this name."""

    zh = "同一登记机关同行业已有相同名称"
