"""An outside system knocks at our door: only when it signed, and each knock makes one event."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from app.outside import jobs
from app.outside.signing import Keys, keys_folder, load_keys

EVENT = "app.outside.Answered"


@pytest.fixture
def outside_keys(settings: Any) -> Keys:
    return load_keys(keys_folder(settings), "outside")


def knock(callback_id: str = "callback-0001", **more: Any) -> dict[str, Any]:
    return {
        "callback_id": callback_id,
        "system": "tax",
        "reference": "inv-0000001",
        "event": "done",
        "at": datetime.now(UTC).isoformat(),
        **more,
    }


class Door:
    """The call-back door of the running API, and what stands in the tables behind it."""

    def __init__(self, city: Any, db: asyncpg.Connection, keys: Keys) -> None:
        self.city, self.db, self.keys = city, db, keys

    async def send(
        self, body: dict[str, Any], system: str = "tax", signed: Any = None
    ) -> httpx.Response:
        path, content = f"/outside/v1/{system}/callbacks", msgspec.json.encode(body)
        signed = content if signed is None else signed
        headers = self.keys.sign("POST", f"http://any{path}", signed) if signed else {}
        headers["Content-Type"] = "application/json"
        return await self.city.api.post(path, content=content, headers=headers)

    async def kept(self) -> int:
        return await self.db.fetchval("select count(*) from outside.callbacks")

    async def events(self) -> list[str]:
        rows = await self.db.fetch("select payload from core.outbox where name = $1", EVENT)
        return [row["payload"] for row in rows]


@pytest.fixture
async def door(city: Any, db: asyncpg.Connection, outside_keys: Keys) -> Door:
    return Door(city, db, outside_keys)


async def test_a_signed_callback_is_kept_once_and_makes_one_event(door):
    answers = await asyncio.gather(*(door.send(knock()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["first"] for answer in answers) == [False] * 9 + [True]
    assert await door.kept() == 1
    assert len(await door.events()) == 1
    assert (await door.send(knock("callback-0002"))).json()["first"] is True
    assert len(await door.events()) == 2


async def test_unsigned_changed_and_misdirected_callbacks_leave_nothing(door):
    assert (await door.send(knock(), signed=b"")).status_code == 403
    assert (await door.send(knock(), signed=b"{}")).status_code == 403
    assert (await door.send(knock(system="sms"))).status_code == 404
    assert (await door.send(knock(system="moon"), system="moon")).status_code == 400
    assert await door.kept() == 0 and await door.events() == []


async def test_old_callbacks_are_forgotten_and_fresh_ones_kept(door):
    for number in range(3):
        await door.send(knock(f"callback-000{number}"))
    await door.db.execute(
        "update outside.callbacks set received_at = now() - interval '31 days'"
        " where callback_id <> 'callback-0002'"
    )
    await jobs.forget_callbacks(door.city.ctx)
    assert await door.kept() == 1


async def test_the_sandbox_reaches_the_door_by_itself(door):
    sent = {
        "payer_bank": "103100000026",
        "payer_account": "6228480000000000000",
        "payer_name": "测试付款人",
        "payee_account": "1001000012345678901",
        "payee_name": "上海示例科技有限公司",
        "amount_fen": 100,
        "on": "2025-09-01",
        "reference": "IN-00000001",
    }
    answer = await door.city.world.post("/clearing_house/simulate/incoming", json=sent)
    assert answer.status_code == 200, answer.text
    async with asyncio.timeout(5):
        while not await door.kept():
            await asyncio.sleep(0.02)
    assert len(await door.events()) == 1
