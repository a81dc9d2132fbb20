"""Delivers call-backs to the bank: signed, repeated until taken, or disturbed as ordered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import msgspec
from msgspec import Struct

from app.outside.model import Callback, SystemName
from app.outside.signing import Keys
from app.sandbox.faults import Faults
from app.sandbox.store import Journal, Record

AT_ONCE = 8
TRIES = 80
LONGEST_PAUSE = 15.0


class Post(Struct, kw_only=True):
    """One call-back to deliver."""

    callback_id: str
    reference: str
    event: str
    times_taken: int = 0
    given_up: bool = False


class Postman:
    """The call-backs of one system; those not taken survive a restart and are tried again."""

    def __init__(
        self,
        *,
        system: SystemName,
        journal: Journal,
        faults: Faults,
        keys: Keys,
        client: httpx.AsyncClient,
        callback_url: str,
    ) -> None:
        self._system = system
        self._journal = journal
        self._faults = faults
        self._keys = keys
        self._client = client
        self._url = f"{callback_url.rstrip('/')}/outside/v1/{system}/callbacks"
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._collected: list[Post] = []
        self.posts: dict[str, Post] = {}

    def write(self, *, reference: str, event: str) -> Post:
        """Put a call-back into the journal; `send` delivers it after the journal is on disk."""
        post = Post(callback_id=uuid4().hex, reference=reference, event=event)
        record = {"t": "call", "callback_id": post.callback_id, "reference": reference}
        self._journal.append({**record, "event": event})
        self.posts[post.callback_id] = post
        return post

    def apply(self, record: Record) -> None:
        """Take back a journal record after a restart."""
        if record["t"] == "call":
            known = {k: v for k, v in record.items() if k != "t"}
            self.posts[record["callback_id"]] = msgspec.convert(known, Post)
        elif record["t"] == "called":
            self.posts[record["callback_id"]].times_taken = record["times"]
            self.posts[record["callback_id"]].given_up = record["times"] == 0

    @property
    def waiting(self) -> int:
        """Call-backs written and neither taken nor given up."""
        return sum(not p.times_taken and not p.given_up for p in self.posts.values())

    def resume(self) -> None:
        """Deliver what was not taken before the restart."""
        for post in self.posts.values():
            if not post.times_taken and not post.given_up:
                self._start(self._deliver(post))

    def send(self, post: Post) -> None:
        """Deliver as ordered: once, or with the fault that strikes."""
        if self._faults.strike("never"):
            self._close(post, times=0)
        elif self._faults.strike("twice"):
            self._start(self._deliver(post, times=2))
        elif self._faults.strike("late"):
            self._start(self._deliver(post, after=self._faults.orders.delay_ms / 1000))
        elif self._faults.strike("reversed"):
            self._collected.append(post)
            if len(self._collected) == 1:
                self._start(self._backwards())
        else:
            self._start(self._deliver(post))

    async def stop(self) -> None:
        """Stop delivering; what is not taken is tried again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(delivery)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _backwards(self) -> None:
        await asyncio.sleep(self._faults.orders.delay_ms / 1000)
        posts, self._collected = self._collected[::-1], []
        for post in posts:
            await self._deliver(post)

    async def _deliver(self, post: Post, *, times: int = 1, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        taken = 0
        for attempt in range(TRIES):
            async with self._gate:
                while taken < times and await self._knock(post):
                    taken += 1
            if taken == times:
                break
            await asyncio.sleep(min(LONGEST_PAUSE, 0.2 * 2**attempt))
        self._close(post, times=taken)
        await self._journal.synced()

    def _close(self, post: Post, *, times: int) -> None:
        post.times_taken, post.given_up = times, times == 0
        record = {"t": "called", "callback_id": post.callback_id, "times": times}
        self._journal.append(record)

    async def _knock(self, post: Post) -> bool:
        body = msgspec.json.encode(
            Callback(
                callback_id=post.callback_id,
                system=self._system,
                reference=post.reference,
                event=post.event,
                at=datetime.now(UTC),
            )
        )
        headers = self._keys.sign("POST", self._url, body)
        headers["Content-Type"] = "application/json"
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success
