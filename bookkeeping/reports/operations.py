"""Reads the statements from the month totals, as of any day."""

from __future__ import annotations

from datetime import date

from app.queries import load
from app.work import Work
from bookkeeping.reports import rules
from bookkeeping.reports.model import (
    BalanceSheet,
    CashFlow,
    CashMoved,
    FormLine,
    IncomeStatement,
    PartyTotal,
    Total,
    TrialBalance,
)

sql = load(__name__)

# The forms are set by statute and never change while the program runs: one read each.
_forms: dict[str, list[FormLine]] = {}


async def trial_balance(work: Work, *, from_on: date, until_on: date) -> TrialBalance:
    """All accounts ever used; raises BadSpan."""
    rules.check_span(from_on, until_on)
    totals = await work.all(Total, sql.totals_at, cuts=[from_on, until_on])
    return rules.trial_balance(totals, from_on=from_on, until_on=until_on)


async def balance_sheet(work: Work, *, on: date) -> BalanceSheet:
    """会小企01 at the end of a day, beside the start of its year."""
    cut_on = rules.day_after(on)
    year_on = rules.start_of_year(cut_on)
    cuts = [year_on, cut_on]
    totals = await work.all(Total, sql.totals_at, cuts=cuts)
    parties = await work.all(PartyTotal, sql.parties_at, cuts=cuts)
    return rules.balance_sheet(
        await _form(work, "balance_sheet"),
        on=on,
        closing=rules.figures_at(totals, parties, cut_on=cut_on),
        opening=rules.figures_at(totals, parties, cut_on=year_on),
    )


async def income_statement(work: Work, *, from_on: date, until_on: date) -> IncomeStatement:
    """会小企02 of a span, beside the year so far; raises BadSpan."""
    rules.check_span(from_on, until_on)
    year_on = rules.start_of_year(until_on)
    cuts = sorted({from_on, year_on, until_on})
    totals = await work.all(Total, sql.totals_at, cuts=cuts)
    return rules.income_statement(
        await _form(work, "income_statement"),
        from_on=from_on,
        until_on=until_on,
        span=rules.turnover(totals, from_on=from_on, until_on=until_on),
        year=rules.turnover(totals, from_on=year_on, until_on=until_on),
    )


async def cash_flow(work: Work, *, from_on: date, until_on: date) -> CashFlow:
    """会小企03 of a span, beside the year so far; raises BadSpan."""
    rules.check_span(from_on, until_on)
    year_on = rules.start_of_year(until_on)
    totals = await work.all(Total, sql.totals_at, cuts=sorted({from_on, year_on}))
    moved = await work.all(
        CashMoved, sql.cash_moved, from_on=from_on, year_on=year_on, until_on=until_on
    )

    def cash(cut_on: date) -> int:
        return rules.starting(rules.figures_at(totals, [], cut_on=cut_on), rules.CASH)

    return rules.cash_flow(
        await _form(work, "cash_flow"),
        from_on=from_on,
        until_on=until_on,
        moved=moved,
        opening_fen=cash(from_on),
        year_opening_fen=cash(year_on),
    )


async def _form(work: Work, form: str) -> list[FormLine]:
    if form not in _forms:
        _forms[form] = await work.all(FormLine, sql.form, form=form)
    return _forms[form]
