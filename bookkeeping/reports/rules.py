"""Fills the forms: each line from its source, sums from lines, nothing named twice or left out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from bookkeeping.reports.model import (
    BadSpan,
    BalanceAt,
    BalanceSheet,
    BalanceSheetLine,
    CashFlow,
    CashMoved,
    Figures,
    FormLine,
    IncomeStatement,
    PartyTotal,
    PeriodLine,
    ProfitMoved,
    TrialBalance,
    TrialBalanceRow,
)

CASH = ("1001", "1002", "1012")
# Details of 2221 whose debit balance is shown as other current assets (财会〔2016〕22号 二(二)).
VAT_DETAILS = ("222101", "222102", "222103", "222104", "222105")
DEFERRED_OUTPUT_TAX = "222106"
_TERM = re.compile(r"([+-]?)([0-9]+)")


def check_span(from_on: date, until_on: date) -> None:
    """`[from, until)` does not run backwards; raises BadSpan."""
    if from_on > until_on:
        raise BadSpan(until=until_on.isoformat())


def day_after(on: date) -> date:
    """The first day that is not counted when a balance is asked `on` a day."""
    return on + timedelta(days=1)


def start_of_year(on: date) -> date:
    """1 January of the year of the last day before `on`: the fiscal year is the calendar year."""
    return date((on - timedelta(days=1)).year, 1, 1)


def trial_balance(
    accounts: Sequence[TrialBalanceRow], *, from_on: date, until_on: date
) -> TrialBalance:
    """The table with its totals; debits equal credits because every voucher's do."""
    return TrialBalance(
        from_on=from_on,
        until_on=until_on,
        accounts=list(accounts),
        debit_fen=sum(row.debit_fen for row in accounts),
        credit_fen=sum(row.credit_fen for row in accounts),
    )


def figures_at(
    balances: Sequence[BalanceAt], parties: Sequence[PartyTotal], *, cut_on: date
) -> Figures:
    """Balances before a day."""
    rows = [row for row in balances if row.cut_on == cut_on]
    return Figures(
        balances={row.code: row.balance_fen for row in rows},
        categories={row.code: row.category for row in rows},
        parties=[party for party in parties if party.cut_on == cut_on],
    )


def profit_figures(moved: Sequence[ProfitMoved]) -> tuple[Figures, Figures]:
    """Turnover of the span and of the year so far."""
    categories = {row.code: row.category for row in moved}
    return (
        Figures(balances={row.code: row.span_fen for row in moved}, categories=categories),
        Figures(balances={row.code: row.year_fen for row in moved}, categories=categories),
    )


def prefixes(form: Sequence[FormLine]) -> tuple[str, ...]:
    """The beginnings of codes that some line of the form names."""
    found: list[str] = []
    for line in form:
        if line.source.startswith("="):
            continue
        for term in line.source.split("+"):
            kind, _, codes = term.partition(":")
            if codes and kind != "other":
                found += codes.split(",")
    return tuple(found)


def starting(figures: Figures, codes: Sequence[str]) -> int:
    """Debit less credit of all accounts whose code begins so."""
    return sum(fen for code, fen in figures.balances.items() if code.startswith(tuple(codes)))


def by_party(figures: Figures, codes: Sequence[str]) -> list[int]:
    """Balances of each customer or supplier on each of these accounts with its details, and of
    what was booked without one."""
    balances: list[int] = []
    for root in codes:
        parties: dict[object, int] = defaultdict(int)
        for row in figures.parties:
            if row.code.startswith(root):
                parties[row.party_id] += row.balance_fen
        balances += parties.values()
        balances.append(starting(figures, [root]) - sum(parties.values()))
    return balances


def tax_details(figures: Figures, root: str) -> dict[str, int]:
    """2221 by its details of the first level, each debit less credit."""
    details: dict[str, int] = defaultdict(int)
    for code, fen in figures.balances.items():
        if code.startswith(root):
            details[code[:6]] += fen
    return details


def tax_debit(figures: Figures, root: str) -> int:
    """VAT prepaid, deductible or overpaid: debit balances of the VAT details."""
    details = tax_details(figures, root)
    return sum(max(0, fen) for code, fen in details.items() if code in VAT_DETAILS)


def tax_deferred(figures: Figures, root: str) -> int:
    """The credit balance of 待转销项税额."""
    return max(0, -tax_details(figures, root)[DEFERRED_OUTPUT_TAX])


