"""One visit: told what to bring, checked in by the phone, called by number, the account opened."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg

from app.clock import SHANGHAI
from onboarding.visits import jobs
from tests.city import City, Person
from tests.flows import founding

DAY = "2025-09-02"


async def approved(
    city: City, desk: dict[str, Person], number: int, slot: int = 0, **more: Any
) -> tuple[Person, dict[str, Any]]:
    """Somebody with an approved application and an appointment on the day."""
    owner = await city.sign_in(f"139{number:08d}")
    digits = "甲乙丙丁戊己庚辛壬癸"
    name = "".join(digits[int(one)] for one in str(number))
    person = {"name": "王小微", "id_number": founding.resident_id(number, born="19880101")}
    await founding.found(
        city, owner, name=f"上海{name}禾科技有限公司",
        legal_representative=person | {"phone": owner.phone},
        shareholders=[person | {"subscribed_fen": 100_000_000, "due_on": "2030-06-30"}],
    )  # fmt: skip
    application = await founding.apply(owner)
    path = f"/v1/applications/{application['id']}"
    slots = (await owner.get("/v1/branches/0001/slots", on=DAY)).json()["items"]
    body = {"application_id": application["id"], "slot_id": slots[slot]["id"]} | more
    booked = await owner.post("/v1/visits", body)
    assert booked.status_code == 201, booked.text
    await city.idle()
    for name in ("reviewer.li", "reviewer.zhou"):
        state = (await owner.get(path)).json()["state"]
        if state == "reviewing":
            await founding.review(desk[name], application["id"])
    assert (await owner.get(path)).json()["state"] == "approved"
    return owner, booked.json()


async def to_the_day(city: City, db: asyncpg.Connection, clock: str = "08:55") -> None:
    now = await db.fetchval("select clock_timestamp() + ahead from core.clock")
    hour, minute = clock.split(":")
    moment = now.astimezone(SHANGHAI).replace(hour=int(hour), minute=int(minute))
    await city.move_clock(moment + timedelta(days=1))


async def test_from_the_code_on_the_phone_to_what_the_firm_takes_home(city: City, db):
    desk = await founding.staff(city)
    teller = desk["teller.chen"]
    owner, visit = await approved(city, desk, 70)
    kinds = {"kinds": ["online_bank", "settlement_card", "receipts"]}
    products = f"/v1/applications/{visit['application_id']}/products"
    assert (await owner.put(products, kinds)).status_code == 200
    bring = {paper["code"]: paper["needed"] for paper in visit["bring"]}
    # A firm founded through us has its electronic licence with us.
    assert "licence" not in bring and bring["legal_rep_id"] and bring["official_seal"]
    assert not bring["legal_rep_seal"] and visit["queue"] is None
    path, desk_path = f"/v1/visits/{visit['id']}", f"/desk/v1/visits/{visit['id']}"
    early = await owner.get(f"{path}/check-in-code")
    assert early.status_code == 422 and early.json()["on"] == DAY

    course = f"/v1/applications/{visit['application_id']}/course"
    before = (await owner.get(course)).json()
    assert before["next"]["acts"] == "applicant" and before["expected_at"] == visit["starts_at"]
    assert [one["code"] for one in before["to_do"]] == ["come_to_branch"]

    await to_the_day(city, db)
    code = (await owner.get(f"{path}/check-in-code")).json()
    assert code["qr_svg"].startswith("<svg")
    forged = {"code": code["code"][:-3] + "xyz"}
    wrong = await teller.post("/desk/v1/visits/check-in", forged)
    assert wrong.status_code == 422 and wrong.json()["reason"] == "forged"
    both = await asyncio.gather(
        *(teller.post("/desk/v1/visits/check-in", {"code": code["code"]}) for _ in range(4))
    )
    assert sorted(one.status_code for one in both) == [200, 422, 422, 422]
    assert {one.json().get("reason") for one in both} == {None, "used"}
    arrived = (await owner.get(path)).json()
    assert arrived["queue"] == {"number": "A001", "ahead": 0, "minutes": 0}

    called = await teller.post("/desk/v1/visits/next?branch=0001", {"window": 2})
    case = called.json()
    assert case["visit"]["id"] == visit["id"] and case["may_complete"], called.text
    assert "*" in case["legal_representative"]["id_number"] and len(case["documents"]) == 2
    assert (await owner.get(path)).json()["window"] == 2
    confirmed = founding.confirming(case["visit"])
    less = await teller.post(f"{desk_path}/complete", confirmed | {"papers_seen": []})
    assert less.status_code == 422 and less.json()["missing"] == ["legal_rep_id", "official_seal"]
    done = await teller.post(f"{desk_path}/complete", confirmed | {"seals": ["official_seal"]})
    assert done.status_code == 200, done.text
    await city.idle()
    assert [account["state"] for account in (await owner.get("/v1/accounts")).json()] == ["active"]
    await take_home(owner, desk, products)
    after = (await owner.get(course)).json()
    assert after["next"]["acts"] == "branch" and after["next"]["text"] == "网点准备企业网银"
    assert [step["state"] for step in after["steps"]][3:] == ["done", "done", "done", "now"]


async def take_home(owner: Person, desk: dict[str, Person], products: str) -> None:
    teller = desk["teller.chen"]
    found = {one["kind"]: one for one in (await owner.get(products)).json()["items"]}
    assert found["receipts"]["state"] == "issued" and found["receipts"]["acts"] is None
    for kind, by in (("online_bank", "2025-09-03"), ("settlement_card", "2025-09-10")):
        # Beijing's parade day, 3 September 2025, was worked.
        assert (found[kind]["state"], found[kind]["acts"]) == ("preparing", "branch"), kind
        assert found[kind]["due_at"][:10] <= by
    undone = (await teller.get("/desk/v1/products", branch="0001")).json()["items"]
    assert [line["kind"] for line in undone] == ["online_bank", "settlement_card"]
    card = f"/desk/v1/products/{found['settlement_card']['id']}/issue"
    assert (await teller.post(card, {"reference": "6222021001112223334"})).status_code == 422
    assert (await teller.post(card, {"reference": "3334"})).json()["state"] == "issued"
    assert (await teller.post(card, {"reference": "3334"})).status_code == 409
    assert (await teller.get("/desk/v1/products", branch="0002")).status_code == 403
    late = await owner.put(products, {"kinds": []})
    assert late.status_code == 409


async def test_the_queue_keeps_its_order_and_calls_each_to_one_window(city: City, db):
    desk = await founding.staff(city)
    firms = [
        await approved(city, desk, 80 + at, slot)
        for at, slot in enumerate((2, 0, 1))
    ]  # fmt: skip
    await to_the_day(city, db)
    arrived = []
    for owner, visit in firms:
        code = (await owner.get(f"/v1/visits/{visit['id']}/check-in-code")).json()["code"]
        answer = await desk["teller.chen"].post("/desk/v1/visits/check-in", {"code": code})
        arrived.append(answer.json())
    # The first at the door has the first number, and is called at their own time.
    assert [one["queue"]["number"] for one in arrived] == ["A001", "A002", "A003"]
    places = [
        (await owner.get(f"/v1/visits/{visit['id']}")).json()["queue"] for owner, visit in firms
    ]
    assert [place["ahead"] for place in places] == [2, 0, 1]
    assert places[0]["minutes"] >= places[2]["minutes"] >= places[1]["minutes"]
    tellers = [desk[name] for name in desk if name.startswith(("teller", "supervisor"))]
    called = await asyncio.gather(
        *(
            teller.post("/desk/v1/visits/next?branch=0001", {"window": at + 1})
            for at, teller in enumerate(tellers)
        )
    )
    ids = [one.json()["visit"]["id"] for one in called if one.status_code == 200]
    assert len(set(ids)) == len(ids) >= 1 and ids[0] in {firms[1][1]["id"], firms[2][1]["id"]}
    again = await tellers[0].post("/desk/v1/visits/next?branch=0001", {"window": 1})
    if called[0].status_code == 200:
        assert again.status_code == 409 and "visit_id" in again.json()
        gone = await tellers[0].post(f"/desk/v1/visits/{called[0].json()['visit']['id']}/leave")
        assert gone.json()["state"] == "missed"


async def test_whoever_does_not_come_is_told_and_books_again(city: City, db):
    desk = await founding.staff(city)
    owner, visit = await approved(city, desk, 90)
    await city.tick()
    texts = (await city.world.get("/sms", params={"phone": owner.phone})).json()["items"]
    reminded = [one["text"] for one in texts if "请携带" in one["text"]]
    assert len(reminded) <= 1
    await to_the_day(city, db, "16:59")
    assert (await owner.get(f"/v1/visits/{visit['id']}")).json()["state"] == "booked"
    await to_the_day(city, db, "09:00")

    await jobs.look(city.ctx)
    await city.idle()
    missed = (await owner.get(f"/v1/visits/{visit['id']}")).json()
    assert missed["state"] == "missed" and missed["missed_at"]
    texts = (await city.world.get("/sms", params={"phone": owner.phone})).json()["items"]
    assert sum("未到店" in one["text"] for one in texts) == 1
    slots = (await owner.get("/v1/branches/0001/slots", on="2025-09-04")).json()["items"]
    body = {"application_id": visit["application_id"], "slot_id": slots[0]["id"]}
    assert (await owner.post("/v1/visits", body)).status_code == 201


async def test_an_agent_brings_more_and_another_branch_sees_nothing(city: City, db):
    desk = await founding.staff(city)
    owner, visit = await approved(city, desk, 95, comes="agent")
    bring = {paper["code"] for paper in visit["bring"] if paper["needed"]}
    assert {"agent_id", "authorisation"} <= bring
    other = {"branch": "0002", "on": DAY}
    assert (await desk["teller.chen"].get("/desk/v1/visits", **other)).status_code == 403
    nowhere = await desk["teller.chen"].post("/desk/v1/visits/next?branch=0002", {"window": 1})
    assert nowhere.status_code == 403
    await to_the_day(city, db)
    code = (await owner.get(f"/v1/visits/{visit['id']}/check-in-code")).json()
    now = await db.fetchval("select clock_timestamp() + ahead from core.clock")
    await city.move_clock(now + timedelta(seconds=150))
    late = await desk["teller.chen"].post("/desk/v1/visits/check-in", {"code": code["code"]})
    assert late.status_code == 422 and late.json()["reason"] == "expired"
