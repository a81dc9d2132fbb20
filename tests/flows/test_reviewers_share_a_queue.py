"""Reviewers share one queue: a clock of working hours, assignments, absences, questions, walls."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.city import City, Person
from tests.flows import founding
from tests.flows.test_account_opening_refusals import reviewing

QUEUE = "/desk/v1/reviews"


async def case(reviewer: Person) -> tuple[dict, str]:
    """The first line of the queue and its address."""
    line = (await reviewer.get(QUEUE)).json()["items"][0]
    return line, f"{QUEUE}/{line['id']}"


async def me(person: Person) -> str:
    return str((await person.get("/desk/v1/me")).json()["staff_id"])


async def now_of(db: asyncpg.Connection) -> datetime:
    return await db.fetchval("select clock_timestamp() + ahead from core.clock")


async def test_a_case_is_due_within_working_hours_and_late_cases_reach_a_supervisor_once(
    city: City, db
):
    await reviewing(city)
    desk = await founding.staff(city)
    li, boss = desk["reviewer.li"], desk["supervisor.wang"]
    line, _ = await case(li)
    opened, due = (datetime.fromisoformat(line[name]) for name in ("opened_at", "due_at"))
    # A risky case: two working hours, between nine and half past five in Shanghai.
    assert timedelta(hours=2) <= due - opened <= timedelta(hours=18)
    assert 9 <= due.astimezone(UTC).hour + 8 <= 18
    assert (await li.get(QUEUE, view="late")).json()["items"] == []
    await city.move_clock(due + timedelta(minutes=1))
    await city.tick()
    late = (await li.get(QUEUE, view="late")).json()["items"]
    assert [one["id"] for one in late] == [line["id"]]
    assert late[0]["assigned_to"] == await me(boss) and late[0]["escalated_at"]
    (told,) = (await boss.get(f"{QUEUE}/escalations")).json()["items"]
    assert told["review_id"] == line["id"] and told["assigned_to"] == await me(boss)
    await city.move_clock(due + timedelta(days=1))
    assert len((await boss.get(f"{QUEUE}/escalations")).json()["items"]) == 1
    assert await db.fetchval("select count(*) from core.audit where action = 'review.escalated'")
    counted = (await boss.get(f"{QUEUE}/statistics")).json()
    assert (counted["open"], counted["late"], counted["approved"]) == (1, 1, 0)
    assert counted["age_minutes_50"] >= 120 and counted["first_pass_ppm"] is None


async def test_one_more_document_stops_the_clock_and_both_reviewers_see_the_answer(city: City, db):
    owner, path, application_id = await reviewing(city)
    desk = await founding.staff(city)
    li, zhou = desk["reviewer.li"], desk["reviewer.zhou"]
    assert (await founding.review(li, application_id)).json()["approved_by"]
    line, review = await case(zhou)
    assert (await zhou.post(f"{review}/claim")).status_code == 200
    body = {"kind": "address_proof", "reason": "请补充租赁合同首页"}
    assert (await li.post(f"{review}/inquiries", body)).status_code == 409
    asked = await zhou.post(f"{review}/inquiries", body)
    assert asked.status_code == 201, asked.text
    waiting, _ = await case(li)
    assert waiting["waiting_since"] and waiting["approved_by"] == []
    blocked = await li.post(f"{review}/claim")
    assert blocked.json()["type"].endswith("waiting-for-applicant")
    await city.idle()
    texts = (await city.world.get("/sms", params={"phone": owner.phone})).json()["items"]
    assert any("补充一份材料" in one["text"] for one in texts)
    # The clock stands: a day later it is not late.
    await city.move_clock(await now_of(db) + timedelta(days=2))
    (mine,) = (await owner.get("/v1/inquiries")).json()["items"]
    assert (mine["state"], mine["reason"]) == ("open", body["reason"])
    answer = f"/v1/inquiries/{mine['id']}/answer"
    missing = await owner.post(answer, {"file_id": mine["id"]})
    assert missing.status_code == 422, missing.text
    file_id = await founding.upload(owner)
    answers = await asyncio.gather(*(owner.post(answer, {"file_id": file_id}) for _ in range(5)))
    assert Counter(one.status_code for one in answers) == {200: 1, 409: 4}
    again, _ = await case(li)
    assert again["version"] == line["version"] + 1 and again["waiting_since"] is None
    assert again["escalated_at"] is None
    old = await founding.review(li, application_id)
    assert old.json()["state"] == "open", old.text
    assert (await zhou.post(f"{review}/claim")).status_code == 200
    stale = {"version": line["version"], "decision": "approve"}
    assert (await zhou.post(f"{review}/decide", stale)).json()["type"].endswith("stale-version")
    seen = (await zhou.get(review)).json()
    kinds = {one["kind"]: one["file_id"] for one in seen["application"]["documents"]}
    assert kinds["address_proof"] == file_id
    assert [one["username"] for one in seen["said"]] == ["reviewer.li", "reviewer.li"]
    done = await zhou.post(f"{review}/decide", {"version": again["version"], "decision": "approve"})
    assert done.json()["state"] == "approved", done.text
    assert (await owner.get(path)).json()["state"] == "approved"


async def test_a_question_may_be_taken_back_or_lapse_and_the_case_goes_on(city: City, db):
    owner, path, _ = await reviewing(city)
    desk = await founding.staff(city)
    li = desk["reviewer.li"]
    _, review = await case(li)
    body = {"kind": "legal_rep_face", "reason": "请补充人脸照片"}
    for _ in range(2):
        assert (await li.post(f"{review}/claim")).status_code == 200
        assert (await li.post(f"{review}/inquiries", body)).status_code == 201
        gone = await li.post(f"{review}/inquiries/withdraw")
        assert gone.status_code == 200, gone.text
    assert [one["state"] for one in gone.json()] == ["withdrawn", "withdrawn"]
    assert (await li.post(f"{review}/inquiries/withdraw")).status_code == 404
    assert (await li.post(f"{review}/claim")).status_code == 200
    assert (await li.post(f"{review}/inquiries", body)).status_code == 201
    await city.move_clock(await now_of(db) + timedelta(days=6))
    line, _ = await case(li)
    assert line["waiting_since"] is None
    states = [one["state"] for one in (await li.get(f"{review}/inquiries")).json()]
    assert states == ["withdrawn", "withdrawn", "lapsed"]
    assert (await li.post(f"{review}/claim")).status_code == 200
    assert (await li.post(f"{review}/inquiries", body)).status_code == 201
    assert (await owner.post(f"{path}/cancel")).status_code == 200
    await city.idle()
    assert {one["state"] for one in (await owner.get("/v1/inquiries")).json()["items"]} == {
        "withdrawn", "lapsed",
    }  # fmt: skip


async def test_a_relative_by_number_is_reviewed_by_others(city: City, db):
    desk = await founding.staff(city)
    li, zhou = desk["reviewer.li"], desk["reviewer.zhou"]
    body = {"id_number": founding.resident_id(2), "relation": "sibling"}
    declared = await li.post("/desk/v1/relatives", body)
    assert declared.status_code == 201, declared.text
    assert (await li.get("/desk/v1/relatives")).json() == [declared.json()]
    assert (await zhou.get("/desk/v1/relatives")).json() == []
    wrong = body | {"id_number": founding.resident_id(2)[:-1] + "0"}
    assert (await li.post("/desk/v1/relatives", wrong)).status_code in (400, 422)
    _owner, _path, application_id = await reviewing(city)
    line, review = await case(li)
    assert line["barred"] is True and (await case(zhou))[0]["barred"] is False
    for answer in (await li.post(f"{review}/claim"), await li.get(review)):
        assert answer.status_code == 403 and answer.json()["type"].endswith("own-firm")
    assert (await founding.review(zhou, application_id)).status_code == 200
    # The wall behind: even a statement of the desk's own role cannot claim it.
    with pytest.raises(asyncpg.PostgresError, match="a firm of their own"):
        async with city.ctx.pools["worker"].acquire() as connection, connection.transaction():
            await connection.execute(
                f"set local app.staff = '{await me(li)}';"
                f"set local app.business = '{line['business_id']}'"
            )
            await connection.execute(
                "update onboarding.reviews set claimed_by = core.staff(), lease_until = now()"
            )
    stored = await db.fetchval("select string_agg(t::text, '') from onboarding.staff_relatives t")
    assert founding.resident_id(2) not in stored


async def test_cases_are_assigned_in_bulk_and_go_on_to_whoever_stands_in(city: City, db):
    await reviewing(city)
    desk = await founding.staff(city)
    li, zhou, boss = desk["reviewer.li"], desk["reviewer.zhou"], desk["supervisor.wang"]
    line, review = await case(li)
    nobody = "01990000-0000-7000-8000-000000000001"
    wanted = {"review_ids": [line["id"], nobody], "staff_id": await me(zhou)}
    assert (await li.post(f"{QUEUE}/assign", wanted)).status_code == 403
    assigned = await boss.post(f"{QUEUE}/assign", wanted)
    assert assigned.status_code == 200, assigned.text
    assert {one["review_id"]: one["outcome"] for one in assigned.json()["items"]} == {
        line["id"]: "assigned", nobody: "not_found",
    }  # fmt: skip
    refused = await li.post(f"{review}/claim")
    assert refused.json()["type"].endswith("assigned-to-another")
    assert [one["id"] for one in (await zhou.get(QUEUE, view="mine")).json()["items"]]
    assert (await li.get(QUEUE, view="free")).json()["items"] == []
    now = await now_of(db)
    away = {
        "from_at": (now - timedelta(minutes=1)).isoformat(),
        "until_at": (now + timedelta(days=3)).isoformat(), "stand_in": await me(li),
    }  # fmt: skip
    own = await zhou.post("/desk/v1/absences", away | {"stand_in": await me(zhou)})
    assert own.status_code == 422
    absence = await zhou.post("/desk/v1/absences", away)
    assert absence.status_code == 201, absence.text
    assert (await zhou.post(f"{review}/claim")).json()["type"].endswith("away-now")
    await city.tick()
    await city.move_clock(now + timedelta(days=1))
    passed_on = await boss.post(f"{QUEUE}/assign", wanted | {"review_ids": [line["id"]]})
    assert passed_on.json()["staff_id"] == await me(li), passed_on.text
    people = {one["username"]: one for one in (await boss.get("/desk/v1/reviewers")).json()}
    assert people["reviewer.zhou"]["stand_in"] == await me(li)
    assert people["reviewer.li"]["assigned"] == 1
    assert (await li.post(f"{review}/claim")).status_code == 200
    end = f"/desk/v1/absences/{absence.json()['id']}/end"
    assert (await li.post(end)).status_code == 404
    assert (await zhou.post(end)).status_code == 200
    assert (await zhou.get("/desk/v1/absences")).json() == []


async def test_a_number_is_shown_in_full_only_to_whoever_holds_the_case_and_says_why(
    city: City, db
):
    await reviewing(city)
    li = (await founding.staff(city))["reviewer.li"]
    _line, review = await case(li)
    shown = await li.get(review)
    assert founding.resident_id(1) not in shown.text
    compared = {one["field"]: one["same"] for one in shown.json()["comparison"]}
    assert compared["name"] is True and compared["legal_representative"] is True
    body = {"field": "id_number", "why": "compare_document"}
    assert (await li.post(f"{review}/reveal", body)).json()["type"].endswith("not-claimed")
    await li.post(f"{review}/claim")
    full = await li.post(f"{review}/reveal", body)
    assert full.json()["value"] == founding.resident_id(1), full.text
    rows = await db.fetch("select body from core.audit where action = 'review.revealed'")
    assert len(rows) == 1 and founding.resident_id(1).encode() not in rows[0]["body"]


async def test_two_hundred_decisions_at_once_are_one(city: City):
    owner, path, application_id = await reviewing(city)
    desk = await founding.staff(city)
    await founding.review(desk["reviewer.li"], application_id)
    zhou = desk["reviewer.zhou"]
    line, review = await case(zhou)
    assert (await zhou.post(f"{review}/claim")).status_code == 200
    choices = [
        {"version": line["version"], "decision": "approve"},
        {"version": line["version"], "decision": "refuse", "codes": ["facts_conflict"]},
    ]
    answers = await asyncio.gather(
        *(zhou.post(f"{review}/decide", choices[at % 2]) for at in range(200))
    )
    codes = Counter(answer.status_code for answer in answers)
    assert codes[200] == 1 and set(codes) <= {200, 409, 503}, codes
    (done,) = (answer.json()["state"] for answer in answers if answer.status_code == 200)
    final = (await owner.get(path)).json()
    assert final["state"] == done
    assert [turn["state"] for turn in final["timeline"]].count(done) == 1


async def test_the_queue_is_read_page_by_page_in_both_orders(city: City, db):
    for number in (60, 61, 62):
        owner, application = await founding.newcomer(city, number)
        for kind in ("licence", "legal_rep_id_front", "legal_rep_id_back"):
            body = {"kind": kind, "file_id": await founding.upload(owner)}
            await owner.post(f"/v1/applications/{application['id']}/documents", body)
        await db.execute(
            "insert into onboarding.reviews (business_id, id, application_id, version, round,"
            " branch, uscc, levels, risk_score, reason_codes, account_name, due_at, opened_at)"
            " select business_id, uuidv7(), id, 1, 1, branch, uscc, 1, $1, '{}', account_name,"
            " now() + make_interval(mins => $1), now() from onboarding.applications"
            " where id = $2",
            number, application["id"],
        )  # fmt: skip
    li = (await founding.staff(city))["reviewer.li"]
    for order, wanted in (("risk", [62, 61, 60]), ("due", [60, 61, 62])):
        seen, after = [], None
        while True:
            more: dict[str, str] = {"after": after} if after else {}
            page = (await li.get(QUEUE, order=order, limit=1, **more)).json()
            seen += [one["risk_score"] for one in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert seen == wanted
    risky = (await li.get(QUEUE, risk_from=61)).json()["items"]
    assert [one["risk_score"] for one in risky] == [62, 61]
    one = (await li.get(QUEUE, uscc=risky[0]["uscc"])).json()["items"]
    assert [row["id"] for row in one] == [risky[0]["id"]]
    assert (await li.get(QUEUE, account_class="general")).json()["items"] == []
    assert (await li.get(QUEUE, after="nonsense")).status_code == 400
    await db.execute("update onboarding.reviews set branch = '0002' where risk_score = 60")
    assert len((await li.get(QUEUE)).json()["items"]) == 2
    hidden = await db.fetchval("select id from onboarding.reviews where branch = '0002'")
    assert (await li.get(f"{QUEUE}/{hidden}")).status_code == 404
    await db.execute("delete from onboarding.reviews")
