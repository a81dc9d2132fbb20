"""The nouns of one wage: statutory shapes, what a month has, what was before, the result."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Refusal
from bookkeeping.withholding.model import LowIncome, WagesTable

Component = Literal[
    "base_wage",
    "overtime",
    "bonus",
    "absence",
    "pension",
    "medical",
    "unemployment",
    "housing_fund",
    "income_tax",
    "employer_pension",
    "employer_medical",
    "employer_unemployment",
    "employer_injury",
    "employer_housing_fund",
]
Minutes = Annotated[int, Meta(ge=0, le=30_000, examples=[120])]


class InsuranceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item of social insurance or the housing fund: rates, limits of the base, rounding."""

    code: Literal["pension", "medical", "unemployment", "injury", "housing_fund"]
    employer_ppm: int
    employee_ppm: int
    employee_fixed_fen: int
    floor_fen: int
    cap_fen: int
    rounding_fen: int


class SocialInsurance(msgspec.Struct, frozen=True, kw_only=True):
    """`social_insurance` of a city: its items, and the span of housing fund rates."""

    items: list[InsuranceItem]
    housing_fund_from_ppm: int
    housing_fund_up_to_ppm: int


class WorkingTime(msgspec.Struct, frozen=True, kw_only=True):
    """`wages.time`: paid days of a month in hundredths, hours a day, overtime in per cent."""

    paid_days_hundredths: int
    hours_per_day: int
    workday_percent: int
    rest_day_percent: int
    holiday_percent: int


class WageLaws(msgspec.Struct, frozen=True, kw_only=True):
    """All statutes a run is computed by, insurance by region."""

    wages: WagesTable
    time: WorkingTime
    insurance: dict[str, SocialInsurance]
    low_income: LowIncome | None
    first_job: bool


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one employee's month has besides the base wage; time as worked beyond the hours."""

    employee_id: UUID
    overtime_minutes: Minutes = 0
    rest_day_minutes: Minutes = 0
    holiday_minutes: Minutes = 0
    bonus_fen: Annotated[int, Meta(ge=0, le=10**12, examples=[500000])] = 0
    absence_half_days: Annotated[int, Meta(ge=0, le=62, examples=[1])] = 0


class SoFar(msgspec.Struct, frozen=True, kw_only=True):
    """An employee's tax year and pay month before a run, and the whole year before that."""

    employee_id: UUID
    net_fen: int = 0
    withheld_fen: int = 0
    additional_in_month_fen: int = 0
    prior_months: int = 0
    prior_income_fen: int = 0


class Calculated(msgspec.Struct, frozen=True, kw_only=True):
    """One employee's line as computed."""

    employee_id: UUID
    components: dict[Component, int]
    gross_fen: int
    social_fen: int
    housing_fund_fen: int
    additional_fen: int
    taxable_fen: int
    rate_ppm: int
    tax_fen: int
    net_fen: int
    employer_social_fen: int
    employer_housing_fund_fen: int


class NegativeWage(Refusal):
    """Deductions are larger than the wage."""

    zh = "扣款大于应发工资"
