"""Escrow money reaches the named payees or comes back, and the beneficiary sees it beforehand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from accounts.escrow import jobs as escrow
from app import clock
from tests.city import City, Person
from tests.firms import SUPPLIER, Firm, open_firm, open_supplier
from tests.flows import founding


@pytest.fixture
async def buyer(city: City) -> Firm:
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def seller(city: City) -> Firm:
    return await open_firm(city, name="杭州示例餐饮有限公司")


async def days_ahead(city: City, days: int) -> Any:
    async with city.ctx.begin() as work:
        return (work.now + timedelta(days=days)).astimezone(clock.SHANGHAI)


async def terms(buyer: Firm, seller: Firm, *amounts: int, **changes: Any) -> dict[str, Any]:
    """What a buyer offers: milestones of these amounts, ten days apart."""
    city = buyer.city
    return {
        "mode": "escrowed",
        "account_id": buyer.account_id,
        "title": "装修工程",
        "beneficiary": buyer.order_to(seller, 1)["payee"],
        "milestones": [
            {
                "title": f"第{no}期",
                "amount_fen": amount,
                "due_on": (await days_ahead(city, 10 * no)).date().isoformat(),
            }
            for no, amount in enumerate(amounts, 1)
        ],
        "expires_at": (await days_ahead(city, 60)).isoformat(),
        "release_rule": "both",
    } | changes


async def propose(buyer: Firm, seller: Firm, *amounts: int, **changes: Any) -> str:
    """An offer; its id."""
    body = await terms(buyer, seller, *amounts, **changes)
    answer = await buyer.owner.post("/v1/escrows", body)
    assert answer.status_code == 201, answer.text
    await buyer.city.idle()
    return answer.json()["shown"]["id"]


async def active(buyer: Firm, seller: Firm, *amounts: int, **changes: Any) -> str:
    """An agreement accepted and funded."""
    escrow_id = await propose(buyer, seller, *amounts, **changes)
    if changes.get("mode") != "guaranteed":
        assert (await buyer.owner.post(f"/v1/escrows/{escrow_id}/fund", {})).status_code == 201
        await buyer.city.idle()
    await say(seller, escrow_id, "accept")
    assert (await seen(buyer, escrow_id))["state"] == "active"
    return escrow_id


async def say(seller: Firm, escrow_id: str, word: str, body: Any = None) -> httpx.Response:
    answer = await seller.owner.post(f"/v1/guarantees/{escrow_id}/{word}", body)
    assert answer.status_code == 200, answer.text
    await seller.city.idle()
    return answer


async def release(buyer: Firm, escrow_id: str, no: int, amount_fen: int | None = None) -> Any:
    body = {"milestone_no": no, "amount_fen": amount_fen}
    answer = await buyer.owner.post(f"/v1/escrows/{escrow_id}/release", body)
    assert answer.status_code == 200, answer.text
    await buyer.city.idle()
    return answer.json()["shown"]


async def seen(buyer: Firm, escrow_id: str) -> dict[str, Any]:
    return (await buyer.owner.get(f"/v1/escrows/{escrow_id}")).json()["shown"]


async def told(seller: Firm, escrow_id: str) -> dict[str, Any]:
    return (await seller.owner.get(f"/v1/guarantees/{escrow_id}")).json()["shown"]


async def money(firm: Firm) -> tuple[int, int]:
    found = await firm.account()
    return found["balance_fen"], found["held_fen"]


async def decide(staff: dict[str, Person], escrow_id: str, body: dict[str, Any]) -> None:
    """One of the bank's people proposes, another agrees to exactly that."""
    one, other = staff["operator.wu"], staff["supervisor.wang"]
    path = f"/desk/v1/escrows/{escrow_id}"
    proposed = await one.post(f"{path}/decide", body)
    assert proposed.status_code == 200, proposed.text
    read = (await other.get(f"{path}/decision")).json()
    assert read == proposed.json()
    seen = {"version": body["version"]}
    assert (await one.post(f"{path}/decision/agree", seen)).status_code == 403
    stale = await other.post(f"{path}/decision/agree", {"version": body["version"] + 1})
    assert stale.status_code == 409
    agreed = await other.post(f"{path}/decision/agree", seen)
    assert agreed.status_code == 200, agreed.text


def figures(shown: dict[str, Any]) -> tuple[int, int, int, int]:
    return tuple(shown[f"{name}_fen"] for name in ("funded", "released", "returned", "secured"))


