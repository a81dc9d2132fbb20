"""A payment is made once, whatever is sent twice, refused, or sent at the same time."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from accounts.deposits import operations as deposits
from app.pages import encode_cursor
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, outside_balance, set_rule


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def other(city: City) -> Firm:
    return await open_firm(city, name="杭州示例餐饮有限公司")


async def test_a_payment_inside_the_bank_arrives_at_once(firm: Firm, other: Firm):
    answer = await firm.owner.post("/v1/payments", firm.order_to(other, 250_000))
    assert answer.status_code == 201, answer.text
    payment = answer.json()
    assert (payment["state"], payment["rail"], payment["reason"]) == ("settled", "in_bank", None)
    assert payment["payee_account_tail"] == other.number[-4:]
    assert (await firm.account())["balance_fen"] == 750_000
    assert (await other.account())["balance_fen"] == 250_000
    assert await firm.city.findings() == [], "the payee's books do not know yet, which is no fault"
    await firm.city.idle()
    [credit] = (await other.owner.get("/v1/credits")).json()["items"]
    assert (credit["amount_fen"], credit["payer_name"]) == (250_000, firm.name)
    assert credit["source"] == "in_bank"


async def test_two_hundred_copies_of_one_payment_have_one_effect(firm: Firm, other: Firm):
    order, key = firm.order_to(other, 1_000), str(uuid4())

    async def send():
        for _ in range(60):
            answer = await firm.owner.post("/v1/payments", order, key=key)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(float(answer.headers["Retry-After"]) / 4)
        return answer

    answers = await asyncio.gather(*(send() for _ in range(200)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("Idempotency-Replayed" not in a.headers for a in answers) == 1
    assert (await firm.account())["balance_fen"] == 999_000
    assert (await other.account())["balance_fen"] == 1_000
    assert len((await firm.owner.get("/v1/payments")).json()["items"]) == 1


async def test_another_body_or_another_person_under_the_key_is_refused(firm: Firm, other: Firm):
    key = str(uuid4())
    await firm.owner.post("/v1/payments", firm.order_to(other, 1_000), key=key)
    answer = await firm.owner.post("/v1/payments", firm.order_to(other, 1_001), key=key)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":key-reused")
    maker = await firm.member("13700000001", "maker")
    answer = await maker.post("/v1/payments", firm.order_to(other, 1_000), key=key)
    assert answer.status_code == 422
    assert (await other.account())["balance_fen"] == 1_000


async def test_a_refusal_is_kept_and_repeated_even_after_money_came(firm: Firm, other: Firm):
    order, key = firm.order_to(other, 1_000_001), str(uuid4())
    first = await firm.owner.post("/v1/payments", order, key=key)
    assert first.status_code == 422
    problem = first.json()
    assert problem["type"].endswith(":insufficient-funds")
    assert problem["short_fen"] == 1
    await firm.receive(5_000_000)
    again = await firm.owner.post("/v1/payments", order, key=key)
    assert (again.status_code, again.content) == (422, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    kept = (await firm.owner.get(f"/v1/payments/{problem['payment_id']}")).json()
    assert (kept["state"], kept["reason"]) == ("refused", "可用余额不足")
    assert (await firm.owner.post("/v1/payments", order)).status_code == 201


async def test_a_key_is_needed_and_a_payee_named_once(firm: Firm, other: Firm):
    headers = firm.owner.headers()
    answer = await firm.city.api.post("/v1/payments", json=firm.order_to(other, 1), headers=headers)
    assert answer.status_code == 400
    answer = await firm.owner.post("/v1/payments", firm.order_to(other, 1, payee=None))
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(":payee-missing")
    answer = await firm.owner.post(
        "/v1/payments", firm.order_to(other, 1, account_id=other.account_id)
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("payee", "problem"),
    [
        ({"name": "杭州示例餐饮店"}, ":payee-name-mismatch"),
        ({"account_number": "0200010099999999999"}, ":payee-account-unknown"),
        ({"bank_code": "103100000027"}, ":payee-bank-unknown"),
    ],
)
async def test_a_payee_that_does_not_fit_is_refused(firm: Firm, other: Firm, payee, problem):
    order = firm.order_to(other, 1_000)
    order["payee"] = order["payee"] | payee
    answer = await firm.owner.post("/v1/payments", order)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(problem)
    assert (await firm.account())["balance_fen"] == 1_000_000


async def test_sixty_four_payments_never_overdraw_an_account(firm: Firm, other: Firm):
    async def pay():
        for _ in range(60):
            answer = await firm.owner.post("/v1/payments", firm.order_to(other, 30_000))
            if answer.status_code != 503:
                return answer.status_code
            await asyncio.sleep(0.2)
        return answer.status_code

    codes = await asyncio.gather(*(pay() for _ in range(64)))
    assert sorted(codes) == [201] * 33 + [422] * 31
    assert (await firm.account())["balance_fen"] == 1_000_000 - 33 * 30_000
    assert (await other.account())["balance_fen"] == 33 * 30_000


async def test_a_persons_limits_hold_and_say_what_is_left(firm: Firm, other: Firm):
    maker = await firm.member("13700000002", "maker")
    person = (await maker.get("/v1/me")).json()["person_id"]
    limits = {"single_fen": 50_000, "daily_fen": 80_000, "version": 0}
    assert (await firm.owner.put(f"/v1/limits/{person}", limits)).status_code == 200
    too_much = await maker.post("/v1/payments", firm.order_to(other, 50_001))
    assert too_much.json()["type"].endswith(":single-limit-exceeded")
    assert (await maker.post("/v1/payments", firm.order_to(other, 50_000))).status_code == 201
    too_much = await maker.post("/v1/payments", firm.order_to(other, 30_001))
    assert too_much.json()["type"].endswith(":daily-limit-exceeded")
    assert too_much.json()["left_fen"] == 30_000
    assert (await maker.post("/v1/payments", firm.order_to(other, 30_000))).status_code == 201
    seen = (await firm.owner.get(f"/v1/limits/{person}")).json()
    assert (seen["used_fen"], seen["version"]) == (80_000, 2)


async def test_a_daily_limit_holds_against_payments_from_two_accounts_at_once(firm: Firm):
    """To another bank: a payee of ours would be a row that all of them lock anyway."""
    await open_supplier(firm.city)
    await set_rule(firm.owner, None, None)
    number = f"1{firm.number[1:]}"
    async with firm.city.ctx.begin(firm.business_id) as work:
        second = await deposits.open(work, number=number, name=firm.name, account_class="general")
    await firm.receive(1_000_000, payee_account=number)
    maker = await firm.member("13700000003", "maker")
    person = (await maker.get("/v1/me")).json()["person_id"]
    limits = {"single_fen": 10_000, "daily_fen": 80_000, "version": 0}
    assert (await firm.owner.put(f"/v1/limits/{person}", limits)).status_code == 200
    orders = [firm.order(10_000, account_id=a) for a in (firm.account_id, str(second))]

    async def pay(order: dict) -> int:
        for _ in range(60):
            answer = await maker.post("/v1/payments", order)
            if answer.status_code != 503:
                return answer.status_code
            await asyncio.sleep(0.2)
        return answer.status_code

    codes = await asyncio.gather(*(pay(order) for order in orders * 12))
    assert sorted(codes) == [201] * 8 + [422] * 16
    await firm.city.idle()
    assert await outside_balance(firm.city) == 80_000


async def test_a_repeat_is_answered_even_when_its_payee_has_left_the_book(firm: Firm, other: Firm):
    entry = firm.order_to(other, 1)["payee"] | {"roles": ["payee"]}
    party = (await firm.owner.post("/v1/parties", entry)).json()
    again = await firm.owner.post("/v1/parties", entry)
    assert again.status_code == 409 and again.json()["party_id"] == party["id"]
    order, key = firm.order(500, payee=None, party_id=party["id"]), str(uuid4())
    first = await firm.owner.post("/v1/payments", order, key=key)
    assert first.status_code == 201
    closed = await firm.owner.post(f"/v1/parties/{party['id']}/close", {"version": 1})
    assert closed.json()["state"] == "closed"
    repeat = await firm.owner.post("/v1/payments", order, key=key)
    assert (repeat.status_code, repeat.content) == (201, first.content)
    assert (await firm.owner.post("/v1/payments", order)).status_code == 409
    assert (await firm.owner.get("/v1/parties", q="餐饮")).json()["items"] == []
    assert (await other.account())["balance_fen"] == 500


async def test_firms_that_pay_each_other_at_the_same_time_do_not_block_each_other(
    firm: Firm, other: Firm
):
    await other.receive(1_000_000)
    pairs = [(firm, other), (other, firm)] * 20

    async def pay(payer: Firm, payee: Firm) -> int:
        for _ in range(60):
            answer = await payer.owner.post("/v1/payments", payer.order_to(payee, 1_000))
            if answer.status_code != 503:
                return answer.status_code
            await asyncio.sleep(0.2)
        return answer.status_code

    assert set(await asyncio.gather(*(pay(*pair) for pair in pairs))) == {201}
    assert (await firm.account())["balance_fen"] == 1_000_000
    assert (await other.account())["balance_fen"] == 1_000_000


NAIVE = encode_cursor("2025-09-01T00:00:00", "01a20db9-f8a9-7110-a34f-ffbdad4a6c96")


@pytest.mark.parametrize(
    "query",
    [
        {"state": "bogus"},
        {"limit": "0"},
        {"limit": "201"},
        {"after": "rubbish"},
        {"after": NAIVE},
        {"account_id": "urn:uuid:01a20db9-f8a9-7110-a34f-ffbdad4a6c96x"},
    ],
)
async def test_odd_parameters_are_refused(firm: Firm, query: dict):
    answer = await firm.owner.get("/v1/payments", **query)
    assert answer.status_code == 400, answer.text
