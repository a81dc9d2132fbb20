"""The batcher: order, copies, bounds, refused batches and lost connections, without a database."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from app.batches import MOST_AT_ONCE, MOST_WAITING, Batcher
from app.work import Busy, CommitUnknown


class Wire:
    """What the batcher needs of a connection."""

    def __init__(self) -> None:
        self.closed = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True


class Far:
    """The other end: answers, waits or fails as told, and remembers what came together."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.connected = 0
        self.open = asyncio.Event()
        self.open.set()
        self.errors: dict[Any, list[Exception]] = {}

    async def connect(self) -> Any:
        self.connected += 1
        return Wire()

    async def send(self, connection: Any, items: list[Any]) -> list[Any]:
        await self.open.wait()
        self.batches.append(list(items))
        for item in items:
            if self.errors.get(item):
                raise self.errors[item].pop(0)
        return [("done", item) for item in items]


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def batcher(far: Far):
    made: Batcher[Any, Any] = Batcher(
        connect=far.connect, send=far.send, key=lambda item: str(item).partition("#")[0]
    )
    await made.open()
    yield made
    await made.close()


def refusal(state: str) -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": state, "M": "told so", "S": "ERROR"})


async def test_what_waits_while_one_batch_is_under_way_goes_together_in_order(batcher, far: Far):
    far.open.clear()
    asked = [asyncio.create_task(batcher.ask(n)) for n in range(600)]
    await asyncio.sleep(0)
    far.open.set()
    assert await asyncio.gather(*asked) == [("done", n) for n in range(600)]
    assert [item for batch in far.batches for item in batch] == list(range(600))
    assert max(map(len, far.batches)) == MOST_AT_ONCE


async def test_copies_of_one_key_never_share_a_batch(batcher, far: Far):
    far.open.clear()
    asked = [asyncio.create_task(batcher.ask(f"a#{n}")) for n in range(5)]
    asked += [asyncio.create_task(batcher.ask(f"b{n}#")) for n in range(5)]
    await asyncio.sleep(0)
    far.open.set()
    await asyncio.gather(*asked)
    firsts = [item for batch in far.batches for item in batch if item.startswith("a#")]
    assert firsts == [f"a#{n}" for n in range(5)]
    assert all(sum(i.startswith("a#") for i in batch) <= 1 for batch in far.batches)


async def test_a_full_queue_is_busy_at_once(batcher, far: Far):
    far.open.clear()
    first = asyncio.create_task(batcher.ask("first"))
    await asyncio.sleep(0.01)  # it is on its way: the queue is empty again
    asked = [asyncio.create_task(batcher.ask(n)) for n in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await batcher.ask("one too many")
    far.open.set()
    assert len(await asyncio.gather(first, *asked)) == MOST_WAITING + 1


async def test_a_poison_item_fails_alone(batcher, far: Far):
    far.open.clear()
    far.errors[13] = [refusal("22012") for _ in range(20)]
    asked = [asyncio.create_task(batcher.ask(n)) for n in range(64)]
    await asyncio.sleep(0)
    far.open.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [n for n, a in enumerate(answers) if isinstance(a, Exception)] == [13]
    assert isinstance(answers[13], asyncpg.PostgresError)


@pytest.mark.parametrize("state", ["23505", "40P01", "40001"])
async def test_a_passing_conflict_sends_the_same_batch_again(batcher, far: Far, state: str):
    far.errors["x"] = [refusal(state), refusal(state)]
    assert await batcher.ask("x") == ("done", "x")
    assert far.batches == [["x"]] * 3
    far.errors["y"] = [refusal(state) for _ in range(3)]
    with pytest.raises(asyncpg.PostgresError):
        await batcher.ask("y")


async def test_a_lost_connection_leaves_the_outcome_unknown_and_the_next_one_is_served(
    batcher, far: Far
):
    far.errors["x"] = [ConnectionResetError()]
    with pytest.raises(CommitUnknown):
        await batcher.ask("x")
    assert await batcher.ask("y") == ("done", "y")
    assert far.connected == 2


async def test_who_went_away_before_being_sent_is_not_sent(batcher, far: Far):
    far.open.clear()
    first = asyncio.create_task(batcher.ask("first"))
    await asyncio.sleep(0.01)
    gone = asyncio.create_task(batcher.ask("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    far.open.set()
    await first
    assert await batcher.ask("last") == ("done", "last")
    assert ["gone"] not in far.batches
