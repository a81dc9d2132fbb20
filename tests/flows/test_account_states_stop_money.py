"""What the bank's staff decide about an account stops its money, and only what it should."""

from __future__ import annotations

import pytest

from accounts.clearing import jobs as clearing
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, order_faults, outside_balance, set_rule
from tests.flows.founding import staff


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.fixture
async def desk(city: City) -> Person:
    people = await staff(city)
    for person in people.values():
        me = (await person.get("/desk/v1/me")).json()
        if me["role"] in ("operator", "supervisor"):
            return person
    raise AssertionError("nobody at the desk may set states")


async def put(desk: Person, firm: Firm, state: str, by: str, **more):
    version = (await firm.account())["version"]
    body = {"state": state, "by": by, "reason": "公文 1 号", "version": version} | more
    return await desk.post(f"/desk/v1/accounts/{firm.account_id}/state", body)


async def test_a_frozen_account_receives_and_does_not_pay(firm: Firm, desk: Person):
    answer = await put(desk, firm, "frozen_full", "court", until="2026-08-31T00:00:00+08:00")
    assert answer.status_code == 200, answer.text
    assert (await firm.account())["state"] == "frozen_full"
    refused = await firm.owner.post("/v1/payments", firm.order(1_000))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":cannot-pay-online")
    await firm.receive(5_000)
    assert (await firm.account())["balance_fen"] == 105_000
    assert (await put(desk, firm, "active", "bank")).status_code == 403
    assert (await put(desk, firm, "active", "court")).status_code == 200
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
    refused = await put(desk, firm, "closed", "bank")
    assert refused.status_code == 409 or refused.status_code == 422
    assert refused.json()["away_fen"] == 100_000
    # Blocked when the answer comes: the money waits, and no job is given up.
    assert (await put(desk, firm, "no_in_no_out", "bank")).status_code == 200
    await order_faults(firm.city)
    told = {"system": "clearing_house", "reference": payment["id"]}
    await clearing.hear(firm.city.ctx, **told)
    waiting = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert waiting["state"] == "processing"
    assert (await put(desk, firm, "active", "bank")).status_code == 200
    await clearing.hear(firm.city.ctx, **told)
    failed = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (failed["state"], failed["reason"]) == ("failed", "户名不符")
    assert (await firm.account())["balance_fen"] == 100_000


async def test_a_payment_released_but_not_sent_is_called_off_by_a_stop(firm: Firm, desk: Person):
    payment = (await firm.owner.post("/v1/payments", firm.order(30_000))).json()
    assert payment["state"] == "submitted"
    until = {"until": "2025-09-02T00:00:00+08:00"}
    assert (await put(desk, firm, "stop_payment", "police", **until)).status_code == 200
    await firm.city.idle()
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["reason"]) == ("cancelled", "付款账户状态异常")
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (100_000, 0)
    assert await outside_balance(firm.city) == 0


async def test_an_account_closes_only_when_empty(firm: Firm, desk: Person):
    answer = await put(desk, firm, "closed", "bank")
    assert answer.status_code == 422
    assert answer.json()["balance_fen"] == 100_000
    await firm.owner.post("/v1/payments", firm.order(100_000))
    await firm.city.idle()
    answer = await put(desk, firm, "closed", "bank")
    assert answer.status_code == 200, answer.text
    assert answer.json()["closed_on"] is not None
    credit = await firm.receive(5_000)
    witness = (await firm.city.world.get("/witness/clearing_house")).json()
    [there] = [c for c in witness["incoming"] if c["reference"] == credit["reference"]]
    assert there["state"] == "returned"
    stale = await desk.post(
        f"/desk/v1/accounts/{firm.account_id}/state",
        {"state": "active", "by": "bank", "reason": "误", "version": 1},
    )
    assert stale.status_code == 409
