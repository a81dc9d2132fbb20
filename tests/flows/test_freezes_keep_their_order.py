"""Frozen money does not leave, whoever asks at the same moment; orders queue and move up."""

from __future__ import annotations

import asyncio
from datetime import datetime

import asyncpg
import pytest

from accounts.freezes import jobs
from app.clock import SHANGHAI
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows.desk import at_the_desk, freeze, on_freeze, put


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.fixture
async def desk(city: City) -> Person:
    return await at_the_desk(city)


async def at(city: City, year: int, month: int, day: int, hour: int = 0) -> None:
    """Business time moves; the job that looks for ended terms starts by real seconds, so here."""
    await city.move_clock(datetime(year, month, day, hour, tzinfo=SHANGHAI))
    await jobs.find_ended(city.ctx)
    await city.idle()


async def money(firm: Firm) -> tuple[int, int, int]:
    seen = await firm.account()
    return seen["balance_fen"], seen["frozen_fen"], seen["available_fen"]


async def states(desk: Person, firm: Firm) -> list[str]:
    listed = await desk.get(f"/desk/v1/accounts/{firm.account_id}/freezes")
    return [one["state"] for one in listed.json()]


async def test_forty_payments_at_once_stop_at_the_frozen_amount(firm: Firm, desk: Person):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    await freeze(desk, firm, amount_fen=65_000)
    assert await money(firm) == (100_000, 65_000, 35_000)
    answers = await asyncio.gather(
        *(firm.owner.post("/v1/payments", firm.order_to(other, 2_000)) for _ in range(40))
    )
    codes = [answer.status_code for answer in answers]
    assert (codes.count(201), codes.count(422)) == (17, 23)
    short = next(answer for answer in answers if answer.status_code == 422).json()
    assert short["type"].endswith(":insufficient-funds") and short["short_fen"] == 1_000
    assert await money(firm) == (66_000, 65_000, 1_000)
    # What comes in goes to the owner only beyond what is frozen.
    await freeze(desk, firm, "tax", amount_fen=10_000)
    assert await money(firm) == (66_000, 75_000, 0)
    await firm.receive(10_000)
    assert await money(firm) == (76_000, 75_000, 1_000)


async def test_payments_race_with_the_order_itself(firm: Firm, desk: Person):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    pays = [firm.owner.post("/v1/payments", firm.order_to(other, 9_000)) for _ in range(12)]
    order = freeze(desk, firm, amount_fen=30_000)
    paid, made = await asyncio.gather(asyncio.gather(*pays), order)
    balance, frozen, available = await money(firm)
    assert made["state"] == "active" and frozen == 30_000
    assert balance == 100_000 - 9_000 * [one.status_code for one in paid].count(201)
    # Whatever came first, from the order on nothing reaches below it.
    again = await firm.owner.post("/v1/payments", firm.order_to(other, available + 1))
    assert again.status_code == 422


async def test_what_is_frozen_is_kept_from_what_waits_to_be_sent(firm: Firm, desk: Person):
    """A payment that was promised and not yet sent gives way to the order."""
    payment = (await firm.owner.post("/v1/payments", firm.order(80_000))).json()
    assert payment["state"] == "submitted"
    await freeze(desk, firm, amount_fen=50_000)
    await firm.city.idle()
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["reason"]) == ("cancelled", "付款账户状态异常")
    assert await money(firm) == (100_000, 50_000, 50_000)


async def test_even_a_direct_write_does_not_reach_frozen_money(
    firm: Firm, desk: Person, db: asyncpg.Connection
):
    """The second wall, behind ledger.post."""
    await freeze(desk, firm, amount_fen=90_000)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await db.execute(
            "update ledger.accounts set balance_fen = balance_fen - 20000 where id = $1::uuid",
            firm.account_id,
        )
    assert refused.value.sqlstate == "XW011"
    with pytest.raises(asyncpg.PostgresError):
        await db.execute(
            "update ledger.accounts set held_fen = held_fen + 20000 where id = $1::uuid",
            firm.account_id,
        )


