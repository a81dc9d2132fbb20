"""Reads the statements from the month totals, as of any day."""

from __future__ import annotations

from datetime import date

from app.queries import load
from app.work import Work
from bookkeeping.reports import rules
from bookkeeping.reports.model import (
    BalanceAt,
    BalanceSheet,
    CashFlow,
    CashMoved,
    FormLine,
    IncomeStatement,
    PartyTotal,
    ProfitMoved,
    TrialBalance,
    TrialBalanceRow,
)

sql = load(__name__)

# The forms are set by statute and never change while the program runs: one read each.
_forms: dict[str, list[FormLine]] = {}


async def trial_balance(work: Work, *, from_on: date, until_on: date) -> TrialBalance:
    """All accounts ever used; raises BadSpan."""
    rules.check_span(from_on, until_on)
    rows = await work.all(TrialBalanceRow, sql.trial_balance, from_on=from_on, until_on=until_on)
    return rules.trial_balance(rows, from_on=from_on, until_on=until_on)


async def balance_sheet(work: Work, *, on: date) -> BalanceSheet:
    """会小企01 at the end of a day, beside the start of its year."""
    cut_on = rules.day_after(on)
    year_on = rules.start_of_year(cut_on)
    cuts = [year_on, cut_on]
    balances = await work.all(BalanceAt, sql.balances_at, cuts=cuts)
    parties = await work.all(PartyTotal, sql.parties_at, cuts=cuts)
    return rules.balance_sheet(
        await _form(work, "balance_sheet"),
        on=on,
        closing=rules.figures_at(balances, parties, cut_on=cut_on),
        opening=rules.figures_at(balances, parties, cut_on=year_on),
    )


async def income_statement(work: Work, *, from_on: date, until_on: date) -> IncomeStatement:
    """会小企02 of a span, beside the year so far; raises BadSpan."""
    rules.check_span(from_on, until_on)
    year_on = rules.start_of_year(until_on)
    moved = await work.all(
        ProfitMoved, sql.profit_moved, from_on=from_on, year_on=year_on, until_on=until_on
    )
    span, year = rules.profit_figures(moved)
    return rules.income_statement(
        await _form(work, "income_statement"),
        from_on=from_on,
        until_on=until_on,
        span=span,
        year=year,
    )


async def cash_flow(work: Work, *, from_on: date, until_on: date) -> CashFlow:
    """会小企03 of a span, beside the year so far; raises BadSpan."""
    rules.check_span(from_on, until_on)
    year_on = rules.start_of_year(until_on)
    balances = await work.all(BalanceAt, sql.balances_at, cuts=sorted({from_on, year_on}))
    moved = await work.all(
        CashMoved, sql.cash_moved, from_on=from_on, year_on=year_on, until_on=until_on
    )

    def cash(cut_on: date) -> int:
        return rules.starting(rules.figures_at(balances, [], cut_on=cut_on), rules.CASH)

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
