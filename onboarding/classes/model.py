"""The nouns of account classes: what an account is for, its term, and how it is opened."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.errors import Refusal

AccountClass = Literal["basic", "general", "special", "temporary"]
# simplified: less is examined, less may be paid (银发〔2021〕260号, 简易开户).
Opening = Literal["full", "simplified"]
# 人民币银行结算账户管理办法 (Order [2003] 5) Art. 13: funds kept apart for one purpose.
SpecialPurpose = Literal[
    "construction",
    "social_insurance",
    "party_dues",
    "futures_margin",
    "housing_maintenance",
    "migrant_wages",
    "other_statutory",
]
# Art. 14.
TemporaryReason = Literal["temporary_body", "out_of_town_activity", "capital_verification"]
ProofKind = Literal["special_purpose_proof", "temporary_proof"]

BasicAccountNumber = Annotated[
    str,
    Meta(
        pattern="^J[0-9]{13}$",
        examples=["J2900000012301"],
        description="基本存款账户编号: the account management system's number of the basic account",
    ),
]
Until = Annotated[date, Meta(examples=["2026-12-31"])]


class ClassTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a class other than basic needs: the basic account's number (left out where that is
    with us), the purpose of a special account, the reason and the last day of a temporary one."""

    basic_account_number: BasicAccountNumber | None = None
    special_purpose: Annotated[SpecialPurpose | None, Meta(examples=["migrant_wages"])] = None
    temporary_reason: Annotated[TemporaryReason | None, Meta(examples=["out_of_town_activity"])] = (
        None
    )
    until_on: Until | None = None


class Bounds(Struct, frozen=True, kw_only=True):
    """What may be paid at once and in a day without coming to the counter."""

    single_fen: int
    daily_fen: int


class ClassPolicy(Struct, frozen=True, kw_only=True):
    """The rules in force: the longest term of a temporary account; who may open by the
    simplified way, and what may be paid from such an account."""

    temporary_months_most: int
    simplified_types: list[str]
    simplified_capital_most_fen: int
    simplified_bounds: Bounds


class ClassRefused(Refusal):
    """This class of account cannot be opened here now."""

    zh = "当前不能开立该类账户"
