"""The nouns of assessing taxes: statutory shapes, quotes, results, errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.errors import Malformed, Refusal
from app.money import Fen, NonNegativeFen
from app.reference.model import Bracket

Taxpayer = Literal["small_scale", "general"]
CityClass = Literal["city", "county_town", "other"]


class SmallScaleVat(msgspec.Struct, frozen=True, kw_only=True):
    """`vat.small_scale`: thresholds, whether reaching one is already taxed, and the levy."""

    month_fen: int
    quarter_fen: int
    reaching_is_taxed: bool
    levy_ppm: int
    full_levy_ppm: int


class GeneralVat(msgspec.Struct, frozen=True, kw_only=True):
    """`vat.general`: the rates of output tax."""

    rates_ppm: list[int]


class SurchargeRates(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.rates`: on VAT paid, by the class of the place."""

    city_ppm: dict[CityClass, int]
    education_ppm: int
    local_education_ppm: int


class SurchargeRelief(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.half`: the share that small taxpayers do not pay."""

    relief_ppm: int


class EducationExemption(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.education_exemption`: sales up to which no education surcharge is due."""

    month_fen: int
    quarter_fen: int


class CitRates(msgspec.Struct, frozen=True, kw_only=True):
    """`cit.rates`: the ordinary rate of corporate income tax."""

    rate_ppm: int


class SmallProfit(msgspec.Struct, frozen=True, kw_only=True):
    """`cit.small_profit`: who counts as small, the share of income counted, its rate."""

    income_up_to_fen: int
    staff_up_to: int
    assets_up_to_fen: int
    income_ppm: int
    rate_ppm: int


class BusinessIncome(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.business`: table of individual households, and the relief on its lower part."""

    brackets: list[Bracket]
    relief_up_to_fen: int
    relief_ppm: int


class LateFee(msgspec.Struct, frozen=True, kw_only=True):
    """`tax.late_fee`: a day's share of what is late."""

    day_ppm: int


class NewTaxQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One month or quarter (or, for income tax alone, a year): `[period_from, period_until)`.

    `sales_fen` without VAT; `output_rate_ppm` for general taxpayers; `profit_fen` of the year so
    far, with staff and assets averaged by quarter.
    """

    taxpayer: Taxpayer
    period_from: Annotated[date, Meta(examples=["2026-01-01"])]
    period_until: Annotated[date, Meta(examples=["2026-04-01"])]
    sales_fen: NonNegativeFen = 0
    input_tax_fen: NonNegativeFen = 0
    output_rate_ppm: Annotated[int, Meta(ge=0, le=130_000, examples=[130_000])] | None = None
    city_tax_class: CityClass = "city"
    profit_fen: Fen | None = None
    staff: Annotated[int, Meta(ge=0, le=1_000_000, examples=[12])] | None = None
    assets_fen: NonNegativeFen | None = None


class Statute(msgspec.Struct, frozen=True, kw_only=True):
    """The row of law a number was computed by: what it says, when it holds, where it stands."""

    rule: str
    from_on: date
    until_on: date | None
    source: str


class VatResult(msgspec.Struct, frozen=True, kw_only=True):
    """VAT of the period; `credit_fen` is input tax carried forward."""

    tax_fen: int
    rate_ppm: int
    exempt: bool = False
    output_tax_fen: int = 0
    credit_fen: int = 0


class Vat(VatResult, frozen=True, kw_only=True):
    """VAT with its statute."""

    law: Statute


class SurchargesResult(msgspec.Struct, frozen=True, kw_only=True):
    """City construction tax and the two education surcharges on the VAT of the period."""

    city_fen: int
    education_fen: int
    local_education_fen: int
    total_fen: int
    halved: bool
    education_exempt: bool


class Surcharges(SurchargesResult, frozen=True, kw_only=True):
    """Surcharges with their statutes."""

    laws: list[Statute]


class CitResult(msgspec.Struct, frozen=True, kw_only=True):
    """Corporate income tax on the profit of the year so far; all or nothing for small firms."""

    tax_fen: int
    small_profit: bool
    effective_ppm: int


class Cit(CitResult, frozen=True, kw_only=True):
    """Corporate income tax with its statute."""

    law: Statute


class TaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What is due for the period; VAT and surcharges are null for a whole year."""

    vat: Vat | None
    surcharges: Surcharges | None
    income_tax: Cit | None


class BadPeriod(Malformed):
    """The period must be a whole month, quarter or calendar year; its end is not included."""

    zh = "期间须为完整的月、季度或年度（结束日不含）"


class IncomeTaxNeedsMore(Malformed):
    """Income tax needs profit, staff and assets together."""

    zh = "计算企业所得税须同时给出利润、从业人数和资产总额"


class UnknownRate(Refusal):
    """There is no such VAT rate in that period."""

    zh = "该期间没有此增值税税率"
