"""The nouns of withholding: tables of the statutes, quotes, errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.errors import Malformed, Refusal
from app.money import NonNegativeFen
from app.reference.model import Bracket

LabourKind = Literal["labour", "author", "royalty"]
PaidOn = Annotated[date, Meta(examples=["2025-09-10"])]


# --- statutory shapes --------------------------------------------------------------------------


class WagesTable(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.wages`: the annual table for cumulative withholding and the deduction per month."""

    brackets: list[Bracket]
    basic_month_fen: int


class MonthlyTable(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.monthly`: the table converted to months (bonus, non-residents)."""

    brackets: list[Bracket]


class BonusRule(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.bonus`: the annual bonus may be taxed by itself, its step found by a share of it."""

    months: int


class LowIncome(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.low_income`: who earned little last year deducts the whole year's amount at once."""

    prior_year_limit_fen: int
    deduction_fen: int


class LabourTable(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.labour`: pre-withholding on labour, author's and royalty income."""

    brackets: list[Bracket]
    flat_deduction_up_to_fen: int
    flat_deduction_fen: int
    deduction_ppm: int
    author_ppm: int
    flat_rate_ppm: int


class YearSoFar(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier payments of a tax year add up to; net of all but the basic deduction."""

    net_fen: int = 0
    withheld_fen: int = 0


# --- quotes ------------------------------------------------------------------------------------


class PaidMonth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One month's pay; deductions as the withholding return names them."""

    paid_on: PaidOn
    income_fen: NonNegativeFen
    exempt_fen: NonNegativeFen = 0
    social_fen: NonNegativeFen = 0
    additional_fen: NonNegativeFen = 0
    other_fen: NonNegativeFen = 0


class NewWagesTaxQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to withhold month by month; `prior_year_income_fen` only with twelve months of the
    year before at the same employer."""

    months: Annotated[list[PaidMonth], Meta(min_length=1, max_length=120)]
    joined_on: Annotated[date, Meta(examples=["2025-01-01"])]
    first_job: bool = False
    prior_year_income_fen: NonNegativeFen | None = None


class WithheldMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The withholding of one month, cumulative within its tax year."""

    taxable_fen: int
    rate_ppm: int
    quick_deduction_fen: int
    cumulative_tax_fen: int
    withheld_fen: int


class WagesTaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The months in the order given, with the statute they were computed by."""

    months: list[WithheldMonth]
    source: str


class NewBonusTaxQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tax on an annual bonus, by itself and, with the year's months, merged into the wages."""

    amount_fen: NonNegativeFen
    paid_on: PaidOn
    months: Annotated[list[PaidMonth], Meta(max_length=12)] | None = None
    joined_on: Annotated[date, Meta(examples=["2025-01-01"])] | None = None
    first_job: bool = False


class SeparateBonus(msgspec.Struct, frozen=True, kw_only=True):
    """The bonus taxed by itself."""

    tax_fen: int
    rate_ppm: int


class MergedBonus(msgspec.Struct, frozen=True, kw_only=True):
    """The tax that the bonus adds when merged, and the year's whole tax then."""

    tax_fen: int
    year_tax_fen: int


class BonusTaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Both ways, and which costs less."""

    separate: SeparateBonus
    merged: MergedBonus | None = None
    cheaper: Literal["separate", "merged", "equal"] | None = None
    source: str


class NewLabourTaxQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One payment for labour, to an author, or of a royalty."""

    kind: LabourKind
    amount_fen: NonNegativeFen
    paid_on: PaidOn
    resident: bool = True


class LabourTaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The tax to withhold, its rate, and the statute."""

    tax_fen: int
    rate_ppm: int
    source: str


# --- errors ------------------------------------------------------------------------------------


class MonthsOutOfOrder(Malformed):
    """The months must come in the order of their payment."""

    zh = "各月须按发放日期先后排列"


class PaidBeforeJoining(Refusal):
    """A wage is dated before the employee joined."""

    zh = "发放日期早于入职日期"


class BonusOutsideYear(Refusal):
    """All months must lie in the tax year in which the bonus is paid."""

    zh = "各月须与奖金发放日期在同一纳税年度"
