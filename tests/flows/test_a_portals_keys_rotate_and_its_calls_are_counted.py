"""Published keys with old and new side by side, and quotas told in every answer."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.city import City
from tests.flows import founding
from tests.flows.handing_over import PATH, signed_in
from tests.portal_client import PortalClient, free_port, serving


def new_key(kid: str) -> dict[str, str]:
    made = jwt.get_algorithm_by_name("EdDSA").to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    return made | {"kid": kid}


def public(jwk: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in jwk.items() if name != "d"} | {"use": "sig"}


class Published:
    """A portal's key set at an address of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/jwks.json"
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.status = 200
        self.padding = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        rsa = {"kty": "RSA", "kid": "old-rsa", "n": "AQAB", "e": "AQAB"}
        body = json.dumps({"keys": [rsa, *self.keys], "padding": self.padding}).encode()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def published() -> Any:
    found = Published()
    async with serving(found, found.port):
        yield found


async def registered(city: City, published: Published, jwk: dict[str, str]) -> PortalClient:
    published.keys = [public(jwk)]
    desk = (await founding.staff(city))["operator.wu"]
    new = {"name": "某市一网通办", "jwks_uri": published.url, "scopes": ["applications"]}
    made = await desk.post("/desk/v1/clients", new)
    assert made.status_code == 201, made.text
    assert made.json()["jwks_uri"] == published.url
    return PortalClient(city.settings.public_url, made.json()["client_id"], jwk)


async def pause_is_over(db: asyncpg.Connection) -> None:
    await db.execute("update identity.clients set jwks_tried_at = null")


async def test_old_and_new_keys_overlap(city: City, db: asyncpg.Connection, published: Published):
    old, new = new_key("k-old"), new_key("k-new")
    portal = await (await registered(city, published, old)).sign_in()
    async with portal.http:
        assert (await portal.get(PATH)).status_code == 200
        asked = published.asked
        assert (await portal.get(PATH)).status_code == 200
        assert published.asked == asked  # known keys are not asked for again
        published.keys = [public(old), public(new)]
        portal.use(new)
        assert (await portal.get(PATH)).status_code == 200  # asked at once
        assert published.asked == asked + 1
        portal.use(old)
        assert (await portal.get(PATH)).status_code == 200
        published.keys = [public(new)]
        await pause_is_over(db)
        await db.execute(
            "update identity.clients set jwks_fetched_at = now() - interval '11 min'"
            " where jwks_uri is not null"
        )
        assert (await portal.get(PATH)).status_code == 401  # the old one is gone
        portal.use(new)
        assert (await portal.sign_in()) and (await portal.get(PATH)).status_code == 200
        for _ in range(30):
            portal.use(new_key("k-guessed"))
            assert (await portal.get(PATH)).status_code == 401
        assert published.asked <= asked + 4  # guessing asks nobody


async def test_an_address_that_is_down_changes_nothing_for_a_day(
    city: City, db: asyncpg.Connection, published: Published
):
    key = new_key("k-1")
    portal = await (await registered(city, published, key)).sign_in()
    async with portal.http:
        for status, padding in ((500, ""), (302, ""), (200, "x" * 70_000)):
            published.status, published.padding = status, padding
            await pause_is_over(db)
            await db.execute(
                "update identity.clients set jwks_fetched_at = now() - interval '1 hour'"
                " where jwks_uri is not null"
            )
            assert (await portal.get(PATH)).status_code == 200
        await db.execute(
            "update identity.clients set jwks_fetched_at = now() - interval '25 hours'"
            " where jwks_uri is not null"
        )
        refused = await portal.get(PATH)
        assert refused.json()["reason"] == "published_keys_not_seen"


async def test_a_key_set_is_looked_at_before_it_counts(city: City, published: Published):
    async with signed_in(city) as portal:
        for keys, reason in (
            ([], "no_usable_key"),
            ([new_key("open")], "private_key_published"),
            ([public(new_key(f"k{n}")) for n in range(9)], "too_many_keys"),
        ):
            published.keys = keys
            refused = await portal.put("/portal/v1/keys", {"jwks_uri": published.url})
            assert (refused.status_code, refused.json()["reason"]) == (422, reason)
        for url in ("http://10.1.2.3/jwks", "https://169.254.169.254/jwks", "ftp://x.example/jwks"):
            refused = await portal.put("/portal/v1/keys", {"jwks_uri": url})
            assert refused.json()["type"].endswith("keys-not-found"), refused.text
        assert (await portal.put("/portal/v1/keys", {})).json()["reason"] == "keys_or_jwks_uri"
        assert (await portal.get("/portal/v1/me")).json()["key_ids"] == ["portal-1"]


async def test_calls_are_counted_and_the_answer_says_so(city: City):
    desk = (await founding.staff(city))["operator.wu"]
    async with signed_in(city) as portal:
        path = f"/desk/v1/clients/{portal.client_id}/quota"
        assert (await desk.put(path, {"per_minute": 5000, "per_day": 4})).json()["per_day"] == 4
        answers = [await portal.get("/portal/v1/me") for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 4 + [429] * 2
        assert answers[0].json()["per_day"] == 4
        assert '"day";r=3;t=' in answers[0].headers["ratelimit"]
        assert answers[0].headers["ratelimit-policy"] == '"minute";q=5000;w=60, "day";q=4;w=86400'
        refused = answers[-1]
        assert refused.json()["type"].endswith("quota-exceeded")
        assert 0 < int(refused.headers["retry-after"]) <= 86_400
        assert '"day";r=0;' in refused.headers["ratelimit"]
        await desk.put(path, {"per_minute": 2, "per_day": 5000})
        statuses = [(await portal.get("/portal/v1/me")) for _ in range(3)]
        late = next(one for one in statuses if one.status_code == 429)
        assert 0 < int(late.headers["retry-after"]) <= 60


async def test_scopes_open_their_own_doors_only(city: City):
    async with signed_in(city) as portal:
        await portal.sign_in(scope="applications.read")
        assert (await portal.get(PATH)).status_code == 200
        for method, path in (
            ("POST", f"{PATH}/01990000-0000-7000-8000-000000000000/cancel"),
            ("GET", "/portal/v1/batches"),
            ("GET", "/portal/v1/callbacks"),
        ):
            refused = await portal.send(method, path)
            assert refused.status_code == 403 and refused.json()["type"].endswith("scope-missing")
