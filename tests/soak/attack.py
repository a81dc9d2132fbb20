"""How a system is attacked: struck under load, killed at armed points, and what is counted."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec

from tests.city import Person
from tests.soak.system import LiveCity, System
from tests.soak.till import Till

# Jobs that may wait when the next blow falls.
BACKLOG = 120


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of it: repeats of each named point, random kills of each part."""

    seed: int = 1
    named: int = 1
    kills: int = 2
    clients: int = 4
    # Only these named points; none means all.
    only: tuple[str, ...] = ()
    # How long what has piled up may take, once nothing is killed any more.
    settle_seconds: int = 240
    # With the payment lane switched on (ADR 10).
    lane: bool = False


class Attack:
    """A system, its clients, and how often each dangerous state was really reached."""

    def __init__(self, system: System, city: LiveCity, till: Till, checker: Person, plan: Plan):
        self.system, self.city, self.till, self.checker = system, city, till, checker
        self.plan, self.dice = plan, random.Random(plan.seed)
        self.reached: Counter[str] = Counter()
        self.stranded: dict[Any, asyncpg.Record] = {}
        self.runs: list[dict[str, Any]] = []
        self.errors: list[str] = []

    async def under_load(self, strike: Callable[[], Awaitable[int]]) -> int:
        """Strike while clients pay; each then finishes what it began, however long that takes."""
        async with self.till.load(self.plan.clients):
            await asyncio.sleep(self.dice.uniform(0.1, 0.4))
            # At a moment that is dangerous: somebody waits for an answer.
            while not self.till.in_flight:
                await asyncio.sleep(0.001)
            in_flight = self.till.in_flight
            self.reached["in_flight_at_kills"] += in_flight
            self.reached["kills_with_requests_in_flight"] += in_flight > 0
            return await strike()

    async def kill(self, part: str) -> None:
        """kill -9 of one part under load, its return, and what it left in the air."""

        async def strike() -> int:
            pid = await self.system.kill(part)
            if part == "worker":
                await self.note_stranded()
            return pid

        before = await self.under_load(strike)
        await self.system.back(part, before)
        self.reached[f"kills_{part}"] += 1

    async def can_breathe(self) -> bool:
        """Work is under way, but no longer more than a few seconds of it."""
        return await self.system.waiting() < BACKLOG

    async def note_stranded(self) -> None:
        """Jobs that the dead worker held: each must have been counted before it ran."""
        for row in await self.system.stranded():
            self.stranded[row["id"]] = row
            if row["attempts"] < 1:
                self.errors.append(f"{row['job']} runs uncounted: it could kill workers for ever")

    async def tell(self, fault: str = "", **orders: Any) -> None:
        """Order the clearing house to misbehave from now on."""
        orders |= {fault: True} if fault else {}
        answer = await self.city.world.post("/control/clearing_house", json=orders)
        assert answer.status_code == 200, answer.text

    async def struck(self) -> bool:
        """Whether the clearing house has done and failed as often as it was told."""
        strikes = (await self.city.world.get("/control")).json()["clearing_house"]["strikes"]
        if (done := strikes.get("done_but_failed", 0)) < 3:
            # Only what is sent can fail.
            await self.till.pay(self.till.intend("outside"))
            return False
        self.reached["outside_did_it_and_said_500"] += done
        await self.tell()
        return True

    async def die_at(self, point: str, part: str) -> None:
        """Under load the next process that passes this point dies there, and comes back."""
        before = await self.system.pid(part)
        async with self.till.load(self.plan.clients):
            self.system.arm(point)
            await self.system.hit(point)
            if part == "worker":
                await self.note_stranded()
        await self.system.back(part, before)
        self.reached[f"died_at_{point}"] += 1
