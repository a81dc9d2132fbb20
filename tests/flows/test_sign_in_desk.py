"""The bank's own people sign in with password and one-time code, and reach the desk only."""

import asyncio
from collections import Counter

import asyncpg
import pyotp
import pytest

from app.identity.seed import seed_demo
from tests.city import City


@pytest.fixture
async def bank(city: City) -> dict:
    return await seed_demo(city.settings)


def credentials(bank: dict, at: int = 0, **changes: str) -> dict:
    person = bank["staff"][at]
    otp = pyotp.TOTP(person["totp_secret"]).now()
    return {"username": person["username"], "password": person["password"], "otp": otp} | changes


async def sign_in(city: City, body: dict):
    return await city.api.post("/desk/v1/auth/tokens", json=body)


async def test_a_reviewer_signs_in_and_is_who_they_are(city: City, bank: dict):
    answer = await sign_in(city, credentials(bank))
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = (await city.api.get("/desk/v1/me", headers=headers)).json()
    assert (me["role"], me["branch"], me["username"]) == ("reviewer", "0001", "reviewer.li")
    renewed = await city.api.post(
        "/desk/v1/auth/tokens/refresh", json={"refresh_token": answer.json()["refresh_token"]}
    )
    assert renewed.status_code == 200
    assert (await city.api.delete("/desk/v1/auth/tokens", headers=headers)).status_code == 204
    assert (await city.api.get("/desk/v1/me", headers=headers)).status_code == 401


async def test_a_one_time_code_opens_once_even_when_used_at_once(city: City, bank: dict):
    body = credentials(bank)
    answers = await asyncio.gather(*(sign_in(city, body) for _ in range(5)))
    assert Counter(a.status_code for a in answers) == {200: 1, 401: 4}


async def test_every_wrong_part_is_answered_alike(city: City, bank: dict):
    answers = []
    for changes in (
        {"password": "wrong password"},
        {"otp": "000000"},
        {"username": "nobody.here"},
    ):
        answer = await sign_in(city, credentials(bank, **changes))
        answers.append((answer.status_code, answer.text))
    assert len(set(answers)) == 1 and answers[0][0] == 401


async def test_wrong_passwords_lock_the_name(city: City, bank: dict):
    body = credentials(bank, 1, password="wrong password")
    answers = await asyncio.gather(*(sign_in(city, body) for _ in range(8)))
    assert Counter(a.status_code for a in answers) == {401: 5, 429: 3}
    assert (await sign_in(city, credentials(bank, 1))).status_code == 429
    assert (await sign_in(city, credentials(bank, 2))).status_code == 200


async def test_doors_do_not_open_for_the_others_tokens(city: City, bank: dict):
    staff = (await sign_in(city, credentials(bank))).json()["access_token"]
    person = await city.sign_in("13812345678")
    for token, path in (
        (staff, "/v1/me"),
        (person.token, "/desk/v1/me"),
        (staff, "/v1/auth/devices"),
    ):
        answer = await city.api.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, path


async def test_one_who_has_left_is_out_within_a_second(
    city: City, bank: dict, db: asyncpg.Connection
):
    token = (await sign_in(city, credentials(bank))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await city.api.get("/desk/v1/me", headers=headers)).status_code == 200
    await db.execute(
        "update identity.staff set state = 'left' where username = 'reviewer.li';"
        "insert into identity.revocations (id, kind, subject_id)"
        " select gen_random_uuid(), 'person', id from identity.staff where state = 'left'"
    )
    await asyncio.sleep(1)
    assert (await city.api.get("/desk/v1/me", headers=headers)).status_code == 401
    assert (await sign_in(city, credentials(bank))).status_code == 401


async def test_the_seed_may_be_sown_twice_and_stores_no_password(
    city: City, bank: dict, db: asyncpg.Connection
):
    assert await seed_demo(city.settings) == bank
    assert await db.fetchval("select count(*) from identity.staff") == len(bank["staff"])
    rows = str([tuple(row) for row in await db.fetch("select * from identity.staff")])
    for person in bank["staff"]:
        assert person["password"] not in rows and person["totp_secret"] not in rows
        assert person["name"] not in rows
