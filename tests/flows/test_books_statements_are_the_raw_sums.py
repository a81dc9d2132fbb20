"""Statements read from month totals equal what counting voucher by voucher comes to, on any day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.city import City
from tests.firms import open_firm

ACCOUNTS = [
    "1001", "1002", "1012", "1122", "1123", "1405", "1601", "1602", "2001", "2202", "2203",
    "221101", "222101", "22210101", "222106", "222110", "3001", "3103", "4001", "5001", "5051",
    "5301", "5401", "540302", "560204", "560206", "560301", "5711", "5801", "1998", "5998",
]  # fmt: skip
OWN = [
    {"code": "1998", "name": "自设资产", "parent": None, "normal": "debit"},
    {"code": "5998", "name": "自设费用", "parent": None, "normal": "debit"},
]
PARTIES = [None, "杭州甲有限公司", "苏州乙有限公司", "无锡丙有限公司"]
FIRST, DAYS = date(2025, 1, 20), 300


def generated(dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Balanced vouchers of any accounts on any days."""
    found = []
    for _ in range(count):
        lines: list[dict[str, Any]] = []
        rest = 0
        for _ in range(dice.randint(1, 4)):
            fen = dice.randint(1, 10**8)
            debit = dice.random() < 0.5
            rest += fen if debit else -fen
            lines.append(line(dice, fen if debit else 0, 0 if debit else fen))
        if rest:
            lines.append(line(dice, max(0, -rest), max(0, rest)))
        else:
            lines += [line(dice, 7, 0), line(dice, 0, 7)]
        on = FIRST + timedelta(days=dice.randrange(DAYS))
        found.append({"dated_on": on.isoformat(), "summary": "生成", "lines": lines})
    return found


def line(dice: random.Random, debit_fen: int, credit_fen: int) -> dict[str, Any]:
    account = dice.choice(ACCOUNTS)
    party = dice.choice(PARTIES) if account in ("1122", "1123", "2202", "2203") else None
    return {
        "account": account,
        "debit_fen": debit_fen,
        "credit_fen": credit_fen,
        "party": party,
    }


class Naive:
    """Counting, voucher by voucher."""

    def __init__(self, vouchers: list[dict[str, Any]]) -> None:
        self.rows = [
            (date.fromisoformat(v["dated_on"]), entry["account"], entry["party"],
             entry["debit_fen"], entry["credit_fen"])
            for v in vouchers for entry in v["lines"]
        ]  # fmt: skip

    def net(self, until: date, *codes: str, since: date = date.min, party: Any = ...) -> int:
        return sum(
            debit - credit
            for on, account, who, debit, credit in self.rows
            if since <= on < until and account.startswith(codes) and (party is ... or who == party)
        )

    def by_sign(self, until: date, *codes: str) -> tuple[int, int]:
        """Positive and negative balances of each name on each account."""
        found = [self.net(until, code, party=party) for code in codes for party in PARTIES]
        return sum(max(0, fen) for fen in found), sum(max(0, -fen) for fen in found)


async def test_every_statement_on_any_day(city: City):
    firm = await open_firm(city)
    for own in OWN:
        assert (await firm.owner.post("/v1/books/accounts", own)).status_code == 201
    dice = random.Random(20250901)
    vouchers = generated(dice, 160)
    sent = await firm.owner.post("/v1/books/vouchers/bulk", {"vouchers": vouchers})
    assert sent.json()["posted"] == 160, sent.text
    naive = Naive(vouchers)
    for _ in range(25):
        from_on = FIRST + timedelta(days=dice.randrange(-20, DAYS))
        until_on = from_on + timedelta(days=dice.randrange(1, 120))
        span = {"from": from_on.isoformat(), "until": until_on.isoformat()}
        await trial_balance(firm.owner, naive, from_on, until_on, span)
        await period_statements(firm.owner, naive, from_on, until_on, span)
        await balance_sheet(firm.owner, naive, until_on - timedelta(days=1))


async def trial_balance(owner: Any, naive: Naive, from_on: date, until_on: date, span: Any):
    table = (await owner.get("/v1/books/trial-balance", **span)).json()
    assert table["debit_fen"] == table["credit_fen"]
    found = {a["code"]: a for a in table["accounts"]}
    for code in {account for on, account, *_ in naive.rows if on < until_on}:
        row = found.pop(code)
        exact = [r for r in naive.rows if r[1] == code]
        inside = [r for r in exact if from_on <= r[0] < until_on]
        assert row["opening_fen"] == sum(r[3] - r[4] for r in exact if r[0] < from_on)
        assert row["debit_fen"] == sum(r[3] for r in inside)
        assert row["credit_fen"] == sum(r[4] for r in inside)
        assert row["closing_fen"] == row["opening_fen"] + row["debit_fen"] - row["credit_fen"]
    assert found == {}


async def period_statements(owner: Any, naive: Naive, from_on: date, until_on: date, span: Any):
    year_on = date((until_on - timedelta(days=1)).year, 1, 1)
    income = (await owner.get("/v1/books/income-statement", **span)).json()
    lines = {one["line"]: one for one in income["lines"]}
    assert lines[32]["amount_fen"] == -naive.net(until_on, "5", since=from_on)
    assert lines[32]["year_to_date_fen"] == -naive.net(until_on, "5", since=year_on)
    assert lines[14]["amount_fen"] == naive.net(until_on, "5602", since=from_on)
    assert lines[6]["amount_fen"] == naive.net(until_on, "540302", since=from_on)
    cash = (await owner.get("/v1/books/cash-flow", **span)).json()
    lines = {one["line"]: one for one in cash["lines"]}
    money = ("1001", "1002", "1012")
    assert lines[21]["amount_fen"] == naive.net(from_on, *money)
    assert lines[22]["amount_fen"] == naive.net(until_on, *money)
    assert lines[21]["year_to_date_fen"] == naive.net(year_on, *money)
    assert lines[22]["year_to_date_fen"] == naive.net(until_on, *money)


async def balance_sheet(owner: Any, naive: Naive, on: date):
    sheet = (await owner.get("/v1/books/balance-sheet", on=on.isoformat())).json()
    for column, until in (
        ("closing_fen", on + timedelta(days=1)),
        ("opening_fen", date(on.year, 1, 1)),
    ):
        lines = {one["line"]: one[column] for one in sheet["lines"]}
        assert lines[30] == lines[53]
        assert lines[1] == naive.net(until, "1001", "1002", "1012")
        assert (lines[4], lines[34]) == naive.by_sign(until, "1122", "2203")
        assert (lines[5], lines[33]) == naive.by_sign(until, "1123", "2202")
        assert lines[20] == naive.net(until, "1601", "1602")
        assert lines[51] == -naive.net(until, "3103", "5")
        assert lines[30] == lines[47] + lines[52]
