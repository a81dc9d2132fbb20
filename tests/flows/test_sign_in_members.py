"""A firm's owner decides who may act for it, and a decision holds everywhere at once."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.identity import operations as identity
from app.identity.model import BusinessExists, BusinessStateRefuses
from tests.city import City, Person
from tests.firms import founder


async def invite(owner: Person, phone: str, role: str) -> dict:
    answer = await owner.post("/v1/members", {"phone": phone, "role": role})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def patch(city: City, person: Person, path: str, body: dict):
    return await city.api.patch(path, json=body, headers=person.headers())


async def test_an_invited_member_acts_in_their_role_and_sees_phones_masked(
    city: City, db: asyncpg.Connection
):
    owner = await founder(city)
    invited = await invite(owner, "13900000002", "finance")
    member = await city.sign_in("13900000002")
    seen = (await member.get("/v1/me")).json()  # one firm only: it need not be named
    assert (seen["business_id"], seen["role"]) == (owner.business_id, "finance")
    assert seen["person_id"] == invited["person_id"]
    listed = await member.get("/v1/members")
    assert [m["phone"] for m in listed.json()["items"]] == ["138****5678", "139****0002"]
    assert "13812345678" not in listed.text
    refused = await member.post("/v1/members", {"phone": "13900000003", "role": "owner"})
    assert refused.status_code == 403
    sealed = await db.fetch("select phone_sealed from identity.memberships")
    assert all(b"139" not in row[0] for row in sealed)


async def test_a_role_taken_away_is_gone_at_the_next_request(city: City):
    owner = await founder(city)
    invited = await invite(owner, "13900000002", "finance")
    member = await city.sign_in("13900000002")
    member.business_id = owner.business_id
    assert (await member.get("/v1/members")).status_code == 200
    path = f"/v1/members/{invited['person_id']}"
    changed = await patch(city, owner, path, {"role": "employee", "version": 1})
    assert changed.json() == invited | {"role": "employee", "version": 2}
    assert (await member.get("/v1/members")).status_code == 403
    stale = await patch(city, owner, path, {"role": "owner", "version": 1})
    assert stale.status_code == 409 and stale.json()["version"] == 2
    assert (await owner.delete(path)).status_code == 204
    assert (await member.get("/v1/members")).status_code == 404  # as if it did not exist
    assert (await invite(owner, "13900000002", "maker"))["version"] == 4
    assert (await member.get("/v1/me")).json()["role"] == "maker"


async def test_a_firm_never_loses_its_last_owner_even_in_a_race(city: City, db: asyncpg.Connection):
    owners, ids = [await founder(city)], []
    for no in range(5):
        await invite(owners[0], f"1390000001{no}", "owner")
        owners.append(await city.sign_in(f"1390000001{no}"))
    for owner in owners:
        owner.business_id = owners[0].business_id
        ids.append((await owner.get("/v1/me")).json()["person_id"])
    # everyone removes the next one, all at once
    answers = await asyncio.gather(
        *(
            owner.delete(f"/v1/members/{ids[(at + 1) % len(ids)]}")
            for at, owner in enumerate(owners)
        )
    )
    assert {a.status_code for a in answers} <= {204, 404, 422}
    left = await db.fetchval(
        "select count(*) from identity.memberships where role = 'owner' and state = 'active'"
    )
    assert left >= 1


async def test_parallel_invitations_of_one_person_make_one_membership(
    city: City, db: asyncpg.Connection
):
    owner = await founder(city)
    body = {"phone": "13900000002", "role": "maker"}
    answers = await asyncio.gather(*(owner.post("/v1/members", body) for _ in range(6)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 5
    assert await db.fetchval("select count(*) from identity.memberships") == 2
    assert await db.fetchval("select count(*) from identity.phone_directory") == 2


async def test_two_firms_of_one_person_do_not_mix(city: City):
    one = await founder(city)
    two = await founder(city, name="杭州示例贸易有限公司")
    one.token = two.token
    await asyncio.sleep(1)  # a firm founded elsewhere is heard of within a second
    unnamed = Person(city, one.phone, one.token)
    places = (await unnamed.get("/v1/me")).json()
    assert places["business_id"] is None
    assert [p["name"] for p in places["memberships"]] == [
        "上海示例科技有限公司",
        "杭州示例贸易有限公司",
    ]
    refused = await unnamed.get("/v1/members")
    assert refused.status_code == 403 and "no-business-chosen" in refused.json()["type"]
    await invite(one, "13900000002", "checker")
    assert len((await one.get("/v1/members")).json()["items"]) == 2
    assert len((await two.get("/v1/members")).json()["items"]) == 1
    assert (await one.get("/v1/business")).json()["business_id"] == one.business_id


async def test_another_firms_member_is_like_one_that_does_not_exist(city: City):
    mine = await founder(city)
    theirs = await founder(city, phone="13700000001", name="杭州示例贸易有限公司")
    member = await invite(theirs, "13900000002", "maker")
    answers = []
    for person_id in (member["person_id"], str(uuid4())):
        path = f"/v1/members/{person_id}"
        for answer in (
            await patch(city, mine, path, {"role": "owner", "version": 1}),
            await mine.delete(path),
        ):
            answers.append((answer.status_code, answer.text.replace(person_id, "ID")))
    assert answers[:2] == answers[2:] and {status for status, _ in answers} == {404}


async def test_who_the_person_is_shows_masked_and_is_stored_sealed(
    city: City, db: asyncpg.Connection
):
    owner = await founder(city)
    person_id = UUID((await owner.get("/v1/me")).json()["person_id"])
    async with city.ctx.begin(person_id=person_id) as work:
        assert await identity.identity(work) is None
        await identity.name_person(work, name="王小微", resident_id="11010519491231002X")
    async with city.ctx.begin(person_id=person_id) as work:
        known = await identity.identity(work)
    assert known is not None and known.name == "王小微"
    seen = (await owner.get("/v1/me")).json()
    assert (seen["name"], seen["resident_id"]) == ("王**", "110***********002X")
    row = await db.fetchrow("select * from identity.people")
    assert "王小微".encode() not in row["name_sealed"]


async def test_a_credit_code_belongs_to_one_firm(city: City):
    one = await founder(city)
    two = await founder(city, phone="13700000001", name="杭州示例贸易有限公司")
    async with city.ctx.begin(UUID(one.business_id)) as work:
        await identity.register_business(work, uscc="91310000MA1FL0XW94", name="上海示例有限公司")
        await identity.activate_business(work)
    seen = (await one.get("/v1/business")).json()
    assert (seen["state"], seen["uscc"]) == ("active", "91310000MA1FL0XW94")
    with pytest.raises(BusinessExists):
        async with city.ctx.begin(UUID(two.business_id)) as work:
            await identity.register_business(work, uscc="91310000MA1FL0XW94", name="冒名有限公司")
    assert (await two.get("/v1/business")).json()["state"] == "forming"


async def test_a_firm_that_never_formed_is_closed_and_nothing_else_happens_to_it(city: City):
    one = await founder(city)
    async with city.ctx.begin(UUID(one.business_id)) as work:
        await identity.close_business(work)
    assert (await one.get("/v1/business")).json()["state"] == "closed"
    with pytest.raises(BusinessStateRefuses):
        async with city.ctx.begin(UUID(one.business_id)) as work:
            await identity.activate_business(work)
