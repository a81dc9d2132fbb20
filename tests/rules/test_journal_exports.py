"""What other programs read, read back here by readers of the test's own."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bookkeeping.exports import rules
from bookkeeping.exports.model import BookLine, Books
from bookkeeping.journal.model import Account

CATEGORIES = {
    "1002": "asset",
    "1122": "asset",
    "222101": "liability",
    "3001": "equity",
    "4001": "cost",
    "5001": "pl_income",
    "560206": "pl_expense",
}
ACCOUNTS = [
    Account(
        code=code,
        name=f'科目 {code}, “引号” "q" ;x',
        parent=None,
        normal="debit",
        category=category,
        standard=True,
    )
    for code, category in CATEGORIES.items()
]
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)


@st.composite
def books(draw: st.DrawFn) -> Books:
    lines: list[BookLine] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        on = date(2025, 9, 1) + timedelta(days=7 * number)
        summary = draw(texts)
        amounts = draw(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=3))
        amounts = [fen or 1 for fen in amounts]
        rest = sum(amounts)
        if rest:
            amounts.append(-rest)
        if len(amounts) < 2:
            amounts += [5, -5]
        for no, fen in enumerate(amounts, start=1):
            red = draw(st.booleans())
            lines.append(
                BookLine(
                    dated_on=on,
                    word="记",
                    number=number,
                    kind="normal",
                    summary=summary,
                    line_no=no,
                    account=draw(st.sampled_from(sorted(CATEGORIES))),
                    debit_fen=fen if (fen > 0) != red else 0,
                    credit_fen=0 if (fen > 0) != red else -fen,
                    memo=draw(texts),
                    party=draw(
                        st.sampled_from([None, '杭州"示例";有限公司', "=cmd()", "a\uffff\x0cb"])
                    ),
                )
            )
    return Books(firm='上海"示例"公司', uscc="91330100799655058B", accounts=ACCOUNTS, lines=lines)


def balances(book: Books) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in book.lines:
        found[line.account] += line.debit_fen - line.credit_fen
    return dict(found)


def fen(text: str) -> int:
    assert re.fullmatch(r"-?\d+\.\d\d", text), text
    return int(text.replace(".", ""))


PLAIN = re.compile(r"^ +(?:Assets|Liabilities|Equity|Income|Expenses):(\d+)  (-?\d+\.\d\d) CNY")


def read_plain(text: str) -> tuple[dict[str, int], int]:
    """Balances, and how many transactions balance by themselves."""
    found: dict[str, int] = defaultdict(int)
    good = 0
    for block in re.split(r"\n\n", text):
        moved = [PLAIN.match(line) for line in block.split("\n")]
        amounts = [(m.group(1), fen(m.group(2))) for m in moved if m]
        for account, amount in amounts:
            found[account] += amount
        good += bool(amounts) and sum(amount for _, amount in amounts) == 0
    return dict(found), good


class TestPlainText:
    @settings(deadline=None)
    @given(books())
    def test_beancount_comes_to_the_same_balances(self, book):
        found, good = read_plain(rules.beancount(book))
        assert found == balances(book)
        assert good == len({line.number for line in book.lines})

    @settings(deadline=None)
    @given(books())
    def test_hledger_comes_to_the_same_balances(self, book):
        found, good = read_plain(rules.hledger(book))
        assert found == balances(book)
        assert good == len({line.number for line in book.lines})


class TestComma:
    @settings(deadline=None)
    @given(books())
    def test_csv_comes_to_the_same_balances_and_runs_nothing(self, book):
        text = rules.comma_separated(book)
        assert text.startswith("\ufeff")
        found: dict[str, int] = defaultdict(int)
        for row in csv.DictReader(io.StringIO(text[1:])):
            found[row["account"]] += fen(row["debit"]) - fen(row["credit"])
            for column in ("summary", "memo", "party", "name"):
                assert not row[column].startswith(("=", "+", "-", "@", "＝"))
        assert dict(found) == balances(book)


class TestNational:
    @settings(deadline=None, max_examples=30)
    @given(books())
    def test_balances_follow_from_turnover_and_end_where_the_books_do(self, book):
        root = etree.fromstring(rules.national(book, today=date(2026, 1, 1)))
        signs = {"借": 1, "贷": -1, "平": 0}
        last: dict[str, int] = {}
        for row in root.iter("科目余额及发生额"):
            opening = signs[row.findtext("期初余额方向")] * fen(row.findtext("期初本币余额"))
            closing = signs[row.findtext("期末余额方向")] * fen(row.findtext("期末本币余额"))
            assert opening == last.get(row.findtext("科目编号"), 0)
            moved = fen(row.findtext("借方本币发生额")) - fen(row.findtext("贷方本币发生额"))
            assert opening + moved == closing
            last[row.findtext("科目编号")] = closing
        assert last == balances(book)
        assert len(list(root.iter("记账凭证"))) == len(book.lines)


def test_formulas_are_harmless():
    assert rules.harmless("=1+1") == "'=1+1"
    assert rules.harmless("＝1") == "'＝1"
    assert rules.harmless(" -2") == "'-2"
    assert rules.harmless("货款") == "货款"
