"""Income tax withheld at source as pure functions: wages, bonuses, labour, royalties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from app.money import divide_half_up
from app.reference.model import Bracket
from app.reference.rules import bracket, progressive
from bookkeeping.withholding.model import (
    BonusOutsideYear,
    LabourKind,
    LabourTable,
    LowIncome,
    MergedBonus,
    MonthlyTable,
    MonthsOutOfOrder,
    PaidBeforeJoining,
    PaidMonth,
    SeparateBonus,
    WagesTable,
    WithheldMonth,
    YearSoFar,
)

MILLION = 1_000_000


def months_employed(paid_on: date, joined_on: date, *, first_job: bool) -> int:
    """Months of this tax year's employment up to the payment month (公告2018年第61号 第六条);
    from January for a first job of the year (公告2020年第13号)."""
    if paid_on.year < joined_on.year or (
        paid_on.year == joined_on.year and paid_on.month < joined_on.month
    ):
        raise PaidBeforeJoining(paid_on=paid_on.isoformat(), joined_on=joined_on.isoformat())
    if joined_on.year < paid_on.year or first_job:
        return paid_on.month
    return paid_on.month - joined_on.month + 1


def deductible_basics(
    table: WagesTable, paid_on: date, joined_on: date, *, first_job: bool, low_fen: int | None
) -> int:
    """The cumulative basic deduction: a month's amount for each month employed, or the whole
    year's at once for low incomes (公告2020年第19号)."""
    months = months_employed(paid_on, joined_on, first_job=first_job)
    return low_fen if low_fen is not None else table.basic_month_fen * months


def low_income_deduction(
    rule: LowIncome, *, year: int, joined_on: date, prior_year_income_fen: int | None
) -> int | None:
    """The whole year's deduction, for who had all twelve months of last year's wages withheld at
    this employer and earned no more than the limit; None for anybody else."""
    whole_year = (joined_on.year, joined_on.month) <= (year - 1, 1)
    if prior_year_income_fen is None or not whole_year:
        return None
    return rule.deduction_fen if prior_year_income_fen <= rule.prior_year_limit_fen else None


def net_income(month: PaidMonth) -> int:
    """Income less everything but the basic deduction."""
    deductions = month.exempt_fen + month.social_fen + month.additional_fen + month.other_fen
    return month.income_fen - deductions


def withhold(
    table: WagesTable, month: PaidMonth, so_far: YearSoFar, *, basic_fen: int
) -> tuple[WithheldMonth, YearSoFar]:
    """One payment by cumulative withholding (公告2018年第61号 第六条): tax on all of the year so
    far less what was withheld; never negative, the rest is settled in the annual return."""
    net_fen = so_far.net_fen + net_income(month)
    taxable = max(0, net_fen - basic_fen)
    step, tax = bracket(table.brackets, taxable), progressive(table.brackets, taxable)
    withheld = max(0, tax - so_far.withheld_fen)
    row = WithheldMonth(
        taxable_fen=taxable,
        rate_ppm=step.rate_ppm,
        cumulative_tax_fen=tax,
        quick_deduction_fen=step.quick_deduction_fen,
        withheld_fen=withheld,
    )
    return row, YearSoFar(net_fen=net_fen, withheld_fen=so_far.withheld_fen + withheld)


def wages_tax(
    tables: dict[int, WagesTable],
    months: Sequence[PaidMonth],
    *,
    joined_on: date,
    first_job: bool,
    low_fen: int | None,
) -> list[WithheldMonth]:
    """Payments of one or more tax years in order; each year begins anew with its payment month.
    `low_fen` concerns the first of the years. MonthsOutOfOrder, PaidBeforeJoining."""
    rows: list[WithheldMonth] = []
    so_far, year = YearSoFar(), months[0].paid_on.year
    for before, month in zip([months[0], *months], months, strict=False):
        if month.paid_on < before.paid_on:
            raise MonthsOutOfOrder(paid_on=month.paid_on.isoformat())
        if month.paid_on.year != year:
            so_far, year, low_fen = YearSoFar(), month.paid_on.year, None
        basic = deductible_basics(
            tables[year], month.paid_on, joined_on, first_job=first_job, low_fen=low_fen
        )
        row, so_far = withhold(tables[year], month, so_far, basic_fen=basic)
        rows.append(row)
    return rows


