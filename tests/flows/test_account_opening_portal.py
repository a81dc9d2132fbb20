"""A government portal hands in an application, follows it, and takes one back."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import msgspec
import pytest
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from app.identity.seed import PORTAL, seed_demo
from app.outside.registry import NewCompany
from tests.city import City
from tests.flows import founding

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PATH = "/portal/v1/applications"


class Portal(HTTPSignatureKeyResolver):
    """A portal's program, signing with libraries of other people."""

    def __init__(self, city: City, given: dict[str, Any]) -> None:
        self.city = city
        self.token_url = given["token_url"]
        self.key = jwt.PyJWK(given["private_jwk"], "EdDSA").key
        self.token = ""

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key.public_key()

    async def sign_in(self) -> None:
        claims = {
            "iss": str(PORTAL), "sub": str(PORTAL), "aud": self.token_url,
            "exp": int(time.time()) + 120, "jti": secrets.token_hex(8),
        }  # fmt: skip
        assertion = jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": "portal-1"})
        form = {
            "grant_type": "client_credentials", "client_assertion_type": BEARER,
            "client_assertion": assertion,
        }  # fmt: skip
        answer = await self.city.api.post("/oauth2/token", data=form)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def read(self, path: str) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self.token}"}
        request = self.city.api.build_request("GET", path, headers=headers)
        self.sign(request, b"", ())
        return request

    def sign(self, request: httpx.Request, content: bytes, more: tuple[str, ...]) -> None:
        HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self).sign(
            request, key_id="portal-1", created=datetime.now(UTC), body=content,
            nonce=secrets.token_hex(12), covered_component_ids=("@method", "@target-uri", *more),
        )  # fmt: skip

    async def get(self, path: str) -> httpx.Response:
        return await self.city.api.send(self.read(path))

    async def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or secrets.token_hex(12),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = self.city.api.build_request("POST", path, content=content, headers=headers)
        self.sign(request, content, ("idempotency-key",))
        return await self.city.api.send(request)


@pytest.fixture
async def portal(city: City) -> Portal:
    made = Portal(city, (await seed_demo(city.settings))["portal"])
    await made.sign_in()
    return made


async def known_licence(city: City) -> dict[str, Any]:
    """A firm the registry knows, as the portal would have it: registered by somebody else."""
    body = {
        "reference": secrets.token_hex(12), "name": "上海政务贸易有限公司", "area_code": "310115",
        "address": "上海市浦东新区政务路1号", "scope": "贸易", "capital_fen": 50_000_000,
        "legal_representative": "赵小微", "legal_id_number": founding.resident_id(7),
        "applied_on": "2024-01-02",
    }  # fmt: skip
    outside = city.ctx.outside.registry
    await outside.register(msgspec.convert(body, NewCompany))
    while True:
        outcome = await outside.outcome(body["reference"])
        if outcome is not None and outcome.result is not None:
            break
    return founding.licence() | {
        "name": body["name"], "uscc": outcome.result.uscc, "address": body["address"],
        "established_on": "2024-01-02",
    }  # fmt: skip


async def handed_in(city: City) -> dict[str, Any]:
    return {
        "client_reference": "GOV-2025-000123",
        "licence": await known_licence(city),
        "legal_representative": {
            "name": "赵小微", "id_number": founding.resident_id(7), "phone": "13700000007",
            "id_valid_until": "2035-01-01",
        },
        "purpose": "日常经营结算",
    }  # fmt: skip


async def test_a_portal_opens_an_account_and_the_representative_finds_it(
    city: City, portal: Portal
):
    body = await handed_in(city)
    given = await portal.post(PATH, body, key="portal-key-1")
    assert given.status_code == 201, given.text
    repeat = await portal.post(PATH, body, key="portal-key-1")
    assert repeat.json()["id"] == given.json()["id"]
    assert repeat.headers["idempotency-replayed"] == "true"
    await city.idle()
    path = f"{PATH}/{given.json()['id']}"
    seen = (await portal.get(path)).json()
    assert (seen["state"], seen["client_reference"]) == ("reviewing", "GOV-2025-000123")
    assert founding.resident_id(7) not in json.dumps(seen)

    owner = await city.sign_in("13700000007")
    places = (await owner.get("/v1/me")).json()["memberships"]
    assert [(place["role"], place["state"]) for place in places] == [("owner", "forming")]
    owner.business_id = places[0]["business_id"]
    desk = await founding.staff(city)
    decided = await founding.review(desk["reviewer.li"], given.json()["id"])
    assert decided.json()["state"] == "approved", decided.text
    booked = {
        "application_id": given.json()["id"], "slot_id": await founding.first_slot(owner),
    }  # fmt: skip
    visit = f"/desk/v1/visits/{(await owner.post('/v1/visits', booked)).json()['id']}"
    arrived = await desk["teller.chen"].post(f"{visit}/check-in")
    confirmed = founding.confirming(arrived.json())
    assert (await desk["teller.chen"].post(f"{visit}/complete", confirmed)).status_code == 200
    await city.idle()
    assert (await portal.get(path)).json()["state"] == "active"
    assert len((await owner.get("/v1/accounts")).json()) == 1
    steps = []
    answer = await city.api.send(portal.read(f"{path}/progress"), stream=True)
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            steps.append(line.removeprefix("event: "))
    assert steps[-1] == "filed" and "visit" in steps


async def test_what_was_handed_in_is_taken_back(city: City, portal: Portal):
    given = await portal.post(PATH, await handed_in(city))
    await city.idle()
    path = f"{PATH}/{given.json()['id']}"
    assert (await portal.post(f"{path}/cancel")).json()["state"] == "cancelled"
    assert (await portal.post(f"{path}/cancel")).status_code == 409
    await city.idle()


async def test_a_portal_sees_nothing_it_did_not_hand_in(city: City, portal: Portal):
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    application = await founding.apply(owner)
    await city.idle()
    nowhere = "01990000-0000-7000-8000-000000000000"
    for tail in ("", "/progress"):
        real = await portal.get(f"{PATH}/{application['id']}{tail}")
        none = await portal.get(f"{PATH}/{nowhere}{tail}")
        assert real.status_code == none.status_code == 404
        assert real.json()["type"] == none.json()["type"]
    refused = await portal.post(f"{PATH}/{application['id']}/cancel")
    assert refused.status_code == 404
