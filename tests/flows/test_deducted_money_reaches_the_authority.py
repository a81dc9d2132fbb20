"""What an authority takes from an account is paid on to its own account, by two people and once."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.city import City, Person
from tests.firms import (
    OUR_BANK,
    SUPPLIER,
    Firm,
    open_firm,
    open_supplier,
    order_faults,
    outside_balance,
)
from tests.flows import founding
from tests.flows.desk import freeze, on_freeze

COURT = {
    "payee_name": SUPPLIER["name"],
    "payee_bank_code": SUPPLIER["bank_code"],
    "payee_account": SUPPLIER["account_number"],
}


@pytest.fixture
async def desk(city: City) -> dict[str, Person]:
    return await founding.staff(city)


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    return await open_firm(city, fen=100_000)


async def deducted(firm: Firm, staff: Person, amount_fen: int) -> str:
    """An item of money that the court has taken."""
    made = await freeze(staff, firm, amount_fen=amount_fen)
    taken = await on_freeze(staff, made, "deduct", amount_fen=amount_fen)
    assert taken.status_code == 200, taken.text
    items = (await staff.get("/desk/v1/suspense")).json()["items"]
    return next(i["id"] for i in items if i["business_id"] == str(firm.business_id))


async def hand_over(desk: dict[str, Person], item_id: str, payee: dict[str, Any]) -> None:
    """One proposes, the other agrees."""
    one, other = desk["operator.wu"], desk["supervisor.wang"]
    path = f"/desk/v1/suspense/{item_id}/handover"
    proposed = await one.post(path, payee)
    assert proposed.status_code == 200, proposed.text
    seen = {"version": proposed.json()["version"]}
    assert (await one.post(f"{path}/agree", seen)).status_code == 403
    agreed = await other.post(f"{path}/agree", seen)
    assert agreed.status_code == 200, agreed.text
    assert (await one.post(path, payee)).status_code == 409


async def state(db: asyncpg.Connection, item_id: str, wanted: str, city: City) -> asyncpg.Record:
    async with asyncio.timeout(60):
        while True:
            await city.idle()
            row = await db.fetchrow("select * from accounts.handovers where item_id = $1", item_id)
            if row is not None and row["state"] == wanted:
                return row
            await asyncio.sleep(0.5)
            await city.tick()


async def test_the_court_gets_its_money_once_even_if_the_answer_is_lost(
    firm: Firm, desk: dict[str, Person], db: asyncpg.Connection
):
    item_id = await deducted(firm, desk["operator.wu"], 30_000)
    await order_faults(firm.city, done_but_timed_out=True, count=1, callbacks="never")
    await hand_over(desk, item_id, COURT)
    await firm.city.idle()
    await order_faults(firm.city)
    done = await state(db, item_id, "done", firm.city)
    assert await outside_balance(firm.city) == 30_000
    house = (await firm.city.world.get("/witness/clearing_house")).json()
    sent = [one["reference"] for one in house["requests"] if one["kind"] == "credit"]
    assert sent == [str(done["reference"])]
    own = (await firm.owner.get("/v1/suspense")).json()
    assert [(one["source"], one["state"]) for one in own] == [("deduction", "handed_over")]
    assert (await desk["operator.wu"].get("/desk/v1/handovers")).json()["items"] == []
    assert (await firm.account())["balance_fen"] == 70_000


async def test_an_account_that_refuses_leaves_the_money_waiting_for_a_better_one(
    firm: Firm, desk: dict[str, Person], db: asyncpg.Connection
):
    item_id = await deducted(firm, desk["operator.wu"], 10_000)
    await hand_over(desk, item_id, COURT | {"payee_name": "上海市别家人民法院"})
    refused = await state(db, item_id, "refused", firm.city)
    assert refused["reason"] == "户名不符"
    [line] = (await desk["operator.wu"].get("/desk/v1/handovers")).json()["items"]
    assert (line["state"], line["reason"]) == ("refused", "户名不符")
    # The authority banks here: its account has the money at once.
    court = await open_firm(firm.city, name="上海市示例人民法院")
    here = {"payee_name": court.name, "payee_bank_code": OUR_BANK, "payee_account": court.number}
    await hand_over(desk, item_id, here)
    await state(db, item_id, "done", firm.city)
    assert (await court.account())["balance_fen"] == 10_000
    [credit] = (await court.owner.get("/v1/credits")).json()["items"]
    assert (credit["amount_fen"], credit["payer_name"]) == (10_000, firm.name)


async def test_only_money_that_an_authority_took_is_handed_over(
    firm: Firm, desk: dict[str, Person], db: asyncpg.Connection
):
    item_id = await deducted(firm, desk["operator.wu"], 5_000)
    path = f"/desk/v1/suspense/{item_id}/handover"
    none = await desk["supervisor.wang"].post(f"{path}/agree", {"version": 1})
    assert none.status_code == 404
    await hand_over(desk, item_id, COURT)
    await state(db, item_id, "done", firm.city)
    again = await desk["operator.wu"].post(path, COURT)
    assert (again.status_code, again.json()["title"]) == (
        422, "仅可划付尚未处理的有权机关扣划款项")  # fmt: skip
