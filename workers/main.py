"""The worker process: arq as the doorbell, PostgreSQL as the owner of every job."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast
from uuid import UUID

import msgspec
import redis.asyncio as redis
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from app import clock, database, logs
from app.audit import sealer
from app.documents import Documents
from app.jobs import Ctx
from app.outbox import WAKE_KEY, Doorbell
from app.outside import connect
from app.settings import Settings
from app.vault import Vault, parse_masters
from workers import relay, running, schedule, sweep
from workers.reactions import SCHEDULE

log = structlog.get_logger("worker")

QUEUE = "xw:jobs"
AT_ONCE = 16
DRAIN_SECONDS = 20
ROLES: tuple[database.RoleName, ...] = ("worker", "nightly")


@contextlib.asynccontextmanager
async def open_ctx(settings: Settings) -> AsyncIterator[Ctx]:
    """Pools, clients and render processes of a worker, closed in order."""
    async with contextlib.AsyncExitStack() as stack:
        client = redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=1)
        stack.push_async_callback(client.aclose)
        pools: dict[str, database.Pool] = {}
        for role in ROLES:
            size = AT_ONCE + 4 if role == "worker" else 2
            pools[role] = await database.create_pool(settings, role, size)
            stack.push_async_callback(pools[role].close)
        outside = connect(settings)
        stack.push_async_callback(outside.close)
        documents = Documents(processes=settings.render_processes)
        stack.callback(documents.close)
        yield Ctx(
            settings=settings,
            pools=pools,
            vault=Vault(parse_masters(settings.master_key)),
            outside=outside,
            documents=documents,
            doorbell=Doorbell(client),
        )


class Bell:
    """Rings arq for job ids; when Redis is away, runs them here: the work goes on without it."""

    def __init__(self, ctx: Ctx) -> None:
        self.ctx = ctx
        self.arq: ArqRedis | None = None
        self._own = asyncio.Semaphore(AT_ONCE)
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def ring(self, ids: list[UUID]) -> None:
        """Announce jobs; a finished or waiting id is announced again without harm.

        Under a new name every ten seconds: a worker killed with an announcement in its hands
        keeps arq from giving that one to another for more than a minute.
        """
        period = int(clock.now().timestamp()) // 10
        try:
            if self.arq is None:
                raise redis.ConnectionError("no doorbell")
            for job_id in ids:
                await self.arq.enqueue_job(
                    "run", str(job_id), _job_id=f"{job_id}:{period}", _queue_name=QUEUE
                )
        except (redis.RedisError, OSError, TimeoutError):
            self.arq = None
            for job_id in ids:
                self._run_here(job_id)

    def _run_here(self, job_id: UUID) -> None:
        if job_id not in self._running and len(self._running) < 4 * AT_ONCE:
            task = asyncio.create_task(self._one(job_id))
            self._running[job_id] = task
            task.add_done_callback(lambda _: self._running.pop(job_id, None))

    async def _one(self, job_id: UUID) -> None:
        async with self._own:
            await running.run(self.ctx, job_id)


async def _wait_for_ring(client: redis.Redis) -> None:
    """Sleep until a commit rings, a second at most."""
    try:
        await cast("Awaitable[Any]", client.blpop([WAKE_KEY], timeout=1))
    except (redis.RedisError, OSError, TimeoutError):
        await asyncio.sleep(0.2)


async def _relay_loop(ctx: Ctx, bell: Bell) -> None:
    while True:
        made = await relay.relay_all(ctx.pools["worker"])
        if made:
            await bell.ring(made)
        else:
            await _wait_for_ring(ctx.doorbell.client)


async def _sweep_loop(ctx: Ctx, bell: Bell) -> None:
    while True:
        if found := await sweep.due(ctx.pools["worker"]):
            await bell.ring(found)
        await asyncio.sleep(0.5)


async def _renew_loop(ctx: Ctx, bell: Bell) -> None:
    while True:
        await running.renew(ctx)
        await asyncio.sleep(ctx.settings.lease_seconds / 3)


async def _clock_loop(ctx: Ctx, bell: Bell) -> None:
    while True:
        await schedule.tick(ctx.pools["worker"], SCHEDULE)
        await asyncio.sleep(1)


async def _seal_loop(ctx: Ctx, bell: Bell) -> None:
    while True:
        async with ctx.pools["worker"].acquire(timeout=5) as connection, connection.transaction():
            sealed = await sealer.seal(connection)
        await asyncio.sleep(0 if sealed == sealer.BATCH else 1)


async def _watch_loop(ctx: Ctx, bell: Bell) -> None:
    await database.watch(ctx.settings, "worker")


async def _arq_loop(ctx: Ctx, bell: Bell) -> None:
    """arq's worker; it ends when Redis drops, so it is begun again for ever."""
    settings = RedisSettings.from_dsn(ctx.settings.redis_url)
    settings.conn_retries = 0

    async def run(_: dict[str, Any], job_id: str) -> None:
        await running.run(ctx, UUID(job_id))

    bell.arq = await create_pool(
        settings,
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
        default_queue_name=QUEUE,
    )
    job = cast("WorkerCoroutine", run)
    worker = Worker(
        [func(job, name="run", timeout=running.JOB_SECONDS + 5, keep_result=0, max_tries=1)],
        queue_name=QUEUE,
        redis_settings=settings,
        max_jobs=AT_ONCE,
        poll_delay=0.02,
        handle_signals=False,
        keep_result=0,
        job_completion_wait=DRAIN_SECONDS,
        job_serializer=msgspec.msgpack.encode,
        job_deserializer=msgspec.msgpack.decode,
    )
    try:
        await worker.async_run()
    finally:
        bell.arq = None
        with contextlib.suppress(redis.RedisError, OSError):
            await worker.close()


async def _for_ever(
    name: str, loop: Callable[[Ctx, Bell], Awaitable[None]], ctx: Ctx, bell: Bell
) -> None:
    """Begin a loop again whatever ended it: a lost Redis or database comes back."""
    while True:
        try:
            await loop(ctx, bell)
        except Exception as error:
            log.warning("loop failed", loop=name, reason=f"{type(error).__name__}: {error}"[:300])
        await asyncio.sleep(0.5)


LOOPS = {
    "relay": _relay_loop,
    "sweep": _sweep_loop,
    "renew": _renew_loop,
    "clock": _clock_loop,
    "seal": _seal_loop,
    "arq": _arq_loop,
    "watch": _watch_loop,
}


async def serve(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then let running jobs finish."""
    logs.configure(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_ctx(settings) as ctx:
        bell = Bell(ctx)
        tasks = [
            asyncio.create_task(_for_ever(name, body, ctx, bell), name=name)
            for name, body in LOOPS.items()
        ]
        gc.freeze()
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main(settings: Settings) -> None:
    """`python -m app worker`."""
    asyncio.run(serve(settings))
