"""Taxes of a small firm as pure functions: VAT, surcharges, corporate and business income tax."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID

import msgspec

from app.money import mul_ppm
from bookkeeping.assessments.model import (
    CitResult,
    SmallScaleVat,
    SurchargesResult,
    Taxpayer,
)
from bookkeeping.assessments.rules import prepayment, small_scale_vat
from bookkeeping.journal.model import DraftLine
from bookkeeping.reports.model import IncomeStatement, TrialBalanceRow
from bookkeeping.tax.model import (
    BadSpan,
    Computed,
    DuePeriod,
    PeriodNotOver,
    ReturnChanged,
    ReturnOutdated,
    ReturnRef,
    ReturnRow,
    ReturnStateForbids,
    VatFirst,
    Withheld,
)

Period = Literal["month", "quarter", "year"]
PERIODS: dict[int, Period] = {1: "month", 3: "quarter", 12: "year"}
MILLION = 1_000_000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
REFERENCE = re.compile(r"TAX-([0-9a-f]{32})-([0-9a-f]{32})-[1-9][0-9]{0,8}")


# --- returns -----------------------------------------------------------------------------------


def next_month(month_on: date) -> date:
    """The first day of the month after."""
    return (month_on + timedelta(days=31)).replace(day=1)


def month_before(month_on: date) -> date:
    """The first day of the month before."""
    return (month_on - timedelta(days=1)).replace(day=1)


def months_between(from_on: date, until_on: date) -> list[date]:
    """First days of the months in `[from_on, until_on)`; BadSpan."""
    known = FIRST_DAY <= from_on < until_on <= LAST_DAY
    if not known or (until_on - from_on).days > 731:
        raise BadSpan(from_on=from_on.isoformat(), until_on=until_on.isoformat())
    month_on = from_on if from_on.day == 1 else next_month(from_on.replace(day=1))
    months = []
    while month_on < until_on:
        months.append(month_on)
        month_on = next_month(month_on)
    return months


def last_day(row: ReturnRow) -> date:
    """The last day of a return's period: its voucher stands there."""
    return row.period_until - timedelta(days=1)


def summary(row: ReturnRow) -> str:
    """What the voucher of a return is called."""
    name = {"vat": "增值税", "surcharges": "附加税费", "cit": "企业所得税"}.get(row.tax, "税款")
    return f"计提{name} {row.period_from:%Y-%m}至{last_day(row):%Y-%m}"


def profit_before_tax(statement: IncomeStatement) -> int:
    """利润总额 of the year so far: line 30 of 会小企02."""
    return next(line.year_to_date_fen for line in statement.lines if line.line == 30)


def due_periods(taxpayer: Taxpayer, month_on: date) -> list[DuePeriod]:
    """What is declared for a month that has ended, in the order in which one return stands on
    another: VAT monthly, or by the quarter for small-scale taxpayers (增值税法实施条例), its
    surcharges, withholding monthly, income tax by the quarter."""
    until = next_month(month_on)
    quarter_ends = month_on.month % 3 == 0
    quarter_on = month_on.replace(day=1, month=month_on.month - 2) if quarter_ends else month_on
    due = [DuePeriod(tax="iit_withholding", from_on=month_on, until_on=until)]
    if taxpayer == "general" or quarter_ends:
        from_on = month_on if taxpayer == "general" else quarter_on
        due.append(DuePeriod(tax="vat", from_on=from_on, until_on=until))
        due.append(DuePeriod(tax="surcharges", from_on=from_on, until_on=until))
    if quarter_ends:
        due.append(DuePeriod(tax="cit", from_on=quarter_on, until_on=until))
    return due


def small_scale_return(law: SmallScaleVat, sales_fen: int, collected_fen: int) -> Computed:
    """The quarter of a small-scale taxpayer: sales by the books, tax shown on its invoices."""
    result = small_scale_vat(law, max(0, sales_fen), "quarter")
    return Computed(
        figures={
            "sales_fen": sales_fen,
            "exempt_sales_fen": sales_fen if result.exempt else 0,
            "rate_ppm": result.rate_ppm,
            "tax_fen": result.tax_fen,
            "collected_fen": collected_fen,
        },
        payable_fen=result.tax_fen,
    )


