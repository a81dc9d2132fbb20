"""What the bank's staff decide about an account stops its money, and only what it should."""

from __future__ import annotations

import pytest

from accounts.clearing import jobs as clearing
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, order_faults, outside_balance, set_rule
from tests.flows.desk import at_the_desk, close, freeze, on_freeze, put


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.fixture
async def desk(city: City) -> Person:
    return await at_the_desk(city)


async def test_a_frozen_account_receives_and_does_not_pay(firm: Firm, desk: Person):
    made = await freeze(desk, firm)
    assert (await firm.account())["state"] == "frozen_full"
    refused = await firm.owner.post("/v1/payments", firm.order(1_000))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":cannot-pay-online")
    await firm.receive(5_000)
    assert (await firm.account())["balance_fen"] == 105_000
    # Neither is it a state that the desk could set or lift.
    assert (await put(desk, firm, "frozen_full")).status_code == 409
    assert (await put(desk, firm, "active")).status_code == 409
    assert (await on_freeze(desk, made, "lift")).status_code == 200
    assert (await firm.owner.post("/v1/payments", firm.order(1_000))).status_code == 201


async def test_a_blocked_account_sends_incoming_money_back(firm: Firm, desk: Person):
    assert (await put(desk, firm, "no_in_no_out", "bank")).status_code == 200
    credit = await firm.receive(5_000)
    witness = (await firm.city.world.get("/witness/clearing_house")).json()
    [there] = [c for c in witness["incoming"] if c["reference"] == credit["reference"]]
    assert (there["state"], there["reason"]) == ("returned", "收款账户状态异常")
    assert (await firm.account())["balance_fen"] == 100_000


async def test_a_payer_is_not_told_why_the_payees_account_takes_nothing(firm: Firm, desk: Person):
    payer = await open_firm(firm.city, name="杭州示例餐饮有限公司", fen=5_000)
    assert (await put(desk, firm, "no_in_no_out", "bank")).status_code == 200
    refused = await payer.owner.post("/v1/payments", payer.order_to(firm, 1_000))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":payee-cannot-receive")
    assert refused.json().keys() == {"type", "title", "status", "payment_id"}
    assert (await payer.account())["balance_fen"] == 5_000


async def test_money_on_its_way_has_an_account_to_come_back_to(firm: Firm, desk: Person):
    await open_supplier(firm.city, name="苏州示例材料厂")
    await order_faults(firm.city, status_unknown=True, callbacks="never")
    payment = (await firm.owner.post("/v1/payments", firm.order(100_000))).json()
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 0
    refused = await close(firm, desk)
    assert refused.status_code == 422
    assert refused.json()["away_fen"] == 100_000
    # Blocked when the answer comes: the money waits in suspense until the desk books it home.
    assert (await put(desk, firm, "no_in_no_out", "bank")).status_code == 200
    await order_faults(firm.city)
    told = {"system": "clearing_house", "reference": payment["id"]}
    await clearing.hear(firm.city.ctx, **told)
    failed = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (failed["state"], failed["reason"]) == ("failed", "户名不符")
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 0
    [waiting] = (await firm.owner.get("/v1/suspense")).json()
    assert (waiting["amount_fen"], waiting["state"]) == (100_000, "open")
    [queued] = (await desk.get("/desk/v1/suspense")).json()["items"]
    assert queued == waiting
    body = {"to_account_id": firm.account_id, "version": waiting["version"]}
    path = f"/desk/v1/suspense/{waiting['id']}/assign"
    assert (await desk.post(path, body)).status_code == 422, "the account is blocked still"
    assert await firm.city.findings() == []
    assert (await put(desk, firm, "active", "bank")).status_code == 200
    assert (await desk.post(path, body)).status_code == 200
    assert (await desk.post(path, body)).status_code == 409
    assert (await firm.account())["balance_fen"] == 100_000


async def test_a_payment_released_but_not_sent_is_called_off_by_a_stop(firm: Firm, desk: Person):
    payment = (await firm.owner.post("/v1/payments", firm.order(30_000))).json()
    assert payment["state"] == "submitted"
    await freeze(desk, firm, "police")
    assert (await firm.account())["state"] == "stop_payment"
    await firm.city.idle()
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["reason"]) == ("cancelled", "付款账户状态异常")
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (100_000, 0)
    assert await outside_balance(firm.city) == 0
