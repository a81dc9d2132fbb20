"""The nouns of statements: trial balance and the three forms of 小企业会计准则."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from app.errors import Malformed
from bookkeeping.journal.model import Category


class TrialBalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account. Balances are debit less credit, so that opening + debit − credit = closing and
    all closings add up to zero."""

    code: str
    name: str
    opening_fen: int
    debit_fen: int
    credit_fen: int
    closing_fen: int


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts that were ever used, of the span `[from_on, until_on)`."""

    from_on: date
    until_on: date
    accounts: list[TrialBalanceRow]
    debit_fen: int
    credit_fen: int


class BalanceSheetLine(msgspec.Struct, frozen=True, kw_only=True):
    """期末余额 and 年初余额 of one line; `included` marks 其中 lines."""

    line: int
    name: str
    closing_fen: int
    opening_fen: int
    included: bool


class BalanceSheet(msgspec.Struct, frozen=True, kw_only=True):
    """资产负债表 (会小企01表) at the end of a day."""

    form: str
    on: date
    lines: list[BalanceSheetLine]
    assets_fen: int
    liabilities_fen: int
    equity_fen: int


class PeriodLine(msgspec.Struct, frozen=True, kw_only=True):
    """Amount of the span and 本年累计金额 of one line."""

    line: int
    name: str
    amount_fen: int
    year_to_date_fen: int
    included: bool


class IncomeStatement(msgspec.Struct, frozen=True, kw_only=True):
    """利润表 (会小企02表) of `[from_on, until_on)`, before the closing vouchers."""

    form: str
    from_on: date
    until_on: date
    lines: list[PeriodLine]
    revenue_fen: int
    net_profit_fen: int


class CashFlow(msgspec.Struct, frozen=True, kw_only=True):
    """现金流量表 (会小企03表) of `[from_on, until_on)`, direct method."""

    form: str
    from_on: date
    until_on: date
    lines: list[PeriodLine]
    opening_fen: int
    closing_fen: int


class FormLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a form as data: its number, name and where its figure comes from."""

    line: int
    name: str
    source: str
    included: bool


class BalanceAt(msgspec.Struct, frozen=True, kw_only=True):
    """Debit less credit of an account before a day."""

    cut_on: date
    code: str
    category: Category
    balance_fen: int


class ProfitMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Debit less credit of an income or expense account, in the span and in the year."""

    code: str
    category: Category
    span_fen: int
    year_fen: int


class PartyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Debit less credit of a customer or supplier on an account before a day."""

    cut_on: date
    code: str
    party_id: UUID
    balance_fen: int


class CashMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Cash in less cash out of one line of the form, in the span and in the year."""

    line: int
    amount_fen: int
    year_to_date_fen: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a form is filled from: debit less credit by account and by customer or supplier."""

    balances: dict[str, int]
    categories: dict[str, Category]
    parties: list[PartyTotal] = []


class BadSpan(Malformed):
    """`until` lies before `from`."""

    zh = "起止日期有误：until 不得早于 from"
