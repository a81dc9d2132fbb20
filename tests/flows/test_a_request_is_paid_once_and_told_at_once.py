"""A firm asks to be paid by a code: the payer pays in one step, once, and the payee hears of it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from app.clock import SHANGHAI
from tests.city import City
from tests.firms import Firm, open_firm


@pytest.fixture
async def shop(city: City) -> Firm:
    return await open_firm(city)


@pytest.fixture
async def payer(city: City) -> Firm:
    return await open_firm(city, name="杭州乙木贸易有限公司", fen=1_000_000)


async def asked(shop: Firm, **changes: Any) -> Any:
    body = {
        "account_id": shop.account_id,
        "amount_fen": 30_000,
        "memo": "九月货款",
        "reference": "INV-1",
    } | changes
    answer = await shop.owner.post("/v1/payment-requests", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def paid(payer: Firm, request: Any, **more: Any) -> Any:
    body = {"account_id": payer.account_id} | more
    return await payer.owner.post(f"/v1/requested/{request['code']}/pay", body)


async def test_it_is_paid_in_one_step_and_the_payee_hears_of_it(shop: Firm, payer: Firm):
    request = await asked(shop)
    assert (request["state"], request["link"].endswith(f"/pay/{request['code']}")) == ("open", True)
    shown = (await payer.owner.get(f"/v1/requested/{request['code']}")).json()
    assert (shown["payee_name"], shown["amount_fen"]) == (shop.name, 30_000)
    assert shown["reference"] == "INV-1" and shown["payable"]
    answer = await paid(payer, request)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["payee_name"]) == ("settled", shop.name)
    await shop.city.idle()
    path = f"/v1/payment-requests/{request['id']}"
    after = (await shop.owner.get(path)).json()
    assert (after["state"], after["paid_fen"]) == ("paid", 30_000)
    (receipt,) = (await shop.owner.get(f"{path}/receipts")).json()
    assert (receipt["payer_name"], receipt["amount_fen"]) == (payer.name, 30_000)
    stream = (await shop.owner.get(f"{path}/progress")).text
    assert "event: paid" in stream
    again = await paid(payer, request)
    assert (again.status_code, again.json()["type"][-12:]) == (409, "request-paid")
    assert (await shop.account())["balance_fen"] == 30_000


async def test_twenty_payments_of_one_request_at_once_are_one(shop: Firm, payer: Firm):
    request = await asked(shop)
    answers = await asyncio.gather(*(paid(payer, request) for _ in range(20)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) == 1 and set(codes) <= {201, 409, 503}
    await shop.city.idle()
    assert (await shop.account())["balance_fen"] == 30_000
    assert (await payer.account())["balance_fen"] == 970_000


async def test_a_stranger_sees_who_and_how_much_and_nothing_else(shop: Firm, payer: Firm):
    request = await asked(shop)
    seen = await shop.city.api.get(f"/pay/{request['code']}")
    assert seen.json() == {
        "payee_name": shop.name,
        "amount_fen": 30_000,
        "kind": "single",
        "payable": True,
    }
    assert shop.number not in seen.text and "INV-1" not in seen.text
    named = await asked(shop, payer_account_number=payer.number)
    assert (await shop.city.api.get(f"/pay/{named['code']}")).json()["amount_fen"] is None
    assert (await shop.city.api.get("/pay/0000000000000000")).status_code == 404


async def test_a_named_firm_finds_it_and_nobody_else_may_pay(shop: Firm, payer: Firm):
    request = await asked(shop, payer_account_number=payer.number)
    third = await open_firm(shop.city, name="宁波丙火制造有限公司", fen=100_000)
    assert (await paid(third, request)).status_code == 404
    (found,) = (await payer.owner.get("/v1/payment-requests/received")).json()
    assert found["code"] == request["code"]
    assert (await paid(payer, found)).status_code == 201
    assert (await payer.owner.get("/v1/payment-requests/received")).json() == []
    unknown = await shop.owner.post(
        "/v1/payment-requests",
        {"account_id": shop.account_id, "amount_fen": 1, "payer_account_number": "999999999"},
    )
    assert unknown.status_code == 422


async def test_parts_cancelling_and_expiry(shop: Firm, payer: Firm):
    whole = await asked(shop)
    assert (await paid(payer, whole, amount_fen=10_000)).status_code == 422
    parts = await asked(shop, partial=True)
    assert (await paid(payer, parts, amount_fen=10_000)).status_code == 201
    assert (await paid(payer, parts, amount_fen=30_000)).status_code == 422
    assert (await paid(payer, parts, amount_fen=20_000)).status_code == 201
    assert (await paid(payer, parts, amount_fen=1)).status_code == 409
    path = f"/v1/payment-requests/{whole['id']}"
    assert (await shop.owner.post(f"{path}/cancel")).json()["state"] == "cancelled"
    assert (await shop.owner.post(f"{path}/cancel")).status_code == 409
    assert (await paid(payer, whole)).status_code == 409
    old = await asked(shop, expires_days=1)
    await shop.city.move_clock(datetime(2025, 9, 3, 12, tzinfo=SHANGHAI))
    assert (await paid(payer, old)).json()["type"].endswith("request-ended")
    assert (await shop.account())["balance_fen"] == 30_000


async def test_a_code_at_the_counter_takes_any_amount_again_and_again(shop: Firm, payer: Firm):
    counter = await asked(shop, kind="counter", amount_fen=None)
    assert (await paid(payer, counter)).status_code == 422
    for fen in (1_200, 1_200, 800):
        assert (await paid(payer, counter, amount_fen=fen)).status_code == 201
    await shop.city.idle()
    path = f"/v1/payment-requests/{counter['id']}"
    assert (await shop.owner.get(path)).json()["paid_fen"] == 3_200
    picture = await shop.owner.get(f"{path}/qr")
    assert picture.content.startswith(b"<?xml") and b"<svg" in picture.content
    wrong = {"account_id": shop.account_id, "kind": "counter", "amount_fen": 5}
    assert (await shop.owner.post("/v1/payment-requests", wrong)).status_code == 422


async def test_missing_money_keeps_the_request_open_and_verify_sees_a_planted_double(
    shop: Firm, payer: Firm, db: asyncpg.Connection
):
    request = await asked(shop, amount_fen=2_000_000)
    short = await paid(payer, request)
    assert (short.status_code, short.json()["short_fen"]) == (422, 1_000_000)
    await payer.receive(1_000_000)
    assert (await paid(payer, request)).status_code == 201
    await shop.city.idle()
    assert await shop.city.findings() == []
    await db.execute("update accounts.request_directory set amount_fen = 1")
    found = await shop.city.findings()
    assert any(line.startswith("request_paid_beyond_its_amount") for line in found)
    await db.execute("update accounts.request_directory set amount_fen = 2000000")
