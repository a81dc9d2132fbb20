"""One signed HTTP connection pool to one outside system, and what each failure means."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from app.outside.model import OutcomeUnknown, OutsideDown, OutsideRefused, SystemName
from app.outside.signing import Keys

T = TypeVar("T")

READ_TRIES = 3
READ_PAUSE_SECONDS = 0.1
# The pool's bound is the bound on concurrency: who finds no free connection in time has sent
# nothing, which is the harmless failure.
CONNECTIONS = 16
# Only the system itself may say that it has never heard of a reference: any other 404 (a proxy,
# a wrong address) proves nothing and must not lead to sending again.
NO_SUCH = "no_such_reference"


class Refused(msgspec.Struct, frozen=True):
    """The body of the other side's 4xx answers."""

    code: str = "refused"
    reason: str = ""


class Wire:
    """Posts are sent once, never again by themselves; reads are tried three times."""

    def __init__(
        self,
        *,
        system: SystemName,
        base_url: str,
        keys: Keys,
        timeout_seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        context: ssl.SSLContext | bool = True,
    ) -> None:
        self._system = system
        self._base = f"{base_url.rstrip('/')}/{system}"
        self._keys = keys
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout_seconds, connect=2.0, pool=timeout_seconds),
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=20.0,
            ),
            transport=transport,
            verify=context,
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def post(self, path: str, body: msgspec.Struct, shape: type[T]) -> T:
        """Send once.

        OutsideDown: nothing was sent. OutcomeUnknown: ask by reference. OutsideRefused: not taken.
        """
        url = f"{self._base}{path}"
        content = msgspec.json.encode(body)
        try:
            answer = await self._send("POST", url, content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failed:
            raise self._down(failed) from failed
        except httpx.HTTPError as failed:
            raise OutcomeUnknown(system=self._system, why=type(failed).__name__) from failed
        if answer.status_code == 429:
            raise OutsideDown(system=self._system, why="busy")
        if answer.status_code >= 500:
            raise OutcomeUnknown(system=self._system, why=f"HTTP {answer.status_code}")
        if answer.status_code >= 400:
            raise self._refused(answer)
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except msgspec.MsgspecError as garbled:
            raise OutcomeUnknown(system=self._system, why="unreadable answer") from garbled

    async def get(self, path: str, shape: type[T], **query: Any) -> T | None:
        """Read; None when the other side knows no such thing. Failing to read is OutsideDown."""
        given = {name: value for name, value in query.items() if value is not None}
        url = f"{self._base}{path}" + (f"?{urlencode(given)}" if given else "")
        why = ""
        for attempt in range(READ_TRIES):
            if attempt:
                await asyncio.sleep(READ_PAUSE_SECONDS * 4 ** (attempt - 1))
            try:
                answer = await self._send("GET", url, b"")
            except httpx.HTTPError as failed:
                why = type(failed).__name__
                continue
            if answer.status_code == 404 and self._refused(answer).facts["code"] == NO_SUCH:
                return None
            if answer.status_code == 429 or answer.status_code >= 500:
                why = f"HTTP {answer.status_code}"
                continue
            if answer.status_code >= 400:
                raise self._refused(answer)
            return msgspec.json.decode(answer.content, type=shape)
        raise OutsideDown(system=self._system, why=why)

    async def _send(self, method: str, url: str, content: bytes) -> httpx.Response:
        headers = self._keys.sign(method, url, content)
        if content:
            headers["Content-Type"] = "application/json"
        return await self._client.request(method, url, content=content or None, headers=headers)

    def _down(self, failed: Exception) -> OutsideDown:
        return OutsideDown(system=self._system, why=type(failed).__name__)

    def _refused(self, answer: httpx.Response) -> OutsideRefused:
        try:
            said = msgspec.json.decode(answer.content, type=Refused)
        except msgspec.MsgspecError:
            said = Refused(code=f"http_{answer.status_code}")
        return OutsideRefused(system=self._system, code=said.code, reason=said.reason)
