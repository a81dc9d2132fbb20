"""Taxes as pure functions: VAT, surcharges, corporate and business income tax."""

from __future__ import annotations

from datetime import date
from typing import Literal

from app.money import MAX_FEN, divide_half_up, mul_ppm
from app.reference.rules import progressive
from bookkeeping.assessments.model import (
    BadPeriod,
    BusinessIncome,
    CitRates,
    CitResult,
    CityClass,
    EducationExemption,
    SmallProfit,
    SmallScaleVat,
    SurchargeRates,
    SurchargesResult,
    VatResult,
)

Period = Literal["month", "quarter", "year"]
PERIODS: dict[int, Period] = {1: "month", 3: "quarter", 12: "year"}
MILLION = 1_000_000


def period_kind(from_on: date, until_on: date) -> Period:
    """Whether `[from_on, until_on)` is a month, a quarter or a calendar year; BadPeriod if none."""
    count = (until_on.year - from_on.year) * 12 + until_on.month - from_on.month
    kind = PERIODS.get(count)
    aligned = from_on.day == until_on.day == 1 and (from_on.month - 1) % max(1, count) == 0
    if kind is None or not aligned:
        raise BadPeriod(period_from=from_on.isoformat(), period_until=until_on.isoformat())
    return kind


def small_scale_vat(law: SmallScaleVat, sales_fen: int, period: Period) -> VatResult:
    """VAT of a small-scale taxpayer on sales without VAT: nothing under the threshold, all of it
    taxed beyond. Until 2025 the threshold itself was free (公告2023年第1号), since 2026 reaching
    it is taxed (增值税法 第二十三条)."""
    limit = law.month_fen if period == "month" else law.quarter_fen
    free = sales_fen < limit if law.reaching_is_taxed else sales_fen <= limit
    tax = 0 if free else mul_ppm(sales_fen, law.levy_ppm)
    return VatResult(tax_fen=tax, rate_ppm=0 if free else law.levy_ppm, exempt=free)


def general_vat(sales_fen: int, rate_ppm: int, input_tax_fen: int) -> VatResult:
    """VAT of a general taxpayer: output less input; what is left over is carried forward."""
    output = mul_ppm(sales_fen, rate_ppm)
    return VatResult(
        tax_fen=max(0, output - input_tax_fen),
        rate_ppm=rate_ppm,
        output_tax_fen=output,
        credit_fen=max(0, input_tax_fen - output),
    )


def surcharges(
    rates: SurchargeRates,
    exemption: EducationExemption,
    relief_ppm: int,
    *,
    vat_fen: int,
    sales_fen: int,
    period: Period,
    city: CityClass,
) -> SurchargesResult:
    """Surcharges on VAT paid, each half-up; `relief_ppm` of each is not paid by small taxpayers,
    and the education surcharges not at all up to the exempt sales (财税〔2016〕12号)."""
    limit = exemption.month_fen if period == "month" else exemption.quarter_fen
    exempt = sales_fen <= limit
    parts = [rates.city_ppm[city], rates.education_ppm, rates.local_education_ppm]
    due = [
        divide_half_up(vat_fen * ppm * (MILLION - relief_ppm), MILLION * MILLION) for ppm in parts
    ]
    if exempt:
        due[1] = due[2] = 0
    return SurchargesResult(
        city_fen=due[0],
        education_fen=due[1],
        local_education_fen=due[2],
        total_fen=sum(due),
        halved=relief_ppm > 0,
        education_exempt=exempt,
    )


def is_small_profit(law: SmallProfit | None, profit_fen: int, staff: int, assets_fen: int) -> bool:
    """All three conditions of 公告2023年第12号, each limit included."""
    return law is not None and (
        profit_fen <= law.income_up_to_fen
        and staff <= law.staff_up_to
        and assets_fen <= law.assets_up_to_fen
    )


def corporate_income_tax(
    rates: CitRates, small: SmallProfit | None, *, profit_fen: int, staff: int, assets_fen: int
) -> CitResult:
    """Tax on the profit of the year so far: one fen over the limit and all of it is taxed at the
    ordinary rate (the cliff of 小型微利企业). A loss pays nothing."""
    qualifies = is_small_profit(small, profit_fen, staff, assets_fen)
    ppm = rates.rate_ppm
    if small is not None and qualifies:
        ppm = divide_half_up(small.income_ppm * small.rate_ppm, MILLION)
    tax = mul_ppm(max(0, profit_fen), ppm)
    return CitResult(tax_fen=tax, small_profit=qualifies, effective_ppm=ppm)


def business_income_tax(law: BusinessIncome, taxable_fen: int) -> tuple[int, int]:
    """Income tax of an individual household: in full, and after the relief on the part up to the
    limit (公告2023年第12号 第一条)."""
    full = progressive(law.brackets, taxable_fen)
    relief_base = progressive(law.brackets, min(taxable_fen, law.relief_up_to_fen))
    return full, full - mul_ppm(relief_base, law.relief_ppm)


def prepayment(cumulative_tax_fen: int, prepaid_fen: int) -> int:
    """What is still to be prepaid of the tax so far; an excess waits for the annual return."""
    assert 0 <= prepaid_fen <= MAX_FEN
    return max(0, cumulative_tax_fen - prepaid_fen)
