"""One look for all streams of a process, and how many streams one caller may hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from app.database import Pool
from app.errors import Overloaded, TooMany
from app.progress import sql

log = structlog.get_logger("progress")

LOOK_SECONDS = 0.4
# A phone, a tablet and a desk each with a tab or two; whoever needs more has forgotten some.
MOST_PER_CALLER = 6
MOST_PER_PROCESS = 2_000

Key = tuple[UUID, UUID]
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class TooManyStreams(TooMany):
    """Too many live streams are open for you; close one, or ask for the object instead."""

    zh = "同时打开的实时进度过多，请关闭其他页面后重试"


class StreamsFull(Overloaded):
    """No more live streams can be opened here now; ask for the object instead."""

    zh = "实时进度连接已满，请稍后重试或手动刷新"


class Watch:
    """Knows the last number of every stream that has a reader here.

    However many readers there are, there is one short query at a time, and none while nobody reads.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.heads: dict[Key, int] = {}
        self.readers: Counter[Key] = Counter()
        self.callers: Counter[str] = Counter()
        self.moved = asyncio.Event()
        self.looking: asyncio.Task[None] | None = None
        self.looks = 0

    def enter(self, caller: str, business_id: UUID, stream_id: UUID) -> Callable[[], None]:
        """Take a place; what is returned gives it back, once. TooManyStreams, StreamsFull."""
        if self.callers[caller] >= MOST_PER_CALLER:
            raise TooManyStreams(most=MOST_PER_CALLER, retry_after=5)
        if self.callers.total() >= MOST_PER_PROCESS:
            raise StreamsFull(retry_after=5)
        key, places = (business_id, stream_id), [1]
        self.callers[caller] += 1
        self.readers[key] += 1

        def leave() -> None:
            if not places:
                return
            places.pop()
            self.callers[caller] -= 1
            self.callers += Counter()  # forgets whoever has none left
            self.readers[key] -= 1
            self.readers += Counter()
            if key not in self.readers:
                self.heads.pop(key, None)

        return leave

    async def wait(self, key: Key, after: int, seconds: float) -> bool:
        """Wait until the stream has more than `after`; False when it has not in so long."""
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.heads.get(key, 0) <= after:
                    await self.moved.wait()
        return self.heads.get(key, 0) > after

    async def _look(self) -> None:
        """Look until nobody reads any more; a database that is away is asked again."""
        while self.readers:
            try:
                await self._once(list(self.readers))
            except LOST as trouble:
                log.warning("looked in vain", trouble=type(trouble).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _once(self, keys: list[Key]) -> None:
        given: dict[str, Any] = {
            "businesses": [business for business, _ in keys],
            "streams": [stream for _, stream in keys],
        }
        async with self.pool.acquire(timeout=1) as connection:
            rows = await connection.fetch(
                sql.heads.text, *(given[name] for name in sql.heads.parameters), timeout=2
            )
        self.looks += 1
        firms = {stream: business for business, stream in keys}
        moved = False
        for stream_id, head in rows:
            key = (firms[stream_id], stream_id)
            if head is not None and key in self.readers and self.heads.get(key, 0) < head:
                self.heads[key], moved = head, True
        if moved:
            self.moved.set()
            self.moved = asyncio.Event()

    async def close(self) -> None:
        """Stop looking."""
        if self.looking is not None:
            self.looking.cancel()
            await asyncio.gather(self.looking, return_exceptions=True)
