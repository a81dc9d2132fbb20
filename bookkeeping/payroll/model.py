"""The nouns of wages: runs and their lines, statutory shapes, events, errors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import Text
from bookkeeping.employees.model import Who
from bookkeeping.wages.model import Calculated, NewLine

# draft -> submitted -> approved (waits for its day) -> sent (money set aside) -> paid;
# rejected and cancelled end it.
RunState = Literal["draft", "submitted", "rejected", "cancelled", "approved", "sent", "paid"]
LineState = Literal["waiting", "settled", "failed", "returned"]
PaidOn = Annotated[date, Meta(examples=["2025-09-10"])]
Month = Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2025-09"])]


# --- runs --------------------------------------------------------------------------------------


class NewRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wages of a month, to be paid on a day. A further run of the same month pays only what
    its lines name, and needs a reason."""

    month: Month
    pay_on: PaidOn
    lines: Annotated[list[NewLine], Meta(max_length=10_000)] = []
    reason: Text | None = None


class SeenVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the run that was seen."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class RunDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Yes or no to a run as it was seen."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[2])]
    approve: bool = True
    reason: Annotated[str, Meta(max_length=200, examples=["金额已核对"])] = ""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One payroll run with its totals; employer's contributions are not part of the wages."""

    id: UUID
    month_on: date
    run_no: int
    reason: str
    pay_on: date
    account_id: UUID
    state: RunState
    version: int
    people: int
    gross_fen: int
    social_fen: int
    housing_fund_fen: int
    tax_fen: int
    net_fen: int
    employer_social_fen: int
    employer_housing_fund_fen: int
    settled_fen: int
    failed_fen: int
    made_by: UUID
    sent_on: date | None
    paid_at: datetime | None


class LineFigures(Calculated, frozen=True, kw_only=True):
    """One employee's line: from gross to net, and what became of the payment."""

    no: int
    state: LineState
    failure: str


class LineRow(LineFigures, frozen=True, kw_only=True):
    """A line as stored, who is paid sealed."""

    who_sealed: bytes
    bank_code: str
    payslip_id: UUID | None


class Line(LineFigures, frozen=True, kw_only=True):
    """A line as shown."""

    name: str
    account_number: str
    payslip_ready: bool


class RunWithLines(Run, frozen=True, kw_only=True):
    """A run and its first lines; `next` is the cursor of the following ones, or null."""

    lines: list[Line]
    next: str | None


class PayslipId(msgspec.Struct, frozen=True, kw_only=True):
    """The document of one line, null until it is made."""

    payslip_id: UUID | None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The days `[from_on, until_on)` of a run's month, and which run of it this is."""

    from_on: date
    until_on: date
    run_no: int
    further: bool


class BatchRef(msgspec.Struct, frozen=True, kw_only=True):
    """What a reference to the clearing house names."""

    business_id: UUID
    run_id: UUID
    batch_no: int


class LineOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line."""

    employee_id: UUID
    amount_fen: int
    was: LineState
    state: LineState
    reason: str


class PayableLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line on its way to the clearing house, or back."""

    employee_id: UUID
    no: int
    batch_no: int
    net_fen: int
    state: LineState
    who_sealed: bytes
    bank_code: str


class LatestRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a new run must respect: open runs, the last pay day, runs of the same month."""

    open_id: UUID | None
    last_pay_on: date | None
    runs_of_month: int
    next_no: int


class OwnPayslip(msgspec.Struct, frozen=True, kw_only=True):
    """One of the signed-in employee's own payslips; `ready` once the document is made."""

    run_id: UUID
    month_on: date
    pay_on: date
    employee_id: UUID
    gross_fen: int
    social_fen: int
    housing_fund_fen: int
    tax_fen: int
    net_fen: int
    state: LineState
    ready: bool


class OwnPayslips(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[OwnPayslip]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One batch on its way to the clearing house, the same word for word at every repeat."""

    reference: str
    payer_account: str
    payer_name: str
    purpose: str
    sent_on: date
    lines: list[PayableLine]
    people: list[Who]


class PayrollApproved(Event, frozen=True, kw_only=True):
    """The money of a run is set aside; the batch may go out."""

    run_id: UUID


class PayrollReturned(Event, frozen=True, kw_only=True):
    """Another bank sent wages back after they had arrived; `version` is the run's then."""

    run_id: UUID
    amount_fen: int
    version: int


class PayrollPaid(Event, frozen=True, kw_only=True):
    """Every line of a run has its outcome."""

    run_id: UUID


# --- errors ------------------------------------------------------------------------------------


class RunNotFound(NotFound):
    """The payroll run does not exist."""

    zh = "工资发放批次不存在"


class RunStateForbids(Conflict):
    """The payroll run is in another state."""

    zh = "工资发放批次当前状态不允许该操作"


class RunChanged(Conflict):
    """The payroll run has changed since you read it; read it again."""

    zh = "工资批次已变更，请刷新后重试"


class MonthAlreadyRun(Conflict):
    """This month already has a payroll; a further one needs a reason."""

    zh = "该月已有工资批次，再次发放须填写原因"


class NobodyToPay(Refusal):
    """No employee is to be paid for this month."""

    zh = "该月没有需要发放的员工"


class PayslipNotReady(NotFound):
    """The payslip has not been made yet."""

    zh = "工资条尚未生成"


class OpenRunExists(Conflict):
    """Another run is still being prepared; finish or cancel it first."""

    zh = "尚有未完成的工资批次，请先完成或取消"


class PayDateWrong(Refusal):
    """The pay day lies in the past, before the last run's, or before the month."""

    zh = "发放日期不能早于今天、上一批次或工资所属月份"


class UnknownEmployee(Refusal):
    """A line names somebody who is not employed in that month, or names them twice."""

    zh = "明细中的员工该月不在职或重复"


class NoPayAccount(Refusal):
    """The firm has no account that wages can be paid from."""

    zh = "企业没有可用于代发工资的账户"


class PayMonthPassed(Refusal):
    """The month of payment has passed; cancel the run and calculate it again."""

    zh = "发放月份已过，请取消该批次并重新计算"
