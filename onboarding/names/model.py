"""The nouns of a name: its four parts, what is wrong with it, and the answer to a wish."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

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


# The State Council's approval of a name that begins with the state's (Order 734 Art. 10, 11).
NameApproval = Annotated[
    str,
    Meta(
        pattern=r"^[\u4e00-\u9fff]{2,10}〔[0-9]{4}〕[0-9]{1,5}号$", examples=["国函〔2025〕12号"]
    ),
]  # fmt: skip


class NameQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """May a firm of this type have this name in this place? `commitment`: the declarant answers for
    a name that sounds like another's (实施办法 Art. 16); `approval`: see NameApproval."""

    name: CompanyName
    entity_type: EntityType
    area_code: AreaCode
    commitment: Annotated[bool, Meta(examples=[False])] = False
    approval: NameApproval | None = None


class NameParts(Struct, frozen=True, kw_only=True):
    """行政区划, 字号, 行业, 组织形式; a missing part is empty."""

    division: str
    trade_name: str
    industry: str
    form: str


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: a stable code, and words for the one who must mend it. A warning
    keeps nobody; with `commitment` a declarant's word lifts it."""

    code: str
    zh: str
    subject: str = ""
    severity: Literal["refused", "commitment", "warning"] = "refused"


class AlikeName(Struct, frozen=True, kw_only=True):
    """A name that sounds like the one asked for, and how much (trigrams of its sound)."""

    name: str
    trade_name: str
    sound: str
    likeness_ppm: int


class NameAnswer(Struct, frozen=True, kw_only=True):
    """Whether the name may be declared, what it was read as, and other ideas if not."""

    acceptable: bool
    parts: NameParts
    findings: list[Finding]
    suggestions: list[str]
    alike: list[AlikeName] = []


class Declared(Struct, frozen=True, kw_only=True):
    """A name spoken for: the key it is compared by, and until when it is reserved."""

    name_key: str
    reserved_until: date


class NameRefused(Refusal):
    """The name cannot be declared."""

    zh = "名称不符合规定"


class NameTaken(Conflict):
    """Another firm of the same authority and industry has this name."""

    zh = "同一登记机关同行业已有相同名称"


class NameNotExtendable(Conflict):
    """A reservation is extended once, and only while it still runs."""

    zh = "名称保留期只能在到期前延长一次"
