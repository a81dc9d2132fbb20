"""Statements against an independent recomputation from the vouchers."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookkeeping.journal import rules as journal
from bookkeeping.journal.model import Draft, DraftLine
from bookkeeping.reports import rules
from bookkeeping.reports.model import (
    BadSpan,
    BalanceAt,
    CashMoved,
    FormLine,
    PartyTotal,
    ProfitMoved,
)

MIGRATIONS = Path(__file__).parents[2] / "app" / "migrations"
LINE = re.compile(r"\('(\w+)', (\d+), '([^']*)', '([^']*)', (true|false)\)")
ACCOUNT = re.compile(r"\('(\d+)', '([^']*)', '[^']*', (?:null|'\d+'), '(\w+)', '(\w+)'\)")


def form(name: str) -> list[FormLine]:
    text = (MIGRATIONS / "0051_reports.sql").read_text(encoding="utf-8")
    return [
        FormLine(line=int(no), name=title, source=source, included=included == "true")
        for kind, no, title, source, included in LINE.findall(text)
        if kind == name
    ]


def chart() -> dict[str, str]:
    text = (MIGRATIONS / "0050_journal.sql").read_text(encoding="utf-8")
    return {code: category for code, _, _, category in ACCOUNT.findall(text)}


CHART = chart() | {"1999": "asset", "2999": "liability", "3999": "equity", "4999": "cost"}
CHART |= {"5999": "pl_income", "5998": "pl_expense", "112201": "asset", "22219901": "liability"}
FIRST = date(2024, 11, 1)
PARTIES = ["杭州甲公司", "苏州乙公司", None]


@st.composite
def vouchers(draw: st.DrawFn) -> Draft:
    """A balanced voucher: any accounts, both sides, sometimes in red."""
    lines = []
    rest = 0
    sign = -1 if draw(st.integers(0, 9)) == 0 else 1
    for _ in range(draw(st.integers(1, 4))):
        fen = draw(st.integers(1, 10**9))
        on_debit = draw(st.booleans())
        rest += fen if on_debit else -fen
        lines.append(
            DraftLine(
                account=draw(st.sampled_from(sorted(CHART))),
                debit_fen=sign * fen if on_debit else 0,
                credit_fen=0 if on_debit else sign * fen,
                party=draw(st.sampled_from(PARTIES)),
            )
        )
    if rest:
        lines.append(
            DraftLine(
                account=draw(st.sampled_from(["1002", "1122", "5001", "3001", "222101"])),
                debit_fen=sign * -rest if rest < 0 else 0,
                credit_fen=sign * rest if rest > 0 else 0,
                party=draw(st.sampled_from(PARTIES)),
            )
        )
    if len(lines) < 2:
        lines = [DraftLine(account="1002", debit_fen=1), DraftLine(account="5001", credit_fen=1)]
    on = FIRST + timedelta(days=draw(st.integers(0, 420)))
    return journal.check(Draft(dated_on=on, summary="x", lines=lines), CHART)


def balances(books: list[Draft], cuts: list[date]) -> list[BalanceAt]:
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for cut_on in cuts:
        for one in books:
            if one.dated_on < cut_on:
                for line in one.lines:
                    sums[cut_on, line.account] += line.debit_fen - line.credit_fen
    return [
        BalanceAt(cut_on=cut_on, code=code, category=CHART[code], balance_fen=fen)
        for (cut_on, code), fen in sums.items()
    ]


def profit(books: list[Draft], from_on: date, year_on: date, until_on: date) -> list[ProfitMoved]:
    codes = sorted(code for code in CHART if code.startswith("5"))
    books = [one for one in books if one.kind == "normal"]

    def exact(code: str, since: date) -> int:
        return sum(
            line.debit_fen - line.credit_fen
            for one in books
            if since <= one.dated_on < until_on
            for line in one.lines
            if line.account == code
        )

    return [
        ProfitMoved(
            code=code,
            category=CHART[code],
            span_fen=exact(code, from_on),
            year_fen=exact(code, year_on),
        )
        for code in codes
    ]


def parties(books: list[Draft], cuts: list[date]) -> list[PartyTotal]:
    sums: dict[tuple[date, str, UUID], int] = defaultdict(int)
    for cut_on in cuts:
        for one in books:
            if one.dated_on < cut_on:
                for line in one.lines:
                    if line.party:
                        who = UUID(int=1 + PARTIES.index(line.party))
                        sums[cut_on, line.account, who] += line.debit_fen - line.credit_fen
    return [
        PartyTotal(cut_on=cut_on, code=code, party_id=who, balance_fen=fen)
        for (cut_on, code, who), fen in sums.items()
    ]


def naive(books: list[Draft], until: date, *codes: str, since: date | None = None) -> int:
    """Debit less credit, counted voucher by voucher."""
    return sum(
        line.debit_fen - line.credit_fen
        for one in books
        if one.dated_on < until and (since is None or one.dated_on >= since)
        for line in one.lines
        if line.account.startswith(codes)
    )


def test_the_forms_are_complete():
    assert [line.line for line in form("balance_sheet")] == list(range(1, 54))
    assert [line.line for line in form("income_statement")] == list(range(1, 33))
    assert [line.line for line in form("cash_flow")] == list(range(1, 23))
    assert sum(len(code) == 4 for code in chart()) == 66


def test_every_standard_account_is_on_exactly_one_line_of_the_balance_sheet():
    lines = [line for line in form("balance_sheet") if not line.included]
    pairs = {"1122", "1123", "2202", "2203", "2221"}  # shown by sign on two or three lines
    for code in chart():
        found = [
            line.line
            for line in lines
            if not line.source.startswith("=")
            and any(
                code.startswith(root)
                for term in line.source.split("+")
                if not term.startswith("other")
                for root in term.partition(":")[2].split(",")
                if root
            )
        ]
        assert len(found) == 1 or code[:4] in pairs, (code, found)


class TestBalanceSheet:
    @settings(deadline=None)
    @given(st.lists(vouchers(), max_size=40), st.integers(0, 430))
    def test_it_always_balances_and_agrees_with_the_vouchers(self, books, day):
        on = FIRST + timedelta(days=day)
        cut_on, year_on = on + timedelta(days=1), date(on.year, 1, 1)
        assert rules.start_of_year(rules.day_after(on)) == year_on
        cuts = [year_on, cut_on]
        sheet = rules.balance_sheet(
            form("balance_sheet"),
            on=on,
            closing=rules.figures_at(balances(books, cuts), parties(books, cuts), cut_on=cut_on),
            opening=rules.figures_at(balances(books, cuts), parties(books, cuts), cut_on=year_on),
        )
        got = {line.line: line.closing_fen for line in sheet.lines}
        before = {line.line: line.opening_fen for line in sheet.lines}
        for column, until in ((got, cut_on), (before, year_on)):
            assert column[30] == column[53]
            assert column[1] == naive(books, until, "1001", "1002", "1012")
            assert column[18] == naive(books, until, "1601")
            assert column[31] == -naive(books, until, "2001")
            assert column[51] == -naive(books, until, "3103", "3104", "5")
            assert column[47] + column[52] - column[30] == 0
            # customers: receivable less advance is the balance of both accounts
            assert column[4] - column[34] == naive(books, until, "1122", "2203")
            assert column[5] - column[33] == naive(books, until, "1123", "2202")
            assert column[4] >= 0 and column[34] >= 0
        assert sheet.assets_fen == sheet.liabilities_fen + sheet.equity_fen

    def test_a_customer_who_overpaid_is_an_advance(self):
        books = [
            Draft(
                dated_on=FIRST,
                summary="",
                lines=[
                    DraftLine(account="1122", debit_fen=100, party="杭州甲公司"),
                    DraftLine(account="1122", credit_fen=30, party="苏州乙公司"),
                    DraftLine(account="5001", credit_fen=70),
                ],
            )
        ]
        cut_on = FIRST + timedelta(days=1)
        figures = rules.figures_at(
            balances(books, [cut_on]), parties(books, [cut_on]), cut_on=cut_on
        )
        lines = rules.from_figures(form("balance_sheet"), figures)
        assert lines[4] == 100 and lines[34] == 30

    def test_deductible_vat_is_a_current_asset(self):
        books = [
            Draft(
                dated_on=FIRST,
                summary="",
                lines=[
                    DraftLine(account="22210101", debit_fen=130),
                    DraftLine(account="222110", credit_fen=50),
                    DraftLine(account="222106", credit_fen=20),
                    DraftLine(account="1002", credit_fen=60),
                ],
            )
        ]
        cut_on = FIRST + timedelta(days=1)
        figures = rules.figures_at(balances(books, [cut_on]), [], cut_on=cut_on)
        lines = rules.from_figures(form("balance_sheet"), figures)
        assert (lines[14], lines[36], lines[40]) == (130, 50, 20)


class TestIncomeStatement:
    @settings(deadline=None)
    @given(st.lists(vouchers(), max_size=40), st.integers(0, 300), st.integers(1, 120))
    def test_net_profit_is_all_income_less_all_expense(self, books, start, length):
        from_on = FIRST + timedelta(days=start)
        until_on = from_on + timedelta(days=length)
        year_on = rules.start_of_year(until_on)
        span, year = rules.profit_figures(profit(books, from_on, year_on, until_on))
        statement = rules.income_statement(
            form("income_statement"), from_on=from_on, until_on=until_on, span=span, year=year
        )
        lines = {line.line: line for line in statement.lines}
        assert lines[32].amount_fen == -naive(books, until_on, "5", since=from_on)
        assert lines[32].year_to_date_fen == -naive(books, until_on, "5", since=year_on)
        assert lines[14].amount_fen == naive(books, until_on, "5602", since=from_on)
        assert statement.net_profit_fen == lines[32].amount_fen


class TestCashFlow:
    @settings(deadline=None)
    @given(st.lists(vouchers(), max_size=40), st.integers(0, 300), st.integers(1, 120))
    def test_line_22_is_the_cash_at_the_end(self, books, start, length):
        from_on = FIRST + timedelta(days=start)
        until_on = from_on + timedelta(days=length)
        year_on = rules.start_of_year(until_on)
        sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for one in books:
            for line in one.lines:
                if line.cash_line is None or one.dated_on >= until_on:
                    continue
                moved = line.debit_fen - line.credit_fen
                sums[line.cash_line][0] += moved if one.dated_on >= from_on else 0
                sums[line.cash_line][1] += moved if one.dated_on >= year_on else 0
        statement = rules.cash_flow(
            form("cash_flow"),
            from_on=from_on,
            until_on=until_on,
            moved=[
                CashMoved(line=line, amount_fen=span, year_to_date_fen=year)
                for line, (span, year) in sums.items()
            ],
            opening_fen=naive(books, from_on, *rules.CASH),
            year_opening_fen=naive(books, year_on, *rules.CASH),
        )
        lines = {line.line: line for line in statement.lines}
        assert statement.closing_fen == naive(books, until_on, *rules.CASH)
        assert lines[22].year_to_date_fen == naive(books, until_on, *rules.CASH)


def test_a_span_does_not_run_backwards():
    rules.check_span(FIRST, FIRST)
    with pytest.raises(BadSpan):
        rules.check_span(FIRST, FIRST - timedelta(days=1))
