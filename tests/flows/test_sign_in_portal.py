"""A portal gets a token for its own key's assertion, and signs what it writes."""

import asyncio
import json
import secrets
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import jwt
import pyotp
import pytest
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from app import database
from app.actor import SYSTEM
from app.identity.clients import operations as clients
from app.identity.seed import PORTAL, PORTAL_SCOPES, seed_demo
from app.work import begin
from tests.city import City

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WRITES = "/portal/v1/keys"


class Portal(HTTPSignatureKeyResolver):
    def __init__(self, city: City, secrets_of_portal: dict) -> None:
        self.city = city
        self.token_url = secrets_of_portal["token_url"]
        self.public = secrets_of_portal["private_jwk"]
        self.key = jwt.PyJWK(self.public, "EdDSA").key

    def resolve_private_key(self, key_id):
        return self.key

    def resolve_public_key(self, key_id):
        return self.key.public_key()

    def assertion(self, kid: str = "portal-1", **changes) -> str:
        claims = {
            "iss": str(PORTAL),
            "sub": str(PORTAL),
            "aud": self.token_url,
            "exp": int(time.time()) + 120,
            "jti": secrets.token_hex(8),
        } | changes
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": kid})

    async def token(self, assertion: str | None = None, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": BEARER,
            "client_assertion": assertion or self.assertion(),
        }
        return await self.city.api.post("/oauth2/token", data=form | changes)

    def keys(self, *names: str) -> bytes:
        shown = {name: self.public[name] for name in ("kty", "crv", "x")}
        return json.dumps({"keys": [shown | {"kid": name} for name in names]}).encode()

    async def me(self, token: str, key_id: str = "portal-1") -> httpx.Response:
        request = self.city.api.build_request(
            "GET", "/portal/v1/me", headers={"Authorization": f"Bearer {token}"}
        )
        return await self.city.api.send(self.sign(request, b"", key_id))

    def sign(self, request: httpx.Request, body: bytes, key_id: str) -> httpx.Request:
        HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self).sign(
            request,
            key_id=key_id,
            created=datetime.now(UTC),
            body=body,
            nonce=secrets.token_hex(12),
            covered_component_ids=("@method", "@target-uri"),
        )
        return request

    def signed(
        self, token: str, body: bytes | None = None, *, key_id: str = "portal-1"
    ) -> httpx.Request:
        body = self.keys("portal-1") if body is None else body
        request = self.city.api.build_request(
            "PUT",
            WRITES,
            content=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        return self.sign(request, body, key_id)


@pytest.fixture
async def portal(city: City) -> Portal:
    return Portal(city, (await seed_demo(city.settings))["portal"])


def refused_signature(answer: httpx.Response) -> bool:
    return answer.status_code == 401 and answer.json()["type"].endswith("signature-refused")


async def test_an_assertion_gives_a_token_once(portal: Portal):
    assertion = portal.assertion()
    answers = await asyncio.gather(*(portal.token(assertion) for _ in range(5)))
    assert Counter(a.status_code for a in answers) == {200: 1, 401: 4}
    given = next(a for a in answers if a.status_code == 200)
    assert given.json()["token_type"] == "Bearer"
    assert given.headers["cache-control"] == "no-store"


async def test_scopes_and_grants_are_those_registered(portal: Portal):
    assert (await portal.token(scope="applications")).json()["scope"] == "applications"
    refused = await portal.token(scope="everything")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    assert (await portal.token(grant_type="password")).status_code == 400
    assert (await portal.token(client_id="somebody")).status_code == 401
    assert (await portal.token(portal.assertion(exp=int(time.time()) + 900))).status_code == 401


async def test_what_a_portal_writes_is_signed_and_counts_once(city: City, portal: Portal):
    token = (await portal.token()).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    bare = await city.api.put(WRITES, content=portal.keys("portal-1"), headers=headers)
    assert refused_signature(bare)
    request = portal.signed(token)
    first = await city.api.send(request)
    assert first.status_code == 200 and first.json()["key_ids"] == ["portal-1"]
    assert refused_signature(await city.api.send(request))
    fresh = portal.signed(token)
    changed = httpx.Request(
        "PUT", fresh.url, content=portal.keys("portal-9"), headers=dict(fresh.headers)
    )
    assert refused_signature(await city.api.send(changed))


async def test_parallel_copies_of_a_signed_request_count_once(city: City, portal: Portal):
    token = (await portal.token()).json()["access_token"]
    request = portal.signed(token)
    answers = await asyncio.gather(*(city.api.send(request) for _ in range(8)))
    assert Counter(a.status_code for a in answers) == {200: 1, 401: 7}


async def test_keys_are_rotated_by_the_portal_itself(city: City, portal: Portal):
    token = (await portal.token()).json()["access_token"]
    both = await city.api.send(portal.signed(token, portal.keys("portal-1", "portal-2")))
    assert both.json()["key_ids"] == ["portal-1", "portal-2"]
    alone = portal.signed(token, portal.keys("portal-2"), key_id="portal-2")
    assert (await city.api.send(alone)).json()["key_ids"] == ["portal-2"]
    assert (await city.api.send(portal.signed(token))).status_code == 401  # under the old name
    twice = portal.signed(token, portal.keys("a", "a"), key_id="portal-2")
    assert (await city.api.send(twice)).status_code == 422
    me = (await portal.me(token, "portal-2")).json()
    assert (me["client_id"], me["key_ids"]) == (str(PORTAL), ["portal-2"])
    assert me["scopes"] == list(PORTAL_SCOPES)


async def operator(city: City) -> dict[str, str]:
    person = next(p for p in (await seed_demo(city.settings))["staff"] if p["role"] == "operator")
    body = {
        "username": person["username"],
        "password": person["password"],
        "otp": pyotp.TOTP(person["totp_secret"]).now(),
    }
    answer = await city.api.post("/desk/v1/auth/tokens", json=body)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_an_operator_registers_a_program_and_stops_it_at_once(city: City, portal: Portal):
    desk = await operator(city)
    keys = json.loads(portal.keys("theirs-1"))["keys"]
    new = {"name": "某某合作方", "keys": keys, "scopes": ["slots"]}
    answer = await city.api.post(
        "/desk/v1/clients", json=new, headers=desk | {"Idempotency-Key": "register-1"}
    )
    assert answer.status_code == 201, answer.text
    client_id = answer.json()["client_id"]
    assertion = portal.assertion(iss=client_id, sub=client_id, kid="theirs-1")
    token = (await portal.token(assertion)).json()["access_token"]
    me = (await portal.me(token, "theirs-1")).json()
    assert (me["client_id"], me["scopes"]) == (client_id, ["slots"])
    path = f"/desk/v1/clients/{client_id}/suspend"
    stopped = await city.api.post(path, headers=desk | {"Idempotency-Key": "suspend-1"})
    assert stopped.json()["state"] == "suspended"
    assert (await portal.me(token, "theirs-1")).status_code == 401
    again = await city.api.post(path, headers=desk | {"Idempotency-Key": "suspend-2"})
    assert again.status_code == 404
    listed = (await city.api.get("/desk/v1/clients", headers=desk)).json()["items"]
    assert [c["state"] for c in listed] == ["active", "suspended"]
    bad = new | {"keys": [keys[0] | {"kty": "EC"}]}
    answer = await city.api.post(
        "/desk/v1/clients", json=bad, headers=desk | {"Idempotency-Key": "register-2"}
    )
    assert answer.status_code == 422


async def test_a_suspended_portal_is_out_within_a_second(city: City, portal: Portal):
    """One of its own: whoever was suspended stays so for the rest of the process's life."""
    theirs, keys = uuid4(), {"keys": json.loads(portal.keys("portal-1"))["keys"]}
    pool = await database.create_pool(city.settings, "desk", size=1)
    hands = {"settings": city.settings, "vault": city.ctx.vault, "ring": lambda: None}
    try:
        async with begin(pool, SYSTEM, **hands) as work:
            assert await clients.register(
                work, client_id=theirs, name="另一平台", jwks=keys, scopes=("applications",)
            )
        said = {"iss": str(theirs), "sub": str(theirs)}
        token = (await portal.token(portal.assertion(**said))).json()["access_token"]
        assert (await city.api.send(portal.signed(token))).status_code == 200
        async with begin(pool, SYSTEM, **hands) as work:
            assert await clients.suspend(work, client_id=theirs)
    finally:
        await pool.close()
    assert (await portal.token(portal.assertion(**said))).status_code == 401
    await asyncio.sleep(1)
    assert (await city.api.send(portal.signed(token))).status_code == 401
