"""A sample portal: tokens by authlib, signatures by http-message-signatures, call-backs verified by
standardwebhooks. It knows of the bank what docs/portal.md says, and imports nothing of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import time
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from joserfc.jwk import OKPKey
from standardwebhooks import Webhook, WebhookVerificationError

with warnings.catch_warnings():
    # authlib would rather have the successor of httpx.
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from authlib.oauth2.rfc7523 import PrivateKeyJWT


class ShortAssertion(PrivateKeyJWT):  # type: ignore[misc]
    """authlib's assertions live an hour and keep their jti: the bank takes five minutes, once."""

    def sign(self, auth: Any, token_endpoint: str) -> Any:
        self.claims = {"exp": int(time.time()) + 120}
        return super().sign(auth, token_endpoint)


class PortalClient(HTTPSignatureKeyResolver):  # type: ignore[misc]
    """One program of a portal."""

    def __init__(self, base_url: str, client_id: str, private_jwk: dict[str, str]) -> None:
        self.base_url = base_url
        self.client_id = client_id
        self.use(private_jwk)
        self.http = httpx.AsyncClient(base_url=base_url, timeout=30)
        self.token = ""

    def use(self, private_jwk: dict[str, str]) -> None:
        """Sign with this key from now on."""
        self.kid = private_jwk["kid"]
        self.key = OKPKey.import_key(private_jwk)  # type: ignore[arg-type]

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key.private_key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key.public_key

    async def sign_in(self, scope: str | None = None) -> PortalClient:
        """A token for a signed assertion (RFC 7523)."""
        endpoint = f"{self.base_url}/oauth2/token"
        async with AsyncOAuth2Client(
            self.client_id, self.key, token_endpoint_auth_method="private_key_jwt"
        ) as oauth:
            oauth.register_client_auth_method(
                ShortAssertion(endpoint, headers={"kid": self.kid}, alg="Ed25519")
            )
            given = await oauth.fetch_token(endpoint, grant_type="client_credentials", scope=scope)
        self.token = given["access_token"]
        return self

    def request(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Request:
        """A signed request: method, address, digest of the body, idempotency key."""
        headers = {"Authorization": f"Bearer {self.token}"}
        covered = ["@method", "@target-uri"]
        if method == "POST":
            headers["Idempotency-Key"] = key or secrets.token_hex(12)
            covered.append("idempotency-key")
        if body is not None:
            headers["Content-Type"] = "application/json"
            more["content"] = json.dumps(body, ensure_ascii=False).encode()
        request = self.http.build_request(method, path, headers=headers, **more)
        request.read()
        self.sign(request, covered)
        return request

    def sign(self, request: httpx.Request, covered: list[str]) -> None:
        """RFC 9421 with a Content-Digest (RFC 9530); good for one minute and once."""
        now = datetime.now(UTC)
        HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self).sign(
            request, key_id=self.kid, created=now, expires=now + timedelta(seconds=60),
            nonce=secrets.token_urlsafe(16), covered_component_ids=covered, body=request.content,
        )  # fmt: skip

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Sign and send."""
        return await self.http.send(self.request(method, path, body, key=key, **more))

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.send("GET", path, params=query or None)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        return await self.send("POST", path, body, key=key)

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.send("PUT", path, body)

    async def paper(self, content: bytes, name: str = "licence.png") -> str:
        """Send a paper ahead; its id."""
        answer = await self.send(
            "POST", "/portal/v1/documents", data={"kind": "document"},
            files={"file": (name, content)},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def everything(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = (await self.get(path, **query, **after)).json()
            found += page["items"]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}


class Inbox:
    """Where the portal is told: answers as it is bid, keeps what is rightly signed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/call-backs"
        self.secret = ""
        self.status = 204
        self.delay = 0.0
        self.location = ""
        self.heard: dict[str, dict[str, Any]] = {}
        self.calls: list[dict[str, str]] = []
        self.forged = 0

    def kinds(self) -> list[str]:
        """What was told, in the order of its making."""
        told = sorted(self.heard.values(), key=lambda one: one["data"].get("sequence", 0))
        return [one["type"] for one in told]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.calls.append(headers | {"path": scope["path"]})
        status = self.status
        try:
            said = Webhook(self.secret).verify(body, headers)
            if status < 300:
                # The same message may come twice: its id says so.
                self.heard[headers["webhook-id"]] = said
        except (WebhookVerificationError, ValueError):
            self.forged += 1
            status = 401
        await asyncio.sleep(self.delay)
        extra = [(b"location", self.location.encode())] if self.location else []
        await send({"type": "http.response.start", "status": status, "headers": extra})
        await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """A small server on this machine for the time."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", access_log=False, lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.exception()
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