async def test_a_guarantee_is_seen_before_the_goods_leave(buyer: Firm, seller: Firm):
    escrow_id = await propose(buyer, seller, 400_000, mode="guaranteed", release_rule="delivery")
    assert await money(buyer) == (600_000, 0)
    there = await told(seller, escrow_id)
    assert (there["state"], there["secured_fen"]) == ("proposed", 400_000)
    await say(seller, escrow_id, "accept")
    late = await buyer.owner.post(f"/v1/escrows/{escrow_id}/withdraw", {"reason": "不买了"})
    assert late.status_code == 409
    await say(seller, escrow_id, "deliver", {"milestone_no": 1})
    assert figures(await told(seller, escrow_id)) == (400_000, 0, 0, 400_000)
    await buyer.city.move_clock(await days_ahead(buyer.city, 8))
    await escrow.look(buyer.city.ctx)
    await buyer.city.idle()
    done = await told(seller, escrow_id)
    assert (done["state"], figures(done)) == ("completed", (400_000, 400_000, 0, 0))
    assert await money(seller) == (400_000, 0)


async def test_both_words_release_in_parts(buyer: Firm, seller: Firm):
    escrow_id = await active(buyer, seller, 300_000, 200_000)
    shown = await release(buyer, escrow_id, 1, 100_000)
    assert figures(shown) == (500_000, 0, 0, 500_000)
    await say(seller, escrow_id, "deliver", {"milestone_no": 1, "amount_fen": 250_000})
    assert figures(await seen(buyer, escrow_id)) == (500_000, 100_000, 0, 400_000)
    shown = await release(buyer, escrow_id, 1)
    assert figures(shown) == (500_000, 250_000, 0, 250_000)
    again = await buyer.owner.post(f"/v1/escrows/{escrow_id}/release", {"milestone_no": 1})
    assert again.status_code == 422
    await say(seller, escrow_id, "renounce", {"reason": "余款抵扣"})
    done = await seen(buyer, escrow_id)
    assert (done["state"], figures(done)) == ("cancelled", (500_000, 250_000, 250_000, 0))
    assert (await money(buyer), await money(seller)) == ((750_000, 0), (250_000, 0))
    history = (await buyer.owner.get(f"/v1/escrows/{escrow_id}")).json()["steps"]
    assert [step["step"] for step in reversed(history)] == [
        "proposed", "funding", "accepted", "agreed", "delivered", "paid", "agreed", "paid",
        "renounced", "returned",
    ]  # fmt: skip


async def test_nobody_uses_the_money_otherwise(buyer: Firm, seller: Firm, db: asyncpg.Connection):
    escrow_id = await active(buyer, seller, 300_000)
    account = str(await db.fetchval("select escrow_account_id from accounts.escrows"))
    order = buyer.order_to(seller, 100) | {"account_id": account}
    assert (await buyer.owner.post("/v1/payments", order)).status_code == 404
    assert (await seller.owner.get(f"/v1/escrows/{escrow_id}")).status_code == 404
    assert (await buyer.owner.get(f"/v1/guarantees/{escrow_id}")).status_code == 404
    too_much = await buyer.owner.post(f"/v1/escrows/{escrow_id}/fund", {})
    assert too_much.status_code == 422
    assert (await money(buyer))[0] == 700_000


async def test_a_dispute_stops_everything_until_the_bank_has_split_it(buyer: Firm, seller: Firm):
    escrow_id = await active(buyer, seller, 300_000, 200_000, release_rule="date")
    objection = {"milestone_no": 1, "reason": "质量不符"}
    answer = await buyer.owner.post(f"/v1/escrows/{escrow_id}/object", objection)
    assert answer.json()["shown"]["state"] == "disputed"
    await buyer.city.move_clock(await days_ahead(buyer.city, 12))
    await escrow.look(buyer.city.ctx)
    assert figures(await seen(buyer, escrow_id)) == (500_000, 0, 0, 500_000)
    late = {"milestone_no": 1}
    refused = await buyer.owner.post(f"/v1/escrows/{escrow_id}/release", late)
    assert refused.status_code == 409
    desk = await founding.staff(buyer.city)
    staff = desk["operator.wu"]
    [line] = (await staff.get("/desk/v1/escrows")).json()["items"]
    assert (line["id"], line["reason"]) == (escrow_id, "质量不符")
    body = {
        "version": line["version"], "outcome": "split", "reason": "双方各半",
        "shares": [{"milestone_no": 1, "amount_fen": 180_000}],
    }  # fmt: skip
    stale = await staff.post(f"/desk/v1/escrows/{escrow_id}/decide", body | {"version": 1})
    assert stale.status_code == 409
    none = await staff.get(f"/desk/v1/escrows/{escrow_id}/decision")
    assert none.status_code == 404
    await decide(desk, escrow_id, body)
    await buyer.city.idle()
    done = await told(seller, escrow_id)
    assert (done["state"], figures(done)) == ("decided", (500_000, 180_000, 320_000, 0))
    assert (await money(buyer), await money(seller)) == ((820_000, 0), (180_000, 0))


