"""The nouns of loans: terms, instalments, quotes, and why a schedule cannot be made."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import MAX_FEN, NonNegativeFen, PositiveFen
from app.names import Text
from lending.products.model import Method

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

    `annual_rate_ppm` is the yearly rate in parts per million (3.65 % = 36500). `due_dates`, when
    given, replace the dates reckoned from `every`; there are as many as instalments. Days 29-31
    fall to the month's end. Grace counts periods from the first: `grace_principal` pays interest
    only and computes the instalment over the rest; `grace_interest` defers to the first row
    after it and leaves the principal plan as it is; `interest_free` waives and leaves the
    instalment as it is, so that all of it is principal. `flat` bears interest on what is left
    after the down payment, the same in every row. `bullet` pays everything in its last row,
    interest rounded once.
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


LoanState = Literal["active", "overdue", "settled"]
Category = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
InstalmentKind = Literal["scheduled", "prepayment"]
InstalmentState = Literal["planned", "overdue", "paid", "superseded"]


class LoanNotFound(NotFound):
    """There is no such loan."""

    zh = "贷款不存在"


class MethodNotOffered(Refusal):
    """The product does not offer this way of repaying."""

    zh = "该产品不支持此还款方式"


class TermNotOffered(Refusal):
    """The product does not offer this term."""

    zh = "该产品不支持此贷款期限"


class BelowSmallestDrawing(Refusal):
    """The amount is below the smallest drawing of the product."""

    zh = "低于产品最低提款额"


class CostNotAccepted(Conflict):
    """The yearly cost is not the one that was accepted; show the present terms first."""

    zh = "年化综合成本与已确认的不一致，请重新展示并确认"


class LoanDrawn(Event, frozen=True, kw_only=True):
    """A loan was paid out to the firm's account."""

    loan_id: UUID
    principal_fen: int
    account_id: UUID
    drawn_on: date


class NewLoanQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask what a drawing on a limit would cost."""

    facility_id: UUID
    amount_fen: PositiveFen
    term_months: Annotated[int, Meta(ge=1, le=36, examples=[12])]
    method: Method = "equal_instalment"


class NewLoan(NewLoanQuote, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Draw on a limit; `accepted_annual_cost_ppm` is the compound yearly cost that was shown.

    The yearly cost must be shown before signing (PBOC notice 2021 no. 3; 金规〔2026〕2号).
    """

    account_id: UUID
    purpose: Text
    accepted_annual_cost_ppm: Annotated[int, Meta(ge=0, le=10**9, examples=[45940])]


class CostDisclosure(msgspec.Struct, frozen=True, kw_only=True):
    """All the borrower pays, and when: one form for every loan.

    `fees_fen` is 0 because there are none; overdue amounts bear `overdue_rate_ppm` a year, which
    is contingent and not part of the yearly cost. Prepaying is free.
    """

    principal_fen: int
    annual_rate_ppm: int
    prime_rate_ppm: int
    overdue_rate_ppm: int
    interest_fen: int
    fees_fen: int
    annual_cost_simple_ppm: int
    annual_cost_compound_ppm: int
    instalments: list[Instalment]


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """One loan. `outstanding_fen` is principal; `accrued_interest_fen` has been earned by the
    bank up to `accrued_until_on` and not been paid."""

    id: UUID
    number: str
    facility_id: UUID
    product_code: str
    account_id: UUID
    principal_fen: int
    outstanding_fen: int
    purpose: str
    method: Method
    instalment_count: int
    day_count: DayCount
    annual_rate_ppm: int
    prime_rate_ppm: int
    penalty_rate_ppm: int
    principal_first_after_days: int
    annual_cost_simple_ppm: int
    annual_cost_compound_ppm: int
    disbursed_on: date
    matures_on: date
    state: LoanState
    category: Category
    overdue_days: int
    accrued_interest_fen: int
    accrued_until_on: date
    contract_file_id: UUID | None
    drawn_at: datetime
    version: int


class ScheduleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One instalment as stored: what is owed, what was paid, and the penalty fixed so far."""

    no: int
    kind: InstalmentKind
    from_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    paid_principal_fen: int
    paid_interest_fen: int
    paid_penalty_fen: int
    penalty_from_on: date
    state: InstalmentState


class DrawnLoan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan just drawn, with the cost that was disclosed and the schedule."""

    loan: Loan
    disclosure: CostDisclosure


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """The borrower as named on a contract."""

    name: str
    uscc: str | None
    account_number: str
