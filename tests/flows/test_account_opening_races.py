"""A number, a slot and a basic account are each given once, however many reach for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from tests.city import City
from tests.flows import founding


async def newcomers(city: City, count: int, first: int = 30):
    return [await founding.newcomer(city, first + number) for number in range(count)]


async def test_two_hundred_reach_for_one_number_and_one_firm_has_it(city: City, db):
    firms = [owner for owner, _ in await newcomers(city, 10)]
    offers = await firms[0].get("/v1/account-numbers/offers", pattern="8888")
    number = offers.json()["items"][0]["number"]
    answers = await asyncio.gather(
        *(
            owner.post("/v1/account-numbers/holds", {"number": number})
            for owner in firms
            for _ in range(20)
        )
    )
    winners = {
        firms[at // 20].business_id for at, one in enumerate(answers) if one.status_code == 201
    }
    assert len(answers) == 200 and len(winners) == 1
    assert set(Counter(one.status_code for one in answers)) <= {201, 409, 503}
    holder = await db.fetchval("select business_id::text from accounts.account_numbers")
    assert winners == {holder}


async def test_a_held_number_is_shown_let_go_and_had_by_another(city: City):
    (owner, _), (other, _) = await newcomers(city, 2, first=70)
    offers = (await owner.get("/v1/account-numbers/offers", pattern="eights")).json()["items"]
    number = offers[0]["number"]
    assert number[-9:].count("8") >= 4
    assert (await owner.post("/v1/account-numbers/holds", {"number": number})).status_code == 201
    kept = (await owner.get("/v1/account-numbers/holds")).json()["items"]
    assert [one["number"] for one in kept] == [number] and kept[0]["held_until"]
    assert (await other.get("/v1/account-numbers/holds")).json()["items"] == []
    path = f"/v1/account-numbers/holds/{number}"
    assert (await other.delete(path)).status_code == 409
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.delete(path)).status_code == 409
    assert (await other.post("/v1/account-numbers/holds", {"number": number})).status_code == 201


async def test_a_number_of_another_branch_or_class_is_not_applied_with(city: City):
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    asked = {"pattern": "66", "branch": "0002", "account_class": "general"}
    offers = (await owner.get("/v1/account-numbers/offers", **asked)).json()["items"]
    body = {"purpose": "日常经营结算", "number": offers[0]["number"]}
    for branch in ("0001", "0002"):
        refused = await owner.post("/v1/applications", body | {"branch": branch})
        assert refused.status_code == 422, refused.text
        assert refused.json()["type"].endswith("number-does-not-fit")


async def test_a_hold_ends_with_its_half_hour_and_a_new_one_lets_go_of_the_last(city: City, db):
    (owner, _), (other, _) = await newcomers(city, 2)
    offers = (await owner.get("/v1/account-numbers/offers", pattern="66")).json()["items"]
    first, second = offers[0]["number"], offers[1]["number"]
    held = (await owner.post("/v1/account-numbers/holds", {"number": first})).json()
    assert (await other.post("/v1/account-numbers/holds", {"number": first})).status_code == 409
    still = (await other.get("/v1/account-numbers/offers", pattern=first[-6:])).json()["items"]
    assert first not in [offer["number"] for offer in still]
    await owner.post("/v1/account-numbers/holds", {"number": second})
    assert (await other.post("/v1/account-numbers/holds", {"number": first})).status_code == 201
    assert (await other.post("/v1/account-numbers/holds", {"number": second})).status_code == 409
    now = await db.fetchval("select clock_timestamp() + ahead from core.clock")
    await city.move_clock(now + timedelta(minutes=31))
    assert held["state"] == "held"
    assert (await other.post("/v1/account-numbers/holds", {"number": second})).status_code == 201


async def test_a_number_of_another_bank_or_a_mistyped_one_is_refused(city: City):
    owner, _ = await founding.newcomer(city, 50)
    offers = (await owner.get("/v1/account-numbers/offers", pattern="no4")).json()["items"]
    number = offers[0]["number"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    for other in (wrong, "0200004309014478412"):
        answer = await owner.post("/v1/account-numbers/holds", {"number": other})
        assert answer.status_code == 422, answer.text
    assert (await owner.get("/v1/account-numbers/offers", pattern="8a")).status_code == 400


async def test_a_slot_takes_as_many_as_there_are_windows(city: City, db):
    firms = await newcomers(city, 6)
    slot = await founding.first_slot(firms[0][0])
    answers = await asyncio.gather(
        *(
            owner.post("/v1/visits", {"application_id": application["id"], "slot_id": slot})
            for owner, application in firms
        )
    )
    codes = Counter(answer.status_code for answer in answers)
    assert codes == {201: 3, 409: 3}
    assert await db.fetchval("select taken from onboarding.slots") == 3
    slots = (await firms[0][0].get("/v1/branches/0001/slots", on="2025-09-02")).json()["items"]
    assert [one["free"] for one in slots[:2]] == [0, 3]


async def test_moving_and_cancelling_a_visit_frees_its_place(city: City, db):
    owner, application = await founding.newcomer(city, 40)
    slots = (await owner.get("/v1/branches/0001/slots", on="2025-09-02")).json()["items"]
    body = {"application_id": application["id"], "slot_id": slots[3]["id"]}
    visit = (await owner.post("/v1/visits", body)).json()
    assert (await owner.post("/v1/visits", body)).status_code == 409
    path = f"/v1/visits/{visit['id']}"
    for at, version in ((1, 1), (5, 2)):
        moved = await owner.put(path, {"version": version, "slot_id": slots[at]["id"]})
        assert moved.status_code == 200, moved.text
    assert (await owner.put(path, {"version": 1, "slot_id": slots[2]["id"]})).status_code == 409
    elsewhere = slots[2]["id"].replace("0001-", "0003-", 1)
    assert (await owner.put(path, {"version": 3, "slot_id": elsewhere})).status_code == 422
    nowhere = slots[2]["id"][:-4] + "0317"
    assert (await owner.put(path, {"version": 3, "slot_id": nowhere})).status_code == 404
    assert (await owner.post(f"{path}/cancel")).json()["state"] == "cancelled"
    assert await db.fetchval("select sum(taken)::int from onboarding.slots") == 0


async def test_a_branch_is_closed_on_rest_days(city: City):
    owner, _ = await founding.newcomer(city, 41)
    for on, opened in (("2025-09-06", False), ("2025-09-28", True), ("2025-10-01", False)):
        slots = (await owner.get("/v1/branches/0001/slots", on=on)).json()["items"]
        assert bool(slots) is opened, on
