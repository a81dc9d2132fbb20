"""A fee is shown before, taken with its payment, given back by rule; small firms pay none."""

from __future__ import annotations

from datetime import datetime

import asyncpg
import pytest

from accounts.fees import jobs as fees
from app.clock import SHANGHAI
from tests import batches
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, order_faults, outside_balance, set_rule
from tests.flows.desk import at_the_desk, put


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=10_000_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.fixture
async def desk(city: City) -> Person:
    return await at_the_desk(city)


async def is_large(desk: Person, firm: Firm) -> None:
    """The bank has found the firm to be a large one."""
    path = f"/desk/v1/accounts/{firm.account_id}/fee-terms"
    seen = (await desk.get(path)).json()
    assert seen == {"firm_size": "small", "version": 0}
    new = {"firm_size": "large", "version": 0}
    assert (await desk.put(path, new)).json() == {"firm_size": "large", "version": 1}
    assert (await desk.put(path, new)).status_code == 409


async def quoted(firm: Firm, amount_fen: int) -> dict[str, int]:
    shown = (await firm.owner.get("/v1/fees/quote", amount_fen=amount_fen)).json()
    return {one["rail"]: one["fee_fen"] for one in shown["items"]}


async def charged(firm: Firm) -> list[tuple[str, int, str]]:
    listed = (await firm.owner.get("/v1/fees")).json()["items"]
    return [(one["kind"], one["amount_fen"], one["state"]) for one in listed]


async def test_a_small_firm_is_shown_the_price_and_pays_nothing(firm: Firm):
    shown = (await firm.owner.get("/v1/fees/quote", amount_fen=2_000_000)).json()
    assert shown["firm_size"] == "small"
    assert {one["list_fen"] for one in shown["items"]} == {1_000}
    assert {(one["fee_fen"], one["free_because"]) for one in shown["items"]} == {(0, "small")}
    await firm.owner.post("/v1/payments", firm.order(2_000_000))
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 8_000_000
    assert await charged(firm) == []


async def test_what_was_quoted_is_taken_with_the_payment(firm: Firm, desk: Person):
    await is_large(desk, firm)
    assert await quoted(firm, 2_000_000) == {"beps": 1_000, "hvps": 1_000, "ibps": 1_000}
    payment = (await firm.owner.post("/v1/payments", firm.order(2_000_000))).json()
    assert payment["state"] == "submitted"
    await firm.city.idle()
    assert await outside_balance(firm.city) == 2_000_000
    seen = await firm.account()
    assert (seen["balance_fen"], seen["held_fen"]) == (10_000_000 - 2_001_000, 0)
    assert await charged(firm) == [("payment", 1_000, "charged")]
    # Inside the bank nothing is charged.
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    await firm.owner.post("/v1/payments", firm.order_to(other, 1_000_000))
    assert len(await charged(firm)) == 1


async def test_money_for_the_payment_but_not_for_the_fee_is_told_at_once(firm: Firm, desk: Person):
    await is_large(desk, firm)
    refused = await firm.owner.post("/v1/payments", firm.order(9_999_500))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":insufficient-funds")
    assert refused.json()["short_fen"] == 500
    assert (await firm.account())["held_fen"] == 0
    assert await charged(firm) == []


async def test_the_fee_of_a_failed_payment_comes_back(firm: Firm, desk: Person):
    await is_large(desk, firm)
    await open_supplier(firm.city, name="苏州示例材料厂")
    payment = (await firm.owner.post("/v1/payments", firm.order(2_000_000))).json()
    await firm.city.idle()
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["reason"]) == ("failed", "户名不符")
    assert (await firm.account())["balance_fen"] == 10_000_000
    assert await charged(firm) == [("payment", 1_000, "refunded")]


async def test_a_returned_payment_keeps_its_fee(firm: Firm, desk: Person):
    await is_large(desk, firm)
    payment = (await firm.owner.post("/v1/payments", firm.order(2_000_000))).json()
    await firm.city.idle()
    told = {"reference": payment["id"], "reason": "收款人账户异常，退汇", "on": "2025-09-02"}
    answer = await firm.city.world.post("/clearing_house/simulate/return", json=told)
    assert answer.status_code == 200, answer.text
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 10_000_000 - 1_000
    assert await charged(firm) == [("payment", 1_000, "charged")]


async def test_a_payment_called_off_frees_its_fee(firm: Firm, desk: Person):
    await is_large(desk, firm)
    payment = (await firm.owner.post("/v1/payments", firm.order(2_000_000))).json()
    held = await firm.account()
    assert held["held_fen"] == 2_001_000
    body = {"version": payment["version"], "reason": "发错了"}
    answer = await firm.owner.post(f"/v1/payments/{payment['id']}/cancel", body)
    assert answer.status_code == 200, answer.text
    assert (await firm.account())["available_fen"] == 10_000_000
    assert await charged(firm) == [("payment", 1_000, "released")]


