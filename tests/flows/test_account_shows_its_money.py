"""An owner sees an account's money, receives it once, and it goes back where it cannot stay."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from accounts.policies import operations as policies
from app.outside.model import Answered
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, order_faults, set_rule, strikes


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city)


async def credits_of(firm: Firm) -> list[dict]:
    return (await firm.owner.get("/v1/credits")).json()["items"]


async def state_outside(city: City, reference: str) -> tuple[str, str]:
    witness = (await city.world.get("/witness/clearing_house")).json()
    [credit] = [c for c in witness["incoming"] if c["reference"] == reference]
    return credit["state"], credit["reason"]


async def test_money_from_another_bank_is_booked_once_and_confirmed(firm: Firm):
    credit = await firm.receive(123_456)
    account = await firm.account()
    assert (account["balance_fen"], account["available_fen"]) == (123_456, 123_456)
    [received] = await credits_of(firm)
    assert received["payer_name"] == "南京示例贸易有限公司"
    assert (received["reference"], received["remark"]) == (credit["reference"], "货款")
    assert await state_outside(firm.city, credit["reference"]) == ("confirmed", "")


async def test_a_call_back_that_comes_twice_or_never_books_once(firm: Firm):
    await order_faults(firm.city, callbacks="twice")
    await firm.receive(1_000)
    assert (await strikes(firm.city))["twice"] >= 1
    await order_faults(firm.city, callbacks="never")
    await firm.receive(500)
    await order_faults(firm.city)
    await firm.city.tick()
    assert (await firm.account())["balance_fen"] == 1_500
    assert len(await credits_of(firm)) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payee_name": "别家示例有限公司"}, "收款人户名不符"),
        ({"payee_account": "0200010099999999999"}, "收款账号不存在"),
    ],
)
async def test_a_credit_that_does_not_fit_goes_back(firm: Firm, changes, reason):
    credit = await firm.receive(1_000, **changes)
    assert await state_outside(firm.city, credit["reference"]) == ("returned", reason)
    assert (await firm.account())["balance_fen"] == 0
    assert await credits_of(firm) == []


async def test_twenty_call_backs_at_once_book_one_credit(firm: Firm):
    credit = await firm.receive(1_000)
    waiting = await firm.city.world.post(
        "/clearing_house/simulate/incoming",
        json={
            "payer_bank": credit["payer_bank"],
            "payer_account": credit["payer_account"],
            "payer_name": credit["payer_name"],
            "payee_account": firm.number,
            "payee_name": firm.name,
            "amount_fen": 700,
            "on": "2025-09-01",
        },
    )
    async with firm.city.ctx.begin() as work:
        for reference in (credit["reference"], waiting.json()["reference"]):
            for _ in range(20):
                await work.emit(Answered(system="clearing_house", reference=reference))
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 1_700
    assert len(await credits_of(firm)) == 2


async def test_postings_and_balances_are_shown_in_pages_and_as_of_a_moment(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    await firm.receive(10_000)
    for amount_fen in (100, 200, 300):
        answer = await firm.owner.post("/v1/payments", firm.order_to(other, amount_fen))
        assert answer.status_code == 201
    path = f"/v1/accounts/{firm.account_id}/postings"
    first = (await firm.owner.get(path, limit=3)).json()
    rest = (await firm.owner.get(path, limit=3, after=first["next"])).json()
    lines = first["items"] + rest["items"]
    assert [line["amount_fen"] for line in lines] == [10_000, -100, -200, -300]
    assert lines[-1]["balance_after_fen"] == 9_400 and rest["next"] is None
    at = {"at": lines[1]["at"]}
    seen = (await firm.owner.get(f"/v1/accounts/{firm.account_id}/balance", **at)).json()
    assert seen["balance_fen"] == 9_900
    answer = await firm.owner.get(path, **{"from": "2025-10-01", "until": "2025-09-01"})
    assert answer.status_code == 400
    for odd in ("2025-09-01T00:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "now"):
        answer = await firm.owner.get(f"/v1/accounts/{firm.account_id}/balance", at=odd)
        assert answer.status_code == 400, odd
    [listed] = (await firm.owner.get("/v1/accounts")).json()
    assert listed["balance_fen"] == 9_400


async def test_another_firms_account_payment_and_credit_do_not_exist(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司", fen=1_000)
    payment = (await other.owner.post("/v1/payments", other.order_to(firm, 1))).json()
    await firm.city.idle()
    [credit] = await credits_of(other)
    for path, theirs in (
        ("/v1/accounts/{}", other.account_id),
        ("/v1/accounts/{}/postings", other.account_id),
        ("/v1/accounts/{}/balance", other.account_id),
        ("/v1/payments/{}", payment["id"]),
        ("/v1/credits/{}", credit["id"]),
    ):
        answers = [await firm.owner.get(path.format(i)) for i in (theirs, uuid4())]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].json()["type"] == answers[1].json()["type"]


async def test_what_is_in_transit_is_swept_to_the_bank(firm: Firm):
    await open_supplier(firm.city)
    await firm.receive(50_000)
    await set_rule(firm.owner, None, None)
    await firm.owner.post("/v1/payments", firm.order(20_000))
    await firm.city.idle()
    assert await bank_side(firm.city, firm.business_id) == {
        "in_transit_in": -50_000,
        "in_transit_out": 20_000,
    }
    await firm.city.tick()
    assert await bank_side(firm.city, firm.business_id) == {
        "in_transit_in": 0,
        "in_transit_out": 0,
    }
    outside = (await firm.city.world.get("/witness/clearing_house")).json()
    moved_outside = outside["balance_fen"] - outside["opening_fen"]
    async with firm.city.ctx.begin() as work:
        bank = await policies.bank(work)
    ours = {k: fen for k, fen in (await bank_side(firm.city, bank.business_id)).items() if fen}
    assert ours == {"clearing_house": -moved_outside} == {"clearing_house": -30_000}


async def bank_side(city: City, business_id: UUID) -> dict[str, int]:
    """The bank's own accounts inside a firm, which the firm does not see."""
    async with city.ctx.begin(business_id) as work:
        rows = await work.connection.fetch(
            "select kind, balance_fen from ledger.accounts where owner = 'bank'"
        )
    return {row["kind"]: row["balance_fen"] for row in rows}


async def test_every_movement_has_a_receipt_that_anyone_can_check(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    await firm.receive(10_000)
    order = firm.order_to(other, 1_234, memo="九月货款")
    payment = (await firm.owner.post("/v1/payments", order)).json()
    await firm.city.idle()
    [received] = await credits_of(firm)
    [in_bank] = await credits_of(other)
    wanted = (
        (firm.owner, f"/v1/payments/{payment['id']}/receipt"),
        (firm.owner, f"/v1/credits/{received['id']}/receipt"),
        (other.owner, f"/v1/credits/{in_bank['id']}/receipt"),
    )
    codes = []
    for person, path in wanted:
        assert (await person.get(path)).status_code == 404
        asked = await person.post(path)
        assert (asked.status_code, asked.json()["ready"]) == (202, False)
        codes.append(asked.json()["code"])
    await firm.city.idle()
    for person, path in wanted:
        answer = await person.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
    code = codes[0]
    seen = await firm.city.api.get(f"/receipts/{code}")
    assert seen.status_code == 200
    assert (seen.json()["amount_fen"], seen.json()["payee"]) == (1_234, "杭州******公司")
    assert firm.name not in seen.text
    assert (await firm.city.api.get("/receipts/0123456789ABCDEF")).status_code == 404
    theirs = await other.owner.get(f"/v1/payments/{payment['id']}/receipt")
    assert theirs.status_code == 404
