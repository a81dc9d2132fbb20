"""Group commit: what many requests ask for at one moment is sent as one statement, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

import asyncpg

from app.work import LOST, Busy, CommitUnknown

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 256
MOST_WAITING = 4_096
# A copy that committed meanwhile, a deadlock, a serialization failure: the same batch again.
TRANSIENT = frozenset({"23505", "40P01", "40001"})
MOST_ATTEMPTS = 3

Connect = Callable[[], Awaitable[asyncpg.Connection]]
Send = Callable[[asyncpg.Connection, list[Item]], Awaitable[list[Answer]]]


class _Waiting(NamedTuple, Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer]


class Batcher(Generic[Item, Answer]):
    """One queue, one task, one connection. While one batch commits the next one collects, so
    nothing waits for a timer and whoever comes alone goes alone.

    `send` is one statement that commits by itself and answers each item in order; `key` says
    which items are copies of each other: of those one enters a batch, the next one the next.
    """

    def __init__(
        self,
        *,
        connect: Connect,
        send: Send[Item, Answer],
        key: Callable[[Item], Hashable],
    ) -> None:
        self._connect = connect
        self._send = send
        self._key = key
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._awake = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to serve; the connection is made when it is needed."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End; whoever still waits is told to come back."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        for waiting in self._queue:
            _fail([waiting], Busy(retry_after=1))
        self._queue.clear()
        if self._connection is not None:
            self._connection.terminate()

    async def ask(self, item: Item) -> Answer:
        """The item's answer. Busy where it was not sent, CommitUnknown where nobody knows, and
        the database's own error where the item alone was the reason."""
        if len(self._queue) >= MOST_WAITING:
            raise Busy(retry_after=1)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(item, answer))
        self._awake.set()
        return await answer

    def _take(self) -> list[_Waiting[Item, Answer]]:
        """The next batch: each key once, its copies stay in the queue in their order."""
        taken: dict[Hashable, _Waiting[Item, Answer]] = {}
        later: list[_Waiting[Item, Answer]] = []
        while self._queue and len(taken) < MOST_AT_ONCE:
            waiting = self._queue.popleft()
            if waiting.answer.done():
                continue  # its caller went away before it was sent
            if (key := self._key(waiting.item)) in taken:
                later.append(waiting)
            else:
                taken[key] = waiting
        self._queue.extendleft(reversed(later))
        return list(taken.values())

    async def _run(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            while batch := self._take():
                try:
                    await self._serve(batch)
                except asyncio.CancelledError:
                    _fail(batch, CommitUnknown(retry_after=1))
                    raise

    async def _serve(self, batch: list[_Waiting[Item, Answer]]) -> None:
        """Send a batch; one that the database refuses is halved until the reason stands alone."""
        try:
            connection = await self._connected()
        except (*LOST, asyncpg.PostgresError):
            _fail(batch, Busy(retry_after=1))
            return
        try:
            answers = await self._attempts(connection, [waiting.item for waiting in batch])
        except (*LOST, CommitUnknown):
            connection.terminate()
            _fail(batch, CommitUnknown(retry_after=1))
            return
        except Exception as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            half = len(batch) >> 1
            await self._serve(batch[:half])
            await self._serve(batch[half:])
            return
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)

    async def _attempts(self, connection: asyncpg.Connection, items: list[Item]) -> list[Answer]:
        for left in reversed(range(MOST_ATTEMPTS)):
            try:
                return await self._send(connection, items)
            except asyncpg.PostgresError as error:
                if error.sqlstate not in TRANSIENT or not left:
                    raise
        raise AssertionError("the last attempt raises")

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection


def _fail(batch: list[_Waiting[Item, Answer]], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
