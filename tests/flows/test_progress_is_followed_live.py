"""A phone follows its application live, loses its line, and misses and repeats nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from app.progress.watch import MOST_PER_CALLER
from tests.city import City, Person
from tests.flows import founding


class Listener:
    """Reads a stream as an EventSource does, with the number of what it saw last."""

    def __init__(self, person: Person, path: str, last: int = 0) -> None:
        self.person, self.path, self.last = person, path, last
        self.seen: list[tuple[int, str, dict[str, Any]]] = []
        self.status = 0

    async def listen(self, until: int, seconds: float = 10) -> None:
        """Read until so many events were seen in all."""
        headers = self.person.headers() | ({"Last-Event-ID": str(self.last)} if self.last else {})
        async with asyncio.timeout(seconds):
            async with self.person.city.api.stream("GET", self.path, headers=headers) as stream:
                self.status = stream.status_code
                name = ""
                async for line in stream.aiter_lines():
                    field, _, value = line.partition(": ")
                    if field == "id":
                        self.last = int(value)
                    elif field == "event":
                        name = value
                    elif field == "data":
                        self.seen.append((self.last, name, json.loads(value)))
                        if len(self.seen) >= until:
                            return


async def tell(city: City, owner: Person, stream_id: str, count: int) -> None:
    async def one(at: int) -> None:
        async with city.ctx.begin(UUID(owner.business_id)) as work:
            await work.progress(UUID(stream_id), "turn", at=at)

    await asyncio.gather(*(one(at) for at in range(count)))


async def test_what_was_said_while_the_line_was_gone_is_told_once(
    city: City, db: asyncpg.Connection
):
    owner, application = await founding.newcomer(city, 60)
    path = f"/v1/applications/{application['id']}/progress"
    phone = Listener(owner, path)
    await phone.listen(1)
    assert phone.seen[0][2]["state"] == "draft" and phone.last == 1
    # Twenty writers at one moment: each has its number, nobody fails.
    await tell(city, owner, application["id"], 20)
    await phone.listen(8)
    await phone.listen(21)
    numbers = [number for number, _, _ in phone.seen]
    assert numbers == list(range(1, 22))
    assert {facts["at"] for _, name, facts in phone.seen if name == "turn"}
    # Another phone, or ours after a restart of everything, sees the same.
    other = Listener(owner, path)
    await other.listen(21)
    assert other.seen == phone.seen
    assert await db.fetchval("select count(*) from core.progress where stream_id = $1::uuid",
                             application["id"]) == 21  # fmt: skip


async def test_readers_wait_together_and_are_told_at_once(city: City):
    owner, application = await founding.newcomer(city, 61)
    path = f"/v1/applications/{application['id']}/progress"
    phones = [Listener(owner, path) for _ in range(MOST_PER_CALLER)]
    reading = [asyncio.create_task(phone.listen(3)) for phone in phones]
    await asyncio.sleep(1.5)
    await tell(city, owner, application["id"], 2)
    async with asyncio.timeout(5):
        await asyncio.gather(*reading)
    assert all([number for number, _, _ in phone.seen] == [1, 2, 3] for phone in phones)


async def test_one_caller_holds_so_many_streams_and_no_more(city: City):
    owner, application = await founding.newcomer(city, 62)
    path = f"/v1/applications/{application['id']}/progress"
    phones = [Listener(owner, path) for _ in range(MOST_PER_CALLER)]
    reading = [asyncio.create_task(phone.listen(99)) for phone in phones]
    await asyncio.sleep(0.5)
    more = await owner.get(path)
    assert more.status_code == 429 and more.json()["type"].endswith("too-many-streams")
    assert more.headers["retry-after"]
    other, theirs = await founding.newcomer(city, 63)
    free = Listener(other, f"/v1/applications/{theirs['id']}/progress")
    await free.listen(1)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    again = Listener(owner, path)
    for _ in range(40):
        with contextlib.suppress(TimeoutError):
            await again.listen(1, 2)
        if again.status == 200:
            break
        await asyncio.sleep(0.1)
    assert again.status == 200 and again.seen


async def test_a_strangers_stream_is_like_none(city: City):
    owner, application = await founding.newcomer(city, 64)
    other, _ = await founding.newcomer(city, 65)
    for stream in (application["id"], str(uuid4())):
        answer = await other.get(f"/v1/applications/{stream}/progress")
        assert answer.status_code == 404
    bad = Listener(owner, f"/v1/applications/{application['id']}/progress", last=0)
    bad.last = -7
    await bad.listen(1)
    assert bad.seen[0][0] == 1