def source_value(term: str, figures: Figures, named: tuple[str, ...]) -> int:
    """One term of a line's source, in the sign the form shows it."""
    kind, _, text = term.partition(":")
    codes = text.split(",")
    match kind:
        case "zero":
            return 0
        case "debit":
            return starting(figures, codes)
        case "credit" | "unclosed":
            return -starting(figures, codes)
        case "party_debit":
            return sum(max(0, fen) for fen in by_party(figures, codes))
        case "party_credit":
            return sum(max(0, -fen) for fen in by_party(figures, codes))
        case "vat_debit":
            return tax_debit(figures, text)
        case "tax_deferred":
            return tax_deferred(figures, text)
        case "tax_credit":
            total = -starting(figures, codes)
            return total + tax_debit(figures, text) - tax_deferred(figures, text)
        case "other":
            return unnamed(figures, text, named)
    raise AssertionError(f"unknown source {term}")


def unnamed(figures: Figures, category: str, named: tuple[str, ...]) -> int:
    """Accounts of a category that no line names: the firm's own, outside the standard chart."""
    fen = sum(
        fen
        for code, fen in figures.balances.items()
        if figures.categories[code] == category and not code.startswith(named)
    )
    return fen if category in ("asset", "cost", "pl_expense") else -fen


def fill(form: Sequence[FormLine], value: Callable[[FormLine], int]) -> dict[int, int]:
    """Every line: first those with a source, then the sums in order."""
    filled = {line.line: value(line) for line in form if not line.source.startswith("=")}
    for line in form:
        if line.source.startswith("="):
            filled[line.line] = sum(
                (-1 if sign == "-" else 1) * filled[int(number)]
                for sign, number in _TERM.findall(line.source[1:])
            )
    return filled


def from_figures(form: Sequence[FormLine], figures: Figures) -> dict[int, int]:
    """A form filled from balances or turnover."""
    named = prefixes(form)
    return fill(
        form,
        lambda line: sum(source_value(term, figures, named) for term in line.source.split("+")),
    )


def balance_sheet(
    form: Sequence[FormLine], *, on: date, closing: Figures, opening: Figures
) -> BalanceSheet:
    """会小企01; assets equal liabilities and equity whatever the vouchers were."""
    now, before = from_figures(form, closing), from_figures(form, opening)
    assert now[30] == now[53] and before[30] == before[53], "the balance sheet does not balance"
    return BalanceSheet(
        form="会小企01表",
        on=on,
        lines=[
            BalanceSheetLine(
                line=line.line,
                name=line.name,
                closing_fen=now[line.line],
                opening_fen=before[line.line],
                included=line.included,
            )
            for line in form
        ],
        assets_fen=now[30],
        liabilities_fen=now[47],
        equity_fen=now[52],
    )


def period_lines(
    form: Sequence[FormLine], amounts: Mapping[int, int], year: Mapping[int, int]
) -> list[PeriodLine]:
    """Two columns side by side."""
    return [
        PeriodLine(
            line=line.line,
            name=line.name,
            amount_fen=amounts[line.line],
            year_to_date_fen=year[line.line],
            included=line.included,
        )
        for line in form
    ]


def income_statement(
    form: Sequence[FormLine], *, from_on: date, until_on: date, span: Figures, year: Figures
) -> IncomeStatement:
    """会小企02."""
    amounts = from_figures(form, span)
    return IncomeStatement(
        form="会小企02表",
        from_on=from_on,
        until_on=until_on,
        lines=period_lines(form, amounts, from_figures(form, year)),
        revenue_fen=amounts[1],
        net_profit_fen=amounts[32],
    )


def cash_flow(
    form: Sequence[FormLine],
    *,
    from_on: date,
    until_on: date,
    moved: Sequence[CashMoved],
    opening_fen: int,
    year_opening_fen: int,
) -> CashFlow:
    """会小企03; line 22 is the cash of 1001, 1002 and 1012 at the end."""
    span = {row.line: row.amount_fen for row in moved}
    year = {row.line: row.year_to_date_fen for row in moved}

    def column(amounts: Mapping[int, int], opening: int) -> dict[int, int]:
        def value(line: FormLine) -> int:
            if line.source.startswith("opening"):
                return opening
            fen = amounts.get(line.line, 0)
            return fen if line.source == "in" else -fen

        return fill(form, value)

    amounts = column(span, opening_fen)
    return CashFlow(
        form="会小企03表",
        from_on=from_on,
        until_on=until_on,
        lines=period_lines(form, amounts, column(year, year_opening_fen)),
        opening_fen=amounts[21],
        closing_fen=amounts[22],
    )
