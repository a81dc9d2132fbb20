"""The nouns of loans: terms, instalments, quotes, and why a schedule cannot be made."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.errors import Refusal
from app.money import MAX_FEN, NonNegativeFen, PositiveFen

Method = Literal["equal_instalment", "equal_principal", "interest_only", "bullet", "flat"]
DayCount = Literal["30/360", "actual/360", "actual/365", "actual/actual"]
Rounding = Literal["half_up", "half_even"]
Unit = Literal["day", "week", "month"]

THIRTY_360: DayCount = "30/360"
ACTUAL_360: DayCount = "actual/360"
ACTUAL_365: DayCount = "actual/365"
ACTUAL_ACTUAL: DayCount = "actual/actual"

# 50 years of months: longer than any product, short enough to answer at once.
MAX_INSTALMENTS = 600
FIRST_YEAR = 1900
LAST_YEAR = 2200

AnnualRatePpm = Annotated[int, Meta(ge=0, le=10_000_000, examples=[36500])]
InstalmentCount = Annotated[int, Meta(ge=1, le=MAX_INSTALMENTS, examples=[12])]
Grace = Annotated[int, Meta(ge=0, le=MAX_INSTALMENTS, examples=[0])]


class Every(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The length of one period: `count` days, weeks or calendar months."""

    count: Annotated[int, Meta(ge=1, le=366, examples=[1])] = 1
    unit: Unit = "month"


class LoanTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a repayment schedule depends on.

    `annual_rate_ppm` is the yearly rate in parts per million (3.65 % = 36500); `grace_principal`,
    `grace_interest` and `interest_free` count periods from the first; `due_dates`, when given,
    replace the dates reckoned from `every` and there are as many as instalments.
    """

    principal_fen: PositiveFen
    annual_rate_ppm: AnnualRatePpm
    method: Method
    instalment_count: InstalmentCount
    disbursed_on: Annotated[date, Meta(examples=["2026-01-20"])]
    every: Every = msgspec.field(default_factory=Every)
    due_dates: Annotated[list[date], Meta(max_length=MAX_INSTALMENTS, examples=[[]])] = (
        msgspec.field(default_factory=list)
    )
    day_count: DayCount = THIRTY_360
    rounding: Rounding = "half_up"
    instalment_multiple_fen: Annotated[int, Meta(ge=1, le=MAX_FEN, examples=[1])] = 1
    grace_principal: Grace = 0
    grace_interest: Grace = 0
    interest_free: Grace = 0
    down_payment_ppm: Annotated[int, Meta(ge=0, lt=1_000_000, examples=[0])] = 0


class Instalment(msgspec.Struct, frozen=True):
    """One row of a schedule; `balance_fen` is the principal still owed after it."""

    no: int
    from_on: date
    due_on: date
    principal_fen: NonNegativeFen
    interest_fen: int
    payment_fen: int
    balance_fen: NonNegativeFen


class Totals(msgspec.Struct, frozen=True):
    """Sums over all rows of a schedule."""

    principal_fen: int
    interest_fen: int
    payment_fen: int


class LoanQuote(msgspec.Struct, frozen=True):
    """A schedule with its yearly cost, simple and compound (PBOC notice 2021 no. 3)."""

    instalments: list[Instalment]
    totals: Totals
    annual_cost_simple_ppm: int
    annual_cost_compound_ppm: int


class GraceTooLong(Refusal):
    """The grace periods leave no instalment in which to pay."""

    zh = "宽限期数不得超过还款期数"


class DueDatesDoNotFit(Refusal):
    """There must be one due date per instalment, each after the one before."""

    zh = "还款日必须与期数一致，且逐期递增、晚于放款日"


class DownPaymentTakesAll(Refusal):
    """The down payment, rounded to the multiple, leaves nothing to lend."""

    zh = "首付款取整后已等于或超过贷款金额"


class DatesOutOfRange(Refusal):
    """The loan must begin and end between 1900 and 2200."""

    zh = "贷款起止日期超出允许范围"


class CostOutOfRange(Refusal):
    """The due dates make the yearly cost meaningless for this period length."""

    zh = "还款日与还款周期相差过大，年化成本无法表示"
