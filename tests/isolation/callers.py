"""Who calls: a person, the bank's staff, a portal that signs, the outside, nobody."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from msgspec import Struct, field

from app.outside.signing import Keys
from tests.city import City

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYED = frozenset({"POST"})


class Call(Struct, kw_only=True):
    """One request: its operation, everything that fills it, and who may rightly make it."""

    method: str
    template: str
    who: Caller
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    form: dict[str, Any] | None = None
    files: dict[str, Any] | None = None
    octets: bytes | None = None

    @property
    def address(self) -> str:
        """The template with its ids in place."""
        return self.template.format(**self.path)

    async def send(self, who: Caller | None = None) -> httpx.Response:
        """Make the call, as the rightful caller or as another."""
        return await (who or self.who).send(self)


class Caller:
    """Nobody in particular: no sign-in."""

    def __init__(self, city: City) -> None:
        self.city = city

    def headers(self) -> dict[str, str]:
        """What says who is calling."""
        return {}

    def request(self, call: Call, said: dict[str, str] | None = None) -> httpx.Request:
        """The request as it goes out; every write has a key of its own unless `said` has one."""
        more: dict[str, Any] = {}
        if call.body is not None:
            raw = isinstance(call.body, bytes)
            more["content"] = call.body if raw else json.dumps(call.body).encode()
        headers = self.headers()
        if call.method in KEYED:
            headers["Idempotency-Key"] = str(uuid4())
        headers |= said or {}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.form is not None:
            more["data"] = call.form
        if call.files is not None:
            more["files"] = call.files
        if call.octets is not None:
            more["content"] = call.octets
            headers["Content-Type"] = "application/octet-stream"
        made = self.city.api.build_request(
            call.method, call.address, params=call.query or None, headers=headers, **more
        )
        made.read()
        return made

    async def send(self, call: Call) -> httpx.Response:
        """The whole answer to a call."""
        return await self.answer(self.request(call))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """The whole answer; of a live stream only its beginning."""
        answer = await self.city.api.send(request, stream=True)
        try:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                begun = httpx.Response(
                    answer.status_code, headers=answer.headers, content=b"", request=request
                )
                begun.elapsed = timedelta()
                return begun
            await answer.aread()
            return answer
        finally:
            await answer.aclose()


class Signed(Caller):
    """Somebody with a bearer token: a person in a business, or one of the bank's staff."""

    def __init__(self, city: City, token: str, business_id: str | None = None) -> None:
        super().__init__(city)
        self.token = token
        self.business_id = business_id

    def headers(self) -> dict[str, str]:
        """Token and business."""
        found = {"Authorization": f"Bearer {self.token}"}
        if self.business_id:
            found["X-Business-Id"] = self.business_id
        return found


class Portal(Signed, HTTPSignatureKeyResolver):  # type: ignore[misc]
    """A government portal's program, signing with libraries of other people."""

    def __init__(self, city: City, client_id: str, private_jwk: dict[str, str]) -> None:
        super().__init__(city, "")
        self.client_id = client_id
        self.jwk = private_jwk
        self.key = jwt.PyJWK(private_jwk, "EdDSA").key

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key.public_key()

    def assertion(self) -> dict[str, str]:
        """The form that asks for a token."""
        claims = {
            "iss": self.client_id, "sub": self.client_id,
            "aud": f"{self.city.settings.public_url}/oauth2/token",
            "exp": int(time.time()) + 120, "jti": secrets.token_hex(8),
        }  # fmt: skip
        headers = {"kid": self.jwk["kid"]}
        return {
            "grant_type": "client_credentials", "client_assertion_type": BEARER,
            "client_assertion": jwt.encode(claims, self.key, algorithm="EdDSA", headers=headers),
        }  # fmt: skip

    async def sign_in(self) -> Portal:
        """Take a token."""
        answer = await self.city.api.post("/oauth2/token", data=self.assertion())
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self

    def sign(self, request: httpx.Request) -> None:
        """RFC 9421 over method, address, body and key."""
        keyed = ("idempotency-key",) if "idempotency-key" in request.headers else ()
        HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self).sign(
            request, key_id=self.jwk["kid"], created=datetime.now(UTC), body=request.content,
            nonce=secrets.token_hex(12), covered_component_ids=("@method", "@target-uri", *keyed),
        )  # fmt: skip

    def request(self, call: Call, said: dict[str, str] | None = None) -> httpx.Request:
        made = super().request(call, said)
        self.sign(made)
        return made


class Outside(Caller):
    """A system outside, signing its call-backs."""

    def __init__(self, city: City, keys: Keys) -> None:
        super().__init__(city)
        self.keys = keys

    def request(self, call: Call, said: dict[str, str] | None = None) -> httpx.Request:
        made = super().request(call, said)
        made.headers.update(self.keys.sign(call.method, str(made.url), made.content))
        return made
