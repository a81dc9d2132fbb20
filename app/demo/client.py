"""The demo's hands: a signed-in person's HTTP client, and patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pyotp

PATIENCE_SECONDS = 60.0


class Failed(Exception):
    """A step did not do what it promises; the text says which and how."""


class Person:
    """Somebody signed in: an owner, a colleague, or one of the bank's staff."""

    def __init__(self, http: httpx.AsyncClient, token: str, business_id: str | None = None) -> None:
        self.http = http
        self.token = token
        self.business_id = business_id

    def headers(self) -> dict[str, str]:
        """Sign-in and the firm that is meant."""
        found = {"Authorization": f"Bearer {self.token}"}
        if self.business_id:
            found["X-Business-Id"] = self.business_id
        return found

    async def get(self, path: str, **params: Any) -> Any:
        """The body of a GET."""
        answer = await self.http.get(path, params=params, headers=self.headers())
        return body(answer)

    async def content(self, path: str) -> bytes:
        """The bytes of a file."""
        answer = await self.http.get(path, headers=self.headers())
        if answer.status_code != 200:
            raise Failed(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return answer.content

    async def post(self, path: str, data: Any = None, *, key: str | None = None) -> Any:
        """The body of a POST under a key of its own; told to come back, it comes back."""
        headers = self.headers() | {"Idempotency-Key": key or str(uuid4())}
        for _ in range(20):
            answer = (
                await self.http.post(path, headers=headers)
                if data is None
                else await self.http.post(path, json=data, headers=headers)
            )
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        return body(answer)

    async def upload(self, kind: str, name: str, content: bytes, media_type: str) -> Any:
        """Store a document."""
        answer = await self.http.post(
            "/v1/files",
            data={"kind": kind},
            files={"file": (name, content, media_type)},
            headers=self.headers() | {"Idempotency-Key": str(uuid4())},
        )
        return body(answer)


def body(answer: httpx.Response) -> Any:
    """The JSON of a success; Failed with the problem document otherwise."""
    if answer.status_code >= 400:
        raise Failed(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} "
            f"{answer.text[:500]}"
        )
    return answer.json() if answer.content else None


async def until(
    what: str, look: Callable[[], Awaitable[Any]], seconds: float = PATIENCE_SECONDS
) -> Any:
    """Look again and again until something true comes back."""
    ends = time.monotonic() + seconds
    pause = 0.05
    while True:
        if found := await look():
            return found
        if time.monotonic() > ends:
            raise Failed(f"waited {seconds:.0f} s in vain: {what}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.4)


class Bank:
    """The doors of the running system, and the world outside it."""

    def __init__(self, api: httpx.AsyncClient, world: httpx.AsyncClient, var: Path) -> None:
        self.api = api
        self.world = world
        self.var = var

    async def sign_in(self, phone: str, business_id: str | None = None) -> Person:
        """By phone code; the SMS is read where it arrived."""
        before = len(await self._messages(phone))
        body(await self.api.post("/v1/auth/codes", json={"phone": phone}))

        async def arrived() -> Any:
            found = await self._messages(phone)
            return found if len(found) > before else None

        messages = await until("the code by SMS", arrived)
        code = next(
            "".join(c for c in m["text"] if c.isdigit())[:6]
            for m in messages
            if "验证码" in m["text"]
        )
        told = {"phone": phone, "code": code, "device": "演示手机"}
        tokens = body(await self.api.post("/v1/auth/tokens", json=told))
        return Person(self.api, tokens["access_token"], business_id)

    async def _messages(self, phone: str) -> list[dict[str, Any]]:
        return list(body(await self.world.get("/sms", params={"phone": phone}))["items"])

    async def text_to(self, phone: str, about: str) -> str:
        """The newest text message to a phone that has these words in it."""

        async def arrived() -> Any:
            found = await self._messages(phone)
            return next((m["text"] for m in found if about in m["text"]), None)

        return str(await until(f"a text message about {about}", arrived))

    async def by_link(self, path: str, data: Any = None) -> Any:
        """What whoever holds a link does, without sign-in: read it, or post to it."""
        if data is None:
            return body(await self.api.get(path))
        return body(await self.api.post(path, json=data) if data else await self.api.post(path))

    async def staff(self, username: str) -> Person:
        """One of the bank's own, by password and one-time code."""
        secrets = msgspec.json.decode((self.var / "demo-sign-in.json").read_bytes())
        one = next(row for row in secrets["staff"] if row["username"] == username)
        for _ in range(3):
            told = {
                "username": username,
                "password": one["password"],
                "otp": pyotp.TOTP(one["totp_secret"]).now(),
            }
            answer = await self.api.post("/desk/v1/auth/tokens", json=told)
            if answer.status_code != 401:
                break
            # A one-time code opens once; the next begins on the half minute.
            await asyncio.sleep(30.5 - time.time() % 30)
        return Person(self.api, body(answer)["access_token"])

    async def witness(self, system: str) -> Any:
        """Everything an outside system knows."""
        return body(await self.world.get(f"/witness/{system}"))

    async def clock(self) -> str:
        """Business time as it stands."""
        return str(body(await self.api.get("/dev/v1/clock"))["now"])

    async def move_clock(self, to: str) -> None:
        """Business time moves on; the schedule of every date passed fires."""
        body(await self.api.post("/dev/v1/clock", json={"now": to}))
