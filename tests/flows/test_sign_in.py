"""A person signs in by phone, stays signed in on their devices, and nobody else does."""

import asyncio
from collections import Counter
from uuid import uuid4

import asyncpg

from tests.city import City

PHONE = "13812345678"


async def code_for(city: City, phone: str) -> str:
    answer = await city.api.post("/v1/auth/codes", json={"phone": phone})
    assert answer.status_code == 202, answer.text
    await city.idle()
    messages = (await city.world.get("/sms", params={"phone": phone})).json()["items"]
    return "".join(c for c in messages[0]["text"] if c.isdigit())[:6]


async def tokens(city: City, phone: str, device: str = "手机") -> dict[str, str]:
    code = await code_for(city, phone)
    answer = await city.api.post(
        "/v1/auth/tokens", json={"phone": phone, "code": code, "device": device}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def me(city: City, access_token: str, **headers: str) -> int:
    headers["Authorization"] = f"Bearer {access_token}"
    return (await city.api.get("/v1/me", headers=headers)).status_code


async def refresh(city: City, token: str):
    return await city.api.post("/v1/auth/tokens/refresh", json={"refresh_token": token})


async def test_a_code_opens_once_and_shows_nowhere_but_on_the_phone(
    city: City, db: asyncpg.Connection
):
    code = await code_for(city, PHONE)
    row = await db.fetchrow("select * from identity.phone_codes")
    assert row["code_sealed"] is None and row["phone_sealed"] is None  # gone once it was sent
    stored = str([tuple(r) for r in await db.fetch("select * from core.outbox")])
    stored += str([tuple(r) for r in await db.fetch("select * from core.jobs")])
    stored += str([tuple(r) for r in await db.fetch("select * from core.audit")])
    assert code not in stored and PHONE not in stored
    body = {"phone": PHONE, "code": code, "device": "手机"}
    answers = await asyncio.gather(*(city.api.post("/v1/auth/tokens", json=body) for _ in range(5)))
    assert Counter(a.status_code for a in answers) == {200: 1, 401: 4}
    people = await db.fetchval("select count(*) from identity.people")
    assert people == 1
    sealed = await db.fetchval("select phone_sealed from identity.people")
    assert PHONE.encode() not in sealed


async def test_the_person_sees_themself_masked(city: City):
    person = await city.sign_in(PHONE)
    seen = (await person.get("/v1/me")).json()
    assert seen["phone"] == "138****5678"
    assert PHONE not in str(seen)
    again = await city.sign_in(PHONE)
    assert (await again.get("/v1/me")).json()["person_id"] == seen["person_id"]


async def test_without_a_sign_in_nothing_is_told(city: City):
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer nonsense"},
    ):
        answer = await city.api.get("/v1/me", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_wrong_codes_lock_the_phone_even_when_they_are_tried_at_once(city: City):
    code = await code_for(city, PHONE)
    wrong = [f"{n:06d}" for n in range(40) if f"{n:06d}" != code][:30]
    answers = await asyncio.gather(
        *(
            city.api.post("/v1/auth/tokens", json={"phone": PHONE, "code": c, "device": "x"})
            for c in wrong
        )
    )
    assert Counter(a.status_code for a in answers) == {401: 5, 429: 25}
    answer = await city.api.post(
        "/v1/auth/tokens", json={"phone": PHONE, "code": code, "device": "x"}
    )
    assert answer.status_code == 429  # the right code, too late
    assert 1 <= int(answer.headers["retry-after"]) <= 901
    await tokens(city, "13912345678")  # nobody else is locked out


async def test_a_success_forgives_earlier_mistakes(city: City):
    for _ in range(3):
        code = await code_for(city, PHONE)
        for wrong in ("000000", "999999", "123123"):
            answer = await city.api.post(
                "/v1/auth/tokens", json={"phone": PHONE, "code": wrong, "device": "x"}
            )
            assert answer.status_code == 401 or wrong == code
        answer = await city.api.post(
            "/v1/auth/tokens", json={"phone": PHONE, "code": code, "device": "x"}
        )
        assert answer.status_code == 200


async def test_only_the_newest_code_counts_and_not_for_ever(city: City, db: asyncpg.Connection):
    first = await code_for(city, PHONE)
    second = await code_for(city, PHONE)
    if first != second:
        answer = await city.api.post(
            "/v1/auth/tokens", json={"phone": PHONE, "code": first, "device": "x"}
        )
        assert answer.status_code == 401
    await db.execute("update identity.phone_codes set expires_at = now() - interval '1 second'")
    answer = await city.api.post(
        "/v1/auth/tokens", json={"phone": PHONE, "code": second, "device": "x"}
    )
    assert answer.status_code == 401


async def test_codes_are_not_sent_without_end(city: City):
    answers = [await city.api.post("/v1/auth/codes", json={"phone": PHONE}) for _ in range(31)]
    assert [a.status_code for a in answers] == [202] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_parallel_refreshes_have_exactly_one_successor(city: City, db: asyncpg.Connection):
    first = await tokens(city, PHONE)
    answers = await asyncio.gather(*(refresh(city, first["refresh_token"]) for _ in range(25)))
    assert {a.status_code for a in answers} == {200}
    successors = {a.json()["refresh_token"] for a in answers}
    assert len(successors) == 1 and first["refresh_token"] not in successors
    assert await db.fetchval("select generation from identity.sessions") == 2
    assert await me(city, answers[7].json()["access_token"]) == 200


async def test_a_refresh_token_used_again_ends_everything_made_from_it(
    city: City, db: asyncpg.Connection
):
    first = await tokens(city, PHONE)
    other_device = await tokens(city, PHONE, "平板")
    second = (await refresh(city, first["refresh_token"])).json()
    third = (await refresh(city, second["refresh_token"])).json()
    assert await me(city, third["access_token"]) == 200
    thief = await refresh(city, first["refresh_token"])
    assert thief.status_code == 401
    for dead in (first, second, third):
        assert await me(city, dead["access_token"]) == 401
        assert (await refresh(city, dead["refresh_token"])).status_code == 401
    assert await me(city, other_device["access_token"]) == 200
    reasons = await db.fetch("select ended_because from identity.sessions where state = 'ended'")
    assert [row[0] for row in reasons] == ["reuse"]


async def test_the_grace_for_a_lost_answer_is_short(city: City, db: asyncpg.Connection):
    first = await tokens(city, PHONE)
    second = (await refresh(city, first["refresh_token"])).json()
    await db.execute("update identity.sessions set rotated_at = now() - interval '21 seconds'")
    assert (await refresh(city, first["refresh_token"])).status_code == 401
    assert (await refresh(city, second["refresh_token"])).status_code == 401


async def test_refresh_tokens_are_not_guessed_or_moved(city: City):
    mine = (await tokens(city, PHONE))["refresh_token"]
    theirs = (await tokens(city, "13912345678"))["refresh_token"]
    for forged in (
        mine[:-4] + "AAAA",
        theirs[:40] + mine[40:],
        mine[:20] + theirs[20:],
        "A" * 91,
    ):
        assert (await refresh(city, forged)).status_code == 401
    assert (await refresh(city, "short")).status_code == 400
    assert (await refresh(city, mine)).status_code == 200
    answer = await city.api.post("/desk/v1/auth/tokens/refresh", json={"refresh_token": theirs})
    assert answer.status_code == 401


async def test_signing_out_ends_the_session_at_once(city: City):
    here, there = await tokens(city, PHONE), await tokens(city, PHONE, "平板")
    headers = {"Authorization": f"Bearer {here['access_token']}"}
    devices = (await city.api.get("/v1/auth/devices", headers=headers)).json()["items"]
    assert [(d["device"], d["current"]) for d in devices] == [("平板", False), ("手机", True)]
    gone = await city.api.delete(f"/v1/auth/devices/{devices[0]['id']}", headers=headers)
    assert gone.status_code == 204
    assert await me(city, there["access_token"]) == 401
    assert (await city.api.delete("/v1/auth/tokens", headers=headers)).status_code == 204
    assert await me(city, here["access_token"]) == 401
    assert (await refresh(city, here["refresh_token"])).status_code == 401


async def test_another_persons_device_is_like_one_that_does_not_exist(city: City):
    mine, theirs = await tokens(city, PHONE), await tokens(city, "13912345678")
    headers = {"Authorization": f"Bearer {theirs['access_token']}"}
    their_id = (await city.api.get("/v1/auth/devices", headers=headers)).json()["items"][0]["id"]
    headers = {"Authorization": f"Bearer {mine['access_token']}"}
    answers = []
    for session_id in (their_id, str(uuid4())):
        answer = await city.api.delete(f"/v1/auth/devices/{session_id}", headers=headers)
        answers.append((answer.status_code, answer.text.replace(session_id, "ID")))
    assert answers[0] == answers[1] and answers[0][0] == 404
    assert await me(city, theirs["access_token"]) == 200


async def test_a_revocation_elsewhere_is_heard_within_a_second(city: City, db: asyncpg.Connection):
    mine = await tokens(city, PHONE)
    assert await me(city, mine["access_token"]) == 200
    session_id = await db.fetchval("select id from identity.sessions")
    await db.execute(
        "insert into identity.revocations (id, kind, subject_id)"
        " values (gen_random_uuid(), 'session', $1)",
        session_id,
    )
    await asyncio.sleep(1)
    assert await me(city, mine["access_token"]) == 401


async def test_a_business_that_is_not_ones_own_is_like_one_that_does_not_exist(
    city: City, db: asyncpg.Connection
):
    mine = await tokens(city, PHONE)
    theirs = uuid4()
    await db.execute(
        "insert into identity.business_directory (business_id, uscc, name, state, founded_at)"
        " values ($1, '91310000MA1FL0XW94', '别人的公司', 'closed', now())",
        theirs,
    )
    answers = []
    for business_id in (str(theirs), str(uuid4())):
        headers = {
            "Authorization": f"Bearer {mine['access_token']}",
            "X-Business-Id": business_id,
        }
        answer = await city.api.get("/v1/me", headers=headers)
        answers.append((answer.status_code, answer.text.replace(business_id, "ID")))
    assert answers[0] == answers[1] and answers[0][0] == 404


async def test_a_business_is_named_in_one_form_only(city: City):
    mine = await tokens(city, PHONE)
    for name in (
        "x",
        "",
        "urn:uuid:019a0000-0000-7000-8000-000000000000",
        "{019a0000-0000-7000-8000-000000000000}",
        "019A0000-0000-7000-8000-00000000000F",
    ):
        assert await me(city, mine["access_token"], **{"X-Business-Id": name}) == 400, name
