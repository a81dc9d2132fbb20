"""A payment to another bank needs a second person, arrives once, or comes back with its reason."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from uuid import uuid4

import asyncpg
import pytest

from app.clock import SHANGHAI
from app.outside.model import Answered
from tests.city import City, Person
from tests.firms import (
    Firm,
    open_firm,
    open_supplier,
    order_faults,
    outside_balance,
    set_rule,
    strikes,
)


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def checker(firm: Firm) -> Person:
    return await firm.member(f"137{str(uuid4().int)[:8]}", "checker")


async def waiting(firm: Firm, amount_fen: int, **changes) -> dict:
    """A payment made by the owner that waits for a second person."""
    answer = await firm.owner.post("/v1/payments", firm.order(amount_fen, **changes))
    assert answer.status_code == 201, answer.text
    payment = answer.json()
    assert payment["state"] == "pending_approval"
    return payment


async def decide(person: Person, payment: dict, verb: str = "approve", **more):
    body = {"version": payment["version"]} | more
    return await person.post(f"/v1/payments/{payment['id']}/{verb}", body)


async def settle(firm: Firm, payment: dict) -> dict:
    """The payment once its jobs have come to an end, however often they had to ask."""
    async with asyncio.timeout(40):
        while True:
            await firm.city.idle()
            seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
            if seen["state"] not in ("submitted", "processing", "unknown"):
                return seen
            await asyncio.sleep(0.2)


async def test_a_second_person_releases_it_and_it_arrives(firm: Firm, checker: Person):
    payment = await waiting(firm, 300_000)
    own = await decide(firm.owner, payment)
    assert own.status_code == 403
    assert own.json()["type"].endswith(":self-approval")
    assert (await firm.account())["available_fen"] == 1_000_000
    approved = await decide(checker, payment)
    assert approved.status_code == 200, approved.text
    assert approved.json()["state"] == "submitted"
    held = await firm.account()
    assert (held["balance_fen"] - held["held_fen"]) == held["available_fen"] <= 700_000
    done = await settle(firm, payment)
    assert (done["state"], done["rail"], done["reason"]) == ("settled", "ibps", None)
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (700_000, 0)
    assert await outside_balance(firm.city) == 300_000


async def test_the_approver_sees_missing_money_at_once_and_may_try_again(
    firm: Firm, checker: Person
):
    payment = await waiting(firm, 1_500_000)
    short = await decide(checker, payment)
    assert short.status_code == 422
    assert short.json()["short_fen"] == 500_000
    await firm.receive(500_000)
    assert (await decide(checker, payment)).status_code == 200
    assert (await settle(firm, payment))["state"] == "settled"


async def test_fifty_decisions_at_once_are_one(firm: Firm, checker: Person):
    payment = await waiting(firm, 100_000)
    answers = await asyncio.gather(
        *(decide(checker, payment) for _ in range(25)),
        *(decide(checker, payment, "reject", reason="重复付款") for _ in range(25)),
    )
    assert [a.status_code for a in answers].count(200) == 1
    done = await settle(firm, payment)
    assert done["state"] in ("settled", "rejected")
    spent = 100_000 if done["state"] == "settled" else 0
    assert (await firm.account())["balance_fen"] == 1_000_000 - spent


async def test_it_can_be_rejected_or_called_off_and_says_why(firm: Firm, checker: Person):
    payment = await waiting(firm, 100_000)
    stale = await decide(checker, payment | {"version": 9}, "reject", reason="重复付款")
    assert stale.status_code == 409
    rejected = (await decide(checker, payment, "reject", reason="重复付款")).json()
    assert (rejected["state"], rejected["reason"]) == ("rejected", "重复付款")
    payment = await waiting(firm, 100_000)
    cancelled = (await decide(firm.owner, payment, "cancel", reason="发错了")).json()
    assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "发错了")
    assert (await decide(checker, payment)).status_code == 409
    assert (await firm.account())["available_fen"] == 1_000_000


async def test_a_wrong_name_at_the_other_bank_brings_the_money_back(firm: Firm, checker: Person):
    payment = await waiting(firm, 200_000)
    await open_supplier(firm.city, name="苏州示例材料厂")
    await decide(checker, payment)
    failed = await settle(firm, payment)
    assert (failed["state"], failed["reason"]) == ("failed", "户名不符")
    after = await firm.account()
    assert (after["balance_fen"], after["held_fen"]) == (1_000_000, 0)
    assert await outside_balance(firm.city) == 0


@pytest.mark.parametrize(
    ("fault", "orders"),
    [
        ("done_but_failed", {"done_but_failed": True, "count": 1}),
        ("done_but_timed_out", {"done_but_timed_out": True, "stall_ms": 4_000, "count": 1}),
        ("twice", {"callbacks": "twice"}),
        ("never", {"callbacks": "never"}),
        ("early", {"callbacks": "early"}),
        ("down", {"down": True, "count": 2}),
        ("status_unknown", {"status_unknown": True, "count": 1, "callbacks": "twice"}),
    ],
)
async def test_whatever_the_clearing_house_does_it_arrives_once(
    firm: Firm, checker: Person, fault: str, orders: dict
):
    await order_faults(firm.city, settle_ms=300, **orders)
    payment = await waiting(firm, 250_000)
    await decide(checker, payment)
    done = await settle(firm, payment)
    assert (await strikes(firm.city)).get(fault, 0) >= 1
    await order_faults(firm.city)
    assert done["state"] == "settled"
    assert await outside_balance(firm.city) == 250_000
    assert (await firm.account())["balance_fen"] == 750_000


async def test_a_returned_payment_comes_back_with_its_reason(firm: Firm, checker: Person):
    payment = await waiting(firm, 400_000)
    await decide(checker, payment)
    assert (await settle(firm, payment))["state"] == "settled"
    answer = await firm.city.world.post(
        "/clearing_house/simulate/return",
        json={"reference": payment["id"], "reason": "收款人账户异常，退汇", "on": "2025-09-02"},
    )
    assert answer.status_code == 200, answer.text
    back = await settle(firm, payment)
    assert (back["state"], back["reason"]) == ("returned", "收款人账户异常，退汇")
    assert (await firm.account())["balance_fen"] == 1_000_000


async def test_the_firm_sets_when_two_must_agree(firm: Firm, checker: Person):
    rule = (await firm.owner.get("/v1/payments/second-person-rule")).json()
    assert rule == {"outside_above_fen": 0, "in_bank_above_fen": None, "version": 0}
    new = {"outside_above_fen": 100_000, "in_bank_above_fen": 0, "version": 0}
    path = "/v1/payments/second-person-rule"
    needed = await firm.owner.put(path, new)
    assert needed.status_code == 403, "to loosen the rule takes a step-up"
    assert needed.json()["type"].endswith(":step-up-needed")
    assert (await firm.owner.put(path, new | {"outside_above_fen": 0})).status_code == 200
    await set_rule(firm.owner, 100_000, 0)
    assert (await firm.owner.put(path, new | {"outside_above_fen": 0})).status_code == 409
    await waiting(firm, 1)  # whom the book does not know is watched, whatever the amount
    entry = {**firm.order(1)["payee"], "roles": ["supplier"]}
    party = (await firm.owner.post("/v1/parties", entry)).json()
    await checker.post(f"/v1/parties/{party['id']}/trust", {"version": 1})
    small = (await firm.owner.post("/v1/payments", firm.order(100_000))).json()
    assert small["state"] == "submitted"
    await waiting(firm, 100_001)
    assert (await settle(firm, small))["state"] == "settled"


async def test_a_large_amount_out_of_hours_waits_for_the_window(firm: Firm, checker: Person):
    await firm.receive(900_000_000)
    await set_rule(firm.owner, None, None)
    payment = (await firm.owner.post("/v1/payments", firm.order(200_000_000))).json()
    assert payment["rail"] == "hvps"
    assert payment["state"] == "submitted"
    if payment["send_after"] is not None:
        cancelled = await decide(firm.owner, payment, "cancel", reason="改期")
        assert cancelled.json()["state"] == "cancelled"
        assert (await firm.account())["held_fen"] == 0


async def test_a_payment_that_waits_bears_the_day_on_which_it_is_sent(
    firm: Firm, db: asyncpg.Connection
):
    await firm.receive(900_000_000)
    await set_rule(firm.owner, None, None)
    await firm.city.move_clock(datetime(2025, 9, 1, 18, tzinfo=SHANGHAI))
    orders = firm.order(200_000_000), firm.order(200_000_001)
    sent, called_off = [(await firm.owner.post("/v1/payments", one)).json() for one in orders]
    await firm.city.idle()
    assert (await decide(firm.owner, called_off, "cancel", reason="改期")).status_code == 200
    await firm.city.move_clock(datetime(2025, 9, 2, 10, tzinfo=SHANGHAI))
    due = "select count(*) from accounts.clearing_references where ask_at is not null"
    async with asyncio.timeout(40):
        while await db.fetchval(due):
            # The watch rings every five seconds.
            await firm.city.tick()
            await asyncio.sleep(0.5)
    rows = await db.fetch("select payment_id::text, sent_on from accounts.clearing_references")
    known = {row["payment_id"]: row["sent_on"] for row in rows}
    assert known == {sent["id"]: date(2025, 9, 2), called_off["id"]: date(2025, 9, 1)}
    assert (await settle(firm, sent))["state"] == "settled"


async def test_a_new_payee_in_the_book_is_watched_until_trusted(firm: Firm, checker: Person):
    entry = {**firm.order(1)["payee"], "roles": ["supplier"]}
    party = (await firm.owner.post("/v1/parties", entry)).json()
    await set_rule(firm.owner, 500_000, None)
    order = {"party_id": party["id"], "payee": None}
    await waiting(firm, 1_000, **order)
    trusted = await checker.post(f"/v1/parties/{party['id']}/trust", {"version": 1})
    assert trusted.json()["trusted"] is True
    payment = (await firm.owner.post("/v1/payments", firm.order(1_000, **order))).json()
    assert payment["state"] == "submitted"
    assert (await settle(firm, payment))["state"] == "settled"


async def test_twenty_call_backs_at_once_have_one_effect(firm: Firm, checker: Person):
    await order_faults(firm.city, settle_ms=0, callbacks="never")
    payment = await waiting(firm, 250_000)
    await decide(checker, payment)
    async with firm.city.ctx.begin() as work:
        for _ in range(20):
            await work.emit(Answered(system="clearing_house", reference=payment["id"]))
    done = await settle(firm, payment)
    await order_faults(firm.city)
    assert done["state"] == "settled"
    assert await outside_balance(firm.city) == 250_000
    postings = await firm.owner.get(f"/v1/accounts/{firm.account_id}/postings")
    assert [line["amount_fen"] for line in postings.json()["items"]] == [1_000_000, -250_000]