def bonus_separate(table: MonthlyTable, amount_fen: int, *, months: int) -> SeparateBonus:
    """An annual bonus by itself (财税〔2018〕164号): the step by a twelfth, the tax by the whole
    with one quick deduction."""
    step = bracket(table.brackets, amount_fen, months)
    tax = divide_half_up(amount_fen * step.rate_ppm, MILLION) - step.quick_deduction_fen
    return SeparateBonus(tax_fen=max(0, tax), rate_ppm=step.rate_ppm)


def bonus_merged(
    table: WagesTable,
    months: Sequence[PaidMonth],
    amount_fen: int,
    *,
    paid_on: date,
    joined_on: date,
    first_job: bool,
) -> MergedBonus:
    """An annual bonus merged into the year's wages: the tax it adds to the year's."""
    if any(month.paid_on.year != paid_on.year for month in months):
        raise BonusOutsideYear(paid_on=paid_on.isoformat())
    last = max([paid_on, *(month.paid_on for month in months)])
    basic = table.basic_month_fen * months_employed(last, joined_on, first_job=first_job)
    wages = sum(net_income(month) for month in months) - basic
    year = progressive(table.brackets, wages + amount_fen)
    return MergedBonus(tax_fen=year - progressive(table.brackets, wages), year_tax_fen=year)


def labour_tax(table: LabourTable, kind: LabourKind, amount_fen: int) -> tuple[int, int]:
    """Pre-withholding of a resident (公告2018年第61号 第八条): tax in fen and its rate.

    Less 800 yuan up to 4,000, else less a fifth; an author counts 70 %; labour by its own table.
    """
    if amount_fen <= table.flat_deduction_up_to_fen:
        taxable = max(0, amount_fen - table.flat_deduction_fen) * MILLION
    else:
        taxable = amount_fen * (MILLION - table.deduction_ppm)
    if kind == "labour":
        step = bracket(table.brackets, taxable, MILLION)
        return progressive(table.brackets, taxable, MILLION), step.rate_ppm
    if kind == "author":
        taxable = divide_exactly(taxable * table.author_ppm)
    flat = [Bracket(up_to_fen=None, rate_ppm=table.flat_rate_ppm, quick_deduction_fen=0)]
    return progressive(flat, taxable, MILLION), table.flat_rate_ppm


def labour_tax_of_non_resident(
    table: LabourTable, monthly: MonthlyTable, kind: LabourKind, amount_fen: int
) -> tuple[int, int]:
    """Withholding of a non-resident (个人所得税法 第六条; 公告2018年第61号 第九条): less a fifth,
    an author counts 70 % of that, by the monthly table."""
    taxable = amount_fen * (MILLION - table.deduction_ppm)
    if kind == "author":
        taxable = divide_exactly(taxable * table.author_ppm)
    step = bracket(monthly.brackets, taxable, MILLION)
    return progressive(monthly.brackets, taxable, MILLION), step.rate_ppm


def divide_exactly(millionths: int) -> int:
    """Back to one scale of millionths; the rates are whole per cents, so nothing is left over."""
    whole, rest = divmod(millionths, MILLION)
    assert rest == 0, "rates are whole per cents"
    return whole


def cheaper_bonus(
    separate: SeparateBonus, merged: MergedBonus
) -> Literal["separate", "merged", "equal"]:
    """Which way of taxing the bonus costs less."""
    if separate.tax_fen == merged.tax_fen:
        return "equal"
    return "separate" if separate.tax_fen < merged.tax_fen else "merged"
