"""A small city for flow tests: the API on a port, its jobs, the outside world, and its people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from litestar import Litestar

from app import verify
from app.jobs import Ctx
from app.main import create_app
from app.settings import Settings, load
from workers import relay, running, schedule, sweep
from workers.main import open_ctx
from workers.reactions import SCHEDULE

PASS_SECONDS = 30
# How many looks the outside gets, 20 ms each, while nothing else happens.
PATIENCE_ROUNDS = 100


class City:
    """What a flow test holds: `api` (nobody signed in), `ctx` for jobs, `world` = the sandbox."""

    def __init__(
        self, settings: Settings, api: httpx.AsyncClient, world: httpx.AsyncClient, ctx: Ctx
    ) -> None:
        self.settings = settings
        self.api = api
        self.world = world
        self.ctx = ctx

    async def idle(self, seconds: float = PASS_SECONDS) -> None:
        """Run jobs until nothing waits; the outside gets a few seconds to say what it owes us."""
        pool = self.ctx.pools["worker"]
        patience = PATIENCE_ROUNDS
        async with asyncio.timeout(seconds):
            quiet = 0
            while quiet < 2:
                made = await relay.relay_all(pool)
                found = await sweep.due(pool)
                await asyncio.gather(*(running.run(self.ctx, job_id) for job_id in found))
                quiet += 1
                if made or found or await self._due_soon():
                    quiet, patience = 0, PATIENCE_ROUNDS
                elif patience and any((await self.world.get("/pending")).json().values()):
                    quiet, patience = 0, patience - 1
                await asyncio.sleep(0.02)

    async def _due_soon(self) -> bool:
        """Whether a job runs or comes due within moments."""
        soon = await self.ctx.pools["worker"].fetchval(
            "select exists (select from core.jobs where state in ('due', 'running')"
            " and next_at < clock_timestamp() + interval '3 seconds')"
        )
        return bool(soon)

    async def tick(self) -> None:
        """Fire what the clock table holds for this business date, then let it finish."""
        await schedule.tick(self.ctx.pools["worker"], SCHEDULE)
        await self.idle()

    async def move_clock(self, to: datetime) -> None:
        """Move business time and fire every date passed."""
        answer = await self.api.post("/dev/v1/clock", json={"now": to.isoformat()})
        assert answer.status_code == 200, answer.text
        await self.tick()

    async def findings(self) -> list[str]:
        """What `verify` finds."""
        return await verify.check(self.settings)

    async def sign_in(self, phone: str, device: str = "test-phone") -> Person:
        """A person by phone code, through the real doors; the SMS is read from the sandbox."""
        answer = await self.api.post("/v1/auth/codes", json={"phone": phone})
        assert answer.status_code == 202, answer.text
        await self.idle()
        messages = (await self.world.get("/sms", params={"phone": phone})).json()["items"]
        text = next(m["text"] for m in messages if "验证码" in m["text"])
        code = "".join(c for c in text if c.isdigit())[:6]
        answer = await self.api.post(
            "/v1/auth/tokens", json={"phone": phone, "code": code, "device": device}
        )
        assert answer.status_code in (200, 201), answer.text
        return Person(self, phone, answer.json()["access_token"])


class Person:
    """A signed-in person, acting for one business once that is chosen."""

    def __init__(self, city: City, phone: str, token: str, business_id: str | None = None) -> None:
        self.city = city
        self.phone = phone
        self.token = token
        self.business_id = business_id

    def headers(self, key: str | None = None) -> dict[str, str]:
        """Sign-in, business and idempotency key."""
        found = {"Authorization": f"Bearer {self.token}"}
        if self.business_id:
            found["X-Business-Id"] = self.business_id
        if key:
            found["Idempotency-Key"] = key
        return found

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET as this person."""
        return await self.city.api.get(path, params=params, headers=self.headers())

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """POST as this person, under a fresh key unless one is given."""
        headers = self.headers(key or str(uuid4()))
        if body is None:
            return await self.city.api.post(path, headers=headers)
        return await self.city.api.post(path, json=body, headers=headers)

    async def put(self, path: str, body: Any) -> httpx.Response:
        """PUT as this person."""
        return await self.city.api.put(path, json=body, headers=self.headers(str(uuid4())))

    async def delete(self, path: str) -> httpx.Response:
        """DELETE as this person."""
        return await self.city.api.delete(path, headers=self.headers(str(uuid4())))


@cache
def _application() -> Litestar:
    """One application per process: putting its 180 routes together takes longer than most flows."""
    return create_app(load({}, log_level="WARNING"))


def application(settings: Settings) -> Litestar:
    """The process's application, on this test's settings from its next start on."""
    app = _application()
    app.state["settings"] = settings
    return app


@contextlib.asynccontextmanager
async def open_city(settings: Settings, sandbox: str) -> AsyncIterator[City]:
    """Start the API on its real port (call-backs need one) and open the workers' hands."""
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(httpx.AsyncClient(base_url=sandbox))
        await world.post("/control/reset")
        server = uvicorn.Server(
            uvicorn.Config(
                application(settings),
                host="127.0.0.1",
                port=settings.port,
                log_level="error",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=3,
            )
        )
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve())
        while not server.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.01)
        ctx = await stack.enter_async_context(open_ctx(settings))
        api = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30)
        )
        try:
            yield City(settings, api, world, ctx)
        finally:
            server.should_exit = True
            await serving