def general_return(rows: Sequence[TrialBalanceRow], sales_fen: int) -> Computed:
    """The month of a general taxpayer: output less input and less what was carried forward."""
    output = _credit(rows, "22210107")
    taken_out = _credit(rows, "22210109")
    paid_in = sum(row.debit_fen for row in rows if row.code == "22210101")
    carried = max(0, sum(row.opening_fen for row in rows if row.code.startswith("222101")))
    due = output + taken_out - paid_in - carried
    return Computed(
        figures={
            "sales_fen": sales_fen,
            "output_fen": output,
            "input_fen": paid_in,
            "input_taken_out_fen": taken_out,
            "carried_from_fen": carried,
            "carried_to_fen": max(0, -due),
            "tax_fen": max(0, due),
        },
        payable_fen=max(0, due),
    )


def _credit(rows: Sequence[TrialBalanceRow], code: str) -> int:
    return sum(row.credit_fen for row in rows if row.code == code)


def collected(rows: Sequence[TrialBalanceRow]) -> int:
    """The VAT that a small-scale taxpayer's invoices of a period show."""
    return _credit(rows, "222101")


def surcharges_return(result: SurchargesResult, vat_fen: int, sales_fen: int) -> Computed:
    """The surcharges on a VAT return."""
    return Computed(
        figures={
            "sales_fen": sales_fen,
            "vat_fen": vat_fen,
            "city_fen": result.city_fen,
            "education_fen": result.education_fen,
            "local_education_fen": result.local_education_fen,
        },
        payable_fen=result.total_fen,
    )


def withholding_return(paid: Withheld) -> Computed:
    """What was withheld from a month's wages."""
    return Computed(figures=msgspec.structs.asdict(paid), payable_fen=paid.tax_fen)


def quarter_ends(until_on: date) -> list[date]:
    """The last day before the year of a period, and the last days of its quarters so far."""
    year = (until_on - timedelta(days=1)).year
    days = [date(year, 1, 1), date(year, 4, 1), date(year, 7, 1), date(year, 10, 1)]
    return [day - timedelta(days=1) for day in [*days, date(year + 1, 1, 1)] if day <= until_on]


def average(at_quarter_ends: Sequence[int]) -> int:
    """Quarter averages (opening + closing) / 2, averaged over the quarters and rounded up, so that
    one over a limit stays over it (公告2023年第12号)."""
    pairs = list(pairwise(at_quarter_ends))
    total, parts = sum(first + last for first, last in pairs), 2 * len(pairs)
    whole, rest = divmod(total, parts)
    return whole + (1 if rest else 0)


def cit_return(
    result: CitResult, *, profit_fen: int, staff: int, assets_fen: int, prepaid_fen: int
) -> Computed:
    """The prepayment of a quarter on the profit of the year so far; `staff` counts people."""
    return Computed(
        figures={
            "profit_fen": profit_fen,
            "staff": staff,
            "assets_fen": assets_fen,
            "rate_ppm": result.effective_ppm,
            "tax_to_date_fen": result.tax_fen,
            "prepaid_fen": prepaid_fen,
        },
        payable_fen=prepayment(result.tax_fen, prepaid_fen),
    )


def late_fee(payable_fen: int, day_ppm: int, *, due_on: date, today: date) -> int:
    """0.05 % a day from the day after the deadline (税收征收管理法 第三十二条)."""
    return mul_ppm(payable_fen, day_ppm * max(0, (today - due_on).days))


def recompute(row: ReturnRow, now: Computed) -> ReturnRow:
    """Figures computed again: a new version if they differ; nothing once it is on its way."""
    if row.state in ("submitted", "filed") or _same(row, now):
        return row
    return msgspec.structs.replace(
        row,
        figures=now.figures,
        payable_fen=now.payable_fen,
        version=row.version + 1,
        computed_no=row.computed_no + 1,
    )


