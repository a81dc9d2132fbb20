"""A small firm's taxes come from its own books, are booked, and reach the tax bureau as seen."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.identity import operations as identity
from bookkeeping.tax import jobs
from tests.city import City
from tests.firms import Firm, open_firm

USCC = "91310115MAMRN4WK5P"


@pytest.fixture
async def firm(city: City) -> Firm:
    firm = await open_firm(city, name="上海示例咨询有限公司")
    async with city.ctx.begin(firm.business_id) as work:
        await identity.register_business(work, uscc=USCC, name=firm.name)
        await identity.activate_business(work)
    return firm


async def sell(firm: Firm, net_fen: int, on: str = "2025-09-10", rate_percent: int = 1) -> None:
    """A sale on credit, as an invoice books it."""
    tax = net_fen * rate_percent // 100
    code = "222101" if rate_percent == 1 else "22210107"
    await voucher(firm, on, [("1122", net_fen + tax, 0), ("5001", 0, net_fen), (code, 0, tax)])


async def voucher(firm: Firm, on: str, lines: list[tuple[str, int, int]]) -> None:
    answer = await firm.owner.post(
        "/v1/books/vouchers",
        {
            "dated_on": on,
            "summary": "测试",
            "lines": [
                {"account": a, "debit_fen": d, "credit_fen": c} for a, d, c in lines if d or c
            ],
        },
    )
    assert answer.status_code == 201, answer.text


async def prepare(firm: Firm, month: str) -> dict[str, dict]:
    answer = await firm.owner.post("/v1/tax/returns", {"month": month})
    assert answer.status_code == 200, answer.text
    return {row["tax"]: row for row in answer.json()["items"]}


async def file(firm: Firm, row: dict, status: int = 200) -> dict:
    answer = await firm.owner.post(f"/v1/tax/returns/{row['id']}/file", {"version": row["version"]})
    assert answer.status_code == status, answer.text
    await firm.city.idle()
    if status != 200:
        return answer.json()
    return (await firm.owner.get(f"/v1/tax/returns/{row['id']}")).json()


async def closing(firm: Firm, code: str, until: str) -> int:
    answer = await firm.owner.get(
        "/v1/books/trial-balance", **{"from": "2025-07-01", "until": until}
    )
    found = {a["code"]: a["closing_fen"] for a in answer.json()["accounts"]}
    return found.get(code, 0)


async def witness(city: City) -> dict[str, dict]:
    returns = (await city.world.get("/witness/tax")).json()["returns"]
    return {row["tax"]: row for row in returns if row["uscc"] == USCC}


async def test_a_quarter_above_the_threshold_is_declared_and_booked(firm: Firm):
    await sell(firm, 32_000_000)
    await voucher(firm, "2025-09-20", [("5602", 2_000_000, 0), ("2202", 0, 2_000_000)])
    await firm.city.move_clock(datetime.fromisoformat("2025-10-09T10:00:00+08:00"))
    rows = await prepare(firm, "2025-09")
    assert list(rows) == ["iit_withholding", "vat", "surcharges", "cit"]
    assert {row["due_on"] for row in rows.values()} == {"2025-10-27"}
    assert rows["vat"]["payable_fen"] == 320_000
    assert rows["surcharges"]["payable_fen"] == 11_200 + 4_800 + 3_200
    profit = 32_000_000 - 2_000_000 - 19_200
    assert rows["cit"]["figures"]["profit_fen"] == profit
    assert rows["cit"]["payable_fen"] == profit * 5 // 100
    assert rows["iit_withholding"]["payable_fen"] == 0
    assert await closing(firm, "222101", "2025-10-01") == 0
    assert await closing(firm, "222102", "2025-10-01") == -320_000
    assert await closing(firm, "5403", "2025-10-01") == 19_200
    assert (await file(firm, rows["surcharges"], 409))["period_from"] == "2025-07-01"
    for tax in rows:
        filed = await file(firm, rows[tax])
        assert (filed["state"], bool(filed["receipt_number"])) == ("filed", True)
    told = await witness(firm.city)
    assert {tax: row["payable_fen"] for tax, row in told.items()} == {
        tax: row["payable_fen"] for tax, row in rows.items()
    }
    again = {row["id"] for row in (await prepare(firm, "2025-09")).values()}
    assert again == {row["id"] for row in rows.values()}


async def test_up_to_the_threshold_the_tax_becomes_income(firm: Firm):
    await sell(firm, 30_000_000)
    await firm.city.move_clock(datetime.fromisoformat("2025-10-09T10:00:00+08:00"))
    rows = await prepare(firm, "2025-09")
    assert (rows["vat"]["payable_fen"], rows["surcharges"]["payable_fen"]) == (0, 0)
    assert await closing(firm, "5301", "2025-10-01") == -300_000
    assert rows["cit"]["figures"]["profit_fen"] == 30_300_000


async def test_books_that_change_after_computing_are_seen_before_filing(firm: Firm):
    await sell(firm, 31_000_000)
    await firm.city.move_clock(datetime.fromisoformat("2025-10-09T10:00:00+08:00"))
    first = await prepare(firm, "2025-09")
    await sell(firm, 1_000_000, "2025-09-30")
    assert (await file(firm, first["vat"], 409))["payable_fen"] == 320_000
    second = await prepare(firm, "2025-09")
    assert (second["vat"]["payable_fen"], second["vat"]["version"]) == (320_000, 2)
    assert await closing(firm, "222102", "2025-10-01") == -320_000
    assert (await file(firm, first["vat"], 409)) is not None
    assert (await file(firm, second["vat"]))["state"] == "filed"


async def test_nothing_is_filed_before_the_period_ends_or_twice(firm: Firm):
    rows = await prepare(firm, "2025-09")
    assert (await file(firm, rows["vat"], 422))["period_until"] == "2025-10-01"
    await firm.city.move_clock(datetime.fromisoformat("2025-11-17T10:00:00+08:00"))
    assert (await file(firm, rows["vat"]))["state"] == "filed"
    assert (await file(firm, rows["vat"] | {"version": 3}, 409)) is not None


async def test_a_general_taxpayer_declares_each_month(firm: Firm):
    answer = await firm.owner.put(
        "/v1/tax/profile", {"taxpayer": "general", "city_tax_class": "county_town", "version": 0}
    )
    assert answer.status_code == 200, answer.text
    await sell(firm, 10_000_000, rate_percent=13)
    await voucher(
        firm,
        "2025-09-11",
        [
            ("1405", 5_000_000, 0),
            ("22210101", 650_000, 0),
            ("2202", 0, 5_650_000),
        ],
    )
    rows = await prepare(firm, "2025-09")
    assert rows["vat"]["payable_fen"] == 1_300_000 - 650_000
    assert rows["vat"]["period_from"] == "2025-09-01"
    assert rows["surcharges"]["figures"]["city_fen"] == 650_000 * 5 // 100 // 2


async def test_the_first_of_a_month_computes_for_everybody(firm: Firm):
    await sell(firm, 32_000_000)
    await firm.city.move_clock(datetime.fromisoformat("2025-10-01T03:00:00+08:00"))
    async with firm.city.ctx.begin() as work:
        today = work.today
    await jobs.prepare_returns(firm.city.ctx, on=today)
    rows = (await firm.owner.get("/v1/tax/returns")).json()["items"]
    assert {row["tax"] for row in rows} == {"iit_withholding", "vat", "surcharges", "cit"}
    page = (await firm.owner.get("/v1/tax/returns", limit=3)).json()
    rest = (await firm.owner.get("/v1/tax/returns", after=page["next"])).json()
    assert len(page["items"]) + len(rest["items"]) == 4


async def test_deadlines_are_the_published_ones(firm: Firm):
    answer = await firm.owner.get(
        "/v1/tax/deadlines", **{"from": "2025-09-01", "until": "2026-03-01"}
    )
    found = {row["month_on"]: row for row in answer.json()["items"]}
    assert found["2026-02-01"]["due_on"] == "2026-02-24"
    assert found["2026-01-01"]["due_on"] == "2026-01-20"
    taxes = [period["tax"] for period in found["2026-01-01"]["periods"]]
    assert taxes == ["iit_withholding", "vat", "surcharges", "cit"]
    bad = await firm.owner.get("/v1/tax/deadlines", **{"from": "2025-09-01", "until": "2025-09-01"})
    assert bad.status_code == 400