async def test_orders_queue_and_move_up(firm: Firm, desk: Person):
    first = await freeze(desk, firm, amount_fen=20_000)
    whole = await freeze(desk, firm, until="2025-09-10T00:00:00+08:00")
    behind = await freeze(desk, firm, "customs", amount_fen=30_000)
    last = await freeze(desk, firm, "tax")
    assert await states(desk, firm) == ["active", "active", "queued", "queued"]
    assert behind["ends_at"] is None
    assert (await firm.account())["state"] == "frozen_full"
    # The whole one lapses on its day: the two behind it come into force, their terms begin.
    await at(firm.city, 2025, 9, 10, 1)
    assert await states(desk, firm) == ["active", "lapsed", "active", "active"]
    assert (await firm.account())["frozen_fen"] == 50_000
    story = (await desk.get(f"/desk/v1/freezes/{behind['id']}")).json()
    assert [step["step"] for step in story["steps"]] == ["queued", "in_force"]
    assert story["freeze"]["ends_at"].startswith("2026-03-0")
    assert (await on_freeze(desk, whole, "lift")).status_code == 409
    for one in (last, behind, first):
        assert (await on_freeze(desk, one, "lift")).status_code == 200
    seen = await firm.account()
    assert (seen["state"], seen["frozen_fen"]) == ("active", 0)
    shown = (await firm.owner.get(f"/v1/accounts/{firm.account_id}/freezes")).json()
    assert {one["state"] for one in shown} == {"lifted", "lapsed"}


async def test_a_stop_of_the_police_lasts_48_hours_and_once_more(firm: Firm, desk: Person):
    too_long = {"authority": "police", "order_number": "1", "until": "2025-09-04T00:00:00+08:00"}
    path = f"/desk/v1/accounts/{firm.account_id}/freezes"
    assert (await desk.post(path, too_long)).status_code == 422
    await at(firm.city, 2025, 9, 1, 12)
    made = await freeze(desk, firm, "police")
    assert (await firm.account())["state"] == "stop_payment"
    await at(firm.city, 2025, 9, 3, 11)
    assert (await on_freeze(desk, made, "renew")).status_code == 200
    assert (await on_freeze(desk, made, "renew")).status_code == 422
    await at(firm.city, 2025, 9, 5, 10)
    assert (await firm.account())["state"] == "stop_payment"
    await at(firm.city, 2025, 9, 5, 12)
    assert (await firm.account())["state"] == "active"
    assert (await on_freeze(desk, made, "renew")).status_code == 409


async def test_an_authority_takes_only_what_its_order_covers(firm: Firm, desk: Person):
    tax = await freeze(desk, firm, "tax", amount_fen=70_000)
    court = await freeze(desk, firm, "court", amount_fen=60_000)
    over = await on_freeze(desk, court, "deduct", amount_fen=30_001)
    assert over.status_code == 422 and over.json()["covered_fen"] == 30_000
    taken = await on_freeze(desk, court, "deduct", amount_fen=30_000)
    assert taken.status_code == 200, taken.text
    assert (taken.json()["state"], taken.json()["taken_fen"]) == ("active", 30_000)
    assert await money(firm) == (70_000, 100_000, 0)
    used = (await on_freeze(desk, tax, "deduct", amount_fen=70_000)).json()
    assert (used["state"], used["taken_fen"]) == ("used", 70_000)
    assert await money(firm) == (0, 30_000, 0)
    await firm.city.idle()
    items = (await desk.get("/desk/v1/suspense")).json()["items"]
    assert sorted(item["amount_fen"] for item in items) == [30_000, 70_000]
    body = {"to_account_id": firm.account_id, "version": items[0]["version"]}
    refused = await desk.post(f"/desk/v1/suspense/{items[0]['id']}/assign", body)
    assert refused.status_code == 422
    assert (await on_freeze(desk, tax, "deduct", amount_fen=1)).status_code == 409


async def test_an_order_and_the_banks_restriction_stand_side_by_side(firm: Firm, desk: Person):
    made = await freeze(desk, firm)
    assert (await put(desk, firm, "no_in_no_out")).status_code == 200
    assert (await firm.account())["state"] == "no_in_no_out"
    assert (await on_freeze(desk, made, "lift")).status_code == 200
    assert (await firm.account())["state"] == "no_in_no_out"
    assert (await put(desk, firm, "active")).status_code == 200
    assert (await firm.account())["state"] == "active"


async def test_the_owner_suspends_paying_online_and_resumes(firm: Firm, desk: Person):
    path = f"/v1/accounts/{firm.account_id}/suspension"
    version = (await firm.account())["version"]
    body = {"suspended": True, "reason": "手机丢失", "version": version}
    assert (await firm.owner.post(path, body)).status_code == 200
    assert (await firm.owner.post(path, body)).status_code == 409
    refused = await firm.owner.post("/v1/payments", firm.order(1_000))
    assert refused.json()["state"] == "suspended_noncounter"
    await firm.receive(1_000)
    resumed = await firm.owner.post(path, body | {"suspended": False, "version": version + 1})
    assert resumed.json()["state"] == "active"
    # What the bank has stopped the owner does not resume.
    assert (await put(desk, firm, "stop_payment")).status_code == 200
    body = {"suspended": False, "reason": "要付款", "version": version + 3}
    assert (await firm.owner.post(path, body)).status_code == 403
