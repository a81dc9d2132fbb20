"""A firm's mandate says who must agree to a payment; nobody agrees to their own, by any path."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.identity import operations as identity
from tests.city import City, Person
from tests.firms import Firm, confirmed, open_firm, open_supplier

LINES: list[dict[str, Any]] = [
    {"above_fen": 500_000, "agree": [["finance"], ["owner"]], "in_order": True},
    {"purposes": ["rent"], "agree": []},
    {"day_count_above": 2, "agree": [["owner"]]},
    {"makers": ["maker"], "agree": [["finance", "checker"]]},
]


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    return await open_firm(city, fen=2_000_000)


async def member(firm: Firm, role: str) -> Person:
    return await firm.member(f"137{str(uuid4().int)[:8]}", role)


async def person_id(person: Person) -> str:
    found: str = (await person.get("/v1/me")).json()["person_id"]
    return found


async def mandate(firm: Firm, lines: list[dict[str, Any]] = LINES) -> dict[str, Any]:
    body = await confirmed(firm.owner, "/v1/mandates/step-ups", {"lines": lines, "version": 0})
    answer = await firm.owner.post("/v1/mandates", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def pay(person: Person, order: dict[str, Any], state: str) -> dict[str, Any]:
    answer = await person.post("/v1/payments", order)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == state, answer.text
    return answer.json()


async def approve(person: Person, payment: dict[str, Any]):
    body = {"version": payment["version"]}
    return await person.post(f"/v1/payments/{payment['id']}/approve", body)


def refused(answer: Any, status: int, name: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(f":{name}"), answer.text


async def test_the_first_line_that_fits_decides_and_the_order_of_places_holds(firm: Firm):
    maker, finance = await member(firm, "maker"), await member(firm, "finance")
    await mandate(firm)
    large = firm.order(500_001)
    told = (await maker.post("/v1/payments/explain", large)).json()
    assert (told["line"], told["agree"], told["in_order"]) == (1, [["finance"], ["owner"]], True)
    payment = await pay(finance, firm.order(500_001), "pending_approval")
    refused(await approve(finance, payment), 403, "self-approval")
    refused(await approve(firm.owner, payment), 403, "not-your-place")
    other = await member(firm, "finance")
    waits = (await other.get("/v1/approvals/")).json()["items"]
    assert [line["object_id"] for line in waits] == [payment["id"]]
    assert (await firm.owner.get("/v1/approvals/")).json()["items"] == []
    assert (await approve(other, payment)).json()["state"] == "pending_approval"
    (line,) = (await firm.owner.get("/v1/approvals/open")).json()["items"]
    assert (line["remaining"], [who["role"] for who in line["waits_for"]]) == (1, ["owner"])
    done = await approve(firm.owner, payment)
    assert done.json()["state"] == "submitted"


async def test_purpose_and_count_of_the_day_decide(firm: Firm):
    maker = await member(firm, "maker")
    await member(firm, "finance")
    await mandate(firm)
    await pay(maker, firm.order(1_000, purpose="rent"), "submitted")
    await pay(maker, firm.order(1_000, purpose="rent"), "submitted")
    told = (await maker.post("/v1/payments/explain", firm.order(1_000))).json()
    assert (told["line"], told["agree"]) == (3, [["owner"]])


async def test_a_change_takes_the_step_up_or_the_second_owner(firm: Firm):
    body = {"lines": [], "version": 0}
    refused(await firm.owner.post("/v1/mandates", body), 403, "step-up-needed")
    impossible = {"lines": [{"agree": [["checker"]]}], "version": 0}
    refused(await firm.owner.post("/v1/mandates", impossible), 422, "mandate-cannot-be-met")
    second = await member(firm, "owner")
    proposed = (await firm.owner.post("/v1/mandates", body)).json()
    assert proposed["state"] == "proposed"
    path = f"/v1/mandates/{proposed['id']}/decide"
    yes = {"version": proposed["version"], "approve": True}
    refused(await firm.owner.post(path, yes), 403, "self-approval")
    assert (await second.post(path, yes)).json()["state"] == "in_force"
    refused(await firm.owner.post("/v1/mandates", body), 409, "rule-changed")


async def test_a_stand_in_answers_for_the_absent_and_never_for_the_maker(firm: Firm):
    finance, maker = await member(firm, "finance"), await member(firm, "maker")
    await mandate(firm, [{"agree": [["owner", "finance"]]}])
    async with firm.city.ctx.begin() as work:
        now = work.now
    absence = {
        "to_person": await person_id(maker),
        "from_at": (now - timedelta(hours=1)).isoformat(),
        "until_at": (now + timedelta(days=1)).isoformat(),
    }
    own = await pay(finance, firm.order(1_000), "pending_approval")
    refused(await approve(maker, own), 403, "not-your-place")
    answer = await finance.post("/v1/approvals/delegations", absence)
    assert answer.status_code == 201, answer.text
    refused(await approve(maker, own), 403, "not-your-place")
    owners = await pay(firm.owner, firm.order(1_001), "pending_approval")
    assert (await approve(maker, owners)).json()["state"] == "submitted"
    made = await pay(maker, firm.order(1_002), "pending_approval")
    refused(await approve(maker, made), 403, "self-approval")
    back = await finance.delete(f"/v1/approvals/delegations/{answer.json()['id']}")
    assert back.status_code == 204
    more = await pay(firm.owner, firm.order(1_003), "pending_approval")
    refused(await approve(maker, more), 403, "not-your-place")


async def test_a_second_account_of_the_maker_is_the_maker(firm: Firm, db: asyncpg.Connection):
    one, other = await member(firm, "maker"), await member(firm, "checker")
    for person in (one, other):
        someone = UUID(await person_id(person))
        async with firm.city.ctx.begin(person_id=someone) as work:
            await identity.name_person(work, name="王小微", resident_id="11010519491231002X")
    payment = await pay(one, firm.order(1_000), "pending_approval")
    refused(await approve(other, payment), 403, "self-approval")
    with pytest.raises(asyncpg.PostgresError) as error:
        async with firm.city.ctx.begin(firm.business_id, person_id=someone) as work:
            await work.connection.execute(
                "insert into core.approval_decisions (business_id, approval_id, principal,"
                " approve, decided_at, role) select business_id, id, core.principal(), true,"
                " now(), 'checker' from core.approvals where object_id = $1",
                UUID(payment["id"]),
            )
    assert error.value.sqlstate == "XW003"


async def test_a_question_is_rung_for_and_ends_by_the_clock(firm: Firm):
    checker = await member(firm, "checker")
    payment = await pay(firm.owner, firm.order(1_000), "pending_approval")
    await firm.city.idle()

    async def told() -> list[str]:
        found = await firm.city.world.get("/sms", params={"phone": checker.phone})
        return [m["text"] for m in found.json()["items"] if "审批" in m["text"]]

    assert len(await told()) == 1
    async with firm.city.ctx.begin() as work:
        now = work.now
    await firm.city.move_clock(now + timedelta(hours=5))
    await ring(firm.city)
    assert "仍" in (await told())[0]
    await firm.city.move_clock(now + timedelta(days=8))
    await ring(firm.city)
    firm.owner.token = (await firm.city.sign_in(firm.owner.phone)).token
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["reason"]) == ("cancelled", "逾期未审批，付款已取消")


async def ring(city: City) -> None:
    from app.approvals import jobs

    await jobs.ring(city.ctx)
    await city.idle()


async def test_fifty_answers_at_once_to_two_places_are_two(firm: Firm):
    people = [await member(firm, "checker") for _ in range(5)]
    await mandate(firm, [{"agree": [["checker"], ["checker"]]}])
    payment = await pay(firm.owner, firm.order(1_000), "pending_approval")
    answers = await asyncio.gather(
        *(approve(person, payment) for person in people for _ in range(10))
    )
    codes = [answer.status_code for answer in answers]
    assert codes.count(200) == 2, codes
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert seen["state"] in ("submitted", "processing", "settled")
