"""Vouchers appear by themselves, agree with the bank, and statements agree with the vouchers."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.city import City
from tests.firms import Firm, open_firm, open_supplier
from tests.flows.test_invoice_is_issued_and_paid import issued, registered

SPAN = {"from": "2025-09-01", "until": "2026-01-01"}


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city)


def voucher(*lines: tuple[str, int, int], on: str = "2025-09-10", **more: Any) -> dict[str, Any]:
    return {
        "dated_on": on,
        "summary": "手工凭证",
        "lines": [
            {"account": account, "debit_fen": debit, "credit_fen": credit}
            for account, debit, credit in lines
        ],
    } | more


async def vouchers(firm: Firm, **params: Any) -> list[dict[str, Any]]:
    return (await firm.owner.get("/v1/books/vouchers", limit=200, **params)).json()["items"]


async def statement(firm: Firm, name: str, **params: Any) -> dict[str, Any]:
    answer = await firm.owner.get(f"/v1/books/{name}", **(params or SPAN))
    assert answer.status_code == 200, answer.text
    return answer.json()


def moved(found: list[dict[str, Any]]) -> dict[str, int]:
    """Balances counted voucher by voucher, by this test."""
    balances: dict[str, int] = defaultdict(int)
    for one in found:
        assert sum(line["debit_fen"] - line["credit_fen"] for line in one["lines"]) == 0
        for line in one["lines"]:
            balances[line["account"]] += line["debit_fen"] - line["credit_fen"]
    return dict(balances)


async def lines_of(firm: Firm, name: str, **params: Any) -> dict[int, int]:
    found = await statement(firm, name, **params)
    column = "closing_fen" if name == "balance-sheet" else "amount_fen"
    return {line["line"]: line[column] for line in found["lines"]}


async def test_what_happened_is_booked_by_itself(city: City):
    await open_supplier(city)
    firm = await registered(city)
    owner = {"payer_name": "王小微", "payer_account": "6217000010000000001"}
    await firm.receive(50_000_000, purpose="股东投资款", **owner)
    done = await issued(firm)
    await firm.receive(done["total_fen"], purpose=f"发票 {done['number']}")
    checker = await firm.member(f"137{str(uuid4().int)[:8]}", "checker")
    for amount, purpose in ((300_000, "goods"), (80_000, "rent"), (20_000, "tax")):
        payment = (
            await firm.owner.post("/v1/payments", firm.order(amount, purpose=purpose))
        ).json()
        approved = await checker.post(
            f"/v1/payments/{payment['id']}/approve", {"version": payment["version"]}
        )
        assert approved.status_code == 200, approved.text
        async with asyncio.timeout(30):
            state = "submitted"
            while state != "settled":
                await city.idle()
                state = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()["state"]
    found = await vouchers(firm)
    assert [v["template_id"] for v in found] == [
        "CAPITAL", "SALE_SMALL", "RECEIPT", "PAYMENT", "EXPENSE", "PAYMENT",
    ]  # fmt: skip
    assert [v["number"] for v in found] == [1, 2, 3, 4, 5, 6]
    bank = 50_000_000 + done["total_fen"] - 400_000
    assert moved(found) == {
        "1002": bank,
        "3001": -50_000_000,
        "1122": 0,
        "5001": -done["amount_fen"],
        "222101": -done["tax_fen"],
        "2202": 300_000,
        "560208": 80_000,
        "2221": 20_000,
    }
    assert (await firm.account())["balance_fen"] == bank
    table = await statement(firm, "trial-balance")
    assert {a["code"]: a["closing_fen"] for a in table["accounts"]} == moved(found)
    sheet = await lines_of(firm, "balance-sheet", on="2025-09-30")
    assert sheet[1] == bank and sheet[30] == sheet[53]
    assert sheet[5] == 300_000, "paid before any invoice: a prepayment to the supplier"
    income = await lines_of(firm, "income-statement")
    assert (income[1], income[14]) == (done["amount_fen"], 80_000)
    assert income[32] == done["amount_fen"] - 80_000
    cash = await lines_of(firm, "cash-flow")
    assert (cash[1], cash[3], cash[5], cash[6], cash[15], cash[22]) == (
        done["total_fen"], 300_000, 20_000, 80_000, 50_000_000, bank,
    )  # fmt: skip


async def test_numbers_are_consecutive_however_many_write_at_once(firm: Firm):
    body = voucher(("560206", 100, 0), ("1001", 0, 100))
    answers = await asyncio.gather(
        *(firm.owner.post("/v1/books/vouchers", body) for _ in range(24)),
        *(
            firm.owner.post("/v1/books/vouchers", voucher(("1001", 5, 0), ("5001", 0, 6)))
            for _ in range(8)
        ),
    )
    good = [a.json()["number"] for a in answers if a.status_code == 201]
    bad = [a for a in answers if a.status_code == 422]
    busy = [a for a in answers if a.status_code == 503]
    assert len(good) + len(bad) + len(busy) == 32 and len(bad) <= 8
    assert sorted(good) == list(range(1, len(good) + 1))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (voucher(("1002", 5, 0), ("5001", 0, 6)), "voucher-unbalanced"),
        (voucher(("1002", 5, 5), ("5001", 0, 0)), "line-amount-invalid"),
        (voucher(("1002", -5, 0), ("5001", 0, -5)), "line-amount-invalid"),
        (voucher(("1231", 5, 0), ("5001", 0, 5)), "account-unknown"),
        (voucher(("1002", 5, 0), ("5001", 0, 5), on="1900-01-01"), "date-out-of-range"),
    ],
)
async def test_what_may_not_stand_in_the_books(firm: Firm, body: dict, problem: str):
    answer = await firm.owner.post("/v1/books/vouchers", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith(f":{problem}")
    assert await vouchers(firm) == []


async def test_books_come_in_and_go_out(firm: Firm):
    added = await firm.owner.post(
        "/v1/books/accounts",
        {"code": "560299", "name": "管理费用-快递费", "parent": "5602", "normal": "debit"},
    )
    assert added.status_code == 201 and added.json()["category"] == "pl_expense", added.text
    again = await firm.owner.post(
        "/v1/books/accounts", {"code": "1002", "name": "银行", "parent": None, "normal": "debit"}
    )
    assert again.status_code == 409
    rows = [
        voucher(("1001", 100_000, 0), ("3001", 0, 100_000), on="2024-11-05"),
        voucher(("1002", 5, 0), ("5001", 0, 6)),
        voucher(("560299", 1_234, 0), ("1001", 0, 1_234), on="2025-09-02", summary='=1+1 "x"'),
        voucher(("9999", 5, 0), ("5001", 0, 5)),
        voucher(("1122", 5_000, 0), ("5001", 0, 5_000), on="2025-09-30"),
    ]
    sent = await firm.owner.post("/v1/books/vouchers/bulk", {"vouchers": rows})
    assert sent.status_code == 200, sent.text
    results = sent.json()
    assert (results["posted"], results["refused"]) == (3, 2)
    problems = [row["problem"] for row in results["results"]]
    assert problems == [None, "VoucherUnbalanced", None, "AccountUnknown", None]
    expected = {"1001": 98_766, "3001": -100_000, "560299": 1_234, "1122": 5_000, "5001": -5_000}
    table = await statement(firm, "trial-balance")
    rows_of = {a["code"]: a for a in table["accounts"]}
    assert {code: row["closing_fen"] for code, row in rows_of.items()} == expected
    assert rows_of["3001"]["opening_fen"] == -100_000
    assert rows_of["560299"]["name"] == "管理费用-快递费"
    for form in ("beancount", "hledger"):
        text = (await firm.owner.get("/v1/books/export", format=form)).text
        found: dict[str, int] = defaultdict(int)
        for code, amount in re.findall(r"^ +\w+:(\d+)  (-?\d+\.\d\d) CNY", text, re.MULTILINE):
            found[code] += int(amount.replace(".", ""))
        assert dict(found) == expected, form
    text = (await firm.owner.get("/v1/books/export", format="csv")).text
    parsed = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(parsed) == 6 and parsed[2]["summary"] == '\'=1+1 "x"'
    for form in ("xlsx", "gbt24589"):
        answer = await firm.owner.get("/v1/books/export", format=form)
        assert answer.status_code == 200 and len(answer.content) > 1000


async def test_a_month_is_closed_in_order_and_takes_nothing_more(city: City, firm: Firm):
    for on, fen in (("2025-09-10", 700), ("2025-10-10", 900)):
        await firm.owner.post(
            "/v1/books/vouchers", voucher(("1001", fen, 0), ("5001", 0, fen), on=on)
        )
    early = await close(firm, "2025-09")
    assert early.status_code == 409 and early.json()["type"].endswith(":period-not-ready")
    await city.move_clock(datetime(2026, 1, 2, 2, tzinfo=UTC))
    owner = await city.sign_in(firm.owner.phone)
    owner.business_id, firm.owner = firm.owner.business_id, owner
    assert (await close(firm, "2025-10")).status_code == 409
    for month in ("2025-09", "2025-10", "2025-11", "2025-12"):
        closed = await close(firm, month)
        assert closed.status_code == 200, closed.text
    late = await firm.owner.post("/v1/books/vouchers", voucher(("1001", 5, 0), ("5001", 0, 5)))
    assert late.status_code == 409 and late.json()["type"].endswith(":period-is-closed")
    table = await statement(firm, "trial-balance", **{"from": "2025-01-01", "until": "2026-01-01"})
    closing = {a["code"]: a["closing_fen"] for a in table["accounts"]}
    assert closing == {"1001": 1_600, "5001": 0, "3103": 0, "310405": -1_600}
    income = await lines_of(firm, "income-statement")
    assert income[32] == 1_600, "closing vouchers do not hide the year's profit"
    sheet = await lines_of(firm, "balance-sheet", on="2025-12-31")
    assert sheet[51] == 1_600 and sheet[30] == sheet[53]


async def close(firm: Firm, month: str) -> httpx.Response:
    return await firm.owner.post("/v1/books/periods/close", {"month": month})


async def test_a_voucher_is_taken_back_in_red_once(firm: Firm):
    made = await firm.owner.post(
        "/v1/books/vouchers", voucher(("560206", 500, 0), ("1001", 0, 500))
    )
    path = f"/v1/books/vouchers/{made.json()['id']}/reverse"
    red = await firm.owner.post(path, {"reason": "录入有误", "dated_on": "2025-09-12"})
    assert red.status_code == 201, red.text
    assert [line["debit_fen"] for line in red.json()["lines"]] == [-500, 0]
    assert red.json()["reverses"] == made.json()["id"]
    again = await firm.owner.post(path, {"reason": "再来一次"})
    assert again.status_code == 409
    table = await statement(firm, "trial-balance")
    assert all(a["closing_fen"] == 0 == a["debit_fen"] for a in table["accounts"])


async def test_written_lines_stand_whatever_sql_is_tried(firm: Firm, db: asyncpg.Connection):
    await firm.owner.post("/v1/books/vouchers", voucher(("1001", 5, 0), ("5001", 0, 5)))
    attacks = (
        "update bookkeeping.lines set debit_fen = debit_fen + 1 where debit_fen > 0",
        "delete from bookkeeping.vouchers",
        "truncate bookkeeping.lines",
        """insert into bookkeeping.lines select business_id, voucher_id, 9, account_code, dated_on,
           closing, 5, 0 from bookkeeping.lines limit 1""",
    )
    for attack in attacks:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await db.execute(attack)
        assert refused.value.sqlstate in ("XW002", "XW050"), attack
