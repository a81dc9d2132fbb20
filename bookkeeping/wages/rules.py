"""One wage decided: earnings, social insurance, tax by cumulative withholding, gross to net."""

from __future__ import annotations

from datetime import date

from app.money import divide_half_up
from bookkeeping.employees.model import Terms
from bookkeeping.wages.model import (
    Calculated,
    Component,
    NegativeWage,
    NewLine,
    SocialInsurance,
    SoFar,
    WageLaws,
    WorkingTime,
)
from bookkeeping.withholding.model import PaidMonth, YearSoFar
from bookkeeping.withholding.rules import deductible_basics, low_income_deduction, withhold

MILLION = 1_000_000

EMPLOYEE_SHARE: dict[str, Component] = {
    "pension": "pension",
    "medical": "medical",
    "unemployment": "unemployment",
    "housing_fund": "housing_fund",
}
EMPLOYER_SHARE: dict[str, Component] = {
    "pension": "employer_pension",
    "medical": "employer_medical",
    "unemployment": "employer_unemployment",
    "injury": "employer_injury",
    "housing_fund": "employer_housing_fund",
}
EMPLOYER_SOCIAL: tuple[Component, ...] = (
    "employer_pension",
    "employer_medical",
    "employer_unemployment",
    "employer_injury",
)


def contributions(
    law: SocialInsurance, base_fen: int, housing_fund_ppm: int | None
) -> dict[Component, int]:
    """Employee's and employer's share of each item: the base within the item's limits, the rate,
    rounded half-up as the city rounds. A firm's own housing fund rate holds for both sides."""
    shares: dict[Component, int] = {}
    for item in law.items:
        base = min(max(base_fen, item.floor_fen), item.cap_fen)
        own = housing_fund_ppm if item.code == "housing_fund" else None
        employee = _share(base, own or item.employee_ppm, item.rounding_fen)
        employer = _share(base, own or item.employer_ppm, item.rounding_fen)
        names = EMPLOYEE_SHARE.get(item.code), EMPLOYER_SHARE[item.code]
        if names[0] is not None:
            shares[names[0]] = employee + item.employee_fixed_fen
        shares[names[1]] = employer
    return shares


def _share(base_fen: int, rate_ppm: int, rounding_fen: int) -> int:
    return divide_half_up(base_fen * rate_ppm, MILLION * rounding_fen) * rounding_fen


def earnings(
    terms: Terms, new: NewLine, law: WorkingTime, *, further: bool
) -> dict[Component, int]:
    """Base wage, overtime at its three rates (劳动法 第四十四条), bonus, absence; a further run
    of a month pays no base wage again."""
    base, month_minutes = terms.base_wage_fen, law.paid_days_hundredths * law.hours_per_day * 60
    weighted = (
        new.overtime_minutes * law.workday_percent
        + new.rest_day_minutes * law.rest_day_percent
        + new.holiday_minutes * law.holiday_percent
    )
    absent = divide_half_up(base * new.absence_half_days * 100, law.paid_days_hundredths * 2)
    return {
        "base_wage": 0 if further else base,
        "overtime": divide_half_up(base * weighted, month_minutes),
        "bonus": new.bonus_fen,
        "absence": -min(base, absent),
    }


def calculate(
    terms: Terms, new: NewLine, so_far: SoFar | None, laws: WageLaws, *, pay_on: date, further: bool
) -> Calculated:
    """Gross to net of one employee in the order of a wage sheet: earnings, own shares of
    insurance and housing fund, income tax by cumulative withholding. NegativeWage,
    PaidBeforeJoining."""
    parts = earnings(terms, new, laws.time, further=further)
    gross = sum(parts.values())
    if not further:
        law = laws.insurance[terms.region]
        parts |= contributions(law, terms.social_base_fen, terms.housing_fund_ppm)
    social = sum(parts.get(name, 0) for name in ("pension", "medical", "unemployment"))
    fund = parts.get("housing_fund", 0)
    before = so_far or SoFar(employee_id=terms.id)
    additional = 0 if before.additional_in_month_fen else terms.additional_fen
    month = PaidMonth(
        paid_on=pay_on,
        income_fen=max(0, gross),
        social_fen=social + fund,
        additional_fen=additional,
    )
    row, _ = withhold(
        laws.wages,
        month,
        YearSoFar(net_fen=before.net_fen, withheld_fen=before.withheld_fen),
        basic_fen=_basics(terms, before, laws, pay_on),
    )
    net = gross - social - fund - row.withheld_fen
    if net < 0 or gross < 0:
        raise NegativeWage(employee_id=terms.id, net_fen=net)
    parts |= {"income_tax": row.withheld_fen}
    return Calculated(
        employee_id=terms.id,
        components={k: v for k, v in parts.items() if v},
        gross_fen=gross,
        social_fen=social,
        housing_fund_fen=fund,
        additional_fen=additional,
        taxable_fen=row.taxable_fen,
        rate_ppm=row.rate_ppm,
        tax_fen=row.withheld_fen,
        net_fen=net,
        employer_social_fen=sum(parts.get(name, 0) for name in EMPLOYER_SOCIAL),
        employer_housing_fund_fen=parts.get("employer_housing_fund", 0),
    )


def _basics(terms: Terms, before: SoFar, laws: WageLaws, pay_on: date) -> int:
    """The cumulative basic deduction of an employee whose last year we paid ourselves."""
    low = None
    if before.prior_months == 12 and laws.low_income is not None:
        low = low_income_deduction(
            laws.low_income,
            year=pay_on.year,
            joined_on=terms.joined_on,
            prior_year_income_fen=before.prior_income_fen,
        )
    # Wages of a first month may be paid before the month is out, never before joining.
    return deductible_basics(
        laws.wages,
        pay_on,
        terms.joined_on,
        low_fen=low,
        first_job=terms.first_job and laws.first_job,
    )
