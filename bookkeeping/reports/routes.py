"""Statements over HTTP, as of any day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from app.http import allow, problems
from app.work import Work
from bookkeeping.reports import operations
from bookkeeping.reports.model import (
    BadSpan,
    BalanceSheet,
    CashFlow,
    IncomeStatement,
    TrialBalance,
)

READERS = allow("owner", "finance", "accountant")
From = Annotated[date, QueryParameter(name="from", description="first day, inclusive")]
Until = Annotated[date, QueryParameter(name="until", description="first day after, exclusive")]


@get("/trial-balance", guards=[READERS], responses=problems(BadSpan))
async def read_trial_balance(
    work: NamedDependency[Work], from_on: From, until_on: Until
) -> TrialBalance:
    """Opening, turnover and closing of every account that was ever used."""
    return await operations.trial_balance(work, from_on=from_on, until_on=until_on)


@get("/balance-sheet", guards=[READERS])
async def read_balance_sheet(work: NamedDependency[Work], on: FromQuery[date]) -> BalanceSheet:
    """资产负债表 (会小企01) at the end of a day."""
    return await operations.balance_sheet(work, on=on)


@get("/income-statement", guards=[READERS], responses=problems(BadSpan))
async def read_income_statement(
    work: NamedDependency[Work], from_on: From, until_on: Until
) -> IncomeStatement:
    """利润表 (会小企02) of a span and of the year so far."""
    return await operations.income_statement(work, from_on=from_on, until_on=until_on)


@get("/cash-flow", guards=[READERS], responses=problems(BadSpan))
async def read_cash_flow(work: NamedDependency[Work], from_on: From, until_on: Until) -> CashFlow:
    """现金流量表 (会小企03) of a span and of the year so far."""
    return await operations.cash_flow(work, from_on=from_on, until_on=until_on)


router = Router(
    "/v1/books",
    route_handlers=[
        read_trial_balance,
        read_balance_sheet,
        read_income_statement,
        read_cash_flow,
    ],
    tags=["books"],
)
