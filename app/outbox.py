"""The outbox: events written in the transaction that made them, and the doorbell after it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import redis.asyncio as redis

from app.events import Event
from app.ids import new_id

if TYPE_CHECKING:
    from app.work import Work

WAKE_KEY = "xw:wake"
INSERT = (
    "insert into core.outbox (id, name, business_id, actor, payload, at)"
    " values ($1, $2, $3, $4, $5, $6)"
)


async def write(work: Work, event: Event) -> None:
    """One row; the payload is the event's own fields as JSON."""
    await work.connection.execute(
        INSERT,
        new_id(),
        event.event_name(),
        work.tenant,
        work.actor.principal,
        msgspec.to_builtins(event, str_keys=True),
        work.now,
    )


INSERT_ALL = (
    "insert into core.outbox (id, name, business_id, actor, payload, at)"
    " select id, name, $4, $5, payload, $6"
    " from unnest($1::uuid[], $2::text[], $3::jsonb[]) e(id, name, payload)"
)


async def write_all(work: Work, events: Sequence[Event]) -> None:
    """Many rows by one statement."""
    if not events:
        return
    await work.connection.execute(
        INSERT_ALL,
        [new_id() for _ in events],
        [event.event_name() for event in events],
        [msgspec.to_builtins(event, str_keys=True) for event in events],
        work.tenant,
        work.actor.principal,
        work.now,
    )
    work.emitted = True


class Doorbell:
    """Wakes the workers after a commit; if Redis is away, the sweep finds the work anyway."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client
        self._ringing: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """Push and return at once: Redis is never on the path of money."""
        if len(self._ringing) < 16:
            task = asyncio.create_task(self._push())
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)

    async def _push(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError, TimeoutError):
            async with asyncio.timeout(1):
                pipe = self.client.pipeline(transaction=False)
                pipe.lpush(WAKE_KEY, b"1")
                pipe.ltrim(WAKE_KEY, 0, 15)
                await pipe.execute()