async def test_the_fee_of_a_failed_payment_waits_where_the_account_takes_nothing(
    firm: Firm, desk: Person
):
    await is_large(desk, firm)
    await open_supplier(firm.city, name="苏州示例材料厂")
    await order_faults(firm.city, settle_ms=1_500, callbacks="never")
    await firm.owner.post("/v1/payments", firm.order(2_000_000))
    for _ in range(200):
        if (await firm.account())["balance_fen"] < 10_000_000:
            break
        await firm.city.tick()
    assert (await put(desk, firm, "no_in_no_out")).status_code == 200
    await order_faults(firm.city)
    await firm.city.idle()
    waiting = (await firm.owner.get("/v1/suspense")).json()
    assert {(one["source"], one["amount_fen"]) for one in waiting} <= {
        ("payment_failed", 2_000_000), ("fee_refund", 1_000),
    }  # fmt: skip
    held = sum(one["amount_fen"] for one in waiting)
    assert (await firm.account())["balance_fen"] + held == 10_000_000


async def test_the_month_is_charged_once_and_where_it_can_be_paid(
    city: City, firm: Firm, desk: Person, db: asyncpg.Connection
):
    await is_large(desk, firm)
    poor = await open_firm(city, name="杭州示例餐饮有限公司")
    await is_large(desk, poor)
    await city.move_clock(datetime(2025, 10, 1, 10, tzinfo=SHANGHAI))
    assert await charged(firm) == [("monthly", 1_000, "charged")]
    assert await charged(poor) == [("monthly", 1_000, "due")]
    assert (await firm.account())["balance_fen"] == 10_000_000 - 1_000
    await poor.receive(1_500, on="2025-10-01")
    for _ in range(2):
        await fees.make_monthly(city.ctx, on=datetime(2025, 10, 1).date())  # noqa: DTZ001
    assert await charged(poor) == [("monthly", 1_000, "charged")]
    assert (await poor.account())["balance_fen"] == 500
    assert len(await charged(firm)) == 1
    assert await db.fetchval(
        "select count(*) from ledger.entry_keys where kind = 'fee_monthly'"
    ) == 2  # fmt: skip


async def test_a_row_of_a_file_costs_what_a_single_payment_costs(firm: Firm, desk: Person):
    await is_large(desk, firm)
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    nobody = ("苏州无名材料有限公司", *batches.to_supplier("100.00")[1:])
    rows = [
        batches.to_supplier("9000.00"),
        batches.to_supplier("20000.00"),
        batches.to_firm(other, "5.00"),
        nobody,
    ]
    seen = await batches.made(firm, batches.as_csv(rows), speed="instant")
    # Shown before anybody agrees: 5 + 10 + 5 yuan; inside the bank nothing is charged.
    assert seen["fees_fen"] == 500 + 1_000 + 500
    assert (await batches.act(firm.owner, seen, "submit")).status_code == 200
    done = await batches.ended(firm, seen["batch"]["id"])
    assert done["fees_fen"] == 0
    # What failed at the other bank costs nothing.
    assert sorted(await charged(firm)) == [
        ("payment", 500, "charged"), ("payment", 500, "refunded"), ("payment", 1_000, "charged"),
    ]  # fmt: skip
    account = await firm.account()
    assert (account["balance_fen"], account["held_fen"]) == (
        10_000_000 - 900_000 - 2_000_000 - 500 - 1_500, 0)  # fmt: skip


async def test_a_file_that_the_money_does_not_cover_with_its_fees_is_told_so(
    firm: Firm, desk: Person
):
    await is_large(desk, firm)
    rows = [batches.to_supplier("50000.00"), batches.to_supplier("49990.00")]
    seen = await batches.made(firm, batches.as_csv(rows), mode="atomic")
    assert (seen["fees_fen"], seen["short_fen"]) == (2_000, 1_000)
    refused = await batches.act(firm.owner, seen, "submit")
    assert (refused.status_code, refused.json()["short_fen"]) == (422, 1_000)
    # Row by row the one that still fits is paid, the other says why not.
    seen = await batches.made(firm, batches.as_csv(rows), mode="continue")
    assert (await batches.act(firm.owner, seen, "submit")).status_code == 200
    await batches.ended(firm, seen["batch"]["id"])
    listed = (await firm.owner.get(f"/v1/batches/{seen['batch']['id']}/rows")).json()["items"]
    assert [(row["outcome"], row["reason"]) for row in listed] == [
        ("settled", None), ("refused", "可用余额不足")]  # fmt: skip
