"""What keeps an account from being opened: people, lists, versions, and the one basic account."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from tests.city import City
from tests.flows import founding


async def reviewing(city: City) -> tuple:
    """An owner whose application waits for two reviewers."""
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    application = await founding.apply(owner)
    await city.idle()
    return owner, f"/v1/applications/{application['id']}", application["id"]


async def test_one_reviewer_never_counts_for_two(city: City):
    _owner, _path, application_id = await reviewing(city)
    desk = await founding.staff(city)
    li = desk["reviewer.li"]
    assert (await founding.review(li, application_id)).json()["state"] == "open"
    line = (await li.get("/desk/v1/reviews")).json()["items"][0]
    again = await li.post(f"/desk/v1/reviews/{line['id']}/claim")
    assert again.status_code == 409 and again.json()["type"].endswith("already-yours")


async def test_fifty_decisions_at_once_are_one(city: City):
    owner, path, application_id = await reviewing(city)
    desk = await founding.staff(city)
    await founding.review(desk["reviewer.li"], application_id)
    zhou = desk["reviewer.zhou"]
    line = (await zhou.get("/desk/v1/reviews")).json()["items"][0]
    review = f"/desk/v1/reviews/{line['id']}"
    assert (await zhou.post(f"{review}/claim")).status_code == 200
    body = {"version": line["version"], "decision": "approve"}
    answers = await asyncio.gather(*(zhou.post(f"{review}/decide", body) for _ in range(50)))
    codes = Counter(answer.status_code for answer in answers)
    assert codes[200] == 1 and set(codes) <= {200, 409, 503}, codes
    approved = (await owner.get(path)).json()
    assert approved["state"] == "approved"
    assert [turn["state"] for turn in approved["timeline"]] == [
        "draft", "submitted", "reviewing", "approved",
    ]  # fmt: skip


async def test_a_claim_keeps_others_away_until_it_is_let_go(city: City):
    _owner, _path, _application_id = await reviewing(city)
    desk = await founding.staff(city)
    li, zhou = desk["reviewer.li"], desk["reviewer.zhou"]
    line = (await li.get("/desk/v1/reviews")).json()["items"][0]
    review = f"/desk/v1/reviews/{line['id']}"
    assert (await li.post(f"{review}/claim")).status_code == 200
    taken = await zhou.post(f"{review}/claim")
    assert taken.status_code == 409 and taken.json()["type"].endswith("claimed-by-another")
    body = {"version": line["version"], "decision": "approve"}
    assert (await zhou.post(f"{review}/decide", body)).status_code == 409
    assert (await li.post(f"{review}/release")).status_code == 200
    unclaimed = await li.post(f"{review}/decide", body)
    assert unclaimed.json()["type"].endswith("not-claimed")
    assert (await zhou.post(f"{review}/claim")).status_code == 200
    stale = await zhou.post(f"{review}/decide", body | {"version": line["version"] - 1})
    assert stale.status_code == 409 and stale.json()["type"].endswith("stale-version")
    silent = await zhou.post(f"{review}/decide", body | {"decision": "refuse"})
    assert silent.status_code == 422 and silent.json()["type"].endswith("codes-needed")
    assert (await desk["teller.chen"].get("/desk/v1/reviews")).status_code == 403


async def test_nobody_reviews_a_firm_of_their_own(city: City):
    owner, _path, application_id = await reviewing(city)
    uscc = (await owner.get("/v1/me")).json() and (await owner.get("/v1/applications")).json()[
        "items"
    ][0]["uscc"]
    desk = await founding.staff(city)
    li = desk["reviewer.li"]
    declared = await li.post(
        "/desk/v1/reviews/interests", {"uscc": uscc, "reason": "配偶经营的企业"}
    )
    assert declared.status_code == 201, declared.text
    line = (await li.get("/desk/v1/reviews")).json()["items"][0]
    refused = await li.post(f"/desk/v1/reviews/{line['id']}/claim")
    assert refused.status_code == 403 and refused.json()["type"].endswith("own-firm")
    assert (await founding.review(desk["reviewer.zhou"], application_id)).status_code == 200


async def test_what_was_returned_is_mended_and_sent_again(city: City):
    owner, path, application_id = await reviewing(city)
    desk = await founding.staff(city)
    number = (await owner.get(path)).json()["number"]
    returned = await founding.review(
        desk["reviewer.li"], application_id, "return",
        codes=["document_unreadable"], reason="身份证照片模糊",
    )  # fmt: skip
    assert returned.json()["state"] == "returned"
    back = (await owner.get(path)).json()
    assert (back["state"], back["next"]["acts"]) == ("returned", "applicant")
    assert back["decision_codes"] == ["document_unreadable"]
    body = {
        "kind": "legal_rep_id_front",
        "file_id": await founding.upload(owner, founding.picture("red")),
    }
    assert (await owner.post(f"{path}/documents", body)).status_code == 201
    assert (await owner.post(f"{path}/submit")).status_code == 200
    await city.idle()
    again = (await owner.get(path)).json()
    assert (again["state"], again["number"]) == ("reviewing", number)
    lines = (await desk["reviewer.li"].get("/desk/v1/reviews")).json()["items"]
    assert [line["round"] for line in lines] == [2]
    seen = await desk["reviewer.li"].get(f"/desk/v1/reviews/{lines[0]['id']}")
    assert {check["round"] for check in seen.json()["checks"]} == {1, 2}


async def test_a_refusal_frees_the_number_and_the_slot(city: City):
    owner, path, application_id = await reviewing(city)
    slot = await founding.first_slot(owner)
    visit = await owner.post("/v1/visits", {"application_id": application_id, "slot_id": slot})
    number = (await owner.get(path)).json()["number"]
    desk = await founding.staff(city)
    refused = await founding.review(
        desk["reviewer.li"], application_id, "refuse", codes=["facts_conflict"]
    )
    assert refused.json()["state"] == "refused"
    await city.idle()
    assert (await owner.get(path)).json()["state"] == "refused"
    assert (await owner.get(f"/v1/visits/{visit.json()['id']}")).json()["state"] == "cancelled"
    other, _ = await founding.newcomer(city, 21)
    held = await other.post("/v1/account-numbers/holds", {"number": number})
    assert held.status_code == 201, held.text
    assert (await owner.post("/v1/applications", {"purpose": "再次申请"})).status_code == 201


async def test_whoever_is_on_a_penalty_list_is_sent_to_the_branch(city: City):
    desk = await founding.staff(city)
    added = await desk["reviewer.li"].post(
        "/desk/v1/watch-list",
        {
            "list": "penalty", "kind": "person", "name": "王小微",
            "id_number": founding.resident_id(1), "reason": "涉案账户", "source": "公安机关通报",
            "from_on": "2025-01-01",
        },
    )  # fmt: skip
    assert added.status_code == 201 and added.json()["by_id"] is True, added.text
    owner, path, _ = await reviewing(city)
    referred = (await owner.get(path)).json()
    assert (referred["state"], referred["decision_codes"]) == ("referred", ["branch_needed"])
    # No tipping-off: the applicant is not told why.
    assert "watch" not in str(referred) and "penalty" not in str(referred)
    assert (await desk["reviewer.li"].get("/desk/v1/reviews")).json()["items"] == []


async def test_a_firm_the_registry_does_not_know_is_sent_to_the_branch(city: City, db):
    owner, application = await founding.newcomer(city, 3)
    path = f"/v1/applications/{application['id']}"
    missing = await owner.post(f"{path}/submit")
    assert missing.status_code == 422
    assert missing.json()["missing"] == ["licence", "legal_rep_id_front", "legal_rep_id_back"]
    for kind in missing.json()["missing"]:
        body = {"kind": kind, "file_id": await founding.upload(owner)}
        assert (await owner.post(f"{path}/documents", body)).status_code == 201
    assert (await owner.post(f"{path}/submit")).status_code == 200
    await city.idle()
    assert (await owner.get(path)).json()["state"] == "referred"
    codes = await db.fetchval("select reason_codes from onboarding.applications")
    assert "registry_not_found" in codes


async def test_cancelling_takes_it_out_of_the_queue(city: City):
    owner, path, _ = await reviewing(city)
    desk = await founding.staff(city)
    assert len((await desk["reviewer.li"].get("/desk/v1/reviews")).json()["items"]) == 1
    assert (await owner.post(f"{path}/cancel")).json()["state"] == "cancelled"
    await city.idle()
    assert (await desk["reviewer.li"].get("/desk/v1/reviews")).json()["items"] == []
    assert (await owner.post(f"{path}/cancel")).status_code == 409


async def test_an_owner_on_a_sanction_list_sends_the_firm_to_the_branch(city: City, db):
    desk = await founding.staff(city)
    entry = {
        "list": "sanction", "kind": "person", "name": "李小微",
        "id_number": founding.resident_id(2), "reason": "制裁名单", "source": "公开名单",
        "from_on": "2025-01-01",
    }  # fmt: skip
    assert (await desk["reviewer.li"].post("/desk/v1/watch-list", entry)).status_code == 201
    owner, path, _ = await reviewing(city)
    assert (await owner.get(path)).json()["state"] == "referred"
    evidence = await db.fetchval(
        "select evidence::text from onboarding.checks where kind = 'watch_list'"
    )
    assert '"part": "owner"' in evidence and "李小微" not in evidence


async def test_what_nobody_acts_on_for_a_month_ends_and_keeps_nothing(city: City, db):
    owner, path, application_id = await reviewing(city)
    slot = {"application_id": application_id, "slot_id": await founding.first_slot(owner)}
    assert (await owner.post("/v1/visits", slot)).status_code == 201
    desk = await founding.staff(city)
    for reviewer in ("reviewer.li", "reviewer.zhou"):
        await founding.review(desk[reviewer], application_id)
    assert (await owner.get(path)).json()["state"] == "approved"
    now = await db.fetchval("select clock_timestamp() + ahead from core.clock")
    await city.move_clock(now + timedelta(days=29))
    assert (await owner.get(path)).json()["state"] == "approved"
    await city.move_clock(now + timedelta(days=31))
    ended = (await owner.get(path)).json()
    assert (ended["state"], ended["decision_codes"]) == ("cancelled", ["lapsed"])
    assert ended["timeline"][-1]["acted"] == "system"
    assert await db.fetchval("select state from accounts.account_numbers") == "free"
    # Nobody came: the day is over, and its place with it.
    assert await db.fetchval("select state from onboarding.visits") in ("missed", "cancelled")
