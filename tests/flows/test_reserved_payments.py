"""Reserved money is the payee's to get and nobody else's to use, and has one end whoever races."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from accounts.reservations import jobs as reservations
from app import clock
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def other(city: City) -> Firm:
    return await open_firm(city, name="杭州示例餐饮有限公司")


async def in_days(city: City, days: float) -> str:
    """A moment of business time ahead."""
    async with city.ctx.begin() as work:
        return (work.now + timedelta(days=days)).astimezone(clock.SHANGHAI).isoformat()


async def reserve(firm: Firm, amount_fen: int, **changes: Any) -> httpx.Response:
    order = firm.order(amount_fen) | {"expires_at": await in_days(firm.city, 10)} | changes
    return await firm.owner.post("/v1/reservations", order)


async def reserved(firm: Firm, other: Firm, amount_fen: int, **changes: Any) -> dict[str, Any]:
    payee = firm.order_to(other, amount_fen)["payee"]
    answer = await reserve(firm, amount_fen, payee=payee, **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def confirm(
    who: Person, reservation: dict[str, Any], amount_fen: int | None = None
) -> httpx.Response:
    return await who.post(
        f"/v1/reservations/{reservation['id']}/confirm", {"amount_fen": amount_fen}
    )


async def cancel(who: Person, reservation: dict[str, Any]) -> httpx.Response:
    return await who.post(f"/v1/reservations/{reservation['id']}/cancel", {"reason": "订单取消"})


async def seen(firm: Firm, reservation: dict[str, Any]) -> dict[str, Any]:
    return (await firm.owner.get(f"/v1/reservations/{reservation['id']}")).json()


async def test_it_is_confirmed_in_parts_and_the_rest_let_go(firm: Firm, other: Firm):
    made = await reserved(firm, other, 700_000)
    assert (made["state"], made["left_fen"], made["confirmed_fen"]) == ("open", 700_000, 0)
    held = await firm.account()
    assert (held["balance_fen"], held["available_fen"]) == (1_000_000, 300_000)
    refused = await firm.owner.post("/v1/payments", firm.order_to(other, 300_001))
    assert refused.json()["short_fen"] == 1
    first = (await confirm(firm.owner, made, 250_000)).json()
    assert (first["state"], first["mode"], first["amount_fen"]) == ("settled", "reserved", 250_000)
    assert (await other.account())["balance_fen"] == 250_000
    found = await seen(firm, made)
    assert (found["state"], found["left_fen"], found["confirmed_fen"]) == ("open", 450_000, 250_000)
    short = await confirm(firm.owner, made, 450_001)
    assert (short.status_code, short.json()["left_fen"]) == (422, 450_000)
    done = (await cancel(firm.owner, made)).json()
    assert (done["state"], done["left_fen"], done["confirmed_fen"]) == ("finished", 0, 250_000)
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (750_000, 0)
    assert (await confirm(firm.owner, made)).status_code == 409
    assert (await cancel(firm.owner, made)).status_code == 409


async def test_the_last_part_ends_it(firm: Firm, other: Firm):
    made = await reserved(firm, other, 400_000)
    assert (await confirm(firm.owner, made, 100_000)).status_code == 201
    assert (await confirm(firm.owner, made)).json()["amount_fen"] == 300_000
    assert (await seen(firm, made))["state"] == "confirmed"
    assert (await cancel(firm.owner, made)).status_code == 409
    listed = (await firm.owner.get("/v1/reservations")).json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]


async def test_a_part_for_another_bank_waits_for_the_second_person_and_arrives(firm: Firm):
    await open_supplier(firm.city)
    checker = await firm.member("13700000001", "checker")
    made = (await reserve(firm, 600_000)).json()
    waiting = (await confirm(firm.owner, made, 200_000)).json()
    assert waiting["state"] == "pending_approval"
    assert (await seen(firm, made))["left_fen"] == 600_000
    body = {"version": waiting["version"]}
    approved = await checker.post(f"/v1/payments/{waiting['id']}/approve", body)
    assert approved.json()["state"] == "submitted", approved.text
    assert (await seen(firm, made))["left_fen"] == 400_000
    assert (await firm.account())["available_fen"] == 400_000
    await firm.city.idle()
    paid = (await firm.owner.get(f"/v1/payments/{waiting['id']}")).json()
    assert (paid["state"], paid["mode"]) == ("settled", "reserved")
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (800_000, 400_000)


async def test_what_was_called_off_cannot_be_approved_any_more(firm: Firm):
    await open_supplier(firm.city)
    checker = await firm.member("13700000002", "checker")
    made = (await reserve(firm, 600_000)).json()
    waiting = (await confirm(firm.owner, made)).json()
    assert (await cancel(firm.owner, made)).json()["state"] == "cancelled"
    body = {"version": waiting["version"]}
    late = await checker.post(f"/v1/payments/{waiting['id']}/approve", body)
    assert (late.status_code, late.json()["type"].rpartition(":")[2]) == (409, "hold-not-open")
    assert (await firm.account())["available_fen"] == 1_000_000


async def test_the_clock_lets_it_go_at_its_term(firm: Firm, other: Firm):
    made = await reserved(firm, other, 500_000, expires_at=await in_days(firm.city, 2))
    assert (await confirm(firm.owner, made, 100_000)).status_code == 201
    async with firm.city.ctx.begin() as work:
        later = work.now + timedelta(days=2, minutes=1)
    await firm.city.move_clock(later)
    assert (await confirm(firm.owner, made)).status_code == 409
    await reservations.expire(firm.city.ctx)
    found = await seen(firm, made)
    assert (found["state"], found["confirmed_fen"], found["reason"]) == (
        "expired", 100_000, "预留到期")  # fmt: skip
    assert (await firm.account())["available_fen"] == 900_000
    await reservations.expire(firm.city.ctx)


async def test_confirmations_cancellation_and_expiry_at_once_have_one_outcome(
    firm: Firm, other: Firm
):
    for _ in range(4):
        before = (await firm.account())["balance_fen"]
        made = await reserved(firm, other, 100_000)
        answers = await asyncio.gather(
            *(confirm(firm.owner, made) for _ in range(4)),
            *(cancel(firm.owner, made) for _ in range(4)),
        )
        assert [a.status_code for a in answers if a.status_code not in (200, 201, 409)] == []
        won = [a for a in answers if a.status_code < 300]
        assert len(won) == 1
        found, account = await seen(firm, made), await firm.account()
        paid = 100_000 if won[0].status_code == 201 else 0
        assert (found["confirmed_fen"], found["left_fen"]) == (paid, 0)
        assert (account["balance_fen"], account["held_fen"]) == (before - paid, 0)


async def test_nobody_reserves_more_than_is_there_nor_for_a_stranger(firm: Firm, other: Firm):
    payee = firm.order_to(other, 1)["payee"]
    assert (await reserve(firm, 1_000_001, payee=payee)).json()["short_fen"] == 1
    wrong = await reserve(firm, 1, payee=payee | {"name": "杭州别的餐饮有限公司"})
    assert wrong.json()["type"].endswith(":payee-name-mismatch")
    late = await reserve(firm, 1, payee=payee, expires_at=await in_days(firm.city, 91))
    assert late.json()["longest_days"] == 90
    past = await reserve(firm, 1, payee=payee, expires_at=await in_days(firm.city, -1))
    assert past.status_code == 422
    assert (await firm.account())["held_fen"] == 0
    made = await reserved(firm, other, 10)
    assert (await confirm(other.owner, made)).status_code == 404
