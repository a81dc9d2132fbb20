"""Interest is the sum of every day's closing balance by the rate of that day, settled once."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import asyncpg
import pytest

from accounts.interest import jobs as interest
from app.clock import SHANGHAI
from tests.city import City
from tests.firms import Firm, open_firm
from tests.flows.desk import at_the_desk, close, put

OPENED = date(2025, 9, 1)


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, interest=True)


async def on(city: City, day: date, hour: int = 10) -> None:
    await city.move_clock(datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI))


async def lines_of(firm: Firm) -> list[dict[str, Any]]:
    """Every posting of the account."""
    path, after, found = f"/v1/accounts/{firm.account_id}/postings", None, []
    while True:
        more: dict[str, Any] = {"after": after} if after else {}
        answer = await firm.owner.get(path, limit=200, until="2027-01-01", **more)
        page = answer.json()
        found += page["items"]
        if (after := page["next"]) is None:
            return found


def plain(
    lines: list[dict[str, Any]], first: date, end: date, rates: list[tuple[date, int]]
) -> int:
    """The interest of [first, end) as anyone would reckon it: day by day, then rounded."""
    earned, day = Fraction(0), first
    while day < end:
        before = [one for one in lines if date.fromisoformat(one["booked_on"]) <= day]
        balance = sum(one["amount_fen"] for one in before)
        rate = [ppm for since, ppm in rates if since <= day][-1]
        earned += Fraction(balance * rate, 360 * 1_000_000)
        day += timedelta(days=1)
    return int(earned + Fraction(1, 2))


async def reckoned(firm: Firm) -> dict[str, Any]:
    answer = await firm.owner.get(f"/v1/accounts/{firm.account_id}/interest")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_balances_and_rates_over_two_quarters(
    city: City, firm: Firm, db: asyncpg.Connection, seed: int
):
    dice = random.Random(seed)
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    change = OPENED + timedelta(days=dice.randint(5, 100))
    rates = [(date(2025, 5, 20), 500), (change, dice.choice([350, 1_000, 12_345]))]
    await db.execute(
        "update accounts.interest_rates set valid = daterange(lower(valid), $1)"
        " where upper_inf(valid)", change,
    )  # fmt: skip
    await db.execute(
        "insert into accounts.interest_rates values ('CNY', daterange($1, null), $2, 'test')",
        change, rates[1][1],
    )  # fmt: skip
    day = OPENED
    while True:
        if dice.random() < 0.7:
            await firm.receive(dice.randint(1, 90_000_000), on=day.isoformat())
        have = (await firm.account())["balance_fen"]
        if have and dice.random() < 0.5:
            order = firm.order_to(other, dice.randint(1, min(have, 40_000_000)))
            assert (await firm.owner.post("/v1/payments", order)).status_code == 201
        day += timedelta(days=dice.randint(3, 28))
        if day > date(2025, 12, 24):
            break
        await on(city, day)
    await on(city, date(2025, 12, 24))
    lines, found = await lines_of(firm), await reckoned(firm)
    late, early = found["settled"]
    assert (early["from_on"], early["until_on"]) == ("2025-09-01", "2025-09-21")
    assert (late["from_on"], late["until_on"]) == ("2025-09-21", "2025-12-21")
    for one in (early, late):
        first, end = (date.fromisoformat(one[name]) for name in ("from_on", "until_on"))
        assert one["interest_fen"] == plain(lines, first, end, rates)
        assert sum((date.fromisoformat(p["until_on"]) - date.fromisoformat(p["from_on"])).days
                   for p in one["parts"]) == (end - first).days  # fmt: skip
    booked = [one["amount_fen"] for one in lines if one["kind"] == "interest"]
    assert booked == [one["interest_fen"] for one in (early, late) if one["state"] == "paid"]
    running = found["accrued"]
    assert running["interest_fen"] == plain(lines, date(2025, 12, 21), date(2025, 12, 24), rates)
    # However often the jobs come, nothing is paid twice.
    for _ in range(3):
        await interest.settle(city.ctx, on=date(2025, 12, 21))
    assert await lines_of(firm) == lines
    await city.idle()
    assert await city.findings() == []


async def test_quarters_that_the_clock_jumped_over_are_settled_one_by_one(city: City, firm: Firm):
    await firm.receive(100_000_000)
    await city.tick()
    await on(city, date(2026, 4, 1))
    found = await reckoned(firm)
    assert [one["until_on"] for one in found["settled"]] == [
        "2026-03-21", "2025-12-21", "2025-09-21",
    ]  # fmt: skip
    assert [one["interest_fen"] for one in found["settled"]] == [12_500, 12_639, 2_778]
    assert (await firm.account())["balance_fen"] == 100_000_000 + 12_500 + 12_639 + 2_778
    await city.idle()
    books = (
        await firm.owner.get("/v1/books/trial-balance", **{"from": "2025-09-01",
                                                           "until": "2027-01-01"})
    ).json()  # fmt: skip
    held = {row["code"]: row["closing_fen"] for row in books["accounts"]}
    assert held["1002"] == 100_000_000 + 27_917


async def test_a_blocked_account_gets_its_interest_when_it_is_open_again(city: City, firm: Firm):
    await firm.receive(100_000_000)
    desk = await at_the_desk(city)
    assert (await put(desk, firm, "no_in_no_out")).status_code == 200
    await on(city, date(2025, 9, 21))
    [waits] = (await reckoned(firm))["settled"]
    assert (waits["state"], waits["interest_fen"]) == ("due", 2_778)
    assert (await put(desk, firm, "active")).status_code == 200
    await on(city, date(2025, 9, 22))
    [paid] = (await reckoned(firm))["settled"]
    assert (paid["state"], paid["paid_on"]) == ("paid", "2025-09-22")
    assert (await firm.account())["balance_fen"] == 100_002_778


async def test_the_last_interest_is_settled_before_the_account_is_closed(city: City, firm: Firm):
    await firm.receive(100_000_000)
    await on(city, date(2025, 9, 11))
    opened = await firm.owner.post(
        f"/v1/accounts/{firm.account_id}/sub-accounts", {"label": "税款专户"}
    )
    sub = opened.json()["id"]
    desk = await at_the_desk(city)
    moved = {"to_account_id": sub, "amount_fen": 60_000_000}
    path = f"/v1/accounts/{firm.account_id}/moves"
    assert (await firm.owner.post(path, moved)).status_code == 201
    await on(city, date(2025, 9, 16))
    # The sub-account first: five days of 600,000 yuan.
    closed = await close(firm, desk, sub, rest_to_account_id=firm.account_id)
    assert (closed.status_code, closed.json()["state"]) == (200, "closed"), closed.text
    assert (await firm.account())["balance_fen"] == 100_000_000 + 417
    # The basic account: its owner takes everything away after the last interest is there.
    asked = (
        await firm.owner.post(f"/v1/accounts/{firm.account_id}/closing", {"reason": "公司注销"})
    ).json()
    assert asked["obstacles"] == ["money_left"]
    path = f"/desk/v1/closings/{asked['id']}"
    settled = (await desk.post(f"{path}/settle", {"version": asked["version"]})).json()
    assert settled["state"] == "settled"
    # Ten days of a million yuan and five of 400,000.
    left = (await firm.account())["balance_fen"]
    assert left == 100_000_417 + 1_389 + 278
    version = {"version": settled["version"]}
    assert (await desk.post(f"{path}/close", version)).status_code == 422
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    paid = await firm.owner.post("/v1/payments", firm.order_to(other, left))
    assert paid.status_code == 201, paid.text
    done = await desk.post(f"{path}/close", version)
    assert (done.status_code, done.json()["state"]) == (200, "closed"), done.text
    await on(city, date(2025, 9, 21))
    await city.idle()
    assert await city.findings() == []
