"""Quotes of income tax withheld at source."""

from __future__ import annotations

from datetime import date

import msgspec

from app.reference import operations as reference
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.withholding import rules
from bookkeeping.withholding.model import (
    BonusRule,
    BonusTaxQuote,
    LabourTable,
    LabourTaxQuote,
    LowIncome,
    MonthlyTable,
    NewBonusTaxQuote,
    NewLabourTaxQuote,
    NewWagesTaxQuote,
    WagesTable,
    WagesTaxQuote,
)


async def quote_wages_tax(work: Work, *, new: NewWagesTaxQuote) -> WagesTaxQuote:
    """What to withhold month by month; NoValueInForce for a year without a known table."""
    first = new.months[0].paid_on
    tables, sources = {}, []
    for year in sorted({month.paid_on.year for month in new.months}):
        row = await reference.dated(work, kind="iit.wages", on=date(year, 12, 31))
        tables[year] = msgspec.convert(row.value, WagesTable)
        sources.append(row.source)
    low_fen = None
    if new.prior_year_income_fen is not None:
        rule = await reference.value(work, kind="iit.low_income", on=first, shape=LowIncome)
        low_fen = rules.low_income_deduction(
            rule,
            year=first.year,
            joined_on=new.joined_on,
            prior_year_income_fen=new.prior_year_income_fen,
        )
    first_job = new.first_job and await counts_from_january(work, on=first)
    months = rules.wages_tax(
        tables, new.months, joined_on=new.joined_on, first_job=first_job, low_fen=low_fen
    )
    return WagesTaxQuote(months=months, source="; ".join(dict.fromkeys(sources)))


async def counts_from_january(work: Work, *, on: date) -> bool:
    """Whether the rule for a first job of the year was in force."""
    return "iit.first_job" in await reference.values(work, kinds=["iit.first_job"], on=on)


async def quote_bonus_tax(work: Work, *, new: NewBonusTaxQuote) -> BonusTaxQuote:
    """An annual bonus by itself and merged; NoValueInForce once the separate way has ended."""
    rows = await reference.values(
        work, kinds=["iit.bonus", "iit.monthly", "iit.wages"], on=new.paid_on
    )
    for kind in ("iit.bonus", "iit.monthly", "iit.wages"):
        if kind not in rows:
            raise NoValueInForce(kind=kind, region="CN", on=new.paid_on.isoformat())
    rule = msgspec.convert(rows["iit.bonus"].value, BonusRule)
    monthly = msgspec.convert(rows["iit.monthly"].value, MonthlyTable)
    separate = rules.bonus_separate(monthly, new.amount_fen, months=rule.months)
    if not new.months:
        return BonusTaxQuote(separate=separate, source=rows["iit.bonus"].source)
    merged = rules.bonus_merged(
        msgspec.convert(rows["iit.wages"].value, WagesTable),
        new.months,
        new.amount_fen,
        paid_on=new.paid_on,
        joined_on=new.joined_on or new.months[0].paid_on,
        first_job=new.first_job,
    )
    return BonusTaxQuote(
        separate=separate,
        merged=merged,
        source=rows["iit.bonus"].source,
        cheaper=rules.cheaper_bonus(separate, merged),
    )


async def quote_labour_tax(work: Work, *, new: NewLabourTaxQuote) -> LabourTaxQuote:
    """Tax to withhold from one payment to somebody who is not employed."""
    row = await reference.dated(work, kind="iit.labour", on=new.paid_on)
    table = msgspec.convert(row.value, LabourTable)
    if new.resident:
        tax, rate = rules.labour_tax(table, new.kind, new.amount_fen)
    else:
        monthly = await reference.value(
            work, kind="iit.monthly", on=new.paid_on, shape=MonthlyTable
        )
        tax, rate = rules.labour_tax_of_non_resident(table, monthly, new.kind, new.amount_fen)
    return LabourTaxQuote(tax_fen=tax, rate_ppm=rate, source=row.source)