def _same(row: ReturnRow, now: Computed) -> bool:
    return (row.figures, row.payable_fen) == (now.figures, now.payable_fen)


def submit(row: ReturnRow, now: Computed, *, version: int, today: date) -> ReturnRow:
    """A return goes out as it was seen. ReturnStateForbids, ReturnChanged, ReturnOutdated,
    PeriodNotOver."""
    if row.state in ("submitted", "filed"):
        raise ReturnStateForbids(return_id=row.id, state=row.state)
    if row.version != version:
        raise ReturnChanged(return_id=row.id, version=row.version)
    if today < row.period_until:
        raise PeriodNotOver(period_until=row.period_until.isoformat())
    if not _same(row, now):
        raise ReturnOutdated(return_id=row.id, payable_fen=now.payable_fen)
    return msgspec.structs.replace(
        row, state="submitted", version=version + 1, submitted_on=today, refusal=""
    )


def vat_goes_first(row: ReturnRow, vat_state: str | None) -> None:
    """Surcharges stand on a VAT return that does not change any more: VatFirst."""
    if row.tax == "surcharges" and vat_state not in ("submitted", "filed"):
        raise VatFirst(period_from=row.period_from.isoformat())


def voucher_event(row: ReturnRow) -> str:
    """What the books know a computation by."""
    return f"tax:{row.id}:{row.computed_no}"


def accepted(row: ReturnRow, receipt_number: str) -> ReturnRow:
    """The platform has taken it."""
    return msgspec.structs.replace(
        row, state="filed", version=row.version + 1, receipt_number=receipt_number
    )


def refused(row: ReturnRow, reason: str) -> ReturnRow:
    """The platform did not take it; it can be put right and sent again."""
    return msgspec.structs.replace(row, state="refused", version=row.version + 1, refusal=reason)


def reference(business_id: UUID, row: ReturnRow) -> str:
    """Our own name of a submission: whose return it is can be read from it."""
    return f"TAX-{business_id.hex}-{row.id.hex}-{row.version}"


def read_reference(text: str) -> ReturnRef | None:
    """Firm and return named by a reference of ours; None if it is somebody else's."""
    found = REFERENCE.fullmatch(text)
    if found is None:
        return None
    business, return_id = found.groups()
    return ReturnRef(business_id=UUID(business), return_id=UUID(return_id))


def accrual(row: ReturnRow) -> list[DraftLine]:
    """The voucher that a return makes in the books of its period; withholding has made its own
    with the payroll."""
    figures = row.figures
    match row.tax:
        case "vat":
            return _vat_lines(figures, row.payable_fen)
        case "surcharges":
            parts = [
                ("222111", figures["city_fen"]),
                ("222112", figures["education_fen"]),
                ("222113", figures["local_education_fen"]),
            ]
            return _against("5403", parts)
        case "cit":
            return _against("5801", [("222109", row.payable_fen)])
    return []


def _vat_lines(figures: dict[str, int], payable_fen: int) -> list[DraftLine]:
    """Tax shown on invoices becomes tax unpaid; what need not be paid is income (财会〔2016〕22号),
    and rounding between invoices and return goes the same way."""
    if "output_fen" in figures:
        return _against("22210104", [("222102", payable_fen)])
    shown = figures["collected_fen"]
    if not shown and not payable_fen:
        return []
    left = shown - payable_fen
    lines = [DraftLine(account="222101", debit_fen=shown)] if shown else []
    if payable_fen:
        lines.append(DraftLine(account="222102", credit_fen=payable_fen))
    if left > 0:
        lines.append(DraftLine(account="5301", credit_fen=left))
    if left < 0:
        lines.append(DraftLine(account="5711", debit_fen=-left))
    return lines


def _against(debit: str, parts: Sequence[tuple[str, int]]) -> list[DraftLine]:
    credits = [DraftLine(account=code, credit_fen=fen) for code, fen in parts if fen]
    total = sum(line.credit_fen for line in credits)
    return [DraftLine(account=debit, debit_fen=total), *credits] if total else []
