"""The nouns of the kinds of firm."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from onboarding.names.model import EntityType

Liability = Literal["limited", "unlimited", "by_partner"]
Taxed = Literal["corporate", "business_income", "pass_through"]
CapitalRule = Literal["subscribed", "paid_before", "agreed", "declared", "none"]


class KindOfFirm(Struct, frozen=True, kw_only=True):
    """One kind of firm, as somebody about to found one compares them."""

    entity_type: EntityType
    zh: str
    liability: Liability
    fewest_owners: int
    most_owners: int
    only_persons: bool
    capital: CapitalRule
    paid_in_years: int | None
    taxed: Taxed
    accounting: str
    endings: list[str]
    files_beneficial_owners: bool
    signs: list[str]


class KindsOfFirm(Struct, frozen=True, kw_only=True):
    """All kinds of firm that can be founded here."""

    items: list[KindOfFirm]


class FoundingLimits(Struct, frozen=True, kw_only=True):
    """The statute's numbers in force on a day (Company Law 2023 revision, Order 734, Order 3)."""

    paid_in_years: int
    shareholders: dict[str, tuple[int, int]]
    beneficial_owner_ppm: int
    name_reserved_months: int
    registry_working_days: int
    social_insurance_days: int
    housing_fund_days: int
    approved_name_months: int
    owners_pledge_capital_fen: int
    staff_director_from: int
    farmers_ppm: int
