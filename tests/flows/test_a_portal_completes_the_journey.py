"""A portal written with other people's libraries hands in, follows, is told, and loses nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime

import asyncpg
import pytest

from app.clock import SHANGHAI
from tests.city import City
from tests.flows import founding
from tests.flows.handing_over import PATH, firm, signed_in, told


async def hurry(city: City, db: asyncpg.Connection) -> None:
    """Time passes for what waits to be tried again."""
    await db.execute("update onboarding.callback_endpoints set quiet_until = null")
    await db.execute("update core.jobs set next_at = clock_timestamp() where state = 'due'")
    await city.idle()


async def test_the_whole_journey(city: City):
    async with signed_in(city) as portal, told(portal) as inbox:
        paper = await portal.paper(founding.picture())
        body = await firm(city, 1, documents=[{"kind": "licence", "document_id": paper}])
        given = await portal.post(PATH, body, key="journey-key-1")
        assert given.status_code == 201, given.text
        assert "ratelimit" in given.headers and "ratelimit-policy" in given.headers
        application_id = given.json()["id"]
        repeat = await portal.post(PATH, body, key="journey-key-1")
        assert repeat.json() == given.json()
        assert repeat.headers["idempotency-replayed"] == "true"
        await city.idle()
        desk = await founding.staff(city)
        await founding.review(desk["reviewer.li"], application_id)
        owner = await city.sign_in("13700000001")
        owner.business_id = (await owner.get("/v1/me")).json()["memberships"][0]["business_id"]
        kept = (await owner.get(f"/v1/applications/{application_id}")).json()["documents"]
        assert [one["kind"] for one in kept] == ["licence"]
        visit = {"application_id": application_id, "slot_id": await founding.first_slot(owner)}
        booked = await owner.post("/v1/visits", visit)
        await founding.complete(desk["teller.chen"], booked.json()["id"])
        await city.idle()
        assert (await portal.get(f"{PATH}/{application_id}")).json()["state"] == "active"
        kinds = ["submitted", "reviewing", "approved", "active"]
        assert inbox.kinds() == [f"application.{kind}" for kind in kinds]
        assert inbox.forged == 0
        said = [one["data"] for one in inbox.heard.values()]
        assert {one["client_reference"] for one in said} == {"GOV-000001"}
        assert founding.resident_id(101) not in json.dumps([said, inbox.calls])
        log = await portal.everything("/portal/v1/callbacks", application_id=application_id)
        assert {one["state"] for one in log} == {"delivered"} and len(log) == 4
        one = (await portal.get(f"/portal/v1/callbacks/{log[0]['id']}")).json()
        assert [(d["outcome"], d["status"]) for d in one["deliveries"]] == [("taken", 204)]


async def test_a_reference_stands_for_one_application_whoever_asks(city: City):
    async with signed_in(city) as portal:
        body = await firm(city, 2)
        answers = await asyncio.gather(*(portal.post(PATH, body) for _ in range(12)))
        assert Counter(one.status_code for one in answers) == {201: 1, 409: 11}
        first = next(one for one in answers if one.status_code == 201).json()["id"]
        late = [one.json() for one in answers if one.status_code == 409]
        assert {one["application_id"] for one in late} == {first}
        assert late[0]["type"].endswith("reference-taken")
        found = await portal.get(PATH, client_reference=body["client_reference"])
        assert [one["id"] for one in found.json()["items"]] == [first]
        await city.idle()


async def test_lists_have_cursors_and_states(city: City):
    async with signed_in(city) as portal:
        made = [(await portal.post(PATH, await firm(city, n))).json()["id"] for n in (3, 4, 5)]
        await city.idle()
        await portal.post(f"{PATH}/{made[1]}/cancel")
        listed = await portal.everything(PATH, limit=2)
        assert [one["id"] for one in listed] == made[::-1]
        ended = await portal.everything(PATH, state="cancelled")
        assert [one["id"] for one in ended] == [made[1]]
        await city.idle()


async def test_a_returned_application_is_corrected_and_sent_again(city: City):
    async with signed_in(city) as portal, told(portal) as inbox:
        body = await firm(city, 6)
        path = f"{PATH}/{(await portal.post(PATH, body)).json()['id']}"
        await city.idle()
        desk = await founding.staff(city)
        returned = await founding.review(
            desk["reviewer.li"], path.rpartition("/")[2], "return", codes=["document_unreadable"]
        )
        assert returned.status_code == 200, returned.text
        await city.idle()
        seen = (await portal.get(path)).json()
        assert (seen["state"], seen["next"]["acts"]) == ("returned", "applicant")
        paper = {"kind": "licence", "document_id": await portal.paper(founding.picture())}
        assert (await portal.put(f"{path}/documents", paper)).status_code == 200
        said = {name: body[name] for name in ("licence", "legal_representative", "purpose")}
        corrected = said | {"version": seen["version"], "expected_monthly_fen": 1000}
        again = await portal.put(path, corrected)
        assert again.status_code == 200, again.text
        assert (await portal.put(path, corrected)).json()["type"].endswith("stale-application")
        assert (await portal.post(f"{path}/submit")).json()["state"] == "submitted"
        await city.idle()
        assert (await portal.get(path)).json()["state"] == "reviewing"
        assert "application.returned" in inbox.kinds()


async def test_a_portal_that_is_down_is_told_when_it_is_back(city: City, db: asyncpg.Connection):
    """Refused, redirected, slow, away: each attempt is logged, each event arrives, once each."""
    async with signed_in(city) as portal, told(portal) as inbox:
        inbox.status = 500
        application_id = (await portal.post(PATH, await firm(city, 7))).json()["id"]
        await city.idle()
        inbox.status, inbox.location = 302, inbox.url + "/elsewhere"
        await hurry(city, db)
        assert {call["path"] for call in inbox.calls} == {"/call-backs"}
        assert inbox.heard == {}
        inbox.status, inbox.location = 204, ""
        await hurry(city, db)
        await hurry(city, db)
        assert inbox.kinds() == ["application.submitted", "application.reviewing"]
        for one in await portal.everything("/portal/v1/callbacks", application_id=application_id):
            read = (await portal.get(f"/portal/v1/callbacks/{one['id']}")).json()
            outcomes = [d["status"] for d in read["deliveries"]]
            assert outcomes[0] == 500 and outcomes[-1] == 204 and len(outcomes) >= 2
            assert json.loads(read["body"])["data"]["application_id"] == application_id


async def test_three_days_in_vain_make_a_dead_letter(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal, told(portal, ["application.submitted"]) as inbox:
        inbox.status = 503
        await portal.post(PATH, await firm(city, 8))
        for _ in range(16):
            await hurry(city, db)
        log = (await portal.get("/portal/v1/callbacks")).json()["items"]
        assert [(one["state"], one["attempts"]) for one in log] == [("dead", 15)]
        desk = await founding.staff(city)
        dead = (await desk["operator.wu"].get("/desk/v1/callbacks")).json()["items"]
        assert [one["id"] for one in dead] == [log[0]["id"]]
        inbox.status = 204
        await db.execute("update onboarding.callback_endpoints set quiet_until = null")
        path = f"/callbacks/{log[0]['id']}/redeliver"
        again = await desk["operator.wu"].post(f"/desk/v1{path}")
        assert again.status_code == 200, again.text
        await hurry(city, db)
        assert inbox.kinds() == ["application.submitted"]
        assert (await portal.post(f"/portal/v1{path}")).status_code == 200
        await city.idle()
        ids = [call["webhook-id"] for call in inbox.calls]
        assert len(set(ids)) == 1 and len(ids) == 17
        read = (await portal.get(f"/portal/v1/callbacks/{log[0]['id']}")).json()
        assert [d["asked_by"] for d in read["deliveries"][-3:]] == ["event", "desk", "portal"]


async def test_after_a_long_outage_everything_is_recovered(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal, told(portal) as inbox:
        inbox.status = 410
        await portal.post(PATH, await firm(city, 9))
        await city.idle()
        listed = (await portal.get("/portal/v1/callback-endpoints")).json()["items"]
        assert listed[0]["state"] == "disabled"
        path = f"/portal/v1/callback-endpoints/{listed[0]['id']}"
        since = {"since": "2025-09-01T00:00:00+08:00"}
        assert (await portal.post(f"{path}/recover", since)).status_code == 409
        inbox.status = 204
        assert (await portal.put(path, {"state": "active"})).json()["state"] == "active"
        recovered = (await portal.post(f"{path}/recover", since)).json()["count"]
        await hurry(city, db)
        assert recovered >= 1
        dead = await portal.everything("/portal/v1/callbacks", state="dead")
        assert dead == [] and "application.submitted" in inbox.kinds()


async def test_secrets_overlap_and_endpoints_are_few(city: City):
    async with signed_in(city) as portal, told(portal) as inbox:
        path = f"/portal/v1/callback-endpoints/{inbox.endpoint}"  # type: ignore[attr-defined]
        rotated = (await portal.post(f"{path}/rotate-secret")).json()
        assert rotated["secret"] != inbox.secret and rotated["old_secret_until"]
        assert (await portal.post(f"{path}/test")).status_code == 201
        await city.idle()
        inbox.secret = rotated["secret"]
        await portal.post(f"{path}/test")
        await city.idle()
        assert inbox.kinds() == ["endpoint.test"] * 2 and inbox.forged == 0
        more = [
            await portal.post("/portal/v1/callback-endpoints", {"url": f"{inbox.url}/{n}"})
            for n in range(5)
        ]
        assert Counter(one.status_code for one in more) == {201: 4, 422: 1}
        assert more[-1].json()["type"].endswith("too-many-endpoints")
        assert (await portal.put(path, {"state": "removed"})).json()["state"] == "removed"
        assert (await portal.post(f"{path}/test")).status_code == 404


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://10.0.0.8/x", "private_address"),
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("https://192.168.1.1/x", "private_address"),
        ("https://[fd00::1]/x", "private_address"),
        ("https://[::ffff:10.1.1.1]/x", "private_address"),
        ("https://user:word@127.0.0.1/x", "host_and_path_only"),
        ("https://127.0.0.1/x#part", "host_and_path_only"),
        ("https://no-such-host.invalid/x", "unknown_name"),
        ("http://0xa9fea9fe/x", "private_address"),
    ],
)  # fmt: skip
async def test_an_address_inside_is_never_registered(city: City, url: str, reason: str):
    async with signed_in(city) as portal:
        refused = await portal.post("/portal/v1/callback-endpoints", {"url": url})
        assert refused.status_code == 422, refused.text
        assert refused.json()["reason"] == reason
        assert refused.json()["type"].endswith("endpoint-refused")


async def test_what_nobody_needs_any_more_is_destroyed(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal, told(portal) as inbox:
        paper = await portal.paper(founding.picture())
        path = f"/portal/v1/callback-endpoints/{inbox.endpoint}"  # type: ignore[attr-defined]
        await portal.post(f"{path}/test")
        await city.idle()
        assert (await portal.get(f"/portal/v1/documents/{paper}")).status_code == 200
        await city.move_clock(datetime(2025, 9, 9, 9, tzinfo=SHANGHAI))
        assert (await portal.get(f"/portal/v1/documents/{paper}")).status_code == 404
        file_id = await db.fetchval("select file_id from onboarding.portal_papers")
        left = (city.settings.var_path / "files").rglob(file_id.hex)
        assert list(left) == []
        assert len((await portal.get("/portal/v1/callbacks")).json()["items"]) == 1
        await db.execute("update onboarding.callbacks set ended_at = ended_at - interval '91 days'")
        await city.move_clock(datetime(2025, 9, 10, 9, tzinfo=SHANGHAI))
        assert (await portal.get("/portal/v1/callbacks")).json()["items"] == []
        assert await db.fetchval("select count(*) from onboarding.callback_deliveries") == 0