async def test_a_date_passed_without_objection_pays_and_the_term_returns_the_rest(
    buyer: Firm, seller: Firm
):
    escrow_id = await propose(buyer, seller, 300_000, 200_000, release_rule="date")
    fund = f"/v1/escrows/{escrow_id}/fund"
    assert (await buyer.owner.post(fund, {"amount_fen": 350_000})).status_code == 201
    await buyer.city.idle()
    await say(seller, escrow_id, "accept")
    await buyer.city.move_clock(await days_ahead(buyer.city, 11))
    await escrow.look(buyer.city.ctx)
    assert figures(await seen(buyer, escrow_id)) == (350_000, 300_000, 0, 50_000)
    escrow_id = await propose(buyer, seller, 300_000)
    fund = f"/v1/escrows/{escrow_id}/fund"
    assert (await buyer.owner.post(fund, {"amount_fen": 10_000})).status_code == 201
    await buyer.city.move_clock(await days_ahead(buyer.city, 61))
    await escrow.look(buyer.city.ctx)
    await buyer.city.idle()
    done = await told(seller, escrow_id)
    assert (done["state"], figures(done)) == ("expired", (10_000, 0, 10_000, 0))


async def test_a_named_payee_at_another_bank_is_paid_or_the_desk_hears_of_it(
    buyer: Firm, seller: Firm
):
    await open_supplier(buyer.city)
    body = await terms(buyer, seller, 300_000, 100_000)
    body["milestones"][0]["payee"] = SUPPLIER
    answer = await buyer.owner.post("/v1/escrows", body)
    escrow_id = answer.json()["shown"]["id"]
    await buyer.owner.post(f"/v1/escrows/{escrow_id}/fund", {})
    await buyer.city.idle()
    await say(seller, escrow_id, "accept")
    await say(seller, escrow_id, "deliver", {"milestone_no": 1})
    await release(buyer, escrow_id, 1, 200_000)
    assert figures(await seen(buyer, escrow_id)) == (400_000, 200_000, 0, 200_000)
    await open_supplier(buyer.city, name="苏州示例材料厂")
    await release(buyer, escrow_id, 1)
    shown = await seen(buyer, escrow_id)
    assert (shown["state"], figures(shown)) == ("disputed", (400_000, 200_000, 0, 200_000))
    assert "户名不符" in shown["reason"]
    decision = {"version": shown["version"], "outcome": "split", "reason": "退回付款人"}
    await decide(await founding.staff(buyer.city), escrow_id, decision)
    await buyer.city.idle()
    assert figures(await seen(buyer, escrow_id)) == (400_000, 200_000, 200_000, 0)


async def test_putting_money_in_takes_the_word_that_a_payment_takes(buyer: Firm, seller: Firm):
    rule = (await buyer.owner.get("/v1/payments/second-person-rule")).json()
    new = rule | {"in_bank_above_fen": 0}
    assert (await buyer.owner.put("/v1/payments/second-person-rule", new)).status_code == 200
    checker = await buyer.member("13700000003", "checker")
    escrow_id = await propose(buyer, seller, 300_000, mode="guaranteed")
    assert (await told(seller, escrow_id))["secured_fen"] == 0
    accepted = await seller.owner.post(f"/v1/guarantees/{escrow_id}/accept")
    assert accepted.status_code == 409
    [payment] = (await buyer.owner.get("/v1/payments")).json()["items"]
    assert (payment["state"], payment["mode"]) == ("pending_approval", "guaranteed")
    body = {"version": payment["version"]}
    approved = await checker.post(f"/v1/payments/{payment['id']}/approve", body)
    assert approved.json()["state"] == "settled", approved.text
    await buyer.city.idle()
    assert (await told(seller, escrow_id))["secured_fen"] == 300_000
    taken = await buyer.owner.post(f"/v1/escrows/{escrow_id}/withdraw", {"reason": "不买了"})
    assert taken.json()["shown"]["state"] == "cancelled"
    await buyer.city.idle()
    assert (await money(buyer), (await told(seller, escrow_id))["state"]) == (
        (1_000_000, 0), "cancelled")  # fmt: skip
