"""Sub-accounts, currencies kept apart, closing in order, and accounts that nothing moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.clock import SHANGHAI
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows.desk import at_the_desk, close, put


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.fixture
async def desk(city: City) -> Person:
    return await at_the_desk(city)


async def sub(firm: Firm, label: str = "税款专户", **more: Any) -> dict[str, Any]:
    answer = await firm.owner.post(
        f"/v1/accounts/{firm.account_id}/sub-accounts", {"label": label} | more
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def move(firm: Firm, from_: str, to: str, amount_fen: int) -> Any:
    body = {"to_account_id": to, "amount_fen": amount_fen, "memo": "备付税款"}
    return await firm.owner.post(f"/v1/accounts/{from_}/moves", body)


async def test_a_sub_account_has_a_number_and_money_of_its_own(firm: Firm):
    tax, rent = await sub(firm), await sub(firm, "房租专户")
    assert (tax["number"], rent["number"]) == (firm.number + "001", firm.number + "002")
    assert (tax["label"], tax["parent_id"], tax["name"]) == ("税款专户", firm.account_id, firm.name)
    moved = await move(firm, firm.account_id, tax["id"], 30_000)
    assert (moved.status_code, moved.json()["currency"]) == (201, "CNY")
    assert (await move(firm, tax["id"], rent["id"], 10_000)).status_code == 201
    short = await move(firm, rent["id"], firm.account_id, 10_001)
    assert (short.status_code, short.json()["short_fen"]) == (422, 1)
    money = {one["id"]: one["balance_fen"] for one in (await firm.owner.get("/v1/accounts")).json()}
    assert money == {firm.account_id: 70_000, tax["id"]: 20_000, rent["id"]: 10_000}
    # It is an account: it receives under its number, and pays.
    await firm.receive(500, payee_account=tax["number"])
    order = firm.order(2_500, account_id=tax["id"])
    assert (await firm.owner.post("/v1/payments", order)).status_code == 201
    await firm.city.idle()
    shown = (await firm.owner.get(f"/v1/accounts/{tax['id']}")).json()
    assert shown["balance_fen"] == 18_000


async def test_money_does_not_move_to_a_strangers_account(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    theirs = await sub(other)
    assert (await move(firm, firm.account_id, theirs["id"], 1)).status_code == 404
    assert (await move(firm, firm.account_id, firm.account_id, 1)).status_code == 422
    nested = await firm.owner.post(
        f"/v1/accounts/{(await sub(firm))['id']}/sub-accounts", {"label": "三级"}
    )
    assert nested.status_code == 422


async def test_two_currencies_are_never_mixed(firm: Firm):
    dollars = await sub(firm, "美元户", currency="USD")
    async with firm.city.ctx.begin(firm.business_id) as work:
        capital = await ledger.bank_side(work, kind="capital", currency="USD")
        legs = [
            Leg(account_id=UUID(dollars["id"]), amount_fen=5_000),
            Leg(account_id=capital, amount_fen=-5_000),
        ]
        entry = NewEntry(kind="test", business_key="usd", legs=legs, currency="USD")
        await ledger.post(work, entries=[entry])
    shown = (await firm.owner.get(f"/v1/accounts/{dollars['id']}")).json()
    assert (shown["balance_fen"], shown["currency"]) == (5_000, "USD")
    mixed = await move(firm, firm.account_id, dollars["id"], 100)
    assert mixed.status_code == 422 and mixed.json()["type"].endswith(":currencies-differ")
    pays = await firm.owner.post("/v1/payments", firm.order(100, account_id=dollars["id"]))
    assert (pays.status_code, pays.json()["currency"]) == (422, "USD")
    payee = {"bank_code": "102100099996", "account_number": dollars["number"], "name": firm.name}
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司", fen=1_000)
    paid = await other.owner.post("/v1/payments", other.order(100, payee=payee))
    assert paid.status_code == 422 and paid.json()["type"].endswith(":payee-account-unknown")
    back = await firm.receive(700, payee_account=dollars["number"])
    witness = (await firm.city.world.get("/witness/clearing_house")).json()
    [there] = [c for c in witness["incoming"] if c["reference"] == back["reference"]]
    assert there["state"] == "returned"


async def test_accounts_close_in_order_and_empty(firm: Firm, desk: Person):
    tax = await sub(firm)
    refused = await close(firm, desk)
    assert refused.status_code == 422
    assert refused.json()["balance_fen"] == 100_000
    [asked] = (await firm.owner.get("/v1/closings")).json()
    again = await firm.owner.post(f"/v1/accounts/{firm.account_id}/closing", {"reason": "再次"})
    assert again.status_code == 409
    seen = (await firm.owner.get(f"/v1/closings/{asked['id']}")).json()
    assert seen["obstacles"] == ["money_left", "other_accounts"]
    await firm.owner.post("/v1/payments", firm.order(100_000))
    await firm.city.idle()
    path = f"/desk/v1/closings/{asked['id']}/close"
    version = {"version": asked["version"]}
    blocked = await desk.post(path, version)
    assert blocked.status_code == 422 and blocked.json()["open_accounts"] == 1
    assert (await close(firm, desk, tax["id"])).status_code == 200
    queue = (await desk.get("/desk/v1/closings")).json()["items"]
    assert [one["id"] for one in queue] == [asked["id"]]
    done = await desk.post(path, version)
    assert (done.status_code, done.json()["state"]) == (200, "closed"), done.text
    account = await firm.account()
    assert (account["state"], account["closed_on"]) == ("closed", "2025-09-01")
    credit = await firm.receive(5_000)
    witness = (await firm.city.world.get("/witness/clearing_house")).json()
    [there] = [c for c in witness["incoming"] if c["reference"] == credit["reference"]]
    assert there["state"] == "returned"
    stale = await desk.post(
        f"/desk/v1/accounts/{firm.account_id}/state",
        {"state": "active", "by": "bank", "reason": "误", "version": account["version"]},
    )
    assert stale.status_code == 409


async def test_a_request_is_withdrawn_or_refused_with_a_reason(firm: Firm, desk: Person):
    path = f"/v1/accounts/{firm.account_id}/closing"
    first = (await firm.owner.post(path, {"reason": "换银行"})).json()
    took = await firm.owner.post(f"/v1/closings/{first['id']}/withdraw", {"version": 1})
    assert took.json()["state"] == "withdrawn"
    assert (
        await desk.post(f"/desk/v1/closings/{first['id']}/close", {"version": 2})
    ).status_code == 409
    second = (await firm.owner.post(path, {"reason": "换银行"})).json()
    body = {"version": 1, "reason": "尚有未归还的支票"}
    said = (await desk.post(f"/desk/v1/closings/{second['id']}/refuse", body)).json()
    assert (said["state"], said["answer"]) == ("refused", body["reason"])


async def test_a_year_of_silence_then_a_month_then_sleep(
    city: City, firm: Firm, desk: Person, db: asyncpg.Connection
):
    busy = await open_firm(city, name="杭州示例餐饮有限公司", fen=1_000)

    async def at(year: int, month: int, day: int) -> None:
        await city.move_clock(datetime(year, month, day, 10, tzinfo=SHANGHAI))

    await at(2026, 8, 1)
    await busy.receive(1, on="2026-08-01")
    await at(2026, 9, 1)
    told = "select quiet_told_on from accounts.deposits where id = $1::uuid"
    assert str(await db.fetchval(told, firm.account_id)) == "2026-09-01"
    assert await db.fetchval(told, busy.account_id) is None
    sms = (await city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert any("久悬" in message["text"] for message in sms)
    await at(2026, 9, 30)
    assert await _state(db, firm) == "active"
    await at(2026, 10, 1)
    assert await _state(db, firm) == "dormant"
    assert await _state(db, busy) == "active"
    refused = await put(desk, firm, "active")
    assert (refused.status_code, refused.json()["type"].rsplit(":")[-1]) == (422, "verify-again")
    assert (await put(desk, firm, "active", verified=True)).status_code == 200
    assert (await firm.owner.post("/v1/payments", firm.order(1_000))).status_code == 201


async def _state(db: asyncpg.Connection, firm: Firm) -> str:
    found: str = await db.fetchval(
        "select state from accounts.deposits where id = $1::uuid", firm.account_id
    )
    return found
